package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// corrections are expressions of R4 that are missing or cannot work as they are
// published; by the id of the SearchParameter.
var corrections = map[string]string{
	// The published URL names the search parameter, not the extension.
	"patient-extensions-Patient-mothersMaidenName": "Patient.extension('http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName').value",
	"device-extensions-Device-din":                 "Device.extension('http://hl7.org/fhir/StructureDefinition/device-din').value",
	// No expression is published; the text is "whether a patient was part of a multiple birth".
	"patient-extensions-Patient-birthOrderBoolean": "Patient.multipleBirth.ofType(boolean)",
}

// swapped are composites whose published parts have each other's expression; by
// the id of the SearchParameter.
var swapped = []string{"DocumentReference-relationship"}

// examples are the SearchParameters that only show what one looks like.
var examples = []string{"example", "example-extension", "example-reference"}

// searchTable writes search.txt. A parameter of several bases becomes one of
// each, with that part of its expression that is about the base.
func searchTable(d *definitions) (string, error) {
	type row struct {
		base  string
		param *searchParameter
	}
	var rows []row
	seen := map[string]string{}
	for _, p := range d.params {
		if slices.Contains(examples, p.ID) {
			continue
		}
		if corrected, ok := corrections[p.ID]; ok {
			p.Expression = corrected
		}
		if slices.Contains(swapped, p.ID) {
			p.Component[0].Expression, p.Component[1].Expression = p.Component[1].Expression, p.Component[0].Expression
		}
		for _, base := range p.Base {
			if other, twice := seen[base+"."+p.Code]; twice {
				return "", fmt.Errorf("%s and %s both define %s.%s", other, p.ID, base, p.Code)
			}
			seen[base+"."+p.Code] = p.ID
			rows = append(rows, row{base, p})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.param.Code, b.param.Code))
	})
	var out strings.Builder
	for _, r := range rows {
		p := r.param
		expression, err := d.partOf(p.Expression, r.base)
		if err != nil {
			return "", fmt.Errorf("%s: %w", p.ID, err)
		}
		fields := []string{r.base, p.Code, p.Type, p.URL, expression, strings.Join(slices.Sorted(slices.Values(p.Target)), " ")}
		for _, c := range p.Component {
			fields = append(fields, c.Definition, c.Expression)
		}
		line(&out, fields...)
	}
	return out.String(), nil
}

// partOf keeps the members of a union that are about the base. Those that start
// at no type (InsurancePlan.name is published as "name | alias") get it.
func (d *definitions) partOf(expression, base string) (string, error) {
	if expression == "" {
		return "", nil
	}
	var kept []string
	for _, member := range union(expression) {
		first := strings.TrimLeft(member, "( ")
		if end := strings.IndexFunc(first, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }); end >= 0 {
			first = first[:end]
		}
		switch {
		case first == base:
			kept = append(kept, member)
		case d.types[first] == nil:
			kept = append(kept, base+"."+member)
		}
	}
	if len(kept) == 0 {
		return "", fmt.Errorf("nothing in %q is about %s", expression, base)
	}
	return strings.Join(kept, " | "), nil
}

// union parts an expression at its top-level bars.
func union(expression string) []string {
	var parts []string
	depth, start, quoted := 0, 0, false
	for i, r := range expression {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '|' && depth == 0:
			parts = append(parts, strings.TrimSpace(expression[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(expression[start:]))
}

// compartmentTable writes compartments.txt.
func compartmentTable(d *definitions) (string, error) {
	byOwner := map[string]*compartment{}
	for _, c := range d.compartments {
		if c.ID != "example" {
			byOwner[c.Code] = c
		}
	}
	var out strings.Builder
	for _, owner := range slices.Sorted(maps.Keys(byOwner)) {
		line(&out, "=", owner)
		members := byOwner[owner].Resource
		for _, m := range members {
			if len(m.Param) > 0 {
				line(&out, m.Code, strings.Join(m.Param, " "))
			}
		}
	}
	return out.String(), nil
}
