package fhir

// Extension finds an extension of the element by its URL; of several the first,
// and absent where there is none.
func (n Node) Extension(url string) Node {
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == url {
			return e
		}
	}
	return Node{}
}

// Identifier gives the value of the resource's identifier of a system; of several
// the first, and "" where there is none.
func (n Node) Identifier(system string) string {
	for i := range n.Get("identifier").Each() {
		if i.Get("system").Text() == system {
			return i.Get("value").Text()
		}
	}
	return ""
}

// Code gives the code that a CodeableConcept has of a system; of several the
// first, and "" where there is none.
func (n Node) Code(system string) string {
	for c := range n.Get("coding").Each() {
		if c.Get("system").Text() == system {
			return c.Get("code").Text()
		}
	}
	return ""
}
