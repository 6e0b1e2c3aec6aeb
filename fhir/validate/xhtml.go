package validate

import (
	"slices"
	"strings"

	"bima/fhir"
)

// xhtmlNamespace is the one namespace of narrative. Source: R4 narrative#xhtml.
const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

// openMax is how deep the elements of a narrative may be nested.
const openMax = 200

// An xhtml is one run over the text of a narrative. What is no XML ends it;
// what is XML and not allowed is told, and the run goes on.
type xhtml struct {
	text     string
	pos      int
	open     []string // names of the elements that are open
	content  bool     // whether there is something to read or see
	problems int
	w        *walker // told of findings; nil where only their number matters
}

// narrative checks Narrative.div, at which the walker is (txt-1, txt-2).
func (w *walker) narrative(text string) {
	x := xhtml{text: text, open: w.open[:0], w: w}
	x.run()
	w.open = x.open[:0]
}

// isXHTML reports whether text is a valid narrative.
func isXHTML(text string) bool {
	x := xhtml{text: text}
	x.run()
	return x.problems == 0
}

func (x *xhtml) tell(detail fhir.Detail, format string, args ...any) {
	x.problems++
	if x.w == nil {
		return
	}
	code := fhir.IssueInvariant
	if detail == "" {
		code = fhir.IssueValue
	}
	x.w.report(code, detail, format, args...)
}

// run reads the whole text: one div with all within it.
func (x *xhtml) run() {
	if x.text = strings.TrimSpace(x.text); x.text == "" {
		x.broken("it must be one <div xmlns=\"" + xhtmlNamespace + "\">")
	}
	for x.pos < len(x.text) {
		next := strings.IndexByte(x.text[x.pos:], '<')
		if next < 0 {
			next = len(x.text) - x.pos
		}
		if !x.characters(x.text[x.pos : x.pos+next]) {
			return
		}
		x.pos += next
		if x.pos < len(x.text) && !x.markup() {
			return
		}
		if len(x.open) == 0 && x.pos < len(x.text) {
			x.broken("there is more text after the end of the div")
			return
		}
	}
	switch {
	case len(x.open) > 0:
		x.broken("the element " + x.open[len(x.open)-1] + " is not closed")
	case !x.content && x.problems == 0 && x.w != nil:
		// R4 states txt-2 as an error and breaks it in its own examples.
		x.w.warn(fhir.IssueInvariant, "txt-2", "the narrative has nothing to read: put text or an image into the div, or leave the narrative out")
	}
}

func (x *xhtml) broken(problem string) {
	at := min(max(x.pos-20, 0), len(x.text))
	x.tell("", "the narrative is no well-formed XHTML: %s (near %s)", problem, excerpt(x.text[at:min(at+excerptMax, len(x.text))]))
}

// characters checks text between tags.
func (x *xhtml) characters(s string) bool {
	if len(x.open) == 0 {
		if s != "" {
			x.broken("it must begin with <div xmlns=\"" + xhtmlNamespace + "\">")
		}
		return s == ""
	}
	if !x.content {
		x.content = strings.TrimSpace(s) != ""
	}
	return x.entities(s)
}

// entities checks the references in text or in an attribute: XML's five and
// numbers; HTML's names are not XML. Source: R4 narrative ("no support for HTML
// entities").
func (x *xhtml) entities(s string) bool {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			return true
		}
		s = s[i+1:]
		end := strings.IndexByte(s, ';')
		if end < 0 || end > 10 {
			x.broken("an ampersand must be written &amp;")
			return false
		}
		switch name := s[:end]; name {
		case "lt", "gt", "amp", "quot", "apos":
		default:
			if codePoint(name) == 0 {
				x.broken("the entity &" + name + "; is not XML's: write the character itself, or a number such as &#160;")
				return false
			}
		}
		s = s[end+1:]
	}
}

// codePoint reads "#160" or "#xA0"; 0 if it is neither.
func codePoint(name string) rune {
	digits, base := strings.TrimPrefix(name, "#"), rune(10)
	if digits == name || digits == "" {
		return 0
	}
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	var r rune
	for i := 0; i < len(digits); i++ {
		d := hexDigit(digits[i])
		if d >= base || r > 0x10FFFF {
			return 0
		}
		r = r*base + d
	}
	if r > 0x10FFFF {
		return 0
	}
	return r
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 99
}

// markup reads what begins with "<".
func (x *xhtml) markup() bool {
	rest := x.text[x.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return x.skip(rest, "-->")
	case strings.HasPrefix(rest, "<![CDATA["):
		x.content = true
		return len(x.open) > 0 && x.skip(rest, "]]>")
	case strings.HasPrefix(rest, "</"):
		return x.endTag(rest)
	case len(rest) > 1 && isNameByte(rest[1]) && !('0' <= rest[1] && rest[1] <= '9'):
		return x.startTag()
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		x.broken("document types and processing instructions are not allowed")
		return false
	}
	x.broken("< must be written &lt;")
	return false
}

func (x *xhtml) skip(rest, end string) bool {
	i := strings.Index(rest, end)
	if i < 0 {
		x.broken("the end " + end + " is missing")
		return false
	}
	x.pos += i + len(end)
	return true
}

func (x *xhtml) endTag(rest string) bool {
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		x.broken("a tag is not closed")
		return false
	}
	name := strings.TrimRight(rest[2:end], " \t\r\n")
	if len(x.open) == 0 || x.open[len(x.open)-1] != name {
		x.broken("</" + name + "> closes no open element")
		return false
	}
	x.open = x.open[:len(x.open)-1]
	x.pos += end + 1
	return true
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == ':' || c == '-' || c == '_' || c == '.' || c >= 0x80
}

// word reads a name.
func (x *xhtml) word() string {
	start := x.pos
	for x.pos < len(x.text) && isNameByte(x.text[x.pos]) {
		x.pos++
	}
	return x.text[start:x.pos]
}

func (x *xhtml) space() {
	for x.pos < len(x.text) && isSpace(x.text[x.pos]) {
		x.pos++
	}
}

func (x *xhtml) startTag() bool {
	x.pos++
	name := x.word()
	root := len(x.open) == 0
	allowed, known := htmlElements[name]
	switch {
	case root && name != "div":
		x.tell("txt-1", "the narrative begins with <%s>, but must be one <div xmlns=%q>", printable(name), xhtmlNamespace)
	case !known:
		x.tell("txt-1", "the element <%s> is not allowed in narrative: use basic formatting, tables, lists, links and images only", printable(name))
	case len(x.open) >= openMax:
		x.broken("elements are nested too deep")
		return false
	}
	namespace, ok := x.attributes(name, allowed)
	if !ok {
		return false
	}
	if root && namespace != xhtmlNamespace {
		x.tell("", "the div has no xmlns=%q: add it, or XML readers can't tell that this is XHTML", xhtmlNamespace)
	}
	if name == "img" {
		x.content = true
	}
	return x.closeTag(name)
}

// closeTag reads the end of a start tag.
func (x *xhtml) closeTag(name string) bool {
	rest := x.text[x.pos:]
	switch {
	case strings.HasPrefix(rest, "/>"):
		x.pos += 2
	case strings.HasPrefix(rest, ">"):
		x.pos++
		x.open = append(x.open, name)
	default:
		x.broken("the tag <" + printable(name) + "> is not closed")
		return false
	}
	return true
}

// attributesMax is how many attributes a tag may have; HTML knows fewer for any.
const attributesMax = 32

// attributes reads the attributes of a start tag and gives its xmlns.
func (x *xhtml) attributes(element, allowed string) (namespace string, ok bool) {
	var names [attributesMax]string
	for count := 0; ; count++ {
		before := x.pos
		x.space()
		if x.pos >= len(x.text) || !isNameByte(x.text[x.pos]) {
			return namespace, true
		}
		if x.pos == before {
			x.broken("attributes must be parted by white space")
			return "", false
		}
		name := x.word()
		if count == attributesMax || slices.Contains(names[:count], name) {
			x.broken("the tag <" + printable(element) + "> has the attribute " + printable(name) + " twice, or too many attributes")
			return "", false
		}
		names[count] = name
		value, ok := x.attributeValue(name)
		if !ok {
			return "", false
		}
		if name == "xmlns" {
			namespace = value
		}
		x.attribute(element, name, value, allowed)
	}
}

// attributeValue reads ="value".
func (x *xhtml) attributeValue(name string) (string, bool) {
	x.space()
	if x.pos < len(x.text) && x.text[x.pos] == '=' {
		x.pos++
		x.space()
		if x.pos < len(x.text) && (x.text[x.pos] == '"' || x.text[x.pos] == '\'') {
			end := strings.IndexByte(x.text[x.pos+1:], x.text[x.pos])
			if end >= 0 {
				value := x.text[x.pos+1 : x.pos+1+end]
				x.pos += end + 2
				return value, x.attributeText(value)
			}
		}
	}
	x.broken("the attribute " + printable(name) + " needs a value in quotes")
	return "", false
}

func (x *xhtml) attributeText(value string) bool {
	if strings.IndexByte(value, '<') >= 0 {
		x.broken("< must be written &lt; in an attribute")
		return false
	}
	return x.entities(value)
}
