package words

import (
	"strings"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/r4"
)

// contentMax is how much text of one resource is searched, in bytes: 256 KiB,
// more than a long letter. What stands behind it is not found.
const contentMax = 256 << 10

// nestingMax is how deep elements are looked into.
const nestingMax = 64

// Content gives all that a resource has for people to read, each text on a line
// of its own: strings, markdown and narrative, in the order they stand. Ids,
// codes, URIs, references and encoded data are left out. At most 256 KiB are
// given. Source: R4 search#content.
func Content(n fhir.Node) string {
	c := content{text: make([]byte, 0, len(n.Raw())/4)}
	c.object(n, r4.Lookup(n.Get("resourceType").Text()), 0)
	if len(c.text) > contentMax {
		return string(clipped(c.text))
	}
	return string(c.text)
}

// clipped cuts a text to contentMax, between characters.
func clipped(text []byte) []byte {
	end := contentMax
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

type content struct{ text []byte }

func (c *content) object(n fhir.Node, typ *r4.Type, depth int) {
	if typ == nil || depth > nestingMax {
		return
	}
	if typ.Abstract { // a contained resource, or an entry's
		typ = r4.Lookup(n.Get("resourceType").Text())
		if typ == nil {
			return
		}
	}
	for v := n.First(); v.Exists() && len(c.text) < contentMax; v = v.Next() {
		e, et := typ.Member(v.Name())
		if e == nil {
			continue
		}
		switch et.Type.Kind {
		case r4.KindPrimitive:
			c.primitive(v, et.Type.Name, typ)
		default:
			c.complex(v, et.Type, depth+1)
		}
	}
}

func (c *content) complex(v fhir.Node, typ *r4.Type, depth int) {
	if v.Kind() == fhir.KindObject {
		c.object(v, typ, depth)
		return
	}
	for each := v.First(); each.Exists(); each = each.Next() {
		c.object(each, typ, depth)
	}
}

// primitive adds the values of an element of text.
func (c *content) primitive(v fhir.Node, typ string, of *r4.Type) {
	switch typ {
	case "string":
		if name := v.Name(); name == "id" || name == "reference" && of.Name == "Reference" {
			return
		}
	case "markdown", "xhtml":
	default:
		return
	}
	if v.Kind() == fhir.KindString {
		c.add(v.Text(), typ)
		return
	}
	for each := v.First(); each.Exists(); each = each.Next() {
		if each.Kind() == fhir.KindString {
			c.add(each.Text(), typ)
		}
	}
}

func (c *content) add(text, typ string) {
	before := len(c.text)
	if typ == "xhtml" {
		c.text = appendNarrative(c.text, text)
	} else {
		c.text = append(c.text, strings.TrimSpace(text)...)
	}
	if len(c.text) > before {
		c.text = append(c.text, '\n')
	}
}
