package openmrs

import (
	"net/url"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// Settings of an OpenMRS, read from its Endpoint.
type settings struct {
	endpoint string // "Endpoint/hospital-1"
	base     string // of fhir2, without a slash at its end
	shown    []attribute

	numberSystems   []string // the systems OpenMRS gives insurance numbers
	nationalSystems []string // … and national ids
	numberType      string   // identifier type under which the number is written; "" writes none
	numberLocation  string

	taskCode  []byte // a Coding, or nil
	taskOwner string // "Practitioner/[uuid]", or ""

	tokenURL, client, scope string // of OAuth2; "" has none
}

// An attribute is a person attribute type of OpenMRS, by its name.
type attribute struct {
	code string // "status", "number", "expiry" or "product"
	name string
}

// attributes are those there are, with the names that they have by default.
var attributes = []attribute{
	{"status", "Insurance status"},
	{"number", "Insurance policy number"},
	{"expiry", "Insurance expiry date"},
	{"product", "Insurance product"},
}

// atEndpoint is the element by which a Subscription names the Endpoint.
const atEndpoint = "Subscription.channel.endpoint"

// settingsOf reads the settings of the Endpoint that a Subscription names.
func settingsOf(r fhir.Reader, subscription fhir.Node) (*settings, error) {
	_, name, _ := strings.Cut(subscription.At("channel", "endpoint").Text(), ":")
	id, ok := strings.CutPrefix(name, "Endpoint/")
	if !ok || !fhir.ValidID(id) {
		return nil, fhir.Errorf(fhir.IssueValue, atEndpoint, "write the Endpoint that holds the address and settings of the OpenMRS: %s:Endpoint/hospital-1", Scheme)
	}
	n, err := fhir.Tree(r, fhir.Key{Type: "Endpoint", ID: id})
	if fhir.HasIssue(err, fhir.IssueNotFound) || fhir.HasIssue(err, fhir.IssueDeleted) || err == nil && !n.Exists() {
		return nil, fhir.Errorf(fhir.IssueNotFound, atEndpoint, "there is no %s; store it first, with the base of fhir2 as its address", name)
	}
	if err != nil {
		return nil, err
	}
	s := &settings{endpoint: name}
	if err := s.address(n); err != nil {
		return nil, err
	}
	return s, s.read(n.Extension(profiles.ExtensionOpenMRS))
}

// wrong refuses an element of the Endpoint.
func (s *settings) wrong(element, format string, args ...any) error {
	o := fhir.Errorf(fhir.IssueValue, atEndpoint, format, args...)
	o.Issues[0].Diagnostics = s.endpoint + ", " + element + ": " + o.Issues[0].Diagnostics
	return o
}

// address reads where fhir2 is.
func (s *settings) address(n fhir.Node) error {
	if status := n.Get("status").Text(); status != "active" && status != "test" {
		return s.wrong("Endpoint.status", "it is %s; only an Endpoint that is active or in test is told", status)
	}
	s.base = strings.TrimRight(n.Get("address").Text(), "/")
	if !web(s.base) || strings.ContainsAny(s.base, "?#") {
		return s.wrong("Endpoint.address", "write the R4 base of fhir2, such as https://emr.example.org/openmrs/ws/fhir2/R4")
	}
	if strings.HasSuffix(s.base, "/R3") {
		return s.wrong("Endpoint.address", "this is the base of STU3; that of R4 ends in /R4")
	}
	return nil
}

// web reports whether a text is an absolute http or https URL without a password.
func web(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// read reads the extension; absent, all is as by default.
func (s *settings) read(e fhir.Node) error {
	one := func(name, value string) string { return e.Extension(name).Get(value).Text() }
	shown := map[string]bool{}
	for sub := range e.Get("extension").Each() {
		switch sub.Get("url").Text() {
		case "show":
			shown[sub.Get("valueCode").Text()] = true
		case "identifier-system":
			s.numberSystems = append(s.numberSystems, sub.Get("valueUri").Text())
		case "national-id-system":
			s.nationalSystems = append(s.nationalSystems, sub.Get("valueUri").Text())
		}
	}
	all := len(shown) == 0
	for _, a := range attributes {
		if name := one(a.code+"-attribute", "valueString"); name != "" {
			a.name = name
		}
		if all || shown[a.code] {
			s.shown = append(s.shown, a)
		}
		delete(shown, a.code)
	}
	for code := range shown {
		return s.wrong("extension show", "%.40q is none of status, number, expiry and product", code)
	}
	s.numberType, s.numberLocation = one("number-type", "valueString"), one("number-location", "valueString")
	s.taskOwner = one("task-owner", "valueString")
	if coding := e.Extension("task-code").Get("valueCoding"); coding.Exists() {
		if coding.Get("system").Text() == "" || coding.Get("code").Text() == "" {
			return s.wrong("extension task-code", "give the code with its system, as it is mapped to a concept of OpenMRS")
		}
		s.taskCode = coding.Raw()
	}
	if typ, id, ok := strings.Cut(s.taskOwner, "/"); s.taskOwner != "" && (!ok || typ != "Practitioner" || !fhir.ValidID(id)) {
		return s.wrong("extension task-owner", "write whom OpenMRS shows the Task, by the uuid there: Practitioner/[uuid]; %.60q is none", s.taskOwner)
	}
	return s.oauth(one("token-url", "valueUrl"), one("client-id", "valueString"), one("scope", "valueString"))
}

// oauth takes the settings of client credentials.
func (s *settings) oauth(tokenURL, client, scope string) error {
	switch {
	case tokenURL == "" && client != "":
		return s.wrong("extension token-url", "a client-id needs the token endpoint that knows it")
	case tokenURL != "" && client == "":
		return s.wrong("extension client-id", "a token-url needs the client that it gives tokens to")
	case tokenURL != "" && !web(tokenURL):
		return s.wrong("extension token-url", "%.200q is no absolute http or https URL", tokenURL)
	}
	s.tokenURL, s.client, s.scope = tokenURL, client, scope
	return nil
}
