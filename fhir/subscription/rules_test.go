package subscription_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/subscription"
)

var searchOptions = interaction.SearchOptions{}

func TestSecretsAreSentAndNeverReadBack(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		w := wish{
			id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json",
			headers: []string{"Authorization: Bearer one", "X-Key:  two "},
			more:    `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-signing","valueString":"sesame"}]`,
		}
		p.subscribe(w)
		check := func(c call, authorization string) {
			t.Helper()
			if got := c.Header.Get("Authorization") + "," + c.Header.Get("X-Key"); got != authorization+",two" {
				t.Errorf("sent %q", got)
			}
			stamp, mac, _ := strings.Cut(c.Header.Get("Bima-Signature"), ",v1=")
			want := hmac.New(sha256.New, []byte("sesame"))
			fmt.Fprintf(want, "%s.%s", strings.TrimPrefix(stamp, "t="), c.Body)
			if mac != hex.EncodeToString(want.Sum(nil)) {
				t.Errorf("the signature %s is not of the body", c.Header.Get("Bima-Signature"))
			}
		}
		p.put(patient("a", "female", 1))
		check(s.await(t, 1)[0], "Bearer one")

		// Read, changed and sent back, the secrets are what they were.
		n := p.read("Subscription", "x")
		p.put(strings.Replace(string(n.Raw()), `"reason":"test"`, `"reason":"because"`, 1))
		if got := p.read("Subscription", "x").Get("status").Text(); got != "active" {
			t.Errorf("another reason made it %s", got)
		}
		p.put(patient("a", "female", 2))
		check(s.await(t, 2)[1], "Bearer one")

		n = p.read("Subscription", "x")
		p.put(strings.Replace(string(n.Raw()), "Authorization: (withheld)", "Authorization: Bearer three", 1))
		p.put(patient("a", "female", 3))
		check(s.await(t, 3)[2], "Bearer three")

		for version := 1; version <= 4; version++ {
			r, err := p.engine.ReadVersion(p.ctx, fhir.Key{Type: "Subscription", ID: "x"}, fmt.Sprint(version))
			if err != nil {
				break
			}
			for _, secret := range []string{"one", "two", "three", "sesame"} {
				if strings.Contains(string(r.Body), secret) {
					t.Errorf("version %d tells %q: %s", version, secret, r.Body)
				}
			}
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	const hook = "https://hooks.example.org/in"
	cases := []struct {
		name, says string
		at         string
		wish       wish
	}{
		{"criteria of no type", "do not begin with a resource type", "Subscription.criteria", wish{criteria: "Nothing?x=1"}},
		{"a parameter that is not known", "colour", "Subscription.criteria", wish{criteria: "Patient?colour=red"}},
		{"a value that is wrong", "birthdate", "Subscription.criteria", wish{criteria: "Patient?birthdate=yesterday"}},
		{"criteria of a terminology", "name the codes", "Subscription.criteria", wish{criteria: "Condition?code:in=http://example.org/vs"}},
		{"a subscription to the log of subscriptions", "would make more of it", "Subscription.criteria", wish{criteria: "AuditEvent?"}},
		{"no endpoint", "needs the URL", "Subscription.channel.endpoint", wish{endpoint: " "}},
		{"a password in the URL", "does not belong into a URL", "Subscription.channel.endpoint", wish{endpoint: "https://a:b@hooks.example.org/"}},
		{"an endpoint that is no web server", "no absolute http", "Subscription.channel.endpoint", wish{endpoint: "ftp://hooks.example.org/"}},
		{"an endpoint that is not allowed", "not among the endpoints", "Subscription.channel.endpoint", wish{endpoint: "https://other.example.com/"}},
		{"another port of one that is", "not among the endpoints", "Subscription.channel.endpoint", wish{endpoint: "https://one.example.org:8443/"}},
		{"this machine", "own machine", "Subscription.channel.endpoint", wish{endpoint: "http://localhost:8080/fhir"}},
		{"a private address", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://192.168.1.1/"}},
		{"the address of a cloud's secrets", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://169.254.169.254/latest"}},
		{"a private address behind NAT64", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://[64:ff9b::a00:1%25eth0]/"}},
		{"a private address written as IPv6", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://[::ffff:10.0.0.1]/"}},
		{"a private address in IPv6's words for translators", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://[::ffff:0:10.0.0.1]/"}},
		{"an address that nobody has yet", "private network", "Subscription.channel.endpoint", wish{endpoint: "http://[4000::1]/"}},
		{"a port beyond the last", "no port", "Subscription.channel.endpoint", wish{endpoint: "https://one.example.org:65536/"}},
		{"a port before the first", "no port", "Subscription.channel.endpoint", wish{endpoint: "https://one.example.org:0/"}},
		{"a payload we don't write", "is sent as", "Subscription.channel.payload", wish{payload: "text/csv"}},
		{"a style we don't know", "post or put", "Subscription.channel.extension", wish{more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-style","valueCode":"shout"}]`}},
		{"a header that is none", "as in HTTP", "Subscription.channel.header[0]", wish{headers: []string{"Authorization"}}},
		{"a header of two lines", "as in HTTP", "Subscription.channel.header[1]", wish{headers: []string{"A: b", "B: c\r\nD: e"}}},
		{"a header that is ours", "is this server's", "Subscription.channel.header[0]", wish{headers: []string{"Host: evil"}}},
		{"a header that we write", "begin with Bima- are this server's", "Subscription.channel.header[1]", wish{headers: []string{"A: b", "Bima-Event-Kind: create"}}},
		{"a setting that is misspelt", "there are subscription-leaves, subscription-signing, subscription-style", "Subscription.channel.extension[0]", wish{more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-leave","valueBoolean":true}]`}},
		{"a setting of another type", "as valueBoolean, not as valueString", "Subscription.channel.extension[0]", wish{more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-leaves","valueString":"true"}]`}},
		{"a value we do not keep", "keeps none", "Subscription.channel.header[0]", wish{headers: []string{"Authorization: (withheld)"}}},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, subscription.Settings{Allow: []string{"*.example.org:443", "localhost", "192.168.1.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::*", "::ffff:0:*", "4000::1", "2000::1", "*:65535"}}, true)
		for _, c := range cases {
			w := c.wish
			w.id = "x"
			if w.criteria == "" {
				w.criteria = "Patient?"
			}
			if w.endpoint = strings.TrimSpace(w.endpoint); c.wish.endpoint == "" {
				w.endpoint = hook
			}
			body := w.body()
			if w.endpoint == "" {
				body = strings.Replace(body, `"endpoint":"",`, "", 1)
			}
			_, err := p.try(body)
			if err == nil {
				t.Errorf("%s was taken", c.name)
				continue
			}
			issue := fhir.OutcomeOf(err).Issues[0]
			if !strings.Contains(issue.Diagnostics, c.says) || issue.Expression != c.at {
				t.Errorf("%s: %s", c.name, issue)
			}
		}
		for _, endpoint := range []string{hook, "https://one.example.org/", "http://[2000::1]/", "https://one.example.org:65535/"} {
			w := wish{id: "y", criteria: "Patient?gender=female", endpoint: endpoint}
			if _, err := p.try(w.body()); err != nil {
				t.Errorf("%s: %v", endpoint, err)
			}
		}
		if _, err := p.try(strings.Replace(wish{id: "y", criteria: "Patient?gender=female", endpoint: hook}.body(), "requested", "error", 1)); err == nil || fhir.OutcomeOf(err).Issues[0].Expression != "Subscription.status" {
			t.Errorf("a caller made it an error: %v", err)
		}
		r, err := p.try(wish{id: "new", criteria: "Patient?gender=female", endpoint: hook, status: "active"}.body())
		if err != nil || !strings.Contains(string(r.Body), `"status":"requested"`) {
			t.Errorf("a new one that is said to be active: %s, %v", r.Body, err)
		}
		clerk := fhir.WithCaller(p.ctx, fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleFacility}})
		w := wish{id: "z", criteria: "Patient?", endpoint: hook}
		_, err = p.engine.Update(clerk, fhir.Key{Type: "Subscription", ID: "z"}, interaction.Write{Body: []byte(w.body())})
		if !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a facility may subscribe: %v", err)
		}
	})
}

// What an endpoint leads to is looked at when it is called, whatever was allowed
// when it was asked for.
func TestAnAddressIsLookedAtWhenItIsCalled(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := newSink(t, func(*http.Request) int { t.Error("it was called"); return 200 })
		p := start(t, dsn, quick(), true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		p.kill()
		settings := quick()
		settings.Private = false
		p = start(t, dsn, settings, true)
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "error")
		if got := n.Get("error").Text(); !strings.Contains(got, "private network") {
			t.Errorf("the error is %q", got)
		}
	})
}

// What is secret is nowhere but in the calls: in no version and no history, no log of
// deliveries, no task, no answer and no line of the server's log, also where all goes
// wrong. The endpoint's path, which may be secret too, is in the Subscription only.
func TestSecretsAreNowhere(t *testing.T) {
	const header, key, path = "sesame-header", "sesame-key", "sesame-path"
	onEach(t, func(t *testing.T, dsn string) {
		s := newSink(t, func(r *http.Request) int {
			if r.Header.Get("Authorization") != "Bearer "+header {
				t.Errorf("sent %q", r.Header.Get("Authorization"))
			}
			return http.StatusTeapot
		})
		var lines bytes.Buffer
		var mu sync.Mutex
		settings := quick()
		settings.Horizon = time.Millisecond
		p := begin(t, dsn, subscription.Options{Alone: true, Settings: settings, Log: slog.New(slog.NewTextHandler(guarded{&mu, &lines}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		p.put(wish{
			id: "x", criteria: "Patient?", endpoint: s.URL + "/" + path, payload: "application/fhir+json", headers: []string{"Authorization: Bearer " + header},
			more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-signing","valueString":"` + key + `"}]`,
		}.body())
		p.put(wish{id: "y", criteria: "Patient?", endpoint: "http://127.0.0.1:1/" + path, headers: []string{"Authorization: Bearer " + header}}.body())
		p.put(patient("a", "female", 1))
		p.awaitStatus("x", "off")
		p.awaitStatus("y", "off")
		shown := map[string]string{}
		for _, typ := range []string{"AuditEvent", "Task", "Subscription"} {
			page, err := p.engine.Search(p.ctx, typ, "_count=1000", searchOptions)
			if err != nil {
				t.Fatal(err)
			}
			shown[typ] = string(page)
		}
		for name, on := range map[string]fhir.Key{"history": {Type: "Subscription", ID: "x"}, "history of the type": {Type: "Subscription"}, "history of all": {}} {
			page, err := p.engine.History(p.ctx, on, "_count=1000")
			if err != nil {
				t.Fatal(err)
			}
			shown[name] = string(page)
		}
		for _, id := range []string{"x", "y"} {
			shown["status of "+id], shown["events of "+id] = p.operate("status", id, "", true), p.operate("events", id, "", true)
		}
		_, err := p.try(strings.Replace(string(p.read("Subscription", "x").Raw()), "Authorization: (withheld)", "Bad name: "+header, 1))
		shown["a refusal"] = fmt.Sprint(err, fhir.OutcomeOf(err))
		mu.Lock()
		shown["the log"] = lines.String()
		mu.Unlock()
		for name, text := range shown {
			for _, secret := range []string{header, key} {
				if strings.Contains(text, secret) {
					t.Errorf("%s tells %s: %s", name, secret, text)
				}
			}
			if strings.Contains(text, path) && !strings.HasPrefix(name, "history") && name != "Subscription" {
				t.Errorf("%s tells the path: %s", name, text)
			}
		}
		if !strings.Contains(shown["AuditEvent"], "HTTP 418") || !strings.Contains(shown["Task"], "Subscription/x") {
			t.Errorf("nothing was told of: %s", shown["AuditEvent"])
		}
	})
}

// A guarded buffer is one that many write to.
type guarded struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (g guarded) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.to.Write(b)
}

// Who may not read what a Subscription tells neither asks for it, nor sees its events,
// nor has it told again.
func TestScopesAreKeptWithin(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		as := func(scopes string) context.Context {
			grant, err := fhir.ParseGrant(scopes)
			if err != nil {
				t.Fatal(err)
			}
			return fhir.WithCaller(p.ctx, fhir.Caller{Name: "client", Roles: []fhir.Role{fhir.RoleIntegration}, Grant: grant})
		}
		narrow, wide := as("system/Subscription.cruds system/Claim.rs"), as("system/Subscription.cruds system/Claim.rs system/Patient.rs")
		write := func(ctx context.Context, w wish) error {
			_, err := p.engine.Update(ctx, fhir.Key{Type: "Subscription", ID: w.id}, interaction.Write{Body: []byte(w.body())})
			return err
		}
		patients := wish{id: "x", criteria: "Patient?", endpoint: s.URL}
		if err := write(narrow, patients); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("it may be asked for without the scope: %v", err)
		}
		if err := write(narrow, wish{id: "c", criteria: "Claim?", endpoint: s.URL}); err != nil {
			t.Errorf("it may not be asked for with the scope: %v", err)
		}
		// One that is off and asked for by $replay is not a way around.
		patients.status = "off"
		if err := write(narrow, patients); err != nil && !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Fatal(err)
		}
		if err := write(wide, patients); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"replay", "events"} {
			if _, err := p.engine.Call(narrow, code, fhir.Key{Type: "Subscription", ID: "x"}, "", nil, code == "events"); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("$%s without the scope: %v", code, err)
			}
			if _, err := p.engine.Call(wide, code, fhir.Key{Type: "Subscription", ID: "x"}, "", nil, code == "events"); err != nil {
				t.Errorf("$%s with the scope: %v", code, err)
			}
		}
		p.awaitStatus("x", "active")

		// What criteria ask of other resources is a search of these.
		for _, criteria := range []string{"Claim?patient:Patient.gender=female", "Claim?patient:Patient.gender:not=female", "Claim?_has:Task:focus:status=draft"} {
			if err := write(narrow, wish{id: "chain", criteria: criteria, endpoint: s.URL}); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("%s without the scope: %v", criteria, err)
			}
		}
		if err := write(wide, wish{id: "chain", criteria: "Claim?patient:Patient.gender=female", endpoint: s.URL}); err != nil {
			t.Errorf("a chain with the scope: %v", err)
		}
		if _, err := p.engine.Call(narrow, "events", fhir.Key{Type: "Subscription", ID: "chain"}, "", nil, true); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("$events of a chain without the scope: %v", err)
		}

		// Nor is a topic that is changed under its subscribers.
		const url = "urn:topic:scoped"
		topic := func(triggers string) error {
			_, err := p.engine.Update(as("system/Basic.cruds system/Claim.rs"), fhir.Key{Type: "Basic", ID: "scoped"}, interaction.Write{Body: []byte(basicTopic("scoped", url, "active", triggers))})
			return err
		}
		if err := topic(trigger("Claim")); err != nil {
			t.Errorf("a topic with the scope: %v", err)
		}
		for _, triggers := range []string{trigger("Claim") + "," + trigger("Patient"), trigger("Claim", query(ext("current", `"valueString":"patient:Patient.gender=female"`)))} {
			if err := topic(triggers); !fhir.HasIssue(err, fhir.IssueForbidden) {
				t.Errorf("a topic without the scope: %v", err)
			}
		}
	})
}
