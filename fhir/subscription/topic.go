package subscription

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// backport is the canonical base of HL7's guide that brings the subscriptions of
// R5 to R4. Source: HL7 Subscriptions R5 Backport 1.1.
const backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"

// topics is what the canonical URLs of our topics begin with: there is one for
// each resource type, "…/SubscriptionTopic/ClaimResponse", of what is created and
// changed of it.
const topics = profiles.Canonical + "/SubscriptionTopic/"

// A topic is what the guide adds to a subscription.
type topic struct {
	canonical string
	of        *definition   // of the scheme's own; nil where it is one of a type
	content   string        // empty, id-only or full-resource
	heartbeat time.Duration // how long it may be quiet; 0 for ever
	most      int           // events of one notification
	timeout   time.Duration // how long a call may take; 0 as long as any
	doubt     error         // as subscription.doubt
}

// What a notification holds of the resources. Source: R5 backport,
// payload-content.
const (
	contentEmpty = "empty"
	contentID    = "id-only"
	contentFull  = "full-resource"
)

var contents = []string{contentEmpty, contentID, contentFull}

// readWanted understands what a Subscription is about: R4's criteria, or a topic of
// the guide in their place, which filters narrow.
func (s *subscription) readWanted(n fhir.Node, registry *search.Registry, known map[string]*definition) error {
	criteria := n.Get("criteria").Text()
	if !isTopical(n) {
		return s.readCriteria(criteria, registry)
	}
	s.topic, s.node = &topic{canonical: criteria, content: contentEmpty, most: 1}, n
	if err := s.topic.readChannel(n.Get("channel")); err != nil {
		return err
	}
	s.doubt = s.topic.doubt
	filters, err := readFilters(n)
	if err != nil {
		return err
	}
	if typ, ours := strings.CutPrefix(criteria, topics); ours && r4.IsResource(typ) {
		if err := about(filters, []string{typ}); err != nil {
			return err
		}
		return s.readCriteria(typ+"?"+filters[typ], registry)
	}
	d := known[criteria]
	switch {
	case d == nil:
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria",
			"%.200q is no topic of this server; there is one for each resource type, such as %sClaimResponse, and those of Basic?code=%s", criteria, topics, profiles.CodeSubscriptionTopic)
	case d.status != "active":
		return fhir.Errorf(fhir.IssueBusinessRule, "Subscription.criteria", "the topic %.200q is %s", criteria, d.status)
	}
	s.topic.of = d
	return s.readTriggers(d, filters, registry)
}

// isTopical reports whether a Subscription names a topic.
func isTopical(n fhir.Node) bool {
	criteria := n.Get("criteria").Text()
	return strings.HasPrefix(criteria, "http://") || strings.HasPrefix(criteria, "https://") || strings.HasPrefix(criteria, "urn:")
}

// guided refuses what the guide has a Subscription say that this server would not
// do, or not without a topic.
func guided(n fhir.Node) error {
	channel := n.Get("channel")
	for _, place := range []struct {
		at    string
		of    fhir.Node
		known []string
	}{
		{"Subscription", n, nil},
		{"Subscription.criteria", n.Get("_criteria"), []string{"backport-filter-criteria"}},
		{"Subscription.channel", channel, []string{"backport-heartbeat-period", "backport-timeout", "backport-max-count"}},
		{"Subscription.channel.type", channel.Get("_type"), nil},
		{"Subscription.channel.endpoint", channel.Get("_endpoint"), nil},
		{"Subscription.channel.payload", channel.Get("_payload"), []string{"backport-payload-content"}},
	} {
		for e := range place.of.Get("extension").Each() {
			name, ours := strings.CutPrefix(e.Get("url").Text(), backport)
			switch {
			case !ours:
			case !slices.Contains(place.known, name):
				return fhir.Errorf(fhir.IssueNotSupported, place.at+".extension", "this server does not know %.80q here", name)
			case !isTopical(n):
				return fhir.Errorf(fhir.IssueNotSupported, place.at+".extension", "%s is of Subscriptions to a topic; name one in criteria, such as %sClaim", name, topics)
			}
		}
	}
	return nil
}

// readFilters gives the queries by which the guide narrows a topic, by type: all of
// one type must hold.
func readFilters(n fhir.Node) (map[string]string, error) {
	filters := map[string]string{}
	for _, e := range each(n.Get("_criteria"), backport+"backport-filter-criteria") {
		typ, query, ok := strings.Cut(value(e), "?")
		if !ok || !r4.IsResource(typ) {
			return nil, fhir.Errorf(fhir.IssueInvalid, "Subscription.criteria.extension", "a filter is a search such as Claim?patient=Patient/1, not %.200q", value(e))
		}
		if filters[typ] != "" {
			query = filters[typ] + "&" + query
		}
		filters[typ] = query
	}
	return filters, nil
}

// about refuses filters of types that a topic is not about.
func about(filters map[string]string, types []string) error {
	for typ := range filters {
		if !slices.Contains(types, typ) {
			return fhir.Errorf(fhir.IssueInvalid, "Subscription.criteria.extension", "the filter of %s is not about %s, as the topic is", typ, strings.Join(types, ", "))
		}
	}
	return nil
}

// readTriggers takes over what a topic of the scheme's own tells of.
func (s *subscription) readTriggers(d *definition, filters map[string]string, registry *search.Registry) error {
	var types []string
	for i := range d.triggers {
		when := &d.triggers[i]
		types = append(types, when.typ)
		may, err := d.mayFilter(when.typ, filters[when.typ])
		if err != nil {
			return err
		}
		where, doubt, err := criterion(when.typ, filters[when.typ], registry)
		if err != nil {
			return relocate(err, "Subscription.criteria.extension")
		}
		if s.doubt = cmp.Or(s.doubt, may); doubt != nil {
			s.doubt = cmp.Or(s.doubt, relocate(doubt, "Subscription.criteria.extension"))
		}
		s.triggers = append(s.triggers, &trigger{of: s, typ: when.typ, where: where, when: when})
	}
	return about(filters, types)
}

// readChannel understands what the guide adds to the channel.
func (t *topic) readChannel(channel fhir.Node) error {
	if e := channel.Get("_payload").Extension(backport + "backport-payload-content"); e.Exists() {
		if code := e.Get("valueCode").Text(); code != "" {
			t.content = code
		} else {
			t.doubt = fhir.Errorf(fhir.IssueCodeInvalid, "Subscription.channel.payload.extension", "backport-payload-content is a valueCode, not %.40q", e.Raw())
		}
	}
	if !slices.Contains(contents, t.content) {
		return fhir.Errorf(fhir.IssueCodeInvalid, "Subscription.channel.payload.extension", "a notification holds empty, id-only or full-resource, not %.40q", t.content)
	}
	for name, to := range map[string]*time.Duration{"backport-heartbeat-period": &t.heartbeat, "backport-timeout": &t.timeout} {
		seconds, err := t.whole(channel, name, "valueUnsignedInt", 0)
		if err != nil {
			return err
		}
		*to = time.Duration(seconds) * time.Second
	}
	most, err := t.whole(channel, "backport-max-count", "valuePositiveInt", 1)
	t.most = min(most, batch)
	return err
}

// whole reads an extension that is a whole number. One with another value is a doubt.
func (t *topic) whole(channel fhir.Node, name, value string, otherwise int) (int, error) {
	e := channel.Extension(backport + name)
	if !e.Exists() {
		return otherwise, nil
	}
	if !e.Get(value).Exists() {
		t.doubt = fhir.Errorf(fhir.IssueValue, "Subscription.channel.extension", "%s is a whole number as %s, not %.40q", name, value, e.Raw())
		return otherwise, nil
	}
	number, err := strconv.Atoi(e.Get(value).Text())
	if err != nil || number < 0 || number > 1<<30 {
		return 0, fhir.Errorf(fhir.IssueValue, "Subscription.channel.extension", "%s is a whole number as %s, not %.40q", name, value, e.Raw())
	}
	return number, nil
}

// together gives how many events one call tells of.
func (s *subscription) together() int {
	switch {
	case s.channel == kindMail && s.payload == "":
		return batch
	case s.channel == kindMail:
		return filesMost
	case s.topic == nil || s.scheme != "":
		return 1
	}
	return max(1, s.topic.most)
}
