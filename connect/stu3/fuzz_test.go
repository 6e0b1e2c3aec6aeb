package stu3

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"bima/fhir"
)

// FuzzClaim translates whatever comes as a Claim, and back: nothing panics, what is
// made is JSON, and a claim that is echoed has as many lines as it was sent with.
func FuzzClaim(f *testing.F) {
	files, err := filepath.Glob("../../testdata/peers/*/claim.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		`{"resourceType":"Claim"}`, `[]`, `null`, "\xef\xbb\xbf{\"resourceType\":\"Claim\",\"type\":{\"text\":\"\xe9t\xe9\"}}",
		`{"resourceType":"Claim","patient":{"reference":"////"},"item":{"service":{"text":"x"}},"information":[{"sequence":-1},{"sequence":1e400},{"sequence":2},{"sequence":2},{}]}`,
		`{"resourceType":"Claim","item":[{"quantity":{"value":"1e99"},"unitPrice":{"value":0.00000000001},"informationLinkId":[0,1.5,"2"]},null,3,"x",[]]}`,
		`{"resourceType":"Claim","identifier":[{"type":{"coding":{"code":"acsn"}},"value":"\u0000\ud800"},null],"billablePeriod":{"start":"2026-13-45T99"},"created":"x"}`,
		`{"resourceType":"Claim","patient":{"reference":"Patient/a|b,c$d\\"},"facility":{"reference":"http://h/Location/Location/"},"information":[{"valueQuantity":{"value":1},"valueString":""}]}`,
		`{"resourceType":"Claim","diagnosis":[{"diagnosisCodeableConcept":{"coding":[{"system":"ICD 10","code":" A 09 "},{"code":"A09"}]}},{"diagnosisReference":{"display":"x"}},{}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := parse(body, "Claim")
		if err != nil {
			return
		}
		s := sayingOf(n)
		digest, err := s.digest()
		if err != nil {
			t.Fatalf("digest: %v", err)
		}
		l := &lookup{}
		patient, place := l.named("Patient", s.Patient.ID), l.named("Location", s.Facility.ID)
		l.memberships(s.Patient.ID)
		l.tariffs(s.Items)
		l.found = make([]fhir.Node, len(l.paths))
		who := &parties{patient: patient.party(s.Patient.Display), facility: place.party(s.Facility.Display)}
		who.claims = claimant(s, who, party{})
		b := &builder{said: s, who: who, digest: digest, now: "2026-03-10", money: "TZS"}
		made, err := b.build()
		if err != nil {
			t.Fatalf("build: %v", err)
		}
		claim, err := fhir.Parse(made)
		if err != nil {
			t.Fatalf("%v in %s", err, made)
		}
		said := echo(claim.Root())
		if len(said.Item) != len(s.Items) {
			t.Errorf("%d lines of %d are echoed", len(said.Item), len(s.Items))
		}
		seen := map[int]bool{}
		for _, i := range said.Item {
			if i.Sequence < 1 || seen[i.Sequence] {
				t.Errorf("the number %d of a line", i.Sequence)
			}
			seen[i.Sequence] = true
		}
		for _, body := range []any{said, claimResponse("1", claim.Root(), fhir.Node{})} {
			if _, err := json.Marshal(body); err != nil {
				t.Errorf("answer: %v", err)
			}
		}
	})
}
