package query

import (
	"strings"

	"bima/fhir"
)

// A Name is a search parameter of a resource type.
type Name struct{ Type, Code string }

// Using gives one of the parameters that the query searches or sorts by, if it
// does by any.
func Using(q *fhir.Query, names map[Name]bool) (Name, bool) {
	used := usage{names: names}
	used.criterion(q.Where, q.Types)
	for _, k := range q.Sort {
		used.param(k.Param.Code, q.Types)
	}
	return used.found, used.found != Name{}
}

// usage finds a parameter of names in a query.
type usage struct {
	names map[Name]bool
	found Name
}

func (u *usage) param(code string, types []string) {
	plain, _, _ := strings.Cut(code, ":") // of a derived one, "code:text"
	for name := range u.names {
		if name.Code != code && name.Code != plain {
			continue
		}
		for _, typ := range types {
			if typ == name.Type {
				u.found = name
			}
		}
		if len(types) == 0 {
			u.found = name
		}
	}
}

func (u *usage) criterion(c fhir.Criterion, types []string) {
	switch c := c.(type) {
	case fhir.All:
		for _, inner := range c {
			u.criterion(inner, types)
		}
	case fhir.Any:
		for _, inner := range c {
			u.criterion(inner, types)
		}
	case fhir.Not:
		u.criterion(c.Criterion, types)
	case fhir.Of:
		u.criterion(c.Where, c.Types)
	case fhir.Match:
		u.param(c.Param.Code, types)
	case fhir.FullText:
		u.param(c.Param, types)
	case fhir.Present:
		u.param(c.Param.Code, types)
	case fhir.Chain:
		u.param(c.Param.Code, types)
		u.criterion(c.Where, typeList(c.Type))
	case fhir.Has:
		u.param(c.Param.Code, typeList(c.Type))
		u.criterion(c.Where, typeList(c.Type))
	}
}

// absence ends the codes of rows that tell which resources lack a parameter. In a
// query such a criterion only narrows another that finds the same resources.
const absence = ":missing"

// Built gives a query without what narrows it by rows of absence that are still
// being built: it is slower then, and finds the same.
func Built(q *fhir.Query, building map[Name]bool) *fhir.Query {
	short := map[string]bool{}
	for name := range building {
		if strings.HasSuffix(name.Code, absence) {
			short[name.Code] = true
		}
	}
	if len(short) == 0 || q.Where == nil {
		return q
	}
	out := *q
	out.Where = unnarrowed(q.Where, short)
	return &out
}

func unnarrowed(c fhir.Criterion, short map[string]bool) fhir.Criterion {
	switch c := c.(type) {
	case fhir.All:
		out := make(fhir.All, 0, len(c))
		for _, one := range c {
			if m, ok := one.(fhir.Match); !ok || !short[m.Param.Code] {
				out = append(out, unnarrowed(one, short))
			}
		}
		return out
	case fhir.Any:
		out := make(fhir.Any, len(c))
		for i, one := range c {
			out[i] = unnarrowed(one, short)
		}
		return out
	case fhir.Not:
		if short[c.Absent] {
			c.Absent = ""
		}
		c.Criterion = unnarrowed(c.Criterion, short)
		return c
	case fhir.Chain:
		c.Where = unnarrowed(c.Where, short)
		return c
	case fhir.Has:
		c.Where = unnarrowed(c.Where, short)
		return c
	case fhir.Of:
		c.Where = unnarrowed(c.Where, short)
		return c
	}
	return c
}
