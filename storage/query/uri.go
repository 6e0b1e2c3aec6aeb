package query

import (
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

// uri writes the comparison of a URI; below and above go by whole path segments.
// Source: R4 search#uri.
func (p *Planner) uri(v fhir.URIValue, t string) {
	want := index.Stored(v.URI)
	switch v.Mode {
	case fhir.URIBelow:
		p.Add("((")
		p.same(t, want)
		p.Add(") OR (")
		p.starts(t+".uri", t+".more", strings.TrimSuffix(want, "/")+"/")
		p.Add("))")
	case fhir.URIAbove:
		p.Add("(")
		for i, above := range paths(want) {
			if i > 0 {
				p.Add(" OR ")
			}
			p.Add("(")
			p.same(t, above)
			p.Add(")")
		}
		p.Add(")")
	default:
		p.same(t, want)
	}
}

func (p *Planner) same(t, uri string) {
	key, more := index.Cut(uri)
	p.Add(t, ".uri = ", p.Arg(key), " AND ", t, ".more = ", p.Arg(more))
}

// pathsMax bounds the segments of a URI that :above looks at.
const pathsMax = 64

// paths gives a URI and each path above it, down to its authority.
func paths(uri string) []string {
	out := []string{uri}
	start := 0
	if i := strings.Index(uri, "://"); i >= 0 {
		start = i + 3
	}
	rest := uri
	for len(out) < pathsMax {
		slash := strings.LastIndexByte(rest[start:], '/')
		if slash < 0 {
			break
		}
		with := rest[:start+slash+1]
		rest = rest[:start+slash]
		if with != uri {
			out = append(out, with)
		}
		out = append(out, rest)
	}
	return out
}
