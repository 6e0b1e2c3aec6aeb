package answer

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// An Explanation is what an ExplanationOfBenefit is made of: the Claim and its
// ClaimResponse as they are stored.
type Explanation struct {
	ID       string
	Claim    fhir.Key
	Request  fhir.Node // the Claim
	Response fhir.Node // the ClaimResponse
	Covered  fhir.Node // the period of the membership that is asked to pay; may be absent
	Balances []Balance // what is left of the limits of the memberships that are asked to pay
	// Balance is an ExplanationOfBenefit.benefitBalance that is told as it stands,
	// instead of Balances; may be absent.
	Balance fhir.Node
}

// A Balance is what a member has left of the limits of a plan.
type Balance struct {
	Plan     string // its name, "District Health Plan"
	Currency string // of its money
	Left     []adjudication.LeftOf
}

// Explains reports whether there is something to tell a member: a decision, or the
// wait for one, under a membership. R4 has no ExplanationOfBenefit without a
// Coverage.
func Explains(response fhir.Node) bool {
	if response.Get("outcome").Text() == "error" {
		return false
	}
	for i := range response.Get("insurance").Each() {
		if named(i.Get("coverage")) {
			return true
		}
	}
	return false
}

// named reports whether a Reference names something.
func named(ref fhir.Node) bool {
	return ref.Get("reference").Exists() || ref.At("identifier", "value").Exists()
}

// ExplanationOfBenefit writes the decision as the member is told it. It says what
// the ClaimResponse says, line by line, and what each line was for.
func ExplanationOfBenefit(e Explanation) []byte {
	w := &explainer{Explanation: e}
	w.b = make([]byte, 0, len(e.Response.Raw())+len(e.Request.Raw()))
	w.object("", w.explanation)
	return w.b
}

type explainer struct {
	writer
	Explanation
}

func (w *explainer) explanation() {
	w.head()
	w.array("insurance", w.insurances)
	w.array("item", w.items)
	for _, name := range []string{"total", "payment"} {
		w.node(name, w.Response.Get(name))
	}
	w.node("processNote", w.Response.Get("processNote"))
	w.node("benefitPeriod", w.Covered)
	switch {
	case w.Balance.Exists():
		w.node("benefitBalance", w.Balance)
	case slices.ContainsFunc(w.Balances, func(b Balance) bool { return len(b.Left) > 0 }):
		w.array("benefitBalance", w.balances)
	}
}

// balances tells what is left of each limit after the claim: what it allows, and what is
// used of it.
func (w *explainer) balances() {
	for _, b := range w.Balances {
		for i := range b.Left {
			l := &b.Left[i]
			w.object("", func() {
				limitedOn(&w.writer, l)
				w.text("name", b.Plan)
				w.text("description", settingText(l.Limit.When.Setting))
				unitAndTerm(&w.writer, l.Limit)
				w.array("financial", func() { w.financial(b, l) })
			})
		}
	}
}

func (w *explainer) financial(b Balance, l *adjudication.LeftOf) {
	w.object("", func() {
		w.concept("type", "", limitType(l))
		if !l.Money() {
			// R4 has whole numbers here only: what is begun is used, and less than one
			// more is none.
			one := fhir.Units(1)
			w.number("allowedUnsignedInt", int(l.Allowed/one))
			w.number("usedUnsignedInt", int((l.Used+one-1)/one))
			return
		}
		w.money("allowedMoney", l.Allowed, b.Currency)
		w.money("usedMoney", l.Used, b.Currency)
	})
}

func (w *explainer) head() {
	claim, response := w.Request, w.Response
	w.text("resourceType", "ExplanationOfBenefit")
	w.text("id", w.ID)
	w.array("identifier", func() {
		w.object("", func() {
			w.text("system", profiles.IdentifierExplanation)
			w.text("value", w.ID)
		})
	})
	w.node("status", response.Get("status"))
	for _, name := range []string{"type", "subType", "use", "patient"} {
		w.node(name, response.Get(name))
	}
	w.node("billablePeriod", claim.Get("billablePeriod"))
	w.node("created", response.Get("created"))
	w.node("insurer", response.Get("insurer"))
	for _, name := range []string{"provider", "facility"} {
		w.node(name, claim.Get(name))
	}
	w.reference("claim", w.Claim.String())
	w.reference("claimResponse", "ClaimResponse/"+response.Get("id").Text())
	w.node("outcome", response.Get("outcome"))
	w.node("disposition", response.Get("disposition"))
	if ref := response.Get("preAuthRef"); ref.Exists() {
		w.array("preAuthRef", func() { w.node("", ref) })
	}
}

func (w *explainer) insurances() {
	for i := range w.Response.Get("insurance").Each() {
		if !named(i.Get("coverage")) {
			continue
		}
		w.object("", func() {
			w.node("focal", i.Get("focal"))
			w.node("coverage", i.Get("coverage"))
		})
	}
}

// items tells of each line of the claim what it was for, and what became of it.
func (w *explainer) items() {
	decided := map[string]fhir.Node{}
	for item := range w.Response.Get("item").Each() {
		decided[item.Get("itemSequence").Text()] = item
	}
	for item := range w.Request.Get("item").Each() {
		outcome := decided[item.Get("sequence").Text()]
		w.object("", func() {
			for _, name := range []string{"sequence", "category", "productOrService", "modifier", "servicedDate", "servicedPeriod", "quantity", "unitPrice", "factor", "net"} {
				w.node(name, item.Get(name))
			}
			w.node("noteNumber", outcome.Get("noteNumber"))
			w.node("adjudication", outcome.Get("adjudication"))
		})
	}
}
