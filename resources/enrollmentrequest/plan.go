package enrollmentrequest

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// planOf refers to the plan of a Coverage. Source: R5 Coverage.insurancePlan.
const planOf = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan"

// plansMax bounds the plans of one insurer, and the versions of one product, that
// are looked at.
const plansMax = 100

// A plan is what somebody is to be enrolled in.
type plan struct {
	key    fhir.Key // of a version of it
	number string   // of the product; "" has none
	name   string
	owner  fhir.Node
}

func planAt(k fhir.Key, n fhir.Node) *plan {
	return &plan{key: k, number: n.Identifier(profiles.IdentifierProduct), name: n.Get("name").Text(), owner: n.Get("ownedBy")}
}

// parameter names it to Contract/$offer: by its number, of which the version sold
// on the day is taken.
func (p *plan) parameter() string {
	if p.number != "" {
		return fmt.Sprintf(`{"name":"plan","valueIdentifier":{"system":%q,"value":%q}}`, profiles.IdentifierProduct, p.number)
	}
	return fmt.Sprintf(`{"name":"plan","valueReference":{"reference":%q}}`, p.key)
}

// plan finds the plan that the Coverage of the request names, by reference or by
// its class; where it names none, the only one that the insurer sells. It gives
// the insurer, too.
func (m *message) plan(r fhir.Reader, coverage fhir.Node) (*plan, fhir.Key, error) {
	insurer, err := m.insurer(r)
	if err != nil {
		return nil, insurer, err
	}
	found, err := m.named(r, coverage)
	if err == nil && found == nil {
		found, err = only(r, insurer)
	}
	if err != nil {
		return nil, insurer, err
	}
	if owner, _, ok, err := m.stored(r, found.owner, "Organization"); err != nil || !insurer.IsZero() && ok && owner != insurer {
		if err == nil {
			err = refuse(fhir.IssueBusinessRule, requestType+".insurer", "%s is not of %s but of %s; name the insurer whose plan it is", found.key, insurer, owner)
		}
		return nil, insurer, err
	} else if ok {
		insurer = owner
	}
	return found, insurer, nil
}

// insurer gives the Organization that is to insure; zero where it is not known
// here.
func (m *message) insurer(r fhir.Reader) (fhir.Key, error) {
	sent := m.along("insurer")
	if !sent.Exists() {
		k, _, ok, err := m.stored(r, m.request.Get("insurer"), "Organization")
		if !ok {
			k = fhir.Key{}
		}
		return k, err
	}
	for i := range sent.Get("identifier").Each() {
		if k, ok, err := owned(r, "Organization", i); ok || err != nil {
			return k, err
		}
	}
	return fhir.Key{}, nil
}

// named gives the plan that a Coverage names; nil where it names none.
func (m *message) named(r fhir.Reader, coverage fhir.Node) (*plan, error) {
	if refers := coverage.Extension(planOf).Get("valueReference"); refers.Exists() {
		if along := m.found(refers); along.Exists() {
			return numbered(r, along.Identifier(profiles.IdentifierProduct))
		}
		k, n, ok, err := m.stored(r, refers, "InsurancePlan")
		if err == nil && !ok {
			err = refuse(fhir.IssueNotFound, "Coverage.extension", "there is no such InsurancePlan here; look for one by GET InsurancePlan?status=active")
		}
		return planAt(k, n), err
	}
	for class := range coverage.Get("class").Each() {
		if class.Get("type").Code("http://terminology.hl7.org/CodeSystem/coverage-class") == "plan" {
			return numbered(r, class.Get("value").Text())
		}
	}
	return nil, nil
}

// numbered gives the plan of a product.
func numbered(r fhir.Reader, number string) (*plan, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: 1, Where: fhir.Match{
		Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.IdentifierProduct, Code: number},
	}})
	if err != nil {
		return nil, err
	}
	if number == "" || len(page.Resources) == 0 {
		return nil, refuse(fhir.IssueNotFound, "Coverage.class", "there is no product %.60q here; look for one by GET InsurancePlan?status=active", number)
	}
	doc, err := fhir.Parse(page.Resources[0].Body)
	if err != nil {
		return nil, err
	}
	return planAt(page.Resources[0].Key, doc.Root()), nil
}

// only gives the only product that an insurer, or where none is known anybody,
// sells.
func only(r fhir.Reader, insurer fhir.Key) (*plan, error) {
	where := fhir.All{fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "active"}}}
	if !insurer.IsZero() {
		where = append(where, fhir.Match{Param: fhir.Param{Code: "owned-by", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: insurer}})
	}
	page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: plansMax, Where: where})
	if err != nil {
		return nil, err
	}
	var found *plan
	products := map[string]bool{}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		p := planAt(resource.Key, doc.Root())
		product := p.number
		if product == "" {
			product = p.key.String()
		}
		products[product], found = true, p
	}
	if len(products) != 1 {
		return nil, refuse(fhir.IssueBusinessRule, requestType+".coverage", "the Coverage does not say which plan is meant, and there are %d; name it by the extension %s, or by a class of type plan with the product's number", len(products), planOf)
	}
	return found, nil
}
