package profile

import (
	"strings"

	"bima/fhir"
)

// A head is what a Set knows of a StructureDefinition before compiling it.
type head struct {
	url, version, name, typ, base, derivation, status string
}

func readHead(n fhir.Node) head {
	text := func(name string) string { return strings.Clone(n.Get(name).Text()) }
	h := head{url: text("url"), version: text("version"), name: text("title"), typ: text("type"), base: text("baseDefinition"), derivation: text("derivation"), status: text("status")}
	if h.name == "" {
		h.name = text("name")
	}
	if h.name == "" {
		_, h.name, _ = cutLast(h.url, '/')
	}
	return h
}

// A place is one step of an element's path: a member, and the slice of it.
type place struct{ name, slice string }

// A placer follows the paths of a list of ElementDefinitions, in which an element
// of a slice follows the slice.
type placer struct{ last []place }

// next gives the steps to an ElementDefinition below the root. Where its id is
// of the usual form it tells the slices; else those of the elements before do.
// Source: R4 elementdefinition#id.
func (p *placer) next(ed fhir.Node) []place {
	path := ed.Get("path").Text()
	steps := placesOf(ed.Get("id").Text())
	if !samePath(steps, path) {
		steps = p.follow(path, ed.Get("sliceName").Text())
	}
	p.last = steps
	return steps[1:]
}

// pathDepthMax is the deepest path of a definition that is read.
const pathDepthMax = 64

func placesOf(id string) []place {
	var steps []place
	for part := range strings.SplitSeq(id, ".") {
		name, slice, _ := strings.Cut(part, ":")
		if steps = append(steps, place{name, slice}); len(steps) > pathDepthMax {
			return nil
		}
	}
	return steps
}

func samePath(steps []place, path string) bool {
	for i, s := range steps {
		part, rest, more := strings.Cut(path, ".")
		if part != s.name || more != (i < len(steps)-1) {
			return false
		}
		path = rest
	}
	return len(steps) > 0
}

// follow places an element without a telling id.
func (p *placer) follow(path, slice string) []place {
	steps := placesOf(path)
	if len(steps) == 0 {
		return []place{{}}
	}
	for i := range steps {
		if i >= len(p.last) || steps[i].name != p.last[i].name {
			break
		}
		steps[i].slice = p.last[i].slice
	}
	steps[len(steps)-1].slice = slice
	return steps
}

// choiceOf gives a member of the form fixed[x] with the name of its type.
func choiceOf(ed fhir.Node, prefix string) (value fhir.Node, typ string) {
	for c := ed.First(); c.Exists(); c = c.Next() {
		if rest, ok := strings.CutPrefix(c.Name(), prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return c, rest
		}
	}
	return fhir.Node{}, ""
}
