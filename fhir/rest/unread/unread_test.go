package unread_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"bima/fhir/rest/unread"
)

// TestWhatCanNotBeReadIsAnsweredInFHIR sends what net/http refuses by itself.
func TestWhatCanNotBeReadIsAnsweredInFHIR(t *testing.T) {
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		name, request string
		status        int
		says          string
	}{
		{"a percent of nothing", "GET /fhir/% HTTP/1.1\r\nHost: x\r\n\r\n", 400, "%25"},
		{"a percent of no digits", "GET /fhir/Patient/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "%25"},
		{"a blank", "GET /fhir/Patient?name=a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "%20"},
		{"no host", "GET /fhir/Patient HTTP/1.1\r\n\r\n", 400, "Host"},
		{"a header of two words", "GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n", 400, "header"},
		{"a long line", "GET /fhir/Patient?name=" + strings.Repeat("a", 80<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "_search"},
		{"an encoding", "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: zip\r\n\r\n", 501, "Transfer-Encoding"},
		{"another HTTP", "GET /fhir/Patient HTTP/3.0\r\nHost: x\r\n\r\n", 505, "HTTP/1.1"},
		{"after a good one", "GET /fhir/Patient HTTP/1.1\r\nHost: x\r\n\r\nGET /fhir/% HTTP/1.1\r\nHost: x\r\n\r\n", 400, "%25"},
	} {
		head, body := spoken(t, address, c.request)
		var outcome struct {
			ResourceType string
			Issue        []struct{ Severity, Code, Diagnostics string }
		}
		if err := json.Unmarshal([]byte(body), &outcome); err != nil || outcome.ResourceType != "OperationOutcome" || len(outcome.Issue) != 1 {
			t.Errorf("%s: the body is no OperationOutcome: %q", c.name, body)
			continue
		}
		if !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", c.status)) || !strings.Contains(head, "application/fhir+json") {
			t.Errorf("%s: answered\n%s\nwant %d in FHIR JSON", c.name, head, c.status)
		}
		if says := outcome.Issue[0].Diagnostics; !strings.Contains(says, c.says) {
			t.Errorf("%s: says %q, want %q in it", c.name, says, c.says)
		}
	}
}

// serve gives the address of a server with a handler.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := unread.Server(&http.Server{Handler: h, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: time.Minute})
	go func() { _ = server.Serve(unread.Listener(listener)) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// spoken sends a request and gives the last answer of the connection.
func spoken(t *testing.T, address, request string) (head, body string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	all, _ := io.ReadAll(c) // a line that was not read to its end may end in a reset
	answer := string(all)
	if at := strings.LastIndex(answer, "HTTP/1.1 "); at > 0 {
		answer = answer[at:]
	}
	head, body, _ = strings.Cut(answer, "\r\n\r\n")
	return head, body
}

// TestAnAnswerThatHoldsSuchATextIsLeftAlone reads what is as long and reads like an
// answer of net/http's own, behind what fills its buffers.
func TestAnAnswerThatHoldsSuchATextIsLeftAlone(t *testing.T) {
	const own = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
	want := strings.Repeat(".", 4<<10) + own
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(want)))
		_, _ = io.WriteString(w, strings.Repeat(".", 4<<10))
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, own)
	})
	response, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if got, err := io.ReadAll(response.Body); err != nil || string(got) != want {
		t.Errorf("read %d bytes (%v), want %d as they were written", len(got), err, len(want))
	}
}
