package subscription_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

func path(text string) string { return ext("fhirPathCriteria", `"valueString":"`+text+`"`) }

// heard gives what a subscriber to a topic is told after the handshake, without how
// many there were.
func heard(t *testing.T, s *sink, n int) (got []string) {
	t.Helper()
	for _, c := range s.await(t, n+1)[1:] {
		_, text, _ := strings.Cut(notified(t, c.Body), ":")
		got = append(got, text)
	}
	return got
}

func TestATopicTellsByFHIRPath(t *testing.T) {
	const became, married, gone, failing = "urn:topic:became", "urn:topic:married", "urn:topic:gone", "urn:topic:failing"
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		p.put(basicTopic("became", became, "active", trigger("Patient", path("(%previous.empty() or %previous.gender != 'female') and %current.gender = 'female'"))))
		// Both criteria must hold.
		p.put(basicTopic("married", married, "active", trigger("Patient", query(ext("current", `"valueString":"gender=female"`)), path("%current.maritalStatus.coding.exists(code = 'M') and %previous.maritalStatus.empty()"))))
		p.put(basicTopic("gone", gone, "active", trigger("Patient", ext("supportedInteraction", `"valueCode":"delete"`), path("%current.empty() and %previous.gender = 'male'"))))
		p.put(basicTopic("failing", failing, "active", trigger("Patient", path("%current.name.given > 'a'"))))
		sinks := map[string]*sink{}
		for id, url := range map[string]string{"became": became, "married": married, "gone": gone, "failing": failing} {
			sinks[id] = newSink(t, nil)
			p.put(topicWish(id, sinks[id].URL, "id-only", url, ""))
		}
		for id := range sinks {
			p.awaitStatus(id, "active")
		}
		body := func(id, gender, more string) string {
			return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"gender":%q%s}`, id, gender, more)
		}
		const ring = `,"maritalStatus":{"coding":[{"code":"M"}]}`
		p.put(body("a", "female", ""))                            // became
		p.put(body("a", "female", ring))                          // married
		p.put(body("a", "male", ring))                            // neither
		p.put(body("a", "female", ring))                          // became
		p.put(body("b", "male", ring))                            // the one criterion of married does not hold
		p.put(body("c", "male", `,"name":[{"given":["b"]}]`))     // failing holds
		p.put(body("c", "male", `,"name":[{"given":["b","c"]}]`)) // and has no answer: two are not compared to one
		p.put(body("c", "male", `,"name":[{"given":["a"]}]`))     // and does not
		p.put(body("c", "female", `,"name":[{"given":["c"]}]`))   // became, failing
		p.delete("Patient", "a")                                  // a woman
		p.delete("Patient", "b")                                  // gone
		for id, want := range map[string][]string{
			"became":  {" #1 Patient/a [POST ]", " #2 Patient/a [PUT ]", " #3 Patient/c [PUT ]"},
			"married": {" #1 Patient/a [PUT ]"},
			"gone":    {" #1 Patient/b [DELETE ]"},
			"failing": {" #1 Patient/c [POST ]", " #2 Patient/c [PUT ]"},
		} {
			if diff := cmp.Diff(want, heard(t, sinks[id], len(want))); diff != "" {
				t.Errorf("%s is told (-want +got):\n%s", id, diff)
			}
			if state := p.state(id); state.Last != int64(len(want)) {
				t.Errorf("%s has %d events", id, state.Last)
			}
		}
	})
}

func TestATopicTellsWhatRefersToAResource(t *testing.T) {
	shape := func(parts ...string) string {
		return ext(element+"notificationShape", append([]string{ext("resource", `"valueUri":"Patient"`)}, parts...)...)
	}
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.put(basicTopic("whole", "urn:topic:whole", "active", trigger("Patient"),
			shape(ext("include", `"valueString":"Patient:organization:Organization&iterate=Organization.partof"`)),
			shape(ext("revInclude", `"valueString":"Encounter:patient&iterate=Encounter:service-provider"`))))
		p.put(topicWish("x", s.URL, "full-resource", "urn:topic:whole", ""))
		p.awaitStatus("x", "active")
		p.put(`{"resourceType":"Organization","id":"top","name":"Top"}`)
		p.put(`{"resourceType":"Organization","id":"part","name":"Part","partOf":{"reference":"Organization/top"}}`)
		p.put(`{"resourceType":"Organization","id":"far","name":"Far"}`)
		visit := `{"resourceType":"Encounter","id":%q,"status":"planned","class":{"code":"AMB"},"subject":{"reference":"Patient/%s"},"serviceProvider":{"reference":"Organization/far"}}`
		p.put(fmt.Sprintf(visit, "hers", "a"))
		p.put(fmt.Sprintf(visit, "gone", "a"))
		p.delete("Encounter", "gone")
		p.put(fmt.Sprintf(visit, "another", "b"))
		p.put(`{"resourceType":"Patient","id":"a","managingOrganization":{"reference":"Organization/part"}}`)
		p.put(`{"resourceType":"Patient","id":"c"}`) // nothing beside it
		want := []string{" #1 Patient/a [POST a] [GET part] [GET hers] [GET top] [GET far]", " #2 Patient/c [POST c]"}
		if diff := cmp.Diff(want, heard(t, s, 2)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// filterable is a topic that says how it may be filtered by.
func filterable(parts ...string) string {
	return basicTopic("f", "urn:topic:f", "active", trigger("Patient"), ext(element+"canFilterBy", parts...))
}

func filterBy(code string, more ...string) []string {
	return append([]string{ext("resource", `"valueUri":"Patient"`), ext("filterParameter", `"valueString":"`+code+`"`)}, more...)
}

func comparator(code string) string { return ext("comparator", `"valueCode":"`+code+`"`) }

func modifier(code string) string { return ext("modifier", `"valueCode":"`+code+`"`) }

func TestATopicSaysHowItIsFilteredBy(t *testing.T) {
	birth := filterable(filterBy("birthdate", comparator("ge"), comparator("lt"))...)
	name := filterable(filterBy("family", modifier("exact"))...)
	older := filterable(filterBy("birthdate", modifier("="), modifier("gt"))...) // R4B
	owner := filterable(filterBy("organization", modifier("type"), ext("filterDefinition", `"valueUri":"http://hl7.org/fhir/SearchParameter/Patient-organization"`))...)
	plain := filterable(filterBy("family")...)
	cases := []struct {
		name, topic, filter string
		taken               bool
	}{
		{"a comparator that is listed", birth, "birthdate=ge1990", true},
		{"two that are", birth, "birthdate=ge1990&birthdate=lt2000", true},
		{"one that is not", birth, "birthdate=gt1990", false},
		{"none, which is eq", birth, "birthdate=1990", false},
		{"one of two values", birth, "birthdate=ge1990,le2000", false},
		{"a modifier where comparators are listed", birth, "birthdate:missing=true", true},
		{"a modifier that is listed", name, "family:exact=Mushi", true},
		{"no modifier", name, "family=Mushi", true},
		{"one that is not", name, "family:contains=Mushi", false},
		{"none, of R4B", older, "birthdate=1990", true},
		{"one of R4B", older, "birthdate=gt1990", true},
		{"one that R4B does not list", older, "birthdate=lt1990", false},
		{"a modifier where only comparators of R4B are listed", older, "birthdate:missing=true", false},
		{"a type", owner, "organization:Organization=a", true},
		{"another modifier of it", owner, "organization:identifier=urn:x|1", false},
		{"another's parameter", owner, "organization.name=a", false},
		{"what nothing is said of", plain, "family:exact=Mushi", true},
		{"what is answered besides", plain, "family=Mushi&_summary=true", false},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		for _, c := range cases {
			p.put(c.topic)
			_, err := p.try(topicWish("x", s.URL, "empty", "urn:topic:f", "Patient?"+c.filter))
			if taken := err == nil; taken != c.taken || err != nil && (fhir.OutcomeOf(err).Issues[0].Expression != "Subscription.criteria.extension" || !fhir.HasIssue(err, fhir.IssueNotSupported)) {
				t.Errorf("%s: %v", c.name, err)
			}
			if err == nil {
				p.delete("Subscription", "x")
			}
		}
		told := newSink(t, nil)
		p.put(name)
		p.put(topicWish("x", told.URL, "id-only", "urn:topic:f", "Patient?family:exact=Mushi"))
		p.awaitStatus("x", "active")
		p.put(`{"resourceType":"Patient","id":"near","name":[{"family":"Mushima"}]}`)
		p.put(`{"resourceType":"Patient","id":"hit","name":[{"family":"Mushi"}]}`)
		if diff := cmp.Diff([]string{" #1 Patient/hit [POST ]"}, heard(t, told, 1)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestWhatATopicCanNotSayIsRefused(t *testing.T) {
	fine := trigger("Patient")
	of := func(parts ...string) string { return basicTopic("x", "urn:x", "active", parts...) }
	shape := func(name, text string) string {
		return of(fine, ext(element+"notificationShape", ext("resource", `"valueUri":"Patient"`), ext(name, `"valueString":"`+text+`"`)))
	}
	cases := []struct{ name, body, at string }{
		{"a path that is none", of(trigger("Patient", path("%current.("))), "resourceTrigger"},
		{"a variable that is not there", of(trigger("Patient", path("%next.gender = 'male'"))), "resourceTrigger"},
		{"a path to other resources", of(trigger("Patient", path("%current.managingOrganization.resolve().name = 'a'"))), "resourceTrigger"},
		{"a path to a value set", of(trigger("Patient", path("%current.gender.memberOf('urn:vs')"))), "resourceTrigger"},
		{"what other resources said before", of(trigger("Patient", query(ext("previous", `"valueString":"organization.name=a"`)))), "resourceTrigger"},
		{"criteria that say what is answered", of(trigger("Patient", query(ext("current", `"valueString":"gender=male&_include=Patient:organization"`)))), "resourceTrigger"},
		{"criteria of a terminology", of(trigger("Patient", query(ext("current", `"valueString":"language:in=urn:vs"`)))), "resourceTrigger"},
		{"more about a trigger", of(trigger("Patient", ext("moon", `"valueString":"full"`))), "resourceTrigger"},
		{"more about criteria", of(trigger("Patient", query(ext("next", `"valueString":"gender=male"`)))), "resourceTrigger"},
		{"an event", of(fine, ext(element+"eventTrigger", ext("event", `"valueCodeableConcept":{"text":"admitted"}`), ext("resource", `"valueUri":"Patient"`))), "eventTrigger"},
		{"an element of no topic", of(fine, ext(element+"moon", `"valueString":"full"`)), "moon"},
		{"what does not refer to it", shape("revInclude", "Encounter:service-provider"), "notificationShape"},
		{"what refers to another type", shape("revInclude", "Encounter:subject:Group"), "notificationShape"},
		{"the log that refers to it", shape("revInclude", "AuditEvent:entity"), "notificationShape"},
		{"all that refers to it", shape("revInclude", "*"), "notificationShape"},
		{"all that it refers to", shape("include", "Patient:*"), "notificationShape"},
		{"more about an include", shape("include", "Patient:organization&sort=name"), "notificationShape"},
		{"an include of another type", shape("include", "Claim:patient"), "notificationShape"},
		{"a shape within one", shape("exclude", "Patient:organization"), "notificationShape"},
		{"a comparator of what has no order", filterable(filterBy("gender", comparator("gt"))...), "canFilterBy"},
		{"a comparator of no kind", filterable(filterBy("birthdate", comparator("about"))...), "canFilterBy"},
		{"a modifier among comparators", filterable(filterBy("family", comparator("exact"))...), "canFilterBy"},
		{"a modifier of a terminology", filterable(filterBy("language", modifier("in"))...), "canFilterBy"},
		{"a modifier of another kind", filterable(filterBy("gender", modifier("contains"))...), "canFilterBy"},
		{"another definition", filterable(filterBy("gender", ext("filterDefinition", `"valueUri":"http://example.org/gender"`))...), "canFilterBy"},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		for _, c := range cases {
			_, err := p.try(c.body)
			if err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Expression, "'"+c.at+"'") {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if _, err := p.try(of(fine, ext(element+"title", `"valueString":"Patients"`), ext("urn:ours", `"valueString":"x"`))); err != nil {
			t.Errorf("what is of no consequence: %v", err)
		}
	})
}

func TestWhatASubscriptionCanNotSayIsRefused(t *testing.T) {
	const url = "https://a.example/"
	extension := func(name, value string) string { return fmt.Sprintf(`{"url":%q,%s}`, guide+name, value) }
	ours := func(name, value string) string {
		return fmt.Sprintf(`,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/%s",%s}]`, name, value)
	}
	const leaves, put = `"valueBoolean":true`, `"valueCode":"put"`
	cases := []struct{ name, body, at string }{
		{"an extension of the guide that is not known", topical("x", url, "empty", "", extension("backport-colour", `"valueCode":"red"`)), "Subscription.channel.extension"},
		{"one without a topic", wish{id: "x", criteria: "Patient?", endpoint: url, more: `,"extension":[` + extension("backport-heartbeat-period", `"valueUnsignedInt":60`) + `]`}.body(), "Subscription.channel.extension"},
		{"a number of another type", topical("x", url, "empty", "", extension("backport-max-count", `"valueInteger":3`)), "Subscription.channel.extension"},
		{"what is put, of a topic", strings.Replace(topical("x", url, "empty", "", extension("backport-max-count", `"valuePositiveInt":1`)), `,"extension":[`, ours("subscription-style", put)[:14]+strings.TrimSuffix(ours("subscription-style", put)[14:], "]")+",", 1), "Subscription.channel.extension"},
		{"what leaves criteria about others", wish{id: "x", criteria: "Patient?organization.name=a", endpoint: url, more: ours("subscription-leaves", leaves)}.body(), "Subscription.channel.extension"},
		{"criteria that say what is answered", wish{id: "x", criteria: "Patient?gender=male&_elements=name", endpoint: url}.body(), "Subscription.criteria"},
		{"a filter that says it", topical("x", url, "empty", "Patient?_revinclude=Claim:patient", ""), "Subscription.criteria.extension"},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		for _, c := range cases {
			if _, err := p.try(c.body); err == nil || fhir.OutcomeOf(err).Issues[0].Expression != c.at {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

// A Subscription may have less patience than the server.
func TestATopicsTimeoutIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		stuck := newSink(t, func(r *http.Request) int {
			if r.Header.Get("Bima-Event") == "" {
				return 200 // the handshake
			}
			<-r.Context().Done()
			return 200
		})
		p := start(t, dsn, quick(), true) // whose own patience is 30 s
		p.put(topical("x", stuck.URL, "empty", "", fmt.Sprintf(`{"url":%q,"valueUnsignedInt":1}`, guide+"backport-timeout")))
		p.awaitStatus("x", "active")
		p.put(patient("a", "female", 1))
		if got := p.awaitStatus("x", "error").Get("error").Text(); got != "the endpoint did not answer in time" {
			t.Errorf("the error is %q", got)
		}
	})
}

// The example of the guide has the status of a topic among the modifierExtensions,
// and what R4B has by R4B's names.
func TestATopicAsTheGuideWritesIt(t *testing.T) {
	const r4b = "http://hl7.org/fhir/4.3/StructureDefinition/extension-SubscriptionTopic."
	renamed := strings.NewReplacer(element+"resourceTrigger", r4b+"resourceTrigger", element+"canFilterBy", r4b+"canFilterBy", element+"notificationShape", r4b+"notificationShape")
	status := ext(element+"status", `"valueCode":"active"`)
	moved := func(to ...string) string {
		body := strings.Replace(renamed.Replace(became()), status+",", "", 1)
		return strings.Replace(body, `"extension":[`, `"modifierExtension":[`+strings.Join(to, ",")+`],"extension":[`, 1)
	}
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		for name, body := range map[string]string{
			"no status":             moved(ext(element+"title", `"valueString":"x"`)),
			"a modifier of no kind": moved(status, ext("urn:moon", `"valueBoolean":true`)),
			"two statuses":          moved(status, ext(element+"status", `"valueCode":"draft"`)),
			"more about a trigger":  strings.Replace(moved(status), `"url":"supportedInteraction"`, `"url":"moon"`, 1),
		} {
			if _, err := p.try(body); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		p.put(moved(status))
		p.put(topicWish("all", s.URL, "full-resource", married, "Patient?birthdate=lt1990-01-01"))
		p.awaitStatus("all", "active")
		p.put(`{"resourceType":"Patient","id":"young","gender":"female","birthDate":"1990-01-01"}`)
		p.put(`{"resourceType":"Patient","id":"old","gender":"female","birthDate":"1989-12-31"}`)
		p.put(`{"resourceType":"Encounter","id":"f","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/old"}}`)
		calls := s.await(t, 3) // the first is the handshake
		for i, want := range []string{" #1 Patient/old [POST old]", " #2 Encounter/f [POST f] [GET old]"} {
			if _, got, _ := strings.Cut(notified(t, calls[i+1].Body), ":"); got != want {
				t.Errorf("told%s, not%s", got, want)
			}
		}
	})
}
