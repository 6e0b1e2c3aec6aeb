package kenyaemr

import (
	"strings"
	"time"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

const (
	hl7            = "http://terminology.hl7.org/CodeSystem/"
	actCode        = hl7 + "v3-ActCode"
	systemPriority = hl7 + "processpriority"
	systemClaim    = hl7 + "claim-type"
)

// claimOf makes the clean R4 Claim that is stored.
func (m *message) claimOf(now time.Time) (dialect.Object, error) {
	c, ok := dialect.Clean(m.claim).(dialect.Object)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueStructure, "Bundle.entry.resource", "the Claim is empty")
	}
	if err := m.identify(c); err != nil {
		return nil, err
	}
	if items := dialect.Each(c, "item"); len(items) > linesMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Claim.item", "a claim has up to %d items, this one has %d", linesMax, len(items))
	}
	delete(c, "id")
	delete(c, "meta")
	named(c)
	// The client draws its numbers by lot at each sending.
	dialect.Renumber(c, "diagnosis", "diagnosisSequence")
	dialect.Renumber(c, "supportingInfo", "informationSequence")
	dialect.Renumber(c, "careTeam", "careTeamSequence")
	dialect.Renumber(c, "procedure", "procedureSequence")
	for _, item := range dialect.Each(c, "item") {
		serviced(c, item)
	}
	m.said = m.digest(c)
	m.fill(c, "status", "active", "active")
	m.fill(c, "use", "claim", "claim")
	m.fill(c, "type", dialect.Concept(systemClaim, "institutional", ""), "institutional")
	m.fill(c, "priority", dialect.Concept(systemPriority, "normal", ""), "normal")
	m.fill(c, "created", now.Format(time.RFC3339), "the moment it came")
	visit(c)
	m.parties(c)
	if err := m.items(c); err != nil {
		return nil, err
	}
	m.mark(c)
	return c, nil
}

// identify puts the client's own uuid of the claim before its other numbers: by
// the first a claim is known when it comes again, and C-001 is that of any
// facility.
func (m *message) identify(c dialect.Object) error {
	var acsn string
	others := []any{}
	for _, i := range dialect.Each(c, "identifier") {
		if acsn == "" && dialect.Code(dialect.Child(i, "type"), "") == "ACSN" {
			acsn = dialect.Text(i, "value")
			continue
		}
		others = append(others, i)
	}
	if acsn == "" {
		acsn = dialect.Text(c, "id")
	}
	if acsn == "" {
		return fhir.Errorf(fhir.IssueRequired, "Claim.identifier",
			"the Claim has neither an identifier of the type ACSN nor an id, by which it would be known when it is sent again; send the uuid it has in your system as one of them")
	}
	c["identifier"] = append([]any{dialect.Object{
		"type":   dialect.Object{"coding": []any{dialect.Object{"system": hl7 + "v2-0203", "code": "ACSN"}}},
		"system": profiles.IdentifierPeerClaim, "value": acsn,
	}}, others...)
	return nil
}

// visits are the kinds of visit by the codes the client has for them.
var visits = map[string]string{"ip": "IMP", "op": "AMB", "inpatient": "IMP", "outpatient": "AMB", "emergency": "EMER"}

// visit says what kind of visit it was in HL7's words beside the client's.
func visit(c dialect.Object) {
	kind := dialect.Child(c, "subType")
	code, known := visits[strings.ToLower(dialect.Code(kind, ""))]
	if !known {
		return
	}
	list, _ := kind["coding"].([]any)
	kind["coding"] = append([]any{dialect.Object{"system": actCode, "code": code}}, list...)
}

// parties names those that the claim is about.
func (m *message) parties(c dialect.Object) {
	for name, types := range map[string][]string{
		"patient": {"Patient"}, "provider": {"Organization", "Practitioner", "PractitionerRole"},
		"insurer": {"Organization"}, "enterer": {"Practitioner", "PractitionerRole"},
		"facility": {"Location"},
	} {
		if ref := dialect.Child(c, name); ref != nil {
			c[name] = m.party(ref, types...)
		}
	}
	for _, member := range dialect.Each(c, "careTeam") {
		member["provider"] = m.party(dialect.Child(member, "provider"), "Practitioner", "PractitionerRole", "Organization")
	}
	m.insured(c)
}

// insured names the membership. The claim is decided by all that the patient has;
// which one the client meant stays on it.
func (m *message) insured(c dialect.Object) {
	insurances := dialect.Each(c, "insurance")
	if len(insurances) == 0 {
		c["insurance"] = []any{dialect.Object{
			"sequence": number(1), "focal": true,
			"coverage": dialect.Object{"display": "whatever membership the patient has"},
		}}
		m.filled = append(m.filled, "Claim.insurance = whatever the patient has")
		return
	}
	for i, one := range insurances {
		one["coverage"] = m.party(dialect.Child(one, "coverage"), "Coverage")
		if one["sequence"] == nil {
			one["sequence"] = number(i + 1)
		}
		if one["focal"] == nil {
			one["focal"] = i == 0
		}
	}
}

// items makes the lines clean.
func (m *message) items(c dialect.Object) error {
	currency := ""
	items := dialect.Each(c, "item")
	unpriced := true
	for i, item := range items {
		item["sequence"] = number(i + 1)
		m.service(item)
		for _, money := range []string{"unitPrice", "net"} {
			if currency == "" {
				currency = dialect.Text(item, money, "currency")
			}
			unpriced = unpriced && zero(dialect.Text(item, money, "value"))
		}
	}
	total := dialect.Child(c, "total")
	if total != nil && currency != "" && total["currency"] == nil {
		total["currency"] = currency
		m.filled = append(m.filled, "Claim.total.currency = "+currency)
	}
	if unpriced && !zero(dialect.Text(total, "value")) {
		return m.price(items, total)
	}
	return nil
}

// price mends prices of nothing, which some versions of the client send with a
// total: one line costs the total. What each of several costs nobody knows, and a
// claim that is paid as nothing helps nobody.
func (m *message) price(items []dialect.Object, total dialect.Object) error {
	if len(items) != 1 {
		return fhir.Errorf(fhir.IssueBusinessRule, "Claim.item",
			"the claim comes to %s, and none of its %d items has a price; send unitPrice and net of each", dialect.Text(total, "value"), len(items))
	}
	delete(items[0], "unitPrice")
	items[0]["net"] = dialect.Clean(dialect.Object{"value": total["value"], "currency": total["currency"]})
	m.filled = append(m.filled, "Claim.item[0].net = Claim.total")
	return nil
}

func zero(value string) bool {
	d, err := fhir.ParseDecimal(value)
	return value == "" || err == nil && d.Sign() == 0
}

// serviced leaves a period of service away that is the moment of sending and not
// of care: it begins when it ends. The claim's period says when the care was.
func serviced(c, item dialect.Object) {
	period := dialect.Child(item, "servicedPeriod")
	if period == nil || dialect.Text(c, "billablePeriod", "start") == "" {
		return
	}
	from, err := time.Parse(time.RFC3339, dialect.Text(period, "start"))
	to, also := time.Parse(time.RFC3339, dialect.Text(period, "end"))
	if err == nil && also == nil && to.Sub(from).Abs() <= time.Second {
		delete(item, "servicedPeriod")
	}
}
