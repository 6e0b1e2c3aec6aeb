package websocket_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir/subscription/websocket"
	"bima/fhir/subscription/websocket/websockettest"
)

// echo serves connections that say what they hear.
func echo(t *testing.T, l websocket.Limits) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, status, err := websocket.Accept(w, r, l)
		if err != nil {
			if status > 0 {
				http.Error(w, err.Error(), status)
			}
			return
		}
		defer c.Close(websocket.StatusGoingAway, "")
		for {
			text, err := c.Read()
			if err != nil || c.Write(text) != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestTextsGoBothWays(t *testing.T) {
	c := websockettest.Dial(t, echo(t, websocket.Limits{Message: 1 << 17}), nil)
	for _, text := range []string{"", "bind 1", "Ünïcödé", strings.Repeat("a", 125), strings.Repeat("b", 126), strings.Repeat("c", 1<<16)} {
		c.Send(text)
		if got := c.Next(); got != strings.TrimSpace("text "+text) {
			t.Errorf("%.20q came back as %.20q", text, got)
		}
	}
	c.Frame(0x01, []byte("in "))
	c.Frame(0x89, []byte("between")) // a ping may come within a message
	c.Frame(0x00, []byte("three "))
	c.Frame(0x80, []byte("parts"))
	for _, want := range []string{"pong between", "text in three parts"} {
		if got := c.Next(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c.Frame(0x8a, nil) // a pong nobody asked for means nothing
	c.Frame(0x88, []byte{0x03, 0xe8})
	for _, want := range []string{"close 1000", "end"} {
		if got := c.Next(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMistakesCloseTheConnection(t *testing.T) {
	url := echo(t, websocket.Limits{Message: 10})
	for _, c := range []struct {
		name, want string
		send       func(*websockettest.Client)
	}{
		{"a frame that is not masked", "close 1002", func(c *websockettest.Client) { c.Raw([]byte{0x81, 1, 'a'}) }},
		{"a flag that means nothing", "close 1002", func(c *websockettest.Client) { c.Frame(0xc1, []byte("a")) }},
		{"a kind that is not known", "close 1002", func(c *websockettest.Client) { c.Frame(0x83, nil) }},
		{"bytes in place of a text", "close 1003", func(c *websockettest.Client) { c.Frame(0x82, []byte("a")) }},
		{"a ping in parts", "close 1002", func(c *websockettest.Client) { c.Frame(0x09, nil) }},
		{"a ping that is long", "close 1002", func(c *websockettest.Client) { c.Frame(0x89, bytes.Repeat([]byte("a"), 126)) }},
		{"a part of nothing", "close 1002", func(c *websockettest.Client) { c.Frame(0x80, []byte("a")) }},
		{"a message within another", "close 1002", func(c *websockettest.Client) { c.Frame(0x01, []byte("a")); c.Frame(0x81, []byte("b")) }},
		{"a text that is not UTF-8", "close 1007", func(c *websockettest.Client) { c.Frame(0x81, []byte{0xff}) }},
		{"a message that is too long", "close 1009", func(c *websockettest.Client) { c.Send("12345678901") }},
		{"parts that are too long together", "close 1009", func(c *websockettest.Client) { c.Frame(0x01, []byte("123456")); c.Frame(0x80, []byte("78901")) }},
		{"a length that no memory has", "close 1009", func(c *websockettest.Client) {
			c.Raw([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
		}},
		{"a close that is half a status", "close 1002", func(c *websockettest.Client) { c.Frame(0x88, []byte{3}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := websockettest.Dial(t, url, nil)
			client.Send("1234567890")
			if got := client.Next(); got != "text 1234567890" {
				t.Fatalf("what is as long as may be came back as %q", got)
			}
			c.send(client)
			if got := client.Next(); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := client.Next(); got != "end" {
				t.Errorf("it goes on with %q", got)
			}
		})
	}
}

func TestWhoSaysNothingIsLeft(t *testing.T) {
	c := websockettest.Dial(t, echo(t, websocket.Limits{Idle: 20 * time.Millisecond}), nil)
	if got := c.Next(); got != "close 1001" {
		t.Errorf("got %q", got)
	}
}

// Who reads nothing is left, however long he may take to read a text.
func TestWhoReadsNothingIsNotWaitedFor(t *testing.T) {
	closed := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := websocket.Accept(w, r, websocket.Limits{Write: time.Hour})
		if err != nil {
			t.Error(err)
			return
		}
		written := make(chan error, 1)
		var texts atomic.Int64
		go func() {
			for large := strings.Repeat("a", 1<<20); ; texts.Add(1) {
				if err := c.Write(large); err != nil {
					written <- err
					return
				}
			}
		}()
		for before := int64(-1); before != texts.Load(); <-time.After(20 * time.Millisecond) {
			before = texts.Load() // until the network holds no more
		}
		c.Close(websocket.StatusGoingAway, "")
		<-written
		close(closed)
	}))
	t.Cleanup(s.Close)
	websockettest.Dial(t, s.URL, nil)
	<-closed
}

func TestRequestsThatOpenNothing(t *testing.T) {
	url := echo(t, websocket.Limits{})
	for name, c := range map[string]struct {
		header http.Header
		want   int
	}{
		"another version": {http.Header{"Sec-Websocket-Version": {"8"}}, http.StatusUpgradeRequired},
		"a short key":     {http.Header{"Sec-Websocket-Key": {"YWJj"}}, http.StatusBadRequest},
		"no key":          {http.Header{"Sec-Websocket-Key": nil}, http.StatusBadRequest},
		"no upgrade":      {http.Header{"Connection": {"keep-alive"}}, http.StatusUpgradeRequired},
		"another upgrade": {http.Header{"Upgrade": {"h2c"}}, http.StatusUpgradeRequired},
	} {
		if client, answer := websockettest.Try(t, url, c.header); client != nil || answer.StatusCode != c.want {
			t.Errorf("%s: HTTP %d, want %d", name, answer.StatusCode, c.want)
		}
	}
	// An answer that is held in memory has no connection to take over.
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
	if _, status, err := websocket.Accept(httptest.NewRecorder(), r, websocket.Limits{}); status != http.StatusUpgradeRequired || err == nil {
		t.Errorf("%d, %v", status, err)
	}
}

// FuzzRead reads what anybody may send.
func FuzzRead(f *testing.F) {
	f.Add([]byte{0x81, 0x81, 1, 2, 3, 4, 'a' ^ 1})
	f.Add([]byte{0x88, 0x80, 0, 0, 0, 0})
	f.Add([]byte{0x01, 0xfe, 0, 200, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, sent []byte) {
		t.Parallel()
		done := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			c, _, err := websocket.Accept(w, r, websocket.Limits{Message: 100, Idle: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			for total := 0; ; {
				text, err := c.Read()
				if total += len(text); total > len(sent) {
					t.Errorf("of %d bytes %d were read", len(sent), total)
				}
				if err != nil {
					c.Close(websocket.StatusGoingAway, "")
					return
				}
			}
		}))
		defer s.Close()
		c := websockettest.Dial(t, s.URL, nil)
		c.Raw(sent)
		c.Drop()
		<-done
	})
}
