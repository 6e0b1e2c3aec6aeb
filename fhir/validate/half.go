package validate

import (
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// primitive checks a primitive value that is not null, and reports whether it
// is good enough to look at its meaning.
func (w *walker) primitive(n fhir.Node, m *member) bool {
	if n.Kind() != m.format.kind() {
		w.wrongKind(n, m)
		return false
	}
	text := n.Text()
	if !m.format.holds(text) {
		w.wrongText(text, m)
		return false
	}
	switch m.format {
	case formatXHTML:
		w.narrative(text)
	case formatURI, formatURL, formatCanonical:
		if text[0] == '#' {
			w.anchor(text, m.format == formatCanonical)
		}
	}
	if m.codes != nil {
		w.plainCode(text, m)
	}
	return true
}

func (w *walker) wrongKind(n fhir.Node, m *member) {
	hint := ""
	switch {
	case n.Kind() == fhir.KindString && m.format.kind() != fhir.KindString:
		hint = "; write it without quotes"
	case m.format.kind() == fhir.KindString && (n.Kind() == fhir.KindNumber || n.Kind() == fhir.KindBool):
		hint = "; write it in quotes"
	case n.Kind() == fhir.KindObject:
		hint = "; extensions of a primitive go into _" + m.json
	}
	w.report(fhir.IssueStructure, "", "%s is %s, but %s is written as %s in JSON%s", name(w), n.Kind(), typeName(m), m.format.kind(), hint)
}

func (w *walker) wrongText(text string, m *member) {
	code, detail := fhir.IssueValue, fhir.Detail("")
	if text == "" {
		code, detail = fhir.IssueInvariant, "ele-1"
	}
	if (m.format == formatString || m.format == formatMarkdown) && len(text) > textBytesMax {
		code = fhir.IssueTooLong
	}
	w.report(code, detail, "%s is no valid %s: it must be %s", excerpt(text), typeName(m), wanted[m.format])
}

// typeName gives the name of the type of a primitive member.
func typeName(m *member) string {
	for i := range m.element.Types {
		if m.element.Types[i].JSON == m.json {
			return m.element.Types[i].Type.Name
		}
	}
	return m.element.Name
}

// primitiveHalf checks "_name": the ids and extensions of a primitive element.
// Source: R4 json#primitive.
func (w *walker) primitiveHalf(parent, half fhir.Node, m *member) {
	value := parent.Get(m.json)
	if !m.many {
		w.push(m.element.Name, single)
		w.halfObject(half, m, value.Exists() && value.Kind() != fhir.KindNull)
		w.pop()
		return
	}
	if half.Kind() != fhir.KindArray {
		w.reportChild(m.element.Name, fhir.IssueStructure, "", "_%s is %s, but %s may repeat: it must be an array with null or an object for each value", m.json, half.Kind(), m.json)
		return
	}
	isArray := value.Kind() == fhir.KindArray
	if half.Len() == 0 || isArray && value.Len() != half.Len() {
		w.reportChild(m.element.Name, fhir.IssueStructure, "", "_%s has %d elements and %s has %d: they must be aligned, with null for what one of them lacks", m.json, half.Len(), m.json, value.Len())
	}
	w.halves(half, value, m, isArray)
}

// halves checks the elements of "_name" one by one beside those of "name".
func (w *walker) halves(half, value fhir.Node, m *member, isArray bool) {
	v := fhir.Node{}
	if isArray {
		v = value.First()
	}
	w.push(m.element.Name, 0)
	top := len(w.stack) - 1
	for h := half.First(); h.Exists(); h = h.Next() {
		hasValue := v.Exists() && v.Kind() != fhir.KindNull
		switch {
		case h.Kind() != fhir.KindNull:
			w.halfObject(h, m, hasValue)
		case !v.Exists():
			w.report(fhir.IssueStructure, "", "_%s has null where %s has no value: each place needs a value, an extension or both", m.json, m.json)
		}
		w.stack[top].index++
		v = v.Next()
	}
	w.pop()
}

// halfObject checks the object with the id and extensions of one primitive.
func (w *walker) halfObject(half fhir.Node, m *member, hasValue bool) {
	if half.Kind() != fhir.KindObject {
		w.report(fhir.IssueStructure, "", "_%s holds %s, but must hold an object with id, extension or both", m.json, half.Kind())
		return
	}
	if half.Len() == 0 {
		w.report(fhir.IssueInvariant, "ele-1", "_%s is an empty object: give it an extension, or leave it out", m.json)
		return
	}
	extension := half.Get("extension")
	if !hasValue && !extension.Exists() {
		w.report(fhir.IssueInvariant, "ele-1", "the element has neither a value nor an extension: an id alone says nothing")
	}
	if m.format == formatXHTML && extension.Exists() {
		w.report(fhir.IssueStructure, "", "the div of a narrative can't have extensions: put them on the narrative")
	}
	w.object(half, planOf(r4.Lookup("Element")))
}

// gaps is where "_name" is while an array of "name" with nulls is walked.
type gaps struct {
	begun bool
	index int
	half  fhir.Node
}

// gap checks a null in an array of primitives, at which the walker is: "_name"
// must fill its place.
func (w *walker) gap(parent fhir.Node, m *member, beside *gaps) {
	index := w.stack[len(w.stack)-1].index
	if !beside.begun {
		beside.begun = true
		if half := parent.Get("_" + m.json); half.Kind() == fhir.KindArray {
			beside.half = half.First()
		}
	}
	for beside.index < index {
		beside.half = beside.half.Next()
		beside.index++
	}
	if beside.half.Kind() == fhir.KindNull || !beside.half.Exists() {
		w.report(fhir.IssueStructure, "", "%s[%d] is null and _%s[%d] holds no extensions: give it a value, or leave this place out of both arrays", m.json, index, m.json, index)
	}
}

// excerptMax is how many bytes of what was found a message shows.
const excerptMax = 60

// excerpt quotes the beginning of a text for a message.
func excerpt(text string) string {
	if len(text) > excerptMax {
		return strconv.Quote(strings.ToValidUTF8(text[:excerptMax], "")) + "…"
	}
	return strconv.Quote(text)
}

// sample gives the beginning of a JSON value for a message.
func sample(n fhir.Node) string {
	raw := string(n.Raw()[:min(len(n.Raw()), excerptMax)])
	if len(n.Raw()) > excerptMax {
		raw += "…"
	}
	return strings.ToValidUTF8(strings.Join(strings.Fields(raw), " "), "")
}
