package simulation

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A reader shows the stored state with the changes of a simulation in it: what
// claims used is told by its ledger, and changed tariffs are found in the place of
// the stored ones. What the claims of a page need it reads together.
type reader struct {
	fhir.Reader
	ledger  *ledger
	turn    int // whose use is asked for
	tariffs []*fhir.Resource
	stamps  map[string][]fhir.Balance // of services, which don't change meanwhile

	page    map[fhir.Key]*fhir.Resource // of the claims of this page
	members map[fhir.Key][]*fhir.Resource
}

func newReader(r fhir.Reader, line *queue, tariffs []*fhir.Resource) *reader {
	return &reader{Reader: r, ledger: newLedger(r, line), tariffs: tariffs, stamps: map[string][]fhir.Balance{}}
}

// tariffAccounts is how the accounts of services begin, under which the ledger
// keeps what tells whether a compiled tariff is old.
const tariffAccounts = "tariff|"

// Tally implements fhir.Reader.
func (r *reader) Tally(t fhir.Tally) ([]fhir.Balance, error) {
	own := t
	own.Accounts = nil
	var out []fhir.Balance
	for _, a := range t.Accounts {
		if !strings.HasPrefix(a, tariffAccounts) {
			own.Accounts = append(own.Accounts, a)
			continue
		}
		stamp, known := r.stamps[a]
		if !known {
			var err error
			if stamp, err = r.Reader.Tally(fhir.Tally{Accounts: []string{a}}); err != nil {
				return nil, err
			}
			r.stamps[strings.Clone(a)] = stamp
		}
		out = append(out, stamp...)
	}
	used, err := r.ledger.tally(own, r.turn)
	return append(out, used...), err
}

// ReadMany implements fhir.Reader.
func (r *reader) ReadMany(keys []fhir.Key) ([]*fhir.Resource, error) {
	var found []*fhir.Resource
	var missing []fhir.Key
	for _, k := range keys {
		resource, known := r.page[k]
		switch {
		case !known:
			missing = append(missing, k)
		case resource != nil:
			found = append(found, resource)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	more, err := r.Reader.ReadMany(missing)
	if err != nil {
		return nil, err
	}
	return append(found, more...), nil
}

// Search implements fhir.Reader.
func (r *reader) Search(q *fhir.Query) (*fhir.Page, error) {
	if patient, ok := membershipsOf(q); ok {
		if members, known := r.members[patient]; known {
			return &fhir.Page{Resources: members}, nil
		}
	}
	page, err := r.Reader.Search(q)
	if err != nil || len(r.tariffs) == 0 || len(q.Types) != 1 || q.Types[0] != "ChargeItemDefinition" {
		return page, err
	}
	// Who asks looks at the codes once more; of equals the first counts.
	changed := *page
	changed.Resources = append([]*fhir.Resource{}, r.tariffs...)
	for _, stored := range page.Resources {
		replaced := false
		for _, t := range r.tariffs {
			replaced = replaced || t.Key == stored.Key
		}
		if !replaced {
			changed.Resources = append(changed.Resources, stored)
		}
	}
	return &changed, nil
}

// membershipsOf tells whose Coverages a query asks for, and for nothing else.
func membershipsOf(q *fhir.Query) (fhir.Key, bool) {
	m, plain := q.Where.(fhir.Match)
	if !plain || len(q.Types) != 1 || q.Types[0] != "Coverage" || m.Param.Code != "beneficiary" || len(q.Sort) > 0 || q.After != "" || q.Limit != membersMax {
		return fhir.Key{}, false
	}
	v, plain := m.Value.(fhir.ReferenceValue)
	return v.Key, plain && v.URL == "" && v.Key.Type == "Patient"
}

const (
	// membersMax is for how many Coverages of one person a decision asks.
	membersMax = 64
	// patientsAsked is for how many persons they are asked for at once.
	patientsAsked = 32
)

// prepare reads together what the decisions of some claims ask for one by one.
func (r *reader) prepare(claims []fhir.Node) error {
	r.page, r.members = map[fhir.Key]*fhir.Resource{}, map[fhir.Key][]*fhir.Resource{}
	var keys, patients []fhir.Key
	add := func(ref fhir.Node, types ...string) {
		k := named(ref, types)
		if _, known := r.page[k]; known || k.IsZero() {
			return
		}
		r.page[k] = nil
		keys = append(keys, k)
		if k.Type == "Patient" {
			patients = append(patients, k)
		}
	}
	for _, n := range claims {
		add(n.Get("patient"), "Patient")
		add(n.Get("provider"), "Organization", "Practitioner", "PractitionerRole")
		add(n.Get("facility"), "Location")
	}
	if err := r.read(keys); err != nil {
		return err
	}
	var contracts []fhir.Key
	for len(patients) > 0 {
		n := min(len(patients), patientsAsked)
		more, err := r.memberships(patients[:n])
		if err != nil {
			return err
		}
		contracts, patients = append(contracts, more...), patients[n:]
	}
	return r.read(contracts)
}

// read reads resources into the page.
func (r *reader) read(keys []fhir.Key) error {
	if len(keys) == 0 {
		return nil
	}
	list, err := r.Reader.ReadMany(keys)
	if err != nil {
		return err
	}
	for _, k := range keys {
		r.page[k] = nil
	}
	for _, resource := range list {
		r.page[resource.Key] = resource
	}
	return nil
}

// memberships reads the Coverages of persons and names their Contracts.
func (r *reader) memberships(patients []fhir.Key) (contracts []fhir.Key, _ error) {
	var whose fhir.Any
	for _, k := range patients {
		whose = append(whose, fhir.Match{Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}})
	}
	limit := patientsAsked * membersMax
	page, err := r.Reader.Search(&fhir.Query{Types: []string{"Coverage"}, Where: whose, Limit: limit})
	if err != nil || len(page.Resources) == limit || page.Next != "" {
		return nil, err // they are asked for one by one
	}
	found := map[fhir.Key][]*fhir.Resource{}
	for _, coverage := range page.Resources {
		doc, err := fhir.Parse(coverage.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		whose := named(n.Get("beneficiary"), []string{"Patient"})
		found[whose] = append(found[whose], coverage)
		if k := named(n.Get("contract").First(), []string{"Contract"}); !k.IsZero() {
			contracts = append(contracts, k)
		}
		doc.Release()
	}
	for _, k := range patients {
		if len(found[k]) <= membersMax {
			r.members[k] = found[k]
		}
	}
	return contracts, nil
}

// named gives the resource of some types that a relative Reference names; zero for
// all others, which are resolved one by one.
func named(ref fhir.Node, types []string) fhir.Key {
	text := ref.Get("reference").Text()
	if text == "" {
		return fhir.Key{}
	}
	literal := fhir.ParseReference(text, r4.IsResource)
	if !literal.Relative() || literal.ID == "" || literal.Version != "" || !slices.Contains(types, literal.Type) {
		return fhir.Key{}
	}
	return fhir.Key{Type: literal.Type, ID: strings.Clone(literal.ID)}
}
