package conformance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// Facts are what a server says about itself. The engine fills in what it knows:
// Base, Operations, Parameters and the like.
type Facts struct {
	Base        string // the absolute URL of [base]
	Software    string // its name; "" is "Bima"
	Version     string // of the software
	Description string // of this installation; "" is a sentence that fits all
	Date        time.Time

	Security     []string // codes of R4's restful-security-service; none where nobody needs credentials
	Formats      []string // what resources are read and written in; nil is DefaultFormats
	PatchFormats []string // media types of patches; nil is DefaultPatchFormats
	Instantiates []string // canonical URLs of CapabilityStatements that are met in full
	Guides       []string // canonical URLs of the implementation guides loaded

	Operations     []fhir.Operation
	Parameters     Parameters
	DeleteMultiple bool // whether a conditional delete may delete several
	// Guarded reports whether the local references of a resource type must lead to
	// what is there; nil where those of none must.
	Guarded func(typ string) bool

	Definitions []profiles.Definition // what the server defines itself; nil is profiles.Definitions
	Terminology func() *Terminology   // what can be done with codes; nil where nothing can
	Socket      string                // the URL of the WebSocket by which subscribers listen; "" where there is none
	Topics      func() []string       // the canonical URLs of what can be subscribed to, sorted; nil where that is not told
	// Profiles gives the canonical URLs of the profiles on a resource type that
	// resources are held against; nil gives those among Definitions.
	Profiles func(typ string) []string
	// ProfileEdition is another number whenever Profiles may say otherwise; nil where
	// it never does.
	ProfileEdition func() uint64
}

// Parameters know what can be searched by. A search.Registry is one. Two that
// are equal by == say the same.
type Parameters interface {
	// Searchable gives the parameters of a type, or with "" those of all types.
	Searchable(typ string) []*r4.SearchParam
}

// DefaultFormats gives the values of _format that the server knows, the best
// first.
func DefaultFormats() []string {
	return []string{
		"application/fhir+json", "application/fhir+xml", "json", "xml", "application/json", "application/xml", "text/json", "text/xml",
	}
}

// DefaultPatchFormats gives the media types of the patches the server knows.
func DefaultPatchFormats() []string { return []string{"application/json-patch+json"} }

// versions is the operation that the transport itself performs.
var versions = fhir.Operation{Code: "versions", System: true, Definition: hl7 + "CapabilityStatement-versions"}

// withDefaults gives the facts with what was left out.
func (f Facts) withDefaults() Facts {
	f.Software = cmp.Or(f.Software, "Bima")
	f.Description = cmp.Or(f.Description, "A health-financing scheme on HL7 FHIR R4")
	if f.Formats == nil {
		f.Formats = DefaultFormats()
	}
	if f.PatchFormats == nil {
		f.PatchFormats = DefaultPatchFormats()
	}
	if f.Definitions == nil {
		f.Definitions = profiles.Definitions()
	}
	if f.Profiles == nil {
		all := profilesOf(f.Definitions)
		f.Profiles = func(typ string) []string { return all[typ] }
	}
	if f.Topics != nil {
		f.Instantiates = append(slices.Clone(f.Instantiates), backportServer)
		f.Guides = append(slices.Clone(f.Guides), backportGuide)
	}
	f.Operations = append(slices.Clone(f.Operations), versions)
	f.Operations = slices.SortedStableFunc(slices.Values(f.Operations), func(a, b fhir.Operation) int {
		return strings.Compare(a.Code, b.Code)
	})
	return f
}

// operations gives those offered on a type, or on the whole server where typ is
// "".
func (f Facts) operations(typ string) []fhir.Operation {
	var on []fhir.Operation
	for _, o := range f.Operations {
		if typ == "" && o.System || typ != "" && (o.Type || o.Instance) && slices.Contains(o.Types, typ) {
			on = append(on, o)
		}
	}
	return on
}

// definitionOf gives the canonical URL of an operation's definition: its own, or
// that of the definition made for it.
func (f Facts) definitionOf(o fhir.Operation) string {
	return cmp.Or(o.Definition, f.Base+"/OperationDefinition/"+definitionID(o))
}

// interactions of a resource type, and of the whole server. Source: R4
// valueset-type-restful-interaction, valueset-system-restful-interaction.
var (
	typeInteractions   = []string{"read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"}
	systemInteractions = []string{"transaction", "batch", "search-system", "history-system"}
)

// normative holds the resource types that R4 has made normative. Source: R4
// versions#maturity.
var normative = map[string]bool{
	"Binary": true, "Bundle": true, "CapabilityStatement": true, "CodeSystem": true, "Observation": true, "OperationDefinition": true,
	"OperationOutcome": true, "Parameters": true, "Patient": true, "StructureDefinition": true, "ValueSet": true,
}

// edition tells one state of the Profiles from another.
func (f Facts) edition() uint64 {
	if f.ProfileEdition == nil {
		return 0
	}
	return f.ProfileEdition()
}

// topics gives what can be subscribed to.
func (f Facts) topics() []string {
	if f.Topics == nil {
		return nil
	}
	return f.Topics()
}
