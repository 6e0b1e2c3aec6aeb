// Package connecttest serves a whole house to tests of how other systems are
// spoken with: with the demo scheme, on each database, by the handlers and workers
// that users have.
package connecttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/smart"
	"bima/storage"
	"bima/storage/storagetest"
	"bima/testdata/scheme"
)

// A World is a house that is served.
type World struct {
	URL   string // of the server, without a slash at its end: façades are below it
	Base  string // of [base]: URL + "/fhir"
	House *house.House

	tb      testing.TB
	account Account // the first of the Options; "" of a server that lets in everybody
}

// An Account is a caller by HTTP Basic.
type Account struct {
	Name, Password string
	Roles          []fhir.Role
	Entity         string // "Organization/facility-2", or ""
	Keys           string // its public keys, a JWK Set, or ""
}

// Options say what a World is like. What fails to be told is told again soon. The zero value lets in everybody and holds the
// demo scheme without its claims.
type Options struct {
	Plan     house.Plan // beside database, base and log
	Accounts []Account  // with any, who calls must be one of them; the first must be an administrator
	Claims   bool       // whether the demo's 200 claims are there, too
	Empty    bool       // nothing is loaded
}

// Each runs a test on a World of each database.
func Each(t *testing.T, o Options, test func(t *testing.T, w *World)) {
	t.Helper()
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { test(t, Open(t, dsn(t), o)) })
	}
}

// Open serves a World on a database until the test ends.
func Open(tb testing.TB, dsn string, o Options) *World {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	w := &World{tb: tb, URL: "http://" + server.Listener.Addr().String()}
	w.Base = w.URL + "/fhir"
	if len(o.Accounts) > 0 {
		w.account = o.Accounts[0]
		admit(tb, dsn, o.Accounts)
	}
	p := o.Plan
	p.Database, p.Base, p.Loopback = dsn, w.Base, true
	p.Subscriptions.Private = true
	if p.Subscriptions.Backoff == nil {
		p.Subscriptions.Backoff = func(int) time.Duration { return 50 * time.Millisecond }
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if w.House, err = house.Build(tb.Context(), p); err != nil {
		tb.Fatal(err)
	}
	server.Config.Handler = w.House.Handler
	server.Start()
	work, stop := context.WithCancel(context.Background())
	worked := make(chan error)
	go func() { worked <- w.House.Work(work) }()
	tb.Cleanup(func() {
		server.Close()
		stop()
		if err := errors.Join(<-worked, w.House.Close()); err != nil {
			tb.Error(err)
		}
	})
	w.load(o)
	return w
}

// admit makes accounts before the house is built, which asks for passwords where
// there are any.
func admit(tb testing.TB, dsn string, accounts []Account) {
	tb.Helper()
	store, err := storage.Open(tb.Context(), dsn, storage.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	defer store.Close()
	for _, a := range accounts {
		account := fhir.Account{Name: a.Name, Roles: a.Roles, Keys: a.Keys}
		if typ, id, ok := strings.Cut(a.Entity, "/"); ok {
			account.Entity = fhir.Key{Type: typ, ID: id}
		}
		if account.Secret, err = smart.Hash(a.Password); err == nil {
			err = store.PutAccount(tb.Context(), account)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// load sends the demo scheme as a client does.
func (w *World) load(o Options) {
	w.tb.Helper()
	for _, file := range scheme.Files() {
		if o.Empty || !o.Claims && strings.HasPrefix(file.Name, "60-") || strings.HasPrefix(file.Name, "00-") {
			continue
		}
		if a := w.Do(http.MethodPost, "/fhir", nil, file.Body); a.Status != http.StatusOK {
			w.tb.Fatalf("loading %s: HTTP %d: %.500s", file.Name, a.Status, a.Body)
		}
	}
}

// An Answer is what the server answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Node gives the tree of a body of JSON; the test ends where it is none.
func (w *World) Node(a *Answer) fhir.Node {
	w.tb.Helper()
	doc, err := fhir.Parse(a.Body)
	if err != nil {
		w.tb.Fatalf("HTTP %d: %v in %.500s", a.Status, err, a.Body)
	}
	return doc.Root()
}

// Do sends a request to a path of the server, "/fhir/Claim", as the first account
// unless the header has an Authorization. A body without a Content-Type is FHIR's
// JSON.
func (w *World) Do(method, path string, header http.Header, body []byte) *Answer {
	w.tb.Helper()
	request, err := http.NewRequestWithContext(w.tb.Context(), method, w.URL+path, bytes.NewReader(body))
	if err != nil {
		w.tb.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/fhir+json")
	}
	if w.account.Name != "" {
		request.SetBasicAuth(w.account.Name, w.account.Password)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.tb.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		w.tb.Fatal(err)
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: read}
}

// Until asks again and again until a question is answered with yes, as for what a
// job does; the test ends where it is not within a minute.
func (w *World) Until(what string, yes func() bool) {
	w.tb.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for !yes() {
		select {
		case <-tick.C:
		case <-end:
			w.tb.Fatalf("not within a minute: %s", what)
		}
	}
}
