package claim

import (
	"context"
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/adjudication/signal"
	"bima/fhir"
	"bima/fhir/r4"
)

// reviewDays is how long a review may take where neither product nor scheme say.
const reviewDays = 14

// selected says what a claim waits for that a person is to see before its decision
// counts; "" lets the decision stand. A claim of which nothing would be paid waits
// for nobody, and one that was reviewed, or paid for before, is not picked again
// until it is changed.
func (d *decider) selected(tx fhir.Tx, p *pending, decision *adjudication.Decision) (string, error) {
	if open := p.review.Open; !open.IsZero() {
		return p.awaited(open), nil
	}
	rules, err := d.rulesOf(tx, p, decision)
	if err != nil || len(rules) == 0 || p.settled() {
		return "", err
	}
	if use := p.node.Get("use").Text(); use != "claim" && use != "preauthorization" {
		return "", nil
	}
	var reasons []selection.Reason
	claim := whatIsAsked(p, decision)
	claim.Now, claim.Resolve = tx.Now(), resolver(tx)
	for _, r := range rules {
		more, err := r.Select(&claim, &figures{decider: d, tx: tx, p: p, decision: decision})
		if err != nil {
			return "", err
		}
		for _, reason := range more {
			if !slices.ContainsFunc(reasons, func(have selection.Reason) bool { return have.Name == reason.Name }) {
				reasons = append(reasons, reason)
			}
		}
	}
	if len(reasons) == 0 {
		return "", nil
	}
	task, err := d.ask(tx, p, decision, reasons, rules)
	return p.awaited(task), err
}

// awaited is what the facility is told of a claim that a person sees: not why.
func (p *pending) awaited(task fhir.Key) string {
	return p.tongue.Say("The claim waits for the scheme's medical officer; %s says how far the review is.", task)
}

// settled reports whether somebody has said his word on a claim, or it was paid
// for: then it is not for the conditions any more.
func (p *pending) settled() bool {
	if !p.review.Done.IsZero() || p.trigger.Type == "Task" {
		return true
	}
	return p.renewed && p.trigger != p.key && granted(p.earlier).Value > 0
}

// rulesOf gives the conditions, as they are today, of the products under which
// something is granted.
func (d *decider) rulesOf(tx fhir.Tx, p *pending, decision *adjudication.Decision) ([]*selection.Rules, error) {
	var list []*selection.Rules
	last := -1 // most claims are of one policy
	for i := range decision.Lines {
		l := &decision.Lines[i]
		if l.Policy < 0 || l.Policy == last || l.Benefit() <= 0 && !l.Relative {
			continue
		}
		last = l.Policy
		rules, err := d.facts.ReviewRules(tx, p.gathered.Members[l.Policy].Plan, p.gathered.Case.Policies[l.Policy].Plan, p.sums)
		if err != nil {
			return nil, err
		}
		if rules != nil && !slices.Contains(list, rules) {
			list = append(list, rules)
		}
	}
	return list, nil
}

// reviewAccounts adds the accounts that tell in which version products have their
// conditions today.
func (p *pending) reviewAccounts(accounts []string) []string {
	for i, m := range p.gathered.Members {
		if account := facts.ReviewAccount(m.Plan); p.gathered.Case.Policies[i].Plan != nil && !m.Plan.IsZero() && !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	return accounts
}

// resolver gives what a claim refers to on this server.
func resolver(r fhir.Reader) func(string) (fhir.Node, bool) {
	return func(reference string) (fhir.Node, bool) {
		literal := fhir.ParseReference(reference, r4.IsResource)
		if !literal.Relative() {
			return fhir.Node{}, false
		}
		n, err := fhir.Tree(r, literal.Key)
		return n, err == nil && n.Exists()
	}
}

// whatIsAsked gives what conditions ask about a claim.
func whatIsAsked(p *pending, decision *adjudication.Decision) selection.Claim {
	c := &p.gathered.Case
	claim := selection.Claim{
		ID: p.key.ID, Node: p.node, Day: c.Treatment.From, Currency: c.Currency,
		Claimed: decision.Totals().Submitted, Diagnosis: facts.MainDiagnosis(p.node),
	}
	for i := range decision.Lines {
		if l := &decision.Lines[i]; l.Benefit() > 0 || l.Relative {
			claim.Services = append(claim.Services, serviceOf(&c.Lines[i], p.node, i))
		}
	}
	return claim
}

// serviceOf gives the codes by which a condition may name a line: its own, then
// the categories of the register.
func serviceOf(line *adjudication.Line, claim fhir.Node, i int) selection.Service {
	var s selection.Service
	at := 0
	for item := range claim.Get("item").Each() {
		if at == i {
			for c := range item.At("productOrService", "coding").Each() {
				s.Codes = append(s.Codes, selection.Code{System: c.Get("system").Text(), Code: c.Get("code").Text()})
			}
		}
		at++
	}
	if line.Tariff != nil {
		s.Risky = line.Tariff.Risky
		for _, c := range line.Tariff.Categories {
			s.Codes = append(s.Codes, selection.Code(c))
		}
	}
	return s
}

// ask makes the Task of a review, with what the rules alone would decide.
func (d *decider) ask(tx fhir.Tx, p *pending, decision *adjudication.Decision, reasons []selection.Reason, rules []*selection.Rules) (fhir.Key, error) {
	days := d.reviewDays
	if days == 0 {
		days = reviewDays
	}
	areas, err := facts.Areas(tx, p.gathered.Provider)
	if err != nil {
		return fhir.Key{}, err
	}
	proposal, err := draft(answer.ClaimResponse(answer.Claim{
		ID: "rules", Key: p.key, Node: p.node, Facts: p.gathered, Decision: *decision, Created: tx.Now(),
	}))
	if err != nil {
		return fhir.Key{}, err
	}
	zone := d.zone
	if zone == nil {
		zone = time.UTC
	}
	review := selection.Asked{
		Claim: p.key, Node: p.node, Facility: p.gathered.Provider, Areas: areas, Reasons: reasons,
		Rules: proposal, Now: tx.Now().In(zone), Days: days,
	}
	for _, r := range rules {
		review.Within(r.Terms, p.gathered.Case.Currency)
	}
	body, err := review.Task()
	if err != nil {
		return fhir.Key{}, err
	}
	task, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body})
	if err != nil {
		return fhir.Key{}, err
	}
	return task.Key, nil
}

// draft marks an answer as one that does not count yet.
func draft(body []byte) ([]byte, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	edit := fhir.NewEdit(doc)
	edit.Replace(doc.Root().Get("status"), []byte(`"draft"`))
	return edit.Bytes(), nil
}

// stampReviews notes changes of products, so that their review conditions hold from
// now on, also for policies sold before.
func stampReviews(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if err := facts.StampReview(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// figures reads what review conditions compare a claim with, each when it is asked
// for.
type figures struct {
	*decider
	tx       fhir.Tx
	p        *pending
	decision *adjudication.Decision
}

// yearDays is the year in which averages are taken.
const yearDays = 365

// Diagnosis reads the sums of a diagnosis that are kept for each day.
func (f *figures) Diagnosis(c selection.Code) (sum fhir.Amount, claims int64, err error) {
	today := f.today(f.tx)
	balances, err := f.tx.Tally(fhir.Tally{Accounts: []string{facts.DiagnosisAccount(c, f.p.gathered.Case.Currency)}, From: today - yearDays, To: today})
	for _, b := range balances {
		switch b.Bucket {
		case facts.BucketApproved:
			sum = fhir.Amount(b.Value)
		case facts.BucketClaims:
			claims = b.Value
		}
	}
	return sum, claims, err
}

// Begun tells when the facility's contract began.
func (f *figures) Begun() (int32, bool, error) {
	contract := f.p.gathered.Case.Facility.Contract
	if contract == nil || contract.From == adjudication.FirstDay {
		return 0, false, nil
	}
	return contract.From, true, nil
}

// Claims counts the facility's other claims, up to a limit.
func (f *figures) Claims(limit int) (int, error) {
	page, err := f.tx.Search(&fhir.Query{Types: []string{"Claim"}, Limit: limit + 1, Where: fhir.Match{
		Param: fhir.Param{Code: "provider", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: f.p.gathered.Provider},
	}})
	if err != nil {
		return 0, err
	}
	others := 0
	for _, resource := range page.Resources {
		if resource.Key != f.p.key {
			others++
		}
	}
	return others, nil
}

// Complaints counts the answers of patients against the facility.
func (f *figures) Complaints(months int) (int, error) {
	return facts.Complaints(f.tx, f.p.gathered.Provider, f.today(f.tx), months)
}

// Signals asks for the score of signals.
func (f *figures) Signals() (score int, why string, err error) {
	report, err := signal.Look(f.tx, f.p.node, f.p.gathered, f.decision)
	return report.Score, report.Why(), err
}

// Learned asks the model that is switched on.
func (f *figures) Learned() (score int, why string, known bool, err error) {
	opinion, err := f.models.Opinion(f.tx, f.p.node, f.p.gathered, f.decision)
	if opinion == nil || err != nil {
		return 0, "", false, err
	}
	return opinion.Score, opinion.Why(), true, nil
}
