package fhir

import "strings"

// A Reference is where a Reference.reference or a canonical points.
// Source: R4 references#literal.
type Reference struct {
	Key            // zero for a fragment, a urn or a foreign absolute URL
	Version string // of Type/id/_history/version
	Base    string // of an absolute URL of the form [base]/Type/id; "" for relative ones
	Anchor  string // of "#anchor": a contained resource; "#" alone is the container
	URL     string // the text as it stood
	Query   string // of a conditional reference "Type?criteria"
}

// ParseReference parts the text of Reference.reference. isType tells which names
// are resource types. It never fails: what it can't part has only a URL.
func ParseReference(text string, isType func(string) bool) Reference {
	r := Reference{URL: text}
	if anchor, ok := strings.CutPrefix(text, "#"); ok {
		r.Anchor = anchor
		return r
	}
	if typ, query, ok := strings.Cut(text, "?"); ok && isType(typ) {
		r.Type, r.Query = typ, query
		return r
	}
	if strings.HasPrefix(text, "urn:") {
		return r
	}
	path := text
	if i := strings.LastIndex(path, "/_history/"); i >= 0 {
		r.Version, path = path[i+len("/_history/"):], path[:i]
	}
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return Reference{URL: text}
	}
	id, rest := path[slash+1:], path[:slash]
	typ := rest[strings.LastIndexByte(rest, '/')+1:]
	if !isType(typ) || !ValidID(id) {
		return Reference{URL: text}
	}
	r.Key = Key{Type: typ, ID: id}
	r.Base = strings.TrimSuffix(rest[:len(rest)-len(typ)], "/")
	return r
}

// Contained reports whether the reference points into its own resource.
func (r Reference) Contained() bool { return strings.HasPrefix(r.URL, "#") }

// Relative reports whether the reference names a resource of this server.
func (r Reference) Relative() bool { return !r.Key.IsZero() && r.ID != "" && r.Base == "" }
