package smart_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
	"bima/fhir/smart"
)

// A notebook is one database's, in memory.
type notebook struct {
	mu       sync.Mutex
	text     map[string][]byte
	versions map[string]int64
}

func newNotebook() *notebook {
	return &notebook{text: map[string][]byte{}, versions: map[string]int64{}}
}

func (n *notebook) Note(_ context.Context, name string) ([]byte, int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text[name], n.versions[name], nil
}

func (n *notebook) SetNote(_ context.Context, name string, value []byte, version int64) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.versions[name] != version {
		return false, nil
	}
	n.text[name], n.versions[name] = value, version+1
	return true, nil
}

// A process is one of those that serve a scheme.
type process struct {
	*smart.Authenticator
	endpoint http.Handler
}

// begin starts a process over what the scheme keeps.
func begin(t *testing.T, known accounts, notes fhir.Notebook, issuer *smart.Issuer, open bool, now *time.Time) process {
	t.Helper()
	clock := func() time.Time { return *now }
	auth, err := smart.NewAuthenticator(known, issuer, open, clock)
	if err != nil {
		t.Fatal(err)
	}
	auth.Take(smart.NewTokens(notes, "https://bima.test", clock))
	return process{auth, auth.TokenEndpoint(slog.New(slog.DiscardHandler))}
}

// ask asks for a token.
func (p process) ask(method string, header http.Header, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, smart.TokenPath, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	p.endpoint.ServeHTTP(w, r)
	return w
}

// caller gives the name of who comes with a header; "" where he is not let in.
func (p process) caller(t *testing.T, name, value string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/fhir/Patient", nil)
	r.Header.Set(name, value)
	caller, err := p.Authenticate(r)
	if err != nil && !fhir.HasIssue(err, fhir.IssueLogin) {
		t.Errorf("got %v, want an issue of type login", err)
	}
	return caller.Name
}

func authorization(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// token gets a token for asha.
func (p process) token(t *testing.T) string {
	t.Helper()
	w := p.ask(http.MethodGet, http.Header{"Authorization": {authorization("asha", secret)}}, "")
	if w.Code != http.StatusOK {
		t.Fatalf("HTTP %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestTokenEndpoint(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	odd := "pass +%word: ü"
	p := begin(t, accounts{
		"asha": {Name: "asha", Roles: []fhir.Role{fhir.RoleFacility}, Secret: hashed(t, secret)},
		"ana":  {Name: "ana", Roles: []fhir.Role{fhir.RoleAuditor}, Secret: hashed(t, secret)},
		"odd":  {Name: "odd", Secret: hashed(t, odd)},
		"gone": {Name: "gone", Secret: hashed(t, secret), Disabled: true},
	}, newNotebook(), nil, false, &now)
	basic := func(user, password string) http.Header {
		return http.Header{"Authorization": {authorization(user, password)}}
	}
	const grant = "grant_type=client_credentials"
	plain := url.QueryEscape(secret)
	for _, c := range []struct {
		name   string
		header http.Header
		form   string
		status int
		error  string
		scope  string
	}{
		{"client_secret_basic, as Spring's client sends it, without a scope", basic("asha", url.QueryEscape(secret)), grant, 200, "", "system/*.cruds"},
		{"client_secret_basic without the escaping", basic("asha", secret), grant, 200, "", "system/*.cruds"},
		{"client_secret_post, as KenyaEMR sends it", nil, "client_id=asha&client_secret=" + plain + "&" + grant, 200, "", "system/*.cruds"},
		{"a scope of SMART 1", basic("asha", secret), grant + "&scope=system%2FClaim.read", 200, "", "system/Claim.read"},
		{"scopes of SMART 2 beside one that says nothing here", basic("asha", secret), grant + "&scope=openid+user/Claim.cs+system/*.rs", 200, "", "user/Claim.cs system/*.rs"},
		{"an empty scope is none", basic("asha", secret), grant + "&scope=+", 200, "", "system/*.cruds"},
		{"an auditor is granted what is left to him", basic("ana", secret), grant + "&scope=system/Claim.cruds+system/Task.c+user/Patient.r", 200, "", "system/Claim.rs user/Patient.r"},
		{"an auditor who asks to write alone", basic("ana", secret), grant + "&scope=system/Claim.write", 400, "invalid_scope", ""},
		{"a scope narrowed by a search", basic("asha", secret), grant + "&scope=system/Claim.rs%3Fstatus%3Dactive", 400, "invalid_scope", ""},
		{"a scope of one patient", basic("asha", secret), grant + "&scope=system/Claim.rs+patient/Claim.rs", 400, "invalid_scope", ""},
		{"a type that R4 does not have", basic("asha", secret), grant + "&scope=system/Invoices.rs", 400, "invalid_scope", ""},
		{"letters out of their order", basic("asha", secret), grant + "&scope=system/Claim.sr", 400, "invalid_scope", ""},
		{"only scopes that say nothing here", basic("asha", secret), grant + "&scope=openid+fhirUser", 400, "invalid_scope", ""},
		{"a wrong secret is told before a wrong scope", basic("asha", "wrong"), grant + "&scope=openid", 401, "invalid_client", ""},
		{"an auditor reads", basic("ana", secret), grant, 200, "", "system/*.rs"},
		{"a password of odd letters, escaped", basic("odd", url.QueryEscape(odd)), grant, 200, "", "system/*.cruds"},
		{"a password of odd letters, as it is", basic("odd", odd), grant, 200, "", "system/*.cruds"},
		{"client_id beside HTTP Basic", basic("asha", secret), grant + "&client_id=asha", 200, "", "system/*.cruds"},
		{"another client_id beside HTTP Basic", basic("asha", secret), grant + "&client_id=ana", 400, "invalid_request", ""},
		{"two ways to authenticate", basic("asha", secret), grant + "&client_id=asha&client_secret=" + plain, 400, "invalid_request", ""},
		{"a wrong secret", basic("asha", "wrong"), grant, 401, "invalid_client", ""},
		{"a wrong secret in the form", nil, "client_id=asha&client_secret=wrong&" + grant, 401, "invalid_client", ""},
		{"an unknown client", basic("nobody", secret), grant, 401, "invalid_client", ""},
		{"a disabled account", basic("gone", secret), grant, 401, "invalid_client", ""},
		{"no client", nil, grant, 401, "invalid_client", ""},
		{"no grant type", basic("asha", secret), "scope=x", 400, "invalid_request", ""},
		{"another grant type", basic("asha", secret), "grant_type=password", 400, "unsupported_grant_type", ""},
		{"a parameter that is there twice", basic("asha", secret), grant + "&" + grant, 400, "invalid_request", ""},
		{"no form", http.Header{"Authorization": {authorization("asha", secret)}, "Content-Type": {"application/json"}}, `{}`, 400, "invalid_request", ""},
		{"TRAP: a POST of nothing as text/plain, as KenyaEMR sends it to a staging server", http.Header{"Authorization": {authorization("asha", secret)}, "Content-Type": {"text/plain"}}, "", 200, "", "system/*.cruds"},
		{"a POST of nothing by nobody", http.Header{"Content-Type": {"text/plain"}}, "", 400, "invalid_request", ""},
		{"a form that is too large", basic("asha", secret), grant + "&x=" + strings.Repeat("x", 64<<10), 400, "invalid_request", ""},
	} {
		w := p.ask(http.MethodPost, c.header, c.form)
		var got struct {
			Token   string `json:"access_token"`
			Type    string `json:"token_type"`
			Expires int    `json:"expires_in"`
			Scope   string `json:"scope"`
			Error   string `json:"error"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v in %s", c.name, err, w.Body)
		}
		if w.Code != c.status || got.Error != c.error || got.Scope != c.scope {
			t.Errorf("%s: got %d %+v, want %d %q %q", c.name, w.Code, got, c.status, c.error, c.scope)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: the headers are %v", c.name, w.Header())
		}
		if c.status == 401 && w.Header().Get("Www-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
		if c.status == 200 && (got.Type != "Bearer" || got.Expires != 3600 || p.caller(t, "Authorization", "Bearer "+got.Token) == "") {
			t.Errorf("%s: got %+v, want a token of an hour that lets in", c.name, got)
		}
	}
	if w := p.ask(http.MethodPut, basic("asha", secret), grant); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST, GET" {
		t.Errorf("PUT: HTTP %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// What is signed is a JWS that other software verifies by the same key.
func TestTokenIsAJWS(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	notes := newNotebook()
	p := begin(t, accounts{"asha": {Name: "asha", Secret: hashed(t, secret)}}, notes, nil, false, &now)
	parsed, err := jose.ParseSigned(p.token(t), []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	var keys []struct{ Secret []byte }
	if err := json.Unmarshal(notes.text["token-keys"], &keys); err != nil || len(keys) != 1 {
		t.Fatal(len(keys), err)
	}
	said, err := parsed.Verify(keys[0].Secret)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(said, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["sub"] != "asha" || claims["iss"] != "https://bima.test" || claims["exp"] != float64(now.Unix()+3600) {
		t.Errorf("the claims are %s", said)
	}
	if strings.Contains(string(said), "argon") {
		t.Errorf("the claims tell of the secret: %s", said)
	}
}

func TestTokensAreThoseOfAllProcesses(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	known, notes := accounts{"asha": {Name: "asha", Secret: hashed(t, secret)}}, newNotebook()
	first, second := begin(t, known, notes, nil, false, &now), begin(t, known, notes, nil, false, &now)
	token := first.token(t)
	if got := second.caller(t, "Authorization", "Bearer "+token); got != "asha" {
		t.Errorf("another process: got %q", got)
	}
	if got := begin(t, known, notes, nil, false, &now).caller(t, "Authorization", "Bearer "+token); got != "asha" {
		t.Errorf("after a restart: got %q", got)
	}
	if got := begin(t, known, newNotebook(), nil, false, &now).caller(t, "Authorization", "Bearer "+token); got != "" {
		t.Errorf("another scheme: got %q", got)
	}
	// The key becomes old: one process makes another, which the other learns of.
	now = now.Add(31 * 24 * time.Hour)
	if got := second.caller(t, "Authorization", "Bearer "+first.token(t)); got != "asha" {
		t.Errorf("after the key was changed: got %q", got)
	}
	if got := second.caller(t, "Authorization", "Bearer "+token); got != "" {
		t.Errorf("a token of last month: got %q", got)
	}
}

func TestTokenEnds(t *testing.T) {
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := start
	account := fhir.Account{Name: "asha", Secret: hashed(t, secret)}
	known := accounts{"asha": account}
	p := begin(t, known, newNotebook(), nil, false, &now)
	token := p.token(t)
	head, rest, _ := strings.Cut(token, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	var h struct{ Kid string }
	raw, _ := base64.RawURLEncoding.DecodeString(head)
	if err := json.Unmarshal(raw, &h); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		token  string
		after  time.Duration
		change func(fhir.Account) (fhir.Account, bool)
		want   string
	}{
		{"while it is good", token, time.Hour - time.Second, nil, "asha"},
		{"after an hour", token, time.Hour, nil, ""},
		{"when the account is disabled", token, 0, func(a fhir.Account) (fhir.Account, bool) { a.Disabled = true; return a, true }, ""},
		{"when the password changes", token, 0, func(a fhir.Account) (fhir.Account, bool) {
			a.Secret = hashed(t, "another long password")
			return a, true
		}, ""},
		{"when the roles change it stays", token, 0, func(a fhir.Account) (fhir.Account, bool) { a.Roles = []fhir.Role{fhir.RoleAuditor}; return a, true }, "asha"},
		{"when the account is removed", token, 0, func(a fhir.Account) (fhir.Account, bool) { return a, false }, ""},
		{"with another signature", head + "." + claims + "." + part("forged"), 0, nil, ""},
		{"without a signature", head + "." + claims + ".", 0, nil, ""},
		{"with alg none", part(`{"alg":"none","kid":"`+h.Kid+`"}`) + "." + claims + ".", 0, nil, ""},
		{"with other claims", head + "." + part(`{"sub":"asha","exp":99999999999}`) + "." + signature, 0, nil, ""},
		{"with a key nobody has", part(`{"alg":"HS256","kid":"bima-x"}`) + "." + claims + "." + signature, 0, nil, ""},
	} {
		now = start.Add(c.after)
		known["asha"] = account
		if c.change != nil {
			if changed, stays := c.change(account); stays {
				known["asha"] = changed
			} else {
				delete(known, "asha")
			}
		}
		if got := p.caller(t, "Authorization", "Bearer "+c.token); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAPIKeysStandForBearerAndBasic(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p := begin(t, accounts{"asha": {Name: "asha", Secret: hashed(t, secret)}}, newNotebook(), nil, false, &now)
	token := p.token(t)
	pair := base64.StdEncoding.EncodeToString([]byte("asha:" + secret))
	for _, c := range []struct{ header, value, want string }{
		{"Authorization", "ApiToken " + token, "asha"},
		{"Authorization", "ApiToken " + pair, "asha"},
		{"Authorization", "ApiToken d2_nobody", ""},
		{"Authorization", "bearer " + token, "asha"},
		{"Authorization", "Bearer " + pair, ""},
		{"Authorization", "Bearer", ""},
		{"Apikey", token, "asha"},
		{"Apikey", pair, "asha"},
		{"Apikey", "no", ""},
	} {
		if got := p.caller(t, c.header, c.value); got != c.want {
			t.Errorf("%s: %.12s…: got %q, want %q", c.header, c.value, got, c.want)
		}
	}
	if w := p.ask(http.MethodGet, http.Header{"Apikey": {pair}}, ""); w.Code != http.StatusOK || p.caller(t, "Authorization", "Bearer "+w.Body.String()) != "asha" {
		t.Errorf("a token for an API key: HTTP %d", w.Code)
	}
	if w := p.ask(http.MethodGet, http.Header{"Authorization": {"Bearer " + token}}, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("a token for a token: HTTP %d, want 401: none lives on for ever", w.Code)
	}
}

// The tokens of an issuer are known beside ours.
func TestTokensBesideAnIssuer(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	i := newIssuer(t)
	p := begin(t, accounts{"asha": {Name: "asha", Secret: hashed(t, secret)}}, newNotebook(), smart.NewIssuer(i.URL, "bima", func() time.Time { return now }), false, &now)
	theirs := i.token(t, map[string]any{"iss": i.URL, "aud": "bima", "sub": "emr-7", "exp": now.Add(time.Hour).Unix()})
	for token, want := range map[string]string{theirs: "emr-7", p.token(t): "asha"} {
		if got := p.caller(t, "Authorization", "Bearer "+token); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A server without accounts gives whoever comes a token, which is worth nothing
// once there are accounts.
func TestTokensOfAnOpenServer(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	notes := newNotebook()
	open := begin(t, accounts{}, notes, nil, true, &now)
	token := open.token(t)
	if got := open.caller(t, "Authorization", "Bearer "+token); got != "developer" {
		t.Errorf("got %q, want developer", got)
	}
	closed := begin(t, accounts{"developer": {Name: "developer"}, "asha": {Name: "asha", Secret: hashed(t, secret)}}, notes, nil, false, &now)
	if got := closed.caller(t, "Authorization", "Bearer "+token); got != "" {
		t.Errorf("on a server with accounts: got %q", got)
	}
}

func FuzzBearer(f *testing.F) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	auth, err := smart.NewAuthenticator(accounts{}, nil, false, func() time.Time { return now })
	if err != nil {
		f.Fatal(err)
	}
	auth.Take(smart.NewTokens(newNotebook(), "https://bima.test", func() time.Time { return now }))
	f.Add("Bearer x.y.z")
	f.Add("ApiToken YTpi")
	f.Add("Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6ImJpbWEteCJ9.e30.")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", header)
		if caller, err := auth.Authenticate(r); err == nil {
			t.Errorf("%q lets in %q", header, caller.Name)
		}
	})
}
