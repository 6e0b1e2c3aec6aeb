package reindex_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/storage"
)

// firstRelease stores resources as the first release did: it noted nothing of
// what it indexed, and indexed neither texts, nor places, nor what references are
// displayed as.
func firstRelease(t *testing.T, dsn string, bodies ...string) {
	t.Helper()
	store, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, ctx: fhir.WithCaller(t.Context(), fhir.Developer()), store: store}
	p.engine, err = interaction.New(interaction.Config{Store: store, Search: registry.WithoutTexts(), Base: base})
	if err != nil {
		t.Fatal(err)
	}
	p.mustPut(bodies...)
	nothing := func(*fhir.Resource) (*fhir.Index, error) { return &fhir.Index{}, nil }
	for _, page := range []fhir.ReindexPage{
		{Type: "Location", Codes: []string{"near"}}, {Type: "Patient", Codes: []string{"eyes", "organization"}}, {Type: "ConceptMap", Codes: []string{"source-uri"}},
	} {
		if _, err := store.Reindex(context.Background(), page, nothing); err != nil {
			t.Fatal(err)
		}
	}
	withoutAbsences := func(r *fhir.Resource) (*fhir.Index, error) {
		index, err := p.engine.Index(r)
		index.Tokens = slices.DeleteFunc(index.Tokens, func(r fhir.TokenRow) bool { return strings.HasSuffix(r.Param, ":missing") })
		return index, err
	}
	if _, err := store.Reindex(context.Background(), fhir.ReindexPage{Type: "Patient", Codes: []string{"gender"}}, withoutAbsences); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseOfTheFirstReleaseIsIndexedByWhatCameLater(t *testing.T) {
	own := &r4.SearchParam{Code: "eyes", Base: "Patient", Kind: "token", URL: base + "/SearchParameter/eyes", Expression: "Patient.extension.where(url = 'urn:eyes').value"}
	onEach(t, func(t *testing.T, dsn string) {
		firstRelease(t, dsn,
			`{"resourceType":"Patient","id":"a","gender":"female","name":[{"family":"Okello"}],"extension":[{"url":"urn:eyes","valueCode":"brown"}],
			  "managingOrganization":{"reference":"Organization/o","display":"Mnazi Mmoja"},
			  "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">malaria</div>"}}`,
			`{"resourceType":"Patient","id":"b","gender":"male"}`,
			`{"resourceType":"Patient","id":"c","birthDate":"1990-01-02"}`,
			`{"resourceType":"Location","id":"dar","position":{"latitude":-6.8,"longitude":39.28}}`,
			`{"resourceType":"Location","id":"dodoma","position":{"latitude":-6.17,"longitude":35.74}}`,
			`{"resourceType":"ConceptMap","id":"m","status":"draft","sourceCanonical":"http://v/a"}`)
		p := begin(t, dsn, own)
		later := []struct{ typ, query, want string }{
			{"Patient", "_text=malaria", "a"},
			{"Patient", "_content=okello", "a"},
			{"Patient", "eyes=brown", "a"},
			{"Patient", "organization:text=mnazi", "a"},
			{"Location", "near=-6.8|39.28|10|km", "dar"},
			{"ConceptMap", "source-uri=http://v/a", "m"},
		}
		for _, x := range later {
			if got, err := p.ids(x.typ, x.query); !fhir.HasIssue(err, fhir.IssueIncomplete) {
				t.Errorf("at first %s?%s finds %q, %v; want that its index is being built", x.typ, x.query, got, err)
			}
		}
		p.finds("gender=female", "a")
		p.finds("gender:missing=true", "c") // slower, as long as the rows that tell it are built

		p.work()
		p.finds("gender:missing=true", "c")
		for _, x := range later {
			if got, err := p.ids(x.typ, x.query); err != nil || got != x.want {
				t.Errorf("then %s?%s finds %q, %v; want %q", x.typ, x.query, got, err, x.want)
			}
		}
		p.finds("_text=fever", "")
		next := begin(t, dsn, own)
		if got := next.told()["status"]; got != "idle" {
			t.Errorf("the next start finds the work %q", got)
		}
	})
}
