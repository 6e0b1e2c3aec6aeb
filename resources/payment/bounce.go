package payment

import (
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// claimsMax bounds how many claims a Task lists; a note says where there are more.
const claimsMax = 500

// bounce does to a policy what its plan says of payments that are taken back: it
// is suspended at once, with a Task that lists the claims which were decided as
// if it were paid; or it stays in force in arrears, as after any day to pay that
// was missed.
func (a *account) bounce(k fhir.Key, contract fhir.Node) error {
	if state := policyState(contract); state != "active" && state != "ready" {
		return nil
	}
	for term := range contract.Get("term").Each() {
		plan, err := read(a.tx, target(term.At("offer", "topic")))
		if err != nil {
			return err
		}
		if plan.Extension(profiles.ExtensionReversalRule).Get("valueCode").Text() == "arrears" {
			return nil
		}
	}
	if err := suspend(a.tx, k, contract); err != nil {
		return err
	}
	claims, err := a.claimsUnder(k, contract)
	if err != nil || len(claims) == 0 {
		return err
	}
	_, err = a.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: a.task(k, claims)})
	return err
}

// claimsUnder gives the claims that name a membership of the policy.
func (a *account) claimsUnder(k fhir.Key, contract fhir.Node) ([]fhir.Key, error) {
	var found []fhir.Key
	for _, person := range persons(contract) {
		coverages, err := a.find("Coverage", "beneficiary", person)
		if err != nil {
			return nil, err
		}
		var under []fhir.Key
		for _, r := range coverages {
			n, err := parse(r)
			if err != nil {
				return nil, err
			}
			if target(n.Get("contract").First()) == k {
				under = append(under, r.Key)
			}
		}
		claims, err := a.find("Claim", "patient", person)
		if err != nil {
			return nil, err
		}
		for _, r := range claims {
			n, err := parse(r)
			if err != nil {
				return nil, err
			}
			if n.Get("status").Text() == "active" && n.Get("use").Text() == "claim" && insured(n, under) {
				found = append(found, r.Key)
			}
		}
	}
	return found, nil
}

// insured reports whether a claim names one of the memberships.
func insured(claim fhir.Node, under []fhir.Key) bool {
	for insurance := range claim.Get("insurance").Each() {
		if slices.Contains(under, target(insurance.Get("coverage"))) {
			return true
		}
	}
	return false
}

// persons gives whom a policy covers.
func persons(contract fhir.Node) []fhir.Key {
	var list []fhir.Key
	for term := range contract.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			for person := range asset.Get("typeReference").Each() {
				if k := target(person); k.Type == "Patient" {
					list = appendKey(list, k)
				}
			}
		}
	}
	return list
}

func (b *book) find(typ, param string, of fhir.Key) ([]*fhir.Resource, error) {
	page, err := b.tx.Search(&fhir.Query{
		Types: []string{typ}, Limit: claimsMax,
		Where: fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: of}},
	})
	if err != nil {
		return nil, err
	}
	return page.Resources, nil
}

type taskJSON struct {
	ResourceType string      `json:"resourceType"`
	Status       string      `json:"status"`
	Intent       string      `json:"intent"`
	Code         concept     `json:"code"`
	Description  string      `json:"description"`
	Focus        *reference  `json:"focus"`
	For          *reference  `json:"for,omitempty"`
	AuthoredOn   string      `json:"authoredOn"`
	Input        []inputJSON `json:"input,omitempty"`
}

type inputJSON struct {
	Type           concept    `json:"type"`
	ValueReference *reference `json:"valueReference,omitempty"`
	ValueMoney     *moneyJSON `json:"valueMoney,omitempty"`
}

// task asks a person to decide claims again, now that the policy is not paid.
func (a *account) task(k fhir.Key, claims []fhir.Key) []byte {
	t := taskJSON{
		ResourceType: "Task", Status: "requested", Intent: "order", Code: code(profiles.SystemTask, "redecision"),
		Description: "A payment on " + a.key.String() + " was taken back and " + k.String() + " is suspended. Decide these claims again.",
		Focus:       to(k), For: to(accountOf(a.key, a.node)), AuthoredOn: instant(a.tx),
	}
	if len(claims) > claimsMax {
		t.Description += " There are more than are listed here."
		claims = claims[:claimsMax]
	}
	for _, claim := range claims {
		t.Input = append(t.Input, inputJSON{Type: concept{Text: "claim"}, ValueReference: to(claim)})
	}
	return spell(t)
}
