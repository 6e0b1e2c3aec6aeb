package stu3

import (
	"strconv"

	"bima/fhir"
	"bima/profiles"
)

// parties are those whom a Claim names, as [base] knows them.
type parties struct {
	patient, provider, enterer, facility party

	claims    reference // the facility, as it claims: an Organization where one is known
	coverages []fhir.Node
	tariffs   []fhir.Node
}

// coveragesMax bounds how many memberships of a person are looked at.
const coveragesMax = 50

// count writes a number for a query.
func count(n int) string { return strconv.Itoa(n) }

// memberships looks for the memberships of whoever bears an id or a number.
func (l *lookup) memberships(id string) (asked []int) {
	if fhir.ValidID(id) {
		asked = append(asked, l.add("Coverage?beneficiary=Patient/"+id+"&_count="+count(coveragesMax)))
	}
	if id != "" {
		asked = append(asked, l.add("Coverage?beneficiary:Patient.identifier="+token(id)+"&_count="+count(coveragesMax)))
	}
	return asked
}

// of gives those memberships that are a patient's.
func (l *lookup) of(asked []int, patient string) (list []fhir.Node) {
	for _, i := range asked {
		for _, n := range resources(l.found[i], "Coverage") {
			if patient != "" && n.At("beneficiary", "reference").Text() == patient {
				list = append(list, n)
			}
		}
	}
	return list
}

// parties finds whom a claim names, all in one question.
func (c *call) parties(s *said) (*parties, error) {
	l := &lookup{}
	patient := l.named("Patient", s.Patient.ID)
	provider, enterer := l.named(s.Provider.Type, s.Provider.ID), l.named(s.Enterer.Type, s.Enterer.ID)
	at := s.Facility
	if at.none() {
		at = s.Organization
	}
	place, house := l.named("Location", at.ID), l.named("Organization", at.ID)
	coverages := l.memberships(s.Patient.ID)
	tariffs := l.tariffs(s.Items)
	if err := l.ask(c); err != nil {
		return nil, err
	}
	w := &parties{patient: patient.party(s.Patient.Display), provider: provider.party(s.Provider.Display), enterer: enterer.party(s.Enterer.Display)}
	w.coverages = l.of(coverages, w.patient.key)
	if tariffs >= 0 {
		w.tariffs = resources(l.found[tariffs], "ChargeItemDefinition")
	}
	w.facility = place.party(at.Display)
	w.claims = claimant(s, w, house.party(at.Display))
	return w, nil
}

// claimant gives who claims: the Organization that runs the place of care, for it is
// the one that is paid, has price lists, and whose account may claim. A place that
// is not known claims by its code, which the decision will say nobody has.
func claimant(s *said, w *parties, house party) reference {
	switch {
	case house.known() && !w.facility.known():
		w.facility.ref = reference{Type: "Location", Display: house.ref.Display, Identifier: w.facility.ref.Identifier}
		return house.ref
	case w.facility.known():
		if manager := w.facility.node.Get("managingOrganization"); manager.Exists() {
			return referenceOf(manager)
		}
		return reference{Type: "Organization", Identifier: &identifier{System: profiles.IdentifierFacility, Value: w.facility.node.Identifier(profiles.IdentifierFacility)}}
	case !s.Facility.none() || !s.Organization.none():
		return house.ref
	case !s.Provider.none():
		return w.provider.ref
	}
	return reference{Type: "Organization", Display: "The claim names no facility"}
}

// referenceOf reads a Reference of R4.
func referenceOf(n fhir.Node) reference {
	r := reference{Reference: n.Get("reference").Text(), Type: n.Get("type").Text(), Display: n.Get("display").Text()}
	if i := n.Get("identifier"); i.Exists() {
		r.Identifier = &identifier{System: i.Get("system").Text(), Value: i.Get("value").Text()}
	}
	return r
}

// coverage gives the membership that a treatment is covered by: one that is in use
// and holds on its first day, else one in use, else any, the last to end first.
func (w *parties) coverage(treatment *period) fhir.Node {
	var best fhir.Node
	bestRank := -1
	for _, n := range w.coverages {
		rank := 0
		if n.Get("status").Text() == "active" {
			rank++
			if treatment != nil && holds(n.Get("period"), treatment.Start) {
				rank++
			}
		}
		if rank > bestRank || rank == bestRank && later(n, best) {
			best, bestRank = n, rank
		}
	}
	return best
}

// holds reports whether a Period of days holds on the day of a date or time.
func holds(p fhir.Node, at string) bool {
	if len(at) < dateLength {
		return false
	}
	day := at[:dateLength]
	start, end := p.Get("start").Text(), p.Get("end").Text()
	return (start == "" || start[:min(len(start), dateLength)] <= day) && (end == "" || end[:min(len(end), dateLength)] >= day)
}

// later reports whether a membership ends after another; of two that end together
// the one with the greater id counts, so that it is always the same one.
func later(n, other fhir.Node) bool {
	a, b := n.At("period", "end").Text(), other.At("period", "end").Text()
	if a == b {
		return n.Get("id").Text() > other.Get("id").Text()
	}
	return a == "" || b != "" && a > b
}
