package resttest

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// Reindex tells, to a server that follows stored SearchParameters, how one takes
// effect, is changed and is retired. It is apart from Run because an engine alone
// has no such module. Source: R4 search#parameters, searchparameter.
func Reindex(t *testing.T, base string) {
	l := newTeller(base)
	parameter := func(name, status, extension string) Scenario {
		return Scenario{
			Name: name, Method: http.MethodPut, Path: "/SearchParameter/{run}", WantStatus: http.StatusOK,
			Body: `{"resourceType":"SearchParameter","id":"{run}","url":"http://example.org/sp/{run}","name":"Eyes","status":"` + status + `","description":"the colour of the eyes",` +
				`"code":"{run}","base":["Patient"],"type":"token","expression":"Patient.extension.where(url = '` + extension + `').value"}`,
		}
	}
	created := parameter("a parameter is defined", "active", "urn:eyes")
	created.WantStatus = http.StatusCreated
	person := func(letter, eyes, hair string) string {
		return `{"resourceType":"Patient","id":"{run}-` + letter + `","meta":{},"extension":[{"url":"urn:eyes","valueCode":"` + eyes + `"},{"url":"urn:hair","valueCode":"` + hair + `"}]}`
	}
	broken := parameter("one without sense is refused", "active", "urn:eyes' or (")
	broken.WantStatus, broken.WantBody = http.StatusBadRequest, Values{"resourceType": "OperationOutcome", "issue[0].severity": "error"}
	for _, step := range []Scenario{
		put(person("a", "brown", "grey"), person("b", "green", "brown"), `{"resourceType":"Patient","id":"{run}-c","meta":{}}`),
		{Name: "nobody knows it yet", Path: "/Patient?{run}=brown", WantStatus: http.StatusBadRequest, WantBody: Values{"issue[0].diagnostics": "*{run}*"}},
		broken,
		created,
	} {
		l.step(t, step)
	}
	l.built(t)
	for _, step := range []Scenario{
		finds("what was stored before is found", "Patient", "{run}=brown", "a"),
		finds("what has none is not", "Patient", "{run}:missing=true", "c"),
		finds("nor is what has another", "Patient", "{run}:not=brown", "bc"),
		put(person("d", "brown", "grey")),
		finds("what is stored later is found", "Patient", "{run}=brown", "ad"),
		{Name: "the server says that it knows it", Path: "/metadata", WantStatus: http.StatusOK, WantText: `"name":"{run}"`},
		parameter("it is changed", "active", "urn:hair"),
	} {
		l.step(t, step)
	}
	l.built(t)
	for _, step := range []Scenario{
		finds("by its new meaning", "Patient", "{run}=brown", "b"),
		{Name: "an administrator has it made again", Method: http.MethodPost, Path: "/$reindex?type=Patient&code={run}", WantStatus: http.StatusAccepted, WantBody: Values{"resourceType": "Parameters", "parameter[0].name": "status"}},
		{Name: "of a type that is none", Method: http.MethodPost, Path: "/$reindex?type=Pateint", WantStatus: http.StatusBadRequest, WantBody: Values{"issue[0].diagnostics": "*Pateint*"}},
		finds("and it is found meanwhile", "Patient", "{run}=brown", "b"),
		parameter("it is retired", "retired", "urn:hair"),
		{Name: "nobody knows it any more", Path: "/Patient?{run}=brown", WantStatus: http.StatusBadRequest},
	} {
		l.step(t, step)
	}
}

// builtWithin bounds how long a test waits for the index of a few resources.
const builtWithin = time.Minute

// built waits until the index is complete. Until then a search by the parameter
// of the run is refused, and never answered short.
func (l *teller) built(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(builtWithin); ; <-time.After(20 * time.Millisecond) {
		response, body := l.send(t, Scenario{Name: "meanwhile", Path: "/Patient?_tag=urn:run|{run}&{run}=brown"})
		if response.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(end) || response.StatusCode != http.StatusServiceUnavailable || !slices.Contains(find(parsed(body), "issue[0].code"), "incomplete") || response.Header.Get("Retry-After") == "" {
			t.Fatalf("meanwhile it is answered %d %s", response.StatusCode, shortened(body))
		}
		l.step(t, Scenario{Name: "how far it is", Path: "/$reindex", WantStatus: http.StatusOK, WantBody: Values{"resourceType": "Parameters", "parameter[0].name": "status"}})
	}
}
