package smart_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
	"bima/fhir/smart"
)

const tokenURL = "https://bima.test/oauth2/token"

// A signer is a client with a private key.
type signer struct {
	t   *testing.T
	key any
	alg jose.SignatureAlgorithm
	kid string
}

func (s signer) public() jose.JSONWebKey {
	k := jose.JSONWebKey{Key: s.key, KeyID: s.kid, Algorithm: string(s.alg), Use: "sig"}
	return k.Public()
}

func (s signer) sign(claims map[string]any) string {
	s.t.Helper()
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: s.alg, Key: s.key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", s.kid))
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := made.Sign(text)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func newEC(t *testing.T, curve elliptic.Curve, alg jose.SignatureAlgorithm, kid string) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{t, key, alg, kid}
}

func newRSA(t *testing.T, alg jose.SignatureAlgorithm, kid string) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return signer{t, key, alg, kid}
}

func keysOf(t *testing.T, keys ...jose.JSONWebKey) string {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := smart.ReadKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func asserting(assertion string, more ...string) string {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form.Encode()
}

func TestPrivateKeyJWT(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ec, rs := newEC(t, elliptic.P384(), jose.ES384, "ec"), newRSA(t, jose.RS384, "rs")
	stranger, short := newEC(t, elliptic.P384(), jose.ES384, "ec"), newEC(t, elliptic.P256(), jose.ES256, "ec")
	weak := signer{t, rs.key, jose.RS256, "rs"}
	renamed := signer{t, ec.key, jose.ES384, "other"}
	known := accounts{
		"emr":  {Name: "emr", Roles: []fhir.Role{fhir.RoleFacility}, Keys: keysOf(t, ec.public(), rs.public())},
		"gone": {Name: "gone", Keys: keysOf(t, ec.public()), Disabled: true},
		"asha": {Name: "asha", Secret: hashed(t, secret)},
	}
	p := begin(t, known, newNotebook(), nil, false, &now)
	count := 0
	claims := func(changes ...any) map[string]any {
		count++
		c := map[string]any{"iss": "emr", "sub": "emr", "aud": tokenURL, "exp": now.Add(5 * time.Minute).Unix(), "jti": "j" + strings.Repeat("x", count)}
		for i := 0; i < len(changes); i += 2 {
			if c[changes[i].(string)] = changes[i+1]; changes[i+1] == nil {
				delete(c, changes[i].(string))
			}
		}
		return c
	}
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	body, _ := json.Marshal(claims())
	forged := ec.sign(claims())
	confused, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS384, Key: []byte(strings.Repeat("k", 48))}, (&jose.SignerOptions{}).WithHeader("kid", "rs"))
	if err != nil {
		t.Fatal(err)
	}
	mac, err := confused.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	macText, _ := mac.CompactSerialize()
	for _, c := range []struct {
		name  string
		form  string
		want  int
		error string
	}{
		{"ES384", asserting(ec.sign(claims())), 200, ""},
		{"RS384", asserting(rs.sign(claims())), 200, ""},
		{"an audience among several", asserting(ec.sign(claims("aud", []string{"x", tokenURL}))), 200, ""},
		{"client_id beside it", asserting(ec.sign(claims()), "client_id", "emr"), 200, ""},
		{"a scope", asserting(ec.sign(claims()), "scope", "system/Claim.rs"), 200, ""},
		{"a scope that is not supported", asserting(ec.sign(claims()), "scope", "patient/Claim.rs"), 400, "invalid_scope"},
		{"another client_id", asserting(ec.sign(claims()), "client_id", "asha"), 401, "invalid_client"},
		{"another audience", asserting(ec.sign(claims("aud", "https://bima.test/fhir"))), 401, "invalid_client"},
		{"no audience", asserting(ec.sign(claims("aud", nil))), 401, "invalid_client"},
		{"an audience that is no text", asserting(ec.sign(claims("aud", 7))), 401, "invalid_client"},
		{"run out this second", asserting(ec.sign(claims("exp", now.Unix()))), 401, "invalid_client"},
		{"a second before it runs out", asserting(ec.sign(claims("exp", now.Unix()+1))), 200, ""},
		{"five minutes by a clock half a minute ahead", asserting(ec.sign(claims("exp", now.Unix()+330))), 200, ""},
		{"longer than five minutes", asserting(ec.sign(claims("exp", now.Unix()+331))), 401, "invalid_client"},
		{"no end", asserting(ec.sign(claims("exp", nil))), 401, "invalid_client"},
		{"not good yet", asserting(ec.sign(claims("nbf", now.Unix()+31))), 401, "invalid_client"},
		{"good since a moment ahead", asserting(ec.sign(claims("nbf", now.Unix()+30))), 200, ""},
		{"no jti", asserting(ec.sign(claims("jti", nil))), 401, "invalid_client"},
		{"a jti without end", asserting(ec.sign(claims("jti", strings.Repeat("j", 513)))), 401, "invalid_client"},
		{"issuer and subject that differ", asserting(ec.sign(claims("iss", "asha"))), 401, "invalid_client"},
		{"nobody", asserting(ec.sign(claims("iss", "", "sub", ""))), 401, "invalid_client"},
		{"an unknown client", asserting(ec.sign(claims("iss", "x", "sub", "x"))), 401, "invalid_client"},
		{"a client without keys", asserting(ec.sign(claims("iss", "asha", "sub", "asha"))), 401, "invalid_client"},
		{"a disabled account", asserting(ec.sign(claims("iss", "gone", "sub", "gone"))), 401, "invalid_client"},
		{"alg none", asserting(part(`{"alg":"none","kid":"ec"}`) + "." + part(string(body)) + "."), 401, "invalid_client"},
		{"a MAC by a public key's name", asserting(macText), 401, "invalid_client"},
		{"ES256", asserting(short.sign(claims())), 401, "invalid_client"},
		{"RS256 by the right key", asserting(weak.sign(claims())), 401, "invalid_client"},
		{"a stranger's key by the same name", asserting(stranger.sign(claims())), 401, "invalid_client"},
		{"the right key by another name", asserting(renamed.sign(claims())), 401, "invalid_client"},
		{"a signature of other claims", asserting(forged[:strings.LastIndexByte(forged, '.')] + ec.sign(claims())[strings.LastIndexByte(ec.sign(claims()), '.'):]), 401, "invalid_client"},
		{"no JWT", asserting("x"), 401, "invalid_client"},
		{"too long", asserting(strings.Repeat("x", 17<<10)), 401, "invalid_client"},
		{"another type of assertion", asserting(ec.sign(claims()), "client_assertion_type", "saml"), 400, "invalid_request"},
		{"a secret beside it", asserting(ec.sign(claims()), "client_secret", "x"), 400, "invalid_request"},
	} {
		w := p.ask(http.MethodPost, nil, c.form)
		var got struct {
			Token string `json:"access_token"`
			Error string `json:"error"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.want || got.Error != c.error {
			t.Errorf("%s: got HTTP %d %s, want %d %q", c.name, w.Code, w.Body, c.want, c.error)
		}
		if c.want == 200 && p.caller(t, "Authorization", "Bearer "+got.Token) != "emr" {
			t.Errorf("%s: the token is not emr's", c.name)
		}
	}
	token := p.ask(http.MethodPost, nil, asserting(ec.sign(claims())))
	var got struct {
		Token string `json:"access_token"`
	}
	_ = json.Unmarshal(token.Body.Bytes(), &got)
	account := known["emr"]
	account.Keys = keysOf(t, rs.public())
	known["emr"] = account
	if name := p.caller(t, "Authorization", "Bearer "+got.Token); name != "" {
		t.Errorf("after the keys changed: got %q", name)
	}
	if name := p.caller(t, "Authorization", authorization("emr", "")); name != "" {
		t.Errorf("an account without a password lets in by none: %q", name)
	}
}

// An assertion is good once, in all processes, also when it comes to both at once;
// after its end its jti is free.
func TestAssertionsAreGoodOnce(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ec := newEC(t, elliptic.P384(), jose.ES384, "ec")
	known, notes := accounts{"emr": {Name: "emr", Keys: keysOf(t, ec.public())}}, newNotebook()
	first, second := begin(t, known, notes, nil, false, &now), begin(t, known, notes, nil, false, &now)
	claims := func(jti string) map[string]any {
		return map[string]any{"iss": "emr", "sub": "emr", "aud": tokenURL, "exp": now.Add(time.Minute).Unix(), "jti": jti}
	}
	once := ec.sign(claims("once"))
	var group sync.WaitGroup
	codes := make([]int, 6)
	for i := range codes {
		p := []process{first, second}[i%2]
		group.Go(func() { codes[i] = p.ask(http.MethodPost, nil, asserting(once)).Code })
	}
	group.Wait()
	good := 0
	for _, code := range codes {
		if code == http.StatusOK {
			good++
		} else if code != http.StatusUnauthorized {
			t.Errorf("HTTP %d", code)
		}
	}
	if good != 1 {
		t.Errorf("%d of %d were answered with a token, want 1", good, len(codes))
	}
	if w := second.ask(http.MethodPost, nil, asserting(ec.sign(claims("once")))); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "used before") {
		t.Errorf("signed again with the same jti: HTTP %d %s", w.Code, w.Body)
	}
	now = now.Add(time.Minute)
	if w := second.ask(http.MethodPost, nil, asserting(ec.sign(claims("once")))); w.Code != http.StatusOK {
		t.Errorf("after its end: HTTP %d %s", w.Code, w.Body)
	}
}

// A crowded notebook lets others read while one reads.
type crowded struct{ *notebook }

func (c crowded) Note(ctx context.Context, name string) ([]byte, int64, error) {
	text, version, err := c.notebook.Note(ctx, name)
	for range 1000 {
		runtime.Gosched()
	}
	return text, version, err
}

// Many workers of one client ask at once: each is given its token.
func TestManyAssertionsAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ec := newEC(t, elliptic.P384(), jose.ES384, "ec")
	p := begin(t, accounts{"emr": {Name: "emr", Keys: keysOf(t, ec.public())}}, crowded{newNotebook()}, nil, false, &now)
	forms, codes := make([]string, 60), make([]int, 60)
	for i := range forms {
		forms[i] = asserting(ec.sign(map[string]any{"iss": "emr", "sub": "emr", "aud": tokenURL, "jti": fmt.Sprint(i), "exp": now.Add(time.Minute).Unix()}))
	}
	var group sync.WaitGroup
	for i := range forms {
		group.Go(func() { codes[i] = p.ask(http.MethodPost, nil, forms[i]).Code })
	}
	group.Wait()
	for i, code := range codes {
		if code != http.StatusOK {
			t.Errorf("the worker %d: HTTP %d", i, code)
		}
	}
}

func TestReadKeys(t *testing.T) {
	ec, other := newEC(t, elliptic.P384(), jose.ES384, "ec"), newEC(t, elliptic.P256(), jose.ES256, "p256")
	private := jose.JSONWebKey{Key: ec.key, KeyID: "ec"}
	nameless := ec.public()
	nameless.KeyID = ""
	for name, keys := range map[string][]jose.JSONWebKey{
		"private": {private}, "without a kid": {nameless}, "twice": {ec.public(), ec.public()}, "of another curve": {other.public()}, "none": nil,
	} {
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := smart.ReadKeys(text); err == nil {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if _, err := smart.ReadKeys([]byte("no")); err == nil {
		t.Error("what is no JSON was taken")
	}
}
