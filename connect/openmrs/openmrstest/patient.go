package openmrstest

import (
	"net/http"
	"slices"
	"time"
)

// The extensions of fhir2.
const (
	extAttribute      = "http://fhir.openmrs.org/ext/person-attribute"
	extAttributeType  = "http://fhir.openmrs.org/ext/person-attribute-type"
	extAttributeValue = "http://fhir.openmrs.org/ext/person-attribute-value"
	extTask           = "http://fhir.openmrs.org/ext/task/identifier"
)

// A patient is one as the tables hold him.
type patient struct {
	uuid        string
	identifiers []identifier
	names       []any
	attributes  []attribute
	changed     time.Time
	rest        map[string]any // gender, birthDate
}

// An identifier is one of a type, shown with the system that is mapped to it.
type identifier struct{ typ, system, value string }

// An attribute is a person attribute; one that was replaced is void.
type attribute struct {
	name, value string
	void        bool
}

// Admit registers a patient with identifiers by their types, as a clerk does; it
// gives his uuid.
func (s *Server) Admit(given, family string, identifiers map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &patient{uuid: s.uuid(), changed: s.options.Now(), rest: map[string]any{}}
	p.names = []any{map[string]any{"id": s.uuid(), "family": family, "given": []any{given}}}
	for typ, value := range identifiers {
		p.identifiers = append(p.identifiers, identifier{typ: typ, system: s.systemOf(typ), value: value})
	}
	s.patients = append(s.patients, p)
	return p.uuid
}

// Discharge removes a patient, as a merge of two does.
func (s *Server) Discharge(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patients = slices.DeleteFunc(s.patients, func(p *patient) bool { return p.uuid == uuid })
}

// Attributes gives what is shown of a patient: person attributes by their types.
func (s *Server) Attributes(uuid string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := map[string]string{}
	for _, p := range s.patients {
		for _, a := range p.attributes {
			if p.uuid == uuid && !a.void {
				shown[a.name] = a.value
			}
		}
	}
	return shown
}

// Numbers gives what identifiers a patient bears, by their types.
func (s *Server) Numbers(uuid string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers := map[string]string{}
	for _, p := range s.patients {
		for _, i := range p.identifiers {
			if p.uuid == uuid {
				numbers[i.typ] = i.value
			}
		}
	}
	return numbers
}

// History gives the values that an attribute of a patient has had, the last one
// last.
func (s *Server) History(uuid, name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var values []string
	for _, p := range s.patients {
		for _, a := range p.attributes {
			if p.uuid == uuid && a.name == name {
				values = append(values, a.value)
			}
		}
	}
	return values
}

// systemOf gives the system that an identifier type is mapped to; "" has none.
func (s *Server) systemOf(typ string) string {
	for system, mapped := range s.options.IdentifierSystems {
		if mapped == typ {
			return system
		}
	}
	return ""
}

// valueMax is how long an attribute may be in the table.
const valueMax = 50

// writePatient adds what was sent to what is there.
func (s *Server) writePatient(id string, sent map[string]any) answer {
	var p patient
	at := slices.IndexFunc(s.patients, func(p *patient) bool { return p.uuid == id })
	if at >= 0 {
		p = *s.patients[at]
		p.identifiers, p.names, p.attributes = slices.Clone(p.identifiers), slices.Clone(p.names), slices.Clone(p.attributes)
	} else {
		p = patient{uuid: s.uuid(), rest: map[string]any{}}
	}
	for _, one := range list(sent["identifier"]) {
		s.addIdentifier(&p, one)
	}
	for _, name := range list(sent["name"]) {
		// A name without an id is another name, even where it is the same.
		if name["id"] == nil {
			name["id"] = s.uuid()
			p.names = append(p.names, name)
		}
	}
	for _, e := range list(sent["extension"]) {
		if text(e["url"]) != extAttribute || s.options.Deaf {
			continue
		}
		if a := s.addAttribute(&p, e); a != nil {
			return *a
		}
	}
	if len(p.identifiers) == 0 {
		return refuse(http.StatusUnprocessableEntity, "A patient must have at least one identifier")
	}
	p.changed = s.options.Now()
	if at < 0 {
		s.patients = append(s.patients, &p)
	} else {
		s.patients[at] = &p
	}
	return answer{status: http.StatusOK, body: p.view()}
}

// addIdentifier takes an identifier, unless its system is mapped to no type, or
// its type is unknown: then it is gone without a word.
func (s *Server) addIdentifier(p *patient, sent map[string]any) {
	typ := text(object(sent["type"])["text"])
	if system := text(sent["system"]); system != "" {
		typ = s.options.IdentifierSystems[system]
	}
	if !slices.Contains(s.options.IdentifierTypes, typ) {
		return
	}
	i := identifier{typ: typ, system: s.systemOf(typ), value: text(sent["value"])}
	if !slices.Contains(p.identifiers, i) {
		p.identifiers = append(p.identifiers, i)
	}
}

// addAttribute takes a person attribute. One of an unknown type is gone without a
// word, the same value again changes nothing, and another one voids it.
func (s *Server) addAttribute(p *patient, sent map[string]any) *answer {
	var name, value string
	for _, part := range list(sent["extension"]) {
		switch text(part["url"]) {
		case extAttributeType:
			name = text(part["valueString"])
		case extAttributeValue:
			value = text(part["valueString"])
		}
	}
	if !slices.Contains(s.options.AttributeTypes, name) || value == "" {
		return nil
	}
	if len([]rune(value)) > valueMax {
		a := refuse(http.StatusInternalServerError, "Data too long for column 'value'")
		return &a
	}
	for i, a := range p.attributes {
		if a.name != name || a.void {
			continue
		}
		if a.value == value {
			return nil
		}
		p.attributes[i].void = true
	}
	p.attributes = append(p.attributes, attribute{name: name, value: value})
	return nil
}

// view shows a patient as FHIR.
func (p *patient) view() map[string]any {
	body := map[string]any{"resourceType": "Patient", "id": p.uuid, "active": true, "name": p.names, "meta": map[string]any{"lastUpdated": p.changed.UTC().Format(time.RFC3339Nano)}}
	for name, value := range p.rest {
		body[name] = value
	}
	var identifiers, extensions []any
	for _, i := range p.identifiers {
		one := map[string]any{"id": i.typ + "-" + i.value, "type": map[string]any{"text": i.typ}, "value": i.value}
		if i.system != "" {
			one["system"] = i.system
		}
		identifiers = append(identifiers, one)
	}
	for _, a := range p.attributes {
		if !a.void {
			extensions = append(extensions, map[string]any{"url": extAttribute, "extension": []any{
				map[string]any{"url": extAttributeType, "valueString": a.name}, map[string]any{"url": extAttributeValue, "valueString": a.value},
			}})
		}
	}
	body["identifier"] = identifiers
	if extensions != nil {
		body["extension"] = extensions
	}
	return body
}

// list gives the objects of an array; none where it is no array.
func list(v any) []map[string]any {
	all, _ := v.([]any)
	var out []map[string]any
	for _, one := range all {
		if o, ok := one.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }

func text(v any) string { t, _ := v.(string); return t }
