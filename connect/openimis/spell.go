package openimis

import (
	"slices"
	"strings"
	"time"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// spell says a resource in openIMIS's words: its identifiers are of the types UUID
// and Code, and its references name their types.
func (p page) spell(typ string, o dialect.Object) {
	if spell := kinds[typ].spell; spell != nil {
		spell(p, o)
	}
	o["resourceType"] = typ
	references(o, 0)
	id := dialect.Text(o, "id")
	list := []any{name("UUID", id)}
	if code := p.code(typ, o); code != "" {
		list = append(list, name("Code", code))
	}
	have, _ := o["identifier"].([]any)
	if single, ok := o["identifier"].(dialect.Object); ok {
		have = []any{single}
	}
	if whole[typ] {
		have = typed(have)
	}
	if typ != "Bundle" && typ != "Subscription" {
		o["identifier"] = append(list, have...)
	}
}

// code gives the code that openIMIS would call a resource by.
func (p page) code(typ string, o dialect.Object) string {
	for _, system := range kinds[typ].codes {
		if value := dialect.Identifier(o, system); value != "" && typ != "ClaimResponse" {
			return value
		}
	}
	if typ == "ClaimResponse" {
		return p.code("Claim", p.along["Claim/"+dialect.Text(o, "id")])
	}
	for _, i := range dialect.Each(o, "identifier") { // one sent in openIMIS's form
		if dialect.Code(dialect.Child(i, "type"), systemNames) == "Code" {
			return dialect.Text(i, "value")
		}
	}
	return ""
}

// name gives an identifier in openIMIS's form.
func name(kind, value string) dialect.Object {
	return dialect.Object{"type": dialect.Concept(systemNames, kind, ""), "value": value}
}

// reference gives a Reference in openIMIS's form.
func reference(typ, id, display string) dialect.Object {
	o := dialect.Object{"reference": typ + "/" + id, "type": typ, "identifier": name("UUID", id)}
	if display != "" {
		o["display"] = display
	}
	return o
}

// deepest is how deep a resource is looked through.
const deepest = 40

// references gives each Reference to a resource of this server its type and uuid.
func references(v any, depth int) {
	switch v := v.(type) {
	case dialect.Object:
		typ, id, ok := strings.Cut(dialect.Text(v, "reference"), "/")
		if ok && r4.IsResource(typ) && !strings.Contains(id, "/") {
			if v["type"] == nil {
				v["type"] = typ
			}
			if v["identifier"] == nil {
				v["identifier"] = name("UUID", id)
			}
			return
		}
		for _, member := range v {
			if depth < deepest {
				references(member, depth+1)
			}
		}
	case []any:
		for _, e := range v {
			if depth < deepest {
				references(e, depth+1)
			}
		}
	}
}

// spellPatient adds whether the person is a head and of which family, and says the
// marital status by openIMIS's system.
func spellPatient(p page, o dialect.Object) {
	me := "Patient/" + dialect.Text(o, "id")
	for _, g := range p.along {
		if dialect.Text(g, "resourceType") != "Group" {
			continue
		}
		for _, m := range dialect.Each(g, "member") {
			if dialect.Text(m, "entity", "reference") != me || m["inactive"] == true {
				continue
			}
			head := dialect.At(dialect.Extension(m, profiles.ExtensionGroupHead), "valueBoolean") == true
			dialect.Extend(o, structure+"patient-is-head", "valueBoolean", head)
			dialect.Extend(o, structure+"patient-group-reference", "valueReference", reference("Group", dialect.Text(g, "id"), dialect.Text(g, "name")))
		}
	}
	if code := dialect.Code(dialect.Child(o, "maritalStatus"), ""); code != "" {
		if !slices.Contains([]string{"M", "S", "D", "W"}, code) {
			code = "U"
		}
		list, _ := dialect.Child(o, "maritalStatus")["coding"].([]any)
		o["maritalStatus"] = dialect.Object{"coding": append([]any{dialect.Object{"system": systemMarital, "code": code}}, list...)}
	}
}

// spellCoverage adds the dates by the only names openIMIS has for them.
func spellCoverage(_ page, o dialect.Object) {
	if start := dialect.Text(o, "period", "start"); start != "" {
		dialect.Extend(o, structure+"coverage-date", "valueDate", start[:min(len(start), len(time.DateOnly))])
	}
}

// spellLocation gives the kind of place where clients look for it.
func spellLocation(_ page, o dialect.Object) {
	for _, t := range dialect.Each(o, "type") {
		if code := dialect.Code(t, profiles.SystemOpenIMISLocation); code != "" {
			list, _ := dialect.Child(o, "physicalType")["coding"].([]any)
			o["physicalType"] = dialect.Object{"coding": append([]any{dialect.Object{"system": profiles.SystemOpenIMISLocation, "code": code}}, list...)}
		}
	}
}

// spellPractitioner adds the facility of a claim administrator, by its code.
func spellPractitioner(p page, o dialect.Object) {
	p.qualified(o)
	called(o)
	for _, role := range p.rolesOf(o) {
		facility, code := p.facilityOf(role)
		if code == "" {
			continue
		}
		dialect.Extend(o, structure+"reference", "valueReference", dialect.Object{
			"reference": facility, "type": "Organization", "identifier": name("Code", code), "display": code,
		})
	}
}

// told are the extensions that are written for these clients only.
var told = []string{structure + "coverage-date", structure + "reference"}

// unspell takes out of what is sent back changed what was written for the client
// when it was read.
func unspell(o dialect.Object) {
	without(o, "extension", func(e dialect.Object) bool { return slices.Contains(told, dialect.Text(e, "url")) })
	physical := dialect.Child(o, "physicalType")
	if physical == nil || dialect.Text(o, "resourceType") != "Location" {
		return
	}
	without(physical, "coding", func(one dialect.Object) bool { return dialect.Text(one, "system") == profiles.SystemOpenIMISLocation })
	if len(physical) == 0 {
		delete(o, "physicalType")
	}
}

// without takes out of a list what is not wanted, and the list where nothing is left.
func without(o dialect.Object, name string, unwanted func(dialect.Object) bool) {
	kept := []any{}
	for _, one := range dialect.Each(o, name) {
		if !unwanted(one) {
			kept = append(kept, one)
		}
	}
	if delete(o, name); len(kept) > 0 {
		o[name] = kept
	}
}

// spellMedication makes a Medication of a drug of the register.
func spellMedication(_ page, o dialect.Object) {
	code, title := service(o)
	price := priceOf(o)
	definition(o, "status", "extension", "identifier", "meta")
	o["code"] = dialect.Object{"text": title, "coding": []any{dialect.Object{"system": profiles.SystemService, "code": code, "display": title}}}
	o["status"] = medicationStatus(o["status"])
	extendPrice(o, price)
	dialect.Extend(o, structure+"medication-type", "valueCodeableConcept", dialect.Concept(profiles.SystemOpenIMISMedicationKind, "D", ""))
}

func medicationStatus(status any) any {
	if status == "active" {
		return status
	}
	return "inactive"
}

// spellActivity makes an ActivityDefinition of a service of the register. Clients
// read date up to its seconds: it has a time, and R4 wants a zone with that.
func spellActivity(p page, o dialect.Object) {
	code, title := service(o)
	price := priceOf(o)
	from := since(o)
	definition(o, "status", "extension", "identifier", "meta", "useContext", "url", "version")
	o["name"], o["title"] = code, title
	if day, err := time.ParseInLocation(time.DateOnly, from, p.Zone); err == nil {
		o["date"] = day.Format(time.RFC3339)
	}
	extendPrice(o, price)
	o["code"] = dialect.Concept(profiles.SystemService, code, title)
}

// definition leaves these members of a definition, and its id.
func definition(o dialect.Object, keep ...string) {
	for member := range o {
		if member != "id" && !slices.Contains(keep, member) {
			delete(o, member)
		}
	}
}

// service gives the code and title of an entry of the register.
func service(o dialect.Object) (code, title string) {
	code = dialect.Code(dialect.Child(o, "code"), profiles.SystemService)
	if code == "" {
		code = dialect.Code(dialect.Child(o, "code"), "")
	}
	if title = dialect.Text(o, "title"); title == "" {
		title = code
	}
	return code, title
}

// priceOf gives the price in the register: of several lists the highest, since a
// facility's list lowers what is asked.
func priceOf(o dialect.Object) dialect.Object {
	var best dialect.Object
	for _, group := range dialect.Each(o, "propertyGroup") {
		for _, part := range dialect.Each(group, "priceComponent") {
			amount := dialect.Child(part, "amount")
			if dialect.Text(part, "type") == "base" && amount != nil && (best == nil || more(amount, best)) {
				best = amount
			}
		}
	}
	return best
}

func extendPrice(o, price dialect.Object) {
	if price == nil {
		price = unpriced()
	}
	dialect.Extend(o, structure+"unit-price", "valueMoney", price)
}

// more reports whether an amount is larger than another.
func more(a, b dialect.Object) bool {
	x, err := fhir.ParseAmount(dialect.Text(a, "value"))
	y, also := fhir.ParseAmount(dialect.Text(b, "value"))
	return err == nil && also == nil && x > y
}
