package validate

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// unknown reports a member that the type does not have, with the way out.
func (w *walker) unknown(p *plan, name string) {
	if w.full() {
		return
	}
	w.reportChild(printable(name), fhir.IssueStructure, "", "%s has no element %s%s", p.typ.Name, excerpt(name), w.wayOut(p, name))
}

// wayOut guesses what was meant by an unknown name.
func (w *walker) wayOut(p *plan, name string) string {
	bare := strings.TrimPrefix(name, "_")
	if name == "resourceType" {
		return ": only resources name their type; leave it out"
	}
	if e := p.typ.Element(bare); e != nil && e.Choice {
		return ": name the type of the value, as " + choices(e)
	}
	if p.find(bare) != nil {
		return ": only primitive elements have a member with an underscore; write " + bare
	}
	names := make([]string, 0, len(p.members))
	for i := range p.members {
		names = append(names, p.members[i].json)
	}
	if near := closest(bare, names); near != "" {
		return ": did you mean " + near + "?"
	}
	if len(names) <= listedMax {
		return ": it has " + strings.Join(names, ", ")
	}
	return ": leave it out, or carry it as an extension"
}

// listedMax is up to how many names or codes a message lists.
const listedMax = 16

// choices lists the JSON names of a choice element.
func choices(e *r4.Element) string {
	var b strings.Builder
	for i, t := range e.Types {
		switch {
		case i == listedMax:
			return b.String() + " or another of its types"
		case i > 0 && i == len(e.Types)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(t.JSON)
	}
	return b.String()
}

// printable makes a JSON name fit for a path.
func printable(name string) string {
	if len(name) > excerptMax {
		name = name[:excerptMax]
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '.' || r == 0xFFFD || r == 0x7f {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
}

// closest gives the candidate that differs least from a name, "" if none is
// near: at most a third of its letters may be wrong.
func closest(name string, candidates []string) string {
	if len(name) > excerptMax {
		return ""
	}
	best, least := "", len(name)/3+1
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between two words (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
