package measure

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles/indicator"
)

// membership counts HF_ENROL of a unit: its persons, families and policies.
func (s *scheme) membership(r fhir.Reader, unit fhir.Key, b book) error {
	for _, p := range s.tree.within(unit, s.ward) {
		if err := s.people(r, p, b); err != nil {
			return err
		}
		err := s.holders(r, p, func(h *holders) error { return s.policies(r, h, b) })
		if err != nil {
			return err
		}
	}
	return nil
}

// living selects who may live at a place; of some it is another of that name.
func living(typ string, p place) fhir.Criterion {
	at := fhir.Any{}
	if typ != "Organization" {
		at = append(at, refers("village", p.key))
	}
	if p.name != "" {
		at = append(at, named("address-city", p.name))
	}
	return at
}

// residents reads the resources of a type that live at a place, page by page.
func (s *scheme) residents(r fhir.Reader, typ string, p place, do func([]stored) error) error {
	return pages(r, typ, living(typ, p), func(list []stored) error {
		var here []stored
		for _, one := range list {
			if s.tree.lives(one.node) == p.key {
				here = append(here, one)
			}
		}
		if len(here) == 0 {
			return nil
		}
		return do(here)
	})
}

// people counts the persons of a place.
func (s *scheme) people(r fhir.Reader, p place, b book) error {
	return s.residents(r, "Patient", p, func(list []stored) error {
		keys, ids := make([]fhir.Key, len(list)), make([]string, len(list))
		for i, one := range list {
			keys[i], ids[i] = one.Key, one.ID
		}
		poverty, err := world{Reader: r}.poverty(keys)
		if err != nil {
			return err
		}
		cover := map[fhir.Key][]span{}
		err = each(r, "Coverage", refersToAny("beneficiary", "Patient", ids), func(c stored) error {
			days, ok, err := s.covered(r, c)
			if ok {
				k := keep(r4.Target(c.node.Get("beneficiary")))
				cover[k] = append(cover[k], days)
			}
			return err
		})
		for _, one := range list {
			if days := cover[one.Key]; len(days) > 0 {
				s.insured(s.person(one.node, poverty[one.Key]), days, b)
			}
		}
		return err
	})
}

// insured counts a person by the days on which he has cover.
func (s *scheme) insured(p person, cover []span, b book) {
	first := never
	left := map[month]adjudication.Day{}
	for _, c := range cover {
		first = min(first, c.from)
		goesOn := func(o span) bool { return o.to > c.to && o.from <= c.to+1+adjudication.Day(s.GraceDays) }
		if c.to < never && !slices.ContainsFunc(cover, goesOn) {
			left[monthOf(c.to)] = max(left[monthOf(c.to)], c.to)
		}
	}
	for m, sheet := range b {
		if last := m.last(); slices.ContainsFunc(cover, func(c span) bool { return c.covers(last) }) {
			sheet.add(one, indicator.EnrPersonsActive, p.sex, s.band(p, last), p.poverty)
		}
	}
	b.on(first, one, indicator.EnrPersonsNew, p.sex, s.band(p, first), p.poverty)
	for _, day := range left {
		b.on(day, one, indicator.EnrPersonsLeft, p.sex, s.band(p, day), p.poverty)
	}
}

// policies counts the policies of some holders, and the families.
func (s *scheme) policies(r fhir.Reader, h *holders, b book) error {
	for _, p := range h.policies {
		if p.inForce {
			how := "NEW"
			if p.renews {
				how = "RENEW"
			}
			b.on(p.days.from, one, indicator.EnrPolStart, how, p.product)
			for m, sheet := range b {
				if p.days.covers(m.last()) {
					sheet.add(one, indicator.EnrPolActive, p.product)
				}
			}
			if !p.isWithdraw && p.days.to < never {
				b.on(p.days.to, one, indicator.EnrPolDue, p.product)
			}
		}
		if p.isWithdraw {
			b.on(p.withdrawn, one, indicator.EnrPolCancel, p.product)
		}
	}
	for _, one := range h.list {
		if one.Type != "Group" || !isFamily(one.node) {
			continue
		}
		if err := s.family(r, one, h, b); err != nil {
			return err
		}
	}
	return nil
}

// family counts a family at the end of each month since it is known: since it was
// registered, or its first policy took effect.
func (s *scheme) family(r fhir.Reader, g stored, h *holders, b book) error {
	since, err := s.registered(r, g)
	if err != nil {
		return err
	}
	var own []policy
	for _, p := range h.policies {
		if p.holder == g.Key {
			own = append(own, p)
			if p.inForce {
				since = min(since, p.days.from)
			}
		}
	}
	poverty := povertyOf(g.node)
	for m, sheet := range b {
		if last := m.last(); since <= last {
			sheet.add(one, indicator.EnrFamilies, h.paid(own, last), poverty)
		}
	}
	return nil
}

// registered gives the day on which a resource was made.
func (s *scheme) registered(r fhir.Reader, one stored) (adjudication.Day, error) {
	at := one.Updated
	if one.Version > 1 {
		first, err := r.ReadVersion(one.Key, 1)
		if err != nil && !fhir.HasIssue(err, fhir.IssueNotFound) {
			return 0, err
		}
		if err == nil {
			at = first.Updated
		}
	}
	return adjudication.DayOf(at.In(s.Zone)), nil
}
