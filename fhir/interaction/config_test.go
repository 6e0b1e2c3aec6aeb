package interaction_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

// colours is a terminology of one value set and one code system.
type colours struct{}

func (colours) Codes(_ fhir.Reader, valueSet string) ([]fhir.TokenValue, error) {
	if valueSet != "urn:warm" {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "there is no value set %s", valueSet)
	}
	return []fhir.TokenValue{{System: "urn:c", Code: "red"}, {System: "urn:c", Code: "orange"}}, nil
}

func (colours) Subsumed(_ fhir.Reader, system, code string, above bool) ([]fhir.TokenValue, error) {
	if above {
		return []fhir.TokenValue{{System: system, Code: code}}, nil
	}
	return []fhir.TokenValue{{System: system, Code: code}, {System: system, Code: "scarlet"}}, nil
}

func (colours) Contains(fhir.Reader, string, string, string) (bool, error) { return false, nil }

// strict knows one profile, which a resource with an id does not meet.
type strict struct{}

func (strict) Check(n fhir.Node, profile string) ([]fhir.Issue, bool) {
	if profile != "urn:named" {
		return nil, false
	}
	if n.Get("name").Exists() {
		return nil, true
	}
	return fhir.Errorf(fhir.IssueRequired, "Patient.name", "urn:named wants a name").Issues, true
}

func configured(t *testing.T, c interaction.Config) *bench {
	t.Helper()
	store, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	c.Store = store
	return &bench{t, newEngine(t, c), asDeveloper()}
}

func TestSearchesAskTheTerminology(t *testing.T) {
	observation := func(id, code string) string {
		return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"urn:c","code":"` + code + `"}]},"subject":{"reference":"Patient/p"}}`
	}
	b := configured(t, interaction.Config{Terminology: colours{}})
	b.update(`{"resourceType":"Patient","id":"p"}`)
	for _, code := range []string{"red", "orange", "blue", "scarlet"} {
		b.update(observation(code, code))
	}
	b.update(`{"resourceType":"Observation","id":"nobody","status":"final","code":{"text":"none"}}`)
	for query, want := range map[string]string{
		"code:in=urn:warm":              "orange red",
		"code:not-in=urn:warm":          "blue nobody scarlet",
		"code:below=urn:c|red":          "red scarlet",
		"code:above=urn:c|red":          "red",
		"code:in=urn:warm&_id=red,blue": "red",
	} {
		if got := b.ids("Observation", query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	if got := b.ids("Patient", "_has:Observation:subject:code:in=urn:warm"); got != "p" {
		t.Errorf("_has finds %q, want p", got)
	}
	_, err := b.Search(b.ctx, "Observation", "code:in=urn:cold", interaction.SearchOptions{})
	if got := said(err); got != "400 value http.code" {
		t.Errorf("a value set nobody knows: got %q", got)
	}
	none := configured(t, interaction.Config{})
	_, err = none.Search(none.ctx, "Observation", "code:in=urn:warm", interaction.SearchOptions{})
	if got := said(err); got != "400 not-supported" {
		t.Errorf("without a terminology: got %q", got)
	}
	if _, err := b.DeleteConditional(b.ctx, "Observation", "code:in=urn:warm&_id=red"); err != nil {
		t.Error(err)
	}
	if got := b.ids("Observation", ""); got != "blue nobody orange scarlet" {
		t.Errorf("after a conditional delete there are %q", got)
	}
}

// ids gives the ids that a search finds, sorted.
func (b *bench) ids(typ, query string) string {
	b.Helper()
	answer, err := b.Search(b.ctx, typ, query, interaction.SearchOptions{})
	if err != nil {
		b.Fatalf("%s?%s: %v", typ, query, err)
	}
	var ids []string
	doc, err := fhir.Parse(answer)
	if err != nil {
		b.Fatal(err)
	}
	for e := range doc.Root().Get("entry").Each() {
		ids = append(ids, e.At("resource", "id").Text())
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func TestParametersAreSwapped(t *testing.T) {
	b := configured(t, interaction.Config{})
	b.update(`{"resourceType":"Patient","id":"old","maritalStatus":{"coding":[{"code":"M"}]}}`)
	if _, err := b.Search(b.ctx, "Patient", "marital=M", interaction.SearchOptions{}); said(err) != "400 not-supported http.marital" {
		t.Fatalf("before: %v", err)
	}
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	registry, err = registry.With(&r4.SearchParam{Code: "marital", Base: "Patient", Kind: "token", URL: "urn:marital", Expression: "Patient.maritalStatus"})
	if err != nil {
		t.Fatal(err)
	}
	b.SetSearch(registry)
	b.update(`{"resourceType":"Patient","id":"new","maritalStatus":{"coding":[{"code":"M"}]}}`)
	b.update(`{"resourceType":"Patient","id":"other","maritalStatus":{"coding":[{"code":"S"}]}}`)
	if got := b.ids("Patient", "marital=M"); got != "new" {
		t.Errorf("after: %q, want what was written since", got)
	}
}

func TestClaimedProfilesAreMet(t *testing.T) {
	nameless := `{"resourceType":"Patient","meta":{"profile":["urn:unknown","urn:named"]}}`
	for claimed, want := range map[interaction.Claimed]string{
		interaction.ClaimedEnforce: "400 required Patient.name", interaction.ClaimedWarn: "200", interaction.ClaimedIgnore: "200",
	} {
		b := configured(t, interaction.Config{Profiles: strict{}, Claimed: claimed})
		r, err := b.Engine.Create(b.ctx, "Patient", interaction.Write{Body: []byte(nameless)})
		if got := said(err); got != want {
			t.Errorf("%q: got %q, want %q", claimed, got, want)
		}
		if claimed == interaction.ClaimedWarn && (len(r.Issues) != 1 || r.Issues[0].Severity != fhir.SeverityWarning) {
			t.Errorf("got %v, want one warning", r.Issues)
		}
		if claimed == interaction.ClaimedIgnore && len(r.Issues) != 0 {
			t.Errorf("got %v, want no warnings", r.Issues)
		}
		for _, body := range []string{
			`{"resourceType":"Patient","meta":{"profile":["urn:unknown"]}}`,
			`{"resourceType":"Patient","meta":{"profile":["urn:named"]},"name":[{"text":"x"}]}`,
			`{"resourceType":"Patient"}`,
		} {
			b.create(body)
		}
		_, err = b.Bundle(b.ctx, []byte(transaction(`- POST Patient `+nameless)), interaction.BundleOptions{})
		if want := strings.Replace(want, "Patient.name", "Bundle.entry[0].resource.name", 1); said(err) != want {
			t.Errorf("%q in a transaction: got %q, want %q", claimed, said(err), want)
		}
	}
}

func TestValidateHoldsAgainstProfiles(t *testing.T) {
	b := configured(t, interaction.Config{Profiles: strict{}})
	ask := func(query, body string) string {
		t.Helper()
		answer, err := b.Call(b.ctx, "validate", fhir.Key{Type: "Patient"}, query, []byte(body), false)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(answer.Resource.Body)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for i := range doc.Root().Get("issue").Each() {
			found = append(found, i.Get("severity").Text()+" "+i.Get("code").Text())
		}
		return strings.Join(found, ", ")
	}
	parameters := func(more, resource string) string {
		return `{"resourceType":"Parameters","parameter":[` + more + `{"name":"resource","resource":` + resource + `}]}`
	}
	const good, bare = `{"resourceType":"Patient","name":[{"text":"x"}]}`, `{"resourceType":"Patient"}`
	for _, c := range []struct{ name, query, body, want string }{
		{"nothing is asked", "", bare, "information informational"},
		{"a profile of the query", "profile=urn:named", bare, "error required"},
		{"which is met", "profile=urn:named", good, "information informational"},
		{"a profile of Parameters", "", parameters(`{"name":"profile","valueUri":"urn:named"},`, bare), "error required"},
		{"several", "", parameters(`{"name":"profile","valueUri":"urn:other"},{"name":"profile","valueUri":"urn:named"},`, bare), "error required, error not-found"},
		{"one nobody knows", "profile=urn:other", good, "error not-found"},
		{"one nobody knows that the resource claims", "", `{"resourceType":"Patient","meta":{"profile":["urn:other"]}}`, "warning not-supported"},
		{"what the resource claims", "", `{"resourceType":"Patient","meta":{"profile":["urn:named"]}}`, "error required"},
	} {
		if got := ask(c.query, c.body); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// slow is a store whose searches never end by themselves.
type slow struct{ fhir.Store }

func (s slow) View(ctx context.Context, read func(fhir.Reader) error) error {
	return s.Store.View(ctx, func(r fhir.Reader) error { return read(slowReader{r, ctx}) })
}

type slowReader struct {
	fhir.Reader
	ctx context.Context
}

func (s slowReader) Search(*fhir.Query) (*fhir.Page, error) {
	<-s.ctx.Done()
	return nil, fmt.Errorf("canceling statement due to user request")
}

func TestASearchOverItsTimeIsToldHowToBeShorter(t *testing.T) {
	store, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	e := newEngine(t, interaction.Config{Store: slow{store}, Limits: interaction.Limits{SearchTime: time.Millisecond}})
	_, err = e.Search(asDeveloper(), "Patient", "", interaction.SearchOptions{})
	if got := said(err); got != "503 timeout" || !strings.Contains(err.Error(), "_count") {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestOnlyAnAdministratorIsToldHowASearchRuns(t *testing.T) {
	b := configured(t, interaction.Config{})
	clerk := fhir.WithCaller(context.Background(), fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleReviewer}})
	if _, err := b.Search(clerk, "Patient", "_explain=true", interaction.SearchOptions{}); said(err) != "403 forbidden" {
		t.Errorf("a clerk: %v", err)
	}
	if _, err := b.Search(b.ctx, "Patient", "_explain=true", interaction.SearchOptions{}); err != nil {
		t.Errorf("an administrator: %v", err)
	}
}
