package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// record keeps an attempt as an AuditEvent, and lets the Subscription's status say
// how it went: error when it failed, active again when it did not, off when it has
// failed for longer than the horizon or will as long as its settings are the same.
func (h *Hub) record(ctx context.Context, s *subscription, state *fhir.Subscriber, events []fhir.Event, done report) error {
	status := "active"
	if done.problem != nil {
		status = h.failing(state, "error", done.problem)
	}
	return h.server.Commit(ctx, func(tx fhir.Tx) error {
		if err := h.audit(tx, s, events, done); err != nil {
			return err
		}
		_, err := conclude(tx, s, state, status, done.problem)
		return err
	})
}

// failing gives the status of a Subscription that fails: off when it has for longer
// than the horizon, or when trying again does not mend it.
func (h *Hub) failing(state *fhir.Subscriber, status string, problem error) string {
	if IsRefused(problem) || h.now().Sub(state.Since) >= h.settings.Horizon {
		return "off"
	}
	return status
}

// conclude writes a status, and tells a person of one that is off. It gives the
// version it has made, 0 where it made none.
func conclude(tx fhir.Tx, s *subscription, state *fhir.Subscriber, status string, problem error) (version int64, err error) {
	version, err = restate(tx, s, status, problem)
	if err != nil || version == 0 || status != "off" {
		return version, err
	}
	return version, park(tx, s, state)
}

// restate is the function of that name in a transaction of its own.
func (h *Hub) restate(ctx context.Context, s *subscription, status string) error {
	return h.server.Commit(ctx, func(tx fhir.Tx) error { _, err := restate(tx, s, status, nil); return err })
}

// complain notes why a Subscription that was asked for is not active yet.
func (h *Hub) complain(ctx context.Context, s *subscription, state *fhir.Subscriber, problem error) error {
	var version int64
	err := h.server.Commit(ctx, func(tx fhir.Tx) (err error) {
		version, err = conclude(tx, s, state, h.failing(state, "requested", problem), problem)
		return err
	})
	if err == nil && version > 0 {
		h.sleep(s.id, version, state.Due)
	}
	return err
}

// restate writes the status of a Subscription, unless somebody has turned it off
// or asked for it anew since. It gives the version it has made, 0 where it made none.
func restate(tx fhir.Tx, s *subscription, status string, problem error) (version int64, err error) {
	r, err := tx.Read(fhir.Key{Type: "Subscription", ID: s.id})
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && r.Deleted {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return 0, err
	}
	now := doc.Root().Get("status").Text()
	anew := now == "requested" && (s.status != "requested" || r.Version != s.version)
	if now == status && problem == nil || now == "off" || anew {
		return 0, nil
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "status", quoted(status))
	if problem != nil {
		edit.Set(doc.Root(), "error", quoted(problem.Error()))
	}
	if problem != nil && status == "off" {
		edit.SetExtension(doc.Root(), profiles.ExtensionSubscriptionParked, "valueInstant", quoted(tx.Now().Format(time.RFC3339)))
	}
	made, err := tx.Update(&fhir.Resource{Key: r.Key, Body: edit.Bytes()}, r.Version)
	if err != nil {
		return 0, err
	}
	return made.Version, nil
}

// site gives an endpoint without its path and query, which may hold what only who
// may read the Subscription is to know.
func site(endpoint string) string {
	if _, domain, mailbox := strings.Cut(endpoint, "@"); mailbox && strings.HasPrefix(endpoint, "mailto:") {
		return "a mailbox at " + domain
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "the endpoint"
	}
	if u.Opaque != "" {
		return u.Scheme + ":" + u.Opaque // the name of an Endpoint
	}
	return u.Scheme + "://" + u.Host
}

// park gives what can't be delivered to a person.
func park(tx fhir.Tx, s *subscription, state *fhir.Subscriber) error {
	text := fmt.Sprintf("%s has failed since %s: %s. It was turned off; %d notifications wait and are kept. When the endpoint is put right, deliver them by Subscription/%s/$replay.",
		site(s.endpoint), state.Since.UTC().Format(time.RFC3339), state.Problem, state.Waiting(), s.id)
	body, err := json.Marshal(map[string]any{
		"resourceType": "Task", "status": "requested", "intent": "order", "priority": "urgent",
		"code":        map[string]any{"coding": []any{map[string]string{"system": profiles.SystemTask, "code": "delivery-failed"}}},
		"focus":       map[string]string{"reference": "Subscription/" + s.id},
		"authoredOn":  tx.Now().Format(time.RFC3339),
		"description": text,
	})
	if err != nil {
		return err
	}
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body})
	return err
}

// verdict gives the outcome of an AuditEvent and its words: 0 where all was taken, 4
// where it was with troubles, 8 where the attempt failed.
func (r report) verdict() (outcome, text string) {
	outcome, text = "0", fmt.Sprintf("%d notifications were delivered.", len(r.troubles))
	if troubled := slices.IndexFunc(r.troubles, func(t string) bool { return t != "" }); troubled >= 0 {
		outcome, text = "4", r.troubles[troubled]
	}
	if r.problem != nil {
		outcome, text = "8", r.problem.Error()
	}
	return outcome, text
}

// audit keeps an attempt as an AuditEvent: what was told, to whom, and how it
// went. Found by AuditEvent?entity=Subscription/[id], or by the resource.
func (h *Hub) audit(tx fhir.Tx, s *subscription, events []fhir.Event, done report) error {
	told := len(done.troubles)
	outcome, text := done.verdict()
	shown := events[:told]
	if done.problem != nil {
		shown = events[:min(told+1, len(events))]
	}
	entities := []any{map[string]any{
		"what": map[string]string{"reference": "Subscription/" + s.id},
		"role": map[string]string{"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "9", "display": "Subscriber"},
	}}
	for i, e := range shown {
		detail := []any{
			map[string]string{"type": "number", "valueString": fmt.Sprint(e.Number)},
			map[string]string{"type": "kind", "valueString": string(e.Kind)},
		}
		if i == told {
			detail = append(detail, map[string]string{"type": "failed", "valueString": "true"})
		} else if done.troubles[i] != "" {
			detail = append(detail, map[string]string{"type": "trouble", "valueString": done.troubles[i]})
		}
		entities = append(entities, map[string]any{
			"what":   map[string]string{"reference": fmt.Sprintf("%s/_history/%d", e.Key, e.Version)},
			"detail": detail,
		})
	}
	body, err := json.Marshal(map[string]any{
		"resourceType": "AuditEvent",
		"type":         map[string]string{"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest", "display": "RESTful Operation"},
		"subtype":      []any{map[string]string{"system": profiles.SystemSubscription, "code": "delivery", "display": "Delivery"}},
		"action":       "E", "recorded": tx.Now().Format(time.RFC3339Nano), "outcome": outcome, "outcomeDesc": text,
		"agent":  []any{map[string]any{"name": "Bima", "requestor": false}},
		"source": map[string]any{"observer": map[string]string{"display": "Bima"}},
		"entity": entities,
	})
	if err != nil {
		return err
	}
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "AuditEvent"}, Body: body})
	return err
}
