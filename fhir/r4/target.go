package r4

import (
	"strings"

	"bima/fhir"
)

// Target gives the resource of this server that a Reference names, without its
// version; zero where it names none, or one elsewhere. The key outlives the tree.
func Target(reference fhir.Node) fhir.Key {
	r := fhir.ParseReference(reference.Get("reference").Text(), IsResource)
	if !r.Relative() {
		return fhir.Key{}
	}
	return fhir.Key{Type: strings.Clone(r.Type), ID: strings.Clone(r.ID)}
}
