package search

import (
	"fmt"
	"maps"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
)

// A Changed is a code of a concrete type whose index rows another registry would
// make otherwise.
type Changed struct{ Type, Code string }

// Diff gives the codes, with those derived from them, that next indexes and r
// does not, or not in the same way: their rows have to be made anew before a
// search finds all. It goes by concrete type, sorted. Codes that next no longer
// has are left out, since nothing searches by them.
func (r *Registry) Diff(next *Registry) []Changed {
	var out []Changed
	for _, typ := range r4.Resources() {
		before, after := r.signatures(typ), next.signatures(typ)
		for _, code := range slices.Sorted(maps.Keys(after)) {
			if before[code] == after[code] {
				continue
			}
			for _, derived := range derivedCodes(code, next.param(typ, code)) {
				out = append(out, Changed{typ, derived})
			}
			if without := AbsentCode(typ, code); without != "" {
				out = append(out, Changed{typ, without})
			}
		}
		if r.wordless && !next.wordless {
			out = append(out, Changed{typ, contentParam}, Changed{typ, textParam})
		}
	}
	return out
}

// signatures says of each indexed parameter of a type what its rows depend on.
func (r *Registry) signatures(typ string) map[string]string {
	out := map[string]string{}
	for _, base := range lineage(typ) {
		for code, p := range r.params[base] {
			if _, nearer := out[code]; nearer || p.Expression == "" {
				continue
			}
			parts := ""
			for _, c := range p.Components {
				parts += fmt.Sprintf(" %d %q", r.kinds[c.Definition], c.Expression)
			}
			out[code] = fmt.Sprintf("%d %q %v%s", p.kind, p.Expression, p.Targets, parts)
		}
	}
	return out
}

// derivedCodes gives a code and those derived from it; see fhir.Param.
func derivedCodes(code string, p *param) []string {
	c := codesOf(code)
	switch p.kind {
	case fhir.ParamToken:
		return []string{c.code, c.ofType, c.text}
	case fhir.ParamReference:
		return []string{c.code, c.identifier, c.text}
	case fhir.ParamQuantity:
		return []string{c.code, c.ucum}
	}
	return []string{c.code}
}
