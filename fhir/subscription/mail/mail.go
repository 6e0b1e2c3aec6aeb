// Package mail sends e-mails by SMTP, to subscribers who are told so.
//
// The door is Relay.Send. What is wrong for good, such as a mailbox that is not
// known, is a Rejection; anything else may be tried again.
//
// Source: RFC 5321 (SMTP), RFC 5322 and 2045 (messages), RFC 3834 (what is sent
// without a person).
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/smtp"
	"net/textproto"
	"path"
	"strings"
	"time"
)

// A Relay is the SMTP server that takes our e-mails. The zero value sends none.
type Relay struct {
	Host     string   // "smtp.example.org:587"; "" where no e-mails are sent
	From     string   // the address that sends
	User     string   // to log in with; "" does not
	Password string   // of that user
	TLS      Security // "" is StartTLS
	// Domains are those that e-mails may go to, "example.org" or "*.example.org";
	// none allows all.
	Domains []string
	Timeout time.Duration // for one e-mail; 0 is 30 s

	// Roots are whom the Relay's certificate may be signed by; nil is whom this
	// machine trusts.
	Roots *tls.Config
}

// Security is how the way to the Relay is encrypted.
type Security string

// The ways to the Relay.
const (
	StartTLS Security = "starttls" // encrypted before anything is said, or not used
	TLS      Security = "tls"      // encrypted from the first byte
	Plain    Security = "none"     // not encrypted: for a relay on this machine
)

// A Rejection is an answer that trying again does not change.
type Rejection struct{ Reason string }

// Error implements error.
func (r *Rejection) Error() string { return r.Reason }

// Allows reports whether e-mails may go to an address.
func (r Relay) Allows(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	for _, pattern := range r.Domains {
		if fits, err := path.Match(strings.ToLower(pattern), strings.ToLower(domain)); err == nil && fits {
			return true
		}
	}
	return len(r.Domains) == 0
}

// ParseAddress reads "asha@example.org": one address in ASCII, with nothing beside
// it.
func ParseAddress(text string) (string, error) {
	a, err := netmail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" || len(text) > 254 {
		return "", fmt.Errorf("%.260q is not one e-mail address, such as desk@example.org", text)
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f {
			return "", fmt.Errorf("the e-mail address %.260q holds more than ASCII letters", text)
		}
	}
	return text, nil
}

// Send sends one e-mail to one address.
func (r Relay) Send(ctx context.Context, to string, m Message) error {
	wait := r.Timeout
	if wait <= 0 {
		wait = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	client, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := r.introduce(client); err != nil {
		return err
	}
	if err := client.Mail(r.From); err != nil {
		err = told("the sender", err) // which is the operator's to put right, too
		if rejection := (*Rejection)(nil); errors.As(err, &rejection) {
			return errors.New(rejection.Reason)
		}
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return told("the mailbox", err)
	}
	w, err := client.Data()
	if err != nil {
		return told("the message", err)
	}
	if _, err := w.Write(m.Bytes(r.From, to)); err != nil {
		return fmt.Errorf("the mail server broke off: %w", err)
	}
	if err := w.Close(); err != nil {
		return told("the message", err)
	}
	_ = client.Quit() // the message is taken
	return nil
}

// dial opens a connection that ends with the context.
func (r Relay) dial(ctx context.Context) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return nil, fmt.Errorf("the mail server is not set as host:port: %w", err)
	}
	var conn net.Conn
	if r.TLS == TLS {
		conn, err = (&tls.Dialer{Config: r.config(host)}).DialContext(ctx, "tcp", r.Host)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", r.Host)
	}
	if err != nil {
		return nil, fmt.Errorf("the mail server can't be reached: %w", err)
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		stop()
		return nil, errors.Join(fmt.Errorf("the mail server does not greet: %w", err), conn.Close())
	}
	return client, nil
}

func (r Relay) config(host string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if r.Roots != nil {
		c = r.Roots.Clone()
	}
	c.ServerName = host
	return c
}

// errOpenWay is why nothing was said.
var errOpenWay = errors.New("the mail server offers no encryption (STARTTLS)")

// introduce encrypts the way and logs in. What fails here is the operator's to put
// right, not the subscriber's.
func (r Relay) introduce(client *smtp.Client) error {
	host, _, _ := net.SplitHostPort(r.Host)
	if r.TLS == StartTLS || r.TLS == "" {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return errOpenWay
		}
		if err := client.StartTLS(r.config(host)); err != nil {
			return fmt.Errorf("the way to the mail server can't be encrypted: %w", err)
		}
	}
	if r.User == "" {
		return nil
	}
	if err := client.Auth(smtp.PlainAuth("", r.User, r.Password, host)); err != nil {
		return fmt.Errorf("the mail server does not let this server in: %w", err)
	}
	return nil
}

// told gives what the mail server said of something: 5xx is for good. Its words
// may repeat the address, and are left out. Source: RFC 5321, 4.2.1.
func told(what string, err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("the mail server broke off: %w", err)
	}
	text := fmt.Sprintf("the mail server answered %d to %s", answer.Code, what)
	if answer.Code/100 == 5 {
		return &Rejection{text}
	}
	return errors.New(text)
}
