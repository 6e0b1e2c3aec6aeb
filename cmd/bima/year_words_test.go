package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bima/fhir"
)

const (
	yearExt    = "https://bima.example/fhir/StructureDefinition/"
	yearSystem = "https://bima.example/fhir/id/"
)

// verbs are what the events of the table do, each as a client would.
var verbs = map[string]func(y *year, words []string){
	"enrol":  func(y *year, w []string) { y.enrol(w[0], w[1:]) },
	"join":   func(y *year, w []string) { y.enrol(w[0], w[1:]) },
	"split":  (*year).split,
	"offer":  (*year).offer,
	"pay":    (*year).pay,
	"bounce": (*year).bounce,
	"waive":  (*year).waive,
	"add": func(y *year, w []string) {
		y.on(w[0], w[1], "add-member", reference("member", "Patient/"+strings.ToLower(w[2])))
	},
	"renew":  func(y *year, w []string) { y.on(w[0], w[1], "renew") },
	"cancel": func(y *year, w []string) { y.on(w[0], w[1], "cancel") },
	"claim":  (*year).claim,
	"dies": func(y *year, w []string) {
		y.send(http.MethodPut, "/Patient/"+strings.ToLower(w[0]), y.patient(w[0], fmt.Sprintf(`,"deceasedDateTime":%q`, w[1])))
	},
}

func reference(name, to string) string {
	return fmt.Sprintf(`{"name":%q,"valueReference":{"reference":%q}}`, name, to)
}

func parametersOf(list ...string) string {
	if len(list) == 0 {
		return `{"resourceType":"Parameters"}`
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
}

// patient spells a person of people.csv.
func (y *year) patient(name, more string) string {
	p, ok := y.people[name]
	if !ok {
		y.t.Fatalf("nobody is called %s", name)
	}
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"name":[{"family":%q,"given":[%q]}],"gender":%q,"birthDate":%q%s}`,
		strings.ToLower(name), p[0], name, p[2], p[3], more)
}

// relationships are codes of openIMIS's relationships to the head.
var relationships = map[string]string{"spouse": "8", "child": "4", "parent": "2"}

// enrol stores persons, and the family with them, in one transaction.
func (y *year) enrol(family string, persons []string) {
	id := strings.ToLower(family)
	y.groups[family] = id
	var entries []string
	put := func(body, url string) {
		entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":%q}}`, body, url))
	}
	for _, name := range persons {
		put(y.patient(name, ""), "Patient/"+strings.ToLower(name))
		about := fmt.Sprintf(`{"url":"%sgroup-head","valueBoolean":true}`, yearExt)
		if relation := y.people[name][4]; relation != "head" {
			about = fmt.Sprintf(`{"url":"%sgroup-relationship","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":%q}]}}`, yearExt, relationships[relation])
		}
		y.members[family] = append(y.members[family], fmt.Sprintf(`{"extension":[%s],"entity":{"reference":"Patient/%s"}}`, about, strings.ToLower(name)))
	}
	put(fmt.Sprintf(`{"resourceType":"Group","id":%q,"identifier":[{"system":"%sfamily","value":%q}],"active":true,"type":"person","actual":true,"member":[%s]}`,
		id, yearSystem, strings.ToUpper(family), strings.Join(y.members[family], ",")), "Group/"+id)
	y.send(http.MethodPost, "", `{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`)
}

// split parts a family: the first person named is head of the new one.
func (y *year) split(w []string) {
	list := []string{reference("new-head", "Patient/"+strings.ToLower(w[1])), fmt.Sprintf(`{"name":"identifier","valueString":%q}`, strings.ToUpper(w[0])+"-B")}
	for _, name := range w[1:] {
		list = append(list, reference("person", "Patient/"+strings.ToLower(name)))
	}
	made := y.send(http.MethodPost, "/Group/"+y.groups[w[0]]+"/$split", parametersOf(list...))
	y.groups[w[0]+"B"] = made.Get("entry").First().At("resource", "id").Text()
}

// offer asks for a policy of a family: "Mushi FAM start=… payer=Organization/x:60".
func (y *year) offer(w []string) {
	list := []string{reference("subject", "Group/"+y.groups[w[0]]), reference("plan", "InsurancePlan/"+strings.ToLower(w[1]))}
	for _, more := range w[2:] {
		name, value, _ := strings.Cut(more, "=")
		if name != "payer" {
			list = append(list, fmt.Sprintf(`{"name":%q,"valueDate":%q}`, name, value))
			continue
		}
		party, share, _ := strings.Cut(value, ":")
		list = append(list, fmt.Sprintf(`{"name":"payer","part":[{"name":"party","valueReference":{"reference":%q}},{"name":"percentage","valueDecimal":%s}]}`, party, share))
	}
	y.send(http.MethodPost, "/Contract/$offer", parametersOf(list...))
}

// on runs an operation on the nth policy of a family.
func (y *year) on(family, n, operation string, params ...string) {
	y.send(http.MethodPost, "/"+y.key("policy "+family+" "+n)+"/$"+operation, parametersOf(params...))
}

// key gives the resource of a name of the table.
func (y *year) key(name string) string {
	for key, n := range y.names {
		if n == name {
			return key
		}
	}
	y.t.Fatalf("%s: there is no %s yet", y.day, name)
	return ""
}

// pay pays an amount on the nth invoice of a family.
func (y *year) pay(w []string) { y.notice(w[0], w[1], w[2], "active", "") }

// notice sends the PaymentNotice of a payment; one that bounced again, cancelled.
func (y *year) notice(family, n, amount, status, id string) {
	if id == "" {
		y.counts["notices "+family]++
		id = fmt.Sprintf("pay-%s-%d", strings.ToLower(family), y.counts["notices "+family])
		y.payments[id] = []string{family, n, amount, y.day}
	}
	day := y.payments[id][3]
	y.send(http.MethodPut, "/PaymentNotice/"+id, fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,"status":%q,"request":{"reference":%q},"created":"%sT09:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"%sreceipt","value":%q}},"paymentDate":%q,"recipient":{"reference":"Organization/scheme"},"amount":{"value":%s,"currency":"TZS"}}`,
		id, status, y.key("invoice "+family+" "+n), day, yearSystem, strings.ToUpper(id), day, amount))
}

// bounce takes the nth payment of a family back.
func (y *year) bounce(w []string) {
	id := "pay-" + strings.ToLower(w[0]) + "-" + w[1]
	p := y.payments[id]
	y.notice(p[0], p[1], p[2], "cancelled", id)
}

// waive lets a family off an amount of its nth invoice.
func (y *year) waive(w []string) {
	y.send(http.MethodPost, "/"+y.key("invoice "+w[0]+" "+w[1])+"/$waive", parametersOf(
		fmt.Sprintf(`{"name":"amount","valueMoney":{"value":%s,"currency":"TZS"}}`, w[2]),
		`{"name":"reason","valueCodeableConcept":{"text":"The village assembly found that they can't pay"}}`,
	))
}

// prices are what the dispensary asks.
var prices = map[string]int{"C-1": 10_000, "S-1": 200_000}

// claim claims a service for a person on a day.
func (y *year) claim(w []string) {
	y.counts["claims"]++
	y.send(http.MethodPost, "/Claim", fmt.Sprintf(`{"resourceType":"Claim","identifier":[{"system":"%sclaim","value":"C-%d"}],"status":"active",
		"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]},
		"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":%q,"end":%q},"created":"%sT12:00:00+03:00","insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/dispensary"},
		"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"the card"}}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":%q}]},"quantity":{"value":1},"unitPrice":{"value":%d,"currency":"TZS"},"net":{"value":%d,"currency":"TZS"}}]}`,
		yearSystem, y.counts["claims"], strings.ToLower(w[0]), w[2], w[2], y.day, w[1], prices[w[1]], prices[w[1]]))
}

// name gives what the table calls a resource, which is numbered when it is seen
// first.
func (y *year) name(kind string, n fhir.Node) string {
	key := kind + "/" + n.Get("id").Text()
	if name, ok := y.names[key]; ok {
		return name
	}
	name := ""
	switch kind {
	case "Contract":
		name = y.numbered("policy", y.family(n.Get("subject").First()))
	case "Coverage":
		name = "cover " + title(n.At("beneficiary", "reference").Text()) + " " + strings.TrimPrefix(y.names[n.Get("contract").First().Get("reference").Text()], "policy ")
	case "Invoice":
		name = y.numbered("invoice", y.family(n.Get("subject")))
	case "PaymentReconciliation":
		invoice := strings.Fields(y.names[n.Get("detail").First().At("request", "reference").Text()])
		name = y.numbered("money", invoice[1])
	case "ClaimResponse":
		name = y.numbered("claim", title(n.At("patient", "reference").Text()))
	case "Task":
		what := map[string]string{"renewal": "prompt", "redecision": "recovery"}[n.Get("code").Get("coding").First().Get("code").Text()]
		name = what + " " + strings.TrimPrefix(y.names[n.At("focus", "reference").Text()], "policy ")
	}
	y.names[key] = name
	return name
}

func (y *year) numbered(what, whose string) string {
	y.counts[what+" "+whose]++
	return what + " " + whose + " " + strconv.Itoa(y.counts[what+" "+whose])
}

// family gives the name of the family that a reference means.
func (y *year) family(r fhir.Node) string {
	for name, id := range y.groups {
		if r.Get("reference").Text() == "Group/"+id {
			return name
		}
	}
	y.t.Fatalf("whose is %s?", r.Raw())
	return ""
}

// title gives the name of the person a reference to a Patient means.
func title(reference string) string {
	id := strings.TrimPrefix(reference, "Patient/")
	return strings.ToUpper(id[:1]) + id[1:]
}
