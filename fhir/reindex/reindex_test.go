package reindex_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
	"bima/fhir/reindex"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

const base = "https://example.org/fhir"

// A process is one server process on a database.
type process struct {
	t       *testing.T
	ctx     context.Context
	store   *storage.Store
	engine  *interaction.Engine
	indexer *reindex.Indexer
	worker  fhir.Worker
}

func onEach(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { test(t, dsn(t)) })
	}
}

// begin starts a process that is alone, with parameters built in beyond R4's.
func begin(t *testing.T, dsn string, built ...*r4.SearchParam) *process {
	t.Helper()
	return start(t, dsn, reindex.Options{Alone: true}, itself, built...)
}

// start starts a process whose index is made through the store given.
func start(t *testing.T, dsn string, o reindex.Options, through func(*storage.Store) reindex.Store, built ...*r4.SearchParam) *process {
	t.Helper()
	return startBeside(t, dsn, o, through, nil, built...)
}

// startBeside starts one that has further modules.
func startBeside(t *testing.T, dsn string, o reindex.Options, through func(*storage.Store) reindex.Store, others []fhir.Module, built ...*r4.SearchParam) *process {
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
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if registry, err = registry.With(built...); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, ctx: fhir.WithCaller(t.Context(), fhir.Developer()), store: store}
	o.Store, o.Search = through(store), registry
	p.indexer = reindex.New(o)
	m := p.indexer.Module()
	p.worker = m.Workers[0]
	p.engine, err = interaction.New(interaction.Config{Store: store, Search: registry, Base: base, Modules: append(others, m), CheckOwn: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.indexer.Start(p.ctx, p.engine); err != nil {
		t.Fatal(err)
	}
	return p
}

// put stores a resource under its id.
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

func (p *process) mustPut(bodies ...string) {
	p.t.Helper()
	for _, body := range bodies {
		if err := p.put(body); err != nil {
			p.t.Fatalf("%s: %v (%v)", body, err, errors.Unwrap(err))
		}
	}
}

// ids gives the ids that a search finds, sorted by them.
func (p *process) ids(typ, query string) (string, error) {
	p.t.Helper()
	body, err := p.engine.Search(p.ctx, typ, query+"&_sort=_id&_count=1000", interaction.SearchOptions{})
	if err != nil {
		return "", err
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		p.t.Fatal(err)
	}
	var ids []string
	for e := range doc.Root().Get("entry").Each() {
		ids = append(ids, e.At("resource", "id").Text())
	}
	return strings.Join(ids, " "), nil
}

// finds wants a search to find exactly these ids.
func (p *process) finds(query, want string) {
	p.t.Helper()
	if got, err := p.ids("Patient", query); err != nil || got != want {
		p.t.Errorf("%s finds %q, %v; want %q", query, got, err, want)
	}
}

// refused wants a search to be refused for a reason.
func (p *process) refused(query string, why fhir.IssueType) {
	p.t.Helper()
	if got, err := p.ids("Patient", query); !fhir.HasIssue(err, why) {
		p.t.Errorf("%s finds %q, %v; want it to be refused as %s", query, got, err, why)
	}
}

// work does the jobs until nothing is to be done.
func (p *process) work() {
	p.t.Helper()
	for range 10 {
		if err := p.worker.Work(p.ctx, p.engine, nil); err != nil {
			p.t.Fatal(err)
		}
		if p.told()["status"] == "idle" {
			return
		}
	}
	p.t.Fatal("there is no end of work")
}

// told gives what GET [base]/$reindex says, parameters of one name joined.
func (p *process) told() map[string]string {
	p.t.Helper()
	response, err := p.engine.Call(p.ctx, "reindex", fhir.Key{}, "", nil, true)
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	out := map[string]string{}
	for parameter := range doc.Root().Get("parameter").Each() {
		name, text := parameter.Get("name").Text(), ""
		for _, member := range []string{"valueCode", "valueString", "valueDecimal", "valueUri"} {
			text += parameter.Get(member).Text()
		}
		for part := range parameter.Get("part").Each() {
			for _, member := range []string{"valueCode", "valueString", "valueDecimal", "valueUri"} {
				if v := part.Get(member); v.Exists() {
					text += part.Get("name").Text() + "=" + v.Text() + ";"
				}
			}
		}
		out[name] = strings.TrimSpace(out[name] + " " + text)
	}
	delete(out, "started")
	delete(out, "ended")
	return out
}

func patient(id, eyes, hair string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"extension":[{"url":"urn:eyes","valueCode":%q},{"url":"urn:hair","valueCode":%q}]}`, id, eyes, hair)
}

// parameter is a SearchParameter of patients by one of their extensions.
func parameter(id, status, code, extension string) string {
	return fmt.Sprintf(`{"resourceType":"SearchParameter","id":%q,"url":"https://example.org/sp/%[1]s","name":"Eyes","status":%q,"description":"x","code":%q,"base":["Patient"],"type":"token","expression":"Patient.extension.where(url = '%s').value"}`,
		id, status, code, extension)
}

func TestAParameterTakesEffectOnWhatWasStoredBefore(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(patient("a", "brown", "grey"), patient("b", "green", "brown"), `{"resourceType":"Patient","id":"c"}`)
		p.refused("eyes=brown", fhir.IssueNotSupported)

		p.mustPut(parameter("eyes", "draft", "eyes", "urn:eyes"))
		p.refused("eyes=brown", fhir.IssueNotSupported)

		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		p.refused("eyes=brown", fhir.IssueIncomplete)
		p.refused("eyes:missing=true", fhir.IssueIncomplete)
		p.finds("_id=a", "a")
		if got := p.told()["building"]; got != "Patient.eyes" {
			t.Errorf("told to be building: %q", got)
		}
		p.mustPut(patient("d", "brown", "blond"))
		p.work()
		p.finds("eyes=brown", "a d")
		p.finds("eyes:not=brown", "b c")
		p.finds("eyes:missing=true", "c")
		want := map[string]string{"status": "idle", "found": "4", "changed": "3", "failed": "0"}
		if diff := cmp.Diff(want, p.told()); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}

		p.mustPut(parameter("eyes", "active", "eyes", "urn:hair"))
		p.refused("eyes=brown", fhir.IssueIncomplete)
		p.work()
		p.finds("eyes=brown", "b")

		if _, err := p.engine.Delete(p.ctx, fhir.Key{Type: "SearchParameter", ID: "eyes"}, ""); err != nil {
			t.Fatal(err)
		}
		p.refused("eyes=brown", fhir.IssueNotSupported)
		p.mustPut(patient("a", "grey", "brown"))

		p.mustPut(parameter("eyes", "active", "eyes", "urn:hair"))
		p.refused("eyes=brown", fhir.IssueIncomplete)
		p.work()
		p.finds("eyes=brown", "a b")
		p.mustPut(patient("a", "grey", "white"))
		p.finds("eyes=brown", "b")
	})
}

// rows gives the ids of patients that the index has rows of, whatever is in force.
func (p *process) rows(code, value string) (ids []string) {
	p.t.Helper()
	err := p.store.View(p.ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Limit: 100, Where: fhir.Match{
			Param: fhir.Param{Code: code, Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: value, AnySystem: true},
		}})
		if err == nil {
			for _, found := range page.Resources {
				ids = append(ids, found.ID)
			}
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return ids
}

func TestAParameterThatIsDeletedLeavesNoRows(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(patient("a", "brown", "brown"), patient("b", "green", "brown"))
		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"), parameter("hair", "active", "hair", "urn:hair"))
		p.work()
		if got := p.rows("eyes", "brown"); !cmp.Equal(got, []string{"a"}) {
			t.Fatalf("before it is deleted the index has rows of %q", got)
		}
		if _, err := p.engine.Delete(p.ctx, fhir.Key{Type: "SearchParameter", ID: "eyes"}, ""); err != nil {
			t.Fatal(err)
		}
		if told := p.told(); told["status"] != "waiting" || told["building"] != "" || !strings.Contains(told["task"], "code=eyes;") {
			t.Errorf("after it is deleted the server tells %v", told)
		}
		p.work()
		if got := p.rows("eyes", "brown"); got != nil {
			t.Errorf("the index still has rows of %q", got)
		}
		p.refused("eyes=brown", fhir.IssueNotSupported)
		p.finds("hair=brown", "a b")

		p.mustPut(parameter("hair", "retired", "hair", "urn:hair"))
		p.mustPut(parameter("hair", "active", "hair", "urn:eyes"))
		p.work()
		p.finds("hair=brown", "a")
		if got := p.rows("hair", "green"); !cmp.Equal(got, []string{"b"}) {
			t.Errorf("deleted and made anew at once, the index has rows of %q", got)
		}
	})
}

func TestAParameterThatCantTakeEffectIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		for name, body := range map[string]string{
			"an expression that is none":     strings.Replace(parameter("x", "active", "x", "urn:x"), "where(", "where((", 1),
			"one that another defines":       parameter("x", "active", "eyes", "urn:other"),
			"a code of another type in R4":   parameter("x", "active", "birthdate", "urn:x"),
			"a code that means something":    parameter("x", "active", "_tag", "urn:x"),
			"a base that is no type":         strings.Replace(parameter("x", "active", "x", "urn:x"), `["Patient"]`, `["Element"]`, 1),
			"a value that leads to no token": strings.Replace(parameter("x", "active", "x", "urn:x"), "Patient.extension.where(url = 'urn:x').value", "Patient.nothing", 1),
		} {
			if err := p.put(body); err == nil || fhir.HasIssue(err, fhir.IssueException) {
				t.Errorf("%s: %v, want it to be refused", name, err)
			}
		}
		p.mustPut(parameter("same", "active", "eyes", "urn:eyes"), parameter("x", "draft", "eyes", "urn:other"))
		if got := p.told()["without-effect"]; got != "" {
			t.Errorf("without effect: %s", got)
		}
	})
}

// dying is a store whose process ends after some pages.
type dying struct {
	*storage.Store
	pages int
}

var errDead = errors.New("the process is gone")

func (d *dying) Reindex(ctx context.Context, p fhir.ReindexPage, extract func(*fhir.Resource) (*fhir.Index, error)) (*fhir.Reindexed, error) {
	if d.pages--; d.pages < 0 {
		return nil, errDead
	}
	p.Limit = 3
	return d.Store.Reindex(ctx, p, extract)
}

func TestAnotherProcessGoesOnWhereOneEnded(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, reindex.Options{}, func(s *storage.Store) reindex.Store { return &dying{s, 2} })
		var brown []string
		for i := range 10 {
			id := fmt.Sprintf("p%d", i)
			p.mustPut(patient(id, [...]string{"brown", "green"}[i%2], "grey"))
			if i%2 == 0 {
				brown = append(brown, id)
			}
		}
		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		if err := p.worker.Work(p.ctx, p.engine, nil); !errors.Is(err, errDead) {
			t.Fatalf("the work ended with %v", err)
		}
		p.refused("eyes=brown", fhir.IssueIncomplete)

		next := start(t, dsn, reindex.Options{}, itself)
		next.refused("eyes=brown", fhir.IssueIncomplete)
		told := next.told()
		if told["found"] != "6" || told["task"] != "type=Patient;code=eyes;found=6;total=10;" {
			t.Errorf("after the restart: %v", told)
		}
		// Nobody takes the work from one who may be alive.
		if err := next.worker.Work(next.ctx, next.engine, nil); err != nil || next.told()["found"] != "6" {
			t.Errorf("while the other may be at work: %v, %v", err, next.told())
		}
		for deadline := time.Now().Add(time.Minute); next.told()["status"] == "running" && time.Now().Before(deadline); {
			<-time.After(50 * time.Millisecond)
		}
		next.work()
		next.finds("eyes=brown", strings.Join(brown, " "))
		if told := next.told(); told["found"] != "10" || told["changed"] != "10" {
			t.Errorf("at the end: %v", told)
		}
	})
}

func TestOneThatIsAloneGoesOnAtOnce(t *testing.T) {
	dsn := storagetest.SQLite(t)
	p := start(t, dsn, reindex.Options{Alone: true}, func(s *storage.Store) reindex.Store { return &dying{s, 1} })
	for i := range 5 {
		p.mustPut(patient(fmt.Sprintf("p%d", i), "brown", "grey"))
	}
	p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
	if err := p.worker.Work(p.ctx, p.engine, nil); !errors.Is(err, errDead) {
		t.Fatalf("the work ended with %v", err)
	}
	next := begin(t, dsn)
	next.work()
	next.finds("eyes=brown", "p0 p1 p2 p3 p4")
}

func TestOtherProcessesFollow(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		one, other := begin(t, dsn), begin(t, dsn)
		watching, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- other.indexer.Watch(watching) }()
		defer func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		one.mustPut(patient("a", "brown", "grey"), patient("b", "green", "grey"))
		other.refused("eyes=brown", fhir.IssueNotSupported)
		one.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		one.work()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			if _, err := other.ids("Patient", "eyes=brown"); !fhir.HasIssue(err, fhir.IssueNotSupported) {
				break
			}
			<-time.After(20 * time.Millisecond)
		}
		for _, p := range []*process{one, other} {
			for range 100 {
				// What a process knows of the building is up to a second old.
				if _, err := p.ids("Patient", "eyes=brown"); !fhir.HasIssue(err, fhir.IssueIncomplete) {
					break
				}
				<-time.After(20 * time.Millisecond)
			}
			p.finds("eyes=brown", "a")
		}
		other.mustPut(patient("c", "brown", "grey"))
		one.finds("eyes=brown", "a c")
	})
}

func TestAParameterBuiltInThatChangesIsMadeAnew(t *testing.T) {
	built := func(extension string) *r4.SearchParam {
		return &r4.SearchParam{Code: "eyes", Base: "Patient", Kind: "token", URL: "https://example.org/built/eyes", Expression: "Patient.extension.where(url = '" + extension + "').value"}
	}
	onEach(t, func(t *testing.T, dsn string) {
		old := begin(t, dsn, built("urn:eyes"))
		old.mustPut(patient("a", "brown", "grey"), patient("b", "grey", "brown"))
		old.finds("eyes=brown", "a")
		same := begin(t, dsn, built("urn:eyes"))
		same.finds("eyes=brown", "a")
		next := begin(t, dsn, built("urn:hair"))
		next.refused("eyes=brown", fhir.IssueIncomplete)
		next.finds("gender:missing=true", "a b")
		next.work()
		next.finds("eyes=brown", "b")
		if told := next.told(); told["found"] != "2" {
			t.Errorf("told %v", told)
		}
	})
}

func TestTheIndexIsMadeAnewOnDemand(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(`{"resourceType":"Patient","id":"a","gender":"female","active":true}`, `{"resourceType":"Patient","id":"b","gender":"male","active":true}`)
		ask := func(query string) error {
			response, err := p.engine.Call(p.ctx, "reindex", fhir.Key{}, query, nil, false)
			if err == nil && response.Status != 202 {
				t.Errorf("answered %d", response.Status)
			}
			return err
		}
		if _, err := p.store.Reindex(t.Context(), fhir.ReindexPage{Type: "Patient", Codes: []string{"gender", "active"}}, func(*fhir.Resource) (*fhir.Index, error) { return &fhir.Index{}, nil }); err != nil {
			t.Fatal(err)
		}
		p.finds("gender=female", "")
		for range 2 {
			if err := ask("type=Patient&code=gender"); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.told()["task"]; got != "type=Patient;code=gender;found=0;" {
			t.Errorf("asked twice, to be done: %q", got)
		}
		p.finds("gender=female", "") // what is made anew on demand may be searched meanwhile
		p.work()
		p.finds("gender=female", "a")
		p.finds("active=true", "")
		if err := ask(""); err != nil {
			t.Fatal(err)
		}
		p.work()
		p.finds("active=true", "a b")
		for _, query := range []string{"type=Nonsense", "code=nonsense", "colour=red"} {
			if err := ask(query); !fhir.HasIssue(err, fhir.IssueValue) {
				t.Errorf("%s: %v", query, err)
			}
		}
		clerk := fhir.WithCaller(t.Context(), fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleReviewer}})
		if _, err := p.engine.Call(clerk, "reindex", fhir.Key{}, "", nil, false); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("asked by a clerk: %v", err)
		}
		if _, err := p.engine.Call(clerk, "reindex", fhir.Key{}, "", nil, true); err != nil {
			t.Errorf("looked at by a clerk: %v", err)
		}
	})
}
