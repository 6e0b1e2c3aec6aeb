package measure

import (
	"bytes"
	"maps"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// Changes are the units and months that must be counted anew.
type changes struct {
	*scheme
	open  []month // those that are counted by themselves
	units map[unit]map[month]bool
}

// watched are the types whose changes bear on a number.
var watched = []string{"Patient", "Group", "Contract", "Coverage", "Invoice", "PaymentReconciliation", "Claim", "ClaimResponse"}

// mark marks a unit for some months; none is all that are open.
func (c *changes) mark(set string, place fhir.Key, months ...month) {
	if place.IsZero() {
		return
	}
	u := unit{set, keep(place)}
	if c.units[u] == nil {
		c.units[u] = map[month]bool{}
	}
	if months == nil {
		months = c.open
	}
	for _, m := range months {
		c.units[u][m] = true
	}
}

// also marks what others have marked.
func (c *changes) also(units map[unit]map[month]bool) {
	for u, months := range units {
		for m := range months {
			c.mark(u.set, u.place, m)
		}
	}
}

// lives marks the ward and district of a place where somebody lives.
func (c *changes) lives(place fhir.Key) {
	if !place.IsZero() {
		c.mark("HF_ENROL", c.ward(place))
		c.mark("HF_FIN", c.district(place))
	}
}

// home marks where a person, family or organization lives.
func (c *changes) home(r fhir.Reader, k fhir.Key) error {
	n, err := fhir.Tree(r, k)
	if err == nil && n.Exists() {
		c.lives(c.tree.lives(n))
	}
	return err
}

// version marks what a version bears on, and what the one before did.
func (c *changes) version(r fhir.Reader, v *fhir.Resource) error {
	var is, was fhir.Node
	var err error
	if is, err = nodeOf(v); err != nil {
		return err
	}
	if v.Version > 1 {
		before, err := r.ReadVersion(v.Key, v.Version-1)
		if err != nil && !fhir.HasIssue(err, fhir.IssueNotFound) {
			return err
		}
		if err == nil {
			if was, err = nodeOf(before); err != nil {
				return err
			}
		}
	}
	for _, n := range []fhir.Node{was, is} {
		if n.Exists() {
			if err := c.bears(r, v.Key, n); err != nil {
				return err
			}
		}
	}
	return c.persons(r, v.Key, was, is)
}

func nodeOf(v *fhir.Resource) (fhir.Node, error) {
	if v.Deleted {
		return fhir.Node{}, nil
	}
	doc, err := fhir.Parse(v.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// bears marks what one version of a resource bears on.
func (c *changes) bears(r fhir.Reader, k fhir.Key, n fhir.Node) error {
	switch k.Type {
	case "Patient", "Group":
		c.lives(c.tree.lives(n))
	case "Coverage":
		return c.home(r, r4.Target(n.Get("beneficiary")))
	case "Contract":
		return c.home(r, r4.Target(n.Get("subject").First()))
	case "Invoice":
		return c.home(r, r4.Target(n.Get("subject")))
	case "PaymentReconciliation":
		return c.payment(r, n)
	case "Claim":
		c.claim(n.Get("provider"), n, fhir.Node{})
	case "ClaimResponse":
		claim, err := fhir.Tree(r, r4.Target(n.Get("request")))
		if err != nil {
			return err
		}
		c.claim(n.Get("requestor"), claim, n)
	}
	return nil
}

// claim marks the months from a claim's submission to its decision, or to now.
func (c *changes) claim(provider, claim, answer fhir.Node) {
	facility := r4.Target(provider)
	if facility.Type != "Organization" {
		return
	}
	from, made := c.dayOf(claim.Get("created").Text())
	to, decided := c.dayOf(answer.Get("created").Text())
	if !made || !decided || answer.Get("outcome").Text() == "queued" {
		c.mark("HF_CLAIM", facility)
		return
	}
	var months []month
	for _, m := range c.open {
		if monthOf(min(from, to)) <= m && m <= monthOf(max(from, to)) {
			months = append(months, m)
		}
	}
	if len(months) > 0 {
		c.mark("HF_CLAIM", facility, months...)
	}
}

// payment marks the districts of those whose payment it is, or the facilities that
// were paid.
func (c *changes) payment(r fhir.Reader, n fhir.Node) error {
	if n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() == "out" {
		for d := range n.Get("detail").Each() {
			if k := r4.Target(d.Get("payee")); k.Type == "Organization" {
				c.mark("HF_CLAIM", k)
			}
		}
		return nil
	}
	holders := map[fhir.Key]bool{key(n, profiles.ExtensionPayer): true}
	for d := range n.Get("detail").Each() {
		holders[key(d, profiles.ExtensionPayee)] = true
		invoice, err := fhir.Tree(r, r4.Target(d.Get("request")))
		if err != nil {
			return err
		}
		holders[r4.Target(invoice.Get("subject"))] = true
	}
	for k := range holders {
		if err := c.home(r, k); err != nil {
			return err
		}
	}
	return nil
}

// persons marks what else changes with who a person is: a claim is told apart by
// the patient's sex, age and poverty, and membership by poverty.
func (c *changes) persons(r fhir.Reader, k fhir.Key, was, is fhir.Node) error {
	people := map[fhir.Key]bool{}
	switch k.Type {
	case "Patient":
		for _, name := range []string{"gender", "birthDate"} {
			if !bytes.Equal(was.Get(name).Raw(), is.Get(name).Raw()) {
				people[k] = true
			}
		}
	case "Group":
		before, after := c.family(was), c.family(is)
		for _, members := range []map[fhir.Key]string{before, after} {
			for p := range members {
				if before[p] != after[p] {
					people[p] = true
				}
			}
		}
	}
	for p := range people {
		if k.Type == "Group" {
			if err := c.home(r, p); err != nil {
				return err
			}
		}
		if err := c.claimsOf(r, p); err != nil {
			return err
		}
	}
	return nil
}

// family gives the members of a family with its poverty.
func (c *changes) family(g fhir.Node) map[fhir.Key]string {
	of := map[fhir.Key]string{}
	if g.Exists() && isFamily(g) {
		for _, k := range membersOf(g) {
			of[k] = povertyOf(g)
		}
	}
	return of
}

// claimsOf marks the claims of a person.
func (c *changes) claimsOf(r fhir.Reader, person fhir.Key) error {
	return each(r, "ClaimResponse", refers("patient", person), func(a stored) error {
		return c.bears(r, a.Key, a.node)
	})
}

// everything marks all units for some months.
func (c *changes) everything(r fhir.Reader, months []month) error {
	for _, d := range c.pkg.DataSets {
		units, err := c.scheme.units(r, d)
		if err != nil {
			return err
		}
		for _, u := range units {
			c.mark(u.set, u.place, months...)
		}
	}
	return nil
}

// months gives those of a unit.
func (c *changes) months(u unit) []month {
	var list []month
	for m := range maps.Keys(c.units[u]) {
		list = append(list, m)
	}
	return list
}

// openMonths gives the month of a day and those before that are counted by
// themselves.
func (c *counter) openMonths(today adjudication.Day) []month {
	var list []month
	for m := monthOf(today) - month(c.Months); m <= monthOf(today); m++ {
		list = append(list, m)
	}
	return list
}
