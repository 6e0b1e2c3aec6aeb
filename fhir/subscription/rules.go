package subscription

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
	"bima/fhir/search"
	"bima/fhir/subscription/parts"
	"bima/profiles"
)

func itoa(i int) string { return strconv.Itoa(i) }

// check refuses a Subscription that could never be told, or whose caller may not
// have told what it asks for: a subscription shows its endpoint every resource
// that meets the criteria.
func (h *Hub) check(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	if isOwn(ctx) {
		return nil
	}
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleIntegration) {
		return fhir.Errorf(fhir.IssueForbidden, "", "only who has the role integration or administrator may have others told of changes")
	}
	if c.After == nil {
		return nil
	}
	if err := cmp.Or(parts.Check("Subscription", c.Node), parts.Check("Subscription.channel", c.Node.Get("channel"))); err != nil {
		return err
	}
	s, err := h.read(c.Node)
	if err != nil {
		return err
	}
	if s.status == "off" {
		return nil
	}
	if err := cmp.Or(s.doubt, s.honoured(c.Node, h.search())); err != nil {
		return err
	}
	if err := s.within(caller.Scopes()); err != nil {
		return err
	}
	if err := h.checkEndpoint(r, s, c.Node); err != nil {
		return err
	}
	if byID := h.roll.Load().byID; byID[c.ID] == nil && len(byID) >= h.settings.Most {
		return fhir.Errorf(fhir.IssueTooCostly, "", "%d Subscriptions are in force, as many as this server is set to keep; turn some off", h.settings.Most)
	}
	return nil
}

// within refuses a caller whose scopes do not grant to read what is told, or to
// search what the criteria ask of other resources.
func (s *subscription) within(g *fhir.Grant) error {
	if g == nil {
		return nil
	}
	for _, t := range s.triggers {
		if err := g.Need(fhir.AccessRead, t.typ); err != nil {
			return err
		}
		if err := scoped.Criteria(g, t.where); err != nil {
			return err
		}
	}
	if s.topic != nil && s.topic.of != nil {
		return s.topic.of.within(g)
	}
	return nil
}

// within refuses a caller whose scopes do not grant what a topic has others told.
func (d *definition) within(g *fhir.Grant) error {
	if g == nil {
		return nil
	}
	for i := range d.triggers {
		if err := g.Need(fhir.AccessRead, d.triggers[i].typ); err != nil {
			return err
		}
		if err := scoped.Criteria(g, d.triggers[i].current); err != nil { // previous asks of no others
			return err
		}
	}
	if len(d.shapes) > 0 {
		return g.Need(fhir.AccessRead, "") // what is told beside them may be of any type
	}
	return nil
}

// checkEndpoint asks whether the operator allows an endpoint, or its Sender.
func (h *Hub) checkEndpoint(r fhir.Reader, s *subscription, n fhir.Node) error {
	if s.topic != nil && s.topic.heartbeat > 0 && (s.channel != kindHook || s.scheme != "") {
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.extension", "only a rest-hook that is called by HTTP hears heartbeats")
	}
	switch {
	case s.channel == kindSocket:
		return nil
	case s.channel == kindMail:
		return h.settings.mayMail(s.mailbox)
	case s.scheme != "":
		return h.checkSender(r, s, n)
	}
	return h.settings.mayCall(s.endpoint)
}

// dismiss forgets what is known of Subscriptions that are deleted.
func dismiss(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			if err := tx.Dismiss(c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// honoured refuses what a Subscription says that would not be done, of one that is
// understood otherwise.
func (s *subscription) honoured(n fhir.Node, registry *search.Registry) error {
	const at = "Subscription.channel.extension"
	leaves := n.Get("channel").Extension(profiles.ExtensionSubscriptionLeaves).Exists()
	switch {
	case s.leaves && slices.ContainsFunc(s.triggers, func(t *trigger) bool { return !alone(t.where) }):
		return fhir.Errorf(fhir.IssueNotSupported, at, "nobody can tell when a resource leaves criteria about other resources, which change by themselves; leave subscription-leaves out")
	case s.topic != nil && s.topic.of != nil && leaves:
		return fhir.Errorf(fhir.IssueNotSupported, at, "what a topic tells of is said by its triggers, not by subscription-leaves")
	case s.topic != nil && s.style == stylePut:
		return fhir.Errorf(fhir.IssueNotSupported, at, "the Bundles of a topic are posted; subscription-style is of Subscriptions without one")
	}
	if err := guided(n); err != nil {
		return err
	}
	queries, where := map[string]string{}, "Subscription.criteria"
	if isTopical(n) {
		where += ".extension"
		var err error
		if queries, err = readFilters(n); err != nil {
			return err
		}
	} else {
		typ, query, _ := strings.Cut(strings.TrimPrefix(n.Get("criteria").Text(), "/"), "?")
		queries[typ] = query
	}
	for typ, query := range queries {
		request, err := registry.Parse(typ, query, search.ParseOptions{Exact: true})
		if err == nil {
			err = plain(typ, request)
		}
		if err != nil {
			return relocate(err, where)
		}
	}
	return nil
}
