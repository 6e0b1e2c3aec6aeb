package rest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"bima/fhir/rest"
)

// A client that sends all before it reads anything, as simple ones do, learns that
// its body was too long, and not only that the connection broke.
func TestWhoSendsTooMuchIsTold(t *testing.T) {
	const limit = 4 << 20
	server := httptest.NewServer(handler(t, rest.Options{Limits: rest.Limits{BodyBytes: limit}}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := bytes.Repeat([]byte{' '}, 3*limit)
	if _, err := fmt.Fprintf(conn, "POST /fhir/Patient HTTP/1.1\r\nHost: %s\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n%s",
		server.Listener.Addr(), len(body), body); err != nil {
		t.Fatalf("sending: %v", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", answer.StatusCode)
	}
}
