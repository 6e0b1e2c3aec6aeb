package claim

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/r4"
)

const (
	// jobExplain is the kind of the jobs that tell members of decisions.
	jobExplain = "claim.explain"
	// explainAfter is how long a decision waits to be told with those around it, so
	// that submitting a claim is not slowed down by it.
	explainAfter = 2 * time.Second
	// explainSlack is how long after that the job begins.
	explainSlack = 500 * time.Millisecond
	// explainLate is when what a job may have missed is looked at once more: a
	// decision whose transaction was still under way.
	explainLate = time.Minute
	// explainPage is how many decisions are told in one transaction.
	explainPage = 50
)

// A waker has a job that tells members of decisions queued for each short span of
// time in which some are made. What it remembers is of this process, and lost with
// it: then a job is queued that another process has queued already, which is none.
type waker struct {
	mu     sync.Mutex
	queued time.Time // the span a job was queued for last, maybe by a transaction that failed
	sure   time.Time // the one that has its job, for the transaction was committed
}

// due gives the span of a time, and reports whether its job must be queued.
func (w *waker) due(now time.Time) (span time.Time, due bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if span = now.Truncate(explainAfter); span.Equal(w.sure) {
		return span, false
	}
	w.queued = span
	return span, true
}

// committed is the Notice of a decision. A job that was thought to be queued and is
// not, since its transaction failed, is made up for by that of the day.
func (w *waker) committed(context.Context, []fhir.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sure = w.queued
}

// wake has members told of a decision soon: when its span is over, and those who
// were deciding in it have had the time to commit.
func (w *waker) wake(tx fhir.Tx) error {
	span, due := w.due(tx.Now())
	if !due {
		return nil
	}
	return enqueueExplain(tx, span.Format(time.RFC3339), span.Add(-explainAfter), span.Add(explainAfter+explainSlack))
}

// An explainJob says since when decisions are to be told.
type explainJob struct {
	Since time.Time `json:"since"`
}

func enqueueExplain(tx fhir.Tx, name string, since, at time.Time) error {
	args, err := json.Marshal(explainJob{since})
	if err != nil {
		return err
	}
	return tx.Enqueue(fhir.Job{Kind: jobExplain, Args: args, Unique: name, At: at})
}

// explain does a job: the ExplanationOfBenefit of each decision made since is
// brought up to date. Done twice it changes nothing.
func (d *decider) explain(ctx context.Context, s fhir.Server, args []byte) error {
	var job explainJob
	if err := json.Unmarshal(args, &job); err != nil {
		return fmt.Errorf("the job %s does not say since when: %w", jobExplain, err)
	}
	ctx = fhir.WithCaller(ctx, fhir.System())
	told, err := d.explainSince(ctx, s, job.Since)
	if err != nil || told == 0 {
		return err
	}
	return s.Commit(ctx, func(tx fhir.Tx) error {
		return enqueueExplain(tx, "late", tx.Now().Add(-explainLate), tx.Now().Add(explainLate))
	})
}

// explainDay tells of what was decided since the day before: no decision stays
// untold, whatever happened to its job.
func (d *decider) explainDay(ctx context.Context, s fhir.Server, day time.Time) error {
	_, err := d.explainSince(ctx, s, day.AddDate(0, 0, -1))
	return err
}

// explainSince tells of the decisions made since a time, and gives how many of
// them were not told yet.
func (d *decider) explainSince(ctx context.Context, s fhir.Server, since time.Time) (told int, err error) {
	query := &fhir.Query{
		Types: []string{"ClaimResponse"}, Limit: explainPage,
		Where: fhir.Updated{Prefix: fhir.PrefixGreaterEqual, From: since.UnixMicro(), To: since.UnixMicro()},
		Sort:  []fhir.SortKey{{Param: fhir.Param{Code: "_lastUpdated", Kind: fhir.ParamDate}}},
	}
	for {
		var page *fhir.Page
		if err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(query)
			return err
		}); err != nil {
			return told, err
		}
		var keys []fhir.Key
		for _, r := range page.Resources {
			keys = append(keys, r.Key)
		}
		var left map[fhir.Key]balance
		if err := s.View(ctx, func(r fhir.Reader) (err error) {
			left, err = d.balances(r, keys)
			return err
		}); err != nil {
			return told, err
		}
		changed := 0
		if err := s.Commit(ctx, func(tx fhir.Tx) (err error) {
			changed, err = explainAll(tx, keys, left)
			return err
		}); err != nil {
			return told, err
		}
		told += changed
		if query.After = page.Next; query.After == "" {
			return told, nil
		}
	}
}

// explainAll tells of some decisions as they are now.
func explainAll(tx fhir.Tx, decisions []fhir.Key, left map[fhir.Key]balance) (told int, err error) {
	found, err := toldOf(tx, decisions)
	if err != nil {
		return 0, err
	}
	for _, k := range decisions {
		body, err := explanationOf(tx, k, found, left[k])
		if err != nil {
			return told, err
		}
		if body == nil {
			continue
		}
		before := found[explanationKey(k)].At("meta", "versionId").Text()
		stored, err := tx.Update(&fhir.Resource{Key: explanationKey(k), Body: body}, 0)
		if err != nil {
			return told, err
		}
		if fmt.Sprint(stored.Version) != before {
			told++
		}
	}
	return told, nil
}

// toldOf reads decisions, their Claims, and what was told of them.
func toldOf(r fhir.Reader, decisions []fhir.Key) (map[fhir.Key]fhir.Node, error) {
	var keys []fhir.Key
	for _, k := range decisions {
		keys = append(keys, k, fhir.Key{Type: "Claim", ID: k.ID}, explanationKey(k))
	}
	return trees(r, keys)
}

// explanationKey gives the ExplanationOfBenefit of a decision: it bears the same
// id.
func explanationKey(decision fhir.Key) fhir.Key {
	return fhir.Key{Type: "ExplanationOfBenefit", ID: decision.ID}
}

// explanationOf writes the ExplanationOfBenefit of a decision; nil where there is
// nothing to tell. What was told and is not so any more is cancelled.
func explanationOf(r fhir.Reader, decision fhir.Key, found map[fhir.Key]fhir.Node, left balance) ([]byte, error) {
	claim := fhir.Key{Type: "Claim", ID: decision.ID}
	request, response, there := found[claim], found[decision], found[explanationKey(decision)]
	switch {
	case !response.Exists():
		return nil, nil
	case !request.Exists() || !answer.Explains(response):
		if !there.Exists() {
			return nil, nil
		}
		e := fhir.NewEdit(there.Document())
		e.Set(there, "status", []byte(`"cancelled"`))
		return e.Bytes(), nil
	}
	var covered fhir.Node
	for i := range response.Get("insurance").Each() {
		if i.Get("focal").Text() == "true" {
			membership, err := coverage(r, i.Get("coverage"))
			if err != nil {
				return nil, err
			}
			covered = membership.Get("period")
		}
	}
	told := answer.Explanation{ID: decision.ID, Claim: claim, Request: request, Response: response, Covered: covered}
	switch made := response.Get("created").Text(); made {
	case there.Get("created").Text():
		told.Balance = there.Get("benefitBalance")
	case left.made:
		told.Balances = left.left
	}
	return answer.ExplanationOfBenefit(told), nil
}

// coverage gives the membership that a Reference names by its id.
func coverage(r fhir.Reader, ref fhir.Node) (fhir.Node, error) {
	k := r4.Target(ref)
	if k.Type != "Coverage" {
		return fhir.Node{}, nil
	}
	return fhir.Tree(r, k)
}

// A balance is what a member has left after a decision.
type balance struct {
	made string // when the decision was made, by ClaimResponse.created
	left []answer.Balance
}

// balances finds out what is left to the members of the limits of their policies, for
// the decisions that they were not told of yet. What they were told stays as it was:
// later claims tell of what they leave.
func (d *decider) balances(r fhir.Reader, decisions []fhir.Key) (map[fhir.Key]balance, error) {
	found, err := toldOf(r, decisions)
	if err != nil {
		return nil, err
	}
	left := map[fhir.Key]balance{}
	for _, k := range decisions {
		request, response := found[fhir.Key{Type: "Claim", ID: k.ID}], found[k]
		made := response.Get("created").Text()
		if !request.Exists() || !response.Exists() || !answer.Explains(response) || made == found[explanationKey(k)].Get("created").Text() {
			continue
		}
		balances, err := d.balanceOf(r, request, response)
		if err != nil {
			return nil, err
		}
		left[k] = balance{made, balances}
	}
	return left, nil
}

// balanceOf gives what is left of each policy that a decision names; nothing where a
// plan can't be decided by.
func (d *decider) balanceOf(r fhir.Reader, request, response fhir.Node) ([]answer.Balance, error) {
	g, err := d.facts.Standing(r, request)
	var broken *facts.Undecidable
	if errors.As(err, &broken) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var named []fhir.Key
	for i := range response.Get("insurance").Each() {
		named = append(named, r4.Target(i.Get("coverage")))
	}
	var list []answer.Balance
	for i, m := range g.Members {
		if plan := g.Case.Policies[i].Plan; plan != nil && slices.Contains(named, m.Key) {
			s := adjudication.Stand(&g.Case, i)
			list = append(list, answer.Balance{Plan: plan.Name, Currency: cmp.Or(plan.Currency, g.Case.Currency), Left: s.Left})
		}
	}
	return list, nil
}
