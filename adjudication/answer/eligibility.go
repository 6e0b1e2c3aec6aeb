package answer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// An Eligibility is what a CoverageEligibilityResponse is made of.
type Eligibility struct {
	ID        string // of the response
	Key       fhir.Key
	Node      fhir.Node // the request
	Facts     *facts.Inquiry
	Standings []adjudication.Standing // one for each of Facts.Members
	Decision  adjudication.Decision   // of all lines under all policies
	Created   time.Time               // when it was asked
	Day       adjudication.Day        // of Created, by the scheme's clock
}

// EligibilityResponse writes the answer to a CoverageEligibilityRequest.
func EligibilityResponse(a Eligibility) []byte {
	w := &eligibilityWriter{Eligibility: a, currency: a.Facts.Case.Currency}
	w.b = make([]byte, 0, 4096)
	w.object("", w.response)
	return w.b
}

type eligibilityWriter struct {
	writer
	Eligibility
	currency string
}

func (w *eligibilityWriter) response() {
	request := w.Node
	w.text("resourceType", "CoverageEligibilityResponse")
	w.text("id", w.ID)
	w.text("status", "active")
	w.node("purpose", request.Get("purpose"))
	w.node("patient", request.Get("patient"))
	w.node("servicedDate", request.Get("servicedDate"))
	w.node("servicedPeriod", request.Get("servicedPeriod"))
	w.text("created", w.Created.UTC().Format(time.RFC3339))
	w.node("requestor", request.Get("provider"))
	w.reference("request", w.Key.String())
	w.outcome()
	w.insurer()
	if w.shows() {
		w.array("insurance", func() {
			for i := range w.Facts.Members {
				if w.shown(i) {
					w.insurance(i)
				}
			}
		})
	}
	w.errors()
}

// shown reports whether the answer tells of a membership: the question is about
// it, or it pays for something of what is asked.
func (w *eligibilityWriter) shown(i int) bool {
	return w.Facts.Asked[i] || slices.ContainsFunc(w.Decision.Lines, func(l adjudication.LineOutcome) bool { return l.Policy == i && l.Denied == "" })
}

func (w *eligibilityWriter) shows() bool {
	for i := range w.Facts.Members {
		if w.shown(i) {
			return true
		}
	}
	return false
}

func (w *eligibilityWriter) outcome() {
	outcome := adjudication.OutcomeComplete
	if len(w.Decision.Problems) > 0 {
		outcome = adjudication.OutcomeError
	}
	w.text("outcome", string(outcome))
	w.text("disposition", w.disposition()+w.visitCode())
}

// visitCode says whether the answer is a visit code, where a policy in force asks
// for one: only a facility that asks about the day itself has the patient before it.
func (w *eligibilityWriter) visitCode() string {
	asks := false
	for i := range w.Standings {
		asks = asks || w.Standings[i].InForce && w.Facts.Case.Policies[i].Plan.Presence
	}
	day := adjudication.Period{From: w.Day, To: w.Day}
	switch {
	case !asks || len(w.Decision.Problems) > 0:
		return ""
	case !w.Node.Get("provider").Exists():
		return " This is no visit code: the question names no provider."
	case !w.Facts.Case.Treatment.Contains(day):
		return " This is no visit code: it was asked on " + days(day) + ", about another day."
	}
	return " The visit code of " + days(day) + " is " + w.ID + "."
}

// disposition says the answer in a sentence: "Covered. The member would pay
// 40,000 of 90,000 TZS."
func (w *eligibilityWriter) disposition() string {
	if len(w.Decision.Problems) > 0 {
		return "This can't be answered: " + w.Decision.Problems[0].Text
	}
	on := days(w.Facts.Case.Treatment)
	if !w.inForce() {
		return "Not covered on " + on + "."
	}
	if len(w.Decision.Lines) == 0 {
		return "Covered on " + on + "."
	}
	t := w.Decision.Totals()
	denied := 0
	for i := range w.Decision.Lines {
		if w.Decision.Lines[i].Denied != "" {
			denied++
		}
	}
	switch {
	case denied == len(w.Decision.Lines):
		return "In force on " + on + ", but nothing of this is covered: " + lower(w.Decision.Lines[0].Denied.Text()) + "."
	case denied > 0:
		return fmt.Sprintf("%d of %d services are covered. The member would pay %s of %s.", len(w.Decision.Lines)-denied, len(w.Decision.Lines),
			adjudication.Say(t.MemberLiability, ""), adjudication.Say(t.Submitted, w.currency))
	case t.Eligible == 0 && t.MemberLiability == 0:
		return "Covered."
	}
	return fmt.Sprintf("Covered. The member would pay %s of %s.",
		adjudication.Say(t.MemberLiability, ""), adjudication.Say(t.Submitted, w.currency))
}

// days says a period as people do, "2026-09-14" or "2026-09-14 to 2026-09-16".
func days(p adjudication.Period) string {
	from, to := adjudication.Date(p.From).Format(time.DateOnly), adjudication.Date(p.To).Format(time.DateOnly)
	if from == to {
		return from
	}
	return from + " to " + to
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (w *eligibilityWriter) inForce() bool {
	for _, s := range w.Standings {
		if s.InForce {
			return true
		}
	}
	return false
}

// insurer names who was asked, else who pays. R4 demands one.
func (w *eligibilityWriter) insurer() {
	if insurer := w.Node.Get("insurer"); insurer.Exists() {
		w.node("insurer", insurer)
		return
	}
	for _, m := range w.Facts.Members {
		if m.Payor.Exists() {
			w.node("insurer", m.Payor)
			return
		}
	}
	w.object("insurer", func() { w.text("display", "The scheme") })
}

// closedMax bounds how many memberships that are not in use are told of.
const closedMax = 5

// errors tells who is not known, or why nobody covers the person: no membership
// is in force on the day, and those that are not in use are named with their
// states.
func (w *eligibilityWriter) errors() {
	if len(w.Decision.Problems) == 0 && w.inForce() {
		return
	}
	w.array("error", func() {
		for _, p := range w.Decision.Problems {
			w.object("", func() { w.concept("code", p.Text, coding{systemIssueType, string(p.Kind)}) })
		}
		if len(w.Decision.Problems) > 0 {
			return
		}
		why := coding{profiles.SystemAdjustmentReason, string(adjudication.ReasonCoverage)}
		w.object("", func() { w.concept("code", adjudication.ReasonCoverage.Text(), why) })
		for i, m := range w.Facts.Closed {
			if i == closedMax {
				return
			}
			state := m.Node.Extension(profiles.ExtensionCoverageState).Get("valueCode").Text()
			said := coding{profiles.SystemCoverageState, state}
			if state == "" {
				state = m.Node.Get("status").Text()
				said = coding{systemStatus, state}
			}
			w.object("", func() { w.concept("code", m.Key.String()+" is "+state, why, said) })
		}
	})
}

// systemStatus is HL7's system of Coverage.status.
const systemStatus = "http://hl7.org/fhir/fm-status"

// insurance tells of one membership.
func (w *eligibilityWriter) insurance(i int) {
	s := &w.Standings[i]
	w.object("", func() {
		w.reference("coverage", w.Facts.Members[i].Key.String())
		w.flag("inforce", s.InForce)
		w.benefitPeriod(s.Period)
		left := s.Left
		if !w.asks("benefits") {
			left = nil
		}
		if len(s.Lines)+len(left) == 0 {
			return
		}
		w.array("item", func() {
			for l := range s.Lines {
				w.service(i, l)
			}
			w.left(left)
		})
	})
}

// asks reports whether the question has a purpose.
func (w *eligibilityWriter) asks(purpose string) bool {
	for p := range w.Node.Get("purpose").Each() {
		if p.Text() == purpose {
			return true
		}
	}
	return false
}

func (w *eligibilityWriter) benefitPeriod(p adjudication.Period) {
	if p == adjudication.Always() || p.To < p.From {
		return
	}
	w.object("benefitPeriod", func() {
		if p.From != adjudication.FirstDay {
			w.text("start", adjudication.Date(p.From).Format(time.DateOnly))
		}
		if p.To != adjudication.LastDay {
			w.text("end", adjudication.Date(p.To).Format(time.DateOnly))
		}
	})
}
