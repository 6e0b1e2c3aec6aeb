package resttest

import (
	"fmt"
	"net/http"
	"testing"
)

// coverageOf is a Coverage of a person; more are members after the others.
func coverageOf(id, beneficiary, more string) string {
	return `{"resourceType":"Coverage","id":"` + id + `","status":"draft","beneficiary":{"reference":"` + beneficiary + `"},"payor":[{"display":"the scheme"}]` + more + `}`
}

// groupOf is a Group of one person.
func groupOf(id, member string) string {
	return `{"resourceType":"Group","id":"` + id + `","type":"person","actual":true,"member":[{"entity":{"reference":"` + member + `"}}]}`
}

// integrityStories cover references that must lead to something.
func integrityStories() []Story {
	const pay = "urn:uuid:33333333-3333-4333-8333-333333333333"
	return []Story{
		{"what a scheme owns refers to what is there", []Scenario{
			{
				Name: "nobody is there", Method: "PUT", Path: "/Coverage/{run}", Body: coverageOf("{run}", "Patient/{run}", ""), WantStatus: 422,
				WantBody: Values{"issue[0].expression[0]": "Coverage.beneficiary", "issue[0].diagnostics": "*Patient/{run}*", "issue[1]": Absent},
			},
			{Name: "and nothing was stored", Path: "/Coverage/{run}", WantStatus: 404},
			putPatient,
			{Name: "now somebody is", Method: "PUT", Path: "/Coverage/{run}", Body: coverageOf("{run}", "Patient/{run}", ""), WantStatus: 201},
			{Name: "by our own URL", Method: "PUT", Path: "/Coverage/{run}-u", Body: coverageOf("{run}-u", "{base}/Patient/{run}", ""), WantStatus: 201},
			{Name: "by our own URL to nobody", Method: "PUT", Path: "/Coverage/{run}-v", Body: coverageOf("{run}-v", "{base}/Patient/{run}-none", ""), WantStatus: 422},
			{Name: "by a version", Method: "PUT", Path: "/Coverage/{run}-h", Body: coverageOf("{run}-h", "Patient/{run}/_history/1", ""), WantStatus: 201},
			{Name: "an element that is not searched by", Method: "PUT", Path: "/Coverage/{run}-x", Body: coverageOf("{run}-x", "Patient/{run}", `,"extension":[{"url":"urn:x","valueReference":{"reference":"Location/{run}-none"}}]`), WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "Coverage.extension[0].valueReference"}},
			{Name: "another server's", Method: "PUT", Path: "/Coverage/{run}-f", Body: coverageOf("{run}-f", "https://elsewhere.example/fhir/Patient/1", ""), WantStatus: 201},
			{Name: "a contained one", Method: "PUT", Path: "/Coverage/{run}-c", Body: coverageOf("{run}-c", "#p", `,"contained":[{"resourceType":"Patient","id":"p"}]`), WantStatus: 201},
			{Name: "by an identifier only", Method: "PUT", Path: "/Coverage/{run}-i", Body: `{"resourceType":"Coverage","id":"{run}-i","status":"draft","beneficiary":{"identifier":{"value":"x"}},"payor":[{"display":"the scheme"}]}`, WantStatus: 201},
			{Name: "what comes from elsewhere may refer to nothing", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", "Patient/{run}-none"), WantStatus: 201},
			{Name: "a patch is a write", Method: "PATCH", Path: "/Coverage/{run}", Header: Values{"Content-Type": patchType}, Body: `[{"op":"replace","path":"/beneficiary/reference","value":"Patient/{run}-none"}]`, WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "Coverage.beneficiary"}},
			{Name: "it is as it was", Path: "/Coverage/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "1"}},
		}},
		{"what is referred to stays", []Scenario{
			putPatient,
			{Name: "a group", Method: "PUT", Path: "/Group/{run}", Body: groupOf("{run}", "Patient/{run}"), WantStatus: 201},
			{Name: "what others refer to may go", Method: "PUT", Path: "/Patient/{run}-o", Body: `{"resourceType":"Patient","id":"{run}-o"}`, WantStatus: 201},
			{Name: "an observation of another", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", "Patient/{run}-o"), WantStatus: 201},
			{Name: "which goes", Method: "DELETE", Path: "/Patient/{run}-o", WantStatus: 204},
			{Name: "not the member of the group", Method: "DELETE", Path: "/Patient/{run}", WantStatus: 409, WantBody: Values{"issue[0].code": "conflict", "issue[0].diagnostics": "*Group/{run}*"}},
			{Name: "nor by criteria", Method: "DELETE", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 409},
			{Name: "he is there", Path: "/Patient/{run}", WantStatus: 200},
			transaction("nor in a transaction", 409, Values{"issue[0].expression[0]": "Bundle.entry[0]*"}, `{"request":{"method":"DELETE","url":"Patient/{run}"}}`),
			transaction("unless the group goes with him", 200, Values{"entry#": "2"},
				`{"request":{"method":"DELETE","url":"Patient/{run}"}},{"request":{"method":"DELETE","url":"Group/{run}"}}`),
			{Name: "both are gone", Path: "/Patient/{run}", WantStatus: 410},
		}},
		{"what only an extension refers to stays too", []Scenario{
			putPatient,
			{Name: "a place", Method: "PUT", Path: "/Location/{run}", Body: `{"resourceType":"Location","id":"{run}"}`, WantStatus: 201},
			{Name: "a coverage of it", Method: "PUT", Path: "/Coverage/{run}", Body: coverageOf("{run}", "Patient/{run}", `,"extension":[{"url":"urn:x","valueReference":{"reference":"Location/{run}"}}]`), WantStatus: 201},
			{Name: "it can't go", Method: "DELETE", Path: "/Location/{run}", WantStatus: 409, WantBody: Values{"issue[0].diagnostics": "*Coverage/{run}*"}},
			{Name: "without the extension", Method: "PUT", Path: "/Coverage/{run}", Body: coverageOf("{run}", "Patient/{run}", ""), WantStatus: 200},
			{Name: "it can", Method: "DELETE", Path: "/Location/{run}", WantStatus: 204},
		}},
		{"references are looked at when a transaction ends", []Scenario{
			transaction("two that refer to each other", 200, Values{"entry[0].response.status": "201*", "entry[1].response.status": "201*"},
				`{"resource":`+groupOf("{run}", "Group/{run}-b")+`,"request":{"method":"PUT","url":"Group/{run}"}},`+
					`{"resource":`+groupOf("{run}-b", "Group/{run}")+`,"request":{"method":"PUT","url":"Group/{run}-b"}}`),
			transaction("a new one by its fullUrl", 200, Values{"entry[1].response.status": "201*"},
				`{"resource":`+groupOf("{run}-c", pay)+`,"request":{"method":"PUT","url":"Group/{run}-c"}},`+
					`{"fullUrl":"`+pay+`","resource":`+patient+`,"request":{"method":"POST","url":"Patient"}}`),
			transaction("one that leads nowhere", 422, Values{"issue[0].expression[0]": "Bundle.entry[1].resource.member[0].entity", "issue[1]": Absent},
				`{"resource":{"resourceType":"Patient","id":"{run}-p"},"request":{"method":"PUT","url":"Patient/{run}-p"}},`+
					`{"resource":`+groupOf("{run}-d", "Patient/{run}-none")+`,"request":{"method":"PUT","url":"Group/{run}-d"}}`),
			{Name: "takes the others with it", Path: "/Patient/{run}-p", WantStatus: 404},
			transaction("one to what the same transaction deletes", 422, Values{"issue[0].expression[0]": "Bundle.entry[1].resource.member[0].entity"},
				`{"request":{"method":"DELETE","url":"Group/{run}-c"}},{"resource":`+groupOf("{run}-d", "Group/{run}-c")+`,"request":{"method":"PUT","url":"Group/{run}-d"}}`),
			batch("the entries of a batch stand alone", Values{"entry[0].response.status": "422*", "entry[1].response.status": "201*"},
				`{"resource":`+groupOf("{run}-e", "Patient/{run}-none")+`,"request":{"method":"PUT","url":"Group/{run}-e"}},`+
					`{"resource":{"resourceType":"Patient","id":"{run}-p"},"request":{"method":"PUT","url":"Patient/{run}-p"}}`),
		}},
	}
}

// testReferredToAtOnce deletes persons while Coverages are made that refer to them:
// of each two one is refused.
func testReferredToAtOnce(t *testing.T, base string) {
	l := newTeller(base)
	for n := range 40 {
		id := fmt.Sprintf("{run}-%d", n)
		l.step(t, Scenario{Name: "a person", Method: http.MethodPut, Path: "/Patient/" + id, Body: `{"resourceType":"Patient","id":"` + id + `"}`, WantStatus: 201})
		statuses := l.race(t, 2, func(i int) Scenario {
			if i == 0 {
				return Scenario{Method: http.MethodPut, Path: "/Coverage/" + id, Body: coverageOf(id, "Patient/"+id, "")}
			}
			return Scenario{Method: http.MethodDelete, Path: "/Patient/" + id}
		})
		if statuses[http.StatusCreated]+statuses[http.StatusNoContent] != 1 || statuses[http.StatusConflict]+statuses[http.StatusUnprocessableEntity] != 1 {
			t.Errorf("%s: got statuses %v, want one done and the other refused", l.fill(id), statuses)
		}
	}
}
