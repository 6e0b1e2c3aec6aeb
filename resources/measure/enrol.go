package measure

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles/indicator"
)

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

// family counts a family at the end of each month since it is known: since it was
// registered, or its first policy took effect.
func (h *residence) family(who resident, owed map[int32]owing, b book) {
	since := who.since
	for i := who.policy; i > 0; i = h.held[i-1].next {
		if p := h.held[i-1]; p.inForce {
			since = min(since, p.days.from)
		}
	}
	for m, sheet := range b {
		if last := m.last(); since <= last {
			sheet.add(one, indicator.EnrFamilies, h.paidBy(who, owed, last), povertyOptions[who.poverty])
		}
	}
}

// registered gives the day on which a resource was made. Of a later version it needs a
// Reader.
func (s *scheme) registered(r fhir.Reader, one stored) (adjudication.Day, error) {
	at := one.Updated
	if one.Version > 1 {
		if r == nil {
			return 0, errLater
		}
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
