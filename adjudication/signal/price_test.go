package signal_test

import (
	"testing"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/signal"
	"bima/fhir"
)

func TestRoundPricesThatTheRegisterHasNot(t *testing.T) {
	price := func(amounts ...int64) *adjudication.Tariff {
		tariff := &adjudication.Tariff{}
		for _, a := range amounts {
			tariff.Prices = append(tariff.Prices, adjudication.Price{Amount: fhir.Units(a), Currency: "TZS"})
		}
		return tariff
	}
	line := func(asked int64, tariff *adjudication.Tariff) adjudication.Line {
		return adjudication.Line{UnitPrice: fhir.Units(asked), Tariff: tariff}
	}
	for name, c := range map[string]struct {
		lines []adjudication.Line
		want  bool
	}{
		"Two round prices of services with uneven ones are told.": {[]adjudication.Line{line(15_000, price(14_250)), line(200, price(185))}, true},
		"One is not.":                                {[]adjudication.Line{line(15_000, price(14_250)), line(185, price(185))}, false},
		"Three digits are not round.":                {[]adjudication.Line{line(15_100, price(14_250)), line(201, price(185))}, false},
		"Where the register is round nothing is.":    {[]adjudication.Line{line(15_000, price(14_000)), line(200, price(190))}, false},
		"One round price of the register is enough.": {[]adjudication.Line{line(15_000, price(14_250, 16_000)), line(200, price(185))}, false},
		"Unknown services are not compared.":         {[]adjudication.Line{line(15_000, nil), line(200, nil)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := &facts.Claim{Case: adjudication.Case{Currency: "TZS", Lines: c.lines}}
			report, err := signal.Look(nil, fhir.Node{}, g, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(report.Signals) == 1 && report.Signals[0].Code == "round-prices" && report.Score == 10; got != c.want {
				t.Errorf("got %+v", report)
			}
		})
	}
}
