package contract

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// versionsMax bounds how many versions of one product are looked at.
const versionsMax = 100

// plan reads the plan that the form names: by reference, or by the number of the
// product, of whose versions the one sold on the day is meant.
func (s Settings) plan(r fhir.Reader, f form, on day) (*product, error) {
	v := f.value("plan")
	k := named(v.Text())
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
		err = fhir.Errorf(fhir.IssueNotFound, parameter("plan"), "there is no %s", k)
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
		return nil, fhir.Errorf(fhir.IssueRequired, parameter("plan"), "name the plan: a reference to an InsurancePlan, or the identifier of a product")
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
	return nil, fhir.Errorf(fhir.IssueNotFound, parameter("plan"), "no version of the product %.60q is sold on %s", number, iso(on))
}

// sharesOf reads what others than the household pay.
func sharesOf(r fhir.Reader, f form) ([]share, error) {
	var list []share
	for i, p := range f.all("payer") {
		at := fmt.Sprintf("%s[%d]", parameter("payer"), i)
		k, err := keyOf(r, part(p, "party"), "payer", []string{"Organization", "Patient", "Group"})
		if err != nil {
			return nil, err
		}
		s := share{payer: k}
		if percent := part(p, "percentage"); percent.Exists() {
			s.byTotal = true
			s.percent, err = fhir.ParseDecimal(percent.Text())
			if amount, tooFine := s.percent.Amount(); err != nil || tooFine != nil || amount < 0 || amount > fhir.Units(100) {
				return nil, fhir.Errorf(fhir.IssueValue, at, "the percentage is a number from 0 to 100")
			}
		} else if s.fixed, err = fhir.ParseAmount(part(p, "amount").Get("value").Text()); err != nil || s.fixed < 0 {
			return nil, fhir.Errorf(fhir.IssueValue, at, "a payer bears a percentage, or an amount of money of 0 or more")
		}
		list = append(list, s)
	}
	return list, nil
}
