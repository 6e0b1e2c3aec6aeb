package insuranceplan

import (
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// free are the elements that may change while policies are in force: they say
// nothing of what was sold.
var free = []string{"id", "meta", "implicitRules", "language", "text", "status", "alias", "contact", "endpoint"}

// freeExtensions may change too: what policies are renewed to, which account is
// booked on, which claims a person looks at.
var freeExtensions = []string{
	profiles.ExtensionOpenIMISConversion, profiles.ExtensionAccountingCode, profiles.ExtensionReviewCondition, profiles.ExtensionReviewRule, profiles.ExtensionReviewTerms, profiles.ExtensionProductPredecessor,
}

// states are the Contract.status of policies that may yet pay for care: offered,
// waiting, in force, suspended. See profiles/input/pagecontent/policy.md.
var states = []string{"offered", "executable", "executed", "resolved", "disputed"}

// pinned refuses to change or to delete what a policy that is not over was sold,
// also by taking away the number that makes it a product.
func pinned(r fhir.Reader, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return err
	}
	defer doc.Release()
	at, instead := "InsurancePlan", "end its sale by the status retired or the end of its period"
	if c.After != nil {
		at = changed(doc.Root(), c.Node)
		instead = "make the next version by InsurancePlan/" + c.ID + "/$revise. Status, the end of the period, conversion, contacts, accounts and review conditions may change"
	}
	if at == "" || !isProduct(doc.Root()) && (c.After == nil || !isProduct(c.Node)) {
		return nil
	}
	var open fhir.Any
	for _, state := range states {
		open = append(open, fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: state, AnySystem: true}})
	}
	page, err := r.Search(&fhir.Query{Types: []string{"Contract"}, Limit: 1, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "plan", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: c.Key}}, open,
	}})
	if err != nil || len(page.Resources) == 0 {
		return err
	}
	return refuse(at, "policies such as %s were sold this version of the product, so it stays as it is; %s", page.Resources[0].Key, instead)
}

// changed gives the first element of a product in which two versions differ and
// which may not change; "" where there is none.
func changed(before, after fhir.Node) string {
	for _, name := range members(before, after) {
		switch {
		case slices.Contains(free, name):
		case name == "period":
			if !fhir.Same(before.At("period", "start"), after.At("period", "start")) {
				return "InsurancePlan.period.start"
			}
		case name == "extension":
			if !slices.EqualFunc(bound(before), bound(after), fhir.Same) {
				return "InsurancePlan.extension"
			}
		case name == "type" && sameTypes(before.Get(name), after.Get(name)):
		case !fhir.Same(before.Get(name), after.Get(name)):
			return "InsurancePlan." + name
		}
	}
	return ""
}

// sameTypes reports whether two lists of types have the same codes, in as many
// concepts as there may be, and nothing else.
func sameTypes(before, after fhir.Node) bool {
	a, plainA := codesOf(before)
	b, plainB := codesOf(after)
	return plainA && plainB && slices.EqualFunc(a, b, fhir.Same)
}

// codesOf gives the codes of concepts; false where one has more than codes.
func codesOf(types fhir.Node) (codes []fhir.Node, plain bool) {
	for _, concept := range elements(types) {
		for member := range concept.All() {
			if member.Name() != "coding" {
				return nil, false
			}
		}
		codes = append(codes, elements(concept.Get("coding"))...)
	}
	return codes, true
}

// members gives the names of the members of either.
func members(a, b fhir.Node) []string {
	var names []string
	for _, n := range []fhir.Node{a, b} {
		for m := range n.All() {
			if !slices.Contains(names, m.Name()) {
				names = append(names, m.Name())
			}
		}
	}
	return names
}

// bound gives the extensions that may not change.
func bound(plan fhir.Node) []fhir.Node {
	return slices.DeleteFunc(elements(plan.Get("extension")), func(e fhir.Node) bool {
		return slices.Contains(freeExtensions, e.Get("url").Text())
	})
}
