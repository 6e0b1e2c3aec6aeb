package narrative

import (
	"encoding/xml"
	"strings"
)

const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

// tags are the elements of XHTML chapters 7 to 11, 14.4 and 15 that narrative
// may have; attributes may stand on any of them.
var (
	tags = wordSet(`a abbr acronym address b bdo big blockquote br caption cite code col colgroup
		dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li map area ol p pre q s samp small span
		strike strong sub sup table tbody td tfoot th thead tr tt u ul var`)
	attributes = wordSet(`abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing
		cellvalign char charoff charset cite class color cols colspan compact coords dir frame headers height
		href hreflang hspace id lang longdesc name noshade nowrap rel rev rows rowspan rules scope shape size
		span src start style summary tabindex title type usemap valign value vspace width xmlns`)
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// ValidWithin reports whether text may be what is within the div of Valid.
func ValidWithin(text string) bool {
	return Valid(`<div xmlns="` + xhtmlNamespace + `">` + text + "</div>")
}

// Valid reports whether text is one XHTML div that has text or an image and holds
// only what R4 allows.
func Valid(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	depth, roots, filled := 0, 0, false
	for {
		token, err := d.Token()
		if err != nil {
			return token == nil && err.Error() == "EOF" && roots == 1 && filled
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if t.Name.Local != "div" || t.Name.Space != xhtmlNamespace {
					return false
				}
			}
			depth++
			if !allowedTag(t) {
				return false
			}
			filled = filled || t.Name.Local == "img"
		case xml.EndElement:
			depth--
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				if depth == 0 {
					return false
				}
				filled = true
			}
		case xml.Directive, xml.ProcInst:
			return false
		}
	}
}

func allowedTag(t xml.StartElement) bool {
	if t.Name.Space != xhtmlNamespace || !tags[t.Name.Local] {
		return false
	}
	for _, a := range t.Attr {
		if a.Name.Space != "" && a.Name.Space != "xml" && a.Name.Space != "xmlns" && !strings.HasSuffix(a.Name.Space, "/namespace") {
			return false
		}
		if a.Name.Space == "" && !attributes[a.Name.Local] || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:") {
			return false
		}
	}
	return true
}
