package main

import (
	"fmt"

	"bima/profiles"
)

// A term is one policy of a family.
type term struct {
	id          string // the Contract's
	number      string // the policy's
	start, end  string // as agreed
	effective   string // when it came into force; "" if it has not
	issued      string
	state       string // policy-state
	status      string // Contract.status
	predecessor string
	waitingFrom string
}

// terms gives the policies of a family, the older first.
func (f family) terms() []term {
	last := term{
		id: f.previous(), number: f.policyNumber(2025), start: "2025-01-01", end: "2025-12-31", effective: f.paidOn(2025),
		issued: "2024-12-20", state: "expired", status: "terminated", waitingFrom: f.paidOn(2025),
	}
	this := term{
		id: f.policy(), number: f.policyNumber(2026), start: "2026-01-01", end: "2026-12-31", effective: f.paidOn(2026),
		issued: "2025-12-15", state: "active", status: "executed", waitingFrom: f.paidOn(2026),
	}
	switch f.standing {
	case uninsured:
		return nil
	case lapsed:
		return []term{last}
	case renewed:
		last.state, last.status = "renewed", "renewed"
		this.predecessor, this.waitingFrom = last.id, last.waitingFrom
		return []term{last, this}
	case late:
		this.start, this.issued, this.end = "2026-05-01", "2026-04-20", "2027-04-30"
	case partial, unpaid:
		this.state, this.status, this.effective, this.waitingFrom = "offered", "offered", "", ""
	}
	return []term{this}
}

func (f family) policyNumber(year int) string { return fmt.Sprintf("POL-%d-%06d", year, f.number) }

// paidOn gives the day the family's contribution for a year was paid in full.
func (f family) paidOn(year int) string {
	if f.standing == late {
		return "2026-05-10"
	}
	if f.standing == renewed && year == 2026 {
		return "2026-01-01"
	}
	return fmt.Sprintf("%d-01-%02d", year, 5+f.number%20)
}

// policies gives the Contracts of a family and a Coverage for each member.
func (f family) policies() []object {
	var list []object
	for _, t := range f.terms() {
		list = append(list, f.contract(t))
		for _, p := range f.persons {
			list = append(list, f.coverage(t, p))
		}
	}
	return list
}

func (f family) contract(t term) object {
	persons := make([]string, len(f.persons))
	for i, p := range f.persons {
		persons[i] = "Patient/" + p.id()
	}
	extensions := []object{extension("policy-state", "valueCode", t.state)}
	if t.predecessor != "" {
		extensions = append(extensions, extension("contract-predecessor", "valueReference", ref("Contract/"+t.predecessor)))
	}
	from := t.effective
	if from == "" {
		from = t.start
	}
	agreed := period(t.start, t.end)
	asset := object{"typeReference", refs(persons...), "period", []object{agreed}}
	if t.effective != "" {
		asset = append(asset, "usePeriod", []object{period(t.effective, t.end)})
	}
	asset = append(asset, "valuedItem", []object{{
		"entityReference", ref(planVersion), "net", money(f.contribution()),
		"responsible", ref(persons[0]), "recipient", ref("Organization/scheme"),
	}})
	return object{
		"resourceType", "Contract", "id", t.id, "extension", extensions,
		"identifier",
		[]object{identifier(profiles.IdentifierPolicy, t.number)},
		"status", t.status, "issued", t.issued + "T09:00:00+03:00", "applies", period(from, t.end),
		"subject", refs("Group/" + f.id()), "authority", refs("Organization/scheme"), "author", ref("PractitionerRole/officer-1"),
		"type", concept(hl7+"contract-type", "healthinsurance", ""),
		"term",
		[]object{{
			"applies", agreed,
			"offer",
			object{
				"party",
				[]object{{"reference", refs(persons[0]), "role", concept(profiles.SystemOpenIMISPartyRole, "beneficiary", "")}},
				"topic", ref("InsurancePlan/" + planID),
			},
			"asset",
			[]object{asset},
		}},
	}
}

func (t term) coverageID(p person) string {
	return fmt.Sprintf("coverage-%s-%d", t.id[len("policy-"):], p.number)
}

// relationships gives HL7's word for openIMIS's relationship to the head.
var relationships = map[string]string{"": "self", "8": "spouse", "4": "child", "2": "parent"}

func (f family) coverage(t term, p person) object {
	state, status, from := "active", "active", t.effective
	switch {
	case t.effective == "":
		state, status, from = "draft", "draft", t.start
	case t.state != "active":
		state = "expired"
	}
	extensions := []object{
		{"url", profiles.ExtensionCoverageInsurancePlan, "valueReference", ref("InsurancePlan/" + planID)},
		extension("coverage-state", "valueCode", state),
	}
	if t.waitingFrom != "" {
		extensions = append(extensions, extension("coverage-waiting-from", "valueDate", t.waitingFrom))
	}
	head := "Patient/" + f.persons[0].id()
	class := func(kind, value, name string) object {
		c := object{"type", concept(hl7+"coverage-class", kind, ""), "value", value}
		if name != "" {
			c = append(c, "name", name)
		}
		return c
	}
	return object{
		"resourceType", "Coverage", "id", t.coverageID(p), "extension", extensions,
		"identifier",
		[]object{identifier(profiles.IdentifierMembership, fmt.Sprintf("%s-%02d", t.number, p.number))},
		"status", status, "type", concept(actCode, "HIP", ""),
		"policyHolder", ref(head), "subscriber", ref(head), "subscriberId", f.persons[0].insuranceNumber(),
		"beneficiary", ref("Patient/" + p.id()),
		"relationship", concept(hl7+"subscriber-relationship", relationships[p.relationship], ""),
		"period", period(from, t.end), "payor", refs("Organization/scheme"),
		"class",
		[]object{class("plan", "DHP", "District Health Plan"), class("group", f.code(), "")},
		"contract", refs("Contract/" + t.id),
	}
}
