// Package parts refuses settings that nobody reads: extensions of ours that do not
// exist at an element, misspelt parts of one, and values of another type or code.
//
// What there is it reads from our own definitions. Its door: Check. Extensions of
// others are none of its business: R4 lets them be.
package parts

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// A part is what an extension, or a part of one, may hold.
type part struct {
	context []string // the elements that an extension is of
	min     int
	max     string   // "*" has no bound
	value   string   // "valueCode"; "" where it has parts
	codes   []string // of them one; nil is any value
	parts   map[string]*part
}

// prefix is what the URLs of our extensions begin with.
const prefix = profiles.Canonical + "/StructureDefinition/"

// Check refuses what the extensions of an element say that would not be done. At is
// where the element is: "Subscription.channel".
func Check(at string, n fhir.Node) error {
	known := map[string]*part{}
	for name, p := range extensions() {
		if slices.Contains(p.context, at) {
			known[name] = p
		}
	}
	return check(at, "setting", n, known, prefix)
}

// check asks of each extension of an element whose URL is ours whether it is known
// there.
func check(at, what string, n fhir.Node, known map[string]*part, prefix string) error {
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	i, times := 0, map[string]int{}
	for e := range n.Get("extension").Each() {
		here := at + ".extension[" + strconv.Itoa(i) + "]"
		name, ours := strings.CutPrefix(e.Get("url").Text(), prefix)
		i++
		if !ours {
			continue
		}
		p := known[name]
		if p == nil {
			return wrong(here, "%.200q is no %s of %s; there are %s", name, what, at, names)
		}
		if times[name]++; p.max != "*" && strconv.Itoa(times[name]) > p.max { // of one digit both
			return wrong(here, "%s is given %s times at most", name, p.max)
		}
		if err := p.holds(here, name, e); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if times[name] < known[name].min {
			return wrong(at, "%s is missing; it needs %s", name, names)
		}
	}
	return nil
}

// holds asks whether an extension has a value as is defined, or the parts.
func (p *part) holds(at, name string, e fhir.Node) error {
	if len(p.parts) > 0 {
		return check(at, "part", e, p.parts, "")
	}
	for member := range e.All() {
		if strings.HasPrefix(member.Name(), "value") && member.Name() != p.value {
			return wrong(at, "%s is given as %s, not as %s", name, p.value, member.Name())
		}
	}
	value := e.Get(p.value)
	if !value.Exists() {
		return wrong(at, "%s is given as %s, which is missing", name, p.value)
	}
	if len(p.codes) > 0 && !slices.Contains(p.codes, value.Text()) {
		return wrong(at+"."+p.value, "%s is %.80q, which is none of %s", name, value.Text(), strings.Join(p.codes, ", "))
	}
	return nil
}

func wrong(at, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueBusinessRule, at, format, args...)
}
