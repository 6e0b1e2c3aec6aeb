package kenyaemr

import (
	"net/http"
	"slices"
	"strings"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// entriesMax bounds the entries of a Bundle, and linesMax the items of a claim.
const (
	entriesMax = 500
	linesMax   = 1000
)

// A message is a Bundle that was read: a claim or a question, and who comes along.
type message struct {
	claim    dialect.Object // or nil
	question dialect.Object // or nil
	message  bool           // whether its type is message

	finder *dialect.Finder
	along  map[string]dialect.Object // the other resources, by what references call them
	filled []string                  // what was filled in: "Claim.use = claim"
	said   string                    // the digest of a claim in its client's words
	kind   string                    // Claim or CoverageEligibilityRequest

	translate func(system, code string) (string, *connect.Answer) // by the scheme's ConceptMaps
	failed    *connect.Answer                                     // a translation that [base] refused; nil is none
}

// read finds what a Bundle is about.
func (f *front) read(r *http.Request, bundle dialect.Object) (*message, error) {
	if dialect.Text(bundle, "resourceType") != "Bundle" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "send a Bundle with a Claim or a CoverageEligibilityRequest, not %.60q", dialect.Text(bundle, "resourceType"))
	}
	entries := dialect.Each(bundle, "entry")
	if len(entries) > entriesMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Bundle.entry", "a message has up to %d entries, this one has %d", entriesMax, len(entries))
	}
	m := &message{
		translate: f.translator(r),
		finder:    &dialect.Finder{Gate: f.gate, Request: r},
		along:     map[string]dialect.Object{},
		message:   dialect.Text(bundle, "type") == "message",
	}
	about := 0
	for _, e := range entries {
		resource := dialect.Child(e, "resource")
		switch dialect.Text(resource, "resourceType") {
		case "Claim":
			m.claim, m.kind = resource, "Claim"
			about++
		case "CoverageEligibilityRequest":
			m.question, m.kind = resource, "CoverageEligibilityRequest"
			about++
		default:
			m.join(dialect.Text(e, "fullUrl"), resource)
		}
	}
	if about != 1 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "Bundle.entry", "the Bundle holds %d Claims and CoverageEligibilityRequests; send one at a time", about)
	}
	return m, nil
}

// join remembers what comes along, under its fullUrl and its type and id.
func (m *message) join(fullURL string, resource dialect.Object) {
	typ, id := dialect.Text(resource, "resourceType"), dialect.Text(resource, "id")
	for _, by := range []string{fullURL, typ + "/" + id} {
		if _, taken := m.along[by]; !taken && by != "" && id != "" {
			m.along[by] = resource
		}
	}
}

// preferred are the systems in which the scheme's own numbers are looked for, by
// type.
var preferred = map[string][]string{
	"Patient":          {profiles.IdentifierInsuranceNumber, profiles.IdentifierNational},
	"Organization":     {profiles.IdentifierFacility},
	"Location":         {profiles.IdentifierFacility, profiles.IdentifierLocation},
	"Practitioner":     {profiles.IdentifierPractitioner},
	"PractitionerRole": {profiles.IdentifierPractitioner},
	"Coverage":         {profiles.IdentifierMembership},
}

// unnamed are the systems of identifiers of several persons, such as a phone.
var unnamed = []string{"/identifier/phonenumber"}

// party makes a Reference to what the client means: to the resource of this server
// that bears one of its names, or else by name.
func (m *message) party(ref dialect.Object, types ...string) dialect.Object {
	if ref == nil {
		return nil
	}
	text := dialect.Text(ref, "reference")
	meant := dialect.Target(text)
	typ := types[0]
	for _, t := range []string{dialect.Text(ref, "type"), meant.Type} {
		if slices.Contains(types, t) {
			typ = t
		}
	}
	out := dialect.Object{}
	if display := dialect.Text(ref, "display"); display != "" {
		out["display"] = display
	}
	key := fhir.Key{Type: typ, ID: meant.ID}
	if strings.HasPrefix(text, m.finder.Gate.Base()+"/") || text == key.String() {
		if m.finder.Exists(key) {
			out["reference"] = key.String()
			return out
		}
	}
	names := m.names(ref, text, meant.ID)
	if found, ok := m.finder.Find(typ, preferred[typ], names...); ok {
		out["reference"] = found.String()
		return out
	}
	if len(names) == 0 {
		return out
	}
	identifier := dialect.Object{"value": names[0].Value}
	if names[0].System != "" {
		identifier["system"] = names[0].System
	} else if systems := preferred[typ]; len(systems) > 0 {
		identifier["system"] = systems[0]
	}
	out["type"], out["identifier"] = typ, identifier
	return out
}

// names gives the names that a client has for whom he refers to: of the Reference,
// of the resource that comes along, and its id there.
func (m *message) names(ref dialect.Object, text, id string) []dialect.Name {
	var all []dialect.Name
	note := func(i dialect.Object) {
		system := dialect.Text(i, "system")
		several := slices.ContainsFunc(unnamed, func(end string) bool { return strings.HasSuffix(system, end) })
		if value := dialect.Text(i, "value"); value != "" && !several {
			all = append(all, dialect.Name{System: system, Value: value})
		}
	}
	note(dialect.Child(ref, "identifier"))
	for _, i := range dialect.Each(m.along[text], "identifier") {
		note(i)
	}
	if id != "" {
		all = append(all, dialect.Name{Value: id})
	}
	return slices.Compact(all)
}

// fill gives an element a value where the client sent none, and notes that.
func (m *message) fill(o dialect.Object, name string, value any, said string) {
	if o[name] != nil {
		return
	}
	o[name] = value
	m.filled = append(m.filled, m.kind+"."+name+" = "+said)
}

// mark notes on what was translated that it was.
func (m *message) mark(o dialect.Object) {
	parts := []any{dialect.Object{"url": "tongue", "valueCode": "kenyaemr"}}
	if m.said != "" {
		parts = append(parts, dialect.Object{"url": saidPart, "valueString": m.said})
	}
	for _, said := range m.filled {
		parts = append(parts, dialect.Object{"url": "filled", "valueString": said})
	}
	dialect.Extend(o, profiles.ExtensionTranslated, "extension", parts)
}
