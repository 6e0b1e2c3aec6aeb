package reindex

import (
	"maps"
	"slices"
	"time"

	"bima/fhir"
)

// A parameters is a Parameters resource.
type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter"`
}

// A parameter is one of its parameters, or a part of one.
type parameter struct {
	Name    string      `json:"name"`
	Code    string      `json:"valueCode,omitempty"`
	String  string      `json:"valueString,omitempty"`
	URI     string      `json:"valueUri,omitempty"`
	Instant string      `json:"valueInstant,omitempty"`
	Number  *int64      `json:"valueDecimal,omitempty"`
	Part    []parameter `json:"part,omitempty"`
}

// answer says how far the work is: the counts, what is to be done with its
// progress, what is incomplete, and what has no effect.
func answer(s *state, idle map[fhir.Key]string) parameters {
	out := parameters{ResourceType: "Parameters", Parameter: []parameter{{Name: "status", Code: s.status()}}}
	add := func(p parameter) { out.Parameter = append(out.Parameter, p) }
	for _, at := range []struct {
		name string
		time time.Time
	}{{"started", s.Started}, {"ended", s.Ended}} {
		if !at.time.IsZero() {
			add(parameter{Name: at.name, Instant: at.time.UTC().Format("2006-01-02T15:04:05.000Z")})
		}
	}
	add(number("found", s.Counts.Found))
	add(number("changed", s.Counts.Changed))
	add(number("failed", s.Counts.Failed))
	for _, name := range s.Failed {
		add(parameter{Name: "failure", URI: name})
	}
	for _, t := range s.Tasks {
		add(t.parameter())
	}
	for _, name := range s.building() {
		add(parameter{Name: "building", String: name})
	}
	for _, k := range slices.SortedFunc(maps.Keys(idle), compareKeys) {
		add(parameter{Name: "without-effect", Part: []parameter{{Name: "definition", URI: k.String()}, {Name: "reason", String: idle[k]}}})
	}
	return out
}

// status is idle, waiting or running.
func (s *state) status() string {
	switch {
	case len(s.Tasks) == 0:
		return "idle"
	case s.held(time.Now()):
		return "running"
	}
	return "waiting"
}

// parameter says what a task is, and how far.
func (t *task) parameter() parameter {
	p := parameter{Name: "task", Part: []parameter{{Name: "type", Code: t.Type}}}
	for _, code := range t.Codes {
		p.Part = append(p.Part, parameter{Name: "code", String: code})
	}
	p.Part = append(p.Part, number("found", t.Found))
	if t.Total != nil {
		p.Part = append(p.Part, number("total", *t.Total))
	}
	return p
}

func number(name string, n int64) parameter { return parameter{Name: name, Number: &n} }
