package resttest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// asyncTimeout is how long a test waits for what is done later.
const asyncTimeout = 20 * time.Second

// asyncPoll is how often a test asks how far it is; a client waits as
// Retry-After says.
const asyncPoll = 20 * time.Millisecond

// testAsync covers Prefer: respond-async. Source: R4 async; R5 async-bundle.
func testAsync(t *testing.T, base string) {
	l := newTeller(base)
	for _, id := range []string{"a", "b"} {
		l.step(t, Scenario{Name: "a resource to find", Method: "PUT", Path: "/Basic/{run}-" + id, Body: `{"resourceType":"Basic","id":"{run}-` + id + `","code":{"text":"x"},"identifier":[{"value":"{run}"}]}`, WantStatus: 201})
	}
	l.step(t, Scenario{Name: "one that is not found", Method: "PUT", Path: "/Basic/{run}-c", Body: `{"resourceType":"Basic","id":"{run}-c","code":{"text":"x"},"identifier":[{"value":"{run}x"}]}`, WantStatus: 201})
	form := Values{"Content-Type": "application/x-www-form-urlencoded"}
	found := Values{
		"resourceType": "Bundle", "type": "batch-response", "entry#": "1", "entry[0].response.status": "200 OK",
		"entry[0].resource.type": "searchset", "entry[0].resource.entry[*].resource.id": "{run}-a {run}-b",
	}
	for _, s := range []Scenario{
		{Name: "a search", Path: "/Basic?identifier={run}", WantBody: found},
		{Name: "a search by POST", Method: "POST", Path: "/Basic/_search", Body: "identifier={run}", Header: form, WantBody: found},
		{Name: "a search of all types", Path: "?_type=Basic&_id={run}-a,{run}-b&_format=json", WantBody: found},
		{Name: "a history", Path: "/Basic/{run}-a/_history", WantBody: Values{"entry[0].response.status": "200 OK", "entry[0].resource.type": "history", "entry[0].resource.entry[*].resource.id": "{run}-a"}},
		{Name: "a search that is wrong", Path: "/Basic?nonsense={run}", WantBody: Values{
			"entry[0].response.status": "400*", "entry[0].response.outcome.resourceType": "OperationOutcome", "entry[0].response.outcome.issue[0].diagnostics": "*nonsense*", "entry[0].resource": Absent,
		}},
		{
			Name: "a transaction", Method: "POST", Body: `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic","id":"{run}-t","code":{"text":"x"}},"request":{"method":"PUT","url":"Basic/{run}-t"}}]}`,
			WantBody: Values{"entry[0].response.status": "200 OK", "entry[0].resource.type": "transaction-response", "entry[0].resource.entry[0].response.status": "201*"},
		},
		{
			Name: "a batch", Method: "POST", Body: `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Basic/{run}-a"}},{"request":{"method":"GET","url":"Basic/{run}-none"}}]}`,
			WantBody: Values{"entry[0].resource.type": "batch-response", "entry[0].resource.entry[*].response.status": "200* 404*"},
		},
	} {
		t.Run(s.Name, func(t *testing.T) { l.later(t, s) })
	}
	l.step(t, Scenario{Name: "what the transaction made is there", Path: "/Basic/{run}-t", WantStatus: 200})
	t.Run("a read is answered at once", func(t *testing.T) {
		l.step(t, Scenario{Name: "read", Path: "/Basic/{run}-a", Header: Values{"Prefer": "respond-async"}, WantStatus: 200})
	})
	t.Run("a request that was cancelled is forgotten", func(t *testing.T) {
		place := l.accepted(t, Scenario{Name: "a search", Path: "/Basic?identifier={run}"})
		l.step(t, Scenario{Name: "cancel", Method: "DELETE", Path: place, WantStatus: 202})
		l.step(t, Scenario{Name: "ask", Path: place, WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}})
		l.step(t, Scenario{Name: "cancel again", Method: "DELETE", Path: place, WantStatus: 404})
	})
	t.Run("nothing is accepted in a form the client can't read", func(t *testing.T) {
		l.step(t, Scenario{Name: "ask", Path: "/Basic?identifier={run}", Header: Values{"Prefer": "respond-async", "Accept": "image/png"}, WantStatus: 406})
	})
	t.Run("a request nobody made is unknown", func(t *testing.T) {
		l.step(t, Scenario{Name: "ask", Path: "/_async/{run}", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}})
	})
}

// accepted sends a request to be done later and gives where its answer will be.
func (l *teller) accepted(t *testing.T, s Scenario) string {
	t.Helper()
	header := Values{"Prefer": "respond-async"}
	for name, value := range s.Header {
		header[name] = value
	}
	s.Header, s.WantStatus, s.WantBody = header, http.StatusAccepted, Values{"resourceType": "OperationOutcome"}
	response, body := l.send(t, s)
	place := response.Header.Get("Content-Location")
	if problems := l.compare(s, response, body); len(problems) > 0 || !strings.HasPrefix(place, l.words["base"]+"/_async/") {
		t.Fatalf("%s: %v; Content-Location %q\nanswer %d: %s", s.Name, problems, place, response.StatusCode, shortened(body))
	}
	return place
}

// later sends a request to be done later and compares the answer it then has.
func (l *teller) later(t *testing.T, s Scenario) {
	t.Helper()
	asked := Scenario{Name: s.Name, Path: l.accepted(t, s), WantStatus: http.StatusOK, WantBody: s.WantBody}
	tick := time.NewTicker(asyncPoll)
	defer tick.Stop()
	for end := time.Now().Add(asyncTimeout); ; <-tick.C {
		response, body := l.send(t, asked)
		if response.StatusCode == http.StatusAccepted && time.Now().Before(end) {
			if response.Header.Get("X-Progress") == "" || response.Header.Get("Retry-After") == "" {
				t.Errorf("%s: the server does not say how far it is: %v", s.Name, response.Header)
			}
			continue
		}
		if problems := l.compare(asked, response, body); len(problems) > 0 {
			t.Errorf("%s:\n\t%s\nanswer %d: %s", s.Name, strings.Join(problems, "\n\t"), response.StatusCode, shortened(body))
		}
		return
	}
}
