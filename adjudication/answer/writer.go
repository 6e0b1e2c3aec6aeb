package answer

import (
	"encoding/json"
	"strconv"

	"bima/fhir"
)

// A writer builds JSON text in order. It puts the commas.
type writer struct{ b []byte }

// comma separates what follows from what stands before it in the same container.
func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ':' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) name(name string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// object writes an object under a name, or as an array element with "".
func (w *writer) object(name string, members func()) { w.container(name, '{', '}', members) }

func (w *writer) array(name string, elements func()) { w.container(name, '[', ']', elements) }

func (w *writer) container(name string, open, end byte, inside func()) {
	if name != "" {
		w.name(name)
	}
	w.comma()
	w.b = append(w.b, open)
	inside()
	w.b = append(w.b, end)
}

// text writes a string; nothing where it is empty, for FHIR has no empty strings.
func (w *writer) text(name, value string) {
	if value == "" {
		return
	}
	w.name(name)
	w.b = appendString(w.b, value)
}

func (w *writer) number(name string, value int) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, int64(value), 10)
}

func (w *writer) amount(name string, value fhir.Amount) {
	w.name(name)
	w.b = append(w.b, value.String()...)
}

func (w *writer) flag(name string, value bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, value)
}

// node copies a node as it stands; nothing where it is absent.
func (w *writer) node(name string, n fhir.Node) {
	if !n.Exists() {
		return
	}
	if name != "" {
		w.name(name)
	}
	w.comma()
	w.b = append(w.b, n.Raw()...)
}

func (w *writer) money(name string, value fhir.Amount, currency string) {
	w.object(name, func() {
		w.amount("value", value)
		w.text("currency", currency)
	})
}

// A coding is a code of a system.
type coding struct{ system, code string }

// concept writes a CodeableConcept with a text, which may be "".
func (w *writer) concept(name, text string, codes ...coding) {
	w.object(name, func() {
		w.array("coding", func() {
			for _, c := range codes {
				w.object("", func() {
					w.text("system", c.system)
					w.text("code", c.code)
				})
			}
		})
		w.text("text", text)
	})
}

func (w *writer) reference(name, reference string) {
	w.object(name, func() { w.text("reference", reference) })
}

// appendString writes a JSON string. Plain ASCII, which is nearly all, is
// copied; the rest is left to encoding/json.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("answer: a string can't be written as JSON: " + err.Error())
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
