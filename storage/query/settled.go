package query

import "bima/fhir"

// settled gives a criterion with the middle of each approximate date in place of
// its margins, which widen with the time that passes from page to page.
func settled(c fhir.Criterion) fhir.Criterion {
	switch c := c.(type) {
	case fhir.All:
		return fhir.All(settledEach(c))
	case fhir.Any:
		return fhir.Any(settledEach(c))
	case fhir.Not:
		c.Criterion = settled(c.Criterion)
		return c
	case fhir.Chain:
		c.Where = settled(c.Where)
		return c
	case fhir.Has:
		c.Where = settled(c.Where)
		return c
	case fhir.Of:
		c.Where = settled(c.Where)
		return c
	case fhir.Match:
		c.Value = settledValue(c.Value)
		return c
	case fhir.Updated:
		return fhir.Updated(settledDate(fhir.DateValue(c)))
	}
	return c
}

func settledEach(list []fhir.Criterion) []fhir.Criterion {
	out := make([]fhir.Criterion, len(list))
	for i, c := range list {
		out[i] = settled(c)
	}
	return out
}

func settledValue(v fhir.Value) fhir.Value {
	switch v := v.(type) {
	case fhir.DateValue:
		return settledDate(v)
	case fhir.CompositeValue:
		v.Second = settledValue(v.Second)
		return v
	case fhir.OccurrenceValue:
		parts := make([]fhir.Value, len(v.Parts))
		for i, part := range v.Parts {
			parts[i] = settledValue(part)
		}
		return fhir.OccurrenceValue{Parts: parts}
	}
	return v
}

func settledDate(v fhir.DateValue) fhir.DateValue {
	if v.Prefix == fhir.PrefixApproximate {
		v.From, v.To = v.From/2+v.To/2, 0
	}
	return v
}
