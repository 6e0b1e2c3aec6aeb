package openmrs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/connect/openmrs/openmrstest"
	"bima/fhir"
	"bima/fhir/subscription"
)

// numbers is the system that the OpenMRS of these tests gives insurance numbers.
const numbers = "http://emr.example.org/id/insurance"

// set is how the OpenMRS of these tests is set up.
func set() openmrstest.Options {
	return openmrstest.Options{
		Users: map[string]string{"bima": "secret"}, Clients: map[string]string{"bima": "s3cret"},
		AttributeTypes:    []string{"Insurance status", "Insurance policy number", "Insurance expiry date", "Insurance product"},
		IdentifierTypes:   []string{"Insurance number", "National ID"},
		IdentifierSystems: map[string]string{numbers: "Insurance number", "urn:national": "National ID"},
		Concepts:          []string{"urn:concepts|decision"},
	}
}

// A hospital is our world with an OpenMRS beside it.
type hospital struct {
	*connecttest.World
	t   *testing.T
	emr *openmrstest.Server
	web *httptest.Server

	touches int // how often persons were changed
}

// begin is when the tests begin.
var begin = time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)

// onEach runs a test in a hospital on each database.
func onEach(t *testing.T, test func(t *testing.T, h *hospital)) {
	t.Helper()
	real := time.Now()
	now := func() time.Time { return begin.Add(time.Since(real)) }
	connecttest.Each(t, connecttest.Options{Plan: house.Plan{
		Now: now, Subscriptions: subscription.Settings{Backoff: func(int) time.Duration { return 20 * time.Millisecond }, Timeout: 10 * time.Second},
	}}, func(t *testing.T, w *connecttest.World) {
		o := set()
		o.Now = now
		h := &hospital{World: w, t: t, emr: openmrstest.New(o)}
		h.web = httptest.NewServer(h.emr)
		t.Cleanup(func() { h.web.Close() })
		test(t, h)
	})
}

// put stores a resource and gives it back.
func (h *hospital) put(body string, status int) fhir.Node {
	h.t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		h.t.Fatal(err)
	}
	path := "/fhir/" + doc.Root().Get("resourceType").Text() + "/" + doc.Root().Get("id").Text()
	return h.call(http.MethodPut, path, body, status)
}

// call asks our server for what must be answered with a status.
func (h *hospital) call(method, path, body string, status int) fhir.Node {
	h.t.Helper()
	var sent []byte
	if body != "" {
		sent = []byte(body)
	}
	a := h.Do(method, path, nil, sent)
	if a.Status != status && (status != http.StatusOK || a.Status != http.StatusCreated) {
		h.t.Fatalf("%s %s: HTTP %d, want %d: %.800s", method, path, a.Status, status, a.Body)
	}
	return h.Node(a)
}

// endpoint stores an Endpoint of the OpenMRS; extensions are its settings.
func (h *hospital) endpoint(id string, extensions ...string) {
	h.t.Helper()
	extensions = append([]string{`{"url":"identifier-system","valueUri":"` + numbers + `"}`}, extensions...)
	h.put(endpoint(id, h.web.URL+openmrstest.Path, extensions...), http.StatusOK)
}

func endpoint(id, address string, extensions ...string) string {
	settings := ""
	if len(extensions) > 0 {
		settings = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/openmrs","extension":[` + strings.Join(extensions, ",") + `]}],`
	}
	return `{"resourceType":"Endpoint","id":"` + id + `",` + settings + `"status":"active","connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},"payloadType":[{"text":"fhir2"}],"address":"` + address + `"}`
}

const (
	basic  = `Authorization: Basic YmltYTpzZWNyZXQ=` // bima:secret
	secret = `Client-Secret: s3cret`
)

// oauth are the settings of client credentials.
func (h *hospital) oauth() []string {
	return []string{`{"url":"token-url","valueUrl":"` + h.web.URL + openmrstest.TokenPath + `"}`, `{"url":"client-id","valueString":"bima"}`}
}

// wish writes a Subscription.
func wish(id, criteria, endpoint, header string) string {
	return fmt.Sprintf(`{"resourceType":"Subscription","id":%q,"status":"requested","reason":"OpenMRS","criteria":%q,"channel":{"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-leaves","valueBoolean":true}],"type":"rest-hook","endpoint":"openmrs:Endpoint/%s","header":[%q]}}`, id, criteria, endpoint, header)
}

// subscribe asks for a Subscription and waits until it is active.
func (h *hospital) subscribe(id, criteria, endpoint, header string) {
	h.t.Helper()
	h.put(wish(id, criteria, endpoint, header), http.StatusOK)
	h.await(id, "active")
}

// subscribeLater asks for a Subscription by Basic and does not wait.
func (h *hospital) subscribeLater(id, criteria string) {
	h.t.Helper()
	h.put(wish(id, criteria, "hospital", basic), http.StatusOK)
}

// await waits for a status of a Subscription, and gives it.
func (h *hospital) await(id, status string) (n fhir.Node) {
	h.t.Helper()
	h.Until("Subscription "+id+" is "+status, func() bool {
		n = h.call(http.MethodGet, "/fhir/Subscription/"+id, "", http.StatusOK)
		return n.Get("status").Text() == status
	})
	return n
}

// told waits until a Subscription has nothing more to tell.
func (h *hospital) told(id string) {
	h.t.Helper()
	h.Until("all of "+id+" is told", func() bool {
		n := h.call(http.MethodGet, "/fhir/Subscription/"+id+"/$status", "", http.StatusOK)
		for p := range n.Get("parameter").Each() {
			if p.Get("name").Text() == "waiting" {
				return p.Get("valueDecimal").Text() == "0"
			}
		}
		return false
	})
}

// jobs gives the Tasks for our staff of a kind.
func (h *hospital) jobs(code, status string) []fhir.Node {
	h.t.Helper()
	var list []fhir.Node
	bundle := h.call(http.MethodGet, "/fhir/Task?code=https://bima.example/fhir/CodeSystem/openmrs|"+code+"&status="+status, "", http.StatusOK)
	for e := range bundle.Get("entry").Each() {
		list = append(list, e.Get("resource"))
	}
	return list
}

// requests counts what the OpenMRS was asked with a method, by its path.
func (h *hospital) requests(method, path string) (list []openmrstest.Call) {
	for _, c := range h.emr.Calls() {
		if c.Method == method && strings.HasPrefix(c.Path, openmrstest.Path+path) {
			list = append(list, c)
		}
	}
	return list
}

// claim submits a claim of Asha, and gives the id of its decision.
func (h *hospital) claim(number, patient, service string, price int) string {
	h.t.Helper()
	return h.call(http.MethodPost, "/fhir/Claim/$submit", fmt.Sprintf(`{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":%q}],"status":"active",
		"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/%s"},"billablePeriod":{"start":"2026-04-01","end":"2026-04-01"},"created":"2026-04-01",
		"insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/facility-3"},"priority":{"coding":[{"code":"normal"}]},"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"L02.9"}]}}],
		"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],
		"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":%q}]},"servicedDate":"2026-04-01","quantity":{"value":1},"unitPrice":{"value":%d,"currency":"TZS"}}]}`, number, patient, service, price), http.StatusOK).Get("id").Text()
}
