package model_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bima/adjudication/learned"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/model"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const weights = `{"format":1,"intercept":-1,"features":[{"name":"log-total","mean":8,"scale":1,"weight":0.5}]}`

func library(id, status, weights string) string {
	return fmt.Sprintf(`{"resourceType":"Library","id":%q,"status":%q,"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/library-type","code":"model-definition"}]},"content":[{"contentType":"text/markdown","data":"eA=="},{"contentType":%q,"data":%q}]}`,
		id, status, learned.ContentType, base64.StdEncoding.EncodeToString([]byte(weights)))
}

func on(t *testing.T, w *resourcestest.World) (name string) {
	t.Helper()
	err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
		k, version, err := learned.On(r)
		if !k.IsZero() {
			name = fmt.Sprintf("%s/%d", k, version)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOneModelIsOnAtMost(t *testing.T) {
	test := func(t *testing.T, dsn string) {
		w := resourcestest.On(t, dsn, model.Module())
		steps := []struct {
			name    string
			put     []string
			refused string
			on      string
		}{
			{name: "A draft is off.", put: []string{library("a", "draft", weights), library("b", "draft", weights)}},
			{name: "An active one is on.", put: []string{library("a", "active", weights)}, on: "Library/a/2"},
			{name: "A second one is refused.", put: []string{library("b", "active", weights)}, refused: "Library.status", on: "Library/a/2"},
			{name: "A new version of the same is on.", put: []string{library("a", "active", strings.Replace(weights, "-1", "-2", 1))}, on: "Library/a/3"},
			{name: "Two change places in one transaction.", put: []string{library("b", "active", weights), library("a", "retired", weights)}, on: "Library/b/2"},
			{name: "A broken one is refused.", put: []string{library("b", "active", `{"format":1}`)}, refused: "Library.content[1].data", on: "Library/b/2"},
			{name: "A broken draft too.", put: []string{library("c", "draft", `{}`)}, refused: "Library.content[1].data", on: "Library/b/2"},
			{name: "A Library of another kind is none of ours.", put: []string{strings.Replace(library("d", "active", "{}"), learned.ContentType, "application/json", 1)}, on: "Library/b/2"},
			{name: "A retired one is off.", put: []string{library("b", "retired", weights)}},
		}
		for _, s := range steps {
			t.Run(s.name, func(t *testing.T) {
				if s.refused != "" {
					if at := w.Refused(s.put...); at != s.refused {
						t.Errorf("refused at %q, want %q", at, s.refused)
					}
				} else {
					w.Put(s.put...)
				}
				if got := on(t, w); got != s.on {
					t.Errorf("on is %q, want %q", got, s.on)
				}
			})
		}
		w.Put(library("b", "active", weights))
		if err := w.Engine.Commit(w.Context(), func(tx fhir.Tx) error { return tx.Delete(fhir.Key{Type: "Library", ID: "b"}, 0) }); err != nil {
			t.Fatal(err)
		}
		if got := on(t, w); got != "" {
			t.Errorf("after its deletion %q is on", got)
		}
	}
	t.Run("sqlite", func(t *testing.T) { test(t, storagetest.SQLite(t)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, storagetest.Postgres(t)) })
	}
}

func TestOnlyAdministratorsSwitchModels(t *testing.T) {
	w := resourcestest.New(t, model.Module())
	w.Put(library("a", "draft", weights))
	ctx := fhir.WithCaller(context.Background(), fhir.Caller{Name: "reviewer", Roles: []fhir.Role{fhir.RoleReviewer}})
	for name, write := range map[string]func(fhir.Tx) error{
		"store": func(tx fhir.Tx) error {
			_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Library"}, Body: []byte(library("x", "draft", weights))})
			return err
		},
		"switch on": func(tx fhir.Tx) error {
			_, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Library", ID: "a"}, Body: []byte(library("a", "active", weights))}, 0)
			return err
		},
		"delete": func(tx fhir.Tx) error { return tx.Delete(fhir.Key{Type: "Library", ID: "a"}, 0) },
	} {
		if err := w.Engine.Commit(ctx, write); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// While one stores a model the others wait; who stores another kind of Library does not.
func TestOtherLibrariesWaitForNobody(t *testing.T) {
	w := resourcestest.On(t, storagetest.Postgres(t), model.Module())
	other := strings.Replace(library("d", "active", "{}"), learned.ContentType, "application/json", 1)
	err := w.Engine.Commit(w.Context(), func(tx fhir.Tx) error {
		if err := tx.Lock(learned.Account); err != nil {
			return err
		}
		ctx, stop := context.WithTimeout(w.Context(), time.Minute)
		defer stop()
		_, err := w.Engine.Update(ctx, fhir.Key{Type: "Library", ID: "d"}, interaction.Write{Body: []byte(other)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
