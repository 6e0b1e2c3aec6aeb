package validate

import (
	"strings"
)

// htmlElements gives the elements allowed in narrative, each with the
// attributes it may have beside those all have: HTML 4.0 chapters 7 to 11
// without 9.4, chapter 15, links and images; nothing deprecated.
// Source: R4 narrative#rules (txt-1).
var htmlElements = map[string]string{
	"a":          " name href hreflang charset type rel rev shape coords accesskey tabindex ",
	"abbr":       "",
	"acronym":    "",
	"address":    "",
	"area":       " href nohref alt shape coords accesskey tabindex ",
	"b":          "",
	"bdo":        "",
	"big":        "",
	"blockquote": " cite ",
	"br":         " clear ",
	"caption":    " align ",
	"cite":       "",
	"code":       "",
	"col":        " span width align char charoff valign ",
	"colgroup":   " span width align char charoff valign ",
	"dd":         "",
	"dfn":        "",
	"div":        " align ",
	"dl":         "",
	"dt":         "",
	"em":         "",
	"h1":         " align ",
	"h2":         " align ",
	"h3":         " align ",
	"h4":         " align ",
	"h5":         " align ",
	"h6":         " align ",
	"hr":         " align noshade size width ",
	"i":          "",
	"img":        " src alt longdesc height width usemap ismap align border hspace vspace name ",
	"kbd":        "",
	"li":         " type value ",
	"map":        " name ",
	"ol":         " type start ",
	"p":          " align ",
	"pre":        " width xml:space ",
	"q":          " cite ",
	"samp":       "",
	"small":      "",
	"span":       "",
	"strong":     "",
	"sub":        "",
	"sup":        "",
	"table":      " summary width border frame rules cellspacing cellpadding align bgcolor ",
	"tbody":      " align char charoff valign ",
	"td":         " abbr axis headers scope rowspan colspan align char charoff valign nowrap bgcolor width height ",
	"tfoot":      " align char charoff valign ",
	"th":         " abbr axis headers scope rowspan colspan align char charoff valign nowrap bgcolor width height ",
	"thead":      " align char charoff valign ",
	"tr":         " align char charoff valign bgcolor ",
	"tt":         "",
	"ul":         " type ",
	"var":        "",
}

// htmlAttributes are those every element may have.
const htmlAttributes = " class id style title lang xml:lang dir xmlns "

// attribute checks one attribute of an element that is allowed or not.
func (x *xhtml) attribute(element, name, value, allowed string) {
	switch {
	case !listed(htmlAttributes, name) && !listed(allowed, name):
		if _, known := htmlElements[element]; known {
			x.tell("txt-1", "the attribute %s is not allowed on <%s> in narrative: scripts, events and styles from elsewhere are not part of a record; leave it out", printable(name), element)
		}
	case name == "xmlns" && value != xhtmlNamespace:
		x.tell("", "the namespace %s is not that of XHTML, %s", excerpt(value), xhtmlNamespace)
	case name == "style":
		x.style(value)
	case name == "href" || name == "src" || name == "cite" || name == "longdesc" || name == "usemap":
		x.link(name, value)
	}
}

// listed reports whether a name is one of the words of list, each between blanks.
func listed(list, name string) bool {
	i := strings.Index(list, name)
	for i > 0 {
		end := i + len(name)
		if list[i-1] == ' ' && end < len(list) && list[end] == ' ' {
			return true
		}
		next := strings.Index(list[end:], name)
		if next < 0 {
			return false
		}
		i = end + next
	}
	return false
}

// style refuses style sheets that load or run something.
func (x *xhtml) style(value string) {
	if !strings.ContainsAny(value, "(@\\&") {
		return
	}
	plain := squeeze(value)
	for _, bad := range []string{"expression(", "javascript:", "vbscript:", "@import", "behavior:", "-moz-binding", "url(http", "url(//", "url('http", "url('//", "url(\"http", "url(\"//", "\\"} {
		if strings.Contains(plain, bad) {
			x.tell("txt-1", "the style holds %q, which would load or run something from outside the record: leave it out", bad)
			return
		}
	}
}

// link notes links into the container and refuses those that run something.
func (x *xhtml) link(name, value string) {
	if strings.HasPrefix(value, "#") && x.w != nil {
		x.w.anchor(value, false)
	}
	colon := strings.IndexAny(value, ":&")
	if colon < 0 || strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "data:image/") && name == "src" {
		return
	}
	plain := squeeze(value)
	for _, bad := range []string{"javascript:", "vbscript:", "data:"} {
		if strings.HasPrefix(plain, bad) && !(name == "src" && strings.HasPrefix(plain, "data:image/") && !strings.HasPrefix(plain, "data:image/svg")) {
			x.tell("txt-1", "the link in %s begins with %s, which would run what it holds: link to a page, or leave it out", name, bad)
		}
	}
}

// squeeze gives an attribute as a browser compares it: in lower case, without
// white space and control characters, with its entities replaced.
func squeeze(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '&' {
			end := strings.IndexByte(value[i:], ';') // which the reader has seen
			name := value[i+1 : i+end]
			i += end
			switch r := codePoint(name); {
			case r > ' ':
				b.WriteRune(r)
			case name == "quot":
				b.WriteByte('"')
			case name == "apos":
				b.WriteByte('\'')
			case name == "amp":
				b.WriteByte('&')
			}
			continue
		}
		if c > ' ' {
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}
