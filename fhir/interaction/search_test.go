package interaction_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage"
	"bima/storage/storagetest"
)

// family puts a family of Patients, an Organization and Observations in store.
func family(b *bench) {
	b.update(`{"resourceType":"Organization","id":"o","name":"clinic","partOf":{"reference":"Organization/top"}}`)
	b.update(`{"resourceType":"Organization","id":"top","name":"ministry"}`)
	for _, id := range []string{"a", "b", "c"} {
		b.update(`{"resourceType":"Patient","id":"` + id + `","name":[{"family":"Mushi"}],"managingOrganization":{"reference":"Organization/o"}}`)
		b.update(`{"resourceType":"Observation","id":"` + id + `1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/` + id + `"}}`)
		b.update(`{"resourceType":"Observation","id":"` + id + `2","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/` + id + `"}}`)
	}
}

func TestSearch(t *testing.T) {
	cases := []struct {
		name, typ, query string
		options          interaction.SearchOptions
		want             string // entries as "mode Type/id", or the error
	}{
		{"All of a type", "Patient", "_sort=_id", interaction.SearchOptions{}, "match Patient/a, match Patient/b, match Patient/c"},
		{"What a match refers to", "Patient", "_id=a&_include=Patient:organization", interaction.SearchOptions{}, "match Patient/a, include Organization/o"},
		{"What many refer to, once", "Patient", "_sort=_id&_include=Patient:organization", interaction.SearchOptions{}, "match Patient/a, match Patient/b, match Patient/c, include Organization/o"},
		{"What an included one refers to", "Patient", "_id=a&_include=Patient:organization&_include:iterate=Organization:partof", interaction.SearchOptions{}, "match Patient/a, include Organization/o, include Organization/top"},
		{"What included ones refer to in any way", "Observation", "_id=a1&_include:iterate=*", interaction.SearchOptions{}, "match Observation/a1, include Patient/a, include Organization/o, include Organization/top"},
		{"What refers to included ones in any way", "Organization", "_id=top&_revinclude:iterate=*&_elements=id", interaction.SearchOptions{}, "match Organization/top, include Organization/o, include Patient/a, include Patient/b, include Patient/c, include Observation/a1, include Observation/a2, include Observation/b1, include Observation/b2, include Observation/c1, include Observation/c2"},
		{"Only a target of the type asked for", "Observation", "_id=a1&_include=Observation:subject:Group", interaction.SearchOptions{}, "match Observation/a1"},
		{"All references", "Observation", "_id=a1&_include=*", interaction.SearchOptions{}, "match Observation/a1, include Patient/a"},
		{"What refers to a match", "Patient", "_id=a&_revinclude=Observation:subject", interaction.SearchOptions{}, "match Patient/a, include Observation/a2, include Observation/a1"},
		{"What refers to a match in any way", "Patient", "_id=a&_revinclude=Observation:*", interaction.SearchOptions{}, "match Patient/a, include Observation/a2, include Observation/a1"},
		{"A compartment", "Observation", "_sort=_id", interaction.SearchOptions{Compartment: fhir.Key{Type: "Patient", ID: "b"}}, "match Observation/b1, match Observation/b2"},
		{"An unknown parameter", "Patient", "nonsense=1", interaction.SearchOptions{}, "400"},
		{"An unknown parameter let pass", "Patient", "_id=a&nonsense=1", interaction.SearchOptions{Lenient: true}, "match Patient/a, outcome"},
		{"An unknown type", "Insuree", "", interaction.SearchOptions{}, "404"},
		{"Several types", "", "_type=Organization,Patient&_id=a,o", interaction.SearchOptions{}, "match Patient/a, match Organization/o"},
		{"The number only", "Patient", "_summary=count", interaction.SearchOptions{}, ""},
	}
	onEach(t, func(t *testing.T, b *bench) {
		family(b)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				body, err := b.Search(b.ctx, c.typ, c.query, c.options)
				if err != nil {
					if got := fmt.Sprint(interaction.Status(err)); got != c.want {
						t.Errorf("got %q, want %q (%v)", got, c.want, err)
					}
					return
				}
				if got := entries(t, body); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	})
}

func TestTotalIsToldWhereItCostsNothing(t *testing.T) {
	cases := []struct{ name, query, want string }{
		{"The first page is all there is.", "_include=Patient:organization", "3"},
		{"Nothing is found.", "_id=nobody", "0"},
		{"There are more pages.", "_count=2", ""},
		{"There are more pages, and it is asked for.", "_count=2&_total=accurate", "3"},
	}
	onEach(t, func(t *testing.T, b *bench) {
		family(b)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				body, err := b.Search(b.ctx, "Patient", c.query, interaction.SearchOptions{})
				if err != nil {
					t.Fatal(err)
				}
				doc, err := fhir.Parse(body)
				if err != nil {
					t.Fatal(err)
				}
				if got := doc.Root().Get("total").Text(); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	})
}

func TestIncludesAreLimited(t *testing.T) {
	store, err := storage.Open(t.Context(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := &bench{t, newEngine(t, interaction.Config{Store: store, Limits: interaction.Limits{Includes: 3}}), asDeveloper()}
	family(b)
	body, err := b.Search(b.ctx, "Patient", "_revinclude=Observation:subject&_sort=_id&_count=2", interaction.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := "match Patient/a, match Patient/b, include Observation/b2, include Observation/b1, include Observation/a2, outcome"
	if got := entries(t, body); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPagesEndWithTheirBytes(t *testing.T) {
	store, err := storage.Open(t.Context(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := &bench{t, newEngine(t, interaction.Config{Store: store, Limits: interaction.Limits{PageBytes: 1}}), asDeveloper()}
	family(b)
	body, err := b.Search(b.ctx, "Patient", "_include=Patient:organization&_sort=_id&_count=2&_total=accurate", interaction.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := entries(t, body), "match Patient/a, include Organization/o"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	page := bundleOf(t, body)
	if page.Total == nil || *page.Total != 3 || page.link("next") == "" {
		t.Errorf("of a page that ends early the total is %v, and on to %q", page.Total, page.link("next"))
	}
}

// entries gives "match Patient/a, outcome".
func entries(t *testing.T, body []byte) string {
	t.Helper()
	var all []string
	for _, e := range bundleOf(t, body).Entry {
		all = append(all, strings.TrimSpace(e.Search.Mode+" "+strings.TrimPrefix(e.FullURL, base+"/")))
	}
	return strings.Join(all, ", ")
}

func TestSearchPages(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for i := range 7 {
			b.update(fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","active":true}`, i))
		}
		var seen []string
		query, last := "active=true&_count=3&_sort=_id", bundle{}
		for page := range 4 {
			body, err := b.Search(b.ctx, "Patient", query, interaction.SearchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			last = bundleOf(t, body)
			for _, e := range last.Entry {
				seen = append(seen, e.FullURL[len(base+"/Patient/"):])
			}
			if self := last.link("self"); !strings.HasPrefix(self, base+"/Patient?") || strings.Contains(self, "_cursor") {
				t.Errorf("self is %q", self)
			}
			next := last.link("next")
			if (next == "") != (page == 2) {
				t.Fatalf("page %d has next %q", page, next)
			}
			if next == "" {
				break
			}
			_, query, _ = strings.Cut(next, "?")
		}
		if diff := cmp.Diff([]string{"p0", "p1", "p2", "p3", "p4", "p5", "p6"}, seen); diff != "" {
			t.Error(diff)
		}
		_, query, _ = strings.Cut(last.link("previous"), "?")
		body, err := b.Search(b.ctx, "Patient", query, interaction.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := entries(t, body); got != "match Patient/p3, match Patient/p4, match Patient/p5" {
			t.Errorf("the page before is %q", got)
		}
	})
}

func TestHistory(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		p := b.create(`{"resourceType":"Patient"}`)
		b.update(`{"resourceType":"Patient","id":"` + p.ID + `","active":true}`)
		b.must(b.Delete(b.ctx, p.Key, ""))
		b.update(`{"resourceType":"Organization","id":"o","name":"x"}`)
		cases := []struct {
			name  string
			key   fhir.Key
			query string
			want  string // entries as "METHOD url status", or the error
		}{
			{"Of one", p.Key, "", "DELETE Patient/ID 204 No Content, PUT Patient/ID 200 OK, POST Patient 201 Created"},
			{"Of a type", fhir.Key{Type: "Organization"}, "", "PUT Organization/o 201 Created"},
			{"Of all", fhir.Key{}, "_count=2", "PUT Organization/o 201 Created, DELETE Patient/ID 204 No Content"},
			{"Since the future", fhir.Key{}, "_since=2999-01-01T00:00:00Z", ""},
			{"Of nothing", fhir.Key{Type: "Patient", ID: "none"}, "", "404 not-found"},
			{"The count", p.Key, "_summary=count", ""},
			{"By a summary that is none", p.Key, "_summary=short", "400 invalid http._summary"},
			{"By a parameter that is none", p.Key, "nonsense=1", "400 invalid http.nonsense"},
			{"By a date that is none", p.Key, "_since=yesterday", "400 invalid http._since"},
			{"By a count that is none", p.Key, "_count=-1", "400 invalid http._count"},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				body, err := b.History(b.ctx, c.key, c.query)
				got := said(err)
				if err == nil {
					var all []string
					for _, e := range bundleOf(t, body).Entry {
						all = append(all, e.Request.Method+" "+strings.ReplaceAll(e.Request.URL, p.ID, "ID")+" "+e.Response.Status)
					}
					got = strings.Join(all, ", ")
				}
				if got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
		for query, want := range map[string]string{
			"_summary=true": `"name":"x"`, "_elements=alias": `"o","meta"`, "_elements=Organization.name": `"name":"x"`, "_summary=text": `"SUBSETTED"`,
		} {
			body, err := b.History(b.ctx, fhir.Key{Type: "Organization"}, query)
			if err != nil || !strings.Contains(string(body), want) || !strings.Contains(string(body), "SUBSETTED") ||
				strings.Contains(string(body), `"name"`) != strings.Contains(want, "name") {
				t.Errorf("%s: %s, %v; want %s in it", query, body, err, want)
			}
		}
		if count, err := b.History(b.ctx, p.Key, "_summary=count"); err != nil || *bundleOf(t, count).Total != 3 {
			t.Errorf("the count is %s, %v", count, err)
		}
		first, err := b.History(b.ctx, p.Key, "_count=2")
		if err != nil {
			t.Fatal(err)
		}
		next, err := url.Parse(bundleOf(t, first).link("next"))
		if err != nil || next.RawQuery == "" {
			t.Fatalf("next: %v, %s", err, first)
		}
		second, err := b.History(b.ctx, p.Key, next.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		if got := bundleOf(t, second); len(got.Entry) != 1 || got.Entry[0].Request.Method != "POST" || got.Total == nil || *got.Total != 3 {
			t.Errorf("the second page is %s", second)
		}
	})
}

func TestElements(t *testing.T) {
	const tag = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`
	const whole = `{"resourceType":"Observation","id":"o","meta":{"versionId":"1"},"text":{"status":"generated","div":"<div/>"},` +
		`"status":"final","code":{"text":"c"},"note":[{"text":"n"}],"component":[{"code":{"text":"c"},"interpretation":[{"text":"high"}],"valueInteger":1}]}`
	cases := []struct {
		name, summary string
		elements      []string
		want          string
	}{
		{"Neither", "", nil, whole},
		{"False", "false", nil, whole},
		{"The summary", "true", nil, `{"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[` + tag + `]},"status":"final","code":{"text":"c"},"component":[{"code":{"text":"c"},"valueInteger":1}]}`},
		{"The text", "text", nil, `{"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[` + tag + `]},"text":{"status":"generated","div":"<div/>"},"status":"final","code":{"text":"c"}}`},
		{"The data", "data", nil, `{"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[` + tag + `]},"status":"final","code":{"text":"c"},"note":[{"text":"n"}],"component":[{"code":{"text":"c"},"interpretation":[{"text":"high"}],"valueInteger":1}]}`},
		{"Elements", "", []string{"note"}, `{"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[` + tag + `]},"status":"final","code":{"text":"c"},"note":[{"text":"n"}]}`},
	}
	e := newEngine(t, interaction.Config{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(e.Elements([]byte(whole), c.summary, c.elements))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
