package facts

import (
	"slices"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// A bundle is a line of a package.
type bundle struct {
	line   int // index into Case.Lines
	tariff *tariff
}

// unpack finds the tariffs of the parts of packages, and what the items' details
// say of them. A case without a package reads nothing.
func (f *Facts) unpack(r fhir.Reader, s scene, c *adjudication.Case, packages []bundle) error {
	var services []adjudication.Code
	for _, b := range packages {
		for _, p := range b.tariff.parts {
			if !slices.Contains(services, p.Service) {
				services = append(services, p.Service)
			}
		}
	}
	if len(services) == 0 {
		return nil
	}
	found, _, err := f.register(r, services, fhir.Tally{})
	if err != nil {
		return err
	}
	for _, b := range packages {
		l := &c.Lines[b.line]
		l.Parts = slices.Clone(b.tariff.parts)
		named := make([]*tariff, len(l.Parts))
		for i := range l.Parts {
			if t := choose(found, l.Parts[i].Service, c.PricedOn(l)); t != nil {
				named[i], l.Parts[i].Tariff = t, t.Tariff
			}
		}
		given(s.items[b.line].Get("detail"), l, named)
	}
	return nil
}

// given reads from the details of an item how much of each part was given. What is
// no part of the package is not paid with it.
func given(details fhir.Node, l *adjudication.Line, named []*tariff) {
	if !details.Exists() {
		return
	}
	for i := range l.Parts {
		l.Parts[i].Detailed = true
	}
	for detail := range details.Each() {
		one := adjudication.Line{Sequence: l.Sequence}
		if problem := money(detail, &one, "Claim.item.detail"); problem != nil {
			continue
		}
		if !detail.Get("net").Exists() && !detail.Get("unitPrice").Exists() {
			one.Asked = terms.AmountMax
		}
		if i := partOf(l, named, terms.Codings(detail.Get("productOrService"))); i >= 0 {
			l.Parts[i].Given += one.Quantity
			l.Parts[i].Asked = min(l.Parts[i].Asked+one.Asked, terms.AmountMax)
		}
	}
}

// partOf gives the part that one of the codes names, -1 where none does.
func partOf(l *adjudication.Line, named []*tariff, codes []adjudication.Code) int {
	for i, p := range l.Parts {
		for _, code := range codes {
			if code == p.Service || named[i] != nil && named[i].names(code) {
				return i
			}
		}
	}
	return -1
}
