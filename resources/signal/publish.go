package signal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"bima/adjudication"
	"bima/adjudication/signal/figures"
	"bima/fhir"
	"bima/profiles"
)

// peersKey is the one MeasureReport that tells what facilities are compared with.
var peersKey = fhir.Key{Type: "MeasureReport", ID: "signal-peers"}

// publish writes for people what facilities are compared with, and which of them
// are conspicuous. Where no claim was counted there is nothing to tell.
func publish(tx fhir.Tx, levels []figures.Level, day adjudication.Day) error {
	if len(levels) == 0 {
		return nil
	}
	groups := make([]object, len(levels))
	for i, l := range levels {
		groups[i] = group(l)
	}
	body, err := json.Marshal(object{
		"resourceType": "MeasureReport", "id": peersKey.ID, "status": "complete", "type": "summary", "measure": profiles.MeasureSignalPeers,
		"date":   tx.Now().UTC().Format(time.RFC3339),
		"period": object{"start": adjudication.WriteDay(day - comparedDays), "end": adjudication.WriteDay(day - 1)},
		"group":  groups,
	})
	if err != nil {
		return err
	}
	_, err = tx.Update(&fhir.Resource{Key: peersKey, Body: body}, 0)
	return err
}

// group spells one level: its facilities and claims, the median of the means and
// those who are far above it.
func group(l figures.Level) object {
	class := "out-patient claims"
	if l.Class == "in" {
		class = "stays"
	}
	score := func(a fhir.Amount) object {
		return object{"value": json.Number(a.Round(fhir.MinorUnits(l.Currency)).String()), "unit": cmp.Or(l.Currency, "units")}
	}
	g := object{
		"code":       object{"text": fmt.Sprintf("Level %s, %s in %s: the median of the facilities' mean claims", cmp.Or(l.Code, "not known"), class, cmp.Or(l.Currency, "no currency"))},
		"population": []object{counted("facilities", l.Means.N), counted("claims", l.Claims)},
	}
	if l.Means.N > 0 {
		g["measureScore"] = score(fhir.Amount(l.Means.Median))
	}
	var strata []object
	for _, m := range l.Beyond {
		strata = append(strata, object{
			"value": object{"text": m.Facility.String()}, "population": []object{counted("claims", m.Claims)}, "measureScore": score(m.Mean),
		})
	}
	if len(strata) > 0 {
		g["stratifier"] = []object{{"code": []object{{"text": "conspicuous facility"}}, "stratum": strata}}
	}
	return g
}

func counted(what string, n int64) object {
	return object{"code": object{"text": what}, "count": json.Number(strconv.FormatInt(n, 10))}
}
