package dhis2

import (
	"net/url"
	"regexp"
	"strings"

	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// Scheme is what the endpoints of Subscriptions begin with that tell a DHIS2.
const Scheme = "dhis2"

// settings of a DHIS2, read from its Endpoint.
type settings struct {
	endpoint   string // "Endpoint/hmis"
	base       string // of its API, without a slash at its end: https://hmis.example.org/api
	prefix     string
	dataSets   map[string]string // their codes by ours
	unitSystem string
	unitMap    map[string]string // their organisation units by our codes; nil without a map
	unitScheme string            // CODE or UID
	attribute  string
	complete   bool // whether data sets are completed when their numbers are final
	async      bool
}

// The elements by which a Subscription says whom it tells, and of what.
const (
	atEndpoint = "Subscription.channel.endpoint"
	atCriteria = "Subscription.criteria"
)

// settingsOf reads the settings of the Endpoint that a Subscription names.
func settingsOf(r fhir.Reader, subscription fhir.Node) (*settings, error) {
	_, name, _ := strings.Cut(subscription.At("channel", "endpoint").Text(), ":")
	id, ok := strings.CutPrefix(name, "Endpoint/")
	if !ok || !fhir.ValidID(id) {
		return nil, fhir.Errorf(fhir.IssueValue, atEndpoint, "write the Endpoint that holds the address and settings of the DHIS2: %s:Endpoint/hmis", Scheme)
	}
	n, err := fhir.Tree(r, fhir.Key{Type: "Endpoint", ID: id})
	if err != nil {
		return nil, err
	}
	if !n.Exists() {
		return nil, fhir.Errorf(fhir.IssueNotFound, atEndpoint, "there is no %s; store it first, with the address of the DHIS2", name)
	}
	s := &settings{endpoint: name, unitScheme: "CODE", attribute: indicator.DefaultCombo, dataSets: map[string]string{}}
	if err := s.address(n); err != nil {
		return nil, err
	}
	return s, s.read(r, n.Extension(profiles.ExtensionDHIS2))
}

// wrong refuses an element of the Endpoint.
func (s *settings) wrong(element, format string, args ...any) error {
	o := fhir.Errorf(fhir.IssueValue, atEndpoint, format, args...)
	o.Issues[0].Diagnostics = s.endpoint + ", " + element + ": " + o.Issues[0].Diagnostics
	return o
}

// versioned is the end of a base that names a version of the API.
var versioned = regexp.MustCompile(`/api(/[0-9]{2})?$`)

// address reads where the API is: below the address of DHIS2, unless that is it.
func (s *settings) address(n fhir.Node) error {
	if status := n.Get("status").Text(); status != "active" && status != "test" {
		return s.wrong("Endpoint.status", "it is %.40q; only an Endpoint that is active or in test is told", status)
	}
	address := strings.TrimRight(n.Get("address").Text(), "/")
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return s.wrong("Endpoint.address", "write the address of the DHIS2, such as https://hmis.example.org")
	case u.User != nil:
		return s.wrong("Endpoint.address", "a password does not belong into an address, which everybody may read; put it into Subscription.channel.header, as Authorization")
	}
	if s.base = address; !versioned.MatchString(address) {
		s.base += "/api"
	}
	return nil
}

// prefixed is what a prefix may be: codes of categories must be names of XML.
var prefixed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,9}$`)

// read reads the extension; absent, all is as by default.
func (s *settings) read(r fhir.Reader, e fhir.Node) error {
	one := func(name, value string) string { return e.Extension(name).Get(value).Text() }
	if s.prefix = one("prefix", "valueString"); s.prefix != "" && !prefixed.MatchString(s.prefix) {
		return s.wrong("extension prefix", "a prefix is a letter or _ and up to nine letters, digits and _.-, not %.40q", s.prefix)
	}
	for sub := range e.Get("extension").Each() {
		if sub.Get("url").Text() == "data-set" {
			s.dataSets[sub.Extension("ours").Get("valueCode").Text()] = sub.Extension("theirs").Get("valueString").Text()
		}
	}
	switch scheme := one("org-unit-scheme", "valueCode"); scheme {
	case "", "code":
	case "uid":
		s.unitScheme = "UID"
	default:
		return s.wrong("extension org-unit-scheme", "%.40q is neither code nor uid", scheme)
	}
	s.unitSystem = one("org-unit-system", "valueUri")
	if a := one("attribute-option-combo", "valueString"); a != "" {
		s.attribute = a
	}
	s.complete = one("complete", "valueBoolean") == "true"
	s.async = one("async", "valueBoolean") == "true"
	return s.readMap(r, e.Extension("org-unit-map").At("valueReference", "reference").Text())
}

// readMap reads the ConceptMap of organisation units: of each of our codes the first
// target that is the same.
func (s *settings) readMap(r fhir.Reader, reference string) error {
	if reference == "" {
		return nil
	}
	id, ok := strings.CutPrefix(reference, "ConceptMap/")
	if !ok {
		return s.wrong("extension org-unit-map", "it names a ConceptMap of this server, ConceptMap/hmis-places, not %.80q", reference)
	}
	n, err := fhir.Tree(r, fhir.Key{Type: "ConceptMap", ID: id})
	if err != nil {
		return err
	}
	if !n.Exists() {
		return s.wrong("extension org-unit-map", "there is no %s", reference)
	}
	s.unitMap = map[string]string{}
	for group := range n.Get("group").Each() {
		for element := range group.Get("element").Each() {
			for target := range element.Get("target").Each() {
				ours, theirs := element.Get("code").Text(), target.Get("code").Text()
				if e := target.Get("equivalence").Text(); (e == "equal" || e == "equivalent") && s.unitMap[ours] == "" {
					s.unitMap[ours] = theirs
				}
			}
		}
	}
	return nil
}

// code gives what one of our codes is there.
func (s *settings) code(ours string) string {
	if ours == indicator.DefaultCombo {
		return ours
	}
	return s.prefix + ours
}

func (s *settings) dataSet(ours string) string {
	if theirs := s.dataSets[ours]; theirs != "" {
		return theirs
	}
	return s.code(ours)
}

// unit gives what a unit of ours is there; "" where the settings name none for it.
func (s *settings) unit(u *unit) string {
	if theirs := s.unitMap[u.code]; theirs != "" {
		return theirs
	}
	if s.unitSystem != "" {
		return u.others.Identifier(s.unitSystem)
	}
	switch {
	case s.unitMap != nil:
		return ""
	case s.unitScheme == "UID":
		return u.uid
	}
	return u.code
}
