package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"bima/fhir/subscription/mail"
	"bima/fhir/subscription/mail/mailtest"
)

var note = mail.Message{
	ID: "x.1@example.org", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Subject: "Müller\r\nBcc: thief@example.org",
	Text:  "One line.\n.\nAnother.\n",
	Files: []mail.File{{Name: "a.json", Media: "application/fhir+json", Body: []byte(strings.Repeat(`{"resourceType":"Patient"}`, 50))}},
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	s := mailtest.Start(t, &mailtest.Server{User: "bima", Password: "sesame"})
	relay := mail.Relay{Host: s.Addr, From: "bima@example.org", User: "bima", Password: "sesame", Roots: s.Roots}
	if err := relay.Send(t.Context(), "desk@example.org", note); err != nil {
		t.Fatal(err)
	}
	m := s.Mails()[0]
	if m.From != "bima@example.org" || m.To != "desk@example.org" {
		t.Errorf("from %s to %s", m.From, m.To)
	}
	h := m.Message.Header
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != "MüllerBcc: thief@example.org" || h.Get("Bcc") != "" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	for name, want := range map[string]string{"Date": "Fri, 02 Jan 2026 03:04:05 +0000", "Message-ID": "<x.1@example.org>", "Auto-Submitted": "auto-generated"} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Message.Body, params["boundary"])
	for _, want := range []string{note.Text, string(note.Files[0].Body)} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil || string(body) != want {
			t.Errorf("a part is %q, %v, want %q", body, err, want)
		}
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		t.Errorf("after the parts: %v", err)
	}
}

func TestWhatAMailServerRefuses(t *testing.T) {
	cases := []struct {
		name, says string
		to         string
		forGood    bool
		server     *mailtest.Server
		command    string
		answer     string
		change     func(*mail.Relay)
	}{
		{name: "a mailbox that is not known", says: "550 to the mailbox", to: "nobody@example.org", forGood: true},
		{name: "a mailbox that is full", says: "452 to the mailbox", command: "RCPT", answer: "452 full"},
		{name: "a message that is spam", says: "554 to the message", forGood: true, command: "BODY", answer: "554 spam"},
		{name: "a server that is busy", says: "421 to the sender", command: "MAIL", answer: "421 busy"},
		{name: "a sender that is not known", says: "550 to the sender", command: "MAIL", answer: "550 who are you"},
		{name: "a password that is wrong", says: "does not let this server in", server: &mailtest.Server{User: "bima", Password: "other"}},
		{name: "a way that is open", says: "offers no encryption", server: &mailtest.Server{Open: true, User: "bima", Password: "sesame"}},
		{name: "a certificate nobody trusts", says: "can't be encrypted", change: func(r *mail.Relay) { r.Roots = nil }},
		{name: "a server that never answers", says: "the mail server", command: "MAIL", answer: "hang", change: func(r *mail.Relay) { r.Timeout = 50 * time.Millisecond }},
		{name: "a server that is not there", says: "can't be reached", change: func(r *mail.Relay) { r.Host = "127.0.0.1:1" }},
		{name: "a server without a port", says: "host:port", change: func(r *mail.Relay) { r.Host = "example.org" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.server == nil {
				c.server = &mailtest.Server{}
			}
			s := mailtest.Start(t, c.server)
			if c.command != "" {
				s.Answer(c.command, c.answer)
			}
			relay := mail.Relay{Host: s.Addr, From: "bima@example.org", Roots: s.Roots}
			if c.server.User != "" {
				relay.User, relay.Password = "bima", "sesame"
			}
			if c.change != nil {
				c.change(&relay)
			}
			if c.to == "" {
				c.to = "desk@example.org"
			}
			err := relay.Send(t.Context(), c.to, note)
			var rejection *mail.Rejection
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "nobody@") || errors.As(err, &rejection) != c.forGood {
				t.Errorf("got %v", err)
			}
			if got := s.Mails(); len(got) > 0 {
				t.Errorf("it took %v", got)
			}
		})
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	s := mailtest.Start(t, &mailtest.Server{})
	s.Answer("EHLO", "hang")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (mail.Relay{Host: s.Addr, From: "bima@example.org", Roots: s.Roots}).Send(ctx, "desk@example.org", note); err == nil {
		t.Error("it was sent")
	}
}

func TestAddresses(t *testing.T) {
	relay := mail.Relay{Domains: []string{"example.org", "*.Health.example"}}
	for address, want := range map[string]bool{"a@example.org": true, "a@EXAMPLE.org": true, "a@x.health.example": true, "a@health.example": false, "a@example.org.evil.example": false, "a": false} {
		if got := relay.Allows(address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	if !(mail.Relay{}).Allows("a@anywhere.example") {
		t.Error("no domain is named, and one is refused")
	}
	for _, text := range []string{"", "a", "a@b@c", "Asha <a@example.org>", "a@example.org, b@example.org", "a@example.org\r\nRCPT TO:<b>", " a@example.org", "ä@example.org", `"a b"@example.org`} {
		if got, err := mail.ParseAddress(text); err == nil {
			t.Errorf("%q was read as %q", text, got)
		}
	}
	if got, err := mail.ParseAddress("a.b+c@example.org"); got != "a.b+c@example.org" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
