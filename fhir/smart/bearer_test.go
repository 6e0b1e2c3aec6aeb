package smart_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
	"bima/fhir/smart"
)

// An issuer is a fake of an OpenID Connect issuer: discovery, keys, tokens.
type issuer struct {
	*httptest.Server
	signer jose.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{}
	i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	answer := func(path string, v func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(v())
		})
	}
	answer("/.well-known/openid-configuration", func() any {
		return map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/a", "token_endpoint": i.URL + "/t",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		}
	})
	answer("/keys", func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) token(t *testing.T, claims map[string]any) string {
	t.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := i.signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAuthenticate_Bearer(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	i, stranger := newIssuer(t), newIssuer(t)
	claims := func(change func(map[string]any)) map[string]any {
		c := map[string]any{
			"iss": i.URL, "aud": "bima", "sub": "emr-7", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
			"roles": []string{"facility", "king"},
		}
		change(c)
		return c
	}
	auth, err := smart.NewAuthenticator(accounts{}, smart.NewIssuer(i.URL, "bima", func() time.Time { return now }), false, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, token string
		want        string
	}{
		{"a good token", i.token(t, claims(func(map[string]any) {})), "emr-7"},
		{"an expired one", i.token(t, claims(func(c map[string]any) { c["exp"] = now.Add(-time.Minute).Unix() })), ""},
		{"one for another audience", i.token(t, claims(func(c map[string]any) { c["aud"] = "dhis2" })), ""},
		{"one that names another issuer", i.token(t, claims(func(c map[string]any) { c["iss"] = stranger.URL })), ""},
		{"one signed by a stranger", stranger.token(t, claims(func(map[string]any) {})), ""},
		{"one with a scope narrowed by a search", i.token(t, claims(func(c map[string]any) { c["scope"] = "openid system/Claim.rs?status=active" })), "forbidden"},
		{"roles that are no list", i.token(t, claims(func(c map[string]any) { c["roles"] = "facility" })), ""},
		{"no token at all", "x.y.z", ""},
	} {
		r := httptest.NewRequest("GET", "/fhir/Patient", nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		caller, err := auth.Authenticate(r)
		if c.want == "forbidden" && fhir.HasIssue(err, fhir.IssueForbidden) {
			continue
		}
		if caller.Name != c.want || c.want == "" && !fhir.HasIssue(err, fhir.IssueLogin) {
			t.Errorf("%s: got caller %q, %v, want %q", c.name, caller.Name, err, c.want)
		}
		if c.want != "" && (!caller.Has(fhir.RoleFacility) || caller.Has(fhir.RoleAdministrator) || len(caller.Roles) != 1) {
			t.Errorf("%s: got roles %v, want facility alone", c.name, caller.Roles)
		}
	}
}

func TestAuthenticate_IssuerOutOfReach(t *testing.T) {
	i := newIssuer(t)
	i.Close()
	auth, err := smart.NewAuthenticator(accounts{}, smart.NewIssuer(i.URL, "bima", time.Now), false, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/fhir/Patient", nil)
	r.Header.Set("Authorization", "Bearer x.y.z")
	if _, err := auth.Authenticate(r); !fhir.HasIssue(err, fhir.IssueTransient) {
		t.Errorf("got %v, want an issue of type transient", err)
	}
}

// A silent issuer takes connections and answers nothing. Whoever comes must wait
// no longer than he may, and after a failure nobody asks again for a while.
func TestIssuer_ThatFailedIsLeftAloneForAWhile(t *testing.T) {
	var asked atomic.Int32
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(down.Close)
	i := smart.NewIssuer(down.URL, "bima", time.Now)
	for range 20 {
		if _, err := i.Caller(t.Context(), "x.y.z"); !fhir.HasIssue(err, fhir.IssueTransient) {
			t.Errorf("got %v, want an issue of type transient", err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the issuer was asked %d times, want once", n)
	}
}

func TestIssuer_WhoeverWaitsForItMayGiveUp(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(release) })
	i := smart.NewIssuer(silent.URL, "bima", time.Now)
	first := make(chan error, 1)
	patient, stop := context.WithCancel(t.Context())
	go func() {
		_, err := i.Caller(patient, "x.y.z")
		first <- err
	}()
	hasty, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Caller(hasty, "x.y.z"); !fhir.HasIssue(err, fhir.IssueTransient) {
		t.Errorf("got %v, want an issue of type transient", err)
	}
	stop()
	if err := <-first; !fhir.HasIssue(err, fhir.IssueTransient) {
		t.Errorf("got %v, want an issue of type transient", err)
	}
}

// The scopes of an issuer's token hold its bearer, whichever claim names them; what
// is no scope for resources leaves all that the roles allow.
func TestIssuer_Scopes(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	i := newIssuer(t)
	theirs := smart.NewIssuer(i.URL, "bima", func() time.Time { return now })
	for _, c := range []struct {
		claim string
		value any
		want  string
	}{
		{"scope", "openid profile email", ""},
		{"scope", "openid user/Claim.rs", "user/Claim.rs"},
		{"scp", "system/Claim.read", "system/Claim.read"},
		{"scp", []string{"openid", "system/Claim.r", "system/Patient.s"}, "system/Claim.r system/Patient.s"},
	} {
		token := i.token(t, map[string]any{"iss": i.URL, "aud": "bima", "sub": "emr-7", "exp": now.Add(time.Hour).Unix(), c.claim: c.value})
		caller, err := theirs.Caller(t.Context(), token)
		if err != nil || caller.Grant.String() != c.want || (caller.Grant == nil) != (c.want == "") {
			t.Errorf("%v: got %q, %v, want %q", c.value, caller.Grant, err, c.want)
		}
	}
}
