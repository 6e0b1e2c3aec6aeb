package feedback

import (
	"context"
	"time"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// pageSize is how many decisions are looked at in one go.
	pageSize = 200
	// plansMax bounds the products that are looked at.
	plansMax = 10_000
)

// draw asks about a share of the claims that were decided the day before. Which,
// the claim's id and the product's seed decide, so that a day may be worked twice.
func (s Settings) draw(ctx context.Context, server fhir.Server, day time.Time) error {
	var plans map[fhir.Key]terms
	err := server.View(ctx, func(r fhir.Reader) (err error) {
		plans, err = productsThatAsk(r)
		return err
	})
	if err != nil || len(plans) == 0 {
		return err
	}
	before := day.AddDate(0, 0, -1)
	for after := ""; ; {
		var page *fhir.Page
		var drawn []drawnClaim
		err := server.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{
				Types: []string{"ClaimResponse"}, Limit: pageSize, After: after,
				Where: fhir.Match{
					Param: fhir.Param{Code: "created", Kind: fhir.ParamDate},
					Value: fhir.DateValue{Prefix: fhir.PrefixEqual, From: before.UnixMicro(), To: day.UnixMicro()},
				},
			})
			if err == nil {
				drawn, err = drawFrom(r, plans, page.Resources)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range drawn {
			err := server.Commit(ctx, func(tx fhir.Tx) error {
				_, err := s.ask(tx, d.claim, asking{reason: "drawn", days: d.days})
				return err
			})
			if err != nil && !fhir.HasIssue(err, fhir.IssueBusinessRule) { // it was withdrawn meanwhile
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// productsThatAsk gives the products under which patients are asked.
func productsThatAsk(r fhir.Reader) (map[fhir.Key]terms, error) {
	plans := map[fhir.Key]terms{}
	for after, seen := "", 0; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: pageSize, After: after})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return nil, err
			}
			t, err := termsOf(doc.Root())
			doc.Release()
			if err == nil && t.given { // what was stored before the rule does not stop the others
				plans[resource.Key] = t
			}
		}
		seen += len(page.Resources)
		if after = page.Next; after == "" || seen >= plansMax {
			return plans, nil
		}
	}
}

// A drawnClaim is one about which the patient is asked.
type drawnClaim struct {
	claim fhir.Key
	days  int
}

// A decided is a decision that may be drawn.
type decided struct {
	claim, facility, coverage fhir.Key
}

// drawFrom draws of a page of decisions.
func drawFrom(r fhir.Reader, plans map[fhir.Key]terms, page []*fhir.Resource) ([]drawnClaim, error) {
	var list []decided
	var keys []fhir.Key
	for _, resource := range page {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		if d, ok := decidedBy(doc.Root()); ok {
			list = append(list, d)
			keys = append(keys, d.facility, d.coverage)
		}
		doc.Release()
	}
	trees, err := treesOf(r, keys)
	if err != nil {
		return nil, err
	}
	var drawn []drawnClaim
	for _, d := range list {
		product := r4.Target(trees[d.coverage].Extension(profiles.ExtensionCoverageInsurancePlan).Get("valueReference"))
		own, err := termsOf(trees[d.facility])
		if err != nil {
			own = terms{}
		}
		if t := plans[product].at(own); t.given && selection.Drawn("feedback|"+t.seed, d.claim.ID, t.percent) {
			drawn = append(drawn, drawnClaim{d.claim, t.days})
		}
	}
	return drawn, nil
}

// decidedBy reads a ClaimResponse that decides a claim.
func decidedBy(n fhir.Node) (d decided, ok bool) {
	outcome := n.Get("outcome").Text()
	if n.Get("status").Text() != "active" || n.Get("use").Text() != "claim" || outcome != "complete" && outcome != "partial" {
		return d, false
	}
	d = decided{claim: r4.Target(n.Get("request")), facility: r4.Target(n.Get("requestor"))}
	for i := range n.Get("insurance").Each() {
		if k := r4.Target(i.Get("coverage")); d.coverage.IsZero() || i.Get("focal").Text() == "true" {
			d.coverage = k
		}
	}
	return d, d.claim.Type == "Claim"
}

// treesOf reads resources together, each once; what is not there is absent.
func treesOf(r fhir.Reader, keys []fhir.Key) (map[fhir.Key]fhir.Node, error) {
	trees := map[fhir.Key]fhir.Node{}
	var wanted []fhir.Key
	for _, k := range keys {
		if _, asked := trees[k]; !asked && !k.IsZero() {
			trees[k] = fhir.Node{}
			wanted = append(wanted, k)
		}
	}
	if len(wanted) == 0 {
		return trees, nil
	}
	found, err := r.ReadMany(wanted)
	if err != nil {
		return nil, err
	}
	for _, resource := range found {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		trees[resource.Key] = doc.Root()
	}
	return trees, nil
}
