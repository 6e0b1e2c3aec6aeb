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
