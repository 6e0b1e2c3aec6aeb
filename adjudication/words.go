package adjudication

import (
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
)

// Say writes an amount for people: "50,000 TZS", "1,234.50 KES".
func Say(a fhir.Amount, currency string) string {
	whole, fraction, _ := strings.Cut(a.String(), ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && whole[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString("." + fraction + strings.Repeat("0", max(0, fhir.MinorUnits(currency)-len(fraction))))
	}
	if currency != "" {
		b.WriteString(" " + currency)
	}
	return b.String()
}

// Disposition says the decision in a sentence: "50,000 of 100,000 TZS will be
// paid; the member owes 40,000."
func (d *Decision) Disposition(currency string) string {
	if d.Outcome == OutcomeError {
		return "The claim can't be decided: " + d.Problems[0].Text
	}
	if len(d.Lines) == 0 {
		return "The claim has no lines, so there is nothing to pay."
	}
	t := d.Totals()
	if t.Submitted == 0 {
		return d.nothingAsked()
	}
	sentence := fmt.Sprintf("%s of %s will be paid", Say(t.Benefit, ""), Say(t.Submitted, currency))
	switch {
	case t.Benefit == 0:
		sentence = "Nothing of " + Say(t.Submitted, currency) + " will be paid" + d.commonReason()
	case t.Benefit == t.Submitted && !d.denies():
		sentence = "All of " + Say(t.Submitted, currency) + " will be paid"
	}
	if t.MemberLiability > 0 {
		sentence += "; the member owes " + Say(t.MemberLiability, "")
	}
	return sentence + "."
}

// nothingAsked says what is decided of lines that ask for no money of the claim's
// currency.
func (d *Decision) nothingAsked() string {
	if why := d.commonReason(); why != "" {
		return "Nothing will be paid" + why + "."
	}
	return "The claim asks for no money, so there is nothing to pay."
}

// denies reports whether a line is denied: with one in another currency "all"
// would not be true.
func (d *Decision) denies() bool {
	return slices.ContainsFunc(d.Lines, func(l LineOutcome) bool { return l.Denied != "" })
}

// commonReason gives ": no cover on the day" where all lines were denied for
// the same reason.
func (d *Decision) commonReason() string {
	if len(d.Lines) == 0 || d.Lines[0].Denied == "" {
		return ""
	}
	for i := range d.Lines {
		if d.Lines[i].Denied != d.Lines[0].Denied {
			return ""
		}
	}
	text := d.Lines[0].Denied.Text()
	return ": " + strings.ToLower(text[:1]) + text[1:]
}

// note says for a line which ceilings it used up. It is asked before the line's
// own use is counted.
func (d *decider) note(t *trial) {
	for _, l := range t.full {
		if whole(t.left(l, false), t.minorUnits()) > t.rest {
			continue
		}
		text := fmt.Sprintf("The %s ceiling of %s%s is now used up.", l.whose(), Say(l.maximum(t.policy), d.Currency), l.on())
		t.out.Notes = append(t.out.Notes, d.noteNumber(text))
	}
}

// noteNumber gives the number of a note, which is made where it is not there.
func (d *decider) noteNumber(text string) int {
	for _, n := range d.decision.Notes {
		if n.Text == text {
			return n.Number
		}
	}
	number := len(d.decision.Notes) + 1
	d.decision.Notes = append(d.decision.Notes, Note{Number: number, Text: text})
	return number
}

// whose gives "policy's yearly".
func (l *Limit) whose() string {
	owner := [...]string{"", "treatment's", "member's", "policy's"}[l.Scope]
	span := [...]string{"", " yearly", " daily", " pregnancy", " lifetime"}[l.Span]
	return owner + span
}

func (l *Limit) on() string {
	if l.Target == "" {
		return ""
	}
	return " for " + l.Target[strings.LastIndexByte(l.Target, '|')+1:]
}
