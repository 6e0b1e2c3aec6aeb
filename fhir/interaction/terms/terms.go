// Package terms puts the codes of value sets and hierarchies into searches: a
// store knows tokens only.
package terms

import (
	"slices"

	"bima/fhir"
)

// Resolve gives the criterion with each ValueSetValue and SubsumedValue in it
// replaced by the tokens that a terminology knows for it; c itself where there is
// none. It fails with an Outcome of IssueNotSupported without a terminology, of
// IssueValue where the value set or code system is not known, and otherwise as
// the terminology does. Source: R4 search#token (:in, :not-in, :above, :below).
func Resolve(r fhir.Reader, t fhir.Terminology, c fhir.Criterion) (fhir.Criterion, error) {
	if !Needs(c) {
		return c, nil
	}
	if t == nil {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server has no terminology to search by :in, :not-in, :above or :below of codes with")
	}
	return resolver{r, t}.criterion(c)
}

// Needs reports whether there is anything to replace.
func Needs(c fhir.Criterion) bool {
	switch c := c.(type) {
	case fhir.All:
		return slices.ContainsFunc(c, Needs)
	case fhir.Any:
		return slices.ContainsFunc(c, Needs)
	case fhir.Not:
		return Needs(c.Criterion)
	case fhir.Chain:
		return Needs(c.Where)
	case fhir.Has:
		return Needs(c.Where)
	case fhir.Of:
		return Needs(c.Where)
	case fhir.Match:
		return termed(c.Value)
	}
	return false
}

func termed(v fhir.Value) bool {
	switch v := v.(type) {
	case fhir.ValueSetValue, fhir.SubsumedValue:
		return true
	case fhir.CompositeValue:
		return termed(v.Second)
	}
	return false
}

// A resolver replaces within one request.
type resolver struct {
	reader      fhir.Reader
	terminology fhir.Terminology
}

func (s resolver) criterion(c fhir.Criterion) (fhir.Criterion, error) {
	var err error
	switch c := c.(type) {
	case fhir.All:
		list, err := s.list(c)
		return fhir.All(list), err
	case fhir.Any:
		list, err := s.list(c)
		return fhir.Any(list), err
	case fhir.Not:
		c.Criterion, err = s.criterion(c.Criterion)
		return c, err
	case fhir.Chain:
		c.Where, err = s.criterion(c.Where)
		return c, err
	case fhir.Has:
		c.Where, err = s.criterion(c.Where)
		return c, err
	case fhir.Of:
		c.Where, err = s.criterion(c.Where)
		return c, err
	case fhir.Match:
		c.Value, err = s.value(c.Value)
		return c, fhir.OfParameter(c.Param.Code, err)
	}
	return c, nil
}

func (s resolver) list(list []fhir.Criterion) ([]fhir.Criterion, error) {
	out := make([]fhir.Criterion, len(list))
	for i, c := range list {
		var err error
		if out[i], err = s.criterion(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s resolver) value(v fhir.Value) (fhir.Value, error) {
	switch v := v.(type) {
	case fhir.ValueSetValue:
		tokens, err := s.terminology.Codes(s.reader, v.URL)
		return fhir.TokenSetValue{Tokens: tokens}, asked(err, "the value set", v.URL)
	case fhir.SubsumedValue:
		tokens, err := s.terminology.Subsumed(s.reader, v.System, v.Code, v.Above)
		return fhir.TokenSetValue{Tokens: tokens}, asked(err, "the code system", v.System)
	case fhir.CompositeValue:
		var err error
		v.Second, err = s.value(v.Second)
		return v, err
	}
	return v, nil
}

// asked tells of a value set that is not there as of a wrong value: it is not
// what the client wanted to read.
func asked(err error, what, url string) error {
	if !fhir.HasIssue(err, fhir.IssueNotFound) {
		return err
	}
	return fhir.Errorf(fhir.IssueValue, "", "%s %.200q is not known here; store it first, or name the codes one by one", what, url).Because(err)
}
