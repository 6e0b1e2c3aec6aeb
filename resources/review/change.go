package review

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// secondOpinion is the code of the Task of a second opinion.
const secondOpinion = "second-opinion"

// The states of a review: codes of review-state.
const (
	stateTaken      = "taken"
	stateAsked      = "asked"
	stateAnswered   = "answered"
	stateSecond     = "second-opinion"
	stateReturned   = "returned"
	stateDelivered  = "delivered"
	stateBypassed   = "bypassed"
	stateWaiting    = "waiting"
	stateSuperseded = "superseded"
)

// An act is what an operation does to a review that is open, under its lock.
type act func(c *change) error

// A change is a review that an operation changes.
type change struct {
	tx    fhir.Tx
	key   fhir.Key
	task  fhir.Node
	asked fhir.Node // the Parameters
	who   reviewer
	body  members
}

// handle makes the handler of an act on a Task: it reads who acts and the Task
// under its lock, and answers the Task as it is then.
func (m module) handle(do act) func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error) {
	return func(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
		asked, err := parameters(in)
		if err != nil {
			return nil, err
		}
		err = s.Commit(ctx, func(tx fhir.Tx) error {
			c, err := m.open(tx, on, asked)
			if err == nil {
				err = do(c)
			}
			if err != nil {
				return err
			}
			c.body.set("lastModified", tx.Now().In(m.Zone).Format(selection.Moment))
			_, err = tx.Update(&fhir.Resource{Key: on, Body: c.body.bytes()}, 0)
			return err
		})
		if err != nil {
			return nil, err
		}
		return answerTask(ctx, s, on)
	}
}

// answerTask gives a Task as it is after the commit.
func answerTask(ctx context.Context, s fhir.Server, k fhir.Key) (*fhir.Response, error) {
	response := &fhir.Response{}
	err := s.View(ctx, func(r fhir.Reader) (err error) {
		response.Resource, err = r.Read(k)
		return err
	})
	return response, err
}

// open reads a Task that is to change. One that has ended stays as it is.
func (m module) open(tx fhir.Tx, on fhir.Key, asked fhir.Node) (*change, error) {
	if err := tx.Lock(on.String()); err != nil {
		return nil, err
	}
	resource, err := tx.Read(on)
	if err != nil {
		return nil, err
	}
	if resource.Deleted {
		return nil, fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", on)
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return nil, err
	}
	c := &change{tx: tx, key: on, task: doc.Root(), asked: asked}
	if kindOf(c.task) == "" {
		return nil, refuse("Task.code", "%s is no review of a claim; its code would be %s or %s of %s", on, selection.Review, secondOpinion, profiles.SystemTask)
	}
	if !isOpen(c.task) {
		return nil, refuse("Task.status", "%s is %s: the review has ended. To have the claim looked at again, call %s/$request-review", on, c.task.Get("status").Text(), r4.Target(c.task.Get("focus")))
	}
	if c.body, err = membersOf(c.task); err != nil {
		return nil, err
	}
	c.who, err = m.acting(tx, tx.Caller(), asked, m.today(tx.Now()))
	return c, err
}

// kindOf gives the code of a Task that is a review or a second opinion, else "".
func kindOf(task fhir.Node) string {
	if code := task.Get("code").Code(profiles.SystemTask); code == selection.Review || code == secondOpinion {
		return code
	}
	return ""
}

// openStates are those of a Task that somebody has yet to end.
var openStates = []string{"draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"}

func isOpen(task fhir.Node) bool { return slices.Contains(openStates, task.Get("status").Text()) }

func stateOf(task fhir.Node) string {
	return task.Get("businessStatus").Code(profiles.SystemReviewState)
}

// become gives the Task a status and a state.
func (c *change) become(status, state string) {
	c.body.set("status", status)
	c.body.set("businessStatus", coding(profiles.SystemReviewState, state))
}

// members are the members of a resource, to be changed.
type members map[string]json.RawMessage

func membersOf(n fhir.Node) (members, error) {
	var m members
	err := json.Unmarshal(n.Raw(), &m)
	return m, err
}

func (m members) set(name string, v any) { m[name] = spell(v) }

// add puts a value at the end of a list, which begins with it.
func (m members) add(name string, v any) {
	var list []json.RawMessage
	if have, ok := m[name]; ok && json.Unmarshal(have, &list) != nil {
		list = nil
	}
	m[name] = spell(append(list, spell(v)))
}

func (m members) bytes() []byte { return spell(m) }

func spell(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("what the server writes is always JSON: " + err.Error())
	}
	return text
}

// An object is JSON that is written.
type object = map[string]any

func coding(system, code string) object {
	return object{"coding": []object{{"system": system, "code": code}}}
}

// parameters reads what an operation was sent; nothing is no parameters.
func parameters(in *fhir.Resource) (fhir.Node, error) {
	if in == nil || len(in.Body) == 0 {
		return fhir.Node{}, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// value gives the value[x] of a parameter or part; absent where there is none.
func value(of fhir.Node, name string) fhir.Node {
	list := of.Get("parameter")
	if !list.Exists() {
		list = of.Get("part")
	}
	for p := range list.Each() {
		if p.Get("name").Text() != name {
			continue
		}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				return m
			}
		}
	}
	return fhir.Node{}
}

func parameter(name string) string { return "Parameters.parameter.where(name = '" + name + "')" }

// needed gives the text of a parameter that must be there.
func needed(asked fhir.Node, name, why string) (string, error) {
	text := strings.TrimSpace(value(asked, name).Text())
	if text == "" {
		return "", fhir.Detailf(fhir.IssueRequired, detailReview, parameter(name), "%s", why)
	}
	return text, nil
}
