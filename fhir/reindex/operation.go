package reindex

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
)

// operation is $reindex: a POST asks for the index to be made anew, of all
// resources or of some; a GET tells how far it is.
func (x *Indexer) operation() fhir.Operation {
	return fhir.Operation{
		Code: "reindex", System: true, Affects: true,
		Handle: x.begin, Look: x.tell,
	}
}

// begin adds what is asked for to what is to be done. What is to be done already
// is not done twice. Nothing is incomplete meanwhile: searches go on.
func (x *Indexer) begin(ctx context.Context, _ fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if caller, _ := fhir.CallerOf(ctx); !caller.Has(fhir.RoleAdministrator) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "only an administrator may have the index made anew")
	}
	now, err := x.now(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := x.asked(in, now)
	if err == nil && len(tasks) > 1 {
		tasks, err = x.needed(ctx, tasks)
	}
	if err != nil {
		return nil, err
	}
	if err := x.amend(ctx, func(s *state) error {
		for _, t := range tasks {
			if !slices.ContainsFunc(s.Tasks, func(have *task) bool { return have.covers(t) }) {
				s.add(t)
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := x.wake(ctx); err != nil {
		return nil, err
	}
	response, err := x.tell(ctx, nil, fhir.Key{}, nil)
	if err == nil {
		response.Status = http.StatusAccepted
	}
	return response, err
}

// asked reads the parameters type and code; without any it is all there is.
func (x *Indexer) asked(in *fhir.Resource, now time.Time) ([]*task, error) {
	types, codes, err := inputs(in)
	if err != nil {
		return nil, err
	}
	registry := x.inForce.Load().registry
	known := map[string]bool{}
	var tasks []*task
	for _, typ := range types {
		var here []string
		for _, code := range codes {
			if registry.Param(typ, code) != nil {
				here, known[code] = append(here, code), true
			}
		}
		if len(codes) == 0 || len(here) > 0 {
			tasks = append(tasks, newTask(typ, here, now))
		}
	}
	for _, code := range codes {
		if !known[code] {
			return nil, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "no search parameter %.80q is in force for these types", code)
		}
	}
	return tasks, nil
}

// needed leaves out the tasks of types that have no resources.
func (x *Indexer) needed(ctx context.Context, tasks []*task) ([]*task, error) {
	var some []*task
	err := x.store.View(ctx, func(r fhir.Reader) error {
		some = nil
		for _, t := range tasks {
			page, err := r.Search(&fhir.Query{Types: []string{t.Type}, Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Resources) > 0 {
				some = append(some, t)
			}
		}
		return nil
	})
	return some, err
}

func inputs(in *fhir.Resource) (types, codes []string, _ error) {
	if in != nil {
		doc, err := fhir.Parse(in.Body)
		if err != nil {
			return nil, nil, err
		}
		for p := range doc.Root().Get("parameter").Each() {
			text := ""
			for _, member := range []string{"valueCode", "valueString"} {
				if v := p.Get(member); v.Exists() {
					text = v.Text()
				}
			}
			switch name := p.Get("name").Text(); {
			case name == "type" && r4.IsResource(text):
				types = append(types, text)
			case name == "type":
				return nil, nil, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "%.80q is no resource type", text)
			case name == "code" && text != "":
				codes = append(codes, text)
			default:
				return nil, nil, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "$reindex takes type and code, not %.80q", name)
			}
		}
	}
	if types == nil {
		types = r4.Resources()
	}
	slices.Sort(types)
	return slices.Compact(types), codes, nil
}

// tell says how far the work is, and which SearchParameters have no effect.
func (x *Indexer) tell(ctx context.Context, _ fhir.Server, _ fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
	if _, ok := fhir.CallerOf(ctx); !ok {
		return nil, fhir.Errorf(fhir.IssueLogin, "", "this server wants to know who asks; send credentials")
	}
	s, err := x.state(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(answer(s, x.inForce.Load().idle))
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}
