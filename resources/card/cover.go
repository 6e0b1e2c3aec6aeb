package card

import (
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// coveragesMax bounds how many Coverages of a person are looked at.
const coveragesMax = 200

// openEndedYears is how long a card is good where the coverage has no end.
const openEndedYears = 5

// A cover is what a card says of the coverage it is of.
type cover struct {
	key         fhir.Key
	scheme      fhir.Key // the payor
	payorName   string   // as the Coverage writes it
	planCode    string
	planName    string
	start, end  string // as they stand in Coverage.period; end is "" where it is open
	from, until time.Time
}

// coverOf gives the coverage that a person's card is of: that in force on the
// day, of several the one that ends last; else the next to begin.
func (d *Desk) coverOf(r fhir.Reader, k fhir.Key, now time.Time) (cover, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{"Coverage"}, Limit: coveragesMax,
		Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}},
			fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true}},
		},
	})
	if err != nil {
		return cover{}, err
	}
	var best cover
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return cover{}, err
		}
		c, ok := d.coverIn(resource.Key, doc.Root(), now)
		if ok && c.until.After(now) && (best.key.IsZero() || c.better(best, now)) {
			best = c
		}
		doc.Release()
	}
	if best.key.IsZero() {
		return cover{}, refuse("Coverage", "%s is covered by no plan now or later, so no card can be made; enrol him, or take the contribution that is due", k)
	}
	return best, nil
}

// better reports whether the card should be of c rather than of o.
func (c cover) better(o cover, now time.Time) bool {
	inForce, others := !c.from.After(now), !o.from.After(now)
	switch {
	case inForce != others:
		return inForce
	case inForce:
		return c.until.After(o.until)
	}
	return c.from.Before(o.from)
}

// coverIn reads a Coverage, and reports false where none is covered by it.
func (d *Desk) coverIn(k fhir.Key, n fhir.Node, now time.Time) (cover, bool) {
	c := cover{
		key: k, start: strings.Clone(n.At("period", "start").Text()), end: strings.Clone(n.At("period", "end").Text()),
		scheme: r4.Target(n.Get("payor").First()), payorName: strings.Clone(n.Get("payor").First().Get("display").Text()),
	}
	switch n.Extension(profiles.ExtensionCoverageState).Get("valueCode").Text() {
	case "", "active":
	default:
		return c, false
	}
	for class := range n.Get("class").Each() {
		if class.Get("type").Code(systemCoverageClass) == "plan" {
			c.planCode, c.planName = strings.Clone(class.Get("value").Text()), strings.Clone(class.Get("name").Text())
		}
	}
	c.from = time.Unix(0, 0)
	if start, err := fhir.ParseDateTime(c.start); err == nil {
		c.from = start.Interval(d.Zone).From
	}
	end, err := fhir.ParseDateTime(c.end)
	if c.until = end.Interval(d.Zone).To; err != nil {
		y, m, day := now.In(d.Zone).Date()
		c.until = time.Date(y+openEndedYears, m, day, 0, 0, 0, 0, d.Zone)
	}
	return c, n.Get("status").Text() == "active"
}

// systemCoverageClass tells the kinds of Coverage.class. Source: R4
// codesystem-coverage-class.
const systemCoverageClass = "http://terminology.hl7.org/CodeSystem/coverage-class"
