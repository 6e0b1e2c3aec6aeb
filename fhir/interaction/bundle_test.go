package interaction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage"
	"bima/storage/storagetest"
)

// transaction writes a Bundle of entries, each written as
// `fullUrl METHOD url {resource}`, with - for no fullUrl and no resource.
func transaction(entries ...string) string { return bundleText("transaction", entries) }

func batch(entries ...string) string { return bundleText("batch", entries) }

func bundleText(kind string, entries []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"resourceType":"Bundle","type":%q,"entry":[`, kind)
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		f := strings.SplitN(e, " ", 4)
		method, conditions := f[1], ""
		if m, c, ok := strings.Cut(method, ";"); ok {
			name, value, _ := strings.Cut(c, "=")
			method, conditions = m, fmt.Sprintf(`,%q:%q`, name, value)
		}
		fmt.Fprintf(&b, `{"request":{"method":%q,"url":%q%s}`, method, f[2], conditions)
		if f[0] != "-" {
			fmt.Fprintf(&b, `,"fullUrl":%q`, f[0])
		}
		if f[3] != "-" {
			fmt.Fprintf(&b, `,"resource":%s`, f[3])
		}
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return b.String()
}

func TestTransactionLinksItsEntries(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		answer := b.bundle(transaction(
			`urn:uuid:00000000-0000-4000-8000-000000000001 POST Observation {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"},`+
				`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"urn:uuid:00000000-0000-4000-8000-000000000002\">she</a></div>"},`+
				`"extension":[{"url":"http://example.org/u","valueUri":"urn:uuid:00000000-0000-4000-8000-000000000002"},{"url":"http://example.org/s","valueString":"urn:uuid:00000000-0000-4000-8000-000000000002"}],`+
				`"contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"}}],"specimen":{"reference":"#s"},`+
				`"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:00000000-0000-4000-8000-000000000002"}]}`,
			`urn:uuid:00000000-0000-4000-8000-000000000002 POST Patient {"resourceType":"Patient","link":[{"type":"seealso","other":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000003"}}]}`,
			`urn:uuid:00000000-0000-4000-8000-000000000003 POST Patient {"resourceType":"Patient","link":[{"type":"seealso","other":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"}}]}`,
			`http://other.example/fhir/Encounter/e PUT Encounter/e {"resourceType":"Encounter","id":"e","status":"planned","class":{"code":"AMB"},"partOf":{"reference":"Encounter/f"}}`,
			`http://other.example/fhir/Encounter/f POST Encounter {"resourceType":"Encounter","status":"planned","class":{"code":"AMB"},"partOf":{"reference":"http://other.example/fhir/Encounter/e"}}`,
		), interaction.BundleOptions{Return: "representation"})
		if diff := cmp.Diff([]string{"201 Created", "201 Created", "201 Created", "201 Created", "201 Created"}, answer.statuses()); diff != "" {
			t.Fatal(diff)
		}
		observation, she := answer.Entry[0].Resource, answer.key(1).String()
		want := map[string]string{
			"subject.reference":             she,
			"extension.0.valueUri":          she,
			"extension.1.valueString":       "urn:uuid:00000000-0000-4000-8000-000000000002",
			"contained.0.subject.reference": she,
			"specimen.reference":            "#s",
			"identifier.0.value":            "urn:uuid:00000000-0000-4000-8000-000000000002",
			"text.div":                      `<div xmlns="http://www.w3.org/1999/xhtml"><a href="` + she + `">she</a></div>`,
		}
		for path, value := range want {
			if got := text(t, observation, strings.Split(path, ".")...); got != value {
				t.Errorf("%s is %q, want %q", path, got, value)
			}
		}
		if got, want := text(t, answer.Entry[1].Resource, "link", "0", "other", "reference"), answer.key(2).String(); got != want {
			t.Errorf("the circle leads to %q, want %q", got, want)
		}
		if got, want := text(t, answer.Entry[3].Resource, "partOf", "reference"), answer.key(4).String(); got != want {
			t.Errorf("a relative link leads to %q, want %q", got, want)
		}
		if got := text(t, answer.Entry[4].Resource, "partOf", "reference"); got != "Encounter/e" {
			t.Errorf("an absolute link leads to %q", got)
		}
		if b.total("Observation", "subject="+she) != 1 {
			t.Error("the rewritten link is not found by search")
		}
	})
}

func TestTransactionOrder(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.update(`{"resourceType":"Patient","id":"old","identifier":[{"system":"urn:x","value":"1"}]}`)
		b.update(`{"resourceType":"Patient","id":"kept"}`)
		answer := b.bundle(transaction(
			`- GET Patient?identifier=urn:x|1 -`,
			`- PUT Patient/kept {"resourceType":"Patient","id":"kept","active":true}`,
			`urn:uuid:00000000-0000-4000-8000-000000000001 POST;ifNoneExist=identifier=urn:x|1 Patient {"resourceType":"Patient","identifier":[{"system":"urn:x","value":"1"}]}`,
			`- DELETE Patient/old -`,
			`- GET Patient/kept -`,
			`- GET Patient/kept/_history -`,
			`- GET Patient/kept/_history/1 -`,
			`- GET;ifNoneMatch=W/"2" Patient/kept -`,
			`- HEAD Patient/kept -`,
			`- GET metadata -`,
		), interaction.BundleOptions{})
		want := []string{"200 OK", "200 OK", "201 Created", "204 No Content", "200 OK", "200 OK", "200 OK", "304 Not Modified", "200 OK", "200 OK"}
		if diff := cmp.Diff(want, answer.statuses()); diff != "" {
			t.Fatal(diff)
		}
		if answer.Entry[8].Resource != nil {
			t.Errorf("HEAD answered %s", answer.Entry[8].Resource)
		}
		if found := bundleOf(t, answer.Entry[0].Resource); len(found.Entry) != 1 || found.Entry[0].FullURL != base+"/"+answer.key(2).String() {
			t.Errorf("the search did not see the final state: %s", answer.Entry[0].Resource)
		}
		if got := text(t, answer.Entry[4].Resource, "active"); got != "true" {
			t.Errorf("the read did not see the final state: %s", answer.Entry[4].Resource)
		}
		if e := answer.Entry[1]; e.Resource != nil || e.Response.ETag != `W/"2"` || e.Response.Location != "Patient/kept/_history/2" || e.Response.LastModified == "" {
			t.Errorf("update answered %+v", e)
		}
	})
}

func TestTransactionConditions(t *testing.T) {
	const rice = `{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"a-1"}]}`
	observe := func(reference string) string {
		return `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"` + reference + `"}}`
	}
	cases := []struct {
		name    string
		entries []string
		want    string // statuses, or the error
		refers  string // "0 1": the subject of entry 0 is entry 1
	}{
		{
			"A conditional create that finds its resource still lends its fullUrl.",
			[]string{
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000001"),
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST;ifNoneExist=identifier=urn:x|a-1 Patient ` + rice,
			},
			"201 Created,200 OK", "0 1",
		},
		{
			"A conditional create that finds nothing creates.",
			[]string{
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000001"),
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST;ifNoneExist=identifier=urn:x|new Patient ` + rice,
			},
			"201 Created,201 Created", "0 1",
		},
		{
			"Two creates on one condition are one.",
			[]string{
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST;ifNoneExist=identifier=urn:x|new Patient ` + rice,
				`urn:uuid:00000000-0000-4000-8000-000000000002 POST;ifNoneExist=identifier=urn:x|new Patient ` + rice,
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000002"),
			},
			"201 Created,200 OK,201 Created", "2 0",
		},
		{
			"A conditional update that finds its resource updates it.",
			[]string{
				`urn:uuid:00000000-0000-4000-8000-000000000001 PUT Patient?identifier=urn:x|a-1 {"resourceType":"Patient","active":true,"identifier":[{"system":"urn:x","value":"a-1"}]}`,
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000001"),
			},
			"200 OK,201 Created", "1 0",
		},
		{
			"A conditional update that finds nothing creates.",
			[]string{
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000001"),
				`urn:uuid:00000000-0000-4000-8000-000000000001 PUT Patient?identifier=urn:x|new ` + rice,
			},
			"201 Created,201 Created", "0 1",
		},
		{
			"A conditional reference finds what is stored.",
			[]string{`- POST Observation ` + observe("Patient?identifier=urn:x|a-1")},
			"201 Created", "",
		},
		{
			"A conditional reference finds what the transaction creates.",
			[]string{
				`- POST Observation ` + observe("Patient?identifier=urn:x|b-2"),
				`- POST Patient {"resourceType":"Patient","identifier":[{"system":"urn:x","value":"b-2"}]}`,
			},
			"201 Created,201 Created", "0 1",
		},
		{
			"A conditional reference that finds nothing fails.",
			[]string{`- POST Observation ` + observe("Patient?identifier=urn:x|none")},
			"412 not-found precondition-failed Bundle.entry[0].resource.subject", "",
		},
		{
			"A conditional reference that finds several fails.",
			[]string{
				`- POST Patient ` + rice,
				`- POST Observation ` + observe("Patient?identifier=urn:x|a-1"),
			},
			"412 multiple-matches precondition-failed Bundle.entry[1].resource.subject", "",
		},
		{
			"A link to an entry of the wrong type is refused.",
			[]string{
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST Organization {"resourceType":"Organization","name":"x"}`,
				`- POST Observation ` + observe("urn:uuid:00000000-0000-4000-8000-000000000001"),
			},
			"400 structure Bundle.entry[1].resource.subject.reference", "",
		},
		{
			"All findings of all entries are told.",
			[]string{
				`- POST Patient {"resourceType":"Patient","gendre":"male"}`,
				`- POST Patient {"resourceType":"Patient","name":[{"famly":"x"}]}`,
			},
			"400 structure Bundle.entry[0].resource.gendre, structure Bundle.entry[1].resource.name[0].famly", "",
		},
		{
			"Two entries that write one resource are refused.",
			[]string{
				`- PUT Patient/p {"resourceType":"Patient","id":"p"}`,
				`- DELETE Patient/p -`,
			},
			"400 invalid Bundle.entry[1]", "",
		},
		{
			"Two entries that find one resource are refused.",
			[]string{
				`- PUT Patient?identifier=urn:x|a-1 {"resourceType":"Patient"}`,
				`- PUT Patient?identifier=a-1 {"resourceType":"Patient"}`,
			},
			"400 invalid Bundle.entry[1]", "",
		},
		{
			"Two updates that would create on one condition are refused.",
			[]string{
				`- PUT Patient?identifier=urn:x|new ` + rice,
				`- PUT Patient?identifier=urn:x|new ` + rice,
			},
			"400 invalid Bundle.entry[1]", "",
		},
		{
			"A create and an update that would create on one condition are refused.",
			[]string{
				`- PUT Patient?identifier=urn:x|new ` + rice,
				`- POST;ifNoneExist=identifier=urn:x|new Patient ` + rice,
			},
			"400 invalid Bundle.entry[1]", "",
		},
		{
			"Two entries with one fullUrl are refused.",
			[]string{
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST Patient ` + rice,
				`urn:uuid:00000000-0000-4000-8000-000000000001 POST Patient ` + rice,
			},
			"400 invalid Bundle.entry[1].fullUrl", "",
		},
		{
			"A version that is not the current one fails all.",
			[]string{
				`- POST Patient ` + rice,
				`- PUT;ifMatch=W/"9" Patient/a {"resourceType":"Patient","id":"a"}`,
			},
			"412 conflict version-conflict Bundle.entry[1]", "",
		},
		{
			"A patch is a Binary of a JSON Patch.", // [{"op":"add","path":"/active","value":true}]
			[]string{`- PATCH Patient/a {"resourceType":"Binary","contentType":"application/json-patch+json","data":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2FjdGl2ZSIsInZhbHVlIjp0cnVlfV0="}`},
			"200 OK", "",
		},
		{
			"A method that is none, and a URL that is none.",
			[]string{`- FETCH Patient/a -`, `- GET Patiens -`, `- POST Patient/1/2/3 {"resourceType":"Patient"}`},
			"400 value Bundle.entry[0].request.method, not-supported Bundle.entry[1].request.url, invalid Bundle.entry[2].request.url", "",
		},
		{
			"A read of nothing fails all.",
			[]string{`- POST Patient ` + rice, `- GET Patient/none -`},
			"404 not-found Bundle.entry[1]", "",
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b := b.in(t)
				own := strings.NewReplacer("a-1", fmt.Sprint("a-1-", i), "b-2", fmt.Sprint("b-2-", i), "urn:x|new", fmt.Sprint("urn:x|new-", i),
					`Patient/a"`, fmt.Sprintf(`Patient/a%d"`, i), `"id":"a"`, fmt.Sprintf(`"id":"a%d"`, i))
				b.update(own.Replace(`{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:x","value":"a-1"}]}`))
				before := b.total("", "_type=Patient,Observation,Organization")
				answer, err := b.Bundle(b.ctx, []byte(own.Replace(transaction(c.entries...))), interaction.BundleOptions{Return: "representation"})
				if err != nil {
					if got := saidAll(err); got != c.want {
						t.Errorf("got %q, want %q (%v)", got, c.want, err)
					}
					if after := b.total("", "_type=Patient,Observation,Organization"); after != before {
						t.Errorf("%d resources were left behind", after-before)
					}
					return
				}
				parts := bundleOf(t, answer)
				if got := strings.Join(parts.statuses(), ","); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if c.refers != "" {
					var from, to int
					fmt.Sscan(c.refers, &from, &to)
					if got := text(t, parts.Entry[from].Resource, "subject", "reference"); got != parts.key(to).String() {
						t.Errorf("the subject is %q, want %q", got, parts.key(to))
					}
				}
			})
		}
	})
}

func TestOperationsInATransaction(t *testing.T) {
	var heard []string
	onEach(t, func(t *testing.T, b *bench) {
		answer := b.bundle(transaction(
			`- POST Patient/$enrol {"resourceType":"Patient","link":[{"type":"seealso","other":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"}}]}`,
			`urn:uuid:00000000-0000-4000-8000-000000000001 POST Patient {"resourceType":"Patient","gender":"male"}`,
			`- POST Patient/$validate {"resourceType":"Patient","gendre":"x"}`,
			`- GET Patient/$greet -`,
			`- POST Patient/_search?gender=male -`,
		), interaction.BundleOptions{})
		want := []string{"200 OK", "201 Created", "200 OK", "200 OK", "200 OK"}
		if diff := cmp.Diff(want, answer.statuses()); diff != "" {
			t.Fatal(diff)
		}
		if n := len(bundleOf(t, answer.Entry[4].Resource).Entry); n != 1 || b.total("Patient", "link="+answer.key(1).String()) != 1 {
			t.Errorf("%d were found", n)
		}
		_, err := b.Bundle(b.ctx, []byte(transaction(
			`- POST Patient {"resourceType":"Patient","gender":"female"}`,
			`- POST Patient/$enrol {"resourceType":"Patient","name":[{"family":"Nobody"}]}`,
		)), interaction.BundleOptions{})
		if said(err) != "422 business-rule Bundle.entry[1].resource.name[0].family" || b.total("Patient", "gender=female") != 0 {
			t.Errorf("an operation that fails must fail all: %v", err)
		}
	}, module(&heard))
}

// saidAll gives the status and all issues of an error.
func saidAll(err error) string {
	var parts []string
	for _, i := range fhir.OutcomeOf(err).Issues {
		parts = append(parts, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", i.Code, i.Detail, i.Expression)), " "))
	}
	return fmt.Sprintf("%d %s", interaction.Status(err), strings.Join(strings.Split(strings.Join(parts, ", "), "unknown-resource-type "), ""))
}

func TestBatchEntriesStandAlone(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.update(`{"resourceType":"Patient","id":"a"}`)
		answer := b.bundle(batch(
			`- GET Patient/a -`,
			`- POST Patient {"resourceType":"Patient","gendre":"x"}`,
			`- POST Patient {"resourceType":"Patient"}`,
			`- PUT;ifMatch=W/"7" Patient/a {"resourceType":"Patient","id":"a"}`,
			`- DELETE Patient/none -`,
			`- GET Patient/none -`,
			`- GET Patient?_count=1 -`,
			`- FLY Patient -`,
			`- POST Patient/$validate {"resourceType":"Patient"}`,
			`- GET Patient/$fly -`,
			`- PATCH Patient/a {"resourceType":"Binary","contentType":"application/json-patch+json","data":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2FjdGl2ZSIsInZhbHVlIjp0cnVlfV0="}`,
			`- GET Patient?nonsense=1 -`,
		), interaction.BundleOptions{})
		want := []string{
			"200 OK", "400 Bad Request", "201 Created", "412 Precondition Failed", "204 No Content", "404 Not Found",
			"200 OK", "400 Bad Request", "200 OK", "404 Not Found", "200 OK", "400 Bad Request",
		}
		if diff := cmp.Diff(want, answer.statuses()); diff != "" {
			t.Error(diff)
		}
		if answer.Type != "batch-response" {
			t.Errorf("the answer is a %s", answer.Type)
		}
		if got := text(t, answer.Entry[1].Response.Outcome, "issue", "0", "expression", "0"); got != "Bundle.entry[1].resource.gendre" {
			t.Errorf("the finding is about %q", got)
		}
	})
}

func TestBundleRefusals(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"No JSON", `{"resourceType":`, "400 structure"},
		{"No Bundle", `{"resourceType":"Patient"}`, "400 invalid"},
		{"Another type of Bundle", `{"resourceType":"Bundle","type":"collection"}`, "400 not-supported Bundle.type"},
		{"An unknown element", `{"resourceType":"Bundle","type":"batch","entries":[]}`, "400 structure Bundle.entries"},
		{"Too many entries", `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Repeat(`{},`, 5000) + `{}]}`, "413 too-costly Bundle.entry"},
		{"A second resource in an entry", `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`, "400 structure Bundle.entry[0].resource"},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := b.Bundle(b.ctx, []byte(c.body), interaction.BundleOptions{})
				if got := said(err); got != c.want {
					t.Errorf("got %q, want %q (%v)", got, c.want, err)
				}
			})
		}
	})
}

func TestOneBundleIsNotAnsweredWithoutLimit(t *testing.T) {
	store, err := storage.Open(t.Context(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := &bench{t, newEngine(t, interaction.Config{Store: store, Limits: interaction.Limits{BundleBytes: 2000}}), asDeveloper()}
	b.update(`{"resourceType":"Patient","id":"p","name":[{"text":"` + strings.Repeat("a long name ", 20) + `"}]}`)
	asking := func(what string, times int) []string {
		entries := []string{`- PUT Patient/q {"resourceType":"Patient","id":"q"}`}
		for range times {
			entries = append(entries, what)
		}
		return entries
	}
	count := map[string]int{}
	for _, status := range b.bundle(batch(asking(`- GET Patient?_id=p -`, 15)...), interaction.BundleOptions{}).statuses() {
		count[status]++
	}
	if count["201 Created"] != 1 || count["200 OK"] == 0 || count["413 Request Entity Too Large"] == 0 {
		t.Errorf("a batch that asks for too much: %v", count)
	}
	if _, err := b.Bundle(b.ctx, []byte(transaction(asking(`- GET Patient/p -`, 15)...)), interaction.BundleOptions{}); !fhir.HasIssue(err, fhir.IssueTooCostly) {
		t.Errorf("a transaction that asks for too much: %s", said(err))
	}
	if got := b.bundle(transaction(asking(`- GET Patient/p -`, 3)...), interaction.BundleOptions{}).statuses(); got[3] != "200 OK" {
		t.Errorf("a transaction that asks for little: %v", got)
	}
}
