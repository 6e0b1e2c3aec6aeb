package terminology_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

// verdict calls $validate-code and gives "true Display" or "false message".
func (c *clinic) verdict(path, body string) string {
	c.t.Helper()
	n, err := c.get, error(nil)
	var answer fhir.Node
	if body == "" {
		answer, err = n(path)
	} else {
		answer, err = c.post(path, body)
	}
	if err != nil {
		return fmt.Sprint(fhir.OutcomeOf(err).Issues[0].Code)
	}
	if _, issues := validate.Resource(answer.Raw(), validate.Options{Type: "Parameters"}); len(issues) > 0 {
		c.t.Errorf("%v\n%s", issues, answer.Raw())
	}
	parts := []string{value(part(answer, "result")), value(part(answer, "display")), value(part(answer, "message"))}
	return strings.Join(parts, "|")
}

const codedIn = `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"%s"},%s]}`

func TestValidatingAgainstAValueSet(t *testing.T) {
	c := newClinic(t, kinds,
		`{"resourceType":"ValueSet","id":"dear","url":"urn:test:dear","status":"active","compose":{"include":[{"system":"urn:test:kinds","filter":[{"property":"price","op":"in","value":"900,4000"}]}]}}`,
		`{"resourceType":"ValueSet","id":"mixed","url":"urn:test:mixed","status":"active","compose":{"include":[{"system":"http://snomed.info/sct"},{"system":"urn:test:kinds"},{"system":"http://unitsofmeasure.org"}],"exclude":[{"system":"urn:test:kinds","concept":[{"code":"leech"}]}]}}`)
	gender := "ValueSet/$validate-code?" + query("url", hl7+"administrative-gender")
	mixed := "ValueSet/$validate-code?url=urn:test:mixed&system="
	for _, x := range []struct{ name, path, body, want string }{
		{"a code of R4's", gender + "&code=male&system=http://hl7.org/fhir/administrative-gender", "", "true|Male|"},
		{"a code alone", gender + "&code=male", "", "true|Male|"},
		{"no code of it", gender + "&code=man&system=http://hl7.org/fhir/administrative-gender", "", `false||"man" of http://hl7.org/fhir/administrative-gender is not in *`},
		{"the code of another system", gender + "&code=male&system=urn:x", "", "false||*is not in*"},
		{"another case", gender + "&code=Male", "", "false||*"},
		{"its display, in another case", gender + "&code=male&display=MALE", "", "true|Male|"},
		{"a wrong display", gender + "&code=male&display=Man", "", `false|Male|the display "Man" is not right*`},
		{"a display of a designation", "ValueSet/$validate-code?url=urn:test:mixed&code=visit&display=kumwona++daktari", "", "true|Visit to a doctor|"},
		{"in another language", "ValueSet/$validate-code?url=urn:test:mixed&code=visit&displayLanguage=sw", "", "true|Kumwona daktari|"},
		{"by filter", "ValueSet/dear/$validate-code?code=ward", "", "true|Day in a ward|"},
		{"not by filter", "ValueSet/dear/$validate-code?code=visit", "", "false||*"},
		{"excluded", mixed + "urn:test:kinds&code=leech", "", "false||*"},
		{"not excluded", mixed + "urn:test:kinds&code=pill", "", "true|Pill <white>|"},
		{"abstract, where nothing is said", mixed + "urn:test:kinds&code=care", "", "true|Care|"},
		{"abstract, where that will not do", mixed + "urn:test:kinds&code=care&abstract=false", "", "false|Care|*abstract*"},
		{"a unit", mixed + "http://unitsofmeasure.org&code=mg", "", "true||"},
		{"no unit", mixed + "http://unitsofmeasure.org&code=mgg", "", "false||*"},
		{"what only another server knows", mixed + "http://snomed.info/sct&code=22298006", "", "false||*can't be told here*"},
		{"a version that is not here", mixed + "urn:test:kinds&code=pill&systemVersion=9", "", "false||*version*"},
		{"the version that is", mixed + "urn:test:kinds&code=pill&systemVersion=1", "", "true|Pill <white>|"},
		{"a coding", "ValueSet/$validate-code", fmt.Sprintf(codedIn, hl7+"administrative-gender", `{"name":"coding","valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"female"}}`), "true|Female|"},
		{"a concept one of whose codings is right", "ValueSet/$validate-code", fmt.Sprintf(codedIn, "urn:test:dear", `{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"ward"},{"system":"urn:test:kinds","code":"ward"}]}}`), "true|Day in a ward|"},
		{"a concept none of whose codings is", "ValueSet/$validate-code", fmt.Sprintf(codedIn, "urn:test:dear", `{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"ward"},{"system":"urn:test:kinds","code":"visit"}]}}`), `false||"ward" of urn:x*`},
		{"a value set inline", "ValueSet/$validate-code", inSet(`{"name":"code","valueCode":"pill"},{"name":"system","valueUri":"urn:test:kinds"}`, `{"include":[{"system":"urn:test:kinds"}]}`), "true|Pill <white>|"},
		{"a code system that comes along", "ValueSet/$validate-code", inSet(`{"name":"tx-resource","resource":{"resourceType":"CodeSystem","url":"urn:along","status":"active","content":"complete","concept":[{"code":"a","display":"A"}]}},{"name":"code","valueCode":"a"},{"name":"system","valueUri":"urn:along"}`, `{"include":[{"system":"urn:along"}]}`), "true|A|"},
		{"no such value set", "ValueSet/$validate-code?url=urn:none&code=x", "", "not-found"},
		{"no code at all", gender, "", "invalid"},
		{"no value set at all", "ValueSet/$validate-code?code=x", "", "required"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := c.verdict(x.path, x.body); !like(got, x.want) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// like compares with a text in which * stands for anything.
func like(got, want string) bool {
	parts := strings.Split(want, "*")
	if len(parts) == 1 {
		return got == want
	}
	if !strings.HasPrefix(got, parts[0]) || !strings.HasSuffix(got, parts[len(parts)-1]) {
		return false
	}
	for _, p := range parts {
		_, rest, ok := strings.Cut(got, p)
		if !ok {
			return false
		}
		got = rest
	}
	return true
}

func TestValidatingAgainstACodeSystem(t *testing.T) {
	c := newClinic(t, kinds)
	by := "CodeSystem/$validate-code?url=urn:test:kinds&code="
	coding := `{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"%s","code":"%s","display":"%s"}}]}`
	for _, x := range []struct{ name, path, body, want string }{
		{"a code", by + "pill", "", "true|Pill <white>|"},
		{"no code", by + "stone", "", `false||"stone" is no code of the code system urn:test:kinds|1`},
		{"the version", by + "pill&version=1", "", "true|Pill <white>|"},
		{"another version", by + "pill&version=2", "", "not-found"},
		{"no such system", "CodeSystem/$validate-code?url=urn:none&code=x", "", "not-found"},
		{"on the resource", "CodeSystem/kinds/$validate-code?code=ward", "", "true|Day in a ward|"},
		{"on R4's own by its id", "CodeSystem/administrative-gender/$validate-code?code=other", "", "true|Other|"},
		{"a coding of R4's", "CodeSystem/$validate-code", fmt.Sprintf(coding, "http://hl7.org/fhir/administrative-gender", "other", "Other"), "true|Other|"},
		{"a coding of no system here", "CodeSystem/$validate-code", fmt.Sprintf(coding, "urn:none", "x", "X"), "false||*not known here"},
		{"a currency", "CodeSystem/$validate-code?url=urn:iso:std:iso:4217&code=TZS", "", "true|Tanzanian shilling|"},
		{"a country", "CodeSystem/$validate-code?url=urn:iso:std:iso:3166&code=TZA", "", "true|Tanzania, United Republic of|"},
		{"no country", "CodeSystem/$validate-code?url=urn:iso:std:iso:3166&code=TZZ", "", `false||*no code*`},
		{"a unit", "CodeSystem/$validate-code", fmt.Sprintf(coding, "http://unitsofmeasure.org", "mg/dL", "mg"), "true||"},
		{"a unit by its system", "CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=kg", "", "true||"},
		{"no unit", "CodeSystem/$validate-code", fmt.Sprintf(coding, "http://unitsofmeasure.org", "mg//dL", "mg"), "false||*"},
		{"a part of a system", "CodeSystem/$validate-code?url=" + thoC + "insurance-plan-type&code=none", "", "false||*only a part*"},
		{"a version within the URL", "CodeSystem/$validate-code?url=" + thoC + "v2-0360%7C2.7&code=BA", "", "true|Bachelor of Arts|"},
		{"a code without a system", "CodeSystem/$validate-code?code=x", "", "required"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := c.verdict(x.path, x.body); !like(got, x.want) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}
