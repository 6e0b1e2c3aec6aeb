// Package mailtest is an SMTP server for tests. It holds its clients to RFC 5321:
// commands out of their order, lines without CRLF or too long, senders that did
// not log in, and passwords on an open way are refused.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Server takes e-mails.
type Server struct {
	Addr  string      // host:port
	Roots *tls.Config // trusts its certificate

	User, Password string // who may send; "" anybody
	Open           bool   // it offers no STARTTLS

	listener net.Listener
	config   *tls.Config
	group    sync.WaitGroup
	mu       sync.Mutex
	mails    []Mail
	answers  map[string]string // what is answered to a command in place of what it would be
	conns    map[net.Conn]bool
	wrong    []string // what clients did that RFC 5321 forbids
}

// A Mail is one that was taken.
type Mail struct {
	From, To string // of the envelope
	Message  *mail.Message
	Text     string // the whole of it
}

// Start serves on this machine until the test ends, which fails where a client was
// wrong.
func Start(t testing.TB, s *Server) *Server {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Addr = s.listener.Addr().String()
	s.config, s.Roots = certificate(t)
	s.conns, s.answers = map[net.Conn]bool{}, map[string]string{}
	s.group.Go(s.accept)
	t.Cleanup(func() {
		s.Close()
		for _, text := range s.wrong {
			t.Errorf("the mail server was asked wrongly: %s", text)
		}
	})
	return s
}

// Close ends the server.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// Answer has a command ("RCPT", "DATA", "BODY" for what follows it) answered so;
// "" as it would be.
func (s *Server) Answer(command, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[command] = line
}

// Mails gives what was taken.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.group.Go(func() {
			defer conn.Close()
			(&session{Server: s, conn: conn, in: bufio.NewReader(conn)}).run()
		})
	}
}

// A session is what is said on one connection.
type session struct {
	*Server
	conn          net.Conn
	in            *bufio.Reader
	secure, known bool
	from, to      string
}

// blame notes what a client did wrong.
func (c *session) blame(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, text)
}

func (c *session) say(lines ...string) {
	_, _ = io.WriteString(c.conn, strings.Join(lines, "\r\n")+"\r\n")
}

// line reads a line of at most 512 bytes. Source: RFC 5321, 4.5.3.1.4.
func (c *session) line() (string, bool) {
	text, err := c.in.ReadString('\n')
	if err != nil {
		return "", false
	}
	text, ok := strings.CutSuffix(text, "\r\n")
	if !ok || len(text) > 510 {
		c.blame("a line that ends without CRLF or is too long")
	}
	return text, true
}

func (c *session) run() {
	c.say("220 mail.example.org ESMTP")
	for {
		text, ok := c.line()
		if !ok {
			return
		}
		word, rest, _ := strings.Cut(text, " ")
		word = strings.ToUpper(word)
		c.mu.Lock()
		other := c.answers[word]
		c.mu.Unlock()
		if other == "hang" {
			_, _ = c.in.ReadByte() // until the client gives up
			return
		}
		if other != "" {
			c.say(other)
			continue
		}
		if !c.command(word, rest) {
			return
		}
	}
}

// command answers a command and reports whether to go on.
func (c *session) command(word, rest string) bool {
	switch word {
	case "EHLO":
		c.hello()
	case "STARTTLS":
		return c.encrypt()
	case "AUTH":
		c.login(rest)
	case "MAIL":
		c.sender(rest)
	case "RCPT":
		c.recipient(rest)
	case "DATA":
		return c.data()
	case "*": // as net/smtp breaks off a login
		c.say("501 broken off")
	case "QUIT":
		c.say("221 bye")
		return false
	default:
		c.blame("a command that is not known: " + word)
		c.say("500 what?")
	}
	return true
}

func (c *session) hello() {
	lines := []string{"250-mail.example.org", "250 SIZE 20000000"}
	if c.User != "" && c.secure {
		lines = []string{lines[0], "250-AUTH PLAIN", lines[1]}
	}
	if !c.Open && !c.secure {
		lines = []string{lines[0], "250-STARTTLS", lines[1]}
	}
	c.say(lines...)
}

func (c *session) encrypt() bool {
	c.say("220 go on")
	conn := tls.Server(c.conn, c.config)
	if err := conn.Handshake(); err != nil {
		return false
	}
	c.conn, c.in, c.secure = conn, bufio.NewReader(conn), true
	return true
}

func (c *session) login(rest string) {
	_, text, _ := strings.Cut(rest, " ")
	told, err := base64.StdEncoding.DecodeString(text)
	if !c.secure {
		c.blame("a password on an open way")
	}
	if err != nil || string(told) != "\x00"+c.User+"\x00"+c.Password {
		c.say("535 wrong")
		return
	}
	c.known = true
	c.say("235 welcome")
}

func (c *session) sender(rest string) {
	address, ok := between(rest, "FROM:")
	switch {
	case !ok:
		c.blame("MAIL " + rest)
		c.say("501 MAIL FROM:<address>")
	case c.User != "" && !c.known:
		c.say("530 log in first")
	default:
		c.from, c.to = address, ""
		c.say("250 ok")
	}
}

func (c *session) recipient(rest string) {
	address, ok := between(rest, "TO:")
	switch {
	case !ok || c.from == "":
		c.blame("RCPT " + rest)
		c.say("503 not now")
	case strings.HasPrefix(address, "nobody@"):
		c.say("550 no such mailbox " + address)
	default:
		c.to = address
		c.say("250 ok")
	}
}

// between gives the address of "FROM:<a@b> SIZE=1".
func between(text, before string) (string, bool) {
	rest, ok := strings.CutPrefix(text, before+"<")
	address, _, ended := strings.Cut(rest, ">")
	return address, ok && ended
}

func (c *session) data() bool {
	if c.to == "" {
		c.blame("DATA to nobody")
		c.say("503 not now")
		return true
	}
	c.say("354 go on")
	var text strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		if !strings.HasSuffix(line, "\r\n") || len(line) > 1000 {
			c.blame("a line of a message that ends without CRLF or is too long")
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	m, err := mail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		c.blame("a message that can't be read: " + err.Error())
	}
	c.mu.Lock()
	answer := c.answers["BODY"]
	if answer == "" {
		answer = "250 taken"
		c.mails = append(c.mails, Mail{c.from, c.to, m, text.String()})
	}
	c.mu.Unlock()
	c.say(answer)
	c.from, c.to = "", ""
	return true
}

// certificate makes one for this machine, and who trusts it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example.org"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	one, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(one)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}
