package answer

import (
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// A Claim is what a ClaimResponse is made of.
type Claim struct {
	ID       string // of the ClaimResponse
	Key      fhir.Key
	Node     fhir.Node    // the Claim
	Facts    *facts.Claim // nil where they could not be gathered
	Decision adjudication.Decision
	Created  time.Time
	Waiting  string // what a queued claim waits for, a sentence
	Tongue   adjudication.Tongue
	// Holds are the days on which what a preauthorization agrees to may be given;
	// nil where it agrees to nothing.
	Holds *adjudication.Period
}

// ClaimResponse writes the answer to a claim: a decided one line by line, one
// that can't be decided with its errors, one that waits without lines.
func ClaimResponse(a Claim) []byte {
	w := &claimWriter{Claim: a}
	w.b = make([]byte, 0, 2048+1536*len(a.Decision.Lines))
	if a.Facts == nil {
		w.Facts = &facts.Claim{}
	}
	w.currency = w.Facts.Case.Currency
	for _, n := range a.Decision.Notes {
		w.notes = append(w.notes, adjudication.Note{Number: n.Number, Text: w.Tongue.Note(n)})
	}
	w.inspect()
	w.remark()
	w.insure()
	w.object("", w.response)
	return w.b
}

// A claimWriter writes one ClaimResponse.
type claimWriter struct {
	writer
	Claim
	currency string
	notes    []adjudication.Note
	tags     []string // of the CodeSystem data-quality
	insured  []insurance
}

// An insurance is one entry of ClaimResponse.insurance.
type insurance struct {
	sequence int
	focal    bool
	key      fhir.Key  // zero where the Coverage is not known
	coverage fhir.Node // the Reference of the Claim; absent for one it does not name
}

// remark notes a total of the Claim that its lines do not come to: only they are
// decided. With lines in several currencies there is no such sum.
func (w *claimWriter) remark() {
	total := w.Node.Get("total")
	told, err := fhir.ParseAmount(total.Get("value").Text())
	if err != nil || len(w.Decision.Lines) == 0 || total.Get("currency").Text() != w.currency {
		return
	}
	told = told.Round(fhir.MinorUnits(w.currency))
	mixed := slices.ContainsFunc(w.Decision.Lines, func(l adjudication.LineOutcome) bool { return l.Currency != "" })
	if asked := w.Decision.Totals().Submitted; asked != told && !mixed {
		w.note(w.Tongue.Say(sayTotal, adjudication.Money{Amount: told, Currency: w.currency}, adjudication.Money{Amount: asked}))
		w.tag("total-differs")
	}
}

func (w *claimWriter) response() {
	w.head()
	if len(w.Decision.Lines) > 0 {
		w.array("item", w.items)
		w.array("total", w.totals)
	}
	if len(w.Decision.Problems) > 0 {
		w.array("error", w.problems)
	}
	if len(w.notes) > 0 {
		w.array("processNote", w.processNotes)
	}
	if len(w.insured) > 0 {
		w.array("insurance", w.insurances)
	}
}

func (w *claimWriter) head() {
	claim := w.Node
	w.text("resourceType", "ClaimResponse")
	w.text("id", w.ID)
	w.tagged()
	w.array("identifier", func() {
		w.object("", func() {
			w.text("system", profiles.IdentifierClaimResponse)
			w.text("value", w.ID)
		})
	})
	w.text("status", "active")
	w.node("type", claim.Get("type"))
	w.node("subType", claim.Get("subType"))
	w.node("use", claim.Get("use"))
	w.party("patient", claim.Get("patient"), w.Facts.Patient)
	w.text("created", w.Created.UTC().Format(time.RFC3339))
	w.insurer()
	w.party("requestor", claim.Get("provider"), w.Facts.Provider)
	w.reference("request", w.Key.String())
	w.text("outcome", string(w.Decision.Outcome))
	if w.Decision.Outcome == adjudication.OutcomeQueued {
		w.text("disposition", w.Waiting)
		return
	}
	w.text("disposition", w.Decision.In(w.Tongue, w.currency))
	if w.Holds != nil {
		w.text("preAuthRef", w.ID)
		w.object("preAuthPeriod", func() {
			w.text("start", adjudication.WriteDay(w.Holds.From))
			w.text("end", adjudication.WriteDay(w.Holds.To))
		})
	}
}

// party names whom the Claim does, by its id where it is known: a client that
// knows only business identifiers, or sends along what it refers to, is answered
// so that the answer is found by patient and facility.
func (w *claimWriter) party(name string, ref fhir.Node, known fhir.Key) {
	text := ref.Get("reference").Text()
	if known.IsZero() || text != "" && text[0] != '#' {
		w.node(name, ref)
		return
	}
	w.object(name, func() {
		w.text("reference", known.String())
		for _, part := range []string{"type", "identifier", "display"} {
			w.node(part, ref.Get(part))
		}
	})
}

// insurer names who pays: the insurer of the Claim, else the payor of the
// membership. R4 demands one even where nobody is insured.
func (w *claimWriter) insurer() {
	if insurer := w.Node.Get("insurer"); insurer.Exists() {
		w.node("insurer", insurer)
		return
	}
	for _, m := range w.Facts.Members {
		if m.Payor.Get("reference").Exists() {
			w.node("insurer", m.Payor)
			return
		}
	}
	w.object("insurer", func() { w.text("display", "The scheme") })
}

func (w *claimWriter) totals() {
	t := w.Decision.Totals()
	each := []struct {
		category coding
		amount   fhir.Amount
		always   bool
	}{
		{categorySubmitted, t.Submitted, true},
		{categoryEligible, t.Eligible, true},
		{categoryDeductible, t.Deductible, false},
		{categoryCopay, t.Copay, false},
		{categoryCoinsurance, t.Coinsurance, false},
		{categoryBenefit, t.Benefit - t.Relative, true},
		{categoryLiability, t.MemberLiability, true},
	}
	for _, total := range each {
		if total.amount != 0 || total.always {
			w.stated(total.category, total.amount)
		}
	}
	for _, cut := range w.cuts() {
		w.object("", func() {
			w.concept("category", "", cut.codes...)
			w.money("amount", cut.amount, w.currency)
		})
	}
}

// A cut is what was taken off all lines under one category.
type cut struct {
	codes  []coding
	amount fhir.Amount
}

// cuts sums what was taken off the lines in the claim's currency, category by
// category, but for those that Totals sums. Submitted less all that is subtractive
// is what all lines pay.
func (w *claimWriter) cuts() (list []cut) {
	for i := range w.Decision.Lines {
		l := &w.Decision.Lines[i]
		if l.Currency != "" {
			continue
		}
		for _, a := range l.Adjustments {
			codes := adjustmentCodes(l, a)
			switch codes[0] {
			case categoryDeductible, categoryCopay, categoryCoinsurance:
				continue
			}
			at := slices.IndexFunc(list, func(c cut) bool { return c.codes[0] == codes[0] })
			if at < 0 {
				at, list = len(list), append(list, cut{codes: codes})
			}
			list[at].amount += a.Amount
		}
	}
	return list
}

// stated writes an amount under a category, as total and adjudication have it.
func (w *claimWriter) stated(category coding, amount fhir.Amount) {
	w.object("", func() {
		w.concept("category", "", category)
		w.money("amount", amount, w.currency)
	})
}

func (w *claimWriter) problems() {
	for _, p := range w.Decision.Problems {
		w.object("", func() {
			w.concept("code", w.Tongue.Problem(p), coding{systemIssueType, string(p.Kind)})
		})
	}
}

func (w *claimWriter) processNotes() {
	for _, n := range w.notes {
		w.object("", func() {
			w.number("number", n.Number)
			w.text("type", "display")
			w.text("text", n.Text)
		})
	}
}

// insure lists the Coverages the Claim names, and those beyond that a line was
// decided under.
func (w *claimWriter) insure() {
	last := 0
	i := 0
	for n := range w.Node.Get("insurance").Each() {
		one := insurance{sequence: positive(n.Get("sequence"), i+1), focal: n.Get("focal").Text() == "true", coverage: n.Get("coverage")}
		if i < len(w.Facts.Named) {
			one.key = w.Facts.Named[i]
		}
		last = max(last, one.sequence)
		w.insured = append(w.insured, one)
		i++
	}
	pays := func(p int) {
		if p < 0 || w.sequence(p) > 0 {
			return
		}
		last++
		w.insured = append(w.insured, insurance{sequence: last, focal: len(w.insured) == 0, key: w.Facts.Members[p].Key})
	}
	for l := range w.Decision.Lines {
		pays(w.Decision.Lines[l].Policy)
		for _, part := range w.Decision.Lines[l].Paid {
			pays(part.Policy)
		}
	}
}

// positive reads a positiveInt.
func positive(n fhir.Node, otherwise int) int {
	value, err := fhir.ParseAmount(n.Text())
	if err != nil || value <= 0 || value != value.Round(0) {
		return otherwise
	}
	return int(value / fhir.Units(1))
}

// sequence gives where in insurance the Coverage of a policy is, 0 if nowhere.
func (w *claimWriter) sequence(policy int) int {
	for _, i := range w.insured {
		if i.key == w.Facts.Members[policy].Key {
			return i.sequence
		}
	}
	return 0
}

func (w *claimWriter) insurances() {
	for _, i := range w.insured {
		w.object("", func() {
			w.number("sequence", i.sequence)
			w.flag("focal", i.focal)
			if i.coverage.Exists() {
				w.node("coverage", i.coverage)
				return
			}
			w.reference("coverage", i.key.String())
		})
	}
}
