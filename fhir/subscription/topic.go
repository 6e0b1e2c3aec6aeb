package subscription

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
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
	content   string        // empty, id-only or full-resource
	heartbeat time.Duration // how long it may be quiet; 0 for ever
	most      int           // events of one notification
}

// What a notification holds of the resources. Source: R5 backport,
// payload-content.
const (
	contentEmpty = "empty"
	contentID    = "id-only"
	contentFull  = "full-resource"
)

var contents = []string{contentEmpty, contentID, contentFull}

// readTopic understands a Subscription of the guide, which names a topic in place
// of criteria, and narrows it by filters. It gives the criteria; of a Subscription
// that is R4's own those that it has.
func (s *subscription) readTopic(n fhir.Node) (criteria string, err error) {
	criteria = n.Get("criteria").Text()
	if !strings.HasPrefix(criteria, "http://") && !strings.HasPrefix(criteria, "https://") && !strings.HasPrefix(criteria, "urn:") {
		return criteria, nil
	}
	typ, ours := strings.CutPrefix(criteria, topics)
	if !ours || !r4.IsResource(typ) {
		return "", fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria",
			"%.200q is no topic of this server; there is one for each resource type, such as %sClaimResponse", criteria, topics)
	}
	s.topic = &topic{canonical: criteria, content: contentEmpty, most: 1}
	filter := n.Get("_criteria").Extension(backport + "backport-filter-criteria").Get("valueString").Text()
	of, query, _ := strings.Cut(filter, "?")
	if filter != "" && of != typ {
		return "", fhir.Errorf(fhir.IssueInvalid, "Subscription.criteria.extension", "the filter %.200q is not about %s, as the topic is", filter, typ)
	}
	return typ + "?" + query, s.topic.readChannel(n.Get("channel"))
}

// readChannel understands what the guide adds to the channel.
func (t *topic) readChannel(channel fhir.Node) error {
	if c := channel.Get("_payload").Extension(backport + "backport-payload-content").Get("valueCode").Text(); c != "" {
		t.content = c
	}
	if !slices.Contains(contents, t.content) {
		return fhir.Errorf(fhir.IssueCodeInvalid, "Subscription.channel.payload.extension", "a notification holds empty, id-only or full-resource, not %.40q", t.content)
	}
	seconds, err := whole(channel, "backport-heartbeat-period", "valueUnsignedInt", 0)
	if err != nil {
		return err
	}
	t.heartbeat = time.Duration(seconds) * time.Second
	t.most, err = whole(channel, "backport-max-count", "valuePositiveInt", 1)
	t.most = min(t.most, batch)
	return err
}

// whole reads an extension that is a whole number.
func whole(channel fhir.Node, name, value string, otherwise int) (int, error) {
	n := channel.Extension(backport + name).Get(value)
	if !n.Exists() {
		return otherwise, nil
	}
	number, err := strconv.Atoi(n.Text())
	if err != nil || number < 0 || number > 1<<30 {
		return 0, fhir.Errorf(fhir.IssueValue, "Subscription.channel.extension", "%s is a whole number, not %.40q", name, n.Text())
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
