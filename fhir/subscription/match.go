package subscription

import (
	"context"
	"errors"
	"slices"

	"bima/fhir"
	"bima/fhir/search"
)

// react records what subscribers are to be told of the changes of a transaction.
// Where nobody subscribes to a type it looks no further.
func (h *Hub) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	r := h.roll.Load()
	if r.empty() {
		return nil
	}
	var events []fhir.Event
	var candidates []*trigger
	for i := range changes {
		c := &changes[i]
		on := r.types[c.Type]
		if on == nil {
			continue
		}
		candidates = append(candidates[:0], on.rest...)
		candidates = on.candidates(candidates, c.Index)
		candidates = on.candidates(candidates, c.Was)
		first := len(events)
		for _, t := range candidates {
			if !t.of.told(tx.Now()) || slices.ContainsFunc(events[first:], func(e fhir.Event) bool { return e.Subscription == t.of.id }) {
				continue
			}
			kind, err := t.kind(tx, c)
			if failed := (unanswered{}); errors.As(err, &failed) {
				h.log.Warn("fhirPathCriteria can't be asked of a change, which is not told of", "topic", t.of.topic.canonical, "code", fhir.OutcomeOf(failed.error).Issues[0].Code)
				continue
			}
			if err != nil {
				return err
			}
			if kind == "" {
				continue
			}
			version, err := versionOf(tx, c)
			if err != nil {
				return err
			}
			events = append(events, fhir.Event{Subscription: t.of.id, Kind: kind, Key: c.Key, Version: version, At: tx.Now()})
		}
	}
	if len(events) == 0 {
		return nil
	}
	h.expect(events)
	return tx.Record(events)
}

// versionOf gives the version that a change has made; of a deletion its number.
func versionOf(r fhir.Reader, c *fhir.Change) (int64, error) {
	if c.After != nil {
		return c.After.Version, nil
	}
	deletion, err := r.Read(c.Key)
	if err != nil {
		return 0, err
	}
	return deletion.Version, nil
}

// kind says what a change is to the subscription; "" where it is nothing. Whether
// a version that is gone met criteria about other resources nobody can tell.
func (t *trigger) kind(r fhir.Tx, c *fhir.Change) (fhir.EventKind, error) {
	if t.when != nil {
		return t.when.kind(r, c, t.where)
	}
	if c.After != nil {
		holds, err := holds(r, c.After, c.Index, t.where)
		switch {
		case err != nil:
			return "", err
		case holds && c.Before == nil:
			return fhir.EventCreate, nil
		case holds:
			return fhir.EventUpdate, nil
		}
	}
	if !t.of.leaves || c.Before == nil {
		return "", nil
	}
	held, known := search.Matches(c.Was, c.Key, c.Before.Updated, t.where)
	switch {
	case !known || !held:
		return "", nil
	case c.After == nil:
		return fhir.EventDelete, nil
	}
	return fhir.EventLeave, nil
}

// holds reports whether criteria hold on a version. What other resources say is
// asked of the database.
func holds(r fhir.Reader, v *fhir.Resource, index *fhir.Index, where fhir.Criterion) (bool, error) {
	holds, known := search.Matches(index, v.Key, v.Updated, where)
	if known || index == nil {
		return holds && known, nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{v.Type}, Limit: 1, Where: fhir.All{fhir.IDs{v.ID}, where}})
	if err != nil {
		return false, err
	}
	return len(page.Resources) == 1, nil
}
