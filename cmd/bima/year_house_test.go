package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/resources/resourcestest"
)

// A year is a scheme on a chosen clock, and what has become of it.
type year struct {
	t        *testing.T
	house    *house.House
	clock    *resourcestest.Clock
	base     string
	day      string // today
	minutes  int    // of the day that have passed since noon
	people   map[string][]string
	groups   map[string]string   // the Group of each family, by its name
	members  map[string][]string // who is in it, as members of the Group
	names    map[string]string   // "Contract/…" → "policy Mushi 1"
	counts   map[string]int      // how many of a kind a family or person has
	shown    map[string]string   // what stands, by name
	changed  map[string]string   // what stands otherwise than before, by name
	payments map[string][]string // by the id of the notice: family, invoice, amount, day
}

const yearZone = "Africa/Dar_es_Salaam"

// openYear opens a house on a database, with a clock of our own and nobody who
// works behind it.
func openYear(t *testing.T, dsn string) *year {
	t.Helper()
	zone, err := time.LoadLocation(yearZone)
	if err != nil {
		t.Fatal(err)
	}
	y := &year{
		t: t, clock: &resourcestest.Clock{}, day: "2025-06-19", people: map[string][]string{}, groups: map[string]string{}, members: map[string][]string{},
		names: map[string]string{}, counts: map[string]int{}, shown: map[string]string{}, changed: map[string]string{}, payments: map[string][]string{},
	}
	y.set("12:00")
	server := httptest.NewUnstartedServer(nil)
	y.base = "http://" + server.Listener.Addr().String() + "/fhir"
	y.house, err = house.Build(t.Context(), house.Plan{
		Database: dsn, Base: y.base, Zone: zone, Now: y.clock.Now, Log: slog.New(slog.DiscardHandler), Loopback: true, CheckOwn: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = y.house.Handler
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := y.house.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, row := range readCSV(t, "../../testdata/year/people.csv")[1:] {
		y.people[row[1]] = row
	}
	scheme, err := os.ReadFile("../../testdata/year/scheme.json")
	if err != nil {
		t.Fatal(err)
	}
	y.send(http.MethodPost, "", string(scheme))
	return y
}

// set puts the clock to a time of today, in the scheme's zone.
func (y *year) set(clock string) {
	y.t.Helper()
	y.clock.Set(y.t, y.day+"T"+clock+":00+03:00")
}

// work does the work of the days up to one, half an hour after its midnight.
func (y *year) work(day string) {
	y.t.Helper()
	y.day, y.minutes = day, 0
	y.set("00:30")
	if _, err := y.house.Days(context.Background(), y.clock.Now().In(time.FixedZone("", 3*60*60)), nil); err != nil {
		y.t.Fatal(err)
	}
	y.look()
}

// do does what a line of the table says, a minute after the last.
func (y *year) do(_ string, words []string) {
	y.t.Helper()
	y.minutes++
	y.set(fmt.Sprintf("12:%02d", y.minutes))
	verb, ok := verbs[words[0]]
	if !ok {
		y.t.Fatalf("what is %q?", words)
	}
	verb(y, words[1:])
	y.look()
}

// send makes a request, which must succeed, and gives the answer.
func (y *year) send(method, path, body string) fhir.Node {
	y.t.Helper()
	r, err := http.NewRequestWithContext(y.t.Context(), method, y.base+path, strings.NewReader(body))
	if err != nil {
		y.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		y.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		y.t.Fatal(err)
	}
	if response.StatusCode >= 300 {
		y.t.Fatalf("%s: %s %s: %d %s", y.day, method, path, response.StatusCode, bytes.TrimSpace(answer))
	}
	doc, err := fhir.Parse(answer)
	if err != nil {
		y.t.Fatalf("%s %s: %v", method, path, err)
	}
	return doc.Root()
}

// kinds are the resources that the table tells of, in the order they are named.
var kinds = []string{"Contract", "Coverage", "Invoice", "PaymentReconciliation", "ClaimResponse", "Task"}

// look finds what was written since the clock was set last.
func (y *year) look() {
	y.t.Helper()
	since := url.QueryEscape("ge" + y.clock.Now().UTC().Format(time.RFC3339))
	for _, kind := range kinds {
		var list []fhir.Node
		for e := range y.send(http.MethodGet, "/"+kind+"?_count=500&_sort=_lastUpdated&_lastUpdated="+since, "").Get("entry").Each() {
			list = append(list, e.Get("resource"))
		}
		slices.SortStableFunc(list, func(a, b fhir.Node) int {
			return strings.Compare(a.Get("identifier").First().Get("value").Text(), b.Get("identifier").First().Get("value").Text())
		})
		for _, n := range list {
			name := y.name(kind, n)
			if now := y.show(kind, n); now != y.shown[name] {
				y.shown[name], y.changed[name] = now, now
			}
		}
	}
}
