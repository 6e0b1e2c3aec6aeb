package measure

import (
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
	by    map[fhir.Key]book // by how much the numbers of facilities are others that are not counted anew
}

// watched are the types whose changes bear on a number.
var watched = []string{"Patient", "Group", "Organization", "Contract", "Coverage", "Invoice", "PaymentReconciliation", "Claim", "ClaimResponse"}

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
		c.mark(setEnrol, c.ward(place))
		c.mark(setFin, c.district(place))
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

// apply finds what changes bear on.
func (c *changes) apply(r fhir.Reader, list []changed) error {
	if err := c.residence(r, list); err != nil {
		return err
	}
	by, err := c.differences(r, list, c.open)
	if err != nil {
		return err
	}
	c.by = map[fhir.Key]book{}
	for facility, b := range by {
		if err := c.bearsOn(r, facility, b); err != nil {
			return err
		}
	}
	return nil
}

// bearsOn notes by how much a facility's numbers are others, or where it isn't known
// what they were that it is to be counted anew.
func (c *changes) bearsOn(r fhir.Reader, facility fhir.Key, by book) error {
	set, _ := c.pkg.DataSet(setClaims)
	var months []month
	all := true
	for m, numbers := range by {
		if len(numbers) == 0 {
			delete(by, m)
			continue
		}
		_, known, err := c.counted(r, subject{set, facility, m.period()})
		if err != nil {
			return err
		}
		months, all = append(months, m), all && known
	}
	switch {
	case len(months) == 0:
	case all:
		c.by[facility] = by
	default:
		c.mark(setClaims, facility, months...)
	}
	return nil
}

// residence marks what changes bear on that the facilities' numbers are not of.
func (c *changes) residence(r fhir.Reader, list []changed) error {
	for _, one := range list {
		if one.key.Type == "Claim" || one.key.Type == "ClaimResponse" {
			continue
		}
		v, err := one.before(r)
		if err != nil {
			return err
		}
		was, err := nodeOf(v)
		if err != nil {
			return err
		}
		is, err := fhir.Tree(r, one.key)
		if err != nil {
			return err
		}
		for _, n := range []fhir.Node{was, is} {
			if n.Exists() {
				if err := c.bears(r, one.key, n); err != nil {
					return err
				}
			}
		}
		if one.key.Type == "Group" {
			for p := range membersOtherwise(was, is) {
				if err := c.home(r, p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func nodeOf(v *fhir.Resource) (fhir.Node, error) {
	if v == nil {
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
	case "Organization":
		c.lives(c.tree.lives(n))
		return each(r, "PaymentReconciliation", fhir.All{is("direction", "in"), refers("payer", k)}, func(p stored) error { return c.payment(r, p.node) })
	case "Coverage":
		return c.home(r, r4.Target(n.Get("beneficiary")))
	case "Contract":
		return c.home(r, r4.Target(n.Get("subject").First()))
	case "Invoice":
		return c.home(r, r4.Target(n.Get("subject")))
	case "PaymentReconciliation":
		return c.payment(r, n)
	}
	return nil
}

// payment marks the districts of those whose payment it is.
func (c *changes) payment(r fhir.Reader, n fhir.Node) error {
	if n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() == "out" {
		return nil
	}
	holders := map[fhir.Key]bool{key(n, profiles.ExtensionPayer): true}
	for d := range n.Get("detail").Each() {
		holders[payeeOf(d)] = true
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

// membersOtherwise gives who is or was in a family that is or was otherwise poor.
func membersOtherwise(was, is fhir.Node) map[fhir.Key]bool {
	people := map[fhir.Key]bool{}
	before, after := familyOf(was), familyOf(is)
	for _, members := range []map[fhir.Key]string{before, after} {
		for p := range members {
			if before[p] != after[p] {
				people[keep(p)] = true
			}
		}
	}
	return people
}

// familyOf gives the members of a family with its poverty.
func familyOf(g fhir.Node) map[fhir.Key]string {
	of := map[fhir.Key]string{}
	if g.Exists() && isFamily(g) {
		for _, k := range membersOf(g) {
			of[k] = povertyOf(g)
		}
	}
	return of
}

// residing gives the units other than facilities that are marked, with their months.
func (c *changes) residing() map[unit][]month {
	units := map[unit][]month{}
	for u := range c.units {
		if u.set != setClaims {
			units[u] = c.months(u)
		}
	}
	return units
}

// goesThrough reports whether to go through all persons costs less than to look for
// those of each unit that is marked, which takes some ten times as long for each.
func (c *changes) goesThrough() bool {
	marked, all := 0, map[unit]bool{}
	for k := range c.tree.places {
		all[unit{setEnrol, c.ward(k)}], all[unit{setFin, c.district(k)}] = true, true
	}
	for u := range all {
		if c.units[u] != nil {
			marked++
		}
	}
	return marked > 0 && 8*marked >= len(all)
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
