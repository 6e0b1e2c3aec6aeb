package chargeitem

import (
	"slices"

	"bima/fhir"
)

// sameCodeMax bounds how many definitions of one service or drug are looked at.
const sameCodeMax = 200

// others asks what a tariff can't answer alone: whether another has a price of the
// same service on the same list and day, and whether a package's parts are
// services of the scheme and no packages.
func others(tx fhir.Tx, c fhir.Change) error {
	if c.Node.Get("status").Text() != "active" {
		return nil
	}
	for _, p := range partsOf(c.Node) {
		if err := isPart(tx, p); err != nil {
			return err
		}
	}
	own := prices(c.Node)
	if len(own) == 0 {
		return nil
	}
	codes := codesOf(c.Node)
	keys := make([]string, len(codes))
	for i, code := range codes {
		keys[i] = "tariff " + code.system + "|" + code.code
	}
	slices.Sort(keys)
	if err := tx.Lock(keys...); err != nil {
		return err
	}
	found, err := tariffs(tx, codes)
	if err != nil {
		return err
	}
	for _, other := range found {
		if other.key == c.Key {
			continue
		}
		for _, theirs := range prices(other.node) {
			for _, mine := range own {
				if mine.sameList(theirs) && meet(mine.days(), theirs.days(), lifetime(c.Node), lifetime(other.node)) {
					return refuse(mine.expression(), "%s has a price of the same service on the list %s for some of the same days; end it the day before",
						other.key, mine.list.Get("code").Text())
				}
			}
		}
	}
	return nil
}

// A stored definition with its tree.
type stored struct {
	key  fhir.Key
	node fhir.Node
}

// tariffs gives the active definitions of any of some codes.
func tariffs(r fhir.Reader, codes []part) ([]stored, error) {
	var any fhir.Any
	for _, code := range codes {
		any = append(any, fhir.Match{
			Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: code.system, Code: code.code},
		})
	}
	page, err := r.Search(&fhir.Query{Types: []string{"ChargeItemDefinition"}, Limit: sameCodeMax, Where: fhir.All{any, fhir.Match{
		Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true},
	}}})
	if err != nil {
		return nil, err
	}
	list := make([]stored, 0, len(page.Resources))
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		list = append(list, stored{resource.Key, doc.Root()})
	}
	return list, nil
}

// isPart refuses a part of a package that is no service of the scheme, or is a
// package itself.
func isPart(r fhir.Reader, p part) error {
	found, err := tariffs(r, []part{p})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return refuse(p.at, "there is no service or drug %.60s in use on this server; store its definition first, or in the same transaction", p.code)
	}
	for _, other := range found {
		if len(packages(other.node)) > 0 {
			return refuse(p.at, "%s is a package itself; name the services it is made of", other.key)
		}
	}
	return nil
}

// lifetime gives when a definition is in use.
func lifetime(definition fhir.Node) fhir.Interval {
	return fhir.WholeDays(definition.Get("effectivePeriod"))
}

// meet reports whether there is a day in all of some intervals.
func meet(all ...fhir.Interval) bool {
	for i, one := range all {
		if slices.ContainsFunc(all[:i], func(other fhir.Interval) bool { return !one.Overlaps(other) }) {
			return false
		}
	}
	return true
}
