package conformance_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/profiles"
	"bima/storage"
	"bima/storage/storagetest"
)

// shelf gives a library and the engine it stores its definitions by.
func shelf(t *testing.T) (*conformance.Library, *interaction.Engine) {
	t.Helper()
	store, err := storage.Open(t.Context(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	library := &conformance.Library{}
	e, err := interaction.New(interaction.Config{Store: store, Search: registry, Base: base, CheckOwn: true, Modules: []fhir.Module{library.Module()}})
	if err != nil {
		t.Fatal(err)
	}
	return library, e
}

func install(t *testing.T, l *conformance.Library, s fhir.Server, definitions []profiles.Definition, want int) {
	t.Helper()
	if got, err := l.Install(t.Context(), s, definitions); err != nil || got != want {
		t.Fatalf("stored %d, want %d: %v", got, want, err)
	}
}

func TestInstallStoresWhatIsNotThereAndNothingElse(t *testing.T) {
	library, e := shelf(t)
	all := e.Conformance().Definitions()
	install(t, library, e, all, len(all))
	install(t, library, e, all, 0)
	changed := append([]profiles.Definition{}, all...)
	at := slices.IndexFunc(changed, isOurs)
	changed[at].Body = bytes.Replace(changed[at].Body, []byte(`"active"`), []byte(`"retired"`), 1)
	install(t, library, e, changed, 1)
	ctx := fhir.WithCaller(t.Context(), fhir.Developer())
	r, err := e.Read(ctx, fhir.Key{Type: changed[at].Type, ID: changed[at].ID})
	if err != nil || r.Version != 2 || !bytes.Contains(r.Body, []byte(`"retired"`)) {
		t.Errorf("the changed definition is version %d: %v", r.Version, err)
	}
}

// isOurs tells a definition of ours from one of HL7's.
func isOurs(d profiles.Definition) bool {
	return !bytes.Contains(d.Body, []byte(`"http://hl7.org/fhir/OperationDefinition/`))
}

func TestADefinitionOfHL7MayBeStoredInItsOwnWording(t *testing.T) {
	library, e := shelf(t)
	body := []byte(`{"resourceType":"OperationDefinition","id":"Resource-validate","url":"http://hl7.org/fhir/OperationDefinition/Resource-validate","name":"Validate","status":"active","kind":"operation","code":"validate","system":false,"type":true,"instance":true}`)
	theirs := []profiles.Definition{{Type: "OperationDefinition", ID: "Resource-validate", Body: body}}
	install(t, library, e, theirs, 1)
	ctx := fhir.WithCaller(t.Context(), fhir.Developer())
	k := fhir.Key{Type: "OperationDefinition", ID: "Resource-validate"}
	if _, err := e.Update(ctx, k, interaction.Write{Body: bytes.Replace(body, []byte(`"active"`), []byte(`"draft"`), 1)}); err != nil {
		t.Fatal(err)
	}
	install(t, library, e, theirs, 0)
	if r, err := e.Read(ctx, k); err != nil || !bytes.Contains(r.Body, []byte(`"draft"`)) {
		t.Errorf("it is not kept as it was stored: %v", err)
	}
}

func TestADefinitionThatBoreAnotherIDIsTakenFromThere(t *testing.T) {
	library, e := shelf(t)
	ctx := fhir.WithCaller(t.Context(), fhir.Developer())
	k := fhir.Key{Type: "CodeSystem", ID: "adjudication"}
	ours := []byte(`{"resourceType":"CodeSystem","id":"adjudication","url":"https://bima.example/fhir/CodeSystem/adjudication","status":"active","content":"complete"}`)
	if _, err := e.Update(ctx, k, interaction.Write{Body: ours}); err != nil {
		t.Fatal(err)
	}
	install(t, library, e, nil, 0)
	if _, err := e.Read(ctx, k); !fhir.HasIssue(err, fhir.IssueDeleted) {
		t.Errorf("ours is still there: %v", err)
	}
	theirs := bytes.Replace(ours, []byte("https://bima.example/fhir"), []byte("http://terminology.hl7.org"), 1)
	if _, err := e.Update(ctx, k, interaction.Write{Body: theirs}); err != nil {
		t.Fatalf("HL7's can't take the id: %v", err)
	}
	install(t, library, e, nil, 0)
	if _, err := e.Read(ctx, k); err != nil {
		t.Errorf("HL7's is gone: %v", err)
	}
}

func TestADefinitionIsTheServersAlone(t *testing.T) {
	library, e := shelf(t)
	all := e.Conformance().Definitions()
	install(t, library, e, all, len(all))
	at := slices.IndexFunc(all, isOurs)
	k := fhir.Key{Type: all[at].Type, ID: all[at].ID}
	other := bytes.Replace(all[at].Body, []byte(`"active"`), []byte(`"retired"`), 1)
	for _, caller := range []fhir.Caller{fhir.Developer(), fhir.System()} {
		ctx := fhir.WithCaller(context.Background(), caller)
		if _, err := e.Update(ctx, k, interaction.Write{Body: other}); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("%s overwrites it: %v", caller.Name, err)
		}
		if _, err := e.Delete(ctx, k, ""); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("%s deletes it: %v", caller.Name, err)
		}
		if _, err := e.Update(ctx, k, interaction.Write{Body: all[at].Body}); err != nil {
			t.Errorf("writing it as it is: %v", err)
		}
	}
}
