package terminology

import (
	"fmt"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// A held is one resource, compiled. It is immutable.
type held struct {
	typ, url, version, status string
	identity                  string // names this very version; "" of what came with the request
	system                    *codes.System
	set                       *valueSet
	mapping                   *conceptMap
}

// compile makes a held of a resource and tells about how many bytes it takes.
func compile(n fhir.Node, identity string) (*held, int, error) {
	h := &held{
		typ: n.Get("resourceType").Text(), url: n.Get("url").Text(), version: n.Get("version").Text(),
		status: n.Get("status").Text(), identity: identity,
	}
	size := len(n.Raw())
	var err error
	switch h.typ {
	case "CodeSystem":
		if h.system, err = codes.Parse(n); err == nil {
			size = h.system.Bytes()
		}
	case "ValueSet":
		h.set = parseValueSet(n)
		size *= 3
	case "ConceptMap":
		h.mapping = parseConceptMap(n)
		size *= 3
	default:
		err = fhir.Errorf(fhir.IssueInvalid, "", "a %.40q is no CodeSystem, ValueSet or ConceptMap", h.typ)
	}
	return h, size, err
}

// compiled gives what was made of a body under its identity, or makes it.
func (s *Service) compiled(identity string, body func() ([]byte, error)) (*held, error) {
	if v, ok := s.cache.get(identity); ok {
		return v.(*held), nil
	}
	text, err := body()
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("terminology: %s: %w", identity, err)
	}
	h, size, err := compile(doc.Root(), identity)
	if err != nil {
		return nil, err
	}
	doc.Release()
	s.cache.put(identity, h, size)
	return h, nil
}

// newest gives of several resources of one URL the one that is meant: of the
// version asked for, or without one an active one before a draft, and the latest.
func newest(candidates []*held, version string) *held {
	var best *held
	for _, h := range candidates {
		if version != "" && h.version != version {
			continue
		}
		if best == nil || rank(h.status) > rank(best.status) ||
			rank(h.status) == rank(best.status) && compareVersions(h.version, best.version) > 0 {
			best = h
		}
	}
	return best
}

// rank orders statuses by how much they are meant when no version is named.
func rank(status string) int {
	switch status {
	case "active":
		return 3
	case "draft":
		return 2
	case "unknown":
		return 1
	}
	return 0
}
