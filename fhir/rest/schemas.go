package rest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/conformance"
)

// A Schema is a profile written as a JSON Schema, for who checks documents without
// a FHIR validator.
type Schema struct {
	Profile string                 // its canonical URL
	Write   func() ([]byte, error) // is called once, when the schema is first asked for
}

// schemasPath is where the schemas of profiles are.
const schemasPath = "/fhir-schemas"

// schemas hold those that are served, by the id of the profile.
type schemas struct {
	index *conformance.Document
	byID  map[string]func() (*conformance.Document, error)
}

// shelve makes the schemas ready to be written when they are asked for.
func shelve(all map[string]Schema) schemas {
	type line struct {
		ID      string `json:"id"`
		Profile string `json:"profile"`
		Schema  string `json:"schema"`
	}
	lines, byID := []line{}, map[string]func() (*conformance.Document, error){}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, line{id, all[id].Profile, schemasPath + "/" + id + ".json"})
		byID[id] = sync.OnceValues(func() (*conformance.Document, error) {
			body, err := all[id].Write()
			if err != nil {
				return nil, err
			}
			return conformance.DocumentOf(body), nil
		})
	}
	// What is made of texts can be written.
	index, _ := json.Marshal(map[string]any{"schemas": lines})
	return schemas{conformance.DocumentOf(index), byID}
}

// schemaIndex is GET /fhir-schemas/.
func schemaIndex(x *exchange) error {
	x.answerWhole("application/json; charset=utf-8", x.schemas.index)
	return nil
}

// schema is GET /fhir-schemas/id.json.
func schema(x *exchange) error {
	id, named := strings.CutSuffix(x.param("file"), ".json")
	write, ok := x.schemas.byID[id]
	if !named || !ok {
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no schema by this name; those there are, are listed at %s/", schemasPath)
	}
	d, err := write()
	if err != nil {
		return err
	}
	x.answerWhole("application/schema+json; charset=utf-8", d)
	return nil
}
