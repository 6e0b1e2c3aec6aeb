package resttest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// testWire covers what is below the stories: compression both ways, and bodies
// that are too deep.
func testWire(t *testing.T, base string) {
	l := newTeller(base)
	run := l.words["run"]
	big := `{"resourceType":"Basic","id":"` + run + `","code":{"text":"` + strings.Repeat("long ", 1000) + `"}}`
	t.Run("a compressed body is read", func(t *testing.T) {
		response, answer := l.exchange(t, http.MethodPut, "/Basic/"+run, zipped(t, big), Values{"Content-Encoding": "gzip", "Accept-Encoding": "identity"})
		if response.StatusCode != http.StatusCreated || !bytes.Contains(answer, []byte("long long")) {
			t.Errorf("got %d %s", response.StatusCode, shortened(answer))
		}
		if coding := response.Header.Get("Content-Encoding"); coding != "" {
			t.Errorf("the answer is %s, which was not accepted", coding)
		}
	})
	t.Run("a body that only says it is compressed is refused", func(t *testing.T) {
		response, answer := l.exchange(t, http.MethodPut, "/Basic/"+run, []byte(big), Values{"Content-Encoding": "gzip"})
		wantOutcome(t, response, answer, http.StatusBadRequest)
	})
	t.Run("a compression nobody knows is refused", func(t *testing.T) {
		response, answer := l.exchange(t, http.MethodPut, "/Basic/"+run, []byte(big), Values{"Content-Encoding": "br"})
		wantOutcome(t, response, answer, http.StatusUnsupportedMediaType)
	})
	t.Run("an answer is compressed for who accepts it", func(t *testing.T) {
		response, answer := l.exchange(t, http.MethodGet, "/Basic/"+run, nil, Values{"Accept-Encoding": "br;q=1.0, gzip;q=0.8, *;q=0.1"})
		if response.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("got Content-Encoding %q, want gzip", response.Header.Get("Content-Encoding"))
		}
		unzipped, err := gzip.NewReader(bytes.NewReader(answer))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(unzipped)
		if err != nil || !bytes.Contains(plain, []byte("long long")) {
			t.Errorf("got %s, %v", shortened(plain), err)
		}
		if !strings.Contains(response.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("Vary does not name Accept-Encoding: %q", response.Header.Get("Vary"))
		}
	})
	t.Run("an answer is left plain for who refuses gzip", func(t *testing.T) {
		response, _ := l.exchange(t, http.MethodGet, "/Basic/"+run, nil, Values{"Accept-Encoding": "gzip;q=0"})
		if response.Header.Get("Content-Encoding") != "" {
			t.Errorf("got Content-Encoding %q", response.Header.Get("Content-Encoding"))
		}
	})
	t.Run("a body nested too deep is refused", func(t *testing.T) {
		deep := `{"resourceType":"Basic","code":` + strings.Repeat(`{"coding":[`, 2000) + strings.Repeat(`]}`, 2000) + `}`
		response, answer := l.exchange(t, http.MethodPost, "/Basic", []byte(deep), nil)
		if response.StatusCode < 400 || response.StatusCode >= 500 || !bytes.Contains(answer, []byte("OperationOutcome")) {
			t.Errorf("got %d %s", response.StatusCode, shortened(answer))
		}
	})
	t.Run("a body larger than the limit is refused", func(t *testing.T) {
		huge := zipped(t, `{"resourceType":"Basic","code":{"text":"`+strings.Repeat("0123456789", 4<<20)+`"}}`)
		response, answer := l.exchange(t, http.MethodPost, "/Basic", huge, Values{"Content-Encoding": "gzip"})
		wantOutcome(t, response, answer, http.StatusRequestEntityTooLarge)
	})
	t.Run("a URL that is too long is refused", func(t *testing.T) {
		response, answer := l.exchange(t, http.MethodGet, "/Patient?name="+strings.Repeat("x", 20<<10), nil, nil)
		wantOutcome(t, response, answer, http.StatusRequestURITooLong)
	})
	t.Run("the same search by POST is answered", func(t *testing.T) {
		form := "identifier=" + strings.Repeat("x,", 2000) + run
		response, answer := l.exchange(t, http.MethodPost, "/Patient/_search", []byte(form), Values{"Content-Type": "application/x-www-form-urlencoded"})
		if response.StatusCode >= http.StatusInternalServerError {
			t.Errorf("got %d %s", response.StatusCode, shortened(answer))
		}
	})
}

// exchange sends a request by a client that compresses nothing of its own.
func (l *teller) exchange(t *testing.T, method, path string, body []byte, header Values) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, l.words["base"]+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/fhir+json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	plain := &http.Transport{DisableCompression: true}
	defer plain.CloseIdleConnections()
	response, err := plain.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, answer
}

func wantOutcome(t *testing.T, response *http.Response, answer []byte, status int) {
	t.Helper()
	if response.StatusCode != status || !bytes.Contains(answer, []byte(`"OperationOutcome"`)) {
		t.Errorf("got %d, want %d with an OperationOutcome: %s", response.StatusCode, status, shortened(answer))
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
