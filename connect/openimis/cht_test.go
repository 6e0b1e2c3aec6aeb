package openimis_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
)

// asked has the patient of a claim asked what he says of it.
func (c client) asked(claim string) {
	c.Helper()
	if a := c.do(http.MethodPost, "/fhir/Claim/"+claim+"/$request-feedback", []byte(`{"resourceType":"Parameters"}`)); a.Status >= 300 {
		c.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
}

func feedback(c client) {
	for i, file := range []string{"cht/communication.json", "openimis/communication-app.json"} {
		claim := c.post("Claim/", "openimis/claim-app.json", "CLM-0001", []string{"CLM-F1", "CLM-F2"}[i]).Get("id").Text()
		before := c.do(http.MethodPost, base+"Communication/", c.vector(file, "CLAIM", claim, "PATIENT", "patient-01-1"))
		if before.Status != http.StatusUnprocessableEntity || c.w.Node(before).Get("issue").First().At("details", "text").Text() == "" {
			c.Errorf("nobody was asked: HTTP %d %s", before.Status, before.Body)
		}
		c.asked(claim)
		if sent := c.post("Communication/", file, "CLAIM", claim, "PATIENT", "patient-01-1"); sent.Get("status").Text() != "completed" {
			c.Errorf("%s", sent.Raw())
		}
		if request := c.w.Node(c.do(http.MethodGet, "/fhir/CommunicationRequest/feedback-"+claim, nil)); request.Get("status").Text() != "completed" {
			c.Errorf("the request: %s", request.Raw())
		}
	}
}

// mediator is CHT's: it takes ClaimResponses and answers with JSON.
func mediator(t *testing.T) (url string, got func() []string) {
	var mu sync.Mutex
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		bodies = append(bodies, r.Header.Get("Authorization")+" "+r.Header.Get("Content-Type")+" "+string(text))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"message":"ok"}`))
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { mu.Lock(); defer mu.Unlock(); return append([]string(nil), bodies...) }
}

func subscription(c client) {
	url, got := mediator(c.T)
	elsewhere(c, url)
	s := c.post("Subscription/", "cht/subscription.json", "http://127.0.0.1:9/claim-response", url)
	if s.Get("criteria").Text() != "Claim" || s.Get("id").Text() == "" || s.Get("status").Text() != "active" {
		c.Errorf("TRAP: CHT wants back the criteria it sent: %s", s.Raw())
	}
	if got := s.At("channel", "endpoint").Text(); got != url {
		c.Errorf("the endpoint is %q, want %q", got, url)
	}
	if strings.Contains(string(s.Raw()), "c2VjcmV0") {
		c.Errorf("the secret can be read: %s", s.Raw())
	}
	id := s.Get("id").Text()
	c.w.Until("the subscription is active", func() bool {
		return c.w.Node(c.do(http.MethodGet, "/fhir/Subscription/"+id, nil)).Get("status").Text() == "active"
	})
	claim := c.post("Claim/", "openimis/claim-app.json", "CLM-0001", "CLM-S").Get("id").Text()
	said := ""
	c.w.Until("the mediator is told of the decision", func() bool {
		for _, body := range got() {
			if strings.Contains(body, claim) {
				said = body
			}
		}
		return said != ""
	})
	said, ok := strings.CutPrefix(said, "Basic c2VjcmV0OnNlY3JldA== application/json ")
	doc, err := fhir.Parse([]byte(said))
	if err != nil || !ok {
		c.Fatalf("%v in %s", err, said)
	}
	n := doc.Root()
	if _, err := time.Parse(time.DateOnly, n.Get("created").Text()); err != nil {
		c.Errorf("TRAP: the mediator reads created as a day: %v", err)
	}
	if n.Get("resourceType").Text() != "ClaimResponse" || n.At("patient", "reference").Text() != "Patient/patient-01-1" || coded(n, "Code") != "CLM-S" || amounts(n)["2"] != "5800" {
		c.Errorf("%s", said)
	}
	for _, endpoint := range []string{"/claim-response", "openimis:Endpoint/none", "ftp://x"} {
		if a := c.do(http.MethodPost, base+"Subscription/", c.vector("cht/subscription.json", "http://127.0.0.1:9/claim-response", endpoint)); a.Status < 400 || a.Status > 499 {
			c.Errorf("TRAP: an endpoint that nobody can call, %s: HTTP %d %s", endpoint, a.Status, a.Body)
		}
	}
	if a := c.do(http.MethodPost, base+"Subscription/", c.vector("cht/subscription.json", `"criteria": "Claim"`, `"criteria": "Patient?chf_id__startswith=0"`)); a.Status != http.StatusNotImplemented && a.Status != 400 && a.Status != 422 {
		c.Errorf("TRAP: a filter of openIMIS's tables: HTTP %d %s", a.Status, a.Body)
	}
	if a := c.do(http.MethodDelete, base+"Subscription/"+id+"/", nil); a.Status >= 300 {
		c.Errorf("DELETE: HTTP %d %s", a.Status, a.Body)
	}
}
