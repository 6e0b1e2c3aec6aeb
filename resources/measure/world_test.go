package measure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles/indicator"
	"bima/resources/measure"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
	"bima/testdata/scheme"
)

// onEach runs a test on each database there is.
func onEach(t *testing.T, s measure.Settings, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, copiedWorld(t, s)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, newWorld(t, storagetest.Postgres(t), s)) })
	}
}

// A world is the demo scheme on a server whose clock is set, in Dar es Salaam.
type world struct {
	*resourcestest.World
	t       *testing.T
	module  fhir.Module
	clock   *resourcestest.Clock
	ctx     context.Context
	decoded sync.Map // what versions came to by their text, see once
}

var zone = time.FixedZone("EAT", 3*3600)

// loaded is an SQLite database of the demo scheme, once one is made.
var loaded atomic.Pointer[[]byte]

// copiedWorld gives a world on a copy of one database that was loaded.
func copiedWorld(t *testing.T, s measure.Settings) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bima.db")
	if loaded.Load() == nil {
		t.Run("load", func(t *testing.T) { newWorld(t, "sqlite:"+path, measure.Settings{}) })
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		loaded.Store(&body)
	} else if err := os.WriteFile(path, *loaded.Load(), 0o600); err != nil {
		t.Fatal(err)
	}
	return worldOn(t, "sqlite:"+path, s)
}

// newWorld loads the demo scheme into an empty database.
func newWorld(t *testing.T, dsn string, s measure.Settings) *world {
	t.Helper()
	w := worldOn(t, dsn, s)
	for _, file := range scheme.Files() {
		if !strings.HasPrefix(file.Name, "00-") {
			w.load(file.Name, file.Body)
		}
	}
	return w
}

func worldOn(t *testing.T, dsn string, s measure.Settings) *world {
	t.Helper()
	clock := &resourcestest.Clock{}
	clock.Set(t, "2026-04-10T06:00:00Z")
	s.Zone, s.Now = zone, clock.Now
	chosen := house.Scheme{}
	chosen.Policies.Zone = zone
	modules := house.Modules(resourcestest.Base, chosen)
	w := &world{t: t, module: s.Module(), clock: clock}
	for i, m := range modules {
		if m.Name == w.module.Name {
			modules[i] = w.module
		}
	}
	w.World = resourcestest.Timed(t, dsn, clock, modules...)
	w.ctx = fhir.WithCaller(w.Context(), fhir.System())
	return w
}

func (w *world) load(name string, body []byte) {
	w.t.Helper()
	if err := w.Bundle(body); err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
}

// daily does the work of the day.
func (w *world) daily() {
	w.t.Helper()
	if err := w.module.Daily[0].Work(w.ctx, w.Engine, w.clock.Now()); err != nil {
		w.t.Fatal(err)
	}
}

// call calls an operation on Measure and gives the answer.
func (w *world) call(code, id string, parameters map[string]string) (fhir.Node, error) {
	w.t.Helper()
	var list []map[string]any
	for name, text := range parameters {
		list = append(list, map[string]any{"name": name, "valueString": text})
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Parameters", "parameter": list})
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.Engine.Call(w.Context(), code, fhir.Key{Type: "Measure", ID: id}, "", body, false)
	if err != nil {
		return fhir.Node{}, err
	}
	return w.parse(response.Resource.Body), nil
}

func (w *world) parse(body []byte) fhir.Node {
	w.t.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc.Root()
}

// all gives every resource of a type, as its plain JSON.
func all[T any](w *world, typ string) []T {
	w.t.Helper()
	var list []T
	w.each(typ, func(one *fhir.Resource) error {
		v, err := once(w, one, func(body []byte) (v T, err error) {
			err = json.Unmarshal(body, &v)
			return v, err
		})
		list = append(list, v)
		return err
	})
	return list
}

// each reads every resource of a type.
func (w *world) each(typ string, do func(*fhir.Resource) error) {
	w.t.Helper()
	err := w.Engine.View(w.ctx, func(r fhir.Reader) error {
		q := fhir.Query{Types: []string{typ}, Limit: 1000}
		for {
			page, err := r.Search(&q)
			if err != nil {
				return err
			}
			for _, one := range page.Resources {
				if err := do(one); err != nil {
					return err
				}
			}
			if q.After = page.Next; q.After == "" {
				return nil
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// once makes something of a resource's text, and gives it again where that has not
// changed: most of a world does not from one count to the next.
func once[T any](w *world, one *fhir.Resource, decode func(body []byte) (T, error)) (T, error) {
	type of struct {
		key fhir.Key
		as  reflect.Type
	}
	type made struct {
		body []byte
		v    T
	}
	k := of{one.Key, reflect.TypeFor[T]()}
	if had, ok := w.decoded.Load(k); ok && bytes.Equal(had.(made).body, one.Body) {
		return had.(made).v, nil
	}
	v, err := decode(one.Body)
	if err == nil {
		w.decoded.Store(k, made{one.Body, v})
	}
	return v, err
}

// A figure is one number as it is told: "hf-claim Organization/facility-1 202603
// HF_CLM_SUB_CNT HFC_CSA_OPD_M_00_05".
type figures map[string]string

// told gives the numbers of all stored reports, without those that are 0.
func (w *world) told() figures {
	w.t.Helper()
	found := figures{}
	w.each("MeasureReport", func(report *fhir.Resource) error {
		numbers, err := once(w, report, func(body []byte) (figures, error) {
			of := figures{}
			if n := w.parse(body); strings.Contains(n.Get("measure").Text(), "/Measure/hf-") {
				read(w.t, n, of)
			}
			return of, nil
		})
		maps.Copy(found, numbers)
		return err
	})
	return found
}

// read reads the numbers of a report.
func read(t *testing.T, n fhir.Node, found figures) {
	t.Helper()
	p, _ := indicator.New(indicator.Options{})
	period, ok := indicator.PeriodOf(n.At("period", "start").Text(), n.At("period", "end").Text())
	if !ok {
		t.Errorf("a report is of no period: %s", n.Raw())
	}
	measure := n.Get("measure").Text()
	of := measure[strings.LastIndex(measure, "/")+1:] + " " + n.At("reporter", "reference").Text() + " " + period.String() + " "
	for g := range n.Get("group").Each() {
		code := g.Get("code").Code(indicator.SystemElement)
		e, ok := p.Element(code)
		if !ok {
			t.Errorf("there is no element %s", code)
		}
		if e.Combo == indicator.DefaultCombo {
			found.put(of+code+" default", g, e)
		}
		for s := range g.Get("stratifier").First().Get("stratum").Each() {
			var options []string
			for c := range s.Get("component").Each() {
				options = append(options, c.Get("value").Code(indicator.SystemOption))
			}
			cell, ok := p.CellOfOptions(e.Combo, options...)
			if !ok {
				t.Errorf("%s has no cell of %v", code, options)
			}
			found.put(of+code+" "+cell, s, e)
		}
	}
}

func (f figures) put(name string, n fhir.Node, e indicator.Element) {
	number := n.Get("population").First().Get("count").Text()
	if e.Kind != indicator.Count {
		number = n.At("measureScore", "value").Text()
	}
	if number != "0" {
		f[name] = number
	}
}

// put stores a resource changed by one replacement of text.
func (w *world) change(name string, replace ...string) {
	w.t.Helper()
	typ, id, _ := strings.Cut(name, "/")
	r, err := w.Engine.Read(w.Context(), fhir.Key{Type: typ, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	body := string(r.Body)
	for i := 0; i+1 < len(replace); i += 2 {
		changed := strings.ReplaceAll(body, replace[i], replace[i+1])
		if changed == body {
			w.t.Fatalf("%s has no %s: %s", name, replace[i], body)
		}
		body = changed
	}
	if _, err := w.Engine.Update(w.Context(), r.Key, interaction.Write{Body: []byte(body)}); err != nil {
		w.t.Fatalf("%s: %v (%v)", name, err, fhir.OutcomeOf(err).Unwrap())
	}
}
