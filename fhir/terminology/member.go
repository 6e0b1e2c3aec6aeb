package terminology

import (
	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// A coded is a code that is asked about; system "" is any.
type coded struct{ system, version, code string }

// A member is a code of a value set.
type member struct {
	system  string
	version string        // of the code system, where it is known
	concept codes.Concept // none where the code system is not held here
	listed  *listed       // where the value set names the code itself
	ruled   string        // the code, where only a rule tells that it is one
}

func (m *member) code() string {
	switch {
	case m.concept.Exists():
		return m.concept.Code()
	case m.listed != nil:
		return m.listed.code
	}
	return m.ruled
}

func (m *member) inactive() bool {
	return m.concept.Exists() && m.concept.Inactive() || m.listed != nil && m.listed.inactive
}

func (m *member) abstract() bool {
	return m.concept.Exists() && m.concept.Abstract() || m.listed != nil && m.listed.abstract
}

// display gives what the value set calls the code, else what its system does; in
// the first of the languages that either has a name in.
func (m *member) display(languages []string) string {
	var own []codes.Designation
	if m.listed != nil {
		own = m.listed.designations
		for _, want := range languages {
			if name := codes.Named(own, want); name != "" {
				return name
			}
		}
		if m.listed.display != "" && (len(languages) == 0 || !m.concept.Exists()) {
			return m.listed.display
		}
	}
	if !m.concept.Exists() {
		return ""
	}
	label := m.concept.Label(languages, nil)
	if m.listed != nil && m.listed.display != "" && label == m.concept.Display() {
		return m.listed.display
	}
	return label
}

// designations gives its other names: those of the value set, then the system's.
func (m *member) designations() []codes.Designation {
	var out []codes.Designation
	if m.listed != nil {
		out = append(out, m.listed.designations...)
	}
	if m.concept.Exists() {
		out = append(out, m.concept.Designations()...)
	}
	return out
}

// valueSet finds a value set. It fails with an Outcome of IssueNotFound.
func (q *scope) valueSet(c canonical) (*held, error) {
	h, err := q.resolve("ValueSet", c)
	if err == nil && h == nil {
		return nil, q.missing("ValueSet", "value set", c)
	}
	return h, err
}

// codeSystem finds a code system. It fails with an Outcome of IssueNotFound, and
// with one of IssueNotSupported for systems whose codes no list holds.
func (q *scope) codeSystem(c canonical) (*codes.System, error) {
	h, err := q.resolve("CodeSystem", c)
	if err != nil {
		return nil, err
	}
	if h == nil {
		if _, ruled := codes.Ruled(c.url); ruled {
			return nil, fhir.Errorf(fhir.IssueNotSupported, "", "the codes of %.200s can be checked here, but there is no list of them", c.url)
		}
		return nil, q.missing("CodeSystem", "code system", c)
	}
	return h.system, nil
}

// missing tells that there is no such resource, or none of that version.
func (q *scope) missing(typ, kind string, c canonical) error {
	if c.version != "" {
		if other, err := q.resolve(typ, canonical{url: c.url}); err == nil && other != nil {
			return fhir.Errorf(fhir.IssueNotFound, "", "the %s %.200s is known here, but not its version %.60q; the newest is %.60q", kind, c.url, c.version, other.version)
		}
	}
	return fhir.Errorf(fhir.IssueNotFound, "", "the %s %.200s is not known here", kind, c)
}

// unknown reports whether an error says that something can't be told here, rather
// than that the question was wrong.
func unknown(err error) bool {
	return fhir.HasIssue(err, fhir.IssueNotFound) || fhir.HasIssue(err, fhir.IssueNotSupported)
}

// contains reports whether a value set has a code.
func (q *scope) contains(url string, c coded) (bool, error) {
	v, err := q.valueSet(parseCanonical(url))
	if err != nil {
		return false, err
	}
	_, has, err := q.has(v.set, c)
	return has, err
}

// importsMax is how deep value sets may take in each other.
const importsMax = 32

// enter notes that a value set is being looked at. It fails where it is already,
// since a value set that takes in itself says nothing.
func (q *scope) enter(v *valueSet) error {
	if q.open[v] {
		return fhir.Errorf(fhir.IssueProcessing, "ValueSet.compose", "the value set %.200s takes in itself, by way of others or directly", v.url)
	}
	if len(q.open) >= importsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "ValueSet.compose", "value sets take in each other more than %d deep", importsMax)
	}
	if !v.described {
		return fhir.Errorf(fhir.IssueNotSupported, "ValueSet.compose", "the value set %.200s does not say what is in it", v.url)
	}
	q.open[v] = true
	return nil
}

func (q *scope) leave(v *valueSet) { delete(q.open, v) }

// has tells whether a value set has a code, by looking at its parts and not at
// its other codes. Where only a system that is not held here could tell, it fails
// with what is missing. It is found out once, since value sets that take in each
// other many times over lead to the same one by more ways than can be gone.
func (q *scope) has(v *valueSet, c coded) (m member, has bool, err error) {
	if known, ok := q.told[asked{v, c}]; ok {
		return known.member, known.has, known.doubt
	}
	if err := q.enter(v); err != nil {
		return m, false, err
	}
	defer q.leave(v)
	if q.visits++; q.visits > visitsMax {
		return m, false, fhir.Errorf(fhir.IssueTooCostly, "ValueSet.compose", "telling whether %.200s has a code looks at more than %d value sets", v.url, visitsMax)
	}
	m, has, err = q.findOut(v, c)
	if len(q.told) < toldMax && (err == nil || unknown(err)) {
		q.told[asked{v, c}] = finding{m, has, err}
	}
	return m, has, err
}

// findOut is has where nothing is remembered.
func (q *scope) findOut(v *valueSet, c coded) (m member, has bool, err error) {
	m, has, err = q.any(v.include, c)
	if err != nil || !has {
		return m, false, err
	}
	if v.activeOnly && m.inactive() {
		return m, false, nil
	}
	c.system = m.system
	_, excluded, err := q.any(v.exclude, c)
	return m, err == nil && !excluded, err
}

// any tells whether one of the parts has a code.
func (q *scope) any(parts []*part, c coded) (m member, has bool, err error) {
	var doubt error
	for _, p := range parts {
		m, has, err := q.hasPart(p, c)
		switch {
		case err == nil && has:
			return m, true, nil
		case err != nil && !unknown(err):
			return m, false, err
		case err != nil && doubt == nil:
			doubt = err
		}
	}
	return m, false, doubt
}

// hasPart tells whether a part has a code: its own selection and each of the
// value sets it takes in must.
func (q *scope) hasPart(p *part, c coded) (m member, has bool, err error) {
	if p.system != "" {
		if c.system != "" && c.system != p.system || c.version != "" && p.version != "" && c.version != p.version {
			return m, false, nil
		}
		if m, has, err = q.own(p, c); err != nil || !has {
			return m, false, err
		}
		c.system = p.system
	}
	for i, url := range p.imports {
		v, err := q.valueSet(url)
		if err != nil {
			return m, false, err
		}
		other, has, err := q.has(v.set, c)
		if err != nil || !has {
			return m, false, err
		}
		if i == 0 && p.system == "" {
			m, c.system = other, other.system
		}
	}
	return m, p.system != "" || len(p.imports) > 0, nil
}

// notHeld tells that a system's codes can't be known here.
func notHeld(system string) error {
	return fhir.Errorf(fhir.IssueNotSupported, "", "the codes of the code system %.200s are not known here; store it as a CodeSystem, or ask a server that has it", system)
}

// own tells whether the system, listing and filters of a part allow a code.
func (q *scope) own(p *part, c coded) (m member, has bool, err error) {
	version := p.version
	if version == "" {
		version = c.version
	}
	m = member{system: p.system}
	sys, err := q.systemOf(p, version)
	if err != nil {
		return m, false, err
	}
	if sys == nil {
		return q.ownElsewhere(p, c.code)
	}
	concept, found := sys.Find(c.code)
	if found {
		m.concept, m.version = concept, sys.Version
		c.code = concept.Code()
	}
	if p.listed != nil {
		m.listed = p.byCode[c.code]
		return m, m.listed != nil && (found || p.frozen || !sys.Whole()), nil
	}
	if !found {
		if sys.Whole() {
			return m, false, nil
		}
		return m, false, fhir.Errorf(fhir.IssueNotSupported, "", "only a part (%s) of the code system %.200s is here, and %.100q is not in it", sys.Content, sys.URL, c.code)
	}
	for _, f := range p.filters {
		selection, err := sys.Select(f)
		if err != nil {
			return m, false, err
		}
		if !selection.Has(concept) {
			return m, false, nil
		}
	}
	return m, true, nil
}

// ownElsewhere is own for a system that is not held here: what is listed is known
// nevertheless, and what follows a rule.
func (q *scope) ownElsewhere(p *part, code string) (m member, has bool, err error) {
	m = member{system: p.system, listed: p.byCode[code]}
	if p.listed != nil {
		return m, m.listed != nil, nil
	}
	rule, ok := codes.Ruled(p.system)
	switch {
	case ok && !rule(code):
		return m, false, nil
	case ok && len(p.filters) == 0:
		m.ruled = code
		return m, true, nil
	}
	return m, false, notHeld(p.system)
}
