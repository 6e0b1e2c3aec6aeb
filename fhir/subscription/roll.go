package subscription

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"bima/fhir"
)

// A roll is the Subscriptions in force. It is never changed: a change makes
// another one.
type roll struct {
	byID   map[string]*subscription
	topics map[string]*definition // the topics of the scheme's own, by their URLs
	types  map[string]*shelf      // by the type they are about
	// watched are those that something is to be done about without an event: they
	// are to become active, to end, or to hear that there was nothing.
	watched []*subscription
}

func (r *roll) empty() bool { return len(r.byID) == 0 }

// A shelf is the subscriptions about one type, so kept that of a thousand with
// distinct criteria only those are asked that a change may be for.
type shelf struct {
	rest   []*trigger // that any change may be for
	tokens map[tokenOf][]*trigger
	refs   map[refOf][]*trigger
}

// A tokenOf and a refOf are what a change must have in its index for criteria
// that want it to hold. The system is left to the criteria.
type (
	tokenOf struct{ param, code string }
	refOf   struct{ param, id string }
)

// newRoll arranges subscriptions.
func newRoll(byID map[string]*subscription, topics map[string]*definition) *roll {
	r := &roll{byID: byID, topics: topics, types: map[string]*shelf{}}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		s := byID[id]
		for _, t := range s.triggers {
			on := r.types[t.typ]
			if on == nil {
				on = &shelf{tokens: map[tokenOf][]*trigger{}, refs: map[refOf][]*trigger{}}
				r.types[t.typ] = on
			}
			on.add(t)
		}
		if s.status == "requested" || !s.ends.IsZero() || s.topic != nil && s.topic.heartbeat > 0 {
			r.watched = append(r.watched, s)
		}
	}
	return r
}

// add puts a subscription under something that its criteria ask for in any case:
// whom it refers to or an identifier before a code, which many share.
func (f *shelf) add(s *trigger) {
	all, _ := s.where.(fhir.All)
	if all == nil && s.where != nil {
		all = fhir.All{s.where}
	}
	var code *tokenOf
	for _, c := range all {
		m, ok := c.(fhir.Match)
		if !ok {
			continue
		}
		switch v := m.Value.(type) {
		case fhir.ReferenceValue:
			if v.Key.ID != "" {
				k := refOf{m.Param.Code, v.Key.ID}
				f.refs[k] = append(f.refs[k], s)
				return
			}
		case fhir.TokenValue:
			if !v.AnyCode && (code == nil || m.Param.Code == "identifier") {
				code = &tokenOf{m.Param.Code, v.Code}
			}
		}
	}
	if code == nil {
		f.rest = append(f.rest, s)
		return
	}
	f.tokens[*code] = append(f.tokens[*code], s)
}

// candidates adds the subscriptions that a version with this index may be for.
func (f *shelf) candidates(list []*trigger, x *fhir.Index) []*trigger {
	if x == nil {
		return list
	}
	add := func(some []*trigger) {
		for _, s := range some {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	if len(f.tokens) > 0 {
		for i := range x.Tokens {
			add(f.tokens[tokenOf{x.Tokens[i].Param, x.Tokens[i].Code}])
		}
	}
	if len(f.refs) > 0 {
		for i := range x.References {
			add(f.refs[refOf{x.References[i].Param, x.References[i].Key.ID}])
		}
	}
	return list
}

// loadPage is how many Subscriptions are read at a time.
const loadPage = 500

// load learns all Subscriptions anew.
func (h *Hub) load(ctx context.Context) error {
	h.loading.Lock()
	defer h.loading.Unlock()
	mark, err := h.census(ctx) // before what it is about is read
	if err != nil {
		return err
	}
	byID, topics := map[string]*subscription{}, map[string]*definition{}
	known := h.search()
	err = h.server.View(ctx, func(r fhir.Reader) (err error) {
		if topics, err = h.definitions(r); err != nil {
			return err
		}
		for q := (&fhir.Query{Types: []string{"Subscription"}, Limit: loadPage}); ; {
			page, err := r.Search(q)
			if err != nil {
				return err
			}
			for _, resource := range page.Resources {
				h.admit(byID, topics, resource)
			}
			if q.After = page.Next; q.After == "" {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	h.known, h.mark = known, mark
	h.roll.Store(newRoll(byID, topics))
	return nil
}

// census gives a text that another commit of another process makes another: of what
// the roll is made of. A process that is alone has no need of it.
func (h *Hub) census(ctx context.Context) (string, error) {
	if h.alone {
		return "", nil
	}
	one, err := h.store.Census(ctx, "Subscription")
	if err != nil {
		return "", err
	}
	var all []*fhir.Resource
	err = h.server.View(ctx, func(r fhir.Reader) (err error) {
		all, err = topicsOf(r, h.search())
		return err
	})
	for _, topic := range all {
		one += fmt.Sprintf(" %s/%d", topic.ID, topic.Version)
	}
	return one, err
}

// admit takes a Subscription into a roll where it is in force.
func (h *Hub) admit(byID map[string]*subscription, topics map[string]*definition, r *fhir.Resource) {
	delete(byID, r.ID)
	doc, err := fhir.Parse(r.Body)
	if err != nil || r.Deleted {
		return
	}
	s, err := read(doc.Root(), h.search(), topics)
	if err != nil {
		h.log.Warn("a Subscription can't be understood", "id", r.ID, "error", err)
		return
	}
	if !s.parked && !slices.Contains(inForce, s.status) {
		return
	}
	h.pursue(s)
	s.version, s.learned = r.Version, h.now()
	if old := h.roll.Load().byID[r.ID]; old != nil && old.version == r.Version {
		s.learned = old.learned
	}
	byID[r.ID] = s
}

// changed learns what a transaction of this process has changed.
func (h *Hub) changed(ctx context.Context, keys []fhir.Key) {
	h.loading.Lock()
	defer h.loading.Unlock()
	topics := h.roll.Load().topics
	byID := maps.Clone(h.roll.Load().byID)
	if byID == nil {
		byID = map[string]*subscription{}
	}
	err := h.server.View(fhir.WithCaller(ctx, fhir.System()), func(r fhir.Reader) error {
		for _, k := range keys {
			resource, err := r.Read(k)
			if fhir.HasIssue(err, fhir.IssueNotFound) {
				delete(byID, k.ID)
				continue
			}
			if err != nil {
				return err
			}
			h.admit(byID, topics, resource)
		}
		return nil
	})
	if err != nil {
		h.log.Warn("changed Subscriptions can't be read", "error", err)
		return
	}
	h.roll.Store(newRoll(byID, topics))
	h.rouse()
}

// followPause is how often the Subscriptions that other processes change are
// looked for, and settleTime how long after a change all processes know it.
const (
	followPause = time.Second
	settleTime  = 3 * followPause
)

// follow learns what other processes have changed, and reads the criteria anew
// where the search parameters have.
func (h *Hub) follow(ctx context.Context) error {
	mark, err := h.census(ctx)
	if err != nil {
		return err
	}
	h.loading.Lock()
	known := mark == h.mark && h.known == h.search()
	h.loading.Unlock()
	if known {
		return nil
	}
	return h.load(ctx)
}

// changedTopics learns the topics anew where a transaction of this process has
// changed one, and by them what their subscribers are told of.
func (h *Hub) changedTopics(ctx context.Context, keys []fhir.Key) {
	ctx = fhir.WithCaller(ctx, fhir.System())
	about := false
	for _, d := range h.roll.Load().topics {
		about = about || slices.ContainsFunc(keys, func(k fhir.Key) bool { return k.ID == d.id })
	}
	err := h.server.View(ctx, func(r fhir.Reader) error {
		for _, k := range keys {
			resource, err := r.Read(k)
			if about || fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
				continue
			}
			if err != nil {
				return err
			}
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			about = about || isTopic(doc.Root())
		}
		return nil
	})
	if err == nil && about {
		err = h.load(ctx)
	}
	if err != nil {
		h.log.Warn("changed topics can't be read", "error", err)
	}
}
