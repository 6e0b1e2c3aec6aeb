package sampling

import (
	"context"
	"encoding/json"
	"math/big"
	"slices"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// figures are what a sample tells.
type figures struct {
	currency   string
	reviewed   int // claims of the sample whose review has ended
	before     fhir.Amount
	after      fhir.Amount
	rate       fhir.Amount // ten-thousandths of a percent
	restClaims int
	rest       fhir.Amount // eligible of the rest when the sample was drawn
}

// deduction gives what the rate takes off the rest, to the minor unit.
func (f figures) deduction() fhir.Amount {
	return scaled(f.rest, f.rate, hundred).Round(fhir.MinorUnits(f.currency))
}

// hundred is a hundred per cent, in ten-thousandths of a percent.
const hundred fhir.Amount = 1_000_000

// scaled gives value × by ÷ of, half up.
func scaled(value, by, of fhir.Amount) fhir.Amount {
	n := new(big.Int).Mul(big.NewInt(int64(value)), big.NewInt(int64(by)))
	n.Mul(n, big.NewInt(2)).Add(n, big.NewInt(int64(of)))
	n.Quo(n, big.NewInt(2*int64(of)))
	return fhir.Amount(n.Int64())
}

// priceLeft gives the price of a unit of which a quantity comes to what the rate
// leaves of an amount; never below 0.
func priceLeft(amount, quantity, rate fhir.Amount) fhir.Amount {
	left := scaled(amount, max(0, hundred-rate), hundred)
	return scaled(left, fhir.Units(1), quantity)
}

// figuresOf works the figures out from the decisions as they stand. Claims of the
// sample that wait, or were decided without a review, tell nothing of the rate.
func figuresOf(r fhir.Reader, of sample) (figures, error) {
	var f figures
	var keys []fhir.Key
	for _, e := range of.entries {
		f.currency = e.before.Currency
		if e.kind == kindRest {
			f.restClaims++
			f.rest += e.before.Value
		} else {
			keys = append(keys, e.claim)
		}
	}
	ended, err := endedOf(r, of.key)
	if err != nil {
		return f, err
	}
	for chunk := range slices.Chunk(keys, pageSize) {
		var responses []fhir.Key
		for _, k := range chunk {
			if ended[k] {
				responses = append(responses, responseKey(k))
			}
		}
		if len(responses) == 0 {
			continue
		}
		found, err := r.ReadMany(responses)
		if err != nil {
			return f, err
		}
		for _, response := range found {
			doc, err := fhir.Parse(response.Body)
			if err != nil {
				return f, err
			}
			if after, ok := eligibleIn(doc.Root()); ok {
				f.reviewed++
				f.after += after.Value
				f.before += of.beforeOf(fhir.Key{Type: "Claim", ID: response.ID})
			}
			doc.Release()
		}
	}
	f.after = min(f.after, f.before) // a review that lets more through takes nothing off
	if f.before > 0 {
		f.rate = scaled(f.before-f.after, hundred, f.before)
	}
	return f, nil
}

func (s *sample) beforeOf(claim fhir.Key) fhir.Amount {
	for _, e := range s.entries {
		if e.claim == claim {
			return e.before.Value
		}
	}
	return 0
}

// endedOf gives the claims whose reviews for a sample ended with a word.
func endedOf(r fhir.Reader, list fhir.Key) (map[fhir.Key]bool, error) {
	ended := map[fhir.Key]bool{}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: pageSize, After: after, Where: fhir.Match{
			Param: fhir.Param{Code: "based-on", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: list},
		}})
		if err != nil {
			return nil, err
		}
		for _, task := range page.Resources {
			doc, err := fhir.Parse(task.Body)
			if err != nil {
				return nil, err
			}
			n := doc.Root()
			if n.Get("status").Text() == "completed" && n.Get("businessStatus").Code(profiles.SystemReviewState) != "bypassed" {
				ended[focusOf(n)] = true
			}
			doc.Release()
		}
		if after = page.Next; after == "" {
			return ended, nil
		}
	}
}

// extrapolation is List/[id]/$extrapolation.
func (s Settings) extrapolation(ctx context.Context, server fhir.Server, on fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
	var body []byte
	err := server.View(ctx, func(r fhir.Reader) error {
		stored, err := r.Read(on)
		if err != nil {
			return err
		}
		of, err := open(on, stored)
		if err != nil {
			return err
		}
		f, err := figuresOf(r, of)
		if err == nil {
			body = of.report(f, stored.Updated)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "MeasureReport"}, Body: body}}, nil
}

// open reads a stored sample.
func open(k fhir.Key, stored *fhir.Resource) (sample, error) {
	if stored.Deleted {
		return sample{}, fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", k)
	}
	doc, err := fhir.Parse(stored.Body)
	if err != nil {
		return sample{}, err
	}
	if !isSample(doc.Root()) {
		return sample{}, refuse("List.code", "%s is no sample of claims", k)
	}
	return sampleOf(k, doc.Root()), nil
}

// report spells the figures as a MeasureReport.
func (s *sample) report(f figures, at time.Time) []byte {
	group := func(code string, value fhir.Amount, unit object) object {
		unit["value"] = json.Number(value.String())
		return object{"code": coding(profiles.SystemSampling, code), "measureScore": unit}
	}
	amount := func() object {
		return object{"unit": f.currency, "system": "urn:iso:std:iso:4217", "code": f.currency}
	}
	count := func(code string, n int) object {
		return object{"code": coding(profiles.SystemSampling, code), "count": n}
	}
	groups := []object{
		{"code": coding(profiles.SystemSampling, "claim-sampling"), "population": []object{
			count("sampled", len(s.of(kindSampled))), count("reviewed", f.reviewed), count("rest", f.restClaims),
		}},
		group("eligible-before", f.before, amount()), group("eligible-after", f.after, amount()),
	}
	if f.reviewed > 0 {
		groups = append(groups, group("rate", f.rate, object{"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}))
	}
	groups = append(groups, group("eligible-rest", f.rest, amount()))
	if f.reviewed > 0 {
		groups = append(groups, group("deduction", f.deduction(), amount()))
	}
	period := s.node.Extension(profiles.ExtensionClaimSampling).Extension("period").Get("valuePeriod")
	return spell(object{
		"resourceType": "MeasureReport", "status": "complete", "type": "summary", "measure": profiles.MeasureSampling,
		"date": at.UTC().Format(time.RFC3339), "period": json.RawMessage(period.Raw()),
		"reporter": object{"reference": s.facility.String()}, "group": groups,
	})
}
