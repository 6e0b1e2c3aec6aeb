// Package websockettest is a client of WebSockets for tests, which can also do what
// RFC 6455 forbids.
package websockettest

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A Client is one side of a connection.
type Client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// patience is how long a test waits for a frame.
const patience = time.Minute

// Dial opens a WebSocket at an http URL, with headers beside those of its own.
func Dial(t testing.TB, target string, header http.Header) *Client {
	t.Helper()
	c, answer := Try(t, target, header)
	if c == nil {
		t.Fatalf("no WebSocket was opened: HTTP %d", answer.StatusCode)
	}
	return c
}

// Try is Dial that may be refused: then there is no client, and the answer says
// why.
func Try(t testing.TB, target string, header http.Header) (*Client, *http.Response) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Connection", "keep-alive, Upgrade")
	r.Header.Set("Upgrade", "WebSocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	for name, values := range header {
		r.Header[name] = values
	}
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	c := &Client{t: t, conn: conn, in: bufio.NewReader(conn)}
	answer, err := http.ReadResponse(c.in, r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, answer
	}
	// The answer to the key that RFC 6455, 1.3 gives as its example.
	if got := answer.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("the key is answered by %q", got)
	}
	return c, answer
}

// Send sends a text.
func (c *Client) Send(text string) { c.Frame(0x81, []byte(text)) }

// Frame sends a masked frame that begins with a byte of flags and kind.
func (c *Client) Frame(first byte, body []byte) {
	c.t.Helper()
	b := []byte{first}
	switch n := len(body); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	var mask [4]byte
	_, _ = rand.Read(mask[:]) // it never fails
	b = append(b, mask[:]...)
	for i, one := range body {
		b = append(b, one^mask[i%4])
	}
	c.Raw(b)
}

// Raw sends bytes as they are.
func (c *Client) Raw(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// Next gives the kind and the body of the next frame: "text bound x", "ping",
// "pong x", "close 1002 why"; "end" where there is none.
func (c *Client) Next() string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "end"
	}
	var b [8]byte
	if _, err := io.ReadFull(c.in, b[:2]); err != nil {
		return "end"
	}
	if b[1]&0x80 != 0 {
		c.t.Errorf("a server's frame is masked")
	}
	kind, size := b[0], uint64(b[1])
	switch size {
	case 126:
		_, _ = io.ReadFull(c.in, b[:2])
		size = uint64(binary.BigEndian.Uint16(b[:2]))
	case 127:
		_, _ = io.ReadFull(c.in, b[:8])
		size = binary.BigEndian.Uint64(b[:8])
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return "end"
	}
	return strings.TrimSpace(name(kind) + " " + shown(kind, body))
}

// name gives the kind of a whole frame.
func name(kind byte) string {
	switch kind {
	case 0x81:
		return "text"
	case 0x88:
		return "close"
	case 0x89:
		return "ping"
	case 0x8a:
		return "pong"
	}
	return "unknown"
}

func shown(kind byte, body []byte) string {
	if kind == 0x88 && len(body) >= 2 {
		return strings.TrimSpace(strconv.Itoa(int(binary.BigEndian.Uint16(body))) + " " + string(body[2:]))
	}
	return string(body)
}

// Text gives the next text, whatever pings come before it.
func (c *Client) Text() string {
	c.t.Helper()
	for {
		next := c.Next()
		if next == "ping" {
			continue
		}
		text, ok := strings.CutPrefix(next, "text ")
		if !ok {
			c.t.Fatalf("got %q, no text", next)
		}
		return text
	}
}

// Drop ends the connection without a word.
func (c *Client) Drop() { _ = c.conn.Close() }

// Basic gives the headers of HTTP Basic.
func Basic(user, password string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}}
}
