package facts

import (
	"errors"
	"slices"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// sitesMax bounds the sites of a facility that are looked at, levelsMax the places
// above one another.
const (
	sitesMax  = 10
	levelsMax = 10
)

// Areas gives the places that a facility is in, from the nearest to the widest:
// where its site is, or else what it serves. There are none where neither is known.
func Areas(r fhir.Reader, facility fhir.Key) ([]fhir.Key, error) {
	if facility.IsZero() {
		return nil, nil
	}
	place, err := placeOf(r, facility)
	var areas []fhir.Key
	for err == nil && place.Type == "Location" && len(areas) < levelsMax && !slices.Contains(areas, place) {
		areas = append(areas, place)
		var n fhir.Node
		if n, err = fhir.Tree(r, place); err == nil {
			place = r4.Target(n.Get("partOf"))
		}
	}
	return areas, err
}

// placeOf gives the place of a facility's site, or else the first it serves.
func placeOf(r fhir.Reader, facility fhir.Key) (fhir.Key, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Location"}, Limit: sitesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "organization", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: facility},
	}})
	if err != nil {
		return fhir.Key{}, err
	}
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return fhir.Key{}, err
		}
		if place := r4.Target(n.Get("partOf")); place.Type == "Location" {
			return place, nil
		}
	}
	n, err := fhir.Tree(r, facility)
	return r4.Target(n.Extension(profiles.ExtensionCatchment).Extension("place").Get("valueReference")), err
}

// Policies are of the version of a product that they were sold, but who looks at
// claims is the scheme's business of today: the ledger keeps which version says so
// now, and tells it along with the use so far.

// ReviewAccount gives the account of a product's review conditions: its entry is
// the version that has them.
func ReviewAccount(plan fhir.Key) string { return "review|" + plan.String() }

// StampReview notes a change of an InsurancePlan in the ledger, if it has review
// conditions or had some. The module of claims calls it for each one.
func StampReview(tx fhir.Tx, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	has := conditioned(c.Node)
	if c.Before != nil && !has {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		has = conditioned(doc.Root())
		doc.Release()
	}
	if !has {
		return nil
	}
	return tx.Post(c.Key, []fhir.Entry{{Account: ReviewAccount(c.Key), Bucket: "version", Value: c.After.Version}})
}

// conditioned reports whether a product says which claims a person sees, or how.
func conditioned(plan fhir.Node) bool {
	for e := range plan.Get("extension").Each() {
		switch e.Get("url").Text() {
		case profiles.ExtensionReviewCondition, profiles.ExtensionReviewRule, profiles.ExtensionReviewTerms:
			return true
		}
	}
	return false
}

// ReviewRules gives the review conditions of a product as they are now: sums are
// those of the ledger, of which that of its ReviewAccount says in which version.
// Without one they are those of the version that was sold. They are nil where there
// are none.
func (f *Facts) ReviewRules(r fhir.Reader, plan fhir.Key, sold *adjudication.Plan, sums []fhir.Balance) (*selection.Rules, error) {
	account := ReviewAccount(plan)
	i := slices.IndexFunc(sums, func(b fhir.Balance) bool { return b.Account == account })
	switch {
	case sold == nil:
		return nil, nil
	case i < 0:
		return sold.Review, nil
	}
	now, err := f.pinnedPlan(r, pin{plan, sums[i].Value})
	var undecidable *Undecidable
	if errors.As(err, &undecidable) || err == nil && now == nil {
		return sold.Review, nil
	}
	if err != nil {
		return nil, err
	}
	return now.Review, nil
}
