package r4

import "strings"

// A Coding is one code of a value set. Source: R4 datatypes#Coding.
type Coding struct{ System, Code, Display string }

// A valueSet is what R4 itself says of a value set.
type valueSet struct {
	codes   []Coding
	byCode  map[string]int // the first in codes
	systems []string
	open    bool // a system's codes are listed elsewhere, such as UCUM's
}

// ValueSetHas reports whether a value set that is required somewhere in R4 has
// the code; system "" stands for any, as elements of type code have none. Where
// R4 does not list the codes itself (units, media types, languages) or the value
// set is not a required one, known is false. A version after | is ignored.
func ValueSetHas(url, system, code string) (has, known bool) {
	v := find(url)
	if v == nil {
		return false, false
	}
	if first, ok := v.byCode[code]; ok {
		for _, c := range v.codes[first:] {
			if c.Code == code && (system == "" || c.System == system) {
				return true, true
			}
		}
	}
	return false, !v.open
}

// ValueSetCodes gives the codes of a value set that is required somewhere in R4,
// or nil where they are not known. Nobody writes to the slice.
func ValueSetCodes(url string) []Coding {
	v := find(url)
	if v == nil || v.open {
		return nil
	}
	return v.codes
}

// CodeSystem gives the system of a code in a value set, for an element of type
// code: token search needs it, and such elements do not state it. It reports
// false where R4 does not settle it.
func CodeSystem(url, code string) (system string, ok bool) {
	v := find(url)
	if v == nil {
		return "", false
	}
	if first, listed := v.byCode[code]; listed {
		return v.codes[first].System, true
	}
	if v.open && len(v.systems) == 1 {
		return v.systems[0], true
	}
	return "", false
}

func find(url string) *valueSet {
	url, _, _ = strings.Cut(url, "|")
	return valueSets()[url]
}

// loadValueSets reads the value sets, each with its systems and their codes.
func loadValueSets(table string) map[string]*valueSet {
	out := map[string]*valueSet{}
	var v *valueSet
	codes := 0 // of the latest system
	for line := range strings.Lines(table) {
		code, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if code != "" {
			v.add(Coding{System: v.systems[len(v.systems)-1], Code: code, Display: rest})
			codes++
			continue
		}
		v.close(codes)
		codes = 0
		if url, ok := strings.CutPrefix(rest, "valueset\t"); ok {
			v = &valueSet{byCode: map[string]int{}}
			out[url] = v
			continue
		}
		v.systems = append(v.systems, strings.TrimPrefix(rest, "system\t"))
	}
	v.close(codes)
	return out
}

func (v *valueSet) add(c Coding) {
	if _, seen := v.byCode[c.Code]; !seen {
		v.byCode[c.Code] = len(v.codes)
	}
	v.codes = append(v.codes, c)
}

// close ends the latest system, which had so many codes.
func (v *valueSet) close(codes int) {
	if v != nil && len(v.systems) > 0 && codes == 0 {
		v.open = true
	}
}
