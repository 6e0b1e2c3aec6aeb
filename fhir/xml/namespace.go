package xml

// A namespace is one of those that matter here.
type namespace uint8

const (
	spaceNone     namespace = iota
	spaceFHIR               // of resources
	spaceXHTML              // of narratives
	spaceXML                // of xml:lang and the like
	spaceXSI                // of xsi:schemaLocation and the like
	spaceOther              // any other
	spacePrefixed           // of an attribute with a prefix, not yet looked up
)

// bindingsMax is how many declarations of namespaces may be in force at once.
const bindingsMax = 64

// namespaces are the declarations in force.
type namespaces struct {
	bindings []binding
	common   namespace // of elements without a prefix
}

// A binding is one declaration, in force for elements at its depth and below.
type binding struct {
	prefix string // "" for elements without one
	space  namespace
	depth  int
}

// reset gives no declarations, with the memory of these.
func (n namespaces) reset() namespaces { return namespaces{bindings: n.bindings[:0]} }

func namespaceOf(uri string) namespace {
	switch uri {
	case "":
		return spaceNone
	case fhirURI:
		return spaceFHIR
	case xhtmlURI:
		return spaceXHTML
	case xmlURI:
		return spaceXML
	case xsiURI:
		return spaceXSI
	}
	return spaceOther
}

// uri gives a URI of the namespace; of other ones any that is not one of ours.
func (n namespace) uri() string {
	switch n {
	case spaceNone:
		return ""
	case spaceFHIR:
		return fhirURI
	case spaceXHTML:
		return xhtmlURI
	case spaceXML:
		return xmlURI
	case spaceXSI:
		return xsiURI
	}
	return "urn:other"
}

// bind declares a prefix; it reports false where there are too many.
func (n *namespaces) bind(prefix, uri string, depth int) bool {
	if len(n.bindings) >= bindingsMax {
		return false
	}
	n.bindings = append(n.bindings, binding{prefix, namespaceOf(uri), depth})
	if prefix == "" {
		n.common = namespaceOf(uri)
	}
	return true
}

// declared reports whether a prefix is declared at just this depth.
func (n *namespaces) declared(prefix string, depth int) bool {
	for i := len(n.bindings) - 1; i >= 0 && n.bindings[i].depth == depth; i-- {
		if n.bindings[i].prefix == prefix {
			return true
		}
	}
	return false
}

// find gives the namespace of a prefix; "" is that of elements without one.
func (n *namespaces) find(prefix string) (namespace, bool) {
	for i := len(n.bindings) - 1; i >= 0; i-- {
		if n.bindings[i].prefix == prefix {
			return n.bindings[i].space, true
		}
	}
	switch prefix {
	case "":
		return spaceNone, true
	case "xml":
		return spaceXML, true
	}
	return spaceNone, false
}

// leave ends what is declared deeper than depth.
func (n *namespaces) leave(depth int) {
	last := len(n.bindings)
	for last > 0 && n.bindings[last-1].depth > depth {
		last--
	}
	if last < len(n.bindings) {
		n.bindings = n.bindings[:last]
		n.common, _ = n.find("")
	}
}
