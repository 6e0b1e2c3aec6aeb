package signal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/signal/visit"
	"bima/fhir"
)

const (
	// nearDays is how near another claim's service is to be called the same.
	nearDays = 3
	// repeatDays is within how many days a facility does not claim all the same
	// services for one person again.
	repeatDays = 7
	// facilitiesMany is how many facilities a person seldom visits on one day.
	facilitiesMany = 3
	// createdBefore and createdAfter bound when the other claims were made, in
	// days from the treatment: facilities claim by the month.
	createdBefore = 45
	createdAfter  = 120
	// othersMax bounds how many other claims are looked at, the newest first.
	othersMax = 40
)

// others compares the claim with the person's other claims of the same weeks.
func (l *look) others(r fhir.Reader) error {
	if !l.visit.Dated || l.facts.Patient.IsZero() {
		return nil
	}
	list, err := l.near(r)
	if err != nil {
		return err
	}
	own, err := l.whose(r, list)
	if err != nil {
		return err
	}
	l.admissions(list, own)
	l.duplicates(list, own)
	l.facilities(list, own)
	return nil
}

// near finds the person's other active claims that were made around the days of
// the treatment.
func (l *look) near(r fhir.Reader) ([]visit.Visit, error) {
	from := adjudication.Date(l.visit.Days.From - createdBefore)
	to := adjudication.Date(l.visit.Days.To + createdAfter)
	page, err := r.Search(&fhir.Query{Types: []string{"Claim"}, Limit: othersMax, Where: fhir.All{
		l.ofPerson(),
		fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "active"}},
		fhir.Match{Param: fhir.Param{Code: "use", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "claim"}},
		created(fhir.PrefixGreaterEqual, from), created(fhir.PrefixLess, to),
	}})
	if err != nil {
		return nil, err
	}
	var list []visit.Visit
	for _, one := range page.Resources {
		if one.ID == l.visit.Key.ID {
			continue
		}
		doc, err := fhir.Parse(one.Body)
		if err != nil {
			return nil, fmt.Errorf("the stored %s is no JSON: %w", one.Key, err)
		}
		if v := visit.Read(doc.Root()); v.Dated {
			list = append(list, v)
		}
	}
	return list, nil
}

func created(p fhir.Prefix, at time.Time) fhir.Criterion {
	return fhir.Match{
		Param: fhir.Param{Code: "created", Kind: fhir.ParamDate},
		Value: fhir.DateValue{Prefix: p, From: at.UnixMicro(), To: at.UnixMicro() + 1},
	}
}

// numbersMax bounds the numbers a person is looked for by.
const numbersMax = 3

// ofPerson holds for claims that name the person, or a number of theirs.
func (l *look) ofPerson() fhir.Criterion {
	any := fhir.Any{fhir.Match{
		Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: l.facts.Patient},
	}}
	for n := range l.facts.Person().Get("identifier").Each() {
		value := n.Get("value").Text()
		if value == "" || len(any) > numbersMax {
			continue
		}
		any = append(any, fhir.Match{
			Param: fhir.Param{Code: "patient:identifier", Kind: fhir.ParamToken},
			Value: fhir.TokenValue{System: n.Get("system").Text(), Code: value},
		})
	}
	return any
}

// whose tells which of the claims are of the facility of this one: the same
// Organization by reference or number, or a role in it.
func (l *look) whose(r fhir.Reader, list []visit.Visit) (own []bool, err error) {
	facility, node := l.facts.Facility()
	var roles []fhir.Key
	for _, v := range list {
		if id, is := strings.CutPrefix(v.Provider.Get("reference").Text(), "PractitionerRole/"); is {
			roles = append(roles, fhir.Key{Type: "PractitionerRole", ID: id})
		}
	}
	employer := map[string]string{}
	if len(roles) > 0 {
		found, err := r.ReadMany(roles)
		if err != nil {
			return nil, err
		}
		for _, role := range found {
			doc, err := fhir.Parse(role.Body)
			if err != nil {
				return nil, fmt.Errorf("the stored %s is no JSON: %w", role.Key, err)
			}
			employer[role.Key.String()] = doc.Root().At("organization", "reference").Text()
		}
	}
	own = make([]bool, len(list))
	for i, v := range list {
		p := partyOf(v.Provider)
		own[i] = p == partyOf(l.visit.Provider) || !facility.IsZero() &&
			(p.reference == facility.String() || employer[p.reference] == facility.String() || bears(node, p.identifier))
	}
	return own, nil
}

// bears reports whether a resource has an identifier "system|value".
func bears(n fhir.Node, identifier string) bool {
	if identifier == "" {
		return false
	}
	for have := range n.Get("identifier").Each() {
		if have.Get("system").Text()+"|"+have.Get("value").Text() == identifier {
			return true
		}
	}
	return false
}

// admissions notes stays that overlap, and visits elsewhere during a stay. The
// day of a transfer is of both.
func (l *look) admissions(list []visit.Visit, own []bool) {
	v, overlaps, visits := &l.visit, false, false // each is noted once
	for i := range list {
		o := &list[i]
		days := min(v.Days.To, o.Days.To) - max(v.Days.From, o.Days.From)
		switch {
		case v.Stay && o.Stay && days >= 1 && !overlaps:
			overlaps = true
			l.addOf(overlap, "Claim.billablePeriod", "The stay overlaps another of the person.", fmt.Sprintf("The stay of %s overlaps that of %s on %s by %s.",
				span(v.Days), span(o.Days), o.Key, count(int(days), "night")))
		case v.Stay != o.Stay && !own[i] && within(v.Days, o.Days) && !visits:
			visits = true
			l.addOf(duringStay, "Claim.billablePeriod", "The person was at another facility in the midst of a stay.", fmt.Sprintf("By %s the person was at another facility on %s, in the midst of a stay.", o.Key, span(o.Days)))
		}
	}
}

// within reports whether the shorter of two periods lies inside the longer, on
// none of its two ends.
func within(a, b adjudication.Period) bool {
	if a.To-a.From < b.To-b.From {
		a, b = b, a
	}
	return a.From < b.From && b.To < a.To
}

// duplicates notes services that the person had elsewhere within few days, and
// claims that repeat all services of another of the same facility.
func (l *look) duplicates(list []visit.Visit, own []bool) {
	s := duplicate
	if l.facts.Case.Referred {
		s = duplicateSent
	}
	for i := range l.visit.Lines {
		if o, day, ok := l.elsewhere(&l.visit.Lines[i], list, own); ok {
			l.addOf(s, l.visit.Lines[i].At, "The person had the same service at another facility within few days.", fmt.Sprintf("The person had the same service at another facility on %s, %s from this one (%s).",
				adjudication.WriteDay(day), count(int(gap(l.visit.Lines[i].Days, adjudication.Period{From: day, To: day})), "day"), o.Key))
			break
		}
	}
	for i := range list {
		o := &list[i]
		if own[i] && len(o.Services) > 0 && gap(o.Days, l.visit.Days) <= repeatDays && slices.Equal(o.Services, l.visit.Services) {
			l.addOf(repeated, "Claim.item", "The facility claimed all the same services for the person within few days.", fmt.Sprintf("The facility claimed all the same services for the person on %s, %s from this treatment (%s).",
				span(o.Days), count(int(gap(o.Days, l.visit.Days)), "day"), o.Key))
			return
		}
	}
}

// elsewhere finds a line of another facility's claim that is of the same service
// and near.
func (l *look) elsewhere(one *visit.Line, list []visit.Visit, own []bool) (*visit.Visit, adjudication.Day, bool) {
	for i := range list {
		if own[i] {
			continue
		}
		for _, other := range list[i].Lines {
			if shares(one.Codes, other.Codes) && gap(one.Days, other.Days) <= nearDays {
				return &list[i], other.Days.To, true
			}
		}
	}
	return nil, 0, false
}

// facilities notes a person who was at many facilities on one day.
func (l *look) facilities(list []visit.Visit, own []bool) {
	if l.visit.Stay {
		return
	}
	seen := map[party]bool{}
	for i := range list {
		if !own[i] && !list[i].Stay && overlaps(list[i].Days, l.visit.Days) {
			seen[partyOf(list[i].Provider)] = true
		}
	}
	if len(seen)+1 >= facilitiesMany {
		l.add(manyFacilities, "Claim.provider", fmt.Sprintf("The person was at %d facilities on %s.", len(seen)+1, span(l.visit.Days)))
	}
}

// span writes days, "2026-09-14" or "2026-09-14 to 2026-09-16".
func span(p adjudication.Period) string {
	if p.From == p.To {
		return adjudication.WriteDay(p.From)
	}
	return adjudication.WriteDay(p.From) + " to " + adjudication.WriteDay(p.To)
}

// A party is who a Reference means, as it stands there.
type party struct{ reference, identifier string }

func partyOf(n fhir.Node) party {
	p := party{reference: n.Get("reference").Text()}
	if value := n.At("identifier", "value").Text(); value != "" {
		p.identifier = n.At("identifier", "system").Text() + "|" + value
	}
	return p
}

// shares reports whether two lists have a code in common.
func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(code string) bool { return slices.Contains(b, code) })
}

// gap gives the days between two periods, 0 where they touch or overlap.
func gap(a, b adjudication.Period) adjudication.Day {
	return max(0, a.From-b.To, b.From-a.To)
}

// overlaps reports whether two periods have a day in common.
func overlaps(a, b adjudication.Period) bool { return a.From <= b.To && b.From <= a.To }
