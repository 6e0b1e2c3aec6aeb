package openmrs_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bima/connect/openmrs/openmrstest"
)

// The numbers of persons of the demo scheme who are covered in 2026.
var demo = map[string]string{"patient-01-1": "070100001018", "patient-01-2": "070100001026", "patient-02-1": "070100002016"}

// touch changes a person, so that a Subscription to him has an event.
func (h *hospital) touch(id string) {
	h.t.Helper()
	h.touches++
	a := h.Do(http.MethodPatch, "/fhir/Patient/"+id, http.Header{"Content-Type": {"application/merge-patch+json"}}, fmt.Appendf(nil, `{"maritalStatus":{"text":"%d"}}`, h.touches))
	if a.Status != http.StatusOK {
		h.t.Fatalf("touching %s: HTTP %d: %.300s", id, a.Status, a.Body)
	}
}

// follow subscribes to one person, by Basic.
func (h *hospital) follow(person string) {
	h.t.Helper()
	h.subscribe(person, "Patient?_id="+person, "hospital", basic)
}

func (h *hospital) error(subscription string) string {
	h.t.Helper()
	return h.call(http.MethodGet, "/fhir/Subscription/"+subscription, "", http.StatusOK).Get("error").Text()
}

// What goes wrong with one OpenMRS, each by itself. The subtests share a world and
// each has persons of its own.
func TestWhatGoesWrong(t *testing.T) {
	onEach(t, func(t *testing.T, h *hospital) {
		h.endpoint("hospital")
		for _, one := range []struct {
			name string
			test func(*testing.T, *hospital)
		}{
			{"settings that can't be are refused", settingsRefused},
			{"nobody there bears the number, then somebody does, then two", strangers},
			{"what is dropped without a word is noticed, once", dropped},
			{"the number is written where it is missing", numberWritten},
			{"a server that is down is told later, in order", down},
			{"each answer has its treatment", answers},
			{"credentials that are wrong are found before anything is told", credentials},
		} {
			t.Run(one.name, func(t *testing.T) {
				h.t = t
				one.test(t, h)
			})
		}
	})
}

func settingsRefused(t *testing.T, h *hospital) {
	setting := func(parts ...string) string { return endpoint("bad", "https://emr.example.org/R4", parts...) }
	for _, c := range []struct{ name, endpoint, criteria, header, at, says string }{
		{"another type", setting(), "Claim?", basic, "Subscription.criteria", "not of \"Claim\""},
		{"no address of fhir2", endpoint("bad", "ftp://emr.example.org"), "Coverage?", basic, "Subscription.channel.endpoint", "Endpoint/bad, Endpoint.address"},
		{"STU3", endpoint("bad", "https://emr.example.org/openmrs/ws/fhir2/R3"), "Coverage?", basic, "Subscription.channel.endpoint", "STU3"},
		{"an Endpoint that is off", strings.Replace(setting(), `"status":"active"`, `"status":"off"`, 1), "Coverage?", basic, "Subscription.channel.endpoint", "Endpoint.status"},
		{"no user", setting(), "Coverage?", "X-Key: 1", "Subscription.channel.header", "Authorization"},
		{"no secret of a client", setting(`{"url":"token-url","valueUrl":"https://id.example.org/token"}`, `{"url":"client-id","valueString":"bima"}`), "Coverage?", basic, "Subscription.channel.header", "Client-Secret"},
		{"a client without a token endpoint", setting(`{"url":"client-id","valueString":"bima"}`), "Coverage?", secret, "Subscription.channel.endpoint", "token-url"},
		{"a token endpoint without a client", setting(`{"url":"token-url","valueUrl":"https://id.example.org/token"}`), "Coverage?", secret, "Subscription.channel.endpoint", "client-id"},
		{"an attribute there is not", setting(`{"url":"show","valueCode":"colour"}`), "Coverage?", basic, "Endpoint.extension[0].extension[0].valueCode", "none of status, number, expiry, product"},
		{"a setting that is misspelt", setting(`{"url":"scope","valueString":"a"}`, `{"url":"token-uri","valueUrl":"https://id.example.org/token"}`), "Coverage?", basic, "Endpoint.extension[0].extension[1]", `"token-uri" is no part of Endpoint.extension[0]; there are client-id, `},
		{"an owner who is none", setting(`{"url":"task-owner","valueString":"clerk"}`), "ClaimResponse?", basic, "Subscription.channel.endpoint", "task-owner"},
		{"a code without a system", setting(`{"url":"task-code","valueCoding":{"code":"x"}}`), "ClaimResponse?", basic, "Subscription.channel.endpoint", "task-code"},
	} {
		a := h.Do(http.MethodPut, "/fhir/Endpoint/bad", nil, []byte(c.endpoint))
		if strings.HasPrefix(c.at, "Subscription") && a.Status/100 == 2 {
			a = h.Do(http.MethodPut, "/fhir/Subscription/bad", nil, []byte(wish("bad", c.criteria, "bad", c.header)))
		}
		issue := h.Node(a).Get("issue").First()
		if a.Status/100 != 4 || issue.Get("expression").First().Text() != c.at || !strings.Contains(issue.Get("diagnostics").Text(), c.says) {
			t.Errorf("%s: HTTP %d %s, want %s and %q", c.name, a.Status, issue.Raw(), c.at, c.says)
		}
	}
	h.endpoint("fine")
	both := strings.Replace(wish("bad", "Coverage?", "fine", basic), basic+`"`, basic+`","`+secret+`"`, 1)
	if a := h.Do(http.MethodPut, "/fhir/Subscription/bad", nil, []byte(both)); a.Status != http.StatusUnprocessableEntity || !strings.Contains(string(a.Body), "Subscription.channel.header[1]") {
		t.Errorf("a secret that would not be sent: HTTP %d %.300s", a.Status, a.Body)
	}
	if a := h.Do(http.MethodPut, "/fhir/Subscription/bad", nil, []byte(wish("bad", "Coverage?", "nowhere", basic))); a.Status/100 != 4 || !strings.Contains(string(a.Body), "there is no Endpoint/nowhere") {
		t.Errorf("an Endpoint that is not there: HTTP %d %.300s", a.Status, a.Body)
	}
}

func strangers(t *testing.T, h *hospital) {
	const who = "patient-01-1"
	h.follow(who)
	for range 2 {
		h.touch(who)
		h.told(who)
	}
	if got := h.jobs("unknown-person", "requested"); len(got) != 1 || got[0].At("for", "reference").Text() != "Patient/"+who {
		t.Fatalf("%d Tasks ask for an unknown person, want 1", len(got))
	}
	if log := h.call(http.MethodGet, "/fhir/AuditEvent?entity=Subscription/"+who, "", http.StatusOK); !strings.Contains(string(log.Raw()), "knows nobody by the number") {
		t.Errorf("the log does not say so: %.600s", log.Raw())
	}
	uuid := h.emr.Admit("Asha", "Mushi", map[string]string{"Insurance number": demo[who]})
	h.touch(who)
	h.told(who)
	if got := h.emr.Attributes(uuid)["Insurance status"]; got != "active" {
		t.Errorf("found, he is shown as %q", got)
	}
	if got := len(h.jobs("unknown-person", "completed")); got != 1 {
		t.Errorf("%d Tasks are completed, want 1", got)
	}
	twin := h.emr.Admit("Asha", "Mushi", map[string]string{"Insurance number": demo[who]})
	before := len(h.requests(http.MethodPatch, "/Patient"))
	h.touch(who)
	h.told(who)
	if got := len(h.jobs("ambiguous-person", "requested")); got != 1 || len(h.requests(http.MethodPatch, "/Patient")) != before {
		t.Errorf("of two with his number: %d Tasks, want 1 and nobody written to", got)
	}
	h.emr.Discharge(twin)
	h.touch(who)
	h.told(who)
	if got := len(h.jobs("ambiguous-person", "completed")); got != 1 {
		t.Errorf("merged, %d Tasks are completed, want 1", got)
	}
	// The same number under another system is another number.
	if got := h.requests(http.MethodGet, "/Patient"); !strings.Contains(got[len(got)-2].Query, "%7C"+demo[who]) || !strings.Contains(got[len(got)-2].Query, "_count=2") {
		t.Errorf("it is asked for by %s", got[len(got)-2].Query)
	}
}

func dropped(t *testing.T, h *hospital) {
	const who = "patient-01-2"
	uuid := h.emr.Admit("Juma", "Mushi", map[string]string{"Insurance number": demo[who]})
	h.emr.Set(func(o *openmrstest.Options) { o.AttributeTypes = o.AttributeTypes[:3] })
	defer h.emr.Set(func(o *openmrstest.Options) { o.AttributeTypes = set().AttributeTypes })
	h.follow(who)
	for range 3 {
		h.touch(who)
		h.told(who)
	}
	if got := h.jobs("lost-value", "requested"); len(got) != 1 || !strings.Contains(got[0].Get("description").Text(), `"Insurance product"`) {
		t.Errorf("%d Tasks ask for the attribute, want 1", len(got))
	}
	if got := h.emr.Attributes(uuid); got["Insurance status"] != "active" || got["Insurance product"] != "" {
		t.Errorf("the others are shown: %v", got)
	}
	if log := h.call(http.MethodGet, "/fhir/AuditEvent?entity=Subscription/"+who, "", http.StatusOK); !strings.Contains(string(log.Raw()), "OpenMRS did not keep: Insurance product") {
		t.Errorf("the log does not say so: %.600s", log.Raw())
	}
	h.emr.Set(func(o *openmrstest.Options) { o.AttributeTypes = set().AttributeTypes })
	h.touch(who)
	h.told(who)
	if got := len(h.jobs("lost-value", "completed")); got != 1 || h.emr.Attributes(uuid)["Insurance product"] != "District Health Plan" {
		t.Errorf("made there, %d Tasks are completed, want 1, and it is shown as %q", got, h.emr.Attributes(uuid)["Insurance product"])
	}
}

func numberWritten(t *testing.T, h *hospital) {
	const who, national = "patient-02-1", "1995-11401-12"
	uuid := h.emr.Admit("Neema", "Komba", map[string]string{"National ID": national})
	h.endpoint("linking", `{"url":"national-id-system","valueUri":"urn:national"}`, `{"url":"number-type","valueString":"Insurance number"}`, `{"url":"number-location","valueString":"loc-1"}`, `{"url":"show","valueCode":"status"}`)
	h.subscribe("linking", "Patient?_id="+who, "linking", basic)
	for range 2 {
		h.touch(who)
		h.told("linking")
	}
	if found := h.requests(http.MethodGet, "/Patient/"+uuid); len(found) == 0 {
		t.Fatal("she was not found by her national id")
	}
	if got := h.emr.Numbers(uuid); got["Insurance number"] != demo[who] || got["National ID"] != national {
		t.Errorf("she bears %v", got)
	}
	if got := h.emr.Attributes(uuid); len(got) != 1 || got["Insurance status"] != "active" {
		t.Errorf("of what is shown only the state was asked for: %v", got)
	}
	written := 0
	for _, c := range h.requests(http.MethodPatch, "/Patient/"+uuid) {
		if strings.Contains(c.Body, `"identifier"`) {
			written++
			if !strings.Contains(c.Body, national) || !strings.Contains(c.Body, "Location/loc-1") {
				t.Errorf("the patch is not of all identifiers, or without the location: %s", c.Body)
			}
		}
	}
	if written != 1 {
		t.Errorf("the number was written %d times, want once", written)
	}
}

// down: the process of OpenMRS ends, and starts again at the same address.
func down(t *testing.T, h *hospital) {
	const who = "patient-01-1"
	address := h.web.Listener.Addr().String()
	h.web.Close()
	claims := []string{"D-1", "D-2", "D-3"}
	h.subscribeLater("down", "ClaimResponse?patient=Patient/"+who)
	for _, number := range claims {
		h.claim(number, who, "S-201", 9000)
	}
	h.Until("it is called in vain", func() bool { return h.error("down") != "" })
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	h.web = &httptest.Server{Listener: listener, Config: &http.Server{Handler: h.emr}}
	h.web.Start()
	h.await("down", "active")
	h.emr.Fail("", "/Task", http.StatusServiceUnavailable, 4)
	h.emr.Fail(http.MethodGet, "/Patient", http.StatusTooManyRequests, 2)
	h.claim("D-4", who, "S-201", 9000)
	h.told("down")
	var order []string
	for _, task := range h.emr.Tasks() {
		order = append(order, strings.Fields(task.Note)[1])
	}
	if got := strings.Join(order, " "); got != "D-1 D-2 D-3 D-4" {
		t.Errorf("told of %s", got)
	}
	// The answer to the Task that was made is lost: it is found again, also where
	// it can't be asked for by what it is based on.
	for i, literal := range []bool{false, true} {
		h.emr.Set(func(o *openmrstest.Options) { o.Literal = literal })
		h.emr.Lose(http.MethodPost, "/Task", http.StatusBadGateway, 1)
		h.claim(fmt.Sprintf("L-%d", i), who, "S-201", 9000)
		h.told("down")
		if got := len(h.emr.Tasks()); got != len(order)+1+i {
			t.Errorf("an answer was lost (literal %v): %d Tasks, want %d", literal, got, len(order)+1+i)
		}
	}
	// Withdrawn, its Task is cancelled; one that somebody has deleted there is not
	// made again for that.
	all := h.emr.Tasks()
	first, last := all[0], all[len(all)-1]
	h.emr.Drop(last.UUID)
	for _, task := range []openmrstest.Told{first, last} {
		decision := task.BasedOn[strings.LastIndex(task.BasedOn, "/")+1:]
		claim := h.call(http.MethodGet, "/fhir/ClaimResponse/"+decision, "", http.StatusOK).At("request", "reference").Text()
		h.call(http.MethodPost, "/fhir/"+claim+"/$cancel", `{"resourceType":"Parameters","parameter":[{"name":"reason","valueCodeableConcept":{"text":"not done"}}]}`, http.StatusOK)
	}
	h.told("down")
	if got := h.emr.Tasks(); got[0].UUID != first.UUID || got[0].Status != "cancelled" || len(got) != len(all)-1 {
		t.Errorf("withdrawn, its Task is %+v of %d, want %d", got[0], len(got), len(all)-1)
	}
}

func answers(t *testing.T, h *hospital) {
	const who = "patient-01-2"
	for _, c := range []struct {
		name, method, path string
		status             int
		off                bool   // whether it waits for a person
		job                string // the Task for our staff, "" is none
	}{
		{"the session has lapsed", "", "/Patient", 401, false, ""},
		{"too many at once", "", "/Patient", 429, false, ""},
		{"a defect", "", "/Patient", 500, false, ""},
		{"a proxy without a server", http.MethodPatch, "/Patient", 502, false, ""},
		{"it took too long", http.MethodPatch, "/Patient", 504, false, ""},
		{"no privilege", http.MethodPatch, "/Patient", 403, true, ""},
		{"it can't patch", http.MethodPatch, "/Patient", 405, true, ""},
		{"it is elsewhere", "", "/Patient", 301, true, ""},
		{"it minds the values", http.MethodPatch, "/Patient", 422, false, "refused"},
		{"it minds the form", http.MethodPatch, "/Patient", 400, false, "refused"},
		{"the patient was merged meanwhile", http.MethodPatch, "/Patient", 404, false, "refused"},
		{"no such search", http.MethodGet, "/Patient", 404, true, ""},
	} {
		h.emr.Fail(c.method, c.path, c.status, 1)
		h.touch(who)
		if c.off {
			n := h.await(who, "off")
			if n.Get("error").Text() == "" {
				t.Errorf("%s: it does not say why", c.name)
			}
			h.call(http.MethodPost, "/fhir/Subscription/"+who+"/$replay", `{"resourceType":"Parameters"}`, http.StatusOK)
			h.await(who, "active")
		}
		h.told(who)
		if got := len(h.jobs("refused", "requested")); (got > 0) != (c.job == "refused") {
			t.Errorf("%s: %d Tasks, want them: %v", c.name, got, c.job)
		}
		h.touch(who) // and what follows is told: the Task is done with
		h.told(who)
		if got := len(h.jobs("refused", "requested")); got != 0 {
			t.Errorf("%s: %d Tasks are left", c.name, got)
		}
	}
}

func credentials(t *testing.T, h *hospital) {
	const who = "patient-02-1"
	h.emr.Set(func(o *openmrstest.Options) { o.Users["colon"] = "a:b" })
	h.put(wish("colon", "Patient?_id="+who, "hospital", "Authorization: Basic Y29sb246YTpi"), http.StatusOK)
	if says := h.await("colon", "off").Get("error").Text(); !strings.Contains(says, "no password with a colon") {
		t.Errorf("a password with a colon: %s", says)
	}
	h.put(wish("wrong", "Patient?_id="+who, "hospital", "Authorization: Basic YmltYTp3cm9uZw=="), http.StatusOK)
	if says := h.await("wrong", "off").Get("error").Text(); !strings.Contains(says, "twice") {
		t.Errorf("a wrong password: %s", says)
	}
	h.endpoint("tokens", h.oauth()...)
	h.put(wish("unknown", "Patient?_id="+who, "tokens", "Client-Secret: wrong"), http.StatusOK)
	if says := h.await("unknown", "off").Get("error").Text(); !strings.Contains(says, "invalid_client") || strings.Contains(says, "wrong") {
		t.Errorf("a wrong secret: %s", says)
	}
	h.put(endpoint("nowhere", h.web.URL+"/openmrs"), http.StatusOK)
	h.put(wish("nowhere", "Patient?_id="+who, "nowhere", basic), http.StatusOK)
	if says := h.await("nowhere", "off").Get("error").Text(); !strings.Contains(says, "no CapabilityStatement") {
		t.Errorf("an address that is not fhir2's: %s", says)
	}
	// A token is used until it is refused; then another is asked for, once.
	asked := func() (n int) {
		for _, c := range h.emr.Calls() {
			if c.Path == openmrstest.TokenPath && c.Status == http.StatusOK {
				n++
			}
		}
		return n
	}
	h.subscribe("tokens", "Patient?_id="+who, "tokens", secret)
	before := asked()
	h.touch(who)
	h.told("tokens")
	if got := asked(); got != before {
		t.Errorf("for each event a token: %d, want %d", got, before)
	}
	h.emr.Revoke()
	h.touch(who)
	h.told("tokens")
	if got := asked(); got != before+1 {
		t.Errorf("revoked, %d tokens were asked for, want 1", got-before)
	}
}
