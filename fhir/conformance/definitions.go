package conformance

import (
	"embed"
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// hl7 is the base of the URLs of R4's own definitions.
const hl7 = "http://hl7.org/fhir/OperationDefinition/"

// operationFiles are R4's own definitions of the operations that this server, or
// one like it, may offer. Source: R4 operationslist; HL7 has put it in the
// public domain (CC0).
//
//go:embed operations/*.json
var operationFiles embed.FS

// Definitions gives what the server serves of its own: its definitions, R4's
// definitions of those operations it offers, and for each operation without one, or
// of the R5 backport, a definition made of what is known of it. Their order is that of type and id.
func Definitions(f Facts) []profiles.Definition {
	f = f.withDefaults()
	all := slices.Clone(f.Definitions)
	for _, o := range f.Operations {
		d, ok := operationDefinition(f, o)
		if ok && !slices.ContainsFunc(all, func(other profiles.Definition) bool { return other.Type == d.Type && other.ID == d.ID }) {
			all = append(all, d)
		}
		if f.isOfBackport(o) {
			o.Definition = backportOperation + o.Code
			all = append(all, profiles.Definition{Type: "OperationDefinition", ID: definitionID(o), Body: madeDefinition(f, o)})
		}
	}
	slices.SortFunc(all, func(a, b profiles.Definition) int { return strings.Compare(a.Type+"/"+a.ID, b.Type+"/"+b.ID) })
	return all
}

// operationDefinition gives the definition of an operation, where it is R4's or
// has to be made.
func operationDefinition(f Facts, o fhir.Operation) (d profiles.Definition, ok bool) {
	d.Type = "OperationDefinition"
	if o.Definition == "" {
		d.ID, d.Body = definitionID(o), madeDefinition(f, o)
		return d, true
	}
	id, standard := strings.CutPrefix(o.Definition, hl7)
	if !standard {
		return d, false
	}
	body, err := operationFiles.ReadFile("operations/" + id + ".json")
	d.ID, d.Body = id, body
	return d, err == nil
}

// definitionID gives the logical id of the definition of an operation that has
// none: the type, where it is on one only, and the code.
func definitionID(o fhir.Operation) string {
	if len(o.Types) == 1 {
		return o.Types[0] + "-" + o.Code
	}
	return o.Code
}

// operationResource is the OperationDefinition of an operation that has none.
type operationResource struct {
	ResourceType string   `json:"resourceType"`
	ID           string   `json:"id"`
	URL          string   `json:"url"`
	Name         string   `json:"name"`
	Status       string   `json:"status"`
	Kind         string   `json:"kind"`
	AffectsState bool     `json:"affectsState"`
	Code         string   `json:"code"`
	Resource     []string `json:"resource,omitempty"`
	System       bool     `json:"system"`
	Type         bool     `json:"type"`
	Instance     bool     `json:"instance"`
}

func madeDefinition(f Facts, o fhir.Operation) []byte {
	// What is made of texts and booleans can be written.
	body, _ := json.Marshal(operationResource{
		ResourceType: "OperationDefinition", ID: definitionID(o), URL: f.definitionOf(o), Name: computable(definitionID(o)),
		Status: "active", Kind: "operation", AffectsState: o.Affects, Code: o.Code, Resource: o.Types,
		System: o.System, Type: o.Type, Instance: o.Instance,
	})
	return body
}

// computable makes a name that programs can use of an id: "meta-add" is MetaAdd.
func computable(id string) string {
	var name strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		if part != "" {
			name.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return name.String()
}
