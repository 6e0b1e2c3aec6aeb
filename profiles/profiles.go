package profiles

import (
	"embed"
	"strings"
)

// Canonical is the base of the URLs of everything Bima defines itself.
const Canonical = "https://bima.example/fhir"

// OpenIMIS is the base of the URLs that openIMIS's implementation guide for R4
// (CC0) defines; what it has a concept for is not defined a second time.
const OpenIMIS = "https://openimis.github.io/openimis_fhir_r4_ig"

// A Definition is one conformance resource: its JSON and the name it is known by.
type Definition struct {
	Type string // "CodeSystem", "StructureDefinition", "SearchParameter" or "OperationDefinition"
	ID   string // its logical id, "adjustment-reason"
	Body []byte // JSON; shared, so nobody writes to it
}

//go:embed definitions/*.json
var definitions embed.FS

// Definitions gives all of Bima's own conformance resources, ordered by type and
// id.
func Definitions() []Definition {
	entries, err := definitions.ReadDir("definitions")
	if err != nil {
		panic("profiles: the embedded folder of definitions can't be listed: " + err.Error())
	}
	list := make([]Definition, 0, len(entries))
	for _, entry := range entries {
		body, err := definitions.ReadFile("definitions/" + entry.Name())
		if err != nil {
			panic("profiles: the embedded " + entry.Name() + " can't be read: " + err.Error())
		}
		typ, id, _ := strings.Cut(strings.TrimSuffix(entry.Name(), ".json"), "-")
		list = append(list, Definition{Type: typ, ID: id, Body: body})
	}
	return list
}
