package terminology_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

func TestExpandingR4sOwnValueSets(t *testing.T) {
	c := newClinic(t)
	for _, x := range []struct{ name, url, want string }{
		{"administrative gender", hl7 + "administrative-gender", "male female other unknown"},
		{"use of a claim", hl7 + "claim-use", "claim preauthorization predetermination"},
		{"status of financial things, with a version", hl7 + "fm-status|4.0.1", "active cancelled draft entered-in-error"},
		{"codes of two systems", hl7 + "yesnodontknow", "N Y asked-unknown"},
		{"listed codes of a system that is not held here", hl7 + "condition-severity", "24484000 6736007 255604002"},
		{"a version of R4's own that R4 does not publish", hl7 + "task-code", "approve fulfill abort replace change suspend resume"},
	} {
		t.Run(x.name, func(t *testing.T) { sameCodes(t, c.expand(query("url", x.url)), x.want) })
	}
	for url, want := range map[string]int{hl7 + "currencies": 186, hl7 + "iso3166-1-2": 249, hl7 + "iso3166-1-3": 249} {
		if got := len(c.expand(query("url", url))); got != want {
			t.Errorf("%s: got %d codes, want %d", url, got, want)
		}
	}
}

// testdata/r4.txt holds, of each value set of R4 with filters, imports or
// exclusions, how many codes it has, the first and the last of them in the order
// of their letters: worked out by another program from HL7's package.
func TestExpandingAgreesWithAnotherReading(t *testing.T) {
	c := newClinic(t)
	text, err := os.ReadFile("testdata/r4.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		want := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		codes := c.expand(query("url", want[0], "count", "4000"))
		slices.Sort(codes)
		got := []string{want[0], strconv.Itoa(len(codes)), "", ""}
		if len(codes) > 0 {
			got[2], got[3] = codes[0], codes[len(codes)-1]
		}
		if !slices.Equal(got, want) && want[1] < "4000" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestComposing(t *testing.T) {
	c := newClinic(
		t, kinds,
		`{"resourceType":"ValueSet","id":"cheap","url":"urn:test:cheap","status":"active","compose":{"include":[{"system":"urn:test:kinds","filter":[{"property":"level","op":"=","value":"low"}]}]}}`,
		`{"resourceType":"ValueSet","id":"care","url":"urn:test:care","status":"active","compose":{"include":[{"system":"urn:test:kinds","filter":[{"property":"concept","op":"descendent-of","value":"care"}]}]}}`,
		`{"resourceType":"ValueSet","id":"round","url":"urn:test:round","status":"active","compose":{"include":[{"valueSet":["urn:test:round2"]}]}}`,
		`{"resourceType":"ValueSet","id":"round2","url":"urn:test:round2","status":"active","compose":{"include":[{"system":"urn:test:kinds"},{"valueSet":["urn:test:round"]}]}}`,
		`{"resourceType":"ValueSet","id":"frozen","url":"urn:test:frozen","status":"active","expansion":{"timestamp":"2020-01-01","contains":[{"display":"Group","abstract":true,"contains":[{"system":"urn:test:kinds","code":"pill"}]},{"system":"urn:test:elsewhere","code":"x","display":"X"}]}}`,
	)
	const all = "care visit visit-night ward drug pill leech"
	for _, x := range []struct{ name, compose, want string }{
		{"a whole system", `{"include":[{"system":"urn:test:kinds"}]}`, all},
		{"a system in a version", `{"include":[{"system":"urn:test:kinds","version":"1"}]}`, all},
		{"a list, in its own order, without what is no code", `{"include":[{"system":"urn:test:kinds","concept":[{"code":"pill"},{"code":"nothing"},{"code":"care"}]}]}`, "pill care"},
		{"filters together", `{"include":[{"system":"urn:test:kinds","filter":[{"property":"concept","op":"is-a","value":"care"},{"property":"price","op":"exists","value":"true"},{"property":"level","op":"=","value":"high"}]}]}`, "visit-night"},
		{"two includes, each code once", `{"include":[{"system":"urn:test:kinds","concept":[{"code":"pill"}]},{"valueSet":["urn:test:cheap"]}]}`, "pill visit"},
		{"value sets in one include must both have it", `{"include":[{"valueSet":["urn:test:cheap","urn:test:care"]}]}`, "visit pill"},
		{"a list within a value set", `{"include":[{"system":"urn:test:kinds","concept":[{"code":"drug"},{"code":"ward"}],"valueSet":["urn:test:care"]}]}`, "ward"},
		{"a list excluded", `{"include":[{"system":"urn:test:kinds"}],"exclude":[{"system":"urn:test:kinds","concept":[{"code":"care"},{"code":"ward"}]}]}`, "visit visit-night drug pill leech"},
		{"a value set excluded", `{"include":[{"system":"urn:test:kinds"}],"exclude":[{"valueSet":["urn:test:cheap"]}]}`, "care visit-night ward drug leech"},
		{"an exclusion of another system leaves all", `{"include":[{"system":"urn:test:kinds"}],"exclude":[{"system":"urn:test:other","concept":[{"code":"pill"}]}]}`, all},
		{"inactive codes left out", `{"inactive":false,"include":[{"system":"urn:test:kinds"}]}`, "care visit visit-night ward drug pill"},
		{"inactive codes taken in", `{"inactive":true,"include":[{"system":"urn:test:kinds"}]}`, all},
		{"an expansion without compose", `{"include":[{"valueSet":["urn:test:frozen"]}]}`, "pill x"},
		{"a system nobody has, by its list", `{"include":[{"system":"urn:test:elsewhere","concept":[{"code":"b"},{"code":"a"}]}]}`, "b a"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := c.expandSet(x.compose)
			if err != nil {
				t.Fatal(err)
			}
			sameCodes(t, got, x.want)
		})
	}
	for _, x := range []struct {
		name, compose string
		want          fhir.IssueType
	}{
		{"a system that is not held here", `{"include":[{"system":"http://snomed.info/sct"}]}`, fhir.IssueNotSupported},
		{"a system of rules", `{"include":[{"system":"http://unitsofmeasure.org"}]}`, fhir.IssueNotSupported},
		{"a version that is not held here", `{"include":[{"system":"urn:test:kinds","version":"2"}]}`, fhir.IssueNotFound},
		{"a value set that is not there", `{"include":[{"valueSet":["urn:test:none"]}]}`, fhir.IssueNotFound},
		{"value sets that take in each other", `{"include":[{"valueSet":["urn:test:round"]}]}`, fhir.IssueProcessing},
		{"a filter by a code that is not there", `{"include":[{"system":"urn:test:kinds","filter":[{"property":"concept","op":"is-a","value":"none"}]}]}`, fhir.IssueNotFound},
	} {
		t.Run(x.name, func(t *testing.T) {
			if _, err := c.expandSet(x.compose); !fhir.HasIssue(err, x.want) {
				t.Errorf("got %v, want %s", err, x.want)
			}
		})
	}
}

func TestExpandParameters(t *testing.T) {
	c := newClinic(t, kinds, `{"resourceType":"ValueSet","id":"all","url":"urn:test:all","status":"active","compose":{"include":[{"system":"urn:test:kinds"}]}}`)
	for _, x := range []struct{ name, query, want string }{
		{"the first page", "count=2", "care visit"},
		{"a page further on", "count=2&offset=2", "visit-night ward"},
		{"the end", "offset=5", "pill leech"},
		{"beyond the end", "offset=50", ""},
		{"how many there are", "count=0", ""},
		{"words that begin words", "filter=vis+doc", "visit"},
		{"words of other languages", "filter=dakt", "visit"},
		{"words that begin none", "filter=octor", ""},
		{"codes", "filter=visit-n", "visit-night"},
		{"active ones", "activeOnly=true", "care visit visit-night ward drug pill"},
		{"those to choose", "excludeNotForUI=true", "visit visit-night ward drug pill leech"},
		{"a system left out", "exclude-system=urn:test:kinds", ""},
		{"another system left out", "exclude-system=urn:test:other&count=1", "care"},
		{"a version left out", "exclude-system=urn:test:kinds%7C1", ""},
		{"a version asked for", "system-version=urn:test:kinds%7C1&count=1", "care"},
		{"nested, with all in it", "excludeNested=false", "care visit visit-night ward pill drug leech"},
	} {
		t.Run(x.name, func(t *testing.T) { sameCodes(t, c.expand("url=urn:test:all&"+x.query), x.want) })
	}
	for query, want := range map[string]fhir.IssueType{
		"url=urn:test:all&force-system-version=urn:test:kinds%7C2": fhir.IssueNotFound,
		"url=urn:test:all&system-version=urn:test:kinds":           fhir.IssueValue,
		"url=urn:test:all&count=-1":                                fhir.IssueValue,
		"url=urn:test:all&activeOnly=perhaps":                      fhir.IssueValue,
		"url=urn:test:all&context=x":                               fhir.IssueNotSupported,
		"url=urn:test:all%7C7":                                     fhir.IssueNotFound,
		"url=urn:test:none":                                        fhir.IssueNotFound,
		"filter=x":                                                 fhir.IssueRequired,
		"url=http://terminology.hl7.org/ValueSet/v2-0003&x=1":      fhir.IssueNotSupported,
		"url=http://hl7.org/fhir/ValueSet/c80-doc-typecodes":       fhir.IssueTooCostly,
	} {
		if _, err := c.get("ValueSet/$expand?" + query); !fhir.HasIssue(err, want) {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
}

func TestAnExpansionIsAValueSet(t *testing.T) {
	c := newClinic(t, kinds, `{"resourceType":"ValueSet","id":"all","url":"urn:test:all","version":"3","title":"All <kinds>","status":"active","compose":{"include":[{"system":"urn:test:kinds"}]}}`)
	n, err := c.get("ValueSet/all/$expand?count=3&offset=0&includeDesignations=true&includeDefinition=true&displayLanguage=sw&activeOnly=true")
	if err != nil {
		t.Fatal(err)
	}
	if _, issues := validate.Resource(n.Raw(), validate.Options{Type: "ValueSet"}); len(issues) > 0 {
		t.Errorf("%v\n%s", issues, n.Raw())
	}
	x := n.Get("expansion")
	for path, want := range map[string]string{
		n.Get("url").Text(): "urn:test:all", n.Get("title").Text(): "All <kinds>", n.Get("version").Text(): "3",
		x.Get("total").Text(): "6", x.Get("offset").Text(): "0",
		fmt.Sprint(n.Get("compose").Exists()):          "true",
		string(x.Get("contains").First().Raw()):        `{"system":"urn:test:kinds","abstract":true,"code":"care","display":"Care"}`,
		string(x.Get("contains").First().Next().Raw()): `{"system":"urn:test:kinds","code":"visit","display":"Kumwona daktari","designation":[{"language":"sw","value":"Kumwona daktari"}]}`,
		value(part(fhir.Node{}, "nothing")):            "",
	} {
		if path != want {
			t.Errorf("got %q, want %q", path, want)
		}
	}
	var echoed []string
	for p := range x.Get("parameter").Each() {
		echoed = append(echoed, p.Get("name").Text()+"="+value(p))
	}
	slices.Sort(echoed)
	sameCodes(t, echoed, "activeOnly=true count=3 displayLanguage=sw includeDefinition=true includeDesignations=true offset=0 version=urn:test:kinds|1")
	n, err = c.get("ValueSet/all/$expand")
	if err != nil || n.Get("compose").Exists() || n.Get("expansion").Get("offset").Exists() {
		t.Errorf("neither compose nor offset was asked for: %v %s", err, n.Raw())
	}
	if n, err = c.get("ValueSet/$expand?url=urn:test:all&designation=urn:ietf:bcp:47%7Cfr&count=2"); err != nil || strings.Contains(string(n.Raw()), "daktari") {
		t.Errorf("only French designations were asked for: %v %s", err, n.Raw())
	}
	if n, err = c.get("ValueSet/administrative-gender/$expand"); err != nil || n.Get("expansion").Get("total").Text() != "4" {
		t.Errorf("R4's own value set by its id: %v %s", err, n.Raw())
	}
	if _, err = c.get("ValueSet/none/$expand"); !fhir.HasIssue(err, fhir.IssueNotFound) {
		t.Errorf("no value set by its id: got %v", err)
	}
}

func TestNestingFollowsTheHierarchy(t *testing.T) {
	c := newClinic(t, kinds)
	n, err := c.post("ValueSet/$expand", inSet(`{"name":"excludeNested","valueBoolean":false}`,
		`{"include":[{"system":"urn:test:kinds","concept":[{"code":"visit-night"},{"code":"care"},{"code":"ward"},{"code":"leech"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	top := n.Get("expansion").Get("contains")
	sameCodes(t, []string{top.First().Get("code").Text(), top.First().Next().Get("code").Text()}, "care leech")
	sameCodes(t, listed(top.First()), "visit-night ward")
	if got := n.Get("expansion").Get("total").Text(); got != "4" {
		t.Errorf("got total %s, want 4", got)
	}
}
