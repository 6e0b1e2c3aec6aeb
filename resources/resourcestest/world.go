// Package resourcestest runs modules on a real engine over a database of its own,
// for the tests of resources/*: what they do is seen through the public door.
package resourcestest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage"
	"bima/storage/storagetest"
)

// Base is [base] of every World.
const Base = "https://scheme.example/fhir"

// A World is an empty server with some modules.
type World struct {
	Engine *interaction.Engine
	ctx    context.Context
	t      testing.TB
}

// New makes a World on SQLite. What the modules write themselves is validated.
func New(t testing.TB, modules ...fhir.Module) *World {
	t.Helper()
	return On(t, storagetest.SQLite(t), modules...)
}

// On makes a World on a database, whose clock is the real one.
func On(t testing.TB, dsn string, modules ...fhir.Module) *World {
	t.Helper()
	store, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: Base, CheckOwn: true}, modules...)
	if err != nil {
		t.Fatal(err)
	}
	return &World{Engine: engine, ctx: fhir.WithCaller(context.Background(), fhir.Developer()), t: t}
}

// Context gives the context of the developer, who may do everything.
func (w *World) Context() context.Context { return w.ctx }

// Try puts resources under their ids in one transaction and gives the error.
func (w *World) Try(bodies ...string) error {
	w.t.Helper()
	entries := make([]string, len(bodies))
	for i, body := range bodies {
		n := w.parse([]byte(body))
		entries[i] = fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"%s/%s"}}`, body, n.Get("resourceType").Text(), n.Get("id").Text())
	}
	return w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`))
}

// Bundle posts a Bundle and gives the error.
func (w *World) Bundle(body []byte) error {
	w.t.Helper()
	_, err := w.Engine.Bundle(w.ctx, body, interaction.BundleOptions{})
	return err
}

// Put is Try that must succeed.
func (w *World) Put(bodies ...string) {
	w.t.Helper()
	if err := w.Try(bodies...); err != nil {
		w.t.Fatalf("%v (%v)", err, fhir.OutcomeOf(err).Unwrap())
	}
}

// Refused is Try that must be refused for a reason of the scheme; it gives the
// element at fault as its resource would be sent alone.
func (w *World) Refused(bodies ...string) string {
	w.t.Helper()
	err := w.Try(bodies...)
	if err == nil {
		w.t.Error("nothing was refused")
		return ""
	}
	issue := fhir.OutcomeOf(err).Issues[0]
	if issue.Code != fhir.IssueBusinessRule && issue.Code != fhir.IssueDuplicate {
		w.t.Errorf("refused as %s", issue)
	}
	entry, inner, within := strings.Cut(issue.Expression, ".resource.")
	if !within {
		return issue.Expression
	}
	var at int
	if _, err := fmt.Sscanf(entry, "Bundle.entry[%d]", &at); err != nil || at >= len(bodies) {
		w.t.Fatalf("the refusal is at %q", issue.Expression)
	}
	return w.parse([]byte(bodies[at])).Get("resourceType").Text() + "." + inner
}

// Get gives the current version of a resource, "Patient/1".
func (w *World) Get(name string) fhir.Node {
	w.t.Helper()
	typ, id, _ := strings.Cut(name, "/")
	r, err := w.Engine.Read(w.ctx, fhir.Key{Type: typ, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.parse(r.Body)
}

// Search gives the resources that match, "identifier=x".
func (w *World) Search(typ, query string) []fhir.Node {
	w.t.Helper()
	body, err := w.Engine.Search(w.ctx, typ, query, interaction.SearchOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	var list []fhir.Node
	for e := range w.parse(body).Get("entry").Each() {
		list = append(list, e.Get("resource"))
	}
	return list
}

func (w *World) parse(body []byte) fhir.Node {
	w.t.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc.Root()
}
