package signal

import (
	"cmp"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/signal/visit"
	"bima/fhir"
)

// A Report is what is unusual in one claim.
type Report struct {
	Score   int      // 0–100: the sum of the points, not more than 100
	Signals []Signal // the heaviest first
}

// A Signal is one unusual thing.
type Signal struct {
	Code       string // of the CodeSystem signal
	Points     int    // what it adds to the score, at least 1
	Expression string // the element it is about, "Claim.item[0].quantity"
	Text       string // a sentence with the figures, for the reviewer
	Short      string // one that names no other claim, where Text does
}

// whyMax is how many signals are told in short.
const whyMax = 5

// Why gives the sentences of the heaviest signals, "" where there is none. They name
// no other claim: who reviews this one may be one who must not see that.
func (r *Report) Why() string {
	var texts []string
	for _, s := range r.Signals[:min(len(r.Signals), whyMax)] {
		texts = append(texts, cmp.Or(s.Short, s.Text))
	}
	return strings.Join(texts, " ")
}

// scoreMax is the highest score.
const scoreMax = 100

// signalsMax bounds a report: a claim of a thousand lines that are all unusual is
// as well described by its first fifty.
const signalsMax = 50

// Look gives the report of a claim. g is what was gathered of it and d its
// decision, which may be nil. It reads but writes nothing, and is silent on
// what is not known.
func Look(r fhir.Reader, claim fhir.Node, g *facts.Claim, d *adjudication.Decision) (Report, error) {
	l := &look{claim: claim, facts: g, decision: d, visit: visit.Read(claim)}
	l.dates()
	l.diagnoses()
	l.prices()
	if err := l.others(r); err != nil {
		return Report{}, err
	}
	if err := l.peers(r); err != nil {
		return Report{}, err
	}
	return l.report(), nil
}

// A look is the making of one report.
type look struct {
	claim    fhir.Node
	facts    *facts.Claim
	decision *adjudication.Decision
	visit    visit.Visit
	signals  []Signal
}

// add notes a signal.
func (l *look) add(s sign, expression, text string) { l.addOf(s, expression, "", text) }

// addOf notes a signal whose text tells of another claim.
func (l *look) addOf(s sign, expression, short, text string) {
	if len(l.signals) < signalsMax {
		l.signals = append(l.signals, Signal{Code: s.code, Points: s.points, Expression: expression, Text: text, Short: short})
	}
}

// report sums the points.
func (l *look) report() Report {
	slices.SortStableFunc(l.signals, func(a, b Signal) int { return cmp.Compare(b.Points, a.Points) })
	sum := 0
	for _, s := range l.signals {
		sum += s.Points
	}
	return Report{Score: min(sum, scoreMax), Signals: l.signals}
}
