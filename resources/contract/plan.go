package contract

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

// versionsMax bounds how many versions of one product are looked at.
const versionsMax = 100

// plan reads the plan that the form names: by reference, or by the number of the
// product, of whose versions the one sold on the day is meant.
func (s Settings) plan(r fhir.Reader, f form, on day) (*product, error) {
	v := f.Value("plan")
	k := r4.Local(v.Text())
	number := v
	if v.Kind() == fhir.KindObject {
		k = target(v)
		if nested := v.Get("identifier"); nested.Exists() {
			number = nested
		}
	}
	if k.Type != "InsurancePlan" {
		return s.versionOf(r, number.Get("value").Text(), on)
	}
	p, err := s.product(r, k)
	if err == nil && p == nil {
		err = fhir.Errorf(fhir.IssueNotFound, parameters.Expression("plan"), "there is no %s", k)
	}
	return p, err
}

// product reads a plan; nil where it is not there.
func (s Settings) product(r fhir.Reader, k fhir.Key) (*product, error) {
	resource, err := current(r, k)
	if err != nil || resource == nil {
		return nil, err
	}
	return s.productOf(resource)
}

// versionOf finds the version of a product that is sold on a day.
func (s Settings) versionOf(r fhir.Reader, number string, on day) (*product, error) {
	if number == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("plan"), "name the plan: a reference to an InsurancePlan, or the identifier of a product")
	}
	page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: versionsMax, Where: fhir.Match{
		Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
		Value: fhir.TokenValue{System: profiles.IdentifierProduct, Code: number},
	}})
	if err != nil {
		return nil, err
	}
	for _, resource := range page.Resources {
		p, err := s.productOf(resource)
		if err != nil {
			return nil, err
		}
		if p.sold(on) {
			return p, nil
		}
	}
	return nil, fhir.Errorf(fhir.IssueNotFound, parameters.Expression("plan"), "no version of the product %.60q is sold on %s", number, adjudication.WriteDay(on))
}
