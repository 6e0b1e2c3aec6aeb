package subscription

import (
	"context"
	"maps"
	"slices"
	"time"

	"bima/fhir"
)

// A roll is the Subscriptions in force. It is never changed: a change makes
// another one.
type roll struct {
	byID  map[string]*subscription
	types map[string]*shelf // by the type they are about
	// watched are those that something is to be done about without an event: they
	// are to become active, to end, or to hear that there was nothing.
	watched []*subscription
}

func (r *roll) empty() bool { return len(r.byID) == 0 }

// A shelf is the subscriptions about one type, so kept that of a thousand with
// distinct criteria only those are asked that a change may be for.
type shelf struct {
	rest   []*subscription // that any change may be for
	tokens map[tokenOf][]*subscription
	refs   map[refOf][]*subscription
}

// A tokenOf and a refOf are what a change must have in its index for criteria
// that want it to hold. The system is left to the criteria.
type (
	tokenOf struct{ param, code string }
	refOf   struct{ param, id string }
)

// newRoll arranges subscriptions.
func newRoll(byID map[string]*subscription) *roll {
	r := &roll{byID: byID, types: map[string]*shelf{}}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		s := byID[id]
		on := r.types[s.typ]
		if on == nil {
			on = &shelf{tokens: map[tokenOf][]*subscription{}, refs: map[refOf][]*subscription{}}
			r.types[s.typ] = on
		}
		on.add(s)
		if s.status == "requested" || !s.ends.IsZero() || s.topic != nil && s.topic.heartbeat > 0 {
			r.watched = append(r.watched, s)
		}
	}
	return r
}

// add puts a subscription under something that its criteria ask for in any case:
// whom it refers to or an identifier before a code, which many share.
func (f *shelf) add(s *subscription) {
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
func (f *shelf) candidates(list []*subscription, x *fhir.Index) []*subscription {
	if x == nil {
		return list
	}
	add := func(some []*subscription) {
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
	byID := map[string]*subscription{}
	known := h.search()
	var newest *fhir.Resource
	err := h.server.View(ctx, func(r fhir.Reader) (err error) {
		if newest, err = latest(r); err != nil {
			return err
		}
		for q := (&fhir.Query{Types: []string{"Subscription"}, Limit: loadPage}); ; {
			page, err := r.Search(q)
			if err != nil {
				return err
			}
			for _, resource := range page.Resources {
				h.admit(byID, resource)
			}
			if q.After = page.Next; q.After == "" {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	h.known = known
	h.put(byID, newest)
	return nil
}

func (h *Hub) put(byID map[string]*subscription, newest *fhir.Resource) {
	if newest != nil {
		h.newest, h.version = newest.Key, newest.Version
	}
	h.roll.Store(newRoll(byID))
}

// admit takes a Subscription into a roll where it is in force.
func (h *Hub) admit(byID map[string]*subscription, r *fhir.Resource) {
	delete(byID, r.ID)
	doc, err := fhir.Parse(r.Body)
	if err != nil || r.Deleted {
		return
	}
	s, err := h.read(doc.Root())
	if err != nil {
		h.log.Warn("a Subscription can't be understood", "id", r.ID, "error", err)
		return
	}
	if !s.parked && !slices.Contains(inForce, s.status) {
		return
	}
	s.version, s.updated = r.Version, r.Updated
	byID[r.ID] = s
}

// changed learns what a transaction of this process has changed.
func (h *Hub) changed(ctx context.Context, keys []fhir.Key) {
	h.loading.Lock()
	defer h.loading.Unlock()
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
			h.admit(byID, resource)
		}
		return nil
	})
	if err != nil {
		h.log.Warn("changed Subscriptions can't be read", "error", err)
		return
	}
	h.put(byID, nil)
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
	var newest *fhir.Resource
	err := h.server.View(ctx, func(r fhir.Reader) (err error) {
		newest, err = latest(r)
		return err
	})
	if err != nil || newest == nil {
		return err
	}
	h.loading.Lock()
	known := newest.Key == h.newest && newest.Version == h.version && h.known == h.search()
	h.loading.Unlock()
	if known {
		return nil
	}
	return h.load(ctx)
}

// latest gives the newest version of any Subscription, or nil.
func latest(r fhir.Reader) (*fhir.Resource, error) {
	page, err := r.History(&fhir.HistoryQuery{Type: "Subscription", Limit: 1})
	if err != nil || len(page.Resources) == 0 {
		return nil, err
	}
	return page.Resources[0], nil
}
