package terminology_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// view asks the service by a state of the store.
func (c *clinic) view(ask func(r fhir.Reader)) {
	c.t.Helper()
	err := c.engine.View(c.ctx, func(r fhir.Reader) error {
		ask(r)
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// tokens gives values as "code" where they are of kinds, else as "system|code".
func tokens(list []fhir.TokenValue, err error) string {
	if err != nil {
		return string(fhir.OutcomeOf(err).Issues[0].Code)
	}
	var out []string
	for _, v := range list {
		text := v.System + "|" + v.Code
		if v.AnyCode {
			text = v.System + "|*"
		}
		out = append(out, strings.TrimPrefix(text, "urn:test:kinds|"))
	}
	return strings.Join(out, " ")
}

func TestCodesOfAValueSet(t *testing.T) {
	c := newClinic(t, kinds,
		`{"resourceType":"ValueSet","id":"care","url":"urn:test:care","status":"active","compose":{"include":[{"system":"urn:test:kinds","filter":[{"property":"concept","op":"descendent-of","value":"care"}]}]}}`,
		`{"resourceType":"ValueSet","id":"world","url":"urn:test:world","status":"active","compose":{"include":[{"system":"http://snomed.info/sct"},{"valueSet":["urn:test:care"]},{"valueSet":["urn:test:care"]}]}}`,
		`{"resourceType":"ValueSet","id":"less","url":"urn:test:less","status":"active","compose":{"include":[{"system":"http://snomed.info/sct"}],"exclude":[{"system":"http://snomed.info/sct","concept":[{"code":"1"}]}]}}`)
	c.view(func(r fhir.Reader) {
		for url, want := range map[string]string{
			"urn:test:care":                "visit visit-night ward pill",
			"urn:test:world":               "http://snomed.info/sct|* visit visit-night ward pill",
			"urn:test:less":                "not-supported",
			"urn:test:none":                "not-found",
			hl7 + "claim-use|4.0.1":        "http://hl7.org/fhir/claim-use|claim http://hl7.org/fhir/claim-use|preauthorization http://hl7.org/fhir/claim-use|predetermination",
			hl7 + "c80-doc-typecodes":      "too-costly",
			hl7 + "ucum-units":             "http://unitsofmeasure.org|*",
			thoV + "v2-0360":               "",
			"http://example.org/unknown|1": "not-found",
		} {
			if got := tokens(c.service.Codes(r, url)); got != want && want != "" {
				t.Errorf("%s: got %q, want %q", url, got, want)
			}
		}
	})
}

func TestSubsumed(t *testing.T) {
	c := newClinic(t, kinds)
	c.view(func(r fhir.Reader) {
		for _, x := range []struct {
			system, code string
			above        bool
			want         string
		}{
			{"urn:test:kinds", "visit", false, "visit visit-night"},
			{"urn:test:kinds", "visit", true, "visit care"},
			{"urn:test:kinds", "pill", true, "pill care drug"},
			{"urn:test:kinds", "pill", false, "pill"},
			{"urn:test:kinds", "none", false, "code-invalid"},
			{"urn:none", "none", false, "not-found"},
			{"http://snomed.info/sct", "1", false, "not-found"},
			{"", "visit", false, "invalid"},
		} {
			if got := tokens(c.service.Subsumed(r, x.system, x.code, x.above)); got != x.want {
				t.Errorf("%+v: got %q", x, got)
			}
		}
	})
}

func TestMemberOf(t *testing.T) {
	c := newClinic(t, kinds, `{"resourceType":"ValueSet","id":"all","url":"urn:test:all","status":"active","compose":{"include":[{"system":"urn:test:kinds"},{"system":"http://loinc.org"}]}}`)
	c.view(func(r fhir.Reader) {
		stored, own := c.service.MemberOf(r), c.service.Defined
		for _, x := range []struct {
			set, system, code    string
			member, known, alone bool
		}{
			{"urn:test:all", "urn:test:kinds", "pill", true, true, false},
			{"urn:test:all", "", "pill", true, true, false},
			{"urn:test:all", "urn:test:kinds", "none", false, true, false},
			{"urn:test:all", "http://loinc.org", "1-8", false, false, false},
			{"urn:test:none", "", "x", false, false, false},
			{hl7 + "claim-use", "", "claim", true, true, true},
			{hl7 + "claim-use", "", "claims", false, true, true},
		} {
			if member, known := stored(x.set, x.system, x.code); member != x.member || known != x.known {
				t.Errorf("%+v: got %v %v", x, member, known)
			}
			if _, known := own(x.set, x.system, x.code); known != x.alone {
				t.Errorf("%+v without a store: got %v", x, known)
			}
		}
	})
}

// What is stored now counts, though what was stored before was compiled and
// listed already.
func TestNothingStaleIsAnswered(t *testing.T) {
	c := newClinic(t)
	system := func(version string, codes ...string) string {
		return fmt.Sprintf(`{"resourceType":"CodeSystem","id":"s%s","url":"urn:s","version":"%s","status":"active","content":"complete","concept":[{"code":"%s"}]}`, version, version, strings.Join(codes, `"},{"code":"`))
	}
	set := func(compose string) string {
		return `{"resourceType":"ValueSet","id":"v","url":"urn:v","status":"active","compose":` + compose + `}`
	}
	expect := func(when, want string) {
		t.Helper()
		for range 2 {
			var got string
			c.view(func(r fhir.Reader) {
				list, err := c.service.Codes(r, "urn:v")
				got = strings.ReplaceAll(tokens(list, err), "urn:s|", "")
			})
			if got != want {
				t.Errorf("%s: got %q, want %q", when, got, want)
			}
		}
	}
	expect("before there is any", "not-found")
	c.put(set(`{"include":[{"system":"urn:s"}]}`))
	expect("without the system any of its codes will do", "*")
	c.put(system("1", "a"))
	expect("the system is there", "a")
	c.put(system("1", "a", "b"))
	expect("the system has changed", "a b")
	c.put(system("10", "x"))
	expect("there is a newer version", "x")
	c.put(system("9", "y"))
	expect("there is an older version", "x")
	c.put(set(`{"include":[{"system":"urn:s","version":"1"}]}`))
	expect("the value set has changed", "a b")
	c.remove("CodeSystem/s1")
	expect("the version is gone", "not-found")
	c.put(set(`{"include":[{"system":"urn:s"}]}`))
	c.put(strings.Replace(system("10", "x"), "active", "retired", 1))
	expect("the newest is retired", "y")
	c.remove("ValueSet/v")
	expect("the value set is gone", "not-found")
}

func TestWhatIsStoredComesBeforeWhatIsBuiltIn(t *testing.T) {
	c := newClinic(t)
	sameCodes(t, c.expand(query("url", hl7+"claim-use")), "claim preauthorization predetermination")
	c.put(`{"resourceType":"ValueSet","id":"own","url":"http://hl7.org/fhir/ValueSet/claim-use","version":"2","status":"active","compose":{"include":[{"system":"http://hl7.org/fhir/claim-use","concept":[{"code":"claim"}]}]}}`)
	sameCodes(t, c.expand(query("url", hl7+"claim-use")), "claim")
	sameCodes(t, c.expand(query("url", hl7+"claim-use|4.0.1")), "claim preauthorization predetermination")
}

func TestOurOwnDefinitionsAreKnown(t *testing.T) {
	c := newClinic(t)
	if got := c.expand("url=https://bima.example/fhir/ValueSet/coverage-state"); len(got) == 0 || slices.Contains(got, "") {
		t.Errorf("got %q", got)
	}
}
