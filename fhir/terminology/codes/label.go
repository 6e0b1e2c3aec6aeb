package codes

import (
	"strings"

	"bima/fhir/search/words"
)

// Languages parts the text of displayLanguage, which is written as HTTP's
// Accept-Language: the tags in their order, without weights.
func Languages(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		tag, _, _ := strings.Cut(part, ";")
		if tag = strings.TrimSpace(tag); tag != "" && tag != "*" {
			out = append(out, tag)
		}
	}
	return out
}

// Label gives the display of a concept in the first of the languages it has a
// name in, else its own display. more are designations besides its own.
func (c Concept) Label(languages []string, more []Designation) string {
	for _, want := range languages {
		if c.s.Language != "" && speaks(c.s.Language, want) && c.Display() != "" {
			return c.Display()
		}
		if name := Named(more, want); name != "" {
			return name
		}
		if name := Named(c.Designations(), want); name != "" {
			return name
		}
	}
	return c.Display()
}

// Named gives the first designation in a language; "" where there is none.
func Named(designations []Designation, want string) string {
	for _, d := range designations {
		if d.Language != "" && speaks(d.Language, want) {
			return d.Value
		}
	}
	return ""
}

// speaks reports whether a text in one language serves who wants another: the
// same, or one more general or more special.
func speaks(has, want string) bool {
	if len(has) > len(want) {
		has, want = want, has
	}
	return strings.EqualFold(has, want[:len(has)]) && (len(has) == len(want) || want[len(has)] == '-')
}

// SameText reports whether two displays say the same: without regard to case and
// to how white space is laid out.
func SameText(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// A Wanted is what a person typed to find concepts: each word must begin a word
// of the code or of one name.
type Wanted []string

// Want reads a filter text. One without words wants everything.
func Want(text string) Wanted { return strings.Fields(words.Normal(text)) }

// In reports whether one of the texts has all words.
func (w Wanted) In(texts ...string) bool {
	for _, text := range texts {
		if w.all(words.Normal(text)) {
			return true
		}
	}
	return len(w) == 0
}

// Says reports whether the code or one of the names of a concept has all words.
func (c Concept) Says(w Wanted) bool {
	c.s.once.Do(c.s.normalise)
	for line := range strings.SplitSeq(c.s.normal[c.i], "\n") {
		if w.all(line) {
			return true
		}
	}
	return false
}

// normalise makes the texts of all concepts ready to be compared with what people
// type, a line a text.
func (s *System) normalise() {
	s.normal = make([]string, len(s.records))
	var text strings.Builder
	for c := range s.All() {
		text.Reset()
		text.WriteString(words.Normal(c.Code()))
		text.WriteByte('\n')
		text.WriteString(words.Normal(c.Display()))
		for _, d := range c.Designations() {
			text.WriteByte('\n')
			text.WriteString(words.Normal(d.Value))
		}
		s.normal[c.i] = text.String()
	}
}

func (w Wanted) all(text string) bool {
	for _, word := range w {
		if !begins(text, word) {
			return false
		}
	}
	return true
}

// begins reports whether a word of a text begins so.
func begins(text, word string) bool {
	return strings.HasPrefix(text, word) || strings.Contains(text, " "+word)
}
