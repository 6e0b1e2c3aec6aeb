package enclosure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/enclosure"
)

// packing gives a Bundle of a Claim, its first entry, with further elements and entries.
func packing(claim string, entries ...string) string {
	list := append([]string{`{"fullUrl":"urn:c","resource":{"resourceType":"Claim","id":"c"` + claim + `}}`}, entries...)
	return `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(list, ",") + `]}`
}

func entry(url, body string) string {
	return fmt.Sprintf(`{"fullUrl":%q,"resource":%s}`, url, body)
}

func TestWhatCameAlongIsPacked(t *testing.T) {
	const file = `{"resourceType":"Binary","id":"f","contentType":"text/plain","data":"eA=="}`
	for name, c := range map[string]struct {
		bundle, want string
		entries      []int
	}{
		"nothing came along": {packing(`,"use":"claim"`), `{"resourceType":"Claim","id":"c","use":"claim"}`, nil},
		"a file": {
			packing(`,"supportingInfo":[{"valueReference":{"reference":"urn:f","display":"letter"}}]`, entry("urn:f", file)),
			`{"resourceType":"Claim","id":"c","supportingInfo":[{"valueReference":{"reference":"#enclosed-1","display":"letter"}}],"contained":[{"id":"enclosed-1","resourceType":"Binary","contentType":"text/plain","data":"eA=="}]}`,
			[]int{1},
		},
		"a file by its type and id, beside what is contained": {
			packing(`,"contained":[{"resourceType":"Basic","id":"enclosed-1"}],"a":[{"reference":"#enclosed-1"},{"reference":"Binary/f"},{"reference":"Binary/f"}]`, entry("urn:f", file)),
			`{"resourceType":"Claim","id":"c","contained":[{"resourceType":"Basic","id":"enclosed-1"},{"id":"enclosed-2","resourceType":"Binary","contentType":"text/plain","data":"eA=="}],"a":[{"reference":"#enclosed-1"},{"reference":"#enclosed-2"},{"reference":"#enclosed-2"}]}`,
			[]int{1},
		},
		"a file that an attachment names": {
			packing(`,"valueAttachment":{"title":"letter","url":"urn:f"}`, entry("urn:f", file)),
			`{"resourceType":"Claim","id":"c","valueAttachment":{"title":"letter","contentType":"text/plain","data":"eA=="}}`, nil,
		},
		"a file whose type nobody says": {
			packing(`,"valueAttachment":{"url":"urn:f"}`, entry("urn:f", `{"resourceType":"Binary","data":"eA=="}`)),
			`{"resourceType":"Claim","id":"c","valueAttachment":{"data":"eA=="}}`, nil,
		},
		"a document of a file, of a person, and of the claim": {
			packing(`,"valueReference":{"reference":"urn:d"},"patient":{"reference":"urn:p"}`, entry("urn:f", file),
				entry("urn:d", `{"resourceType":"DocumentReference","meta":{"versionId":"3","security":[{"code":"R"}],"profile":["urn:x"]},"id":"d","subject":{"reference":"urn:p"},"content":[{"attachment":{"contentType":"text/plain","url":"urn:f"}}],"context":{"related":[{"reference":"urn:c"}]}}`),
				entry("urn:p", `{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:n","value":"7"}]}`)),
			`{"resourceType":"Claim","id":"c","valueReference":{"reference":"#enclosed-1"},"patient":{"type":"Patient","identifier":{"system":"urn:n","value":"7"}},"contained":[{"id":"enclosed-1","resourceType":"DocumentReference","meta":{"profile":["urn:x"]},` +
				`"subject":{"type":"Patient","identifier":{"system":"urn:n","value":"7"}},"content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}],"context":{"related":[{"reference":"#"}]}}]}`,
			[]int{2},
		},
		"what that leads to, in the order of referring": {
			packing(`,"a":{"reference":"urn:2"},"b":{"reference":"urn:1"}`, entry("urn:1", `{"resourceType":"Condition"}`), entry("urn:2", `{"resourceType":"Condition","encounter":{"reference":"urn:3"}}`), entry("urn:3", `{"resourceType":"Encounter","part":{"reference":"urn:2"}}`)),
			`{"resourceType":"Claim","id":"c","a":{"reference":"#enclosed-1"},"b":{"reference":"#enclosed-2"},"contained":[{"id":"enclosed-1","resourceType":"Condition","encounter":{"reference":"#enclosed-3"}},{"id":"enclosed-2","resourceType":"Condition"},{"id":"enclosed-3","resourceType":"Encounter","part":{"reference":"#enclosed-1"}}]}`,
			[]int{2, 1, 3},
		},
		"in whatever order the members come": {
			packing(`,"b":{"reference":"urn:1"},"a":{"reference":"urn:2"}`, entry("urn:1", `{"resourceType":"Condition"}`), entry("urn:2", `{"resourceType":"Procedure"}`)),
			`{"resourceType":"Claim","id":"c","b":{"reference":"#enclosed-2"},"a":{"reference":"#enclosed-1"},"contained":[{"id":"enclosed-1","resourceType":"Procedure"},{"id":"enclosed-2","resourceType":"Condition"}]}`,
			[]int{2, 1},
		},
		"by an identifier": {
			packing(`,"a":{"identifier":{"system":"urn:n","value":"7"}},"b":{"identifier":{"system":"urn:n","value":"8"}},"d":{"identifier":{"system":"urn:m","value":"7"}}`,
				entry("urn:1", `{"resourceType":"Condition","identifier":[{"system":"urn:n","value":"7"}]}`), entry("urn:2", `{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"8"}]}`)),
			`{"resourceType":"Claim","id":"c","a":{"identifier":{"system":"urn:n","value":"7"},"reference":"#enclosed-1"},"b":{"identifier":{"system":"urn:n","value":"8"}},"d":{"identifier":{"system":"urn:m","value":"7"}},"contained":[{"id":"enclosed-1","resourceType":"Condition","identifier":[{"system":"urn:n","value":"7"}]}]}`,
			[]int{1},
		},
		"ours, and whom a person leads to": {
			packing(`,"a":{"reference":"Patient/9"},"b":{"reference":"urn:k"}`, entry(base+"/Patient/9", `{"resourceType":"Patient","id":"9","identifier":[{"value":"1"}]}`),
				entry("urn:k", `{"resourceType":"Coverage","payor":[{"reference":"urn:o"}]}`), entry("urn:o", `{"resourceType":"Organization"}`)),
			`{"resourceType":"Claim","id":"c","a":{"reference":"Patient/9"},"b":{"reference":"urn:k"}}`, nil,
		},
	} {
		p, err := enclosure.Pack(parse(t, c.bundle), 0, base)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(p.Resource.Raw()); got != c.want || !slices.Equal(p.Entries, c.entries) {
			t.Errorf("%s: of %v\n%s\nwant %v\n%s", name, p.Entries, got, c.entries, c.want)
		}
	}
}

func TestWhatCantBePacked(t *testing.T) {
	file := func(more string) string {
		return entry("urn:f", `{"resourceType":"Binary","contentType":"text/plain"`+more+`}`)
	}
	for name, c := range map[string]struct {
		bundle string
		at     []string
	}{
		"nothing leads to it":              {packing(``, file(``), entry("urn:p", `{"resourceType":"Patient"}`)), []string{"Bundle.entry[1]", "Bundle.entry[2]"}},
		"it leads to the claim only":       {packing(``, entry("urn:d", `{"resourceType":"DocumentReference","subject":{"reference":"urn:c"}}`)), []string{"Bundle.entry[1]"}},
		"only one of its kind is meant":    {packing(`,"a":{"reference":"urn:f"}`, file(`,"data":"eA=="`), entry("urn:g", `{"resourceType":"Binary","contentType":"text/plain"}`)), []string{"Bundle.entry[2]"}},
		"it contains something":            {packing(`,"a":{"reference":"urn:1"}`, entry("urn:1", `{"resourceType":"Condition","contained":[{"resourceType":"Basic"}]}`)), []string{"Bundle.entry[1].resource.contained"}},
		"a file without data":              {packing(`,"a":{"url":"urn:f"}`, file(``)), []string{"Bundle.entry[1].resource.data"}},
		"a file beside data":               {packing(`,"a":{"url":"urn:f","data":"eA=="}`, file(`,"data":"eA=="`)), []string{"Bundle.entry[1].resource"}},
		"a file of another type":           {packing(`,"a":{"url":"urn:f","contentType":"image/png"}`, file(`,"data":"eA=="`)), []string{"Bundle.entry[1].resource.contentType"}},
		"a file that a document is not of": {packing(`,"a":{"reference":"urn:1"}`, entry("urn:1", `{"resourceType":"DocumentReference","content":[{"attachment":{"url":"urn:g"}}]}`), file(``)), []string{"Bundle.entry[2]"}},
	} {
		_, err := enclosure.Pack(parse(t, c.bundle), 0, base)
		var at []string
		if err != nil {
			for _, issue := range fhir.OutcomeOf(err).Issues {
				at = append(at, issue.Expression)
			}
		}
		if !slices.Equal(at, c.at) {
			t.Errorf("%s: refused at %v, want %v", name, at, c.at)
		}
	}
}

// What many references mean is copied to each only as far as there is room: once the
// length of the Bundle, and 1 MiB more.
func TestOneLongTextIsNotMultiplied(t *testing.T) {
	const long = 64 << 10
	text := strings.Repeat("x", long)
	for name, c := range map[string]struct{ reference, entry string }{
		"a file":        {`{"url":"urn:1"}`, `{"resourceType":"Binary","contentType":"text/plain","data":"` + text + `"}`},
		"an identifier": {`{"reference":"urn:1"}`, `{"resourceType":"Patient","identifier":[{"value":"` + text + `"}]}`},
	} {
		for times, fits := range map[int]bool{1: true, 16: true, 18: false} {
			_, err := enclosure.Pack(parse(t, packing(`,"a":[`+strings.TrimSuffix(strings.Repeat(c.reference+",", times), ",")+`]`, entry("urn:1", c.entry))), 0, base)
			if fits && err != nil || !fits && (err == nil || fhir.OutcomeOf(err).Issues[0].Code != fhir.IssueTooLong) {
				t.Errorf("%s meant %d times: %v", name, times, err)
			}
			bundle := parse(t, packing(`,"a":[`+strings.TrimSuffix(strings.Repeat(c.reference+",", times), ",")+`]`, entry("urn:1", c.entry)))
			if _, err := enclosure.Named(bundle, bundle.Get("entry").First().Get("resource"), base); name == "an identifier" && fits != (err == nil) {
				t.Errorf("%s named %d times: %v", name, times, err)
			}
		}
	}
}

// Each entry leads to the next: that is as many steps, and no deeper than one.
func TestALongChainIsFollowed(t *testing.T) {
	var entries []string
	for i := range 20_000 {
		entries = append(entries, entry(fmt.Sprintf("urn:%d", i), fmt.Sprintf(`{"resourceType":"Organization","partOf":{"reference":"urn:%d"}}`, i+1)))
	}
	if _, err := enclosure.Pack(parse(t, packing(`,"a":{"reference":"urn:0"}`, entries...)), 0, base); err != nil {
		t.Error(err)
	}
	_, err := enclosure.Pack(parse(t, packing(``, entries...)), 0, base)
	if err == nil || len(fhir.OutcomeOf(err).Issues) != 20 {
		t.Errorf("of entries to which nothing leads 20 are told: %v", err)
	}
}

func TestWhereSomethingStoodInTheBundle(t *testing.T) {
	p, err := enclosure.Pack(parse(t, packing(`,"contained":[{"resourceType":"Basic","id":"x"}],"a":[{"reference":"urn:2"},{"reference":"urn:1"}],"b":[{"valueAttachment":{"url":"urn:f"}}]`,
		entry("urn:1", `{"resourceType":"Condition"}`), entry("urn:2", `{"resourceType":"DocumentReference","content":[{},{"attachment":{"url":"urn:g"}}]}`),
		entry("urn:f", `{"resourceType":"Binary","data":"eA=="}`), entry("urn:g", `{"resourceType":"Binary","data":"eA=="}`))), 0, base)
	if err != nil {
		t.Fatal(err)
	}
	for expression, want := range map[string]string{
		"Claim.contained[0].id": "Bundle.entry[0].resource.contained[0].id", "Claim.contained[1].code": "Bundle.entry[2].resource.code", "Claim.contained[2]": "Bundle.entry[1].resource",
		"Claim.contained[3]": "Bundle.entry[0].resource.contained[3]", "Claim.contained": "Bundle.entry[0].resource.contained", "Claim.item[1]": "Bundle.entry[0].resource.item[1]",
		"": "", "Claim": "Bundle.entry[0].resource", "Claims.x": "Claims.x", "Claim.contained[x]": "Bundle.entry[0].resource.contained[x]",
		"Claim.b[0].value": "Bundle.entry[3].resource", "Claim.b[0].value.data": "Bundle.entry[3].resource.data", "Claim.b[0].value.title": "Bundle.entry[0].resource.b[0].value.title",
		"Claim.contained[1].content[1].attachment.contentType": "Bundle.entry[4].resource.contentType", "Claim.contained[1].content[0].attachment": "Bundle.entry[2].resource.content[0].attachment",
	} {
		if got := p.At(expression); got != want {
			t.Errorf("%q is at %q, want %q", expression, got, want)
		}
	}
}
