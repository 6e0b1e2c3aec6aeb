package conformance

import (
	"encoding/json"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// resource is CapabilityStatement.rest.resource.
type resource struct {
	Extension         []extension   `json:"extension"`
	Type              string        `json:"type"`
	Profile           string        `json:"profile"`
	SupportedProfile  []string      `json:"supportedProfile,omitempty"`
	Interaction       []interaction `json:"interaction"`
	Versioning        string        `json:"versioning"`
	ReadHistory       bool          `json:"readHistory"`
	UpdateCreate      bool          `json:"updateCreate"`
	ConditionalCreate bool          `json:"conditionalCreate"`
	ConditionalRead   string        `json:"conditionalRead"`
	ConditionalUpdate bool          `json:"conditionalUpdate"`
	ConditionalDelete string        `json:"conditionalDelete"`
	ReferencePolicy   []string      `json:"referencePolicy"`
	SearchInclude     []string      `json:"searchInclude"`
	SearchRevInclude  []string      `json:"searchRevInclude,omitempty"`
	SearchParam       []searchParam `json:"searchParam"`
	Operation         []operation   `json:"operation,omitempty"`
}

// conditionalPatch is the element of R5 that says what R4 has no place for.
const conditionalPatch = "http://hl7.org/fhir/5.0/StructureDefinition/extension-CapabilityStatement.rest.resource.conditionalPatch"

// resources hold what the parts of all resource types have in common.
type resources struct {
	facts     Facts
	params    map[string][]*r4.SearchParam // what can be searched by, by type
	referring map[string][]string          // the values of _revinclude, by the type referred to
}

func resourceFacts(f Facts) resources {
	r := resources{facts: f, params: map[string][]*r4.SearchParam{}, referring: map[string][]string{}}
	for _, typ := range r4.Resources() {
		r.params[typ] = f.Parameters.Searchable(typ)
		for _, p := range r.params[typ] {
			if p.Kind != "reference" {
				continue
			}
			for _, target := range p.Targets {
				r.referring[target] = append(r.referring[target], typ+":"+p.Code)
			}
		}
	}
	return r
}

// What a server says that keeps to the R5 backport of subscriptions: the part that
// is met, the guide, the profile, how topics are listed and its operations, which
// ours are for who subscribes to a topic. Source: R5 backport 1.1.0, conformance in
// R4.
const (
	backport             = "http://hl7.org/fhir/uv/subscriptions-backport/"
	backportServer       = backport + "CapabilityStatement/backport-subscription-server-r4"
	backportGuide        = backport + "ImplementationGuide/hl7.fhir.uv.subscriptions-backport"
	backportSubscription = backport + "StructureDefinition/backport-subscription"
	subscriptionTopic    = backport + "StructureDefinition/capabilitystatement-subscriptiontopic-canonical"
	backportOperation    = backport + "OperationDefinition/backport-subscription-"
)

// backportOperations are the operations of the guide.
var backportOperations = []string{"status", "events", "get-ws-binding-token"}

// subscribing says of Subscription what the guide wants said of it.
func (r resources) subscribing(part *resource) {
	if part.Type != "Subscription" || r.facts.Topics == nil {
		return
	}
	part.SupportedProfile = append(part.SupportedProfile, backportSubscription)
	slices.Sort(part.SupportedProfile)
	for _, topic := range r.facts.topics() {
		part.Extension = append(part.Extension, extension{URL: subscriptionTopic, Canonical: topic})
	}
	for _, o := range r.facts.operations(part.Type) {
		if r.facts.isOfBackport(o) {
			part.Operation = append(part.Operation, operation{o.Code, backportOperation + o.Code})
		}
	}
}

// isOfBackport reports whether an operation is one of the guide, too.
func (f Facts) isOfBackport(o fhir.Operation) bool {
	return f.Topics != nil && slices.Contains(o.Types, "Subscription") && slices.Contains(backportOperations, o.Code)
}

func (r resources) resource(typ string) resource {
	part := resource{
		Extension: []extension{{URL: conditionalPatch, Boolean: true}}, // what R4 has no element for
		Type:      typ, Profile: "http://hl7.org/fhir/StructureDefinition/" + typ, SupportedProfile: slices.Sorted(slices.Values(r.facts.Profiles(typ))),
		Interaction: interactions(typeInteractions),
		Versioning:  "versioned", ReadHistory: true, UpdateCreate: true,
		ConditionalCreate: true, ConditionalRead: "full-support", ConditionalUpdate: true, ConditionalDelete: "single",
		ReferencePolicy: []string{"literal", "logical", "local"},
		SearchInclude:   []string{"*"},
		SearchParam:     searchParams(r.facts, r.params[typ]),
		Operation:       operations(r.facts, typ),
	}
	if r.facts.DeleteMultiple {
		part.ConditionalDelete = "multiple"
	}
	if r.facts.Guarded != nil && r.facts.Guarded(typ) {
		part.ReferencePolicy = append(part.ReferencePolicy, "enforced")
	}
	for _, p := range r.params[typ] {
		if p.Kind == "reference" {
			part.SearchInclude = append(part.SearchInclude, typ+":"+p.Code)
		}
	}
	if referring := r.referring[typ]; len(referring) > 0 {
		part.SearchRevInclude = append([]string{"*"}, referring...)
	}
	r.subscribing(&part)
	return part
}

// profilesOf finds the profiles on resource types among definitions.
func profilesOf(definitions []profiles.Definition) map[string][]string {
	found := map[string][]string{}
	for _, d := range definitions {
		if d.Type != "StructureDefinition" {
			continue
		}
		var s struct{ URL, Kind, Type, Derivation string }
		if json.Unmarshal(d.Body, &s) == nil && s.Kind == "resource" && s.Derivation == "constraint" {
			found[s.Type] = append(found[s.Type], s.URL)
		}
	}
	return found
}
