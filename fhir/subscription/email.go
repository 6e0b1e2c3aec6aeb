package subscription

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/subscription/mail"
)

// filesMost and filesBytes bound what is attached to one e-mail.
const (
	filesMost  = 20
	filesBytes = 8 << 20
)

// readMailbox understands "mailto:desk@example.org".
func (s *subscription) readMailbox() error {
	const at = "Subscription.channel.endpoint"
	address, ok := strings.CutPrefix(s.endpoint, "mailto:")
	if !ok {
		return fhir.Errorf(fhir.IssueValue, at, "an e-mail goes to mailto: and an address, such as mailto:desk@example.org")
	}
	var err error
	if s.mailbox, err = mail.ParseAddress(address); err != nil {
		return fhir.Errorf(fhir.IssueValue, at, "%s", err.Error())
	}
	return nil
}

// mayMail asks whether the operator allows e-mails to an address.
func (s Settings) mayMail(address string) error {
	const at = "Subscription.channel.endpoint"
	switch {
	case s.Mail.Host == "":
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.type", "this server sends no e-mails; its operator sets the server that takes them (--mail-host and --mail-from)")
	case !s.Mail.Allows(address):
		_, domain, _ := strings.Cut(address, "@")
		return fhir.Errorf(fhir.IssueSecurity, at, "%.260s is not among the domains that this server is set to send e-mails to; ask its operator to add it (--mail-allow)", domain)
	}
	return nil
}

// mail sends one e-mail about some events.
func (h *Hub) mail(ctx context.Context, s *subscription, state *fhir.Subscriber, events []fhir.Event, versions []*fhir.Resource) error {
	if err := h.settings.mayMail(s.mailbox); err != nil {
		return Refused(errors.New(fhir.OutcomeOf(err).Issues[0].Diagnostics))
	}
	files, err := h.files(ctx, s, state, events, versions)
	if err != nil {
		return err
	}
	first, last := events[0].Number, events[len(events)-1].Number
	_, domain, _ := strings.Cut(h.settings.Mail.From, "@")
	err = h.settings.Mail.Send(ctx, s.mailbox, mail.Message{
		ID: fmt.Sprintf("%s.%d@%s", s.id, first, domain), At: h.now(), Files: files,
		Subject: fmt.Sprintf("Subscription %s: %s", s.id, news(len(events))),
		Text: fmt.Sprintf("%s: %s for the Subscription %s, with the numbers %d to %d.\n\nSee them at\n%s\n",
			h.base, news(len(events)), s.id, first, last, h.listing(s, first, last)),
	})
	var rejection *mail.Rejection
	if errors.As(err, &rejection) {
		return Refused(err)
	}
	return err
}

// news counts events in words.
func news(n int) string {
	if n == 1 {
		return "1 new event"
	}
	return fmt.Sprintf("%d new events", n)
}

// listing gives where events are listed.
func (h *Hub) listing(s *subscription, first, last int64) string {
	since, until := "since", "until"
	if s.topic != nil {
		since, until = "eventsSinceNumber", "eventsUntilNumber"
	}
	return fmt.Sprintf("%s/Subscription/%s/$events?%s=%d&%s=%d", h.base, s.id, since, first, until, last)
}

// files gives what is attached where a payload was asked for: the resources, or of
// a topic the notification Bundle.
func (h *Hub) files(ctx context.Context, s *subscription, state *fhir.Subscriber, events []fhir.Event, versions []*fhir.Resource) ([]mail.File, error) {
	if s.payload == "" {
		return nil, nil
	}
	if s.topic != nil {
		last := max(state.Last, events[len(events)-1].Number)
		body, err := h.bundle(ctx, s, "history", notification{kind: "event-notification", status: s.status, last: last, events: events, versions: versions})
		return []mail.File{{Name: "notification.json", Media: mediaJSON, Body: body}}, err
	}
	var files []mail.File
	left := filesBytes
	for i, e := range events {
		body, media, err := s.body(versions[i])
		if err != nil {
			return nil, err
		}
		if left -= len(body); body == nil || left < 0 {
			continue // what was deleted, or is too large for a mailbox, is listed only
		}
		ending := ".json"
		if s.payload == mediaXML {
			ending = ".xml"
		}
		files = append(files, mail.File{Name: fmt.Sprintf("%d-%s-%s%s", e.Number, e.Key.Type, e.Key.ID, ending), Media: media, Body: body})
	}
	return files, nil
}
