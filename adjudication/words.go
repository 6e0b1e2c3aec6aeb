package adjudication

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bima/fhir"
)

// Say writes an amount for people, in English: "50,000 TZS", "1,234.50 KES".
func Say(a fhir.Amount, currency string) string { return Tongue{}.Amount(Money{a, currency}) }

// Money is an amount put into a sentence, which each Tongue writes its own way.
type Money struct {
	Amount   fhir.Amount
	Currency string // "" where the sentence has it elsewhere
}

// String gives it in English.
func (m Money) String() string { return Say(m.Amount, m.Currency) }

// Amount writes an amount for people.
func (t Tongue) Amount(m Money) string {
	thousands, decimal := cmp.Or(t.Thousands, ","), cmp.Or(t.Decimal, ".")
	whole, fraction, _ := strings.Cut(m.Amount.String(), ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && whole[i-1] != '-' {
			b.WriteString(thousands)
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString(decimal + fraction + strings.Repeat("0", max(0, fhir.MinorUnits(m.Currency)-len(fraction))))
	}
	if m.Currency != "" {
		b.WriteString(" " + m.Currency)
	}
	return b.String()
}

// Disposition says the decision in a sentence: "50,000 of 100,000 TZS will be
// paid; the member owes 40,000."
func (d *Decision) Disposition(currency string) string { return d.In(Tongue{}, currency) }

// In is Disposition in another language.
func (d *Decision) In(t Tongue, currency string) string {
	if d.Outcome == OutcomeError {
		return t.Say("The claim can't be decided: %s", t.Problem(d.Problems[0]))
	}
	if len(d.Lines) == 0 {
		return t.Say("The claim has no lines, so there is nothing to pay.")
	}
	sum := d.Totals()
	why := d.commonReason(t)
	if sum.Submitted == 0 {
		if why != "" {
			return t.Say("Nothing will be paid%s.", why)
		}
		return t.Say("The claim asks for no money, so there is nothing to pay.")
	}
	asked := Money{sum.Submitted, currency}
	sentence := t.Say("%s of %s will be paid", Money{Amount: sum.Benefit}, asked)
	switch {
	case sum.Benefit == 0:
		sentence = t.Say("Nothing of %s will be paid%s", asked, why)
	case sum.Benefit == sum.Submitted && !d.denies():
		sentence = t.Say("All of %s will be paid", asked)
	}
	if sum.Relative > 0 {
		sentence += t.Say(", %s of it by the index of the payment run", Money{Amount: sum.Relative})
	}
	if sum.MemberLiability > 0 {
		sentence += t.Say("; the member owes %s", Money{Amount: sum.MemberLiability})
	}
	return sentence + "."
}

// denies reports whether a line is denied: with one in another currency "all"
// would not be true.
func (d *Decision) denies() bool {
	return slices.ContainsFunc(d.Lines, func(l LineOutcome) bool { return l.Denied != "" })
}

// commonReason gives ": no cover on the day" where all lines were denied for
// the same reason.
func (d *Decision) commonReason(t Tongue) string {
	if len(d.Lines) == 0 || d.Lines[0].Denied == "" {
		return ""
	}
	for i := range d.Lines {
		if d.Lines[i].Denied != d.Lines[0].Denied {
			return ""
		}
	}
	first, size := utf8.DecodeRuneInString(t.Reason(d.Lines[0].Denied))
	return ": " + string(unicode.ToLower(first)) + t.Reason(d.Lines[0].Denied)[size:]
}

// note says for a line which ceilings it used up. It is asked before the line's
// own use is counted.
func (d *decider) note(t *trial) {
	paid := t.rest
	if len(t.out.Paid) > 0 {
		paid = t.out.Paid[0].Benefit // the others have ceilings of their own
	}
	for _, l := range t.full {
		if whole(t.left(l, false), t.decimals) > paid {
			continue
		}
		amount, on := Money{l.maximum(t.policy), d.Currency}, l.on()
		format := ceilingNotes[l.Scope][l.Span]
		number := 0
		if on == "" {
			number = d.noteOf(format.all, amount)
		} else {
			number = d.noteOf(format.one, amount, on)
		}
		t.out.Notes = append(t.out.Notes, number)
	}
}

// noteOf is noteNumber of a sentence that can be said in other languages.
func (d *decider) noteOf(format string, args ...any) int {
	number := d.noteNumber(fmt.Sprintf(format, args...))
	d.decision.Notes[number-1].Format, d.decision.Notes[number-1].Args = format, args
	return number
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

// A ceilingNote says that a ceiling is used up: one of all services, or of one.
type ceilingNote struct{ all, one string }

// usedUp is how they end.
const usedUp = " is now used up."

// ceilingNotes are they by scope and span.
var ceilingNotes = func() (notes [4][5]ceilingNote) {
	for scope, owner := range [...]string{"", "treatment's", "member's", "policy's"} {
		for span, word := range [...]string{"", " yearly", " daily", " pregnancy", " lifetime"} {
			begin := "The " + owner + word + " ceiling of %s"
			notes[scope][span] = ceilingNote{begin + usedUp, begin + " for %s" + usedUp}
		}
	}
	return notes
}()

// TellsCeiling reports whether a note says that a ceiling is used up.
func (n Note) TellsCeiling() bool { return strings.HasSuffix(n.Format, usedUp) }

// Without gives the decision without the notes that drop picks. The others are numbered
// anew, in their order.
func (d Decision) Without(drop func(Note) bool) Decision {
	var notes []Note
	numbers := map[int]int{}
	for _, n := range d.Notes {
		if !drop(n) {
			numbers[n.Number] = len(notes) + 1
			n.Number = len(notes) + 1
			notes = append(notes, n)
		}
	}
	d.Notes, d.Lines = notes, slices.Clone(d.Lines)
	for i := range d.Lines {
		var kept []int
		for _, number := range d.Lines[i].Notes {
			if n := numbers[number]; n > 0 {
				kept = append(kept, n)
			}
		}
		d.Lines[i].Notes = kept
	}
	return d
}

// on gives what a limit is of, "S-310"; "" where it is of all.
func (l *Limit) on() string {
	if l.Target == "" {
		return ""
	}
	return l.Target[strings.LastIndexByte(l.Target, '|')+1:]
}

// A Tongue says decisions in a language. The zero value is English.
type Tongue struct {
	// Phrases are sentences by the English ones, with the same verbs for what is put
	// into them, in the same order.
	Phrases map[string]string
	Reasons map[Reason]string
	// Thousands parts the digits of an amount, and Decimal those after the point;
	// "" is English: "1,234.50".
	Thousands, Decimal string
}

// Say says a sentence with what is put into it; one it has no words for in
// English.
func (t Tongue) Say(format string, args ...any) string {
	if said, ok := t.Phrases[format]; ok {
		format, args = said, t.own(args)
	}
	return fmt.Sprintf(format, args...)
}

// own gives what is put into a sentence with amounts as the Tongue writes them.
func (t Tongue) own(args []any) []any {
	args = slices.Clone(args)
	for i, a := range args {
		if m, ok := a.(Money); ok {
			args[i] = t.Amount(m)
		}
	}
	return args
}

// Reason gives a reason in words.
func (t Tongue) Reason(r Reason) string {
	if said, ok := t.Reasons[r]; ok {
		return said
	}
	return r.Text()
}

// Note gives a note in words.
func (t Tongue) Note(n Note) string {
	if _, ok := t.Phrases[n.Format]; !ok {
		return n.Text
	}
	return t.Say(n.Format, n.Args...)
}

// Problem gives why a claim can't be decided in words.
func (t Tongue) Problem(p Problem) string {
	if _, ok := t.Phrases[p.Format]; !ok {
		return p.Text
	}
	return t.Say(p.Format, p.Args...)
}
