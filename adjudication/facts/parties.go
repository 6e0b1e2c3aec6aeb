package facts

import (
	"maps"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
)

// parties are the persons and facilities a question is about.
type parties struct {
	patient  fhir.Key
	provider fhir.Key
	named    []fhir.Key // of the Coverages the question names; zero where one is not known
	inactive bool       // the patient is no longer in the register's use
	merged   []fhir.Key // the records that the question named, each merged into the next, the last into patient
	scene    scene      // but for its items

	coverages *fhir.Page          // of the patient; nil where he is not known
	contracts map[fhir.Key]stored // those that were read along with him
}

// A question is where in a Claim or CoverageEligibilityRequest the parties are.
type question struct {
	root      fhir.Node
	typ       string
	patient   fhir.Node
	provider  fhir.Node // absent where nobody asks for a facility
	facility  fhir.Node // the Location of care; may be absent
	insurance fhir.Node
}

// parties resolves and reads them, and notes as Problems who is not known.
func (f *Facts) parties(r fhir.Reader, q question, c *adjudication.Case) (p parties, err error) {
	var location fhir.Key
	keys := make([]fhir.Key, 0, 8)
	add := func(k *fhir.Key, ref fhir.Node, types ...string) {
		if err != nil || !ref.Exists() {
			return
		}
		var ok bool
		if *k, ok, err = f.resolve(r, q.root, ref, types...); ok {
			keys = append(keys, *k)
		}
	}
	add(&p.patient, q.patient, "Patient")
	add(&p.provider, q.provider, "Organization", "Practitioner", "PractitionerRole")
	add(&location, q.facility, "Location")
	if err != nil {
		return p, err
	}
	for insurance := range q.insurance.Each() {
		k, _, err := f.resolve(r, q.root, insurance.Get("coverage"), "Coverage")
		if err != nil {
			return p, err
		}
		p.named = append(p.named, k)
	}
	found, err := f.together(r, keys, &p)
	if err != nil {
		return p, err
	}
	if err = f.follow(r, &p, found); err != nil {
		return p, err
	}
	f.patient(q, &p, found, c)
	err = f.facility(r, q, &p, found, location, c)
	return p, err
}

// together reads the parties, the Coverages of the patient and what is likely their
// Contracts: for a database that is far away it is one way.
func (f *Facts) together(r fhir.Reader, keys []fhir.Key, p *parties) (found map[fhir.Key]stored, err error) {
	if p.patient.IsZero() {
		return readAll(r, keys)
	}
	read := readAhead(r, append(keys, f.held.of(p.patient)...))
	if p.coverages, err = coveragesOf(r, p.patient); err != nil {
		return nil, err
	}
	found, err = read()
	p.contracts = found
	return found, err
}

// mergesMax bounds how many merges of one record into another are followed.
const mergesMax = 16

// follow goes on to the record that the patient's was merged into: there are his
// memberships and what he used of them.
func (f *Facts) follow(r fhir.Reader, p *parties, found map[fhir.Key]stored) error {
	for range mergesMax {
		next := successor(found[p.patient].node)
		if next.IsZero() || next == p.patient || slices.Contains(p.merged, next) {
			return nil
		}
		into := *p
		into.patient = next
		more, err := f.together(r, []fhir.Key{next}, &into)
		if _, there := more[next]; err != nil || !there {
			return err
		}
		maps.Copy(found, more)
		into.merged, into.contracts = append(p.merged, p.patient), found
		*p = into
	}
	return nil
}

// successor gives the record that one was merged into; zero where it stands.
func successor(patient fhir.Node) fhir.Key {
	if !patient.Exists() || active(patient) {
		return fhir.Key{}
	}
	for link := range patient.Get("link").Each() {
		if k := r4.Target(link.Get("other")); link.Get("type").Text() == "replaced-by" && k.Type == "Patient" {
			return k
		}
	}
	return fhir.Key{}
}

// GoneOver gives what takes a claim's own use out of what went over with it, when
// the record it was made under was merged into another: there it stands in one sum
// with that of others, and would count beside what the claim uses now. It is nil
// where nothing went over, or where that was done before: then the claim has
// nothing under the old record any more.
func (f *Facts) GoneOver(r fhir.Reader, claim fhir.Key, n fhir.Node) ([]fhir.Entry, error) {
	patient, ok, err := f.resolve(r, n, n.Get("patient"), "Patient")
	if err != nil || !ok {
		return nil, err
	}
	found, err := readAll(r, []fhir.Key{patient})
	if err != nil || successor(found[patient].node).IsZero() {
		return nil, err
	}
	p := parties{patient: patient}
	if err := f.follow(r, &p, found); err != nil || len(p.merged) == 0 {
		return nil, err
	}
	memberships, err := carriers(&p)
	if err != nil {
		return nil, err
	}
	now, err := r.Tally(fhir.Tally{Accounts: carried(memberships, p.patient), Apart: true})
	if err != nil {
		return nil, err
	}
	last := p.merged[len(p.merged)-1]
	var entries []fhir.Entry
	for _, before := range p.merged {
		own, err := r.Tally(fhir.Tally{Accounts: carried(memberships, before), Apart: true})
		if err != nil {
			return nil, err
		}
		for _, b := range own {
			account := strings.TrimSuffix(b.Account, before.String()) + p.patient.String()
			at := slices.IndexFunc(now, func(sum fhir.Balance) bool {
				return sum.Source == last && sum.Account == account && sum.Bucket == b.Bucket
			})
			if b.Source == claim && at >= 0 {
				entries = append(entries, fhir.Entry{Account: account, Bucket: b.Bucket, Day: now[at].LastDay, Value: -b.Value})
			}
		}
	}
	return entries, nil
}

// carriers names the memberships of a patient and their policies.
func carriers(p *parties) ([]fhir.Key, error) {
	var all []fhir.Key
	for _, c := range p.coverages.Resources {
		n, err := parse(c)
		if err != nil {
			return nil, err
		}
		all = append(all, c.Key)
		for ref := range n.Get("contract").Each() {
			if k := r4.Target(ref); k.Type == "Contract" && !slices.Contains(all, k) {
				all = append(all, k)
			}
		}
	}
	return all, nil
}

// carried gives the accounts of a person whose use goes over when records are merged,
// his own and those by what covers him; see Patient/$merge.
func carried(covers []fhir.Key, person fhir.Key) []string {
	accounts := []string{person.String()}
	for _, k := range covers {
		accounts = append(accounts, k.String()+"|"+person.String())
	}
	return accounts
}

// coveragesMax bounds how many Coverages of one person are looked at, the newest
// first: nobody is in more policies at a time.
const coveragesMax = 64

func coveragesOf(r fhir.Reader, patient fhir.Key) (*fhir.Page, error) {
	return r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference},
		Value: fhir.ReferenceValue{Key: patient},
	}})
}

func (f *Facts) patient(q question, p *parties, found map[fhir.Key]stored, c *adjudication.Case) {
	patient, ok := found[p.patient]
	if !ok {
		c.Problems = append(c.Problems, unknown(q.typ+".patient", sayNoPatient, q.patient))
		return
	}
	c.Patient, p.inactive = person(p.patient, patient.node), !active(patient.node)
	p.scene.patient = party{p.patient, patient.node}
}

// facility reads the facility: the Organization that claims, that of the
// PractitionerRole that claims, or the one that manages the Location of care.
func (f *Facts) facility(r fhir.Reader, q question, p *parties, found map[fhir.Key]stored, location fhir.Key, c *adjudication.Case) error {
	if !q.provider.Exists() && !q.facility.Exists() {
		return nil
	}
	provider, ok := found[p.provider]
	if q.provider.Exists() && (!ok || p.provider.Type == "Organization" && !active(provider.node)) {
		c.Problems = append(c.Problems, unknown(q.typ+".provider", sayNoFacility, q.provider))
		return nil
	}
	organization, at := provider.node, p.provider
	if p.provider.Type != "Organization" {
		ref, root := provider.node.Get("organization"), provider.node
		if !ref.Exists() {
			root = found[location].node
			ref = root.Get("managingOrganization")
		}
		k, ok, err := f.resolve(r, root, ref, "Organization")
		if err != nil {
			return err
		}
		organization, at = fhir.Node{}, fhir.Key{}
		if ok {
			more, err := readAll(r, []fhir.Key{k})
			if err != nil {
				return err
			}
			organization, at = more[k].node, k
		}
	}
	c.Facility = facility(organization, found[location].node)
	p.scene.organization = party{at, organization}
	return nil
}

// unknown says in a sentence that a reference leads to nobody.
func unknown(at, said string, ref fhir.Node) adjudication.Problem {
	name := ref.Get("reference").Text()
	if name == "" {
		name = ref.At("identifier", "value").Text()
	}
	if name == "" {
		name = ref.Get("display").Text()
	}
	return adjudication.ProblemOf(fhir.IssueNotFound, at, said, name)
}

// Why a claim or question can't be decided, as Problems say it. Languages have them in
// their own words; see answer.Tongue.
const (
	sayNoPatient     = "there is no patient %.100q."
	sayNoFacility    = "there is no facility in use %.100q."
	sayNoEmployer    = "there is no contract of an employer %.100q."
	sayNoOrder       = "there is no order of a service %.100q."
	sayQuantity      = "item %d has a quantity that is below 0, too large, or has more than four decimals."
	sayCurrencies    = "item %d has its price and its total in different currencies."
	sayUnitPrice     = "item %d has a unit price that is below 0, too large, or has more than four decimals."
	sayTotalTooLarge = "item %d has a total that is too large."
	sayTotal         = "item %d has a total that is below 0, too large, or has more than four decimals."
	sayDetails       = "item %d has details that come to too much."
	sayOtherPaid     = "what another insurer has paid is 0 or more, with at most four decimals, in the claim's currency."
)
