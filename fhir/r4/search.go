package r4

import "strings"

// loadSearchParams reads "base code kind url expression targets", then pairs of
// a component's definition and expression.
func loadSearchParams(table string) []*SearchParam {
	out := make([]*SearchParam, 0, strings.Count(table, "\n"))
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := &SearchParam{Base: f[0], Code: f[1], Kind: f[2], URL: f[3], Expression: f[4], Targets: strings.Fields(f[5])}
		for c := f[6:]; len(c) >= 2; c = c[2:] {
			p.Components = append(p.Components, Component{Definition: c[0], Expression: c[1]})
		}
		out = append(out, p)
	}
	return out
}

// loadCompartments reads the owners, each followed by its members.
func loadCompartments(table string) []*Compartment {
	var out []*Compartment
	for line := range strings.Lines(table) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if name == "=" {
			out = append(out, &Compartment{Type: rest, Members: map[string][]string{}})
			continue
		}
		out[len(out)-1].Members[name] = strings.Fields(rest)
	}
	return out
}
