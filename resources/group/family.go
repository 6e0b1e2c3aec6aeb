package group

import (
	"fmt"
	"slices"
	"strconv"

	"bima/fhir"
	"bima/profiles"
)

// A family is a Group under change.
type family struct {
	key     fhir.Key
	version int64
	root    fhir.Node
	list    []member
	rows    map[int]*rowChange
	added   [][]byte
	closed  bool
}

// A rowChange is what becomes of one row of Group.member.
type rowChange struct {
	head         string // "true", "false"; "" leaves it
	relationship []byte // a CodeableConcept; nil leaves it, and empty takes it away
	end          string // his last day; "" leaves it
}

// open reads a family that is to be changed.
func (s Settings) open(tx fhir.Tx, k fhir.Key, expression string) (*family, error) {
	r, err := tx.Read(k)
	if err != nil {
		return nil, err
	}
	if r.Deleted {
		return nil, fhir.Errorf(fhir.IssueDeleted, expression, "%s has been deleted", k)
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	if !isFamily(doc.Root()) {
		return nil, refuse(expression, "%s is no family: it has neither a family number nor a head", k)
	}
	if !active(doc.Root()) {
		return nil, refuse(expression, "the family %s is closed; set active to true first, with a head", codeOf(doc.Root()))
	}
	return &family{key: k, version: r.Version, root: doc.Root(), list: members(doc.Root(), s.today(tx.Now())), rows: map[int]*rowChange{}}, nil
}

func (f *family) row(m member) *rowChange {
	if f.rows[m.at] == nil {
		f.rows[m.at] = &rowChange{}
	}
	return f.rows[m.at]
}

// leave ends a membership with a last day, or with its first where that is later.
func (f *family) leave(m member, last string) {
	r := f.row(m)
	r.end = max(last, m.start)
	if m.head {
		r.head = "false"
	}
	f.list = slices.DeleteFunc(f.list, func(other member) bool { return other.at == m.at })
	if len(f.list)+len(f.added) == 0 {
		f.closed = true
	}
}

// join adds a member.
func (f *family) join(person fhir.Key, start string, relationship []byte) {
	f.added = append(f.added, newRow(person, start, relationship, false))
}

// newRow writes a row of Group.member.
func newRow(person fhir.Key, start string, relationship []byte, head bool) []byte {
	b := []byte(`{`)
	if list := extensions(nil, head, relationship); len(list) > 0 {
		b = append(append(b, `"extension":`...), list...)
		b = append(b, ',')
	}
	return fmt.Appendf(b, `"entity":{"reference":%q},"period":{"start":%q}}`, person.String(), start)
}

// lead makes a member the head, and turns the relationships of the others to him.
// old is what the old head is to him; nil is what follows.
func (f *family) lead(m member, old []byte) {
	was := relationshipOf(m.node)
	for _, other := range f.list {
		r := f.row(other)
		switch {
		case other.at == m.at:
			r.head, r.relationship = "true", []byte{}
		case other.head:
			r.head, r.relationship = "false", concept(relationshipAfter(was, ""))
			if old != nil {
				r.relationship = old
			}
		case relationshipOf(other.node) != "":
			r.relationship = concept(relationshipAfter(was, relationshipOf(other.node)))
		}
	}
	for i := range f.list {
		f.list[i].head = f.list[i].at == m.at
	}
}

// heir gives who is head after a head who died: his spouse, or else the eldest.
func heir(r fhir.Reader, list []member) (member, error) {
	var first member
	eldest := ""
	for i, m := range list {
		patient, err := fhir.Tree(r, m.person)
		if err != nil {
			return m, err
		}
		if relationshipOf(m.node) == spouse {
			return m, nil
		}
		if born := patient.Get("birthDate").Text(); i == 0 || born != "" && (eldest == "" || born < eldest) {
			first, eldest = m, born
		}
	}
	return first, nil
}

// save stores what has become of the family.
func (f *family) save(tx fhir.Tx) error {
	e := fhir.NewEdit(f.root.Document())
	at := -1
	for m := range f.root.Get("member").Each() {
		at++
		if c := f.rows[at]; c != nil {
			e.Replace(m, changed(m, c))
		}
	}
	if list := f.root.Get("member"); list.Exists() {
		for _, row := range f.added {
			e.Append(list, row)
		}
	} else if len(f.added) > 0 {
		e.Set(f.root, "member", array(f.added))
	}
	e.Set(f.root, "quantity", strconv.AppendInt(nil, int64(len(f.list)+len(f.added)), 10))
	if f.closed {
		e.Set(f.root, "active", []byte("false"))
	}
	_, err := tx.Update(&fhir.Resource{Key: f.key, Body: e.Bytes()}, f.version)
	return err
}

// changed writes a row of Group.member anew.
func changed(m fhir.Node, c *rowChange) []byte {
	b := []byte{'{'}
	member := func(name string, value []byte) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, quote(name)...), ':'), value...)
	}
	if list := extensionsAfter(m, c); len(list) > 0 {
		member("extension", list)
	}
	for part := range m.All() {
		switch name := part.Name(); {
		case name == "extension":
		case name == "period" && c.end != "", name == "inactive" && c.end != "":
		default:
			member(name, part.Raw())
		}
	}
	if c.end != "" {
		period := []byte(`{`)
		if start := m.At("period", "start"); start.Exists() {
			period = append(append(append(period, `"start":`...), start.Raw()...), ',')
		}
		member("period", append(append(append(period, `"end":`...), quote(c.end)...), '}'))
		member("inactive", []byte("true"))
	}
	return append(b, '}')
}

// extensionsAfter gives the extensions of a row after a change.
func extensionsAfter(m fhir.Node, c *rowChange) []byte {
	var kept [][]byte
	head := m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true"
	if c.head != "" {
		head = c.head == "true"
	}
	relationship := c.relationship
	for x := range m.Get("extension").Each() {
		switch x.Get("url").Text() {
		case profiles.ExtensionGroupHead:
		case profiles.ExtensionGroupRelationship:
			if relationship == nil {
				relationship = x.Get("valueCodeableConcept").Raw()
			}
		default:
			kept = append(kept, x.Raw())
		}
	}
	return extensions(kept, head, relationship)
}

// extensions writes the extensions of a row; nil where there are none.
func extensions(kept [][]byte, head bool, relationship []byte) []byte {
	if head {
		kept = append(kept, fmt.Appendf(nil, `{"url":%q,"valueBoolean":true}`, profiles.ExtensionGroupHead))
	}
	if len(relationship) > 0 {
		kept = append(kept, fmt.Appendf(nil, `{"url":%q,"valueCodeableConcept":%s}`, profiles.ExtensionGroupRelationship, relationship))
	}
	if len(kept) == 0 {
		return nil
	}
	return array(kept)
}

func array(values [][]byte) []byte {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, v...)
	}
	return append(b, ']')
}
