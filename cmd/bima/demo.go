package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/template"

	"bima/testdata/scheme"
)

// loadDemo sends the demo scheme to the server at base by its public API, unless
// the server holds a scheme.
func loadDemo(ctx context.Context, s streams, base string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/Organization/scheme", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode == http.StatusOK {
		return nil
	}
	fmt.Fprint(s.out, "Loading the demo scheme")
	l := loader{base: base}
	for _, file := range scheme.Files() {
		if _, err := l.resource(ctx, file.Body); err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		fmt.Fprint(s.out, ".")
	}
	fmt.Fprintln(s.out, " done.")
	return nil
}

// exampleClaim is a claim that the demo scheme pays in part: a consultation and a
// test, both above the facility's price list, and both shared by the patient.
const exampleClaim = `{"resourceType":"Claim","status":"active","use":"claim",
 "type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},
 "subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]},
 "patient":{"reference":"Patient/patient-02-1"},"created":"2026-09-15",
 "billablePeriod":{"start":"2026-09-14","end":"2026-09-14"},
 "insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/facility-2"},
 "priority":{"coding":[{"code":"normal"}]},
 "diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"B54"}]}}],
 "insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/coverage-02-1"}}],
 "item":[
  {"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-101"}]},
   "servicedDate":"2026-09-14","quantity":{"value":1},"unitPrice":{"value":4000,"currency":"TZS"}},
  {"sequence":2,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-201"}]},
   "servicedDate":"2026-09-14","quantity":{"value":1},"unitPrice":{"value":12000,"currency":"TZS"}}],
 "total":{"value":16000,"currency":"TZS"}}`

var bannerText = template.Must(template.New("banner").Parse(`
Bima serves the demo scheme at {{.Base}}. Three things to try in another terminal:

1. Find a member:

curl -s '{{.Base}}/Patient?_id=patient-02-1&_pretty=true'

2. Submit a claim and read its decision, line by line:

curl -s '{{.Base}}/Claim/$submit?_pretty=true' -H 'Content-Type: application/fhir+json' -d '{{.Claim}}'

3. See all decisions on that member's claims, the newest first:

curl -s '{{.Base}}/ClaimResponse?patient=Patient/patient-02-1&_sort=-_lastUpdated&_elements=outcome,disposition,total&_pretty=true'

Stop the server with Ctrl-C; the data stays in the database.
`))

// banner says how to begin. Its commands can be pasted as they are.
func banner(w io.Writer, base string) error {
	return bannerText.Execute(w, struct{ Base, Claim string }{base, strings.ReplaceAll(exampleClaim, "\n ", "\n")})
}
