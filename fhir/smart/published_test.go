package smart_test

import (
	"crypto/elliptic"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bima/fhir"
	"bima/fhir/smart"
)

// A client publishes its keys at a URL and changes them; the URL fails, lies, and is
// asked no more often than it must be.
func TestKeysAtAURL(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	first, second, stranger := newEC(t, elliptic.P384(), jose.ES384, "one"), newRSA(t, jose.RS384, "two"), newEC(t, elliptic.P384(), jose.ES384, "three")
	set := func(keys ...jose.JSONWebKey) string {
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	answer, status, asked := set(first.public()), http.StatusOK, 0
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer home.Close()
	known := accounts{"emr": {Name: "emr", Roles: []fhir.Role{fhir.RoleFacility}, Keys: home.URL + "/jwks.json"}}
	p := begin(t, known, newNotebook(), nil, false, &now)
	p.Fetch(home.Client())
	count := 0
	ask := func(by signer) int {
		count++
		return p.ask(http.MethodPost, nil, asserting(by.sign(map[string]any{
			"iss": "emr", "sub": "emr", "aud": tokenURL, "exp": now.Add(time.Minute).Unix(), "jti": fmt.Sprint(count),
		}))).Code
	}
	private, err := json.Marshal(jose.JSONWebKey{Key: stranger.key, KeyID: "three"})
	if err != nil {
		t.Fatal(err)
	}
	mixed := strings.Replace(set(second.public()), `{"keys":[`, `{"keys":[{"kty":"OKP","crv":"X448","x":"AA","kid":"far"},7,`+string(private)+`,`, 1)
	for _, step := range []struct {
		name   string
		after  time.Duration
		answer string
		status int
		by     signer
		want   int
		asked  int // times in all
	}{
		{"the key that is there", 0, set(first.public()), 200, first, 200, 1},
		{"once more, from memory", 10 * time.Second, "", 200, first, 200, 1},
		{"a key that is not there, a moment later", 0, mixed, 200, second, 401, 1},
		{"the new key, when the URL has had its rest", 20 * time.Second, mixed, 200, second, 200, 2},
		{"the old key, taken back", 0, mixed, 200, first, 401, 2},
		{"a private key that was published", 31 * time.Second, mixed, 200, stranger, 401, 3},
		{"before the set is old", 14*time.Minute + 59*time.Second, "", 500, second, 200, 3},
		{"an old set, when the URL fails", time.Second, "", 500, second, 200, 4},
		{"and when it leads elsewhere", 30 * time.Second, set(second.public()), 302, second, 200, 5},
		{"and when it lies", 30 * time.Second, "hello", 200, second, 200, 6},
		{"and when it says too much", 30 * time.Second, set(second.public()) + strings.Repeat(" ", 64<<10), 200, second, 200, 7},
		{"at the last moment that it counts", 58*time.Minute + 29*time.Second, "", 500, second, 200, 8},
		{"a moment later", time.Second, "", 500, second, 503, 8},
		{"when it is there again", 30 * time.Second, set(second.public()), 200, second, 200, 9},
	} {
		now, answer, status = now.Add(step.after), step.answer, step.status
		if got := ask(step.by); got != step.want || asked != step.asked {
			t.Errorf("%s: HTTP %d after asking %d times, want %d after %d", step.name, got, asked, step.want, step.asked)
		}
	}

	nobody := begin(t, known, newNotebook(), nil, false, &now)
	p = nobody
	if got := ask(second); got != http.StatusServiceUnavailable || asked != 9 {
		t.Errorf("a server that may call nobody: HTTP %d after asking %d times", got, asked)
	}
}

func TestURLsOfKeys(t *testing.T) {
	for text, good := range map[string]bool{
		"https://emr.example.org/jwks.json": true, "http://127.0.0.1:8080/keys": true, "http://localhost/keys": true, "http://[::1]/keys": true,
		"http://emr.example.org/jwks.json": false, "http://10.0.0.1/keys": false, "https://": false, "ftp://emr.example.org/x": false,
		"https://name:word@emr.example.org/x": false, "https://emr.example.org/x#y": false, "{}": false, "": false,
	} {
		if got, err := smart.ReadKeysURL(text); (err == nil) != good || good && got != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
