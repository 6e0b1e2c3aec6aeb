package subscription

import (
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
