package subscription

import (
	"context"
	"encoding/json"
	"slices"

	"bima/fhir"
	"bima/fhir/parameters"
)

// statusesMost bounds the Subscriptions of one answer.
const statusesMost = 500

// statuses is Subscription/$status: how far those of some ids, or of some statuses,
// or all that are in force were told, in one Bundle. Source: R5 backport, $status.
func (h *Hub) statuses(ctx context.Context, s fhir.Server, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := form.Only("id", "status"); err != nil {
		return nil, err
	}
	ids, err := asked(fhir.Key{}, in, "id")
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, n := range form.All("status") {
		wanted = append(wanted, parameters.Value(n).Text())
	}
	if len(ids) == 0 {
		for id := range h.roll.Load().byID {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	if len(ids) > statusesMost {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "%d Subscriptions are in force; ask for some by their id", len(ids))
	}
	entries := []entry{}
	for _, id := range ids {
		on := fhir.Key{Type: "Subscription", ID: id}
		n, _, err := h.subscriber(ctx, s, on)
		if fhir.HasIssue(err, fhir.IssueNotFound) || fhir.HasIssue(err, fhir.IssueDeleted) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(wanted) > 0 && !slices.Contains(wanted, n.Get("status").Text()) {
			continue
		}
		one, err := h.statusEntry(ctx, s, on)
		if err != nil {
			return nil, err
		}
		entries = append(entries, one)
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "searchset", "timestamp": instant(h.now()), "total": len(entries), "entry": entries})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: body}}, nil
}

// statusEntry gives the answer of $status of one Subscription as an entry.
func (h *Hub) statusEntry(ctx context.Context, s fhir.Server, on fhir.Key) (entry, error) {
	one := entry{FullURL: newURN(), Search: map[string]string{"mode": "match"}}
	r, err := h.status(ctx, s, on, nil)
	if err != nil {
		return one, err
	}
	one.Resource = r.Resource.Body
	if r.Resource.Type == "Bundle" {
		doc, err := fhir.Parse(r.Resource.Body)
		if err != nil {
			return one, err
		}
		one.Resource = doc.Root().Get("entry").First().Get("resource").Raw()
	}
	return one, nil
}
