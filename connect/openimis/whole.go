package openimis

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// openIMIS's apps take the registers of services, drugs and workers whole, and give
// up all of a register for one entry that lacks what openIMIS always tells: a type
// of each identifier, a display of each qualification, the parts of each name, a
// price, a day. So what is not known is told as such.

// whole are the types that the apps take.
var whole = map[string]bool{"Practitioner": true, "Medication": true, "ActivityDefinition": true}

// systemUnknown and its code say that something is not known.
const (
	systemUnknown = hl7 + "v3-NullFlavor"
	codeUnknown   = "UNK"
)

// typed gives each identifier of an entry a type: one without is just another
// number of whoever gave it.
func typed(identifiers []any) []any {
	for _, one := range identifiers {
		i, ok := one.(dialect.Object)
		if !ok || dialect.Code(dialect.Child(i, "type"), "") != "" {
			continue
		}
		i["type"] = dialect.Concept(hl7+"v2-0203", "XX", "Organization identifier")
	}
	return identifiers
}

// qualificationNames are openIMIS's names of what a worker is.
var qualificationNames = map[string]string{"CA": "Claim Administrator", "EO": "Enrolment Officer"}

// qualified gives a worker at least one qualification, by a code with a display:
// his own, or what his roles are.
func (p page) qualified(o dialect.Object) {
	list := dialect.Each(o, "qualification")
	if len(list) == 0 {
		for _, role := range p.rolesOf(o) {
			for _, code := range dialect.Each(role, "code") {
				list = append(list, dialect.Object{"code": dialect.Object{"coding": code["coding"], "text": code["text"]}})
			}
		}
	}
	if len(list) == 0 {
		list = append(list, dialect.Object{})
	}
	told := make([]any, 0, len(list))
	for _, q := range list {
		q["code"] = displayed(dialect.Child(q, "code"))
		told = append(told, q)
	}
	o["qualification"] = told
}

// displayed gives a concept whose first coding has a code and a display.
func displayed(concept dialect.Object) dialect.Object {
	text := dialect.Text(concept, "text")
	codings := dialect.Each(concept, "coding")
	if len(codings) == 0 || dialect.Text(codings[0], "code") == "" {
		if text == "" {
			text = "unknown"
		}
		return dialect.Concept(systemUnknown, codeUnknown, text)
	}
	list := make([]any, 0, len(codings))
	for _, c := range codings {
		code := dialect.Text(c, "code")
		if dialect.Text(c, "display") == "" {
			c["display"] = code
			if named := qualificationNames[code]; named != "" {
				c["display"] = named
			}
		}
		list = append(list, c)
	}
	made := dialect.Object{"coding": list}
	if text != "" {
		made["text"] = text
	}
	return made
}

// called gives a worker at least one name, and each its use, family and given.
func called(o dialect.Object) {
	names := dialect.Each(o, "name")
	if len(names) == 0 {
		names = []dialect.Object{{}}
	}
	list := make([]any, 0, len(names))
	for _, n := range names {
		words := strings.Fields(dialect.Text(n, "text"))
		if dialect.Text(n, "use") == "" {
			n["use"] = "usual"
		}
		if dialect.Text(n, "family") == "" {
			n["family"] = "-"
			if len(words) > 0 {
				n["family"], words = words[len(words)-1], words[:len(words)-1]
			}
		}
		if given, _ := n["given"].([]any); len(given) == 0 {
			given = []any{"-"}
			if len(words) > 0 && dialect.Text(n, "text") != "" {
				given = []any{strings.Join(words, " ")}
			}
			n["given"] = given
		}
		list = append(list, n)
	}
	o["name"] = list
}

// rolesOf gives the roles of a worker that came along.
func (p page) rolesOf(o dialect.Object) (list []dialect.Object) {
	me := "Practitioner/" + dialect.Text(o, "id")
	for _, role := range p.along {
		if dialect.Text(role, "resourceType") == "PractitionerRole" && dialect.Text(role, "practitioner", "reference") == me {
			list = append(list, role)
		}
	}
	return list
}

// restore puts back what is stored where an entry is sent back as it was told, with
// what was filled in for the client.
func (c *call) restore(typ string, sent dialect.Object) (failed *connect.Answer, err error) {
	key := fhir.Key{Type: typ, ID: dialect.Text(sent, "id")}
	p := page{call: c, along: map[string]dialect.Object{}}
	failed, err = p.fetch(typ, "_id="+url.QueryEscape(key.ID)+"&"+kinds[typ].include, 1, 1)
	if failed != nil || err != nil || len(p.found) == 0 {
		return failed, err
	}
	told := p.found[0]
	kept, err := dialect.Parse(dialect.Write(told)) // of one version, both
	if err != nil {
		return nil, err
	}
	p.spell(typ, told)
	for _, name := range []string{"name", "qualification"} {
		if !bytes.Equal(dialect.Write(sent[name]), dialect.Write(told[name])) {
			continue
		}
		if delete(sent, name); kept[name] != nil {
			sent[name] = kept[name]
		}
	}
	own, _ := kept["identifier"].([]any)
	all, _ := told["identifier"].([]any)
	list, _ := sent["identifier"].([]any)
	for i, one := range list {
		for k := range own {
			if bytes.Equal(dialect.Write(one), dialect.Write(all[len(all)-len(own)+k])) {
				list[i] = own[k]
			}
		}
	}
	return nil, nil
}

// unpriced is the price of a service that has none: the apps drop the register
// without one. The currency is the code of ISO 4217 for none.
func unpriced() dialect.Object {
	return dialect.Object{"value": 0, "currency": "XXX"}
}

// since gives the day from which an entry of the register is: its period's, its
// own, or the one it was written on.
func since(o dialect.Object) string {
	for _, text := range []string{dialect.Text(o, "effectivePeriod", "start"), dialect.Text(o, "date"), dialect.Text(o, "meta", "lastUpdated")} {
		if len(text) >= len(time.DateOnly) {
			return text[:len(time.DateOnly)]
		}
	}
	return ""
}

// facilityOf gives the facility that a role is at, and its code.
func (p page) facilityOf(role dialect.Object) (facility, code string) {
	facility = dialect.Text(role, "organization", "reference")
	return facility, dialect.Identifier(p.along[facility], profiles.IdentifierFacility)
}
