package terminology

import "bima/fhir"

// tokens gives the codes of a value set as a search compares them.
func (q *scope) tokens(v *valueSet) ([]fhir.TokenValue, error) {
	t := tokens{q: q, most: q.service.options.SetMax, seen: map[fhir.TokenValue]bool{}, done: map[*valueSet]bool{}}
	if err := t.of(v); err != nil {
		return nil, err
	}
	if len(t.list) > t.most {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the value set %.200s has more than %d codes, the most that a search compares with", v.url, t.most)
	}
	return t.list, nil
}

// tokens gathers values, each once. It ends soon after it has too many.
type tokens struct {
	q    *scope
	most int
	list []fhir.TokenValue
	seen map[fhir.TokenValue]bool
	done map[*valueSet]bool // those whose codes are all in the list
}

func (t *tokens) add(v fhir.TokenValue) {
	if !t.seen[v] {
		t.seen[v] = true
		t.list = append(t.list, v)
	}
}

func (t *tokens) take(m member) bool {
	t.add(fhir.TokenValue{System: m.system, Code: m.code()})
	return len(t.list) <= t.most
}

// of gathers the codes of a value set.
func (t *tokens) of(v *valueSet) error {
	if t.done[v] {
		return nil
	}
	if len(v.exclude) > 0 || v.activeOnly {
		return t.q.list(v, t.take)
	}
	if err := t.q.enter(v); err != nil {
		return err
	}
	defer t.q.leave(v)
	for _, p := range v.include {
		if err := t.part(p); err != nil {
			return err
		}
	}
	t.done[v] = true
	return nil
}

// part gathers the codes of one include. Where it takes in a code system whole
// that is not listed here, or is too large, the system's URL says enough.
func (t *tokens) part(p *part) error {
	switch {
	case p.system == "" && len(p.imports) == 1:
		v, err := t.q.valueSet(p.imports[0])
		if err != nil {
			return err
		}
		return t.of(v.set)
	case p.whole():
		sys, err := t.q.systemOf(p, p.version)
		if err != nil {
			return err
		}
		if sys == nil || !sys.Whole() || sys.Len() > t.most {
			t.add(fhir.TokenValue{System: p.system, AnyCode: true})
			return nil
		}
	}
	return t.q.listPart(p, t.take)
}
