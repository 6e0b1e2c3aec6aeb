package scoped

import (
	"slices"

	"bima/fhir"
	"bima/fhir/search"
)

// A Veil is what fhir.Veils hide from one caller. A nil Veil hides nothing.
type Veil struct {
	hidden fhir.Hidden
	index  func(*fhir.Resource) (*fhir.Index, error)
}

// NewVeil makes a Veil of all that is hidden; nil where nothing is. index gives what
// a version is found by.
func NewVeil(all []fhir.Hidden, index func(*fhir.Resource) (*fhir.Index, error)) *Veil {
	hidden := fhir.Hidden{}
	for _, one := range all {
		for typ, c := range one {
			if other, twice := hidden[typ]; twice {
				c = fhir.Any{other, c}
			}
			hidden[typ] = c
		}
	}
	if len(hidden) == 0 {
		return nil
	}
	return &Veil{hidden, index}
}

// Where gives criteria on resources of some types, none being all, that hold for
// nothing hidden, nor because of anything hidden that a chain or _has leads to.
func (v *Veil) Where(types []string, c fhir.Criterion) fhir.Criterion {
	if v == nil {
		return c
	}
	return v.shown(types, v.within(c))
}

// shown adds to criteria that the resource is not hidden.
func (v *Veil) shown(types []string, c fhir.Criterion) fhir.Criterion {
	var not fhir.Criterion
	switch {
	case len(types) == 1:
		not = v.hidden[types[0]]
	default:
		var any fhir.Any
		for _, typ := range v.types() {
			if len(types) == 0 || slices.Contains(types, typ) {
				any = append(any, fhir.Of{Types: []string{typ}, Where: v.hidden[typ]})
			}
		}
		if len(any) > 0 {
			not = any
		}
	}
	if not == nil {
		return c
	}
	all := fhir.All{fhir.Not{Criterion: not}}
	if c != nil {
		all = fhir.All{c, all[0]}
	}
	return all
}

// HidesSome reports whether it hides anything of such a type.
func (v *Veil) HidesSome(such func(typ string) bool) bool {
	return v != nil && slices.ContainsFunc(v.types(), such)
}

// types gives the types of which something is hidden, sorted: a cursor is of one
// text of a query.
func (v *Veil) types() []string {
	types := make([]string, 0, len(v.hidden))
	for typ := range v.hidden {
		types = append(types, typ)
	}
	slices.Sort(types)
	return types
}

// within has chains and _has lead to nothing hidden.
func (v *Veil) within(c fhir.Criterion) fhir.Criterion {
	switch c := c.(type) {
	case fhir.All:
		return fhir.All(v.each(c))
	case fhir.Any:
		return fhir.Any(v.each(c))
	case fhir.Not:
		if _, one := c.Criterion.(fhir.Match); one {
			return c
		}
		return fhir.Not{Criterion: v.within(c.Criterion)}
	case fhir.Of:
		c.Where = v.within(c.Where)
		return c
	case fhir.Chain:
		c.Where = v.shown(typeList(c.Type), v.within(c.Where))
		return c
	case fhir.Has:
		c.Where = v.shown(typeList(c.Type), v.within(c.Where))
		return c
	}
	return c
}

func (v *Veil) each(list []fhir.Criterion) []fhir.Criterion {
	out := make([]fhir.Criterion, len(list))
	for i, c := range list {
		out[i] = v.within(c)
	}
	return out
}

func typeList(typ string) []string {
	if typ == "" {
		return nil
	}
	return []string{typ}
}

// Hides reports whether a version is hidden. Of a deletion the version before tells.
// r reads all.
func (v *Veil) Hides(r fhir.Reader, resource *fhir.Resource) (bool, error) {
	if v == nil {
		return false, nil
	}
	c, some := v.hidden[resource.Type]
	if !some {
		return false, nil
	}
	last, err := lastBody(r, resource)
	if err != nil || last == nil {
		return true, err // nobody can tell any more
	}
	return v.holds(r, last, c)
}

// lastBody gives a version itself, or of a deletion the one before; nil where that
// was purged.
func lastBody(r fhir.Reader, resource *fhir.Resource) (*fhir.Resource, error) {
	for resource.Deleted {
		if resource.Version <= 1 {
			return nil, nil
		}
		before, err := r.ReadVersion(resource.Key, resource.Version-1)
		if fhir.HasIssue(err, fhir.IssueNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		resource = before
	}
	return resource, nil
}

// holds evaluates a criterion of a Hidden on a version.
func (v *Veil) holds(r fhir.Reader, resource *fhir.Resource, c fhir.Criterion) (bool, error) {
	index, err := v.index(resource)
	if err != nil {
		return true, err
	}
	return v.criterion(r, resource, index, c)
}

func (v *Veil) criterion(r fhir.Reader, resource *fhir.Resource, index *fhir.Index, c fhir.Criterion) (bool, error) {
	switch c := c.(type) {
	case fhir.All:
		for _, one := range c {
			if holds, err := v.criterion(r, resource, index, one); err != nil || !holds {
				return false, err
			}
		}
		return true, nil
	case fhir.Any:
		for _, one := range c {
			if holds, err := v.criterion(r, resource, index, one); err != nil || holds {
				return holds, err
			}
		}
		return false, nil
	case fhir.Not:
		holds, err := v.criterion(r, resource, index, c.Criterion)
		return !holds, err
	case fhir.Chain:
		return v.chain(r, index, c)
	case fhir.Has:
		page, err := r.Search(&fhir.Query{Types: []string{c.Type}, Limit: 1, Where: fhir.All{
			fhir.Match{Param: c.Param, Value: fhir.ReferenceValue{Key: resource.Key}}, c.Where,
		}})
		return err == nil && len(page.Resources) > 0, err
	}
	holds, known := search.Matches(index, resource.Key, resource.Updated, c)
	return holds || !known, nil
}

// chain follows a chain, also to what is deleted.
func (v *Veil) chain(r fhir.Reader, index *fhir.Index, c fhir.Chain) (bool, error) {
	for _, row := range index.References {
		if row.Param != c.Param.Code || row.Key.Type != c.Type {
			continue
		}
		target, err := r.Read(row.Key)
		if err == nil {
			target, err = lastBody(r, target)
		}
		if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && target == nil {
			continue
		}
		if err != nil {
			return false, err
		}
		if holds, err := v.holds(r, target, c.Where); err != nil || holds {
			return holds, err
		}
	}
	return false, nil
}
