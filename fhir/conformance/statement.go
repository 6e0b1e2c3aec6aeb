package conformance

import (
	"slices"
	"strings"

	"bima/fhir/r4"
)

// A Mode says which part of what the server can do is told.
// Source: R4 http#capabilities.
type Mode string

// The modes of a capabilities interaction.
const (
	ModeFull        Mode = "full"
	ModeNormative   Mode = "normative"
	ModeTerminology Mode = "terminology"
)

// The elements of a CapabilityStatement that are written, in the order of the
// definition.
type (
	capabilityStatement struct {
		ResourceType   string         `json:"resourceType"`
		URL            string         `json:"url"`
		Version        string         `json:"version,omitempty"`
		Name           string         `json:"name"`
		Title          string         `json:"title"`
		Status         string         `json:"status"`
		Date           string         `json:"date"`
		Publisher      string         `json:"publisher"`
		Description    string         `json:"description"`
		Kind           string         `json:"kind"`
		Instantiates   []string       `json:"instantiates,omitempty"`
		Software       software       `json:"software"`
		Implementation implementation `json:"implementation"`
		FHIRVersion    string         `json:"fhirVersion"`
		Format         []string       `json:"format"`
		PatchFormat    []string       `json:"patchFormat"`
		Guides         []string       `json:"implementationGuide,omitempty"`
		Rest           []restPart     `json:"rest"`
	}
	software struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	implementation struct {
		Description string `json:"description"`
		URL         string `json:"url"`
	}
	restPart struct {
		Extension     []extension   `json:"extension,omitempty"`
		Mode          string        `json:"mode"`
		Documentation string        `json:"documentation"`
		Security      security      `json:"security"`
		Resource      []resource    `json:"resource"`
		Interaction   []interaction `json:"interaction"`
		SearchParam   []searchParam `json:"searchParam,omitempty"`
		Operation     []operation   `json:"operation,omitempty"`
		Compartment   []string      `json:"compartment"`
	}
	security struct {
		CORS        bool      `json:"cors"`
		Service     []concept `json:"service,omitempty"`
		Description string    `json:"description"`
	}
	interaction struct {
		Code string `json:"code"`
	}
	searchParam struct {
		Name          string `json:"name"`
		Definition    string `json:"definition,omitempty"`
		Type          string `json:"type"`
		Documentation string `json:"documentation,omitempty"`
	}
	operation struct {
		Name       string `json:"name"`
		Definition string `json:"definition"`
	}
	concept struct {
		Coding []coding `json:"coding"`
	}
	coding struct {
		System  string `json:"system"`
		Code    string `json:"code"`
		Display string `json:"display,omitempty"`
	}
	extension struct {
		URL       string `json:"url"`
		Boolean   bool   `json:"valueBoolean,omitempty"`
		URI       string `json:"valueUri,omitempty"`
		Canonical string `json:"valueCanonical,omitempty"`
	}
)

// restText tells what the elements of a CapabilityStatement have no place for.
const restText = "Searches, histories, `$everything` and bundles are done later where the client sends `Prefer: respond-async`: " +
	"the answer is 202 with a `Content-Location`, where the status is asked and, once it is there, a Bundle of type `batch-response` is read. " +
	"Unknown search parameters are refused, or with `Prefer: handling=lenient` ignored and named in an outcome entry. " +
	"What a client may do depends on the roles of its account."

// statement writes the CapabilityStatement, but its date.
func statement(f Facts, mode Mode) capabilityStatement {
	return capabilityStatement{
		ResourceType: "CapabilityStatement", URL: f.Base + "/metadata", Version: f.Version,
		Name: "Bima", Title: "What this server can do", Status: "active", Publisher: f.Software, Description: f.Description,
		Kind: "instance", Instantiates: f.Instantiates, Software: software{f.Software, f.Version},
		Implementation: implementation{f.Description, f.Base},
		FHIRVersion:    "4.0.1", Format: f.Formats, PatchFormat: f.PatchFormats, Guides: f.Guides,
		Rest: []restPart{restOf(f, mode)},
	}
}

func restOf(f Facts, mode Mode) restPart {
	r := restPart{
		Mode: "server", Documentation: restText, Security: securityOf(f.Security),
		Interaction: interactions(systemInteractions), SearchParam: searchParams(f, systemParams(f)), Operation: operations(f, ""),
	}
	if f.Socket != "" {
		r.Extension = []extension{{URL: "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket", URI: f.Socket}}
	}
	about := resourceFacts(f)
	for _, typ := range r4.Resources() {
		if mode != ModeNormative || normative[typ] {
			r.Resource = append(r.Resource, about.resource(typ))
		}
	}
	for _, c := range r4.Compartments() {
		r.Compartment = append(r.Compartment, "http://hl7.org/fhir/CompartmentDefinition/"+strings.ToLower(c.Type))
	}
	return r
}

func interactions(codes []string) []interaction {
	out := make([]interaction, len(codes))
	for i, code := range codes {
		out[i].Code = code
	}
	return out
}

func operations(f Facts, typ string) []operation {
	var out []operation
	for _, o := range f.operations(typ) {
		out = append(out, operation{o.Code, f.definitionOf(o)})
	}
	return out
}

// securityTexts say how each service of R4's restful-security-service is used.
var securityTexts = map[string]string{
	"Basic":         "HTTP Basic, with the name and password of an account of this server.",
	"OAuth":         "A bearer token: of this server, got for the name and password of an account by client credentials at the token endpoint that .well-known/smart-configuration names, or of the OpenID Connect issuer it trusts, if any. Its scopes, system/ or user/ in the forms of SMART 1 and 2, are kept to, on top of the roles; clients may also prove themselves by private_key_jwt.",
	"SMART-on-FHIR": "A bearer token by SMART; see .well-known/smart-configuration.",
}

// securityOf says how callers identify themselves.
func securityOf(services []string) security {
	s := security{CORS: true, Description: "No credentials are needed: this server is for its own machine only."}
	var texts []string
	for _, code := range services {
		s.Service = append(s.Service, concept{[]coding{{System: "http://terminology.hl7.org/CodeSystem/restful-security-service", Code: code}}})
		if text := securityTexts[code]; text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(services) > 0 {
		s.Description = strings.Join(append(texts, "What a caller may see and do depends on its roles."), " ")
	}
	return s
}
