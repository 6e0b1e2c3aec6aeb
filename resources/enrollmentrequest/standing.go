package enrollmentrequest

import (
	"context"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// coveragesMax bounds the memberships of one person that are looked at.
const coveragesMax = 200

// A standing is where a person stands with a plan: his membership, its policy, and
// what is to be paid for it.
type standing struct {
	coverage, contract fhir.Key
	state              string // of the policy
	start, end         string // of the membership
	invoices           []fhir.Key
	left               fhir.Amount
	currency           string
}

// look reads where the person stands with the plan now; nothing where he is in none
// of its policies that is, or may come, in force.
func (e *enrolment) look(ctx context.Context) error {
	e.holder = nil
	today := e.settings.today()
	return e.server.View(ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: fhir.Match{
			Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: e.person},
		}})
		if err != nil {
			return err
		}
		for _, c := range page.Resources {
			doc, err := fhir.Parse(c.Body)
			if err != nil {
				return err
			}
			found, err := e.standing(r, c.Key, doc.Root(), today)
			if found != nil || err != nil {
				e.holder = found
				return err
			}
		}
		return nil
	})
}

// standing reads a membership; nil of one that is over, or of another plan.
func (e *enrolment) standing(r fhir.Reader, k fhir.Key, n fhir.Node, today string) (*standing, error) {
	s := &standing{coverage: k, contract: r4.Target(n.Get("contract").First()), start: n.At("period", "start").Text(), end: n.At("period", "end").Text()}
	if s.end != "" && s.end < today || s.contract.Type != "Contract" {
		return nil, nil
	}
	policy, err := fhir.Tree(r, s.contract)
	if err != nil {
		return nil, err
	}
	s.state = policy.Extension(profiles.ExtensionPolicyState).Get("valueCode").Text()
	if !slices.Contains([]string{"draft", "offered", "countered", "ready", "active", "suspended"}, s.state) {
		return nil, nil
	}
	if same, err := e.same(r, r4.Target(n.Extension(planOf).Get("valueReference"))); err != nil || !same {
		return nil, err
	}
	return s, s.bills(r, r4.Target(policy.Get("subject").First()))
}

// same reports whether a plan is a version of the one asked for.
func (e *enrolment) same(r fhir.Reader, k fhir.Key) (bool, error) {
	if k == e.plan.key {
		return true, nil
	}
	n, err := fhir.Tree(r, k)
	return err == nil && e.plan.number != "" && n.Identifier(profiles.IdentifierProduct) == e.plan.number, err
}

// bills reads what is to be paid.
func (s *standing) bills(r fhir.Reader, holder fhir.Key) error {
	page, err := r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: coveragesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: holder},
	}})
	if err != nil {
		return err
	}
	for _, i := range page.Resources {
		doc, err := fhir.Parse(i.Body)
		if err != nil {
			return err
		}
		n := doc.Root()
		if r4.Target(n.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")) != s.contract {
			continue
		}
		s.invoices = append(s.invoices, i.Key)
		due := n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")
		if !due.Exists() {
			due = n.Get("totalGross")
		}
		if left, err := fhir.ParseAmount(due.Get("value").Text()); err == nil && n.Get("status").Text() == "issued" {
			s.left, s.currency = s.left+left, due.Get("currency").Text()
		}
	}
	return nil
}
