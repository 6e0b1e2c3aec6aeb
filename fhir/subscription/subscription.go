package subscription

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// A subscription is a Subscription as it was understood.
type subscription struct {
	id       string
	version  int64
	learned  time.Time // when this process came to know the version, after its commit
	status   string    // requested, active, error or off
	parked   bool      // it is off because its endpoint failed for too long: what it is to be told is kept
	triggers []*trigger
	leaves   bool // whether it is told of what meets the criteria no longer
	ends     time.Time
	channel  string // the type of its channel
	endpoint string
	mailbox  string    // the address that an e-mail goes to
	scheme   string    // of the Sender that tells the endpoint; "" where it is called by HTTP
	node     fhir.Node // of one that a Sender tells: the Subscription as it is stored
	payload  string    // a media type; "" sends none
	style    string    // how the resource is sent; see styles
	topic    *topic    // of one that is told by notification Bundles; nil tells by resources
	doubt    error     // why it is refused when it is sent; one that is stored goes on
}

// A trigger is a type of resources that a subscription is about.
type trigger struct {
	of    *subscription
	typ   string
	where fhir.Criterion // what a version must meet
	when  *condition     // which changes of it, of a topic of the scheme's own; nil is each
}

// The styles in which a resource is sent. Source: R4 subscription#channels ("a
// payload … is sent to the nominated URL"), and the servers that R4's
// subscribers were written for, which put it under its type and id.
const (
	stylePost = "post" // POST [endpoint]
	stylePut  = "put"  // PUT [endpoint]/[type]/[id]
)

// The ways to tell a subscriber. Source: R4 valueset-subscription-channel-type.
const (
	kindHook   = "rest-hook"
	kindMail   = "email"
	kindSocket = "websocket"
)

var kinds = []string{kindHook, kindMail, kindSocket}

// The media types that payloads may be sent in.
const (
	mediaJSON  = "application/fhir+json"
	mediaPlain = "application/json"
	mediaXML   = "application/fhir+xml"
	mediaText  = "text/plain"
)

// inForce are the statuses in which a subscription is told of what changes.
var inForce = []string{"requested", "active", "error"}

// excluded are the types nobody may subscribe to: telling of them would make
// more of them.
var excluded = []string{"Subscription", "AuditEvent"}

// read understands a Subscription. It fails with an Outcome that names the
// element; of the endpoint it asks only whether it is a URL.
func read(n fhir.Node, registry *search.Registry, known map[string]*definition) (*subscription, error) {
	s := &subscription{id: n.Get("id").Text(), status: n.Get("status").Text()}
	channel := n.Get("channel")
	if s.channel = channel.Get("type").Text(); !slices.Contains(kinds, s.channel) {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.type", "this server tells subscribers by %s, not by %.40q", strings.Join(kinds, ", "), s.channel)
	}
	if err := s.readWanted(n, registry, known); err != nil {
		return nil, err
	}
	if err := s.readPayload(channel); err != nil {
		return nil, err
	}
	s.endpoint = channel.Get("endpoint").Text()
	if err := s.readEndpoint(n); err != nil {
		return nil, err
	}
	s.parked = isParked(n)
	s.leaves = channel.Extension(profiles.ExtensionSubscriptionLeaves).Get("valueBoolean").Text() == "true"
	if end := n.Get("end").Text(); end != "" {
		d, err := fhir.ParsePartialDateTime(end)
		if err != nil {
			return nil, err
		}
		s.ends = d.First
	}
	return s, nil
}

// readCriteria understands "Claim?patient=Patient/asha". Source: R4
// subscription-definitions#Subscription.criteria.
func (s *subscription) readCriteria(criteria string, registry *search.Registry) error {
	const at = "Subscription.criteria"
	typ, query, _ := strings.Cut(strings.TrimPrefix(criteria, "/"), "?")
	switch {
	case !r4.IsResource(typ):
		return fhir.Errorf(fhir.IssueInvalid, at, "the criteria %.200q do not begin with a resource type; write a search such as Claim?patient=Patient/1", criteria)
	case slices.Contains(excluded, typ):
		return fhir.Errorf(fhir.IssueNotSupported, at, "nobody can subscribe to %s: telling of it would make more of it", typ)
	}
	request, err := registry.Parse(typ, query, search.ParseOptions{Exact: true})
	if err == nil {
		err = untermed(request)
	}
	if err != nil {
		return relocate(err, at)
	}
	s.triggers = []*trigger{{of: s, typ: typ, where: request.Where}}
	return nil
}

// relocate says of an error of a search where the search stands.
func relocate(err error, at string) error {
	o := *fhir.OutcomeOf(err)
	o.Issues = slices.Clone(o.Issues)
	for i := range o.Issues {
		o.Issues[i].Expression = at
	}
	return &o
}

// readPayload understands how the resource is sent.
func (s *subscription) readPayload(channel fhir.Node) error {
	media, _, _ := strings.Cut(channel.Get("payload").Text(), ";")
	if s.payload = strings.TrimSpace(media); s.payload == mediaText && s.channel == kindMail {
		s.payload = "" // an e-mail is a text without that
	}
	if !slices.Contains([]string{"", mediaJSON, mediaPlain, mediaXML}, s.payload) {
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.payload",
			"a payload is sent as %s, %s or %s, or left out for an empty notification; not as %.80q", mediaJSON, mediaPlain, mediaXML, s.payload)
	}
	switch s.style = channel.Extension(profiles.ExtensionSubscriptionStyle).Get("valueCode").Text(); s.style {
	case "":
		s.style = stylePost
	case stylePost, stylePut:
	default:
		return fhir.Errorf(fhir.IssueCodeInvalid, "Subscription.channel.extension", "the style of notifications is post or put, not %.40q", s.style)
	}
	return nil
}

// readEndpoint understands where to tell: a URL, an endpoint of a Sender, or a
// mailbox. A WebSocket is opened by the subscriber.
func (s *subscription) readEndpoint(n fhir.Node) error {
	if s.channel != kindHook && n.At("channel", "header").Exists() {
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.header", "only a rest-hook is sent headers")
	}
	switch s.channel {
	case kindSocket:
		return nil
	case kindMail:
		return s.readMailbox()
	}
	if scheme, _, ok := strings.Cut(s.endpoint, ":"); ok && !strings.HasPrefix(s.endpoint, scheme+"://") && isScheme(scheme) {
		s.scheme, s.node = scheme, n
		return nil
	}
	return isHook(s.endpoint)
}

// isScheme asks whether a text may be the scheme of a Sender: lower-case letters
// and digits, and not one of those that call by HTTP.
func isScheme(text string) bool {
	if text == "http" || text == "https" {
		return false
	}
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}

// isHook asks whether an endpoint is a URL that can be told.
func isHook(endpoint string) error {
	const at = "Subscription.channel.endpoint"
	if endpoint == "" {
		return fhir.Errorf(fhir.IssueRequired, at, "a rest-hook needs the URL to call")
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fhir.Errorf(fhir.IssueValue, at, "%.200q is no absolute http or https URL", endpoint)
	case u.User != nil:
		return fhir.Errorf(fhir.IssueSecurity, at, "a password does not belong into a URL, which everybody may read; put it into channel.header, as Authorization")
	case u.Fragment != "":
		return fhir.Errorf(fhir.IssueValue, at, "the part after # of %.200q would not be sent", endpoint)
	}
	return nil
}

// told reports whether the subscription is to be told of changes at a time.
func (s *subscription) told(now time.Time) bool {
	return (s.parked || slices.Contains(inForce, s.status)) && !s.ended(now)
}

// ended reports whether the time is over for which it was asked.
func (s *subscription) ended(now time.Time) bool { return !s.ends.IsZero() && !now.Before(s.ends) }

// read understands a Subscription by what this server knows.
func (h *Hub) read(n fhir.Node) (*subscription, error) {
	return read(n, h.search(), h.roll.Load().topics)
}
