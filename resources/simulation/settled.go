package simulation

import (
	"cmp"
	"slices"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// A settled is what was decided on a claim, line by line.
type settled struct {
	failed bool // it could not be decided at all
	lines  []line
}

// A line is what was decided on one line.
type line struct {
	sequence  int
	currency  string // ISO 4217
	submitted fhir.Amount
	member    fhir.Amount // what the member owes
	cuts      []cut       // in the order they were made
}

// A cut is one lowering of a line.
type cut struct {
	reason string // a code of adjustment-reason
	amount fhir.Amount
}

// benefit gives what the scheme pays.
func (l *line) benefit() fhir.Amount {
	rest := l.submitted
	for _, c := range l.cuts {
		rest -= c.amount
	}
	return rest
}

func (l *line) figures() Figures { return Figures{Benefit: l.benefit(), Member: l.member} }

// settledBy reads a Decision.
func settledBy(d adjudication.Decision, currency string) settled {
	s := settled{failed: d.Outcome == adjudication.OutcomeError, lines: make([]line, len(d.Lines))}
	for i := range d.Lines {
		from := &d.Lines[i]
		l := &s.lines[i]
		*l = line{sequence: from.Sequence, currency: cmp.Or(from.Currency, currency), submitted: from.Submitted, member: from.MemberLiability()}
		for _, a := range from.Adjustments {
			l.cuts = append(l.cuts, cut{string(a.Reason), a.Amount})
		}
	}
	return s
}

// settledIn reads a ClaimResponse.
func settledIn(n fhir.Node) settled {
	s := settled{failed: n.Get("outcome").Text() == "error", lines: make([]line, 0, n.Get("item").Len())}
	for item := range n.Get("item").Each() {
		var l line
		if sequence, err := fhir.ParseAmount(item.Get("itemSequence").Text()); err == nil {
			l.sequence = int(sequence / fhir.Units(1))
		}
		for a := range item.Get("adjudication").Each() {
			l.read(a)
		}
		s.lines = append(s.lines, l)
	}
	return s
}

// read takes one adjudication in.
func (l *line) read(a fhir.Node) {
	value, err := fhir.ParseAmount(a.At("amount", "value").Text())
	if err != nil {
		return
	}
	category := a.Get("category")
	switch {
	case category.Code(facts.SystemAdjudicationHL7) == "submitted":
		l.submitted, l.currency = value, a.At("amount", "currency").Text()
	case category.Code(facts.SystemAdjudicationCARIN) == "memberliability":
		l.member = value
	default:
		if reason := a.Get("reason").Code(profiles.SystemAdjustmentReason); reason != "" {
			l.cuts = append(l.cuts, cut{reason, value})
		}
	}
}

// same reports whether two decisions say the same of each line.
func (s settled) same(other settled) bool {
	return s.failed == other.failed && slices.EqualFunc(s.lines, other.lines, func(a, b line) bool { return a.same(&b) })
}

func (l *line) same(other *line) bool {
	return l.sequence == other.sequence && l.currency == other.currency && l.submitted == other.submitted &&
		l.member == other.member && slices.Equal(l.cuts, other.cuts)
}

// figures sums the lines in one currency.
func (s settled) figures(currency string) (f Figures) {
	for i := range s.lines {
		if s.lines[i].currency == currency {
			f.add(s.lines[i].figures())
		}
	}
	return f
}

// duplicate reports whether a claim was denied as one that was made before: that
// is no matter of the rules that change.
func (s settled) duplicate() bool {
	return len(s.lines) > 0 && !slices.ContainsFunc(s.lines, func(l line) bool {
		return !slices.ContainsFunc(l.cuts, func(c cut) bool { return c.reason == string(adjudication.ReasonDuplicate) })
	})
}

// explain tells the first line that differs, and the first reason that does: of a
// line that is paid less why it now is, of one that is paid more why it was not.
func (s settled) explain(after settled) (sequence int, reason string, gone bool) {
	for i := range max(len(s.lines), len(after.lines)) {
		var was, is line
		if i < len(s.lines) {
			was = s.lines[i]
		}
		if i < len(after.lines) {
			is = after.lines[i]
		}
		if was.same(&is) {
			continue
		}
		sequence = cmp.Or(is.sequence, was.sequence)
		first, second := was.cuts, is.cuts
		gone = is.benefit() > was.benefit()
		if gone {
			first, second = second, first
		}
		if reason = larger(first, second); reason == "" {
			reason, gone = larger(second, first), !gone
		}
		return sequence, reason, gone
	}
	return 0, "", false
}

// larger gives the first reason for which more is cut than before.
func larger(before, after []cut) string {
	for _, c := range after {
		i := slices.IndexFunc(before, func(other cut) bool { return other.reason == c.reason })
		if i < 0 || c.amount > before[i].amount {
			return c.reason
		}
	}
	return ""
}
