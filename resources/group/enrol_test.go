package group_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

const (
	systemNumber = "https://bima.example/fhir/id/insurance-number"
	relationship = `{"url":"https://bima.example/fhir/StructureDefinition/group-relationship","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":%q}]}}`
)

// insured gives a Patient with a number of nine digits of his own, completed by
// its check digit.
func insured(number, born string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","identifier":[{"system":%q,"value":%q}],"name":[{"family":"Sanga","given":["Asha"]}],"gender":"female","birthDate":%q}`, systemNumber, luhn(number), born)
}

// luhn completes a number; the digits are few enough to try.
func luhn(base string) string {
	for check := range 10 {
		if number := fmt.Sprint(base, check); patient.Valid(number) {
			return number
		}
	}
	panic("one of ten digits checks a number")
}

// enrolment gives a Bundle of two persons and their family.
func enrolment(head, second, more string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":%s},
		{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000002","resource":%s},
		{"resource":{"resourceType":"Group","type":"person","actual":true%s,"member":[
			{%s"entity":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"}},
			{"extension":[%s],"entity":{"identifier":{"system":%q,"value":%q}}}]}}]}`,
		head, second, more, headMark, fmt.Sprintf(relationship, "4"), systemNumber, luhn("07000002"))
}

const headMark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`

func call(w *resourcestest.World, code, on, body string) (fhir.Node, error) {
	typ, id, _ := strings.Cut(on, "/")
	response, err := w.Engine.Call(w.Context(), code, fhir.Key{Type: typ, ID: id}, "", []byte(body), false)
	if err != nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

func must(t *testing.T, w *resourcestest.World, code, on, body string) fhir.Node {
	t.Helper()
	n, err := call(w, code, on, body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// told gives a family as a text a person can check: its members with their days,
// the head marked *, relationships in brackets, those who left in parentheses.
func told(g fhir.Node) string {
	var parts []string
	for m := range g.Get("member").Each() {
		_, id, _ := strings.Cut(m.At("entity", "reference").Text(), "/")
		if m.Extension("https://bima.example/fhir/StructureDefinition/group-head").Get("valueBoolean").Text() == "true" {
			id += "*"
		}
		if code := m.Extension("https://bima.example/fhir/StructureDefinition/group-relationship").Get("valueCodeableConcept").Get("coding").First().Get("code").Text(); code != "" {
			id += "[" + code + "]"
		}
		if start := m.At("period", "start").Text() + "/" + m.At("period", "end").Text(); start != "/" {
			id += " " + start
		}
		if m.Get("inactive").Text() == "true" {
			id = "(" + id + ")"
		}
		parts = append(parts, id)
	}
	text := strings.Join(parts, ", ")
	if g.Get("active").Text() == "false" {
		text += " closed"
	}
	return text
}

func TestAFamilyIsEnrolledAndSentAgainIsTheSame(t *testing.T) {
	w := resourcestest.New(t, group.Module(), patient.Module())
	bundle := enrolment(insured("07000001", "1980-01-01"), insured("07000002", "2010-01-01"), "")
	first := must(t, w, "enrol", "Group", bundle)
	if n := first.Get("entry").Len(); n != 3 {
		t.Fatalf("the answer has %d entries", n)
	}
	family := first.Get("entry").First().Get("resource")
	if got := family.Identifier("https://bima.example/fhir/id/family"); got != luhn("07000001") {
		t.Errorf("its number is %q, want its head's", got)
	}
	if family.Get("member").Len() != 2 || family.Get("member").First().At("period", "start").Text() == "" {
		t.Errorf("its members are %s", told(family))
	}
	again := must(t, w, "enrol", "Group", bundle)
	if string(again.Raw()) != string(first.Raw()) {
		t.Errorf("again it was %s\nfirst %s", again.Raw(), first.Raw())
	}
	if got := len(w.Search("Patient", "")) + len(w.Search("Group", "")); got != 3 {
		t.Errorf("there are %d resources", got)
	}
}

func TestEnrolmentAddsWhoIsNewToAFamily(t *testing.T) {
	w := resourcestest.New(t, group.Module(), patient.Module())
	must(t, w, "enrol", "Group", enrolment(insured("07000001", "1980-01-01"), insured("07000002", "2010-01-01"), ""))
	more := strings.ReplaceAll(enrolment(insured("07000001", "1980-01-01"), insured("07000003", "2026-01-01"), ""), luhn("07000002"), luhn("07000003"))
	family := must(t, w, "enrol", "Group", more).Get("entry").First().Get("resource")
	if family.Get("member").Len() != 3 || family.Get("quantity").Text() != "3" {
		t.Errorf("the family is %s", told(family))
	}
}

func TestEnrolmentsThatAreRefused(t *testing.T) {
	good := enrolment(insured("07000001", "1980-01-01"), insured("07000002", "2010-01-01"), "")
	cases := []struct{ name, body, at, says string }{
		{"a number of somebody born on another day", enrolment(insured("07000009", "1980-01-01"), insured("07000002", "2011-01-01"), ""), "Bundle.entry[1].resource.birthDate", "in the family " + luhn("07000001")},
		{"a member whom nobody knows", strings.Replace(good, `"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"`, `"reference":"urn:uuid:00000000-0000-4000-8000-000000000009"`, 1), "Bundle.entry[2].resource.member[0].entity", "neither among"},
		{"a wrong number", enrolment(insured("07000009", "1980-01-01"), strings.ReplaceAll(insured("07000008", "1980-01-01"), luhn("07000008"), "070000080"), ""), "Bundle.entry[1].resource.identifier[0].value", "mistyped"},
		{"a person of another family", strings.ReplaceAll(enrolment(insured("07000005", "1980-01-01"), insured("07000002", "2010-01-01"), ""), "urn:none", ""), "Group.member[1].entity", "in the family " + luhn("07000001")},
		{"nothing", `{"resourceType":"Bundle","type":"collection"}`, "Bundle", "neither"},
		{"a Claim", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Basic","code":{"text":"x"}}}]}`, "Bundle.entry[0].resource", "not \"Basic\""},
		{"a deletion", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}`, "Bundle.entry[0].request.method", "DELETE"},
		{"no head", strings.Replace(enrolment(insured("07000006", "1980-01-01"), insured("07000007", "2010-01-01"), ""), headMark, "", 1), "Bundle.entry[2].resource.member", "has a head"},
	}
	w := resourcestest.New(t, group.Module(), patient.Module())
	must(t, w, "enrol", "Group", good)
	before := len(w.Search("Patient", ""))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := call(w, "enrol", "Group", c.body)
			if err == nil {
				t.Fatal("it was not refused")
			}
			if issue := fhir.OutcomeOf(err).Issues[0]; issue.Expression != c.at || !strings.Contains(issue.Diagnostics, c.says) {
				t.Errorf("refused as %s, want at %q: %s", issue, c.at, c.says)
			}
		})
	}
	if got := len(w.Search("Patient", "")); got != before {
		t.Errorf("there are %d persons, and were %d", got, before)
	}
}

func TestPersonsOfAnotherRegisterKeepWhereTheyComeFrom(t *testing.T) {
	w := resourcestest.New(t, group.Module(), patient.Module())
	body := `{"resourceType":"Parameters","parameter":[{"name":"source","valueString":"Social Registry 2025"},{"name":"person","resource":{"resourceType":"Patient","id":"sr-1","identifier":[{"system":"http://registry.example/id","value":"77"}],"name":[{"text":"Asha"}]}}]}`
	must(t, w, "enrol", "Group", body)
	must(t, w, "enrol", "Group", body)
	if got := w.Get("Patient/sr-1").Get("identifier").First().At("assigner", "display").Text(); got != "Social Registry 2025" {
		t.Errorf("the identifier is assigned by %q", got)
	}
	found := w.Search("Provenance", "target=Patient/sr-1")
	if len(found) != 1 || found[0].Get("entity").First().At("what", "display").Text() != "Social Registry 2025" {
		t.Errorf("its provenance is %v", found)
	}
	if again := w.Search("Patient", "identifier=http://registry.example/id|77"); len(again) != 1 {
		t.Errorf("there are %d of them", len(again))
	}
}
