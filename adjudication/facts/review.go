package facts

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// reviewsPage is how many review Tasks of one claim are read at a time. All are:
// words that are not read do not count.
const reviewsPage = 50

// A Review is what became of a claim's medical review.
type Review struct {
	Open     fhir.Key // the Task that waits for a person; zero where none does
	Done     fhir.Key // the latest completed Task, whose words count; zero where none is
	Bypassed bool     // that one was completed without a word: the rules decide alone
}

// openStates are the states of a Task that a person has still to end. Source: R4
// valueset-task-status.
var openStates = []string{"draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"}

// Review reads the review Tasks of a claim that is decided anew, and puts the
// words of the latest completed one on the lines of g: later reviews supersede
// earlier ones. It fails with an *Undecidable where the words can't be followed.
func (f *Facts) Review(r fhir.Reader, claim fhir.Key, g *Claim) (Review, error) {
	var found Review
	var latest stored
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: reviewsPage, After: after, Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "focus", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: claim}},
			fhir.Any{taskOf("medical-review"), taskOf("appeal")},
		}})
		if err != nil {
			return Review{}, err
		}
		for _, resource := range page.Resources {
			n, err := parse(resource)
			if err != nil {
				return Review{}, err
			}
			switch status := n.Get("status").Text(); {
			case n.Get("code").Code(profiles.SystemTask) == "appeal" && !grants(n): // what was decided stands
			case slices.Contains(openStates, status):
				found.Open = resource.Key
			case codesOf(n.Get("businessStatus"), "superseded"): // the claim was another one then
			case status == "completed" && (latest.Resource == nil || laterReview(stored{resource, n}, latest)):
				latest = stored{resource, n}
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if latest.Resource == nil {
		return found, nil
	}
	found.Done = latest.Key
	found.Bypassed = codesOf(latest.node.Get("businessStatus"), "bypassed")
	if found.Bypassed {
		return found, nil
	}
	if issues := follow(latest.node, &g.Case); len(issues) > 0 {
		return found, &Undecidable{Key: latest.Key, Issues: issues}
	}
	return found, nil
}

func taskOf(code string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: code}}
}

// grants reports whether an appeal was granted with words on lines, which then
// supersede those of the reviews before it.
func grants(appeal fhir.Node) bool {
	return appeal.Get("status").Text() == "completed" && codesOf(appeal.Get("businessStatus"), "granted") && appeal.Get("output").Exists()
}

// laterReview reports whether a review was asked for after another, and of two
// asked for together whether it was ended later.
func laterReview(a, b stored) bool {
	one, err := fhir.ParseDateTime(a.node.Get("authoredOn").Text())
	other, wrong := fhir.ParseDateTime(b.node.Get("authoredOn").Text())
	if err == nil && wrong == nil && !one.First.Equal(other.First) {
		return one.First.After(other.First)
	}
	return a.Updated.After(b.Updated)
}

// codesOf reports whether a CodeableConcept has a code, whatever its system.
func codesOf(concept fhir.Node, code string) bool {
	return slices.ContainsFunc(terms.Codings(concept), func(c adjudication.Code) bool { return c.Code == code })
}

// follow reads the draft ClaimResponse that a review's output refers to. Source:
// sketch 7.
func follow(task fhir.Node, c *adjudication.Case) []fhir.Issue {
	var issues []fhir.Issue
	for output := range task.Get("output").Each() {
		ref := output.At("valueReference", "reference").Text()
		for i, contained := range terms.Indexed(task.Get("contained")) {
			if contained.Get("resourceType").Text() != "ClaimResponse" || ref != "#"+contained.Get("id").Text() {
				continue
			}
			w := words{c: c, at: fmt.Sprintf("Task.contained[%d]", i), notes: notesOf(contained)}
			for j, item := range terms.Indexed(contained.Get("item")) {
				w.item(item, fmt.Sprintf("%s.item[%d]", w.at, j))
			}
			issues = append(issues, w.issues...)
		}
	}
	return issues
}

// notesOf gives the texts of processNote by their numbers.
func notesOf(response fhir.Node) map[string]string {
	notes := map[string]string{}
	for n := range response.Get("processNote").Each() {
		notes[n.Get("number").Text()] = n.Get("text").Text()
	}
	return notes
}

// words are what a reviewer said of the lines of a claim.
type words struct {
	c      *adjudication.Case
	at     string
	notes  map[string]string
	issues []fhir.Issue
}

func (w *words) wrong(at, format string, args ...any) {
	w.issues = append(w.issues, fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Expression: at, Diagnostics: fmt.Sprintf(format, args...),
	})
}

// item reads what was said of one line.
func (w *words) item(item fhir.Node, at string) {
	number := item.Get("itemSequence").Text()
	i := slices.IndexFunc(w.c.Lines, func(l adjudication.Line) bool { return fmt.Sprint(l.Sequence) == number })
	if i < 0 {
		return // the line is no longer in the claim
	}
	l := &w.c.Lines[i]
	review := &adjudication.Review{}
	for j, a := range terms.Indexed(item.Get("adjudication")) {
		w.said(review, l, a, fmt.Sprintf("%s.adjudication[%d]", at, j))
	}
	for n := range item.Get("noteNumber").Each() {
		if text := w.notes[n.Text()]; text != "" {
			if review.Note != "" {
				review.Note += " "
			}
			review.Note += text
		}
	}
	l.Review = review
}

// said reads one adjudication of a draft: a line denied, a quantity or a unit
// price approved. What else a draft tells of a line is no order.
func (w *words) said(review *adjudication.Review, l *adjudication.Line, a fhir.Node, at string) {
	switch code := terms.CodeOf(a.Get("category"), profiles.SystemAdjudication); code {
	case "denied":
		review.Rejected = true
	case "approved-quantity":
		quantity, ok := terms.Amount(a.Get("value"))
		if !ok || quantity < 0 {
			w.wrong(at+".value", "an approved quantity is 0 or more, with at most four decimals")
			return
		}
		review.Quantity = &quantity
	case "approved-price":
		price, ok := terms.Amount(a.At("amount", "value"))
		currency := l.Currency
		if currency == "" {
			currency = w.c.Currency
		}
		if told := a.At("amount", "currency").Text(); !ok || price < 0 || told != "" && currency != "" && told != currency {
			w.wrong(at+".amount", "an approved unit price is 0 or more, with at most four decimals, in the line's currency %s", currency)
			return
		}
		review.Price = &price
	default:
		return
	}
	if reason, ok := adjudication.ReasonOf(terms.CodeOf(a.Get("reason"), profiles.SystemAdjustmentReason)); ok {
		review.Reason = reason
	}
}
