package enclosure_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/enclosure"
)

func parse(t *testing.T, text string) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

const base = "https://us.example.org/fhir"

const bundle = `{"resourceType":"Bundle","type":"collection","entry":[
	{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Basic","id":"b","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"Patient/p1","display":"Asha"},"author":{"reference":"urn:uuid:3"},"other":[{"reference":"#p"},{"reference":"Patient/p4"},{"reference":"Patient/p2"}]}},
	{"fullUrl":"https://other.example.org/Patient/p1","resource":{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:x","value":"1"},{"system":"https://bima.example/fhir/id/insurance-number","value":"2"}]}},
	{"fullUrl":"https://us.example.org/fhir/Patient/p2","resource":{"resourceType":"Patient","id":"p2","identifier":[{"value":"3"}]}},
	{"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","identifier":[{"system":"urn:y"},{"system":"urn:y","value":"4"}]}},
	{"fullUrl":"urn:uuid:4","resource":{"resourceType":"Patient","id":"p4"}}]}`

func TestWhatCameAlongIsFound(t *testing.T) {
	b := parse(t, bundle)
	focus := b.Get("entry").First().Get("resource")
	for reference, want := range map[string]string{
		"Patient/p1": "p1", "https://other.example.org/Patient/p1": "p1", "urn:uuid:4": "p4", "#p": "p", "#q": "", "#": "", "": "",
		"Patient/p2": "", "https://us.example.org/fhir/Patient/p2": "", "Patient/p9": "", "Practitioner/p1": "",
	} {
		if got := enclosure.Find(b, focus, base, reference).Get("id").Text(); got != want {
			t.Errorf("%q means %q, want %q", reference, got, want)
		}
	}
}

func TestReferencesAreByIdentifier(t *testing.T) {
	b := parse(t, bundle)
	n, err := enclosure.Named(b, b.Get("entry").First().Get("resource"), base)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"resourceType":"Basic","id":"b","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"type":"Patient","identifier":{"system":"https://bima.example/fhir/id/insurance-number","value":"2"},"display":"Asha"},"author":{"reference":"urn:uuid:3"},"other":[{"reference":"#p"},{"reference":"Patient/p4"},{"reference":"Patient/p2"}]}`
	if got := string(n.Raw()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
