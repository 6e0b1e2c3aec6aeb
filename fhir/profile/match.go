package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// sliced parts the occurrences of an element, values[from:to], among its slices,
// and holds each part against the rules of its slice.
func (w *walker) sliced(from, to int, e *element) {
	sl := e.slicing
	w.slots(from, to, e)
	for i, one := range sl.slices {
		start := len(w.values)
		for k := from; k < to; k++ {
			if w.values[k].slice == i {
				w.values = append(w.values, w.values[k])
			}
		}
		w.part(start, e, one)
		w.values = w.values[:start]
	}
}

// part holds the occurrences of one slice, those of values from an index on,
// against its rules.
func (w *walker) part(from int, e *element, one *slice) {
	to := len(w.values)
	w.counted(to-from, one.min, one.max, e, one)
	if one.slicing.isAsking() {
		w.sliced(from, to, &one.element)
	}
	if !one.asksOfValues() {
		return
	}
	for i := from; i < to; i++ {
		v := w.values[i]
		w.enter(v, e.name)
		w.element(v, &one.element)
		w.pop()
	}
}

// noSlice is value.slice of a value that is of no slice.
const noSlice = -1

// slots finds the slice of each value, and reports those that are of none where
// there must be one, and those out of order.
func (w *walker) slots(from, to int, e *element) {
	sl := e.slicing
	latest, stray := 0, noSlice
	for k := from; k < to; k++ {
		v := w.values[k]
		if w.over() {
			w.values[k].slice = noSlice
			continue
		}
		i := w.sliceOf(v, e)
		w.values[k].slice = i
		w.push(frame{e.name, v.index, v.typ})
		switch {
		case i == noSlice && sl.rules == "closed":
			w.report(fhir.IssueStructure, "", "%s is in none of the slices that the profile %s allows (%s): make it one of them%s, or leave it out", e.name, w.plan.name, sl.names(), sl.hints(e))
		case i == noSlice:
			stray = k
		case stray != noSlice && sl.rules == "openAtEnd":
			w.report(fhir.IssueStructure, fhir.Detail(sl.slices[i].label), "the slice %s follows an %s of no slice, but the profile %s wants those at the end: move it before them", sl.slices[i].label, e.name, w.plan.name)
		case sl.ordered && i < latest:
			w.report(fhir.IssueStructure, fhir.Detail(sl.slices[i].label), "the slice %s stands after %s, but the profile %s wants them in the order %s: move it", sl.slices[i].label, sl.slices[latest].label, w.plan.name, sl.names())
		}
		w.pop()
		latest = max(latest, i)
	}
}

// sliceOf gives which slice a value is of, noSlice where it is of none.
func (w *walker) sliceOf(v value, e *element) int {
	rest := noSlice
	for i, one := range e.slicing.slices {
		switch {
		case one.label == otherSlice:
			rest = i
		case w.isOf(v, one, e):
			return i
		}
	}
	return rest
}

func (w *walker) isOf(v value, one *slice, e *element) bool {
	if one.whole {
		return w.silently(func() {
			w.enter(v, e.name)
			w.element(v, &one.element)
			w.pop()
		})
	}
	for i := range one.matchers {
		if !w.matches(v, &one.matchers[i]) {
			return false
		}
	}
	return true
}

// matches reports whether what a matcher's path leads to is as it wants.
func (w *walker) matches(v value, m *matcher) bool {
	from := len(w.values)
	w.reach(v, m.steps)
	found := m.exists == presenceForbidden && len(w.values) == from
	for i := from; i < len(w.values) && !found; i++ {
		found = w.fits(w.values[i], m)
	}
	w.values = w.values[:from]
	return found
}

func (w *walker) fits(v value, m *matcher) bool {
	if m.exists != presenceAny {
		return m.exists == presenceNeeded
	}
	for _, n := range m.fixed {
		if fhir.Same(v.node, n) {
			return true
		}
	}
	for _, n := range m.patterns {
		if contains(v.node, n) {
			return true
		}
	}
	if len(m.urls) > 0 && slices.Contains(m.urls, v.node.Text()) {
		return true
	}
	for _, t := range m.types {
		if v.typ.Is(t) {
			return true
		}
	}
	for _, b := range m.bindings {
		if in, known := w.isBound(v, b); in || !known {
			return true
		}
	}
	for _, e := range m.profiles {
		if v.node.Exists() && w.conforms(v, e) {
			return true
		}
	}
	return false
}

// reach adds what a discriminator's path leads to from a value to values.
func (w *walker) reach(v value, steps []step) {
	if len(steps) == 0 {
		w.values = append(w.values, v)
		return
	}
	from := len(w.values)
	switch first := steps[0]; first.kind {
	case stepMember:
		w.collect(v.node, v.typ, first.name)
	case stepExtension:
		w.collect(v.node, v.typ, "extension")
		kept := from
		for i := from; i < len(w.values); i++ {
			if w.values[i].node.Get("url").Text() == first.name {
				w.values[kept] = w.values[i]
				kept++
			}
		}
		w.values = w.values[:kept]
	case stepType:
		if v.typ.Is(first.name) {
			w.values = append(w.values, v)
		}
	case stepResolve:
		if n, typ := w.follow(v.node); typ != nil {
			w.values = append(w.values, value{node: n, typ: typ, index: single})
		}
	}
	w.reachAll(from, steps[1:])
}

// reachAll goes on from each of values[from:] and leaves only what is reached.
func (w *walker) reachAll(from int, steps []step) {
	if len(steps) == 0 {
		return
	}
	to := len(w.values)
	for i := from; i < to; i++ {
		w.reach(w.values[i], steps)
	}
	kept := copy(w.values[from:], w.values[to:])
	w.values = w.values[:from+kept]
}

// hint says how a value comes into the slice, for a message; "" where that can't
// be said.
func (s *slice) hint(e *element) string {
	if s == nil || e.slicing == nil {
		return ""
	}
	var parts []string
	for i := range s.matchers {
		if text := s.matchers[i].hint(); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; it is the " + e.name + " with " + strings.Join(parts, " and ")
}

func (m *matcher) hint() string {
	path := m.path()
	switch {
	case len(m.fixed) > 0:
		return path + " " + show(m.fixed[0])
	case len(m.patterns) > 0:
		return path + " " + show(m.patterns[0])
	case len(m.urls) > 0:
		return path + " " + m.urls[0]
	case len(m.types) > 0:
		return path + " of type " + strings.Join(m.types, " or ")
	case len(m.bindings) > 0:
		return path + " in " + m.bindings[0].valueSet
	case m.exists == presenceNeeded:
		return path
	case m.exists == presenceForbidden:
		return "no " + path
	case len(m.profiles) > 0:
		return path + " that meets " + m.profiles[0].name
	}
	return ""
}

func (m *matcher) path() string {
	if len(m.steps) == 0 {
		return "a value"
	}
	parts := make([]string, len(m.steps))
	for i, s := range m.steps {
		parts[i] = [...]string{s.name, "extension('" + s.name + "')", "resolve()", "ofType(" + s.name + ")", s.name}[s.kind]
	}
	return strings.Join(parts, ".")
}

// hintsMax is how many slices a message explains.
const hintsMax = 5

// hints says how a value comes into one of the slices.
func (s *slicing) hints(e *element) string {
	var list []string
	for _, one := range s.slices {
		if text := one.hint(e); text != "" && len(list) < hintsMax {
			list = append(list, one.label+strings.TrimPrefix(text, ";"))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, "; ") + ")"
}

// resourceType gives the type a resource says it is of.
func resourceType(n fhir.Node) *r4.Type { return r4.Lookup(n.Get("resourceType").Text()) }
