package subscription

import (
	"context"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// kind says what a change is to a topic narrowed by a filter; "" where it is
// nothing. Of a deleted resource the filter is asked of what it was.
func (c *condition) kind(r fhir.Reader, change *fhir.Change, filter fhir.Criterion) (fhir.EventKind, error) {
	kind := fhir.EventUpdate
	switch {
	case change.After == nil && change.Before == nil:
		return "", nil
	case change.After == nil:
		kind = fhir.EventDelete
	case change.Before == nil:
		kind = fhir.EventCreate
	}
	if !slices.Contains(c.on, kind) {
		return "", nil
	}
	holds, err := met(r, change, filter, kind != fhir.EventDelete)
	if err != nil || !holds {
		return "", err
	}
	if c.previous == nil && c.current == nil {
		return kind, nil
	}
	before, now := c.create, c.remove
	if kind != fhir.EventCreate && c.previous != nil {
		if before, err = met(r, change, c.previous, false); err != nil {
			return "", err
		}
	}
	if kind != fhir.EventDelete && c.current != nil {
		if now, err = met(r, change, c.current, true); err != nil {
			return "", err
		}
	}
	// Criteria that are not there are met with both, and not without.
	before, now = c.previous == nil && c.both || c.previous != nil && before, c.current == nil && c.both || c.current != nil && now
	if c.both && before && now || !c.both && (before || now) {
		return kind, nil
	}
	return "", nil
}

// met asks a criterion of the version that a change has made, or of the one before.
// What other resources said then nobody can tell: such criteria are not met.
func met(r fhir.Reader, change *fhir.Change, where fhir.Criterion, after bool) (bool, error) {
	if after {
		return holds(r, change.After, change.Index, where)
	}
	held, known := search.Matches(change.Was, change.Key, change.Before.Updated, where)
	return held && known, nil
}

// ruleTopic refuses a topic that can't be told of, and changes to one that its
// subscribers would be lost by.
func (h *Hub) ruleTopic(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	var was, is *definition
	if c.Before != nil {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		if isTopic(doc.Root()) {
			was, _ = define(doc.Root(), h.search()) // it may be from before a search parameter went
		}
	}
	if c.After != nil && isTopic(c.Node) {
		var err error
		if is, err = define(c.Node, h.search()); err != nil {
			return err
		}
	}
	if was == nil && is == nil {
		return nil
	}
	if caller, _ := fhir.CallerOf(ctx); !caller.Has(fhir.RoleIntegration) {
		return fhir.Errorf(fhir.IssueForbidden, "", "only who has the role integration or administrator may say what others can be told of")
	}
	if is != nil {
		if err := unique(r, h.search(), c.ID, is.url); err != nil {
			return err
		}
	}
	if was == nil {
		return nil
	}
	return h.keepsSubscribers(was.url, is)
}

// unique asks whether no other topic has a URL.
func unique(r fhir.Reader, registry *search.Registry, id, url string) error {
	all, err := topicsOf(r, registry)
	for _, other := range all {
		doc, err := fhir.Parse(other.Body)
		if err != nil {
			return err
		}
		if other.ID != id && value(part(doc.Root(), profiles.TopicElement+"url")) == url {
			return fhir.Errorf(fhir.IssueDuplicate, "Basic.extension.where(url.endsWith('url'))", "Basic/%s is the topic %.200q already", other.ID, url)
		}
	}
	return err
}

// keepsSubscribers asks whether all that subscribe to a topic are understood by what
// it is to be; nil is that it is to be no more.
func (h *Hub) keepsSubscribers(url string, is *definition) error {
	known := map[string]*definition{}
	if is != nil {
		known[is.url] = is
	}
	for id, s := range h.roll.Load().byID {
		if s.topic == nil || s.topic.canonical != url {
			continue
		}
		if _, err := read(s.node, h.search(), known); err != nil {
			return fhir.Errorf(fhir.IssueBusinessRule, "", "Subscription/%s is to this topic and would be told no more: %s; turn it off first", id, fhir.OutcomeOf(err).Issues[0].Diagnostics)
		}
	}
	return nil
}

// topicsMost bounds the topics of the scheme's own.
const topicsMost = 1000

// topicsOf reads the topics.
func topicsOf(r fhir.Reader, registry *search.Registry) ([]*fhir.Resource, error) {
	request, err := registry.Parse("Basic", "code="+profiles.CodeSubscriptionTopic, search.ParseOptions{Exact: true})
	if err != nil {
		return nil, err
	}
	request.Limit = topicsMost
	page, err := r.Search(&request.Query)
	if err != nil {
		return nil, err
	}
	return page.Resources, nil
}

// definitions reads the topics that may be subscribed to, by their URLs.
func (h *Hub) definitions(r fhir.Reader) (map[string]*definition, error) {
	all, err := topicsOf(r, h.search())
	if err != nil {
		return nil, err
	}
	known := map[string]*definition{}
	for _, resource := range all {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		d, err := define(doc.Root(), h.search())
		if err != nil {
			h.log.Warn("a topic can't be understood", "id", resource.ID, "error", err)
			continue
		}
		known[d.url] = d
	}
	return known, nil
}

// Topics gives the canonical URLs of what can be subscribed to: the topics of the
// resource types, and those of the scheme's own.
func (h *Hub) Topics() []string {
	var all []string
	for _, typ := range r4.Resources() {
		if !slices.Contains(excluded, typ) {
			all = append(all, topics+typ)
		}
	}
	for url, d := range h.roll.Load().topics {
		if d.status == "active" {
			all = append(all, url)
		}
	}
	slices.Sort(all)
	return all
}
