package main

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// currencies are the codes of ISO 4217 with their names: those in use, and those
// that ended since R4 was published, which older records bear.
//
//go:embed currencies.txt
var currencies string

// open are value sets whose systems list their codes elsewhere. Their system is
// kept, so that a code found in a resource has one.
var open = []string{canonical + "ValueSet/languages", canonical + "ValueSet/all-languages"}

// valueSetTable writes valuesets.txt: the value sets with a required binding.
func valueSetTable(d *definitions) (string, error) {
	wanted := map[string]bool{}
	for _, s := range d.types {
		for _, e := range s.Snapshot.Element {
			if e.Binding != nil && e.Binding.Strength == "required" {
				url, _, _ := strings.Cut(e.Binding.ValueSet, "|")
				wanted[url] = true
			}
		}
	}
	for _, url := range open {
		wanted[url] = true
	}
	var out strings.Builder
	for _, url := range slices.Sorted(maps.Keys(wanted)) {
		v := d.valueSets[url]
		if v == nil {
			continue // LOINC's answer list, which R4 does not publish
		}
		line(&out, "", "valueset", url)
		if err := d.include(&out, v); err != nil {
			return "", fmt.Errorf("%s: %w", url, err)
		}
	}
	return out.String(), nil
}

// include writes the systems and codes of a value set. None of those required
// in R4 excludes codes or includes other value sets.
func (d *definitions) include(out *strings.Builder, v *valueSet) error {
	if len(v.Compose.Exclude) > 0 {
		return fmt.Errorf("it excludes codes")
	}
	seen := map[string]bool{}
	for _, i := range v.Compose.Include {
		if len(i.ValueSet) > 0 || len(i.Filter) > 0 && !slices.Contains(open, v.URL) {
			return fmt.Errorf("it includes by filter or value set")
		}
		if !seen[i.System] {
			line(out, "", "system", i.System)
		}
		seen[i.System] = true
		if slices.Contains(open, v.URL) {
			continue
		}
		if i.System == "urn:iso:std:iso:4217" {
			out.WriteString(currencies)
			continue
		}
		d.codes(out, i)
	}
	return nil
}

// codes writes the codes named, or all of the system where none is.
func (d *definitions) codes(out *strings.Builder, i include) {
	displays := map[string]string{}
	var all []concept
	if s := d.codeSystems[i.System]; s != nil {
		all = flatten(nil, s.Concept)
	}
	for _, c := range all {
		displays[c.Code] = c.Display
	}
	if len(i.Concept) > 0 {
		all = i.Concept
	}
	for _, c := range all {
		if c.Display == "" {
			c.Display = displays[c.Code]
		}
		line(out, c.Code, c.Display)
	}
}

func flatten(out, concepts []concept) []concept {
	for _, c := range concepts {
		out = append(out, c)
		out = flatten(out, c.Concept)
	}
	return out
}
