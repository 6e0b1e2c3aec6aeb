package stu3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"bima/fhir"
)

// A name is whom a client means by a Reference: an id of ours or a number that
// both know, such as an insurance number or the code of a facility.
type name struct {
	Type    string // "Patient", or "" where nobody is named
	ID      string // as it was sent
	Display string
}

// none reports whether nobody is named.
func (n name) none() bool { return n.ID == "" && n.Display == "" }

// nameOf reads a Reference of one of some types, of which the first is meant where
// it says none. Clients write "Patient/1", "Patient//1" and absolute URLs.
func nameOf(ref fhir.Node, types ...string) name {
	text := uriOf(ref.Get("reference"))
	n := name{Type: types[0], ID: strings.Trim(text, "/"), Display: textOf(ref.Get("display"))}
	for _, typ := range types {
		if _, after, ok := strings.Cut("/"+text, "/"+typ+"/"); ok {
			n.Type, n.ID = typ, strings.Trim(after, "/")
			break
		}
	}
	if n.ID == "" {
		n.ID = uriOf(ref.At("identifier", "value"))
	}
	return n
}

// A said claim is what a client says in a Claim of STU3, as far as R4 has a home
// for it. Two that are the same say the same.
type said struct {
	Status, Use  string
	ACSN, MR     string // the numbers of the claim: of the client's system, and of people
	Type         concept
	Patient      name
	Provider     name
	Enterer      name
	Facility     name
	Period       *period
	Created      string `json:"-"` // of when it was written, which a second writing changes
	Total        json.Number
	Currency     string
	Information  []saidInformation
	Diagnosis    []saidDiagnosis
	Items        []saidItem
	Organization name
}

// A saidInformation is one Claim.information.
type saidInformation struct {
	Sequence       int // 0 where none was sent
	Category, Code concept
	Date           string
	Period         *period
	String         string
	Quantity       json.RawMessage
	Attachment     json.RawMessage
}

// A saidDiagnosis is one Claim.diagnosis.
type saidDiagnosis struct {
	Sequence int
	Concept  concept
	Types    []concept
}

// A saidItem is one Claim.item.
type saidItem struct {
	Sequence    int
	Category    concept
	Service     concept
	Date        string
	Period      *period
	Quantity    json.Number
	UnitPrice   json.Number
	Factor, Net json.Number
	Information []int
	Diagnoses   []int
}

// sayingOf reads a Claim of STU3.
func sayingOf(n fhir.Node) *said {
	s := &said{
		Status: codeOf(n.Get("status")), Use: codeOf(n.Get("use")), Type: conceptOf(n.Get("type")),
		Patient: nameOf(n.Get("patient"), "Patient"), Provider: nameOf(n.Get("provider"), "Practitioner", "Organization", "PractitionerRole"),
		Enterer: nameOf(n.Get("enterer"), "Practitioner", "PractitionerRole"), Facility: nameOf(n.Get("facility"), "Location", "Organization"),
		Organization: nameOf(n.Get("organization"), "Organization", "Location"),
		Period:       periodOf(n.Get("billablePeriod")), Created: dateOf(n.Get("created")),
		Total: numberOf(n.At("total", "value")), Currency: currencyOf(n.Get("total")),
	}
	s.ACSN, s.MR = numberOfType(n, "ACSN"), numberOfType(n, "MR")
	if s.MR == "" {
		s.MR = textOf(n.Get("id"))
	}
	for i := range n.Get("information").Each() {
		s.Information = append(s.Information, informationOf(i))
	}
	for d := range n.Get("diagnosis").Each() {
		if one := diagnosisOf(d); !one.Concept.empty() {
			s.Diagnosis = append(s.Diagnosis, one)
		}
	}
	for i := range n.Get("item").Each() {
		s.Items = append(s.Items, itemOf(i))
		if s.Currency == "" {
			s.Currency = currencyOf(i.Get("unitPrice"))
		}
	}
	return s
}

// numberOfType gives the first identifier of a type.
func numberOfType(n fhir.Node, code string) string {
	for i := range n.Get("identifier").Each() {
		for c := range i.At("type", "coding").Each() {
			if value := textOf(i.Get("value")); value != "" && strings.EqualFold(codeOf(c.Get("code")), code) {
				return value
			}
		}
	}
	return ""
}

// currencyLength is the length of a code of ISO 4217.
const currencyLength = 3

// currencyOf gives the currency of an amount, "" where it names none.
func currencyOf(n fhir.Node) string {
	for _, element := range []string{"code", "currency", "unit"} {
		if code := strings.ToUpper(codeOf(n.Get(element))); len(code) == currencyLength && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			return code
		}
	}
	return ""
}

func informationOf(n fhir.Node) saidInformation {
	return saidInformation{
		Sequence: positiveOf(n.Get("sequence")), Category: conceptOf(n.Get("category")), Code: conceptOf(n.Get("code")),
		Date: dateOf(n.Get("timingDate")), Period: periodOf(n.Get("timingPeriod")),
		String: textOf(n.Get("valueString")), Quantity: objectOf(n.Get("valueQuantity")), Attachment: objectOf(n.Get("valueAttachment")),
	}
}

// objectOf gives an object as it stands: STU3 and R4 write it alike.
func objectOf(n fhir.Node) json.RawMessage {
	if n.Kind() != fhir.KindObject || n.Len() == 0 {
		return nil
	}
	return json.RawMessage(n.Raw())
}

func diagnosisOf(n fhir.Node) saidDiagnosis {
	d := saidDiagnosis{Sequence: positiveOf(n.Get("sequence")), Concept: conceptOf(n.Get("diagnosisCodeableConcept"))}
	if d.Concept.empty() {
		d.Concept.Text = textOf(n.At("diagnosisReference", "display"))
	}
	for t := range n.Get("type").Each() {
		if c := conceptOf(t); !c.empty() {
			d.Types = append(d.Types, c)
		}
	}
	return d
}

func itemOf(n fhir.Node) saidItem {
	return saidItem{
		Sequence: positiveOf(n.Get("sequence")), Category: conceptOf(n.Get("category")), Service: conceptOf(n.Get("service")),
		Date: dateOf(n.Get("servicedDate")), Period: periodOf(n.Get("servicedPeriod")),
		Quantity: numberOf(n.At("quantity", "value")), UnitPrice: numberOf(n.At("unitPrice", "value")),
		Factor: numberOf(n.Get("factor")), Net: numberOf(n.At("net", "value")),
		Information: positives(n.Get("informationLinkId")), Diagnoses: positives(n.Get("diagnosisLinkId")),
	}
}

// code gives the code by which the service of an item is looked up, "" where it has
// none: that of its first coding, or else its text.
func (i saidItem) code() string {
	for _, c := range i.Service.Coding {
		if c.Code != "" {
			return c.Code
		}
	}
	return strings.Join(strings.Fields(i.Service.Text), " ")
}

// digest gives what tells this claim from others, whenever it is written.
func (s *said) digest() (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
