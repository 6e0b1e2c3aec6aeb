package openimis

import (
	"net/http"
	"slices"
	"strings"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// The extensions by which openIMIS's clients say where a person belongs.
const (
	isHead  = structure + "patient-is-head"
	inGroup = structure + "patient-group-reference"
)

// person makes a clean R4 Patient of one in openIMIS's form, and gives what it says
// of his family, which is a Group's to say.
func (c *call) person(o dialect.Object) (head bool, family dialect.Object) {
	delete(o, "meta")
	head = dialect.At(dialect.Extension(o, isHead), "valueBoolean") == true
	family = dialect.Child(dialect.Extension(o, inGroup), "valueReference")
	kept := []any{}
	for _, e := range dialect.Each(o, "extension") {
		if url := dialect.Text(e, "url"); url != isHead && url != inGroup {
			kept = append(kept, e)
		}
	}
	delete(o, "extension")
	if len(kept) > 0 {
		o["extension"] = kept
	}
	c.codes("Patient", o)
	if code := dialect.Code(dialect.Child(o, "maritalStatus"), ""); slices.Contains([]string{"M", "S", "D", "W"}, code) {
		o["maritalStatus"] = dialect.Concept(hl7+"v3-MaritalStatus", code, "")
	} else if code != "" {
		o["maritalStatus"] = dialect.Concept(hl7+"v3-NullFlavor", "UNK", "")
	}
	for _, photo := range dialect.Each(o, "photo") {
		if kind := dialect.Text(photo, "contentType"); kind != "" && !strings.Contains(kind, "/") {
			photo["contentType"] = "image/" + strings.Replace(strings.ToLower(kind), "jpg", "jpeg", 1)
		}
	}
	absolute(o, 0)
	c.parties(o, contained(o), 0)
	return head, family
}

// absolute completes the code systems that openIMIS names from its own address on.
func absolute(v any, depth int) {
	switch v := v.(type) {
	case dialect.Object:
		if system := dialect.Text(v, "system"); strings.HasPrefix(system, "CodeSystem/") {
			v["system"] = profiles.OpenIMIS + "/" + system
		}
		for _, member := range v {
			if depth < deepest {
				absolute(member, depth+1)
			}
		}
	case []any:
		for _, e := range v {
			if depth < deepest {
				absolute(e, depth+1)
			}
		}
	}
}

// newcomer is the fullUrl of the person in an enrolment.
const newcomer = "urn:uuid:6d9a2c1e-52b7-4a3f-9a55-70c6b1f0a001"

// enrolPerson is POST Patient/: a head founds a family, who names one joins it.
func (c *call) enrolPerson(o dialect.Object) error {
	delete(o, "id")
	head, family := c.person(o)
	member := dialect.Object{"entity": dialect.Object{"reference": newcomer}}
	group := dialect.Object{"resourceType": "Group", "type": "person", "actual": true, "member": []any{member}}
	number := dialect.Identifier(o, profiles.IdentifierInsuranceNumber)
	switch {
	case head && family != nil:
		return fhir.Errorf(fhir.IssueBusinessRule, "Patient.extension", "who joins a family is not its head at once; leave out patient-is-head or patient-group-reference")
	case head:
		if address := dialect.Each(o, "address"); len(address) > 0 {
			dialect.Extend(group, profiles.ExtensionOpenIMISGroupAddress, "valueAddress", address[0])
		}
		dialect.Extend(member, profiles.ExtensionGroupHead, "valueBoolean", true)
		group["name"] = dialect.Text(firstOf(o, "name"), "family")
	case family != nil:
		meant := dialect.Target(dialect.Text(c.party(family, nil), "reference"))
		if meant.Type != "Group" {
			return fhir.Errorf(fhir.IssueBusinessRule, "Patient.extension", "there is no family with the uuid or code that patient-group-reference names")
		}
		group["id"] = meant.ID
	default:
		return c.store(http.MethodPost, "Patient", o)
	}
	if number == "" {
		return fhir.Errorf(fhir.IssueRequired, "Patient.identifier", "the insurance number is missing: an identifier of the type Code")
	}
	if taken, ok := c.finder.Find("Patient", kinds["Patient"].codes, dialect.Name{System: profiles.IdentifierInsuranceNumber, Value: number}); ok {
		return fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "Patient.identifier", "%s bears the insurance number already; to change him, PUT him", taken)
	}
	bundle := dialect.Object{"resourceType": "Bundle", "type": "collection", "entry": []any{
		dialect.Object{"fullUrl": newcomer, "resource": o}, dialect.Object{"resource": group},
	}}
	a, ok := c.ask(http.MethodPost, "Group/$enrol", bundle)
	if !ok {
		return nil
	}
	for e := range a.Node().Get("entry").Each() {
		r := e.Get("resource")
		if r.Get("resourceType").Text() == "Patient" && r.Identifier(profiles.IdentifierInsuranceNumber) == number {
			return c.enrolled("Patient", r.Get("id").Text())
		}
	}
	return c.enrolled("Patient", "")
}

// enrolFamily is POST Group/: a family of persons who are registered already, whose
// head is whose number it bears.
func (c *call) enrolFamily(o dialect.Object) error {
	delete(o, "id")
	delete(o, "meta")
	head := ""
	for _, i := range dialect.Each(o, "identifier") {
		if dialect.Code(dialect.Child(i, "type"), "") == "Code" {
			head = dialect.Text(i, "value")
		}
	}
	c.codes("Group", o)
	absolute(o, 0)
	c.parties(o, contained(o), 0)
	o["type"], o["actual"] = "person", true
	delete(o, "quantity")
	leader, ok := c.finder.Find("Patient", kinds["Patient"].codes, dialect.Name{System: profiles.IdentifierInsuranceNumber, Value: head})
	if !ok {
		return fhir.Errorf(fhir.IssueBusinessRule, "Group.identifier", "nobody bears the number %.40q; a family has the insurance number of its head as its code", head)
	}
	present := false
	for _, m := range dialect.Each(o, "member") {
		if dialect.Text(m, "entity", "reference") == leader.String() {
			dialect.Extend(m, profiles.ExtensionGroupHead, "valueBoolean", true)
			present = true
		}
	}
	if !present {
		return fhir.Errorf(fhir.IssueBusinessRule, "Group.member", "the head, %s, is not among the members", leader)
	}
	a, ok := c.ask(http.MethodPost, "Group/$enrol", dialect.Object{"resourceType": "Bundle", "type": "collection", "entry": []any{dialect.Object{"resource": o}}})
	if !ok {
		return nil
	}
	for e := range a.Node().Get("entry").Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == "Group" {
			return c.enrolled("Group", r.Get("id").Text())
		}
	}
	return c.enrolled("Group", "")
}

// enrolled answers with what was enrolled.
func (c *call) enrolled(typ, id string) error {
	p := page{call: c, along: map[string]dialect.Object{}}
	query := "_id=" + id
	if include := kinds[typ].include; include != "" {
		query += "&" + include
	}
	failed, err := p.fetch(typ, query, 1, 1)
	if err != nil {
		return err
	}
	if failed != nil {
		c.hand(failed)
		return nil
	}
	if len(p.found) == 0 {
		return fhir.Errorf(fhir.IssueNotFound, typ, "what was enrolled can't be read")
	}
	p.spell(typ, p.found[0])
	c.write(http.StatusCreated, p.found[0])
	return nil
}

// firstOf gives the first Object of a list; nil where there is none.
func firstOf(o dialect.Object, name string) dialect.Object {
	for _, one := range dialect.Each(o, name) {
		return one
	}
	return nil
}
