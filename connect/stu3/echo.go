package stu3

import (
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// The Claim of STU3, as far as the clients read it.
type (
	s3Information struct {
		Sequence        int             `json:"sequence"`
		Category        concept         `json:"category"`
		Code            *concept        `json:"code,omitempty"`
		TimingDate      string          `json:"timingDate,omitempty"`
		TimingPeriod    *period         `json:"timingPeriod,omitempty"`
		ValueString     string          `json:"valueString,omitempty"`
		ValueQuantity   json.RawMessage `json:"valueQuantity,omitempty"`
		ValueAttachment json.RawMessage `json:"valueAttachment,omitempty"`
	}
	s3Insurance struct {
		Sequence int       `json:"sequence"`
		Focal    bool      `json:"focal"`
		Coverage reference `json:"coverage"`
	}
	s3Item struct {
		Sequence          int         `json:"sequence"`
		DiagnosisLinkID   []int       `json:"diagnosisLinkId,omitempty"`
		InformationLinkID []int       `json:"informationLinkId,omitempty"`
		Category          *concept    `json:"category,omitempty"`
		Service           concept     `json:"service"`
		ServicedDate      string      `json:"servicedDate,omitempty"`
		ServicedPeriod    *period     `json:"servicedPeriod,omitempty"`
		Quantity          quantity    `json:"quantity"`
		UnitPrice         *money      `json:"unitPrice,omitempty"`
		Factor            json.Number `json:"factor,omitempty"`
		Net               *money      `json:"net,omitempty"`
	}
	s3Claim struct {
		ResourceType   string          `json:"resourceType"`
		ID             string          `json:"id"`
		Identifier     []identifier    `json:"identifier"`
		Status         string          `json:"status"`
		Type           concept         `json:"type"`
		Use            string          `json:"use"`
		Patient        *reference      `json:"patient,omitempty"`
		BillablePeriod *period         `json:"billablePeriod,omitempty"`
		Created        string          `json:"created,omitempty"`
		Enterer        *reference      `json:"enterer,omitempty"`
		Provider       *reference      `json:"provider,omitempty"`
		Organization   *reference      `json:"organization,omitempty"`
		Facility       *reference      `json:"facility,omitempty"`
		Information    []s3Information `json:"information,omitempty"`
		Diagnosis      []r4Diagnosis   `json:"diagnosis,omitempty"`
		Insurance      []s3Insurance   `json:"insurance,omitempty"`
		Item           []s3Item        `json:"item,omitempty"`
		Total          *money          `json:"total"`
	}
)

// systemNumberType is the system in which these clients look for what kind of
// number an identifier is.
const systemNumberType = "https://hl7.org/fhir/valueset-identifier-type.html"

// numbers gives the two identifiers of a claim and of its answer: exactly one of
// each type, without which the clients fail.
func numbers(id string, claim fhir.Node) []identifier {
	acsn, mr := claim.Identifier(profiles.IdentifierPeerClaim), claim.Identifier(profiles.IdentifierClaim)
	if acsn == "" {
		acsn = id
	}
	if mr == "" {
		mr = acsn
	}
	return []identifier{numbered3("ACSN", acsn), numbered3("MR", mr)}
}

// numbered3 makes an identifier of a type.
func numbered3(code, value string) identifier {
	return identifier{Use: "usual", Type: &concept{Coding: []coding{{System: systemNumberType, Code: code}}}, Value: value}
}

// told gives a Reference as the client wrote it: by the number that it named, else
// by our id. It is relative, for clients take for the id what follows the first
// slash; nil where nobody is named.
func told(ref fhir.Node, typ string) *reference {
	r := reference{Display: ref.Get("display").Text()}
	if value := ref.At("identifier", "value").Text(); value != "" {
		r.Reference = typ + "/" + value
	} else if _, id, ok := strings.Cut(ref.Get("reference").Text(), "/"); ok {
		if last := strings.LastIndexByte(id, '/'); last >= 0 {
			id = id[last+1:]
		}
		r.Reference = typ + "/" + id
	}
	if r == (reference{}) {
		return nil
	}
	return &r
}

// providerOf gives the person who gave the care.
func providerOf(claim fhir.Node) *reference {
	if person := claim.Get("careTeam").First().Get("provider"); person.Exists() {
		return told(person, "Practitioner")
	}
	if ref := claim.At("provider", "reference").Text(); strings.HasPrefix(ref, "Practitioner") {
		return told(claim.Get("provider"), "Practitioner")
	}
	return nil
}

// echo makes the Claim of STU3 of one of R4: in the words of the client where it
// came through here.
func echo(n fhir.Node) *s3Claim {
	id, ours := n.Get("id").Text(), extensionText(n, "tongue") == "stu3"
	c := &s3Claim{
		ResourceType: "Claim", ID: id, Identifier: numbers(id, n), Status: n.Get("status").Text(), Type: typeOf(n), Use: "complete",
		Patient: told(n.Get("patient"), "Patient"), BillablePeriod: periodOf(n.Get("billablePeriod")), Created: n.Get("created").Text(),
		Enterer: told(n.Get("enterer"), "Practitioner"), Provider: providerOf(n), Organization: told(n.Get("provider"), "Organization"),
		Facility: told(n.Get("facility"), "Location"), Total: s3Money(n.Get("total")),
	}
	for stu3, r4 := range map[string]string{"proposed": "preauthorization", "exploratory": "predetermination"} {
		if n.Get("use").Text() == r4 {
			c.Use = stu3
		}
	}
	if c.Facility == nil {
		c.Facility = told(n.Get("provider"), "Location")
	}
	if c.Total == nil {
		c.Total = newMoney(sum(n), "")
	}
	silent := map[int]bool{} // the numbers of information that says nothing
	for i := range n.Get("supportingInfo").Each() {
		if e := informationEcho(i); !e.silent() {
			c.Information = append(c.Information, e)
		} else {
			silent[e.Sequence] = true
		}
	}
	for d := range n.Get("diagnosis").Each() {
		c.Diagnosis = append(c.Diagnosis, diagnosisEcho(d))
	}
	for i := range n.Get("insurance").Each() {
		if coverage := told(i.Get("coverage"), "Coverage"); coverage != nil {
			c.Insurance = append(c.Insurance, s3Insurance{positiveOf(i.Get("sequence")), i.Get("focal").Text() == "true", *coverage})
		}
	}
	for i := range n.Get("item").Each() {
		item := itemEcho(i, ours)
		item.InformationLinkID = slices.DeleteFunc(item.InformationLinkID, func(link int) bool { return silent[link] })
		c.Item = append(c.Item, item)
	}
	return c
}

// typeOf gives the name of the kind of visit; clients need a text.
func typeOf(n fhir.Node) concept {
	typ := conceptOf(n.Get("type"))
	for _, c := range append(conceptOf(n.Get("subType")).Coding, typ.Coding...) {
		if typ.Text == "" {
			typ.Text = c.Code
		}
	}
	if len(typ.Coding) > 0 && typ.Coding[0].System == systemClaimType {
		typ.Coding = typ.Coding[1:]
	}
	return typ
}

// s3Money writes an amount of R4; nil where there is none.
func s3Money(n fhir.Node) *money {
	value := numberOf(n.Get("value"))
	if value == "" {
		return nil
	}
	return newMoney(value, n.Get("currency").Text())
}

// sum adds what the lines of a claim come to.
func sum(claim fhir.Node) json.Number {
	total := fhir.Amount(0)
	for i := range claim.Get("item").Each() {
		net, err := fhir.ParseAmount(i.At("net", "value").Text())
		if err != nil {
			price, _ := fhir.ParseAmount(i.At("unitPrice", "value").Text())
			quantity, wrong := fhir.ParseDecimal(or(numberOf(i.At("quantity", "value")), "1").String())
			if wrong != nil {
				continue
			}
			net, _ = price.Times(quantity)
		}
		total += net
	}
	return json.Number(total.String())
}

func informationEcho(n fhir.Node) s3Information {
	i := informationOf(n)
	e := s3Information{
		Sequence: i.Sequence, Category: i.Category, TimingDate: i.Date, TimingPeriod: i.Period,
		ValueString: i.String, ValueQuantity: i.Quantity, ValueAttachment: i.Attachment,
	}
	if !i.Code.empty() {
		e.Code = &i.Code
	}
	return e
}

// silent reports whether information has no value, as OpenMRS sends what nobody
// explained, and fails on when it is sent back.
func (i s3Information) silent() bool {
	return i.Code == nil && i.TimingDate == "" && i.TimingPeriod == nil && i.ValueString == "" && i.ValueQuantity == nil && i.ValueAttachment == nil
}

// diagnosisEcho leaves away the code of ICD-10 that was put before one of the
// client's own system.
func diagnosisEcho(n fhir.Node) r4Diagnosis {
	d := diagnosisOf(n)
	list := d.Concept.Coding
	if len(list) > 1 && list[0].System == systemICD10 {
		for _, other := range list[1:] {
			if other.Code == list[0].Code && isICD10(other.System) {
				d.Concept.Coding = list[1:]
				break
			}
		}
	}
	if len(d.Types) == 0 && len(list) > 0 && list[0].System == systemICD10 {
		d.Types = []concept{{Text: "icd_0"}} // the client's word for it
	}
	return r4Diagnosis{Sequence: d.Sequence, Concept: d.Concept, Type: d.Types}
}

// itemEcho gives a line whose service has a text: what the client wrote or, of a
// claim that came another way, the code, by which clients know services.
func itemEcho(n fhir.Node, ours bool) s3Item {
	service := conceptOf(n.Get("productOrService"))
	if len(service.Coding) > 0 && (service.Text == "" || !ours) {
		service.Text = service.Coding[0].Code
	}
	i := s3Item{
		Sequence: positiveOf(n.Get("sequence")), DiagnosisLinkID: positives(n.Get("diagnosisSequence")),
		InformationLinkID: positives(n.Get("informationSequence")), Service: service,
		ServicedDate: n.Get("servicedDate").Text(), ServicedPeriod: periodOf(n.Get("servicedPeriod")),
		Quantity:  quantity{or(numberOf(n.At("quantity", "value")), "1")},
		UnitPrice: s3Money(n.Get("unitPrice")), Factor: numberOf(n.Get("factor")), Net: s3Money(n.Get("net")),
	}
	if c := conceptOf(n.Get("category")); !c.empty() {
		i.Category = &c
	}
	return i
}
