package review

import (
	"context"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/fhir"
)

const (
	averageDays = 365
	averagePage = 200
	plansMax    = 1000
	// accountDays tells which days are summed already: a bucket each.
	accountDays = "diagnosis-days"
)

// averages sums, for each day of the last year and each main diagnosis, what was
// granted for the claims made on it: the days that are not summed yet, and those
// of whose claims one was decided anew since. Where no product compares claims
// with averages nothing is done.
func (m module) averages(ctx context.Context, s fhir.Server, day time.Time) error {
	today := adjudication.DayOf(day.In(m.Zone))
	var days []adjudication.Day
	err := s.View(ctx, func(r fhir.Reader) error {
		wanted, err := compares(r)
		if err != nil || !wanted {
			return err
		}
		days, err = m.unsummed(r, today, day)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range days {
		if err := s.Commit(ctx, func(tx fhir.Tx) error { return m.sum(tx, d) }); err != nil {
			return err
		}
	}
	return nil
}

// compares reports whether a product has a rule of the kind diagnosis-variance.
func compares(r fhir.Reader) (bool, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: plansMax})
	if err != nil {
		return false, err
	}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return false, err
		}
		if rules, _ := selection.Compile(doc.Root()); rules.Averages() {
			return true, nil
		}
	}
	return false, nil
}

// unsummed gives the days of the last year to sum.
func (m module) unsummed(r fhir.Reader, today adjudication.Day, day time.Time) ([]adjudication.Day, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{accountDays}})
	if err != nil {
		return nil, err
	}
	summed := map[string]bool{}
	for _, b := range balances {
		summed[b.Bucket] = true
	}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{
			Types: []string{"ClaimResponse"}, Limit: averagePage, After: after,
			Where: fhir.Updated{Prefix: fhir.PrefixGreaterEqual, From: day.AddDate(0, 0, -1).UnixMicro(), To: day.AddDate(0, 0, -1).UnixMicro() + 1},
		})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			claim, err := fhir.Tree(r, fhir.Key{Type: "Claim", ID: resource.ID})
			if err != nil {
				return nil, err
			}
			delete(summed, madeOn(claim))
		}
		if after = page.Next; after == "" {
			break
		}
	}
	var days []adjudication.Day
	for d := today - averageDays; d < today; d++ {
		if !summed[adjudication.WriteDay(d)] {
			days = append(days, d)
		}
	}
	return days, nil
}

// madeOn gives the day a claim was made.
func madeOn(claim fhir.Node) string {
	day, _, _ := strings.Cut(claim.Get("created").Text(), "T")
	return day
}

// sum writes the sums of a day in place of those there were. Two who sum one day
// do so in turn, so that neither writes beside the other.
func (m module) sum(tx fhir.Tx, day adjudication.Day) error {
	source := fhir.Key{Type: "MeasureReport", ID: "diagnosis-" + adjudication.WriteDay(day)}
	if err := tx.Lock(source.ID); err != nil {
		return err
	}
	from := time.Unix(int64(day)*24*60*60, 0).UTC()
	sums := map[string]fhir.Entry{}
	add := func(account, bucket string, value int64) {
		e := sums[account+"\x00"+bucket]
		sums[account+"\x00"+bucket] = fhir.Entry{Account: account, Bucket: bucket, Day: day, Value: e.Value + value}
	}
	for after := ""; ; {
		page, err := tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: averagePage, After: after, Where: fhir.Match{
			Param: fhir.Param{Code: "created", Kind: fhir.ParamDate},
			// A day anywhere on earth begins and ends within half a day of ours.
			Value: fhir.DateValue{Prefix: fhir.PrefixEqual, From: from.Add(-14 * time.Hour).UnixMicro(), To: from.Add(38 * time.Hour).UnixMicro()},
		}})
		if err != nil {
			return err
		}
		if err := granted(tx, page.Resources, adjudication.WriteDay(day), add); err != nil {
			return err
		}
		if after = page.Next; after == "" {
			break
		}
	}
	entries := []fhir.Entry{{Account: accountDays, Bucket: adjudication.WriteDay(day), Day: day, Value: 1}}
	for _, e := range sums {
		entries = append(entries, e)
	}
	return tx.Post(source, entries)
}

// granted adds what was granted for the claims made on a day.
func granted(r fhir.Reader, claims []*fhir.Resource, day string, add func(account, bucket string, value int64)) error {
	diagnoses := map[string]selection.Code{}
	var keys []fhir.Key
	for _, resource := range claims {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		n := doc.Root()
		main := facts.MainDiagnosis(n)
		if main.Code == "" || madeOn(n) != day || n.Get("status").Text() != "active" || n.Get("use").Text() != "claim" {
			continue
		}
		diagnoses[resource.ID] = main
		keys = append(keys, fhir.Key{Type: "ClaimResponse", ID: resource.ID})
	}
	if len(keys) == 0 {
		return nil
	}
	responses, err := r.ReadMany(keys)
	if err != nil {
		return err
	}
	for _, resource := range responses {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		for total := range doc.Root().Get("total").Each() {
			value, err := fhir.ParseAmount(total.At("amount", "value").Text())
			if err != nil || value <= 0 || total.Get("category").Code(systemAdjudication) != "benefit" {
				continue
			}
			account := facts.DiagnosisAccount(diagnoses[resource.ID], total.At("amount", "currency").Text())
			add(account, facts.BucketApproved, int64(value))
			add(account, facts.BucketClaims, 1)
		}
	}
	return nil
}
