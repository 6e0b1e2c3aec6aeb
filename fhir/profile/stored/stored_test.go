package stored_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/profile"
	"bima/fhir/profile/stored"
	"bima/fhir/search"
	"bima/profiles"
	"bima/storage"
	"bima/storage/storagetest"
)

const base = "https://example.org/fhir"

func onEach(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { test(t, dsn(t)) })
	}
}

// A process is one server process on a database.
type process struct {
	t        *testing.T
	ctx      context.Context
	store    *storage.Store
	engine   *interaction.Engine
	profiles *stored.Profiles
	end      func()
}

func open(t *testing.T, dsn string) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// begin starts a process that follows the others on its database.
func begin(t *testing.T, store *storage.Store) *process {
	t.Helper()
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	known, issues := profile.New(profile.Options{}, profiles.Definitions()...)
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	p := &process{t: t, ctx: fhir.WithCaller(t.Context(), fhir.Developer()), store: store, profiles: stored.New(stored.Options{Store: store, Known: known})}
	p.engine, err = interaction.New(interaction.Config{Store: store, Search: registry, Base: base, Modules: []fhir.Module{p.profiles.Module()}, Profiles: p.profiles, CheckOwn: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.profiles.Start(p.ctx); err != nil {
		t.Fatal(err)
	}
	watching, stop := context.WithCancel(p.ctx)
	var group sync.WaitGroup
	group.Go(func() { _ = p.profiles.Watch(watching) })
	p.end = sync.OnceFunc(func() { stop(); group.Wait() })
	t.Cleanup(p.end)
	return p
}

func (p *process) put(body string) error {
	p.t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		p.t.Fatal(err)
	}
	k := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
	_, err = p.engine.Update(p.ctx, k, interaction.Write{Body: []byte(body)})
	return err
}

func (p *process) mustPut(body string) {
	p.t.Helper()
	if err := p.put(body); err != nil {
		p.t.Fatalf("%.300s: %.600v (%v)", body, err, errors.Unwrap(err))
	}
}

// A profile refuses resources of others, so not everybody writes one.
func TestWhoMayWriteProfiles(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, open(t, dsn))
		for role, may := range map[fhir.Role]bool{fhir.RoleIntegration: true, fhir.RoleAdministrator: true, fhir.RoleFacility: false, fhir.RoleReviewer: false} {
			p.ctx = fhir.WithCaller(t.Context(), fhir.Caller{Name: "x", Identity: "x", Roles: []fhir.Role{role}})
			if err := p.put(asking("by-"+string(role), "gender")); fhir.HasIssue(err, fhir.IssueForbidden) == may {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}

// asking is a profile on Patient that wants an element.
func asking(id, element string) string { return rule(id, element, `"min":1`) }

func rule(id, element, rule string) string {
	return fmt.Sprintf(`{"resourceType":"StructureDefinition","id":"%s","url":"urn:%[1]s","name":"P","status":"active","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.%s","path":"Patient.%[2]s",%s}]}}`, id, element, rule)
}

// takes tells which of some Patients a process stores that claim a profile.
func (p *process) takes(id string) string {
	p.t.Helper()
	var taken []string
	for member, value := range map[string]string{"gender": `"male"`, "birthDate": `"1990"`} {
		_, err := p.engine.Create(p.ctx, "Patient", interaction.Write{Body: fmt.Appendf(nil, `{"resourceType":"Patient","meta":{"profile":["urn:%s"]},"%s":%s}`, id, member, value)})
		switch {
		case err == nil:
			taken = append(taken, member)
		case !fhir.HasIssue(err, fhir.IssueRequired):
			p.t.Fatal(err)
		}
	}
	switch len(taken) {
	case 2:
		return "all"
	case 0:
		return "none"
	}
	return taken[0]
}

// within waits until a process takes what is wanted, as another has stored it.
func (p *process) within(id, want string) {
	p.t.Helper()
	const most = 10 * time.Second
	got := ""
	for end := time.Now().Add(most); time.Now().Before(end); <-time.After(50 * time.Millisecond) {
		if got = p.takes(id); got == want {
			return
		}
	}
	p.t.Errorf("after %s it takes %s, want %s", most, got, want)
}

func TestEveryProcessFollowsWhatIsStored(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		store := open(t, dsn)
		other := store
		if !strings.HasPrefix(dsn, "sqlite:") {
			other = open(t, dsn)
		}
		here, there := begin(t, store), begin(t, other)
		at := func(what, want string) {
			t.Helper()
			if got := here.takes("p"); got != want {
				t.Errorf("%s: who stored it takes %s, want %s", what, got, want)
			}
			there.within("p", want)
		}
		at("nothing is stored", "all")
		here.mustPut(asking("p", "gender"))
		at("it is stored", "gender")
		here.mustPut(asking("p", "birthDate"))
		at("it is changed", "birthDate")
		there.mustPut(asking("p", "gender"))
		here.within("p", "gender")
		here.mustPut(strings.Replace(asking("p", "birthDate"), `"active"`, `"retired"`, 1))
		at("it is retired", "all")
		here.mustPut(asking("p", "birthDate"))
		here.end()
		there.end()
		if got := begin(t, store).takes("p"); got != "birthDate" {
			t.Errorf("a process that begins takes %s", got)
		}
		last := begin(t, other)
		if _, err := last.engine.Delete(last.ctx, fhir.Key{Type: "StructureDefinition", ID: "p"}, ""); err != nil {
			t.Fatal(err)
		}
		if got := last.takes("p"); got != "all" {
			t.Errorf("after it is deleted it takes %s", got)
		}
	})
}

// Many store at once: what is in force in the end is what is stored.
func TestManyStoreAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, open(t, dsn))
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				id := fmt.Sprintf("p%d", i)
				for _, element := range []string{"gender", "birthDate", "gender"} {
					p.mustPut(asking(id, element))
				}
			})
		}
		group.Wait()
		for i := range 8 {
			if got := p.takes(fmt.Sprintf("p%d", i)); got != "gender" {
				t.Errorf("p%d takes %s", i, got)
			}
		}
	})
}

// What is claimed is held against what is in memory: a resource goes to the
// database as often as one that claims nothing.
func TestClaimsAskTheDatabaseNothing(t *testing.T) {
	p := begin(t, open(t, storagetest.Postgres(t)))
	p.mustPut(asking("p", "gender"))
	p.end() // who watches asks, too
	trips := func() int { return int(p.store.Stats(p.ctx)["bima_database_round_trips_total"]) }
	least := func(meta string) int {
		fewest := math.MaxInt
		for range 10 {
			before := trips()
			if _, err := p.engine.Create(p.ctx, "Patient", interaction.Write{Body: []byte(`{"resourceType":"Patient",` + meta + `"gender":"male"}`)}); err != nil {
				t.Fatal(err)
			}
			fewest = min(fewest, trips()-before)
		}
		return fewest
	}
	plain := least("")
	for _, claim := range []string{"urn:p", "urn:nobody-knows", "http://hl7.org/fhir/StructureDefinition/Patient"} {
		if got := least(`"meta":{"profile":["` + claim + `"]},`); got != plain || plain == 0 {
			t.Errorf("what claims %s goes %d times to the database, what claims nothing %d", claim, got, plain)
		}
	}
}

// Who stores more than memory has room for is refused, and what is in force stays.
func TestThereIsRoomForSoMany(t *testing.T) {
	store := open(t, storagetest.SQLite(t))
	p := begin(t, store)
	long := strings.Repeat("x", 900_000)
	large := func(i int) string {
		return rule(fmt.Sprintf("p%d", i), "name", fmt.Sprintf(`"patternHumanName":{"text":"%s","family":"%[1]s"}`, long))
	}
	p.mustPut(asking("first", "gender"))
	const most = 38
	n := 0
	for ; n < most; n++ {
		if err := p.put(large(n)); err != nil {
			if !fhir.HasIssue(err, fhir.IssueTooCostly) {
				t.Fatal(err)
			}
			break
		}
	}
	if n < 30 || n == most {
		t.Errorf("%d definitions of 1.8 MB were stored, want some 37", n)
	}
	p.mustPut(large(0)) // one that is there may be stored again
	p.mustPut(strings.Replace(large(0), `"min"`, `"max"`, 1))
	for _, p := range []*process{p, begin(t, store)} {
		if got := p.takes("first"); got != "gender" {
			t.Errorf("the first takes %s", got)
		}
	}
	if _, err := p.engine.Delete(p.ctx, fhir.Key{Type: "StructureDefinition", ID: "p1"}, ""); err != nil {
		t.Fatal(err)
	}
	p.mustPut(asking("last", "birthDate"))
	if got := p.takes("last"); got != "birthDate" {
		t.Errorf("after one was deleted the last takes %s", got)
	}
}

// Definitions in a Bundle are stored in whatever order, and claimed by the next
// request.
func TestAGuideInOneBundle(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, open(t, dsn))
		child := strings.Replace(asking("child", "gender"), "http://hl7.org/fhir/StructureDefinition/Patient", "urn:parent", 1)
		entry := func(id, body string) string {
			return `{"resource":` + body + `,"request":{"method":"PUT","url":"StructureDefinition/` + id + `"}}`
		}
		_, err := p.engine.Bundle(p.ctx, []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+entry("child", child)+`,`+entry("parent", asking("parent", "birthDate"))+`]}`), interaction.BundleOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]string{"child": "none", "parent": "birthDate"} {
			if got := p.takes(id); got != want {
				t.Errorf("%s takes %s, want %s", id, got, want)
			}
		}
	})
}

// BenchmarkExamine measures what storing one more definition costs beside many.
func BenchmarkExamine(b *testing.B) {
	known, _ := profile.New(profile.Options{}, profiles.Definitions()...)
	for _, n := range []int{0, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var list []*profile.Source
			for i := range n + 1 {
				doc, err := fhir.Parse([]byte(asking(fmt.Sprint("p", i), "gender")))
				if err != nil {
					b.Fatal(err)
				}
				s, _ := profile.ReadSource(doc.Root(), fmt.Sprint("p", i))
				list = append(list, s)
			}
			b.ReportAllocs()
			for b.Loop() {
				if issues := known.Over(list).Examine(list[0]); len(issues) > 0 {
					b.Fatal(issues)
				}
			}
		})
	}
}
