package sampling

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// claimsMax bounds the claims of one sample.
	claimsMax = 5000
	// pageSize is how many claims are looked at in one go.
	pageSize = 200
	// asked is how many claims' reviews are looked for at once.
	asked = 25
)

// A drawing is what Claim/$sample was asked.
type drawing struct {
	facility   fhir.Key
	start, end time.Time // the first moments of the first day and of the day after the last
	period     fhir.Node
	percent    fhir.Amount // ten-thousandths of a percent
	seed       string
	by         string
}

// sample is Claim/$sample.
func (s Settings) sample(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := f.Only("facility", "period", "percentage", "seed", "by"); err != nil {
		return nil, err
	}
	var key fhir.Key
	// The List is the server's own: callers can't write one.
	err = server.Commit(fhir.WithCaller(ctx, fhir.System()), func(tx fhir.Tx) error {
		d, err := s.asked(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := s.stranger(tx, d.by, d.facility); err != nil {
			return err
		}
		if err := tx.Lock("sampling " + d.facility.String()); err != nil {
			return err
		}
		entries, err := d.claims(tx)
		if err != nil {
			return err
		}
		stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "List"}, Body: d.list(entries, tx.Now().In(s.Zone))})
		if err == nil {
			key = stored.Key
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, key, 201)
}

// asked reads the parameters.
func (s Settings) asked(ctx context.Context, r fhir.Reader, f parameters.Form) (d drawing, err error) {
	if d.by, err = acting(ctx, r, f); err != nil {
		return d, err
	}
	if d.facility, err = f.Key(r, "facility", "Organization"); err != nil {
		return d, err
	}
	d.period = f.Value("period")
	for name, at := range map[string]*time.Time{"start": &d.start, "end": &d.end} {
		day, err := time.ParseInLocation(time.DateOnly, d.period.Get(name).Text(), s.Zone)
		if err != nil {
			return d, fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "the period has a first and a last day, such as 2026-01-31")
		}
		*at = day
	}
	d.end = d.end.AddDate(0, 0, 1)
	if !d.start.Before(d.end) {
		return d, fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "the period ends before it begins")
	}
	d.percent, err = fhir.ParseAmount(f.Value("percentage").Text())
	if err != nil || d.percent <= 0 || d.percent >= fhir.Units(100) {
		return d, fhir.Errorf(fhir.IssueValue, parameters.Expression("percentage"), "the sample is more than 0 and less than 100 per cent of the claims")
	}
	if d.seed = f.Value("seed").Text(); d.seed == "" {
		d.seed = d.facility.ID + "|" + d.period.Get("start").Text() + "|" + d.period.Get("end").Text()
	}
	return d, nil
}

// claims finds the decided claims of the facility and the period that are in no
// sample, were reviewed by nobody and are not paid, and draws the sample of them.
func (d drawing) claims(tx fhir.Tx) ([]entry, error) {
	var all []entry
	day := func(prefix fhir.Prefix, at time.Time) fhir.Criterion {
		return fhir.Match{Param: fhir.Param{Code: "created", Kind: fhir.ParamDate}, Value: fhir.DateValue{Prefix: prefix, From: at.UnixMicro(), To: at.AddDate(0, 0, 1).UnixMicro()}}
	}
	where := fhir.All{
		fhir.Match{Param: fhir.Param{Code: "provider", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: d.facility}},
		fhir.Match{Param: fhir.Param{Code: "use", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "claim"}},
		day(fhir.PrefixGreaterEqual, d.start), day(fhir.PrefixLess, d.end),
	}
	for after := ""; ; {
		page, err := tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: pageSize, After: after, Where: where})
		if err != nil {
			return nil, err
		}
		some, err := eligible(tx, page.Resources)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > claimsMax {
			return nil, refuse(parameters.Expression("period"), "more than %d claims are of this period; take a shorter one", claimsMax)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(all) < 2 {
		return nil, refuse(parameters.Expression("period"), "there are %d decided claims to draw from: a sample needs two at least, that were not reviewed, paid or sampled before", len(all))
	}
	for _, e := range all {
		if e.before.Currency != all[0].before.Currency {
			return nil, refuse(parameters.Expression("facility"), "the claims are in %s and %s, and no rate goes for both", all[0].before.Currency, e.before.Currency)
		}
	}
	return d.draw(all), nil
}

// draw makes the share of the claims the sample whose SHA-256 over seed, "|" and id
// is least, rounded up: one at least, and one less than all at most.
func (d drawing) draw(all []entry) []entry {
	slices.SortFunc(all, func(a, b entry) int {
		x, y := sha256.Sum256([]byte(d.seed+"|"+a.claim.ID)), sha256.Sum256([]byte(d.seed+"|"+b.claim.ID))
		return bytes.Compare(x[:], y[:])
	})
	whole := int64(fhir.Units(100))
	n := (int64(len(all))*int64(d.percent) + whole - 1) / whole
	for i := range all {
		all[i].kind = kindRest
		if int64(i) < min(n, int64(len(all)-1)) {
			all[i].kind = kindSampled
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.kind+a.claim.ID, b.kind+b.claim.ID) })
	return all
}

// eligible picks the claims of a page that may be drawn.
func eligible(tx fhir.Tx, page []*fhir.Resource) ([]entry, error) {
	var keys []fhir.Key
	var accounts []string
	for _, claim := range page {
		keys = append(keys, responseKey(claim.Key))
		accounts = append(accounts, accountOf(claim.Key))
	}
	taken := map[string]bool{}
	balances, err := tx.Tally(fhir.Tally{Accounts: accounts})
	if err != nil {
		return nil, err
	}
	for _, b := range balances {
		taken[b.Account] = true
	}
	if len(keys) == 0 {
		return nil, nil
	}
	responses, err := tx.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	reviewed, err := reviewedOf(tx, page)
	if err != nil {
		return nil, err
	}
	var list []entry
	for _, response := range responses {
		claim := fhir.Key{Type: "Claim", ID: response.ID}
		doc, err := fhir.Parse(response.Body)
		if err != nil {
			return nil, err
		}
		before, ok := eligibleIn(doc.Root())
		if ok && before.Value > 0 && !doc.Root().Get("payment").Exists() && !taken[accountOf(claim)] && !reviewed[claim] {
			list = append(list, entry{claim: claim, before: before})
		}
		doc.Release()
	}
	return list, nil
}

// accountOf is the ledger account that says in which sample a claim is.
func accountOf(claim fhir.Key) string { return "sampling|" + claim.String() }

// reviewedOf gives the claims of a page that a person has seen, or is to see.
func reviewedOf(r fhir.Reader, page []*fhir.Resource) (map[fhir.Key]bool, error) {
	seen := map[fhir.Key]bool{}
	for chunk := range slices.Chunk(page, asked) {
		var claims fhir.Any
		for _, claim := range chunk {
			claims = append(claims, fhir.Match{Param: fhir.Param{Code: "focus", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: claim.Key}})
		}
		if err := markReviewed(r, claims, seen); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// markReviewed notes those of some claims that a review is about, all of whose are
// read: one that is not could be the one that counts.
func markReviewed(r fhir.Reader, claims fhir.Criterion, seen map[fhir.Key]bool) error {
	for after := ""; ; {
		found, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: asked * 20, After: after, Where: fhir.All{
			claims, fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: selection.Review}},
		}})
		if err != nil {
			return err
		}
		for _, task := range found.Resources {
			doc, err := fhir.Parse(task.Body)
			if err != nil {
				return err
			}
			n := doc.Root()
			if n.Get("status").Text() != "cancelled" && n.Get("businessStatus").Code(profiles.SystemReviewState) != "superseded" {
				seen[r4.Target(n.Get("focus"))] = true
			}
			doc.Release()
		}
		if after = found.Next; after == "" {
			return nil
		}
	}
}

// list writes the List of a sample.
func (d drawing) list(entries []entry, now time.Time) []byte {
	var list []object
	sampled := 0
	for _, e := range entries {
		if e.kind == kindSampled {
			sampled++
		}
		list = append(list, object{
			"extension": []object{{"url": profiles.ExtensionSamplingBefore, "valueMoney": money(e.before)}},
			"flag":      coding(profiles.SystemSampling, e.kind), "item": object{"reference": e.claim.String()},
		})
	}
	return spell(object{
		"resourceType": "List", "status": "current", "mode": "snapshot",
		"code": coding(profiles.SystemSampling, "claim-sampling"), "date": now.Format(time.RFC3339), "entry": list,
		"extension": []object{{"url": profiles.ExtensionClaimSampling, "extension": []object{
			{"url": "facility", "valueReference": object{"reference": d.facility.String()}},
			{"url": "period", "valuePeriod": json.RawMessage(d.period.Raw())},
			{"url": "percentage", "valueDecimal": json.Number(d.percent.String())},
			{"url": "seed", "valueString": d.seed},
			{"url": "state", "valueCode": stateReviewing},
			{"url": "settled", "valueUnsignedInt": min(sampled, batch)},
			{"url": "by", "valueString": d.by},
		}}},
	})
}
