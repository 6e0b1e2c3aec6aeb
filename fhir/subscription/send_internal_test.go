package subscription

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Secrets are sent where the Endpoint led when they were, whatever a Sender reads of
// it later.
func TestAClientIsTiedToWhereSecretsAreFor(t *testing.T) {
	calls := 0
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ })
	home, login, thief := httptest.NewServer(count), httptest.NewServer(count), httptest.NewServer(count)
	for _, s := range []*httptest.Server{home, login, thief} {
		t.Cleanup(s.Close)
	}
	client := newClient(Settings{Private: true}.orDefault())
	kept := secret{Headers: []header{{Name: "Client-Secret", Value: "s"}}, Address: home.URL + "/r4\n" + login.URL + "/token"}
	for _, c := range []struct {
		name, url string
		kept      secret
		want      int
	}{
		{"the address", home.URL + "/r4/Patient", kept, 1},
		{"the token endpoint", login.URL + "/token", kept, 1},
		{"elsewhere", thief.URL + "/token", kept, 0},
		{"elsewhere without secrets", thief.URL, secret{Address: home.URL}, 1},
	} {
		calls = 0
		answer, err := tied(client, c.kept).Get(c.url)
		if err == nil {
			answer.Body.Close()
		}
		if calls != c.want || (err == nil) != (c.want == 1) {
			t.Errorf("%s: called %d times, %v", c.name, calls, err)
		}
	}
}

// A Sender is spared an answer without end, also one that is small on its way.
func TestAClientReadsNoAnswerWithoutEnd(t *testing.T) {
	flood := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var out io.Writer = w
		if r.URL.Path == "/small" {
			w.Header().Set("Content-Encoding", "gzip")
			out = gzip.NewWriter(w)
		}
		for page := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := out.Write(page); err != nil {
				return
			}
		}
	}))
	t.Cleanup(flood.Close)
	client := newClient(Settings{Private: true}.orDefault())
	for _, path := range []string{"/", "/small"} {
		answer, err := client.Get(flood.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if !errors.Is(err, errLong) || n != guardedMax {
			t.Errorf("%s: read %d bytes, %v", path, n, err)
		}
	}
}
