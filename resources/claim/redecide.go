package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// jobRedecide is the kind of the jobs that decide anew what a transaction has
	// left to them.
	jobRedecide = "claim.redecide"
	// redecidePage is how many claims of a person are decided anew in one
	// transaction; more are a job's.
	redecidePage = 50
	// raceOver is how long after a change its claims are looked at once more: one
	// that was on its way to its decision then may have seen the cover before.
	raceOver = time.Minute
)

// covered decides claims anew where cover has changed for days on which care was
// given: what a payment, a retroactive enrolment or the end of a membership
// touches. What is granted less now is listed for the policy; see recovery.
func (d *decider) covered(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	today := d.today(tx)
	var all []touch
	for _, c := range changes {
		list, err := touches(tx, c, today)
		if err != nil {
			return err
		}
		for _, t := range list {
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	if err := d.redecide(tx, all); err != nil {
		return err
	}
	for i := range all {
		all[i].Again = true
	}
	return later(tx, all, tx.Now().Add(raceOver))
}

// redecide decides the claims of all touches anew, and lists what is to be
// recovered.
func (d *decider) redecide(tx fhir.Tx, all []touch) error {
	changed := recoveries{}
	for _, t := range all {
		if err := d.anew(tx, t, changed); err != nil {
			return err
		}
	}
	return changed.write(tx)
}

// later leaves touches to a job.
func later(tx fhir.Tx, all []touch, at time.Time) error {
	args, err := json.Marshal(touched{all})
	if err != nil {
		return err
	}
	return tx.Enqueue(fhir.Job{Kind: jobRedecide, Args: args, At: at})
}

// touched is the argument of a job.
type touched struct {
	Touches []touch `json:"touches"`
}

// goOn does the job of what was left.
func (d *decider) goOn(ctx context.Context, s fhir.Server, args []byte) error {
	var job touched
	if err := json.Unmarshal(args, &job); err != nil {
		return fmt.Errorf("the job %s does not say whose claims: %w", jobRedecide, err)
	}
	return s.Commit(fhir.WithCaller(ctx, fhir.System()), func(tx fhir.Tx) error { return d.redecide(tx, job.Touches) })
}

// inOrder is the order in which claims were made, so that who came first has what
// is left of a limit as he had it then.
var inOrder = []fhir.SortKey{{Param: fhir.Param{Code: "created", Kind: fhir.ParamDate}}, {Param: fhir.Param{Code: "_id", Kind: fhir.ParamToken}}}

// anew decides a page of a person's claims again, in the order they were made, and
// leaves the pages after it to a job.
func (d *decider) anew(tx fhir.Tx, t touch, changed recoveries) error {
	whose, err := claimsOf(tx, t.Person)
	if err != nil {
		return err
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: redecidePage, After: t.After, Sort: inOrder, Where: whose})
	if err != nil {
		return err
	}
	claims, err := d.concerned(tx, t, page.Resources)
	if err != nil {
		return err
	}
	if err := d.decide(tx, claims); err != nil {
		return err
	}
	for _, p := range claims {
		changed.note(t, p)
	}
	if t.After = page.Next; t.After == "" {
		return nil
	}
	return later(tx, []touch{t}, time.Time{})
}

// claimsOf finds the claims of a person: by his id, by that of a record that was merged
// into his, and by his numbers.
func claimsOf(r fhir.Reader, person fhir.Key) (fhir.Criterion, error) {
	n, err := fhir.Tree(r, person)
	if err != nil {
		return nil, err
	}
	where := fhir.Any{patientIs(person)}
	for link := range n.Get("link").Each() {
		if k := r4.Target(link.Get("other")); link.Get("type").Text() == "replaces" && k.Type == "Patient" {
			where = append(where, patientIs(k))
		}
	}
	for i := range n.Get("identifier").Each() {
		if value := i.Get("value").Text(); value != "" {
			where = append(where, fhir.Match{
				Param: fhir.Param{Code: "patient:identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: i.Get("system").Text(), Code: value},
			})
		}
	}
	return where, nil
}

func patientIs(person fhir.Key) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person}}
}

// concerned picks the claims that were decided, or wait, for care on the days.
func (d *decider) concerned(r fhir.Reader, t touch, found []*fhir.Resource) ([]*pending, error) {
	var list []*pending
	for _, resource := range found {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		served := servedOn(n)
		if n.Get("status").Text() != "active" || n.Get("use").Text() != "claim" || served.From > t.Days.To || served.To < t.Days.From {
			continue
		}
		earlier, err := fhir.Tree(r, responseKey(resource.Key))
		if err != nil {
			return nil, err
		}
		waits := earlier.Get("outcome").Text() == "queued"
		if earlier.Get("status").Text() != "active" || t.Waiting && !waits || t.Gained && !waits && !refuses(earlier) {
			continue
		}
		if t.Begins && t.Again && decidedUnder(earlier, t.Trigger) {
			continue // it came later, and is decided anew when somebody asks for it
		}
		list = append(list, &pending{key: resource.Key, node: n, renewed: true, earlier: earlier, trigger: t.Trigger})
	}
	return list, nil
}

// refuses reports whether a response grants nothing for a line, or has none.
func refuses(response fhir.Node) bool {
	lines := 0
	for item := range response.Get("item").Each() {
		lines++
		granted := false
		for a := range item.Get("adjudication").Each() {
			if value, err := fhir.ParseAmount(a.At("amount", "value").Text()); err == nil && value > 0 && a.Get("category").Code(systemAdjudication) == "benefit" {
				granted = true
			}
		}
		if !granted {
			return true
		}
	}
	return lines == 0
}

// decidedUnder reports whether a response was decided knowing a Coverage: lines are
// decided under it, and none was without cover.
func decidedUnder(response fhir.Node, coverage fhir.Key) bool {
	sequences := map[string]bool{}
	for n := range response.Get("insurance").Each() {
		if r4.Target(n.Get("coverage")) == coverage {
			sequences[n.Get("sequence").Text()] = true
		}
	}
	under := false
	for item := range response.Get("item").Each() {
		under = under || sequences[item.Extension(profiles.ExtensionInsuranceSequence).Get("valuePositiveInt").Text()]
		for a := range item.Get("adjudication").Each() {
			if a.Get("reason").Code(profiles.SystemAdjustmentReason) == string(adjudication.ReasonCoverage) {
				return false
			}
		}
	}
	return under
}

// servedOn gives the days of a claim's care, from the first to the last that it
// names anywhere; always where it names none.
func servedOn(n fhir.Node) adjudication.Period {
	days := none
	add := func(p adjudication.Period) {
		days = adjudication.Period{From: min(days.From, p.From), To: max(days.To, p.To)}
	}
	if p := n.Get("billablePeriod"); p.Exists() {
		add(periodOf(p))
	}
	for item := range n.Get("item").Each() {
		if p := item.Get("servicedPeriod"); p.Exists() {
			add(periodOf(p))
		}
		if date := item.Get("servicedDate").Text(); date != "" {
			if d, err := fhir.ParseDate(date); err == nil {
				add(adjudication.Period{From: adjudication.DayOf(d.First), To: adjudication.DayOf(d.First)})
			}
		}
	}
	if days == none {
		return adjudication.Always()
	}
	return days
}

// sameAnswer reports whether a response says what the one before it does, whoever
// made either.
func sameAnswer(earlier fhir.Node, body []byte) bool {
	doc, err := fhir.Parse(body)
	if err != nil || !earlier.Exists() {
		return false
	}
	return !slices.ContainsFunc(fhir.Differences(earlier, doc.Root()), func(name string) bool { return name != "extension" })
}

// sameButCeilings reports whether a response takes off each line what the one before it
// does, for the same reasons, but for which of several ceilings takes what: claims that
// came later use some of them up, and what they leave to this one comes to the same.
// told are the notes of the new one that are not of ceilings.
func sameButCeilings(earlier fhir.Node, body []byte, told []string) bool {
	doc, err := fhir.Parse(body)
	if err != nil || !earlier.Exists() {
		return false
	}
	for _, name := range fhir.Differences(earlier, doc.Root()) {
		if !slices.Contains([]string{"extension", "item", "total", "processNote"}, name) {
			return false
		}
	}
	for n := range earlier.Get("processNote").Each() {
		told = slices.DeleteFunc(told, func(text string) bool { return text == n.Get("text").Text() })
	}
	return len(told) == 0 && slices.Equal(linesOf(earlier), linesOf(doc.Root()))
}

// linesOf gives of each line what it is told by, with the sum of what ceilings take.
func linesOf(response fhir.Node) (lines []string) {
	for item := range response.Get("item").Each() {
		b := item.Get("itemSequence").Raw()
		b = append(slices.Clip(b), item.Get("extension").Raw()...)
		var ceilings fhir.Amount
		for a := range item.Get("adjudication").Each() {
			code := a.Get("category").Code(profiles.SystemAdjudication)
			amount, err := fhir.ParseAmount(a.At("amount", "value").Text())
			if err == nil && (code == "ceiling" || code == "category-ceiling") {
				ceilings += amount
				continue
			}
			b = append(b, a.Raw()...)
		}
		lines = append(lines, string(b)+ceilings.String())
	}
	return lines
}

// triggered notes in a response what made the server decide anew.
func triggered(body []byte, by fhir.Key) ([]byte, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	e := fhir.NewEdit(doc)
	e.SetExtension(doc.Root(), profiles.ExtensionDecisionTrigger, "valueReference", fmt.Appendf(nil, `{"reference":%q}`, by.String()))
	return e.Bytes(), nil
}

// granted gives what a response grants; nothing where it is not decided.
func granted(response fhir.Node) fhir.Money {
	for t := range response.Get("total").Each() {
		if t.Get("category").Code(systemAdjudication) == "benefit" && response.Get("outcome").Text() != "queued" {
			value, err := fhir.ParseAmount(t.At("amount", "value").Text())
			if err == nil {
				return fhir.Money{Value: value, Currency: t.At("amount", "currency").Text()}
			}
		}
	}
	return fhir.Money{}
}

// systemAdjudication is HL7's code system of the categories of adjudication.
const systemAdjudication = "http://terminology.hl7.org/CodeSystem/adjudication"
