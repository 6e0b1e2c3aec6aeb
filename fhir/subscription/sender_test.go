package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/subscription"
)

// A registry is an outside system: it takes a name for an id where the password is
// right.
type registry struct {
	*httptest.Server
	mu     sync.Mutex
	down   bool
	closed bool // it takes no more names until somebody changes its settings
	picky  bool // it takes a name without its last letters
	lines  []string
}

func newRegistry(t *testing.T) *registry {
	g := &registry{}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name, err := io.ReadAll(r.Body)
	switch {
	case err != nil || g.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Header.Get("Authorization") != "Basic sesame":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodGet && r.URL.Path == "/elsewhere":
		http.Redirect(w, r, "/open", http.StatusFound)
	case r.Method == http.MethodGet:
	case g.closed:
		w.WriteHeader(http.StatusConflict)
	default:
		g.lines = append(g.lines, r.URL.Path+"="+string(name))
		if g.picky {
			fmt.Fprint(w, "only the first letters")
		}
	}
}

// set changes how the registry behaves.
func (g *registry) set(how func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	how()
}

// await gives what was written once there are so many lines.
func (g *registry) await(t *testing.T, n int) []string {
	t.Helper()
	var lines []string
	until(t, fmt.Sprintf("%d lines are written", n), func() bool {
		g.set(func() { lines = slices.Clone(g.lines) })
		return len(lines) >= n
	})
	return lines
}

// A clerk speaks with registries: "names:Endpoint/1".
type clerk struct{}

func (clerk) Scheme() string { return "names" }

func (clerk) Check(r fhir.Reader, n fhir.Node) error {
	_, name, _ := strings.Cut(n.At("channel", "endpoint").Text(), ":Endpoint/")
	if _, err := r.Read(fhir.Key{Type: "Endpoint", ID: name}); err != nil {
		return fhir.Errorf(fhir.IssueNotFound, "Subscription.channel.endpoint", "there is no Endpoint/%s", name)
	}
	return nil
}

func (c clerk) Ready(ctx context.Context, k subscription.Call) error {
	_, err := c.ask(ctx, k, http.MethodGet, "", "")
	return err
}

func (c clerk) Send(ctx context.Context, k subscription.Call, e fhir.Event, version *fhir.Resource) (subscription.Verdict, error) {
	name := "(gone)"
	if version != nil {
		doc, err := fhir.Parse(version.Body)
		if err != nil {
			return subscription.Verdict{}, err
		}
		name = doc.Root().Get("name").First().Get("family").Text()
	}
	if name == "vpanic" {
		panic("a defect")
	}
	trouble, err := c.ask(ctx, k, http.MethodPut, "/"+e.Key.ID, name)
	return subscription.Verdict{Trouble: trouble}, err
}

func (clerk) ask(ctx context.Context, k subscription.Call, method, path, body string) (string, error) {
	_, name, _ := strings.Cut(k.Subscription.At("channel", "endpoint").Text(), ":Endpoint/")
	var address string
	err := k.Server.View(ctx, func(r fhir.Reader) error {
		e, err := r.Read(fhir.Key{Type: "Endpoint", ID: name})
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(e.Body)
		address = doc.Root().Get("address").Text()
		return err
	})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, method, address+path+"?secret=hidden", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header = k.Headers
	answer, err := k.Client.Do(request)
	if err != nil {
		return "", fmt.Errorf("asking the registry: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return "", err
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusConflict, answer.StatusCode/100 == 3:
		return "", subscription.Refused(fmt.Errorf("the registry refuses us: HTTP %d", answer.StatusCode))
	case answer.StatusCode != http.StatusOK:
		return "", fmt.Errorf("the registry answered HTTP %d", answer.StatusCode)
	}
	return string(text), nil
}

// register stores where a registry is.
func (p *process) register(id, address string) {
	p.t.Helper()
	p.put(fmt.Sprintf(`{"resourceType":"Endpoint","id":%q,"status":"active","address":%q,"payloadType":[{"text":"names"}],
		"connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"}}`, id, address))
}

// tasks gives the descriptions of the Tasks about a Subscription.
func (p *process) tasks(id string) []string {
	p.t.Helper()
	page, err := p.engine.Search(p.ctx, "Task", "focus=Subscription/"+id, searchOptions)
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := fhir.Parse(page)
	if err != nil {
		p.t.Fatal(err)
	}
	var texts []string
	for e := range doc.Root().Get("entry").Each() {
		texts = append(texts, e.At("resource", "description").Text())
	}
	return texts
}

func clerical(settings subscription.Settings) subscription.Options {
	return subscription.Options{Alone: true, Settings: settings, Senders: []subscription.Sender{clerk{}}}
}

var sesame = []string{"Authorization: Basic sesame"}

func TestASenderTellsInItsOwnTongue(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g, settings := newRegistry(t), quick()
		settings.Horizon = time.Hour
		p := begin(t, dsn, clerical(settings))
		p.register("1", g.URL)
		g.set(func() { g.down = true })
		p.put(wish{
			id: "x", criteria: "Patient?gender=female", endpoint: "names:Endpoint/1", headers: sesame,
			more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-leaves","valueBoolean":true}]`,
		}.body())
		until(t, "a registry that is not ready is told of", func() bool {
			n := p.read("Subscription", "x")
			return n.Get("status").Text() == "requested" && n.Get("error").Text() == "the registry answered HTTP 503"
		})
		g.set(func() { g.down = false })
		p.awaitStatus("x", "active")
		p.put(patient("a", "female", 1))
		p.put(patient("m", "male", 1)) // a near miss
		g.await(t, 1)
		g.set(func() { g.down = true })
		p.put(patient("a", "female", 2))
		p.awaitStatus("x", "error")
		p.put(patient("b", "female", 1))
		p.delete("Patient", "b")
		g.set(func() { g.down = false })
		want := []string{"/a=v1", "/a=v2", "/b=v1", "/b=(gone)"}
		if diff := cmp.Diff(want, g.await(t, 4)); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
		p.awaitStatus("x", "active")
	})
}

func TestASenderThatIsRefusedIsParkedAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g := newRegistry(t)
		p := begin(t, dsn, clerical(quick()))
		p.register("1", g.URL)
		p.register("moved", g.URL+"/elsewhere")
		for id, w := range map[string]wish{
			"wrong": {endpoint: "names:Endpoint/1", headers: []string{"Authorization: Basic guess"}},
			"moved": {endpoint: "names:Endpoint/moved", headers: sesame}, // a redirect is not followed
		} {
			w.id, w.criteria = id, "Patient?"
			p.put(w.body())
			p.awaitStatus(id, "off")
			if got := p.tasks(id); len(got) != 1 || !strings.Contains(got[0], w.endpoint+" has failed") {
				t.Errorf("a person is told %q", got)
			}
		}
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame})
		g.set(func() { g.closed = true })
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "off")
		if got := n.Get("error").Text(); got != "the registry refuses us: HTTP 409" {
			t.Errorf("the error is %q", got)
		}
		if got := p.state("x").Failures; got != 1 {
			t.Errorf("it was tried %d times", got)
		}
		p.put(patient("b", "female", 1)) // is kept
		g.set(func() { g.closed = false })
		p.operate("replay", "x", "", false)
		if diff := cmp.Diff([]string{"/a=v1", "/b=v1"}, g.await(t, 2)); diff != "" {
			t.Errorf("replayed (-want +got):\n%s", diff)
		}
	})
}

func TestTroublesAndDefectsAreOnRecord(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g := newRegistry(t)
		p := begin(t, dsn, clerical(quick()))
		p.register("1", g.URL)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame})
		g.set(func() { g.picky = true })
		p.put(patient("a", "female", 1))
		until(t, "what was not taken is on record", func() bool {
			page, err := p.engine.Search(p.ctx, "AuditEvent", "entity=Subscription/x&outcome=4", searchOptions)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Contains(string(page), `"outcomeDesc":"only the first letters"`)
		})
		if got := p.read("Subscription", "x").Get("status").Text(); got != "active" {
			t.Errorf("it is %s", got)
		}
		p.put(`{"resourceType":"Patient","id":"p","name":[{"family":"vpanic"}]}`)
		n := p.awaitStatus("x", "error")
		if got := n.Get("error").Text(); got != "telling names ended by a defect of this server" {
			t.Errorf("the error is %q", got)
		}
	})
}

func TestSecretsGoOnlyWhereTheEndpointLedThen(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g, thief := newRegistry(t), newSink(t, func(*http.Request) int { t.Error("the thief was called"); return 200 })
		p := begin(t, dsn, clerical(quick()))
		p.register("1", g.URL)
		w := wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame}
		p.subscribe(w)
		stored := string(p.read("Subscription", "x").Raw())
		p.register("1", thief.URL)
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "off")
		if got := n.Get("error").Text(); !strings.Contains(got, "Endpoint/1 leads elsewhere") {
			t.Errorf("the error is %q", got)
		}
		if _, err := p.try(stored); err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Diagnostics, "keeps none") {
			t.Errorf("sent back, the secrets are kept for elsewhere: %v", err)
		}
		p.register("1", g.URL+"/v2")
		p.put(w.body())
		if diff := cmp.Diff([]string{"/v2/a=v1"}, g.await(t, 1)); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
	})
}

func TestSecretsGoToNoTokenEndpointThatCameLater(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g := newRegistry(t)
		p := begin(t, dsn, clerical(quick()))
		token := func(address string) {
			p.put(fmt.Sprintf(`{"resourceType":"Endpoint","id":"1","status":"active","address":%q,"payloadType":[{"text":"names"}],
				"extension":[{"url":"https://names.example.org/settings","extension":[{"url":"name","valueString":"any"},{"url":"token-url","valueUrl":%q}]}],
				"connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"}}`, g.URL, address))
		}
		token("https://login.example.org/token")
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame})
		stored := string(p.read("Subscription", "x").Raw())
		p.put(patient("a", "female", 1))
		g.await(t, 1)
		token("https://thief.example.org/token")
		p.put(patient("a", "female", 2))
		n := p.awaitStatus("x", "off")
		if got := n.Get("error").Text(); !strings.Contains(got, "Endpoint/1 leads elsewhere") {
			t.Errorf("the error is %q", got)
		}
		if _, err := p.try(stored); err == nil {
			t.Error("sent back, the secrets are kept for elsewhere")
		}
	})
}

func TestWhatNoSenderTells(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Private = false
		p := begin(t, dsn, clerical(settings))
		p.register("1", "http://127.0.0.1:1/at")
		p.register("2", "https://names.example.org/")
		for name, c := range map[string]struct{ endpoint, says string }{
			"a scheme that is not known":       {"letters:Endpoint/1", "speaks with: names:"},
			"what the Sender does not know":    {"names:Endpoint/7", "there is no Endpoint/7"},
			"a scheme of the web with slashes": {"gopher://example.org/", "no absolute http"},
		} {
			_, err := p.try(wish{id: "x", criteria: "Patient?", endpoint: c.endpoint}.body())
			if err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Diagnostics, c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Where an Endpoint leads is asked when it is called; its URL is told to nobody.
		p.put(wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1"}.body())
		until(t, "a private address is not called", func() bool {
			return strings.Contains(p.read("Subscription", "x").Get("error").Text(), "private network")
		})
		if got := p.read("Subscription", "x").Get("error").Text(); strings.Contains(got, "hidden") {
			t.Errorf("the error tells the URL: %s", got)
		}
	})
}

// An Endpoint that was stored before its settings were looked at is told as before; who
// asks for a Subscription to it hears what it says in vain.
func TestAnEndpointOfAnEarlierReleaseIsLookedAt(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		g := newRegistry(t)
		p := begin(t, dsn, clerical(quick()))
		p.register("1", g.URL)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame})
		bare, err := interaction.New(interaction.Config{Store: p.store, Search: p.engine.SearchParameters(), Base: base})
		if err != nil {
			t.Fatal(err)
		}
		old := strings.Replace(string(p.read("Endpoint", "1").Raw()), `"address"`, `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/dhis2","extension":[{"url":"asnyc","valueBoolean":true}]}],"address"`, 1)
		if _, err := bare.Update(p.ctx, fhir.Key{Type: "Endpoint", ID: "1"}, interaction.Write{Body: []byte(old)}); err != nil {
			t.Fatal(err)
		}
		p.put(patient("a", "female", 1))
		g.await(t, 1)
		_, err = p.try(wish{id: "y", criteria: "Patient?", endpoint: "names:Endpoint/1", headers: sesame}.body())
		if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Fatalf("a new Subscription: %v", err)
		}
		if issue := fhir.OutcomeOf(err).Issues[0]; issue.Expression != "Subscription.channel.endpoint" || !strings.HasPrefix(issue.Diagnostics, "Endpoint/1, Endpoint.extension[0].extension[0]: \"asnyc\" is no part") {
			t.Errorf("%s: %s", issue.Expression, issue.Diagnostics)
		}
		if _, err := p.try(strings.Replace(old, `"text":"names"`, `"text":"others"`, 1)); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("the Endpoint, changed: %v", err)
		}
	})
}

func TestTheMarkOfRefusedOutlivesWrapping(t *testing.T) {
	cause := errors.New("wrong password")
	err := fmt.Errorf("logging in: %w", subscription.Refused(cause))
	if !subscription.IsRefused(err) || !errors.Is(err, cause) || subscription.IsRefused(cause) {
		t.Errorf("%v: %t", err, subscription.IsRefused(err))
	}
}
