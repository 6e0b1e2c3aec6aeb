package terminology_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

// told gives the answer of an operation as a person reads it: each parameter
// with its value or, in brackets, its parts.
func told(n fhir.Node) string {
	list := n.Get("parameter")
	if !list.Exists() {
		list = n.Get("part")
	}
	var out []string
	for p := range list.Each() {
		text := p.Get("name").Text() + "=" + value(p)
		if p.Get("part").Exists() {
			text = p.Get("name").Text() + "[" + told(p) + "]"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// answered calls an operation and gives what it told, or the type of its issue.
func (c *clinic) answered(path, body string) string {
	c.t.Helper()
	n, err := c.post(path, body)
	if body == "" {
		n, err = c.get(path)
	}
	if err != nil {
		return string(fhir.OutcomeOf(err).Issues[0].Code)
	}
	if _, issues := validate.Resource(n.Raw(), validate.Options{Type: "Parameters"}); len(issues) > 0 {
		c.t.Errorf("%v\n%s", issues, n.Raw())
	}
	return told(n)
}

const supplement = `{"resourceType":"CodeSystem","id":"more","url":"urn:test:more","name":"More","status":"active","content":"supplement","supplements":"urn:test:kinds",
"concept":[{"code":"visit","designation":[{"language":"fr","use":{"system":"http://terminology.hl7.org/CodeSystem/designation-usage","code":"display"},"value":"Visite"}],"property":[{"code":"tariff","valueString":"T1"}]}]}`

func TestLookingUp(t *testing.T) {
	c := newClinic(t, kinds, supplement)
	visit := "CodeSystem/$lookup?system=urn:test:kinds&code=visit"
	for _, x := range []struct{ name, path, body, want string }{
		{
			"everything that is known", visit, "",
			"name=Kinds version=1 display=Visit to a doctor designation[language=sw value=Kumwona daktari] " +
				`designation[language=fr use={"system":"http://terminology.hl7.org/CodeSystem/designation-usage","code":"display"} value=Visite] ` +
				"property[code=inactive value=false] property[code=parent value=care description=Care] " +
				"property[code=child value=visit-night description=Visit at night] property[code=price value=500] property[code=level value=low] property[code=tariff value=T1]",
		},
		{"properties asked for", visit + "&property=price&property=parent", "", "name=Kinds version=1 display=Visit to a doctor property[code=parent value=care description=Care] property[code=price value=500]"},
		{"one language", visit + "&property=lang.sw", "", "name=Kinds version=1 display=Visit to a doctor designation[language=sw value=Kumwona daktari]"},
		{"in a language of a supplement", visit + "&property=display&displayLanguage=fr-CD", "", "name=Kinds version=1 display=Visite"},
		{"an inactive code", "CodeSystem/$lookup?system=urn:test:kinds&code=leech&property=inactive", "", "name=Kinds version=1 display=Leech property[code=inactive value=true]"},
		{"an abstract code", "CodeSystem/$lookup?system=urn:test:kinds&code=care&property=notSelectable", "", "name=Kinds version=1 display=Care property[code=notSelectable value=true]"},
		{"two parents", "CodeSystem/$lookup?system=urn:test:kinds&code=pill&property=parent", "", "name=Kinds version=1 display=Pill <white> property[code=parent value=care description=Care] property[code=parent value=drug description=Drug]"},
		{"a coding", "CodeSystem/$lookup", `{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"male"}},{"name":"property","valueCode":"display"}]}`, "name=AdministrativeGender version=4.0.1 display=Male"},
		{"R4's hierarchy", "CodeSystem/$lookup?system=" + thoC + "v3-ActCode&code=HMO&property=parent", "", "name=v3 Code System ActCode version=2018-08-12 display=health maintenance organization policy property[code=parent value=MCPOL description=managed care policy]"},
		{"a version in the system", "CodeSystem/$lookup?system=urn:test:kinds%7C1&code=drug&property=x", "", "name=Kinds version=1 display=Drug"},
		{"a version that is not there", visit + "&version=2", "", "not-found"},
		{"no such code", "CodeSystem/$lookup?system=urn:test:kinds&code=none", "", "not-found"},
		{"no such system", "CodeSystem/$lookup?system=urn:none&code=none", "", "not-found"},
		{"a system of rules", "CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg", "", "not-supported"},
		{"no system", "CodeSystem/$lookup?code=none", "", "required"},
		{"a parameter it lacks", visit + "&date=2020", "", "not-supported"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := c.answered(x.path, x.body); got != x.want {
				t.Errorf("got\n%s\nwant\n%s", got, x.want)
			}
		})
	}
}

func TestComparing(t *testing.T) {
	c := newClinic(t, kinds)
	by := "CodeSystem/$subsumes?system=urn:test:kinds&codeA="
	for _, x := range []struct{ name, path, body, want string }{
		{"the same", by + "visit&codeB=visit", "", "outcome=equivalent"},
		{"above", by + "care&codeB=visit-night", "", "outcome=subsumes"},
		{"above by the second parent", by + "drug&codeB=pill", "", "outcome=subsumes"},
		{"below", by + "pill&codeB=care", "", "outcome=subsumed-by"},
		{"side by side", by + "visit&codeB=ward", "", "outcome=not-subsumed"},
		{"on the resource", "CodeSystem/kinds/$subsumes?codeA=care&codeB=ward", "", "outcome=subsumes"},
		{"codings", "CodeSystem/$subsumes", `{"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"urn:test:kinds","code":"ward"}},{"name":"codingB","valueCoding":{"system":"urn:test:kinds","code":"care"}}]}`, "outcome=subsumed-by"},
		{"codings of two systems", "CodeSystem/$subsumes", `{"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"urn:test:kinds","code":"ward"}},{"name":"codingB","valueCoding":{"system":"urn:x","code":"care"}}]}`, "invalid"},
		{"R4's own", "CodeSystem/$subsumes?system=" + thoC + "v3-ActCode&codeA=_ActInsuranceTypeCode&codeB=HMO", "", "outcome=subsumes"},
		{"a code that is not there", by + "visit&codeB=none", "", "not-found"},
		{"one code only", by + "visit", "", "required"},
		{"no system", "CodeSystem/$subsumes?codeA=a&codeB=b", "", "invalid"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := c.answered(x.path, x.body); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}
