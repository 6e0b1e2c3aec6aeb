package interaction

import (
	"slices"
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

// A draft is a resource on its way into the store: read, valid and indexed, all
// of which is done before the transaction that stores it. Only the id, the
// version and the time are written in later.
type draft struct {
	typ   string
	id    string // as the body says; may be ""
	node  fhir.Node
	meta  []byte // the members of meta after versionId and lastUpdated, each with a comma before it
	rest  []byte // the members after meta, each with a comma before it
	index *fhir.Index
}

// draft reads a resource of the type, or of any where typ is "". The error holds
// all that is wrong with it; the issues are warnings.
func (e *Engine) draft(body []byte, typ string) (*draft, []fhir.Issue, error) {
	doc, issues := validate.Resource(body, validate.Options{Type: typ})
	if err := refused(issues); err != nil {
		return nil, nil, err
	}
	return e.draftOf(doc.Root()), issues, nil
}

// ownDraft is draft for what the server writes of its own right, which is
// validated only where the configuration asks for it.
func (e *Engine) ownDraft(body []byte, typ string) (*draft, error) {
	if e.checkOwn {
		d, _, err := e.draft(body, typ)
		return d, err
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	if got := doc.Root().Get("resourceType").Text(); got != typ {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the server meant to write a %s, not a %.40q", typ, got)
	}
	return e.draftOf(doc.Root()), nil
}

// draftOf takes a valid resource apart.
func (e *Engine) draftOf(n fhir.Node) *draft {
	d := &draft{typ: n.Get("resourceType").Text(), id: n.Get("id").Text(), node: n}
	if meta := n.Get("meta"); meta.Exists() {
		d.meta = make([]byte, 0, len(meta.Raw()))
		for m := range meta.All() {
			if name := m.Name(); name != "versionId" && name != "lastUpdated" {
				d.meta = appendMember(d.meta, m)
			}
		}
	}
	d.rest = make([]byte, 0, len(n.Raw()))
	for m := range n.All() {
		switch m.Name() {
		case "resourceType", "id", "meta":
		default:
			d.rest = appendMember(d.rest, m)
		}
	}
	d.index = e.search.Extract(n)
	d.index.Unique = e.uniqueKeys(n)
	return d
}

// uniqueKeys gives the business identifiers of a resource that no other of its
// type may bear.
func (e *Engine) uniqueKeys(n fhir.Node) []fhir.UniqueKey {
	typ := n.Get("resourceType").Text()
	var keys []fhir.UniqueKey
	for _, system := range e.unique[typ] {
		for identifier := range n.Get("identifier").Each() {
			value := identifier.Get("value").Text()
			key := fhir.UniqueKey{Type: typ, Name: system, Value: value}
			if value != "" && identifier.Get("system").Text() == system && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// indexOf gives the index of a stored version.
func (e *Engine) indexOf(r *fhir.Resource) (*fhir.Index, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	index := e.search.Extract(doc.Root())
	index.Unique = e.uniqueKeys(doc.Root())
	return index, nil
}

// body writes the JSON that is stored: resourceType, id and meta first, the rest
// in the order it was sent, every value as it was written.
func (d *draft) body(id string, version int64, updated time.Time) []byte {
	b := make([]byte, 0, len(d.meta)+len(d.rest)+len(id)+len(d.typ)+112)
	b = append(b, `{"resourceType":"`...)
	b = append(b, d.typ...)
	b = append(b, `","id":"`...)
	b = append(b, id...)
	b = append(b, `","meta":{"versionId":"`...)
	b = strconv.AppendInt(b, version, 10)
	b = append(b, `","lastUpdated":`...)
	b = appendInstant(b, updated)
	b = append(b, d.meta...)
	b = append(b, '}')
	b = append(b, d.rest...)
	return append(b, '}')
}

// same reports whether storing the draft would change nothing of the resource
// but its version and its time.
func (d *draft) same(r *fhir.Resource) bool {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	return sameMembers(d.node, doc.Root(), "id", "meta") &&
		sameMembers(d.node.Get("meta"), doc.Root().Get("meta"), "versionId", "lastUpdated")
}

// sameMembers compares two objects, in any order of members, without those
// named. An absent object is one without members.
func sameMembers(a, b fhir.Node, without ...string) bool {
	skip := func(n fhir.Node) bool {
		for _, name := range without {
			if n.Name() == name {
				return true
			}
		}
		return false
	}
	count := 0
	for m := range b.All() {
		if !skip(m) {
			count++
		}
	}
	for m := range a.All() {
		if skip(m) {
			continue
		}
		count--
		if !sameValue(m, b.Get(m.Name())) {
			return false
		}
	}
	return count == 0
}

// sameValue compares two values. Numbers are the same when they are written the
// same, for precision carries meaning in FHIR.
func sameValue(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		return sameMembers(a, b)
	case fhir.KindArray:
		if a.Len() != b.Len() {
			return false
		}
		other := b.First()
		for element := range a.All() {
			if !sameValue(element, other) {
				return false
			}
			other = other.Next()
		}
		return true
	}
	return a.Text() == b.Text()
}

// knownType refuses what is no resource type of R4.
func knownType(typ string) error {
	if r4.IsResource(typ) {
		return nil
	}
	return fhir.Detailf(fhir.IssueNotSupported, DetailUnknownType, "", "%.60q is not a resource type of FHIR R4", typ)
}
