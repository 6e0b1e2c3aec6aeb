package validate

import (
	"bima/fhir"
)

// extension checks what R4 asks of every Extension: a value or extensions of
// its own and not both (ext-1), and a URL that is absolute but for the parts of
// a complex extension. Source: R4 extensibility#Extension.
func (w *walker) extension(n fhir.Node, p *plan, seen set) {
	hasParts := seen.has(p.typ.Element("extension").Index)
	hasValue := seen.has(p.typ.Element("value").Index)
	switch {
	case hasParts && hasValue:
		w.report(fhir.IssueInvariant, "ext-1", "the extension has both a value and extensions: keep one of them")
	case !hasParts && !hasValue:
		w.report(fhir.IssueInvariant, "ext-1", "the extension has neither a value nor extensions: give it value[x], or leave it out")
	}
	url := n.Get("url")
	if url.Kind() == fhir.KindString && isURI(url.Text()) && !w.isPart() && !isAbsolute(url.Text()) {
		w.reportChild("url", fhir.IssueExtension, "", "%s is not absolute: name the extension by the full URL of its definition, such as http://example.org/fhir/StructureDefinition/%s", excerpt(url.Text()), tail(url.Text()))
	}
}

// isPart reports whether the extension the walker is at lies in another one.
func (w *walker) isPart() bool {
	return len(w.stack) > 1 && isExtensionName(w.stack[len(w.stack)-2].name) || len(w.stack) < 2
}

func isExtensionName(name string) bool { return name == "extension" || name == "modifierExtension" }

// isAbsolute reports whether a URI begins with a scheme. Source: RFC 3986 3.1.
func isAbsolute(uri string) bool {
	for i := 0; i < len(uri); i++ {
		c := uri[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return c == ':' && i > 0
		}
	}
	return false
}

// tail gives what follows the last slash.
func tail(url string) string {
	for i := len(url) - 1; i >= 0; i-- {
		if url[i] == '/' {
			return url[i+1:]
		}
	}
	return url
}
