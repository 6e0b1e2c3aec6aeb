package xml

import (
	"slices"
	"strings"
	"sync"

	"bima/fhir"
)

// narrative reads the div of a narrative, whose start tag has been read. What
// stands in the text goes into JSON as it is, comments and all, unless it names
// its namespace in a way that would not hold there. Source: R4 json#xhtml.
func (r *reader) narrative(g *group) {
	g.values++
	start, outer := r.tag.at, len(r.open)-1
	whole := r.tag.name == "div" && r.namespaces.declared("", len(r.open))
	whole = whole && r.namesItself()
	for len(r.open) > outer {
		switch r.next() {
		case tokenStart:
			if r.tag.space != spaceXHTML {
				r.report(fhir.IssueStructure, "<%s> in the narrative is not in the namespace %s", excerpt(r.tag.name), xhtmlURI)
			}
			whole = whole && r.namesItself()
		case tokenNone:
			return
		}
	}
	text := r.src[start:r.pos]
	if !whole {
		text = r.rewritten(start)
	}
	r.out = append(r.out, '"')
	r.out = appendEscaped(r.out, lineEnds(text))
	r.out = append(r.out, '"')
}

// namesItself reports whether the latest start tag can stand in JSON as it is:
// neither it nor its attributes have prefixes, and it declares none.
func (r *reader) namesItself() bool {
	if len(r.tag.name) != len(r.tag.local) {
		return false
	}
	depth := len(r.open)
	for i := len(r.namespaces.bindings) - 1; i >= 0 && r.namespaces.bindings[i].depth == depth; i-- {
		if r.namespaces.bindings[i].prefix != "" {
			return false
		}
	}
	return !slices.ContainsFunc(r.attributes, func(a attribute) bool { return a.space != spaceNone && a.space != spaceXML })
}

// lineEnds gives the text with the ends of lines as XML means them: what is to
// stay a carriage return was written as a number. Source: XML 1.0, 2.11.
func lineEnds(text string) string {
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	if strings.Contains(text, "&#") {
		text = strings.NewReplacer("&#13;", "\r", "&#xD;", "\r", "&#xd;", "\r").Replace(text)
	}
	return text
}

// rewritten gives the element that began at start and has just ended, with no
// prefixes and with its namespace declared on it.
func (r *reader) rewritten(start int) string {
	s := scanner{src: r.src[:r.pos], pos: start}
	for _, b := range r.namespaces.bindings {
		s.namespaces.bind(b.prefix, b.space.uri(), 0)
	}
	var b []byte
	var names []string
	for {
		switch s.next() {
		case tokenStart:
			b = s.appendTag(b)
			if s.closed {
				s.next()
				continue
			}
			names = append(names, s.tag.local)
		case tokenText:
			b = s.appendText(b)
		case tokenEnd:
			b = append(b, "</"...)
			b = append(b, names[len(names)-1]...)
			b = append(b, '>')
			names = names[:len(names)-1]
		case tokenNone:
			return string(b)
		}
	}
}

// appendTag writes the latest start tag without prefixes, and on the root the
// namespace of XHTML.
func (s *scanner) appendTag(b []byte) []byte {
	b = append(b, '<')
	b = append(b, s.tag.local...)
	if len(s.open) == 1 {
		b = append(b, ` xmlns="`+xhtmlURI+`"`...)
	}
	for _, a := range s.attributes {
		if a.space != spaceNone && a.space != spaceXML {
			continue
		}
		b = append(b, ' ')
		b = append(b, a.name...)
		b = append(b, '=', '"')
		b = append(b, strings.ReplaceAll(a.value, `"`, "&quot;")...)
		b = append(b, '"')
	}
	if s.closed {
		b = append(b, '/')
	}
	return append(b, '>')
}

// appendText writes the latest text as it was written.
func (s *scanner) appendText(b []byte) []byte {
	if !s.cdata {
		return append(b, s.text...)
	}
	b = append(b, "<![CDATA["...)
	b = append(b, s.text...)
	return append(b, "]]>"...)
}

// narrative writes the div of a narrative as it stands in JSON, once it is known
// to be well formed. Its id stands in it already, if it has one.
func (w *writer) narrative(value, half fhir.Node) {
	w.path.push("div", single)
	defer w.path.pop()
	if half.Exists() && (half.Kind() != fhir.KindObject || half.Len() > 1 || !half.Get("id").Exists()) {
		w.fail("a div has no extensions")
	}
	text := strings.Trim(value.Text(), " \t\r\n")
	tag, namespaced, err := checkDiv(text)
	if value.Kind() != fhir.KindString || err != nil {
		w.fail("the narrative is no well-formed <div>")
	}
	if w.err != nil {
		return
	}
	w.line()
	w.out = append(w.out, text[:len(tag)]...)
	if !namespaced {
		w.out = append(w.out, ` xmlns="`+xhtmlURI+`"`...)
	}
	w.out = append(w.out, strings.ReplaceAll(text[len(tag):], "\r", "&#13;")...)
}

// checkDiv reads a narrative: it gives what its first tag begins with, "<div",
// and whether that declares the namespace of elements without prefix.
func checkDiv(text string) (tag string, namespaced bool, err error) {
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	defer s.forget()
	s.reset(text)
	if s.next() == tokenStart {
		tag = text[:1+len(s.tag.name)]
		namespaced = len(s.tag.name) != len(s.tag.local) || s.namespaces.declared("", 1)
		if s.tag.local != "div" || s.tag.at != 0 {
			s.fail("it is no div")
		}
	}
	for s.next() != tokenNone {
		continue
	}
	if s.problem != "" {
		return "", false, s.outcome()
	}
	return tag, namespaced, nil
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}
