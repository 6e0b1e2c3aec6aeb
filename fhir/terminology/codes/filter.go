package codes

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"bima/fhir"
)

// A Filter selects concepts by a property or by where they stand. Source: R4
// ValueSet.compose.include.filter.
type Filter struct{ Property, Op, Value string }

// A Selection is a Filter made ready for one System.
type Selection struct {
	s    *System
	list func() []Concept // those that pass, where the hierarchy tells; nil: each is tested
	test func(Concept) bool
}

// Has reports whether a concept passes.
func (x *Selection) Has(c Concept) bool { return x.test(c) }

// Narrow reports whether All is quick: it walks only a part of the hierarchy.
func (x *Selection) Narrow() bool { return x.list != nil }

// All ranges over the concepts that pass, in the order of the document.
func (x *Selection) All() iter.Seq[Concept] {
	if x.list != nil {
		return slices.Values(x.list())
	}
	return func(yield func(Concept) bool) {
		for c := range x.s.All() {
			if x.test(c) && !yield(c) {
				return
			}
		}
	}
}

// patternMax is the longest regular expression of a filter.
const patternMax = 1000

// Select makes a Filter ready. It fails with an Outcome of IssueNotFound where
// the filter names a concept the system lacks, of IssueNotSupported for operators
// that are none of R4's, and of IssueInvalid for values it can't read.
func (s *System) Select(f Filter) (*Selection, error) {
	switch f.Op {
	case "is-a", "descendent-of", "is-not-a", "generalizes":
		return s.selectPlace(f)
	case "=":
		return s.selectTexts(f, []string{f.Value}, true), nil
	case "in":
		return s.selectTexts(f, list(f.Value), true), nil
	case "not-in":
		return s.selectTexts(f, list(f.Value), false), nil
	case "exists":
		return s.selectExists(f)
	case "regex":
		return s.selectPattern(f)
	}
	return nil, fhir.Errorf(fhir.IssueNotSupported, "ValueSet.compose.include.filter.op", "the filter operator %.40q is none of R4's", f.Op)
}

// selectPlace selects by the hierarchy.
func (s *System) selectPlace(f Filter) (*Selection, error) {
	anchor, ok := s.Find(f.Value)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotFound, "ValueSet.compose.include.filter.value", "the code system %.200s has no code %.100q, which a filter names", s.URL, f.Value)
	}
	self := func(c Concept) bool { return c.s == s && c.i == anchor.i }
	switch f.Op {
	case "is-a":
		return &Selection{
			s: s, list: func() []Concept { return sorted(append(anchor.Descendants(), anchor)) },
			test: func(c Concept) bool { return self(c) || c.Under(anchor) },
		}, nil
	case "descendent-of":
		return &Selection{s: s, list: anchor.Descendants, test: func(c Concept) bool { return c.Under(anchor) }}, nil
	case "generalizes":
		return &Selection{
			s: s, list: func() []Concept { return sorted(append(anchor.Ancestors(), anchor)) },
			test: func(c Concept) bool { return self(c) || anchor.Under(c) },
		}, nil
	}
	return &Selection{s: s, test: func(c Concept) bool { return !self(c) && !c.Under(anchor) }}, nil
}

func sorted(concepts []Concept) []Concept {
	slices.SortFunc(concepts, func(a, b Concept) int { return int(a.i) - int(b.i) })
	return concepts
}

// selectTexts selects the concepts that have one of the texts, or with has false
// those that have none of them.
func (s *System) selectTexts(f Filter, texts []string, has bool) *Selection {
	byCode := f.Property == "concept" || f.Property == "code"
	if byCode && s.Folded {
		for i := range texts {
			texts[i] = strings.ToLower(texts[i])
		}
	}
	wanted := make(map[string]bool, len(texts))
	for _, text := range texts {
		wanted[text] = true
	}
	return &Selection{s: s, test: func(c Concept) bool {
		for text := range c.texts(f.Property) {
			if byCode && s.Folded {
				text = strings.ToLower(text)
			}
			if wanted[text] {
				return has
			}
		}
		return !has
	}}
}

// list parts the value of in and not-in at its commas.
func list(text string) []string {
	out := strings.Split(text, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

func (s *System) selectExists(f Filter) (*Selection, error) {
	if f.Value != "true" && f.Value != "false" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "ValueSet.compose.include.filter.value", "the filter exists takes true or false, not %.40q", f.Value)
	}
	return &Selection{s: s, test: func(c Concept) bool {
		exists := false
		for range c.texts(f.Property) {
			exists = true
		}
		return exists == (f.Value == "true")
	}}, nil
}

// selectPattern selects the concepts with a text that the pattern matches whole,
// in RE2's syntax, whose time grows with the text and not beyond.
func (s *System) selectPattern(f Filter) (*Selection, error) {
	if len(f.Value) > patternMax {
		return nil, fhir.Errorf(fhir.IssueTooLong, "ValueSet.compose.include.filter.value", "a regular expression may be %d bytes long, this one is %d", patternMax, len(f.Value))
	}
	_, err := regexp.Compile(f.Value) // alone, so that it can't close the group below
	var pattern *regexp.Regexp
	if err == nil {
		pattern, err = regexp.Compile(`^(?:` + f.Value + `)$`)
	}
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "ValueSet.compose.include.filter.value", "%.100q is no regular expression of the syntax RE2", f.Value)
	}
	return &Selection{s: s, test: func(c Concept) bool {
		for text := range c.texts(f.Property) {
			if pattern.MatchString(text) {
				return true
			}
		}
		return false
	}}, nil
}
