package cash

import (
	"context"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// A parameter is one of the Parameters that an operation answers, or a part.
type parameter struct {
	Name           string         `json:"name"`
	ValueDate      string         `json:"valueDate,omitempty"`
	ValueString    string         `json:"valueString,omitempty"`
	ValueUnsigned  *int           `json:"valueUnsignedInt,omitempty"`
	ValuePositive  int            `json:"valuePositiveInt,omitempty"`
	ValueMoney     *moneyJSON     `json:"valueMoney,omitempty"`
	ValueReference *referenceJSON `json:"valueReference,omitempty"`
	Part           []parameter    `json:"part,omitempty"`
}

func ofMoney(name string, a fhir.Amount, currency string) parameter {
	m := moneyOf(a, currency)
	return parameter{Name: name, ValueMoney: &m}
}

func ofKey(name string, k fhir.Key) parameter {
	return parameter{Name: name, ValueReference: &referenceJSON{k.String()}}
}

// tell is PractitionerRole/[id]/$cash.
func tell(ctx context.Context, server fhir.Server, on fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
	if err := may(ctx, on); err != nil {
		return nil, err
	}
	var list []parameter
	err := server.View(ctx, func(r fhir.Reader) error {
		resource, err := r.Read(on)
		if err != nil {
			return err
		}
		if resource.Deleted {
			return fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", on)
		}
		role, err := parse(resource)
		if err != nil {
			return err
		}
		for _, part := range []func(fhir.Reader, fhir.Key, fhir.Node) ([]parameter, error){tellHeld, tellPayments, tellBooks} {
			more, err := part(r, on, role)
			if err != nil {
				return err
			}
			list = append(list, more...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	body := datatype.JSON(struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter,omitempty"`
	}{"Parameters", list})
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// may lets officers look at their own cash only, where they act as their role.
func may(ctx context.Context, officer fhir.Key) error {
	caller, _ := fhir.CallerOf(ctx)
	for _, role := range []fhir.Role{fhir.RoleAccountant, fhir.RoleAuditor, fhir.RoleIntegration} {
		if caller.Has(role) {
			return nil
		}
	}
	if caller.Has(fhir.RoleEnrolmentOfficer) && (caller.Entity == officer || caller.Entity.Type != "PractitionerRole") {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not look at the cash of %s; that is for the officer himself and the roles %s and %s", caller.Name, officer, fhir.RoleAccountant, fhir.RoleAuditor)
}

// tellHeld tells what an officer holds in each currency that he holds, or may hold
// only so much of.
func tellHeld(r fhir.Reader, officer fhir.Key, role fhir.Node) ([]parameter, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{heldBy(officer)}})
	if err != nil {
		return nil, err
	}
	holds := map[string]fhir.Amount{}
	var order []string
	for _, b := range balances {
		holds[b.Bucket] = fhir.Amount(b.Value)
		order = append(order, b.Bucket)
	}
	for e := range role.Get("extension").Each() {
		currency := e.At("valueMoney", "currency").Text()
		if _, known := holds[currency]; !known && e.Get("url").Text() == profiles.ExtensionCashLimit {
			holds[currency] = 0
			order = append(order, currency)
		}
	}
	var list []parameter
	for _, currency := range order {
		parts := []parameter{ofMoney("held", holds[currency], currency)}
		if limit, limited := limitOf(role, currency); limited {
			parts = append(parts, ofMoney("limit", limit, currency), ofMoney("left", max(0, limit-holds[currency]), currency))
		}
		list = append(list, parameter{Name: "cash", Part: parts})
	}
	return list, nil
}

// tellPayments tells the payments that are not deposited, or not all of them.
func tellPayments(r fhir.Reader, officer fhir.Key, _ fhir.Node) ([]parameter, error) {
	open, err := payments(r, officer)
	if err != nil {
		return nil, err
	}
	keys := make([]fhir.Key, len(open))
	for i, p := range open {
		keys[i] = p.key
	}
	resources, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	nodes := make(map[fhir.Key]fhir.Node, len(resources))
	for _, resource := range resources {
		if nodes[resource.Key], err = parse(resource); err != nil {
			return nil, err
		}
	}
	var list []parameter
	for _, p := range open {
		parts := []parameter{ofKey("payment", p.key)}
		if n := nodes[p.key]; n.Exists() {
			parts = append(parts, parameter{Name: "date", ValueDate: n.Get("paymentDate").Text()})
			if number := n.Identifier(profiles.IdentifierReceipt); number != "" {
				parts = append(parts, parameter{Name: "number", ValueString: number})
			}
		}
		list = append(list, parameter{Name: "receipt", Part: append(parts, ofMoney("amount", p.left, p.currency))})
	}
	return list, nil
}

// tellBooks tells what became of the officer's receipt books.
func tellBooks(r fhir.Reader, officer fhir.Key, _ fhir.Node) ([]parameter, error) {
	books, err := booksOf(r, officer)
	if err != nil {
		return nil, err
	}
	var list []parameter
	for _, b := range books {
		if b.officer != officer {
			continue
		}
		used, err := b.used(r)
		if err != nil {
			return nil, err
		}
		count := len(used)
		parts := []parameter{
			ofKey("reference", b.key),
			{Name: "series", ValueString: b.series},
			{Name: "first", ValuePositive: b.first},
			{Name: "last", ValuePositive: b.last},
			{Name: "used", ValueUnsigned: &count},
		}
		next := b.first
		for _, n := range used {
			for ; next < n; next++ {
				parts = append(parts, parameter{Name: "missing", ValuePositive: next})
			}
			next = n + 1
		}
		list = append(list, parameter{Name: "book", Part: parts})
	}
	return list, nil
}
