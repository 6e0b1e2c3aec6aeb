package r4

import (
	"strings"

	"bima/fhir"
)

// Local gives the resource of this server that a relative reference names, such as
// Patient/7; zero where the text is anything else.
func Local(text string) fhir.Key {
	ref := fhir.ParseReference(strings.TrimSpace(text), IsResource)
	if !ref.Relative() {
		return fhir.Key{}
	}
	return ref.Key
}
