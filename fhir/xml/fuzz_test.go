package xml_test

import (
	"bytes"
	stdxml "encoding/xml"
	"errors"
	"io"
	"os"
	"testing"

	"bima/fhir"
	"bima/fhir/xml"
)

// seeds are a few examples, in JSON.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	var all [][]byte
	for _, name := range []string{"Basic-referral"} {
		text, err := os.ReadFile("../../testdata/examples/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, text)
	}
	return append(all, []byte(patched), []byte(`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`))
}

// FuzzToJSON asks that what is read as XML is JSON that comes back the same, and
// that what is refused is refused with an outcome.
func FuzzToJSON(f *testing.F) {
	for _, seed := range seeds(f) {
		text, err := xml.FromJSON(nil, seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text><h:div h:a='"'><![CDATA[x]]>&#13;</h:div></f:text></f:Patient>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		json, err := xml.ToJSON(text)
		if err != nil {
			var o *fhir.Outcome
			if !errors.As(err, &o) || len(o.Issues) == 0 {
				t.Fatalf("%v is no outcome", err)
			}
			return
		}
		back, err := xml.FromJSON(nil, json)
		if err != nil {
			if fhir.HasIssue(err, fhir.IssueTooCostly) {
				return // as deep as XML may be, which is deeper in JSON
			}
			t.Fatalf("%s: %v", json, err)
		}
		again, err := xml.ToJSON(back)
		if err != nil || !bytes.Equal(again, json) {
			t.Fatalf("%v\nfirst %s\nthen  %s", err, json, again)
		}
	})
}

// FuzzFromJSON asks that what is written is XML to another reader too.
func FuzzFromJSON(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, json []byte) {
		text, err := xml.FromJSON(nil, json)
		if err != nil {
			return
		}
		d := stdxml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
		}
		// Members that are there twice come back as elements that are refused.
		_, _ = xml.ToJSON(text)
	})
}

// FuzzPatch asks that patches are done or refused with an outcome.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(diff(`<replace sel="f:Patient/f:name[@id='n1' and position()=1]/f:given[last()]/@value">x</replace>`)))
	f.Add([]byte(diff(`<add sel="//f:identifier[not(f:use) or contains(f:value/@value,'1')][1]" pos="after"><f:identifier/></add>`)))
	f.Add([]byte(diff(`<remove sel="f:Patient/f:text/h:div/h:p/text()[1]" ws="both"/><add sel="*" type="@id">a</add>`)))
	f.Add([]byte(diff(`<replace sel="f:Patient/f:text/h:div"><div xmlns="http://www.w3.org/1999/xhtml">a&lt;<b/>]]&gt;</div></replace>`)))
	f.Fuzz(func(t *testing.T, patch []byte) {
		json, err := xml.Patch([]byte(patched), patch)
		if err != nil {
			var o *fhir.Outcome
			if !errors.As(err, &o) || len(o.Issues) == 0 {
				t.Fatalf("%v is no outcome", err)
			}
			return
		}
		if _, err := xml.FromJSON(nil, json); err != nil && !fhir.HasIssue(err, fhir.IssueTooCostly) {
			t.Fatalf("%s: %v", json, err)
		}
	})
}
