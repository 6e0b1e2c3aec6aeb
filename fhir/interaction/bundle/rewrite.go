package bundle

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/r4"
)

// Meanings know what the fullUrls and conditional references of a transaction
// mean.
type Meanings struct {
	Entries map[string]int      // by fullUrl: the entry
	Keys    []fhir.Key          // by entry: the resource; zero while it is not known
	Found   map[string]fhir.Key // by text: conditional references that are resolved
}

// A Rewrite replaces, in one resource, the links to other entries of its
// transaction by links to the resources these become: in Reference.reference, in
// elements of type uri, url and canonical, and in the href and src of narrative.
// Source: R4 http#trules, bundle#references.
type Rewrite struct {
	meanings *Meanings
	base     string // of the fullUrl of the resource's own entry, where that is RESTful
	root     fhir.Node
	edits    []edit

	Pending bool         // whether it refers to an entry whose key is not known yet
	Queries []Query      // its conditional references that are not resolved yet
	Issues  []fhir.Issue // what links to a type that the element does not refer to
}

// A Query is a conditional reference, with the path of the Reference.
type Query struct{ Text, Path string }

// An edit replaces a value of the source by another JSON value.
type edit struct {
	at, end int
	value   []byte
}

// Rewriting finds all links of a resource. base is that of its own fullUrl.
func (l *Meanings) Rewriting(n fhir.Node, base string) *Rewrite {
	rw := &Rewrite{meanings: l, root: n, base: base}
	rw.object(n, r4.Lookup(n.Get("resourceType").Text()), nil)
	return rw
}

// Bytes gives the resource with the links replaced.
func (rw *Rewrite) Bytes() []byte {
	src, offset := rw.root.Raw(), rw.root.Offset()
	if len(rw.edits) == 0 {
		return src
	}
	b := make([]byte, 0, len(src)+64*len(rw.edits))
	done := 0
	for _, e := range rw.edits {
		b = append(b, src[done:e.at-offset]...)
		b = append(b, e.value...)
		done = e.end - offset
	}
	return append(b, src[done:]...)
}

// object walks the members of an object. targets are the types that a Reference
// may point to; nil allows any.
func (rw *Rewrite) object(n fhir.Node, typ *r4.Type, targets []string) {
	if typ == nil {
		return
	}
	for m := range n.All() {
		name := m.Name()
		if strings.HasPrefix(name, "_") {
			rw.each(m, r4.Lookup("Element"), nil)
			continue
		}
		if _, et := typ.Member(name); et != nil {
			if typ.Name == "Reference" && name == "reference" {
				rw.reference(m, targets)
			} else {
				rw.each(m, et.Type, et.Targets)
			}
		}
	}
}

// each walks a value or the elements of an array.
func (rw *Rewrite) each(n fhir.Node, typ *r4.Type, targets []string) {
	if typ == nil {
		return
	}
	for v := range n.Each() {
		switch {
		case v.Kind() == fhir.KindObject && typ.Is("Resource"):
			rw.object(v, r4.Lookup(v.Get("resourceType").Text()), nil)
		case v.Kind() == fhir.KindObject:
			rw.object(v, typ, targets)
		case v.Kind() != fhir.KindString:
		case typ.Name == "uri" || typ.Name == "url" || typ.Name == "canonical":
			rw.uri(v)
		case typ.Name == "xhtml":
			rw.narrative(v)
		}
	}
}

// reference replaces a Reference.reference.
func (rw *Rewrite) reference(n fhir.Node, targets []string) {
	text := n.Text()
	key, ok := rw.meanings.Found[text]
	if !ok {
		if ref := fhir.ParseReference(text, r4.IsResource); ref.Query != "" {
			rw.Queries = append(rw.Queries, Query{text, strings.TrimSuffix(PathTo(rw.root, n), ".reference")})
			return
		}
		if key, ok = rw.key(text); !ok {
			return
		}
	}
	if len(targets) > 0 && !slices.Contains(targets, key.Type) && !slices.Contains(targets, "Resource") {
		rw.Issues = append(rw.Issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueStructure, Expression: PathTo(rw.root, n),
			Diagnostics: strconv.Quote(text) + " is a " + key.Type + ", but this element refers to " + strings.Join(targets, " or "),
		})
		return
	}
	_, fragment, _ := strings.Cut(text, "#")
	rw.replace(n, key, "#", fragment)
}

// uri replaces an element of type uri, url or canonical.
func (rw *Rewrite) uri(n fhir.Node) {
	text := n.Text()
	if key, ok := rw.key(text); ok {
		_, version, _ := strings.Cut(text, "|")
		rw.replace(n, key, "|", version)
	}
}

// replace notes an edit: the key, and what followed a mark in the old text.
func (rw *Rewrite) replace(n fhir.Node, key fhir.Key, mark, rest string) {
	value := key.String()
	if rest != "" {
		value += mark + rest
	}
	if value != n.Text() {
		rw.edit(n, value)
	}
}

func (rw *Rewrite) edit(n fhir.Node, value string) {
	rw.edits = append(rw.edits, edit{n.Offset(), n.Offset() + len(n.Raw()), jsontext.AppendString(nil, value)})
}

// key gives the resource that a link to an entry of the transaction means.
func (rw *Rewrite) key(text string) (fhir.Key, bool) {
	if i := strings.IndexAny(text, "#|"); i >= 0 {
		text = text[:i]
	}
	if text == "" {
		return fhir.Key{}, false
	}
	i, ok := rw.meanings.Entries[text]
	if !ok && rw.base != "" && !strings.Contains(text, ":") {
		i, ok = rw.meanings.Entries[rw.base+"/"+text]
	}
	if !ok {
		return fhir.Key{}, false
	}
	key := rw.meanings.Keys[i]
	if key.ID == "" {
		rw.Pending = true
		return key, false
	}
	return key, true
}

// narrative replaces links in the attributes href and src of XHTML.
func (rw *Rewrite) narrative(n fhir.Node) {
	text := n.Text()
	var b strings.Builder
	done := 0
	for at := 0; at < len(text); {
		value, end := nextLink(text, at)
		if end < 0 {
			break
		}
		if key, ok := rw.key(text[value:end]); ok {
			b.WriteString(text[done:value])
			b.WriteString(key.String())
			done = end
		}
		at = end
	}
	if done > 0 {
		b.WriteString(text[done:])
		rw.edit(n, b.String())
	}
}

// nextLink gives where the value of the next href or src begins and ends; end is
// -1 where there is none.
func nextLink(text string, at int) (value, end int) {
	for ; at < len(text); at++ {
		for _, attribute := range [...]string{"href=", "src="} {
			value = at + len(attribute)
			if !strings.HasPrefix(text[at:], attribute) || value >= len(text) || text[value] != '"' && text[value] != '\'' {
				continue
			}
			if n := strings.IndexByte(text[value+1:], text[value]); n >= 0 {
				return value + 1, value + 1 + n
			}
		}
	}
	return 0, -1
}

// Changes reports whether any link is replaced.
func (rw *Rewrite) Changes() bool { return len(rw.edits) > 0 }
