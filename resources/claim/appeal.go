package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// codeAppeal is the code of the Tasks of appeals.
	codeAppeal = "appeal"
	// The outcomes of an appeal.
	appealUpheld, appealGranted, appealOverdue = "upheld", "granted", "overdue"
	// codeSecond is the code of the Tasks of second opinions.
	codeSecond = "second-opinion"
	// tasksPage is how many Tasks of one claim are read at a time.
	tasksPage = 100
)

// Appeals are how a scheme hears those who think a decision wrong.
type Appeals struct {
	Levels int // how often one may appeal against one claim's decision; 0 is 2, below 0 never
	Within int // days from a decision, or the answer to an appeal, to appeal against it; 0 is 30
	Answer int // days the scheme has to answer; 0 is 30
}

func (a Appeals) levels() int { return or(a.Levels, 2) }
func (a Appeals) within() int { return or(a.Within, 30) }
func (a Appeals) answer() int { return or(a.Answer, 30) }

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// appeal is Claim/[id]/$appeal: it opens the Task that the Rule on appeals asks
// for.
func (f *desk) appeal(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, err := parametersIn(in)
	if err != nil {
		return nil, err
	}
	if asked.why() == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "say in the parameter reason what is wrong with the decision")
	}
	var task *fhir.Resource
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		n, err := stored(tx, on)
		if err != nil {
			return err
		}
		history, err := tasksOf(tx, on, fhir.Key{})
		if err != nil {
			return err
		}
		if err := pointsAt(n, asked); err != nil {
			return err
		}
		body, err := json.Marshal(f.appealTask(tx, on, n, asked, 1+history.appeals))
		if err != nil {
			return err
		}
		task, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Status: 201, Resource: task, Location: task.Key}, nil
}

type (
	appealJSON struct {
		orderJSON
		Extension   []levelJSON     `json:"extension"`
		Restriction restrictionJSON `json:"restriction"`
		Input       []pointJSON     `json:"input,omitempty"`
	}
	levelJSON struct {
		URL              string `json:"url"`
		ValuePositiveInt int    `json:"valuePositiveInt"`
	}
	restrictionJSON struct {
		Period struct {
			End string `json:"end"`
		} `json:"period"`
	}
	pointJSON struct {
		Type             concept         `json:"type"`
		ValuePositiveInt json.RawMessage `json:"valuePositiveInt,omitempty"`
		ValueReference   json.RawMessage `json:"valueReference,omitempty"`
	}
)

// appealTask makes the Task of an appeal.
func (f *desk) appealTask(tx fhir.Tx, on fhir.Key, n fhir.Node, asked request, level int) appealJSON {
	t := appealJSON{
		orderJSON: orderJSON{
			ResourceType: "Task", Status: "requested", Intent: "order",
			Code:        concept{Coding: []coding{{profiles.SystemTask, codeAppeal}}},
			Description: asked.why(), Focus: referenceJSON{on.String()}, For: n.Get("patient").Raw(),
			AuthoredOn: tx.Now().UTC().Format(selection.Moment), Requester: requester(tx),
		},
		Extension: []levelJSON{{profiles.ExtensionAppealLevel, level}},
	}
	t.Restriction.Period.End = tx.Now().In(f.zone).AddDate(0, 0, f.appeals.answer()).Format(time.DateOnly)
	t.Input = asked.points()
	return t
}

// tasks are what the Tasks of a claim tell an appeal.
type tasks struct {
	appeals  int        // answered
	open     fhir.Key   // an appeal that is not; zero where there is none
	deciders []fhir.Key // who decided before: the owners of reviews and appeals that are done
	latest   time.Time  // when the last appeal was answered
}

// tasksOf reads the reviews and appeals of a claim, but for one.
func tasksOf(r fhir.Reader, claim, except fhir.Key) (tasks, error) {
	var found tasks
	var codes fhir.Any
	for _, code := range []string{codeAppeal, selection.Review, codeSecond} {
		codes = append(codes, fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: code}})
	}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: tasksPage, After: after, Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "focus", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: claim}}, codes,
		}})
		if err != nil {
			return found, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return found, err
			}
			if resource.Key != except {
				found.add(resource, doc.Root())
			}
		}
		if after = page.Next; after == "" {
			return found, nil
		}
	}
}

func (t *tasks) add(resource *fhir.Resource, n fhir.Node) {
	code, status := n.Get("code").Code(profiles.SystemTask), n.Get("status").Text()
	switch {
	case code == codeAppeal && status == "completed":
		t.appeals++
		if resource.Updated.After(t.latest) {
			t.latest = resource.Updated
		}
	case code == codeAppeal && slices.Contains(openTask, status):
		t.open = resource.Key
	}
	if owner := r4.Target(n.Get("owner")); status == "completed" && !owner.IsZero() {
		t.deciders = append(t.deciders, owner)
	}
}

// openTask are the states of a Task that somebody has still to end.
var openTask = []string{"draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"}

func isAppeal(task fhir.Node) bool { return task.Get("code").Code(profiles.SystemTask) == codeAppeal }

func levelOf(task fhir.Node) string {
	return task.Extension(profiles.ExtensionAppealLevel).Get("valuePositiveInt").Text()
}

// hear is the Rule on the Tasks of appeals: who may appeal, how often and until
// when, and who may answer. An appeal stays about what it is about, and what has
// ended stays.
func (d *decider) hear(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	before, err := treeBefore(c)
	if err != nil || !isAppeal(before) && !isAppeal(c.Node) {
		return err
	}
	refuse := func(at, format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, at, format, args...)
	}
	claim := r4.Target(c.Node.Get("focus"))
	switch {
	case c.After == nil:
		return refuse("Task", "an appeal is kept; who takes it back cancels it")
	case claim.Type != "Claim":
		return refuse("Task.focus", "an appeal is about a Claim of this server")
	case !before.Exists() && !slices.Contains(openTask, c.Node.Get("status").Text()):
		return refuse("Task.status", "an appeal begins as requested; who answers it completes it")
	case before.Exists() && !slices.Contains(openTask, before.Get("status").Text()):
		return refuse("Task.status", "the appeal has ended; %s/$appeal opens another one", claim)
	case before.Exists() && (!isAppeal(before) || !isAppeal(c.Node)):
		return refuse("Task.code", "an appeal is a Task of its own, from beginning to end; %s/$appeal opens one", claim)
	case before.Exists() && (r4.Target(before.Get("focus")) != claim || levelOf(before) != levelOf(c.Node)):
		return refuse("Task.focus", "what the appeal is about, and its level, stay as they are")
	}
	if !before.Exists() {
		hidden, err := fhir.IsHidden(r, claim)
		if err != nil {
			return err
		}
		if hidden {
			return refuse("Task.focus", noDecision, claim)
		}
	}
	history, err := tasksOf(r, claim, c.Key)
	if err != nil {
		return err
	}
	if !before.Exists() {
		return d.opens(r, c, claim, history)
	}
	return d.answers(ctx, r, c, history, r4.Target(before.Get("owner")))
}

// opens refuses an appeal that comes too late, too often, or about nothing.
func (d *decider) opens(r fhir.Reader, c fhir.Change, claim fhir.Key, history tasks) error {
	refuse := func(at, format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, at, format, args...)
	}
	response, err := r.Read(responseKey(claim))
	if err != nil || response.Deleted {
		return refuse("Task.focus", noDecision, claim)
	}
	doc, err := fhir.Parse(response.Body)
	if err != nil {
		return err
	}
	n := doc.Root()
	if outcome := n.Get("outcome").Text(); n.Get("status").Text() != "active" || outcome == "queued" || outcome == "error" {
		return refuse("Task.focus", noDecision, claim)
	}
	if !history.open.IsZero() {
		return refuse("Task.focus", "an appeal about %s is under way: %s", claim, history.open)
	}
	level := 1 + history.appeals
	if level > d.appeals.levels() {
		return refuse("Task.focus", "the decision on %s is final: the scheme hears %d appeals", claim, max(d.appeals.levels(), 0))
	}
	if told := levelOf(c.Node); told != fmt.Sprint(level) {
		return refuse("Task.extension", "this is the appeal of level %d", level)
	}
	since := history.latest
	if awaitsSecond(c.Node) || c.Node.Get("output").Exists() {
		return refuse("Task.output", "an appeal begins without an answer; who answers it says his words then")
	}
	if since.IsZero() {
		since = decidedAt(response, n)
	}
	if last := since.In(d.in()).AddDate(0, 0, d.appeals.within()); day(c.After.Updated.In(d.in())) > day(last) {
		return refuse("Task.focus", "one could appeal until %s, %d days after the decision", last.Format(time.DateOnly), d.appeals.within())
	}
	return nil
}

// decidedAt gives when a decision was made.
func decidedAt(response *fhir.Resource, n fhir.Node) time.Time {
	if at, err := time.Parse(time.RFC3339, n.Get("created").Text()); err == nil {
		return at
	}
	return response.Updated
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// answers refuses that who decided before answers an appeal, or who works for the
// facility, or nobody does.
func (d *decider) answers(ctx context.Context, r fhir.Reader, c fhir.Change, history tasks, was fhir.Key) error {
	refuse := func(at, format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, at, format, args...)
	}
	who, _ := fhir.CallerOf(ctx)
	owner, completed := r4.Target(c.Node.Get("owner")), c.Node.Get("status").Text() == "completed"
	answering := completed || awaitsSecond(c.Node)
	switch {
	case answering && !who.Has(fhir.RoleReviewer):
		return fhir.Errorf(fhir.IssueForbidden, "", "%s may not answer appeals; that is for the role %s", who.Name, fhir.RoleReviewer)
	case answering && owner.IsZero():
		return refuse("Task.owner", "say who answers the appeal")
	case !answering && owner == was:
		return nil
	}
	if answering && !who.Entity.IsZero() && !who.Has(fhir.RoleAdministrator) {
		own, err := samePerson(r, owner, who.Entity)
		if err != nil {
			return err
		}
		if !own {
			return fhir.Detailf(fhir.IssueForbidden, detailClaim, "Task.owner", "%s is somebody else than %s; who answers the appeal is its owner", owner, who.Entity)
		}
	}
	deciders, err := selves(r, history.deciders)
	if err != nil {
		return err
	}
	for _, k := range []fhir.Key{owner, who.Entity} {
		if k.IsZero() || k == who.Entity && !answering {
			continue
		}
		mine, err := selves(r, []fhir.Key{k})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(mine, func(k fhir.Key) bool { return slices.Contains(deciders, k) }) {
			return refuse("Task.owner", "%s decided on this claim before; an appeal is answered by somebody else", k)
		}
		theirs, err := d.isOf(r, mine, r4.Target(c.Node.Get("focus")))
		if err != nil {
			return err
		}
		if theirs {
			return refuse("Task.owner", "%s works for the facility that made the claim; an appeal is answered by somebody else", k)
		}
	}
	if outcome := c.Node.Get("businessStatus").Code(profiles.SystemAppealOutcome); completed && outcome != appealUpheld && outcome != appealGranted {
		return refuse("Task.businessStatus", "say what came of the appeal: %s or %s", appealUpheld, appealGranted)
	}
	return nil
}

// awaitsSecond reports whether an appeal is answered by words that a second person
// is to agree to, as the module of reviews has it.
func awaitsSecond(task fhir.Node) bool {
	return task.Get("status").Text() == "on-hold" && task.Get("businessStatus").Code(profiles.SystemReviewState) == codeSecond
}

// abandon ends the appeal about a claim that is withdrawn.
func abandon(tx fhir.Tx, claim fhir.Key) error {
	history, err := tasksOf(tx, claim, fhir.Key{})
	if err != nil || history.open.IsZero() {
		return err
	}
	n, err := fhir.Tree(tx, history.open)
	if err != nil {
		return err
	}
	e := fhir.NewEdit(n.Document())
	e.Set(n, "status", []byte(`"cancelled"`))
	e.Set(n, "statusReason", []byte(`{"text":"The claim was withdrawn."}`))
	_, err = tx.Update(&fhir.Resource{Key: history.open, Body: e.Bytes()}, 0)
	return err
}

// overdue marks the appeals that were not answered in time.
func (d *decider) overdue(ctx context.Context, s fhir.Server, today time.Time) error {
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{Types: []string{"Task"}, Limit: waitingPage, After: after, Where: fhir.All{
				fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: codeAppeal}},
				fhir.Not{Criterion: fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "completed"}}},
			}})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			if err := s.Commit(ctx, func(tx fhir.Tx) error { return remind(tx, resource.Key, day(today)) }); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// remind marks one appeal, once.
func remind(tx fhir.Tx, task fhir.Key, today string) error {
	n, err := fhir.Tree(tx, task)
	if err != nil {
		return err
	}
	until := n.At("restriction", "period", "end").Text()
	if !slices.Contains(openTask, n.Get("status").Text()) || until == "" || until[:min(len(until), len(time.DateOnly))] >= today ||
		n.Get("businessStatus").Code(profiles.SystemAppealOutcome) == appealOverdue {
		return nil
	}
	e := fhir.NewEdit(n.Document())
	e.Set(n, "priority", []byte(`"urgent"`))
	if awaitsSecond(n) {
		_, err = tx.Update(&fhir.Resource{Key: task, Body: e.Bytes()}, 0)
		return err
	}
	e.Set(n, "businessStatus", fmt.Appendf(nil, `{"coding":[{"system":%q,"code":%q}]}`, profiles.SystemAppealOutcome, appealOverdue))
	_, err = tx.Update(&fhir.Resource{Key: task, Body: e.Bytes()}, 0)
	return err
}
