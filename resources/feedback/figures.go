package feedback

import (
	"context"
	"encoding/json"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
)

// figures is Organization/[id]/$feedback: what patients say of a facility.
func figures(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	t := fhir.Tally{Accounts: []string{accountOf(on)}}
	if t.From, t.To, err = days(f); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	err = server.View(ctx, func(r fhir.Reader) error {
		if _, err := r.Read(on); err != nil {
			return err
		}
		balances, err := r.Tally(t)
		for _, b := range balances {
			counts[b.Bucket] = b.Value
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list := []object{
		{"name": "answers", "valueUnsignedInt": counts[bucketAnswers]},
		{"name": "negative", "valueUnsignedInt": counts[bucketNegative]},
		{"name": "notRendered", "valueUnsignedInt": counts[bucketNotRendered]},
		{"name": "paymentAsked", "valueUnsignedInt": counts[bucketPayment]},
		{"name": "drugsNotReceived", "valueUnsignedInt": counts[bucketDrugs]},
		{"name": "poor", "valueUnsignedInt": counts[bucketPoor]},
	}
	if n := counts[bucketAnswers]; n > 0 {
		share := fhir.Units(100*counts[bucketNegative]) / fhir.Amount(n)
		average := fhir.Units(counts[bucketAssessment]) / fhir.Amount(n)
		list = append(list, object{"name": "share", "valueDecimal": json.Number(share.Round(2).String())},
			object{"name": "assessment", "valueDecimal": json.Number(average.Round(2).String())})
	}
	return &fhir.Response{Resource: &fhir.Resource{
		Key: fhir.Key{Type: "Parameters"}, Body: datatype.JSON(object{"resourceType": "Parameters", "parameter": list}),
	}}, nil
}

// days reads the period, as a Tally wants it; none is all time.
func days(f parameters.Form) (from, to adjudication.Day, err error) {
	p := f.Value("period")
	if !p.Exists() {
		return 0, 0, nil
	}
	from, to = adjudication.FirstDay, adjudication.LastDay
	for name, end := range map[string]*adjudication.Day{"start": &from, "end": &to} {
		text := p.Get(name).Text()
		if text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return 0, 0, fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "the period is of days, such as 2026-01-31; %.40q is none", text)
		}
		*end = adjudication.DayOf(day)
		if name == "end" {
			*end++
		}
	}
	return from, to, nil
}
