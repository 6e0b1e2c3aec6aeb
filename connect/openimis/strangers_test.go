package openimis_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"bima/connect/dialect"
	"bima/fhir"
)

// manyServices is a bug's: what the register could not be asked about was answered
// before the claim was, in one body.
func manyServices(c client) {
	var items []string
	for i := range 300 {
		items = append(items, fmt.Sprintf(`{"sequence":%d,"productOrService":{"text":"S-%d"},"quantity":{"value":1},"unitPrice":{"value":5000}}`, i+1, 101+i))
	}
	text := `{"resourceType":"Claim","created":"2026-03-11","type":{"coding":[{"code":"O"}]},"patient":{"type":"Patient","identifier":{"value":"070100001018"}},
		"identifier":[{"type":{"coding":[{"code":"Code"}]},"value":"CLM-MANY"}],"provider":{"type":"Organization","identifier":{"value":"SGR-H01"}},"billablePeriod":{"start":"2026-03-10"},
		"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"code":"L02.9"}]}}],"item":[` + strings.Join(items, ",") + `]}`
	a := c.do(http.MethodPost, base+"Claim/", []byte(text))
	doc, err := fhir.Parse(a.Body)
	if err != nil || a.Status != http.StatusCreated {
		c.Fatalf("HTTP %d %v: %.300s", a.Status, err, a.Body)
	}
	if doc.Root().Get("resourceType").Text() != "ClaimResponse" {
		c.Errorf("%.300s", a.Body)
	}
	if a := c.do(http.MethodGet, base+"Claim/CLM-MANY/", nil); !strings.Contains(string(a.Body), "ActivityDefinition/") {
		c.Errorf("HTTP %d %.300s", a.Status, a.Body)
	}
}

func registerIsRead(c client) {
	for _, typ := range []string{"Medication", "ActivityDefinition"} {
		body := []byte(`{"resourceType":"` + typ + `","status":"active","code":{"text":"x"}}`)
		for method, path := range map[string]string{http.MethodPost: "", http.MethodPut: "S-101/"} {
			if a := c.do(method, base+typ+"/"+path, body); a.Status < 400 || a.Status > 499 && a.Status != http.StatusNotImplemented {
				c.Errorf("%s %s: HTTP %d %s", method, typ, a.Status, a.Body)
			}
		}
		if a := c.do(http.MethodDelete, base+typ+"/S-101/", nil); a.Status < 400 {
			c.Errorf("DELETE %s: HTTP %d says it is gone, and it is not", typ, a.Status)
		}
		if a := c.do(http.MethodGet, "/fhir/"+typ+"?_summary=count", nil); c.w.Node(a).Get("total").Text() != "0" {
			c.Errorf("%s is kept where nobody looks: %s", typ, a.Body)
		}
	}
	if a := c.do(http.MethodDelete, base+"Practitioner/none/", nil); a.Status != http.StatusNotFound {
		c.Errorf("DELETE of none: HTTP %d %s", a.Status, a.Body)
	}
	if a := c.do(http.MethodPut, "/fhir/Practitioner/leaves", []byte(`{"resourceType":"Practitioner","id":"leaves","identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"CA-LEAVES"}],"name":[{"family":"x"}]}`)); a.Status >= 300 {
		c.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	c.do(http.MethodDelete, base+"Practitioner/CA-LEAVES/", nil)
	if a := c.do(http.MethodGet, "/fhir/Practitioner/leaves", nil); a.Status != http.StatusGone {
		c.Errorf("DELETE by code: HTTP %d %s", a.Status, a.Body)
	}
}

// elsewhere has somebody make the Endpoint of an address beforehand, so that it
// leads to himself: he is told nothing.
func elsewhere(c client, url string) {
	sum := sha256.Sum256([]byte(url))
	id := "openimis-" + hex.EncodeToString(sum[:12])
	body := fmt.Sprintf(`{"resourceType":"Endpoint","id":%q,"status":"active","address":"https://elsewhere.example/",
		"connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},"payloadType":[{"text":"x"}]}`, id)
	if a := c.do(http.MethodPut, "/fhir/Endpoint/"+id, []byte(body)); a.Status != http.StatusCreated {
		c.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	s := `{"resourceType":"Subscription","status":"requested","reason":"x","criteria":"ClaimResponse","channel":{"type":"rest-hook","endpoint":"openimis:Endpoint/` + id + `"}}`
	if a := c.do(http.MethodPost, "/fhir/Subscription", []byte(s)); a.Status != http.StatusUnprocessableEntity {
		c.Errorf("an Endpoint that leads elsewhere than it says: HTTP %d %s", a.Status, a.Body)
	}
}

// roundTrip reads as these clients do and writes what was read: nothing changes.
func roundTrip(c client) {
	plain := func(path string) string {
		o := dialect.ObjectOf(c.w.Node(c.do(http.MethodGet, "/fhir/"+path, nil)))
		delete(o, "meta")
		return string(dialect.Write(o))
	}
	for _, path := range []string{
		"Patient/patient-01-1", "Coverage/coverage-01-1", "Location/site-facility-3", "Location/district-sagara",
		"Practitioner/claims-3", "Organization/facility-3", "Group/family-40",
	} {
		before := plain(path)
		a := c.do(http.MethodGet, base+path+"/", nil)
		if put := c.do(http.MethodPut, base+path+"/", a.Body); put.Status != http.StatusOK {
			c.Errorf("%s: HTTP %d %s", path, put.Status, put.Body)
		}
		if after := plain(path); after != before {
			c.Errorf("%s\nwas %s\n is %s", path, before, after)
		}
	}
}
