package claim

import (
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A touch says whose claims are looked at again, and why.
type touch struct {
	Person   fhir.Key            `json:"person"`
	Contract fhir.Key            `json:"contract"` // under which cover changed; zero where it names none
	Trigger  fhir.Key            `json:"trigger"`  // what changed
	Days     adjudication.Period `json:"days"`     // of service
	Waiting  bool                `json:"waiting"`  // only those that wait for a decision
	Gained   bool                `json:"gained"`   // days were won and none lost: what was granted stands
	Begins   bool                `json:"begins"`   // there was no cover before by the membership that changed
	Again    bool                `json:"again"`    // it is looked once more, when races are over
	After    string              `json:"after"`    // the page of the person's claims to go on with
}

// touches gives whose claims a change of cover matters for: of a membership, of a
// policy that will not be paid any more, and of an Invoice from which a payment
// was taken back. What is only suspended leaves decisions as they are.
func touches(r fhir.Reader, c fhir.Change, today adjudication.Day) ([]touch, error) {
	before, err := treeBefore(c)
	if err != nil {
		return nil, err
	}
	switch c.Type {
	case "Coverage":
		return ofMembership(c, before, today), nil
	case "Contract":
		return ofPolicy(c, before, today), nil
	case "Invoice":
		return ofInvoice(r, c, before)
	}
	return nil, nil
}

func treeBefore(c fhir.Change) (fhir.Node, error) {
	if c.Before == nil {
		return fhir.Node{}, nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

func stateOf(n fhir.Node, url string) string { return n.Extension(url).Get("valueCode").Text() }

// ofMembership compares the days on which a membership covers, before and after.
// Those to come concern no claim yet.
func ofMembership(c fhir.Change, before fhir.Node, today adjudication.Day) []touch {
	after := c.Node
	one := after
	if c.After == nil {
		one = before
	}
	t := touch{Person: r4.Target(one.Get("beneficiary")), Contract: r4.Target(one.Get("contract").First()), Trigger: c.Key}
	if t.Person.Type != "Patient" {
		return nil
	}
	suspended := stateOf(after, profiles.ExtensionCoverageState) == "suspended"
	was, is := daysOf(before), daysOf(after)
	t.Days = differing(was, is)
	t.Begins = was == none
	t.Gained = is != none && (t.Begins || is.Contains(was))
	if was != none && is != none && waitsFrom(before) != waitsFrom(after) {
		t.Days, t.Gained = is, false
	}
	// Suspended, it may yet be paid: what was decided stands, what waits goes on.
	if t.Days == none && pends(before) && !pends(after) && !suspended {
		t.Days, t.Waiting = periodOf(before.Get("period")), true
	}
	if t.Days == none || suspended || t.Days.From > today {
		return nil
	}
	return []touch{t}
}

// none is a period without days.
var none = adjudication.Period{From: adjudication.LastDay, To: adjudication.FirstDay}

// daysOf gives the days on which a membership covers.
func daysOf(n fhir.Node) adjudication.Period {
	state := stateOf(n, profiles.ExtensionCoverageState)
	if n.Get("status").Text() != "active" || !slices.Contains([]string{"", "active", "issued", "used", "expired"}, state) {
		return none
	}
	return periodOf(n.Get("period"))
}

// pends reports whether a membership may yet cover: it is agreed, or suspended.
func pends(n fhir.Node) bool {
	state := stateOf(n, profiles.ExtensionCoverageState)
	return state == "draft" || state == "suspended"
}

func waitsFrom(n fhir.Node) string {
	return n.Extension(profiles.ExtensionCoverageWaitingFrom).Get("valueDate").Text()
}

// differing gives the days from the first to the last that are in one of two
// periods and not in the other.
func differing(a, b adjudication.Period) adjudication.Period {
	switch {
	case a == b:
		return none
	case a == none, b == none, a.To < b.From, b.To < a.From, a.From != b.From && a.To != b.To:
		return adjudication.Period{From: min(a.From, b.From), To: max(a.To, b.To)}
	case a.From != b.From:
		return adjudication.Period{From: min(a.From, b.From), To: max(a.From, b.From) - 1}
	}
	return adjudication.Period{From: min(a.To, b.To) + 1, To: max(a.To, b.To)}
}

// periodOf reads a Period of days; an end that is missing is open.
func periodOf(n fhir.Node) adjudication.Period {
	p := adjudication.Always()
	if d, err := fhir.ParseDateTime(n.Get("start").Text()); err == nil {
		p.From = adjudication.DayOf(d.First)
	}
	if d, err := fhir.ParseDateTime(n.Get("end").Text()); err == nil {
		p.To = adjudication.DayOf(d.Interval(time.UTC).To.Add(-time.Nanosecond))
	}
	return p
}

// ofPolicy gives the members of a policy that is over, or withdrawn, and was not
// paid: claims that waited for it are decided. Those of one whose days were changed
// by hand are decided anew for the days that differ.
func ofPolicy(c fhir.Change, before fhir.Node, today adjudication.Day) []touch {
	was, is := stateOf(before, profiles.ExtensionPolicyState), stateOf(c.Node, profiles.ExtensionPolicyState)
	if c.Before != nil && c.After != nil && was == is && is != "" {
		days := differing(periodOf(before.Get("applies")), periodOf(c.Node.Get("applies")))
		if days == none || days.From > today {
			return nil
		}
		return ofAll(c.Node, touch{Contract: c.Key, Trigger: c.Key, Days: days})
	}
	if c.After == nil || !slices.Contains([]string{"suspended", "offered"}, was) || !slices.Contains([]string{"expired", "terminated", "cancelled"}, is) {
		return nil
	}
	return ofAll(c.Node, touch{Contract: c.Key, Trigger: c.Key, Days: adjudication.Always(), Waiting: true})
}

// ofInvoice gives the members of a policy whose Invoice was paid and is not any
// more.
func ofInvoice(r fhir.Reader, c fhir.Change, before fhir.Node) ([]touch, error) {
	contract := r4.Target(c.Node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
	if c.After == nil || before.Get("status").Text() != "balanced" || c.Node.Get("status").Text() != "issued" || contract.Type != "Contract" {
		return nil, nil
	}
	n, err := fhir.Tree(r, contract)
	if err != nil {
		return nil, err
	}
	return ofAll(n, touch{Contract: contract, Trigger: c.Key, Days: adjudication.Always()}), nil
}

// ofAll gives a touch for each person a policy names.
func ofAll(contract fhir.Node, t touch) []touch {
	var list []touch
	for term := range contract.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			for person := range asset.Get("typeReference").Each() {
				t.Person = r4.Target(person)
				if t.Person.Type == "Patient" && !slices.Contains(list, t) {
					list = append(list, t)
				}
			}
		}
	}
	return list
}
