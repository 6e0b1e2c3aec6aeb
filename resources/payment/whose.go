package payment

import (
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// A whose says whom money is from, as far as it is known.
type whose struct {
	account fhir.Key // the family or person; zero where nobody was found, or several
	first   fhir.Key // an Invoice or a policy that is paid first
}

// whose finds whom the identifiers name. Where they name nobody, or two, it gives
// nobody: the money is there all the same.
func (b *book) whose(identifiers []fhir.Node) (w whose, err error) {
	for i, one := range identifiers {
		found, err := b.namedBy(one)
		if err != nil {
			return whose{}, err
		}
		if found.account.IsZero() || i > 0 && found.account != w.account {
			return whose{}, nil
		}
		w.account = found.account
		if !found.first.IsZero() {
			w.first = found.first
		}
	}
	return w, nil
}

// namedBy finds whom one identifier names.
func (b *book) namedBy(one fhir.Node) (whose, error) {
	system, value := one.Get("system").Text(), one.Get("value").Text()
	for _, candidate := range []struct{ system, typ string }{
		{profiles.IdentifierControlNumber, "Invoice"},
		{profiles.IdentifierInvoice, "Invoice"},
		{profiles.IdentifierPolicy, "Contract"},
		{profiles.IdentifierFamily, "Group"},
		{profiles.IdentifierInsuranceNumber, "Patient"},
		{profiles.IdentifierEmployer, "Organization"},
	} {
		if system != candidate.system {
			continue
		}
		k, ok, err := b.tx.Owner(fhir.UniqueKey{Type: candidate.typ, Name: system, Value: value})
		if err != nil || !ok {
			return whose{}, err
		}
		return b.accountNamed(k)
	}
	return whose{}, nil
}

// accountNamed gives the account that an Invoice, a policy, a family or a person
// is of.
func (b *book) accountNamed(k fhir.Key) (whose, error) {
	n, err := fhir.Tree(b.tx, k)
	if err != nil || !n.Exists() {
		return whose{}, err
	}
	switch k.Type {
	case "Invoice":
		return whose{account: accountOf(k, n), first: k}, nil
	case "Contract":
		return whose{account: target(n.Get("subject").First()), first: k}, nil
	case "Patient":
		families, err := b.find("Group", "member", k)
		if err != nil {
			return whose{}, err
		}
		if len(families) == 1 {
			return whose{account: families[0].Key}, nil
		}
	}
	return whose{account: k}, nil
}

// payable gives the Invoices that money of an account pays, in their order: what
// was named first, then the one due first. Money of the household does not pay
// the share of another, unless that Invoice was named.
func (b *book) payable(w whose, payer fhir.Key) ([]*account, error) {
	all, err := b.openOf(w.account)
	if err != nil {
		return nil, err
	}
	if w.account.Type == "Invoice" {
		if a, err := b.open(w.account); err != nil || a == nil {
			return nil, err
		} else {
			all = []*account{a}
		}
	}
	all = slices.DeleteFunc(all, func(a *account) bool {
		owner := ownerOf(a.node)
		return a.key != w.first && owner.Type == "Organization" && owner != payer && owner != w.account
	})
	slices.SortStableFunc(all, func(x, y *account) int { return x.rank(w.first) - y.rank(w.first) })
	for _, a := range all {
		if err := a.collect(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// rank is lower for what was named.
func (a *account) rank(first fhir.Key) int {
	policy := target(a.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
	if !first.IsZero() && (a.key == first || policy == first) {
		return 0
	}
	return 1
}
