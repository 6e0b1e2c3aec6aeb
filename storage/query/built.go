package query

import (
	"strings"

	"bima/fhir"
)

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
