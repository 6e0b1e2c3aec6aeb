package subscription_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
	bimamail "bima/fhir/subscription/mail"
	"bima/fhir/subscription/mail/mailtest"
)

// posting are settings under which e-mails go to a server.
func posting(s *mailtest.Server) subscription.Settings {
	settings := quick()
	settings.MailPause = time.Millisecond
	settings.Mail = bimamail.Relay{Host: s.Addr, From: "bima@example.org", Roots: s.Roots, Domains: []string{"example.org"}}
	return settings
}

// posted gives the parts of an e-mail.
func posted(t *testing.T, m *mail.Message) []string {
	t.Helper()
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	plain := func(r io.Reader) string {
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, r))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if media == "text/plain" {
		return []string{plain(m.Body)}
	}
	var parts []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			return parts
		}
		parts = append(parts, part.FileName()+" "+part.Header.Get("Content-Type")+" "+plain(part))
	}
}

func TestSubscribersAreToldByMail(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := mailtest.Start(t, &mailtest.Server{User: "bima", Password: "sesame"})
		settings := posting(s)
		settings.Mail.User, settings.Mail.Password = "bima", "sesame"
		p := start(t, dsn, settings, true)
		s.Answer("BODY", "451 not now")
		p.subscribe(wish{id: "x", criteria: "Patient?gender=female", endpoint: "mailto:desk@example.org", channel: "email", payload: "text/plain"})
		p.put(patient("asha", "female", 1))
		p.put(patient("juma", "male", 1)) // a near miss
		p.awaitStatus("x", "error")
		p.put(patient("asha", "female", 2))
		s.Answer("BODY", "")
		until(t, "both events are told", func() bool { return p.state("x").Done == 2 })
		var all string
		for _, m := range s.Mails() {
			if m.To != "desk@example.org" {
				t.Errorf("sent to %s", m.To)
			}
			parts := posted(t, m.Message)
			all += m.Message.Header.Get("Subject") + "\n" + strings.Join(parts, "\n")
		}
		for _, want := range []string{"Subscription x: ", "new event", base + "/Subscription/x/$events?since=1&until="} {
			if !strings.Contains(all, want) {
				t.Errorf("the mails don't say %q: %s", want, all)
			}
		}
		for _, private := range []string{"asha", "v1", "v2", "female"} {
			if strings.Contains(all, private) {
				t.Errorf("the mails tell %q: %s", private, all)
			}
		}
		p.awaitStatus("x", "active")
	})
}

func TestAMailHoldsWhatItsPayloadAsksFor(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := mailtest.Start(t, &mailtest.Server{})
		p := start(t, dsn, posting(s), true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "mailto:desk@example.org", channel: "email", payload: "application/fhir+xml"})
		p.put(patient("asha", "female", 1))
		until(t, "a mail comes", func() bool { return len(s.Mails()) == 1 })
		parts := posted(t, s.Mails()[0].Message)
		if len(parts) != 2 || !strings.HasPrefix(parts[1], "1-Patient-asha.xml application/fhir+xml ") || !strings.Contains(parts[1], `<Patient xmlns="http://hl7.org/fhir"><id value="asha"/>`) {
			t.Errorf("the parts are %q", parts)
		}
		p.put(strings.Replace(topical("y", "mailto:desk@example.org", "id-only", "", ""), `"rest-hook"`, `"email"`, 1))
		p.awaitStatus("y", "active")
		p.delete("Subscription", "x")
		p.put(patient("juma", "male", 1))
		until(t, "another mail comes", func() bool { return len(s.Mails()) == 2 })
		parts = posted(t, s.Mails()[1].Message)
		if len(parts) != 2 || !strings.HasPrefix(parts[1], "notification.json application/fhir+json ") {
			t.Fatalf("the parts are %q", parts)
		}
		_, body, _ := strings.Cut(parts[1], "+json ")
		if got := notified(t, body); got != "event-notification of 1: #1 Patient/juma [POST ]" {
			t.Errorf("the Bundle tells %q", got)
		}
	})
}

func TestMailThatIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := mailtest.Start(t, &mailtest.Server{})
		p := start(t, dsn, posting(s), true)
		for name, c := range map[string]struct {
			wish wish
			at   string
		}{
			"another domain": {wish{endpoint: "mailto:a@example.com"}, "Subscription.channel.endpoint"},
			"two mailboxes":  {wish{endpoint: "mailto:a@example.org,b@example.org"}, "Subscription.channel.endpoint"},
			"headers":        {wish{endpoint: "mailto:a@example.org?bcc=b@example.org"}, "Subscription.channel.endpoint"},
			"a URL":          {wish{endpoint: "https://example.org"}, "Subscription.channel.endpoint"},
			"HTTP's headers": {wish{endpoint: "mailto:a@example.org", headers: []string{"Subject: b"}}, "Subscription.channel.header"},
		} {
			c.wish.id, c.wish.criteria, c.wish.channel = "x", "Patient?", "email"
			if _, err := p.try(c.wish.body()); err == nil || fhir.OutcomeOf(err).Issues[0].Expression != c.at {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A mailbox that is not known is not tried again.
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "mailto:nobody@example.org", channel: "email"})
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "off")
		if got := n.Get("error").Text(); got != "the mail server answered 550 to the mailbox" {
			t.Errorf("the error is %q", got)
		}
		if got := p.tasks("x"); len(got) != 1 || !strings.HasPrefix(got[0], "a mailbox at example.org has failed") {
			t.Errorf("a person is told %q", got)
		}
	})
}

func TestNoMailIsSentWhereNoServerIsSet(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		_, err := p.try(wish{id: "x", criteria: "Patient?", endpoint: "mailto:a@example.org", channel: "email"}.body())
		if err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Diagnostics, "--mail-host") {
			t.Errorf("got %v", err)
		}
	})
}
