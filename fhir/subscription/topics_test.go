package subscription_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
)

const element = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic."

// ext writes an extension of a name with a value, such as `"valueCode":"a"`, or with
// others within.
func ext(url string, within ...string) string {
	if len(within) == 1 && strings.HasPrefix(within[0], `"value`) {
		return fmt.Sprintf(`{"url":%q,%s}`, url, within[0])
	}
	return fmt.Sprintf(`{"url":%q,"extension":[%s]}`, url, strings.Join(within, ","))
}

// basicTopic is a topic of the scheme's own, as a Basic.
func basicTopic(id, url, status string, parts ...string) string {
	parts = append([]string{ext(element+"url", `"valueUri":"`+url+`"`), ext(element+"status", `"valueCode":"`+status+`"`)}, parts...)
	return fmt.Sprintf(`{"resourceType":"Basic","id":%q,"extension":[%s],"code":{"coding":[{"system":"http://hl7.org/fhir/fhir-types","code":"SubscriptionTopic"}]}}`,
		id, strings.Join(parts, ","))
}

func trigger(typ string, parts ...string) string {
	return ext(element+"resourceTrigger", append([]string{ext("resource", `"valueUri":"http://hl7.org/fhir/StructureDefinition/`+typ+`"`)}, parts...)...)
}

func query(parts ...string) string { return ext("queryCriteria", parts...) }

const married = "https://scheme.example/SubscriptionTopic/became-female"

// became is a topic of Patients that are female and were not, and of Encounters.
func became() string {
	return basicTopic(
		"became", married, "active",
		trigger("Patient", ext("supportedInteraction", `"valueCode":"create"`), ext("supportedInteraction", `"valueCode":"update"`),
			query(ext("previous", `"valueString":"gender:not=female"`), ext("resultForCreate", `"valueCode":"test-passes"`),
				ext("current", `"valueString":"gender=female"`), ext("requireBoth", `"valueBoolean":true`))),
		trigger("Encounter", query(ext("current", `"valueString":"status=in-progress"`), ext("resultForDelete", `"valueCode":"test-passes"`))),
		ext(element+"canFilterBy", ext("resource", `"valueUri":"Patient"`), ext("filterParameter", `"valueString":"birthdate"`)),
		ext(element+"canFilterBy", ext("filterParameter", `"valueString":"_id"`)),
		ext(element+"notificationShape", ext("resource", `"valueUri":"Encounter"`), ext("include", `"valueString":"Encounter:patient"`)),
	)
}

// topicWish is a Subscription to a topic of the scheme's own.
func topicWish(id, endpoint, content, url, filter string) string {
	return strings.Replace(topical(id, endpoint, content, filter, ""), "https://bima.example/fhir/SubscriptionTopic/Patient", url, 1)
}

func TestTopicsOfTheSchemesOwn(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, all, old := start(t, dsn, quick(), true), newSink(t, nil), newSink(t, nil)
		p.put(became())
		p.put(topicWish("all", all.URL, "full-resource", married, ""))
		p.put(topicWish("old", old.URL, "id-only", married, "Patient?birthdate=lt1990-01-01"))
		p.awaitStatus("all", "active")
		p.awaitStatus("old", "active")
		body := func(id, gender, birth string) string {
			return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"gender":%q,"birthDate":%q}`, id, gender, birth)
		}
		p.put(body("a", "female", "1980-01-01")) // new: passes for a create
		p.put(body("a", "female", "1981-01-01")) // it was so before
		p.put(body("a", "male", "1981-01-01"))   // it is not
		p.put(body("a", "female", "1982-01-01")) // it became so again
		p.put(body("b", "female", "2000-01-01")) // new, but young
		p.put(body("c", "male", "1970-01-01"))
		visit := `{"resourceType":"Encounter","id":"f","status":%q,"class":{"code":"AMB"},"subject":{"reference":"Patient/b"}}`
		p.put(fmt.Sprintf(visit, "planned"))
		p.put(fmt.Sprintf(visit, "in-progress"))
		p.delete("Patient", "a")   // is not told of
		p.delete("Encounter", "f") // is
		var got []string
		for _, c := range all.await(t, 6)[1:] {
			got = append(got, notified(t, c.Body))
		}
		want := []string{
			"event-notification of 5: #1 Patient/a [POST a]",
			"event-notification of 5: #2 Patient/a [PUT a]",
			"event-notification of 5: #3 Patient/b [POST b]",
			"event-notification of 5: #4 Encounter/f [PUT f] [GET b]", // with the Patient beside it
			"event-notification of 5: #5 Encounter/f [DELETE ]",
		}
		for i := range got {
			_, g, _ := strings.Cut(got[i], ":")
			_, w, _ := strings.Cut(want[i], ":")
			got[i], want[i] = g, w // how many there were by then depends
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		got = nil
		for _, c := range old.await(t, 5)[1:] {
			_, text, _ := strings.Cut(notified(t, c.Body), ":")
			got = append(got, text)
		}
		// The filter is of Patients; Encounters are told of without one.
		if diff := cmp.Diff([]string{" #1 Patient/a [POST ]", " #2 Patient/a [PUT ]", " #3 Encounter/f [PUT ]", " #4 Encounter/f [DELETE ]"}, got); diff != "" {
			t.Errorf("told of the old (-want +got):\n%s", diff)
		}
	})
}

func TestEitherOfTwoCriteriaIsEnough(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.put(basicTopic("either", "urn:topic:either", "active", trigger("Patient", query(ext("previous", `"valueString":"Patient?gender=male"`), ext("current", `"valueString":"gender=female"`)))))
		p.put(topicWish("x", s.URL, "id-only", "urn:topic:either", ""))
		p.awaitStatus("x", "active")
		p.put(patient("a", "male", 1))   // the one does not hold of what was not there, nor the other
		p.put(patient("a", "other", 2))  // it was
		p.put(patient("a", "other", 3))  // neither
		p.put(patient("a", "female", 4)) // it is
		var got []string
		for _, c := range s.await(t, 3)[1:] {
			_, text, _ := strings.Cut(notified(t, c.Body), ":")
			got = append(got, text)
		}
		if diff := cmp.Diff([]string{" #1 Patient/a [PUT ]", " #2 Patient/a [PUT ]"}, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestTopicsOfTheSchemesOwnThatAreRefused(t *testing.T) {
	fine := trigger("Patient")
	cases := []struct{ name, body, at string }{
		{"a URL that is none", basicTopic("x", "became", "active", fine), "url"},
		{"a URL of ours", basicTopic("x", "https://bima.example/fhir/SubscriptionTopic/Patient", "active", fine), "url"},
		{"the URL of another", basicTopic("x", married, "active", fine), "url"},
		{"a status of no kind", basicTopic("x", "urn:x", "alive", fine), "status"},
		{"nothing to tell of", basicTopic("x", "urn:x", "active"), "resourceTrigger"},
		{"no type", basicTopic("x", "urn:x", "active", trigger("Nothing")), "resourceTrigger"},
		{"the log", basicTopic("x", "urn:x", "active", trigger("AuditEvent")), "resourceTrigger"},
		{"an interaction of no kind", basicTopic("x", "urn:x", "active", trigger("Patient", ext("supportedInteraction", `"valueCode":"read"`))), "resourceTrigger"},
		{"criteria that can't be read", basicTopic("x", "urn:x", "active", trigger("Patient", query(ext("current", `"valueString":"colour=red"`)))), "resourceTrigger"},
		{"a result of no kind", basicTopic("x", "urn:x", "active", trigger("Patient", query(ext("resultForCreate", `"valueCode":"maybe"`)))), "resourceTrigger"},
		{"a filter that is none", basicTopic("x", "urn:x", "active", fine, ext(element+"canFilterBy", ext("filterParameter", `"valueString":"colour"`))), "canFilterBy"},
		{"an include that refers to nothing", basicTopic("x", "urn:x", "active", fine, ext(element+"notificationShape", ext("resource", `"valueUri":"Patient"`), ext("include", `"valueString":"Patient:gender"`))), "notificationShape"},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		p.put(became())
		for _, c := range cases {
			_, err := p.try(c.body)
			if err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Expression, "'"+c.at+"'") {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		p.put(`{"resourceType":"Basic","id":"other","code":{"text":"no topic"}}`)
		clerk := fhir.WithCaller(p.ctx, fhir.Caller{Name: "clerk", Roles: []fhir.Role{fhir.RoleFacility}})
		if _, err := p.engine.Update(clerk, fhir.Key{Type: "Basic", ID: "y"}, interaction.Write{Body: []byte(basicTopic("y", "urn:y", "active", fine))}); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("a facility may make a topic: %v", err)
		}

		// Who subscribes to a topic is not lost by a change of it.
		s := newSink(t, nil)
		for name, body := range map[string]string{
			"a topic that is not there":      topicWish("z", s.URL, "empty", "urn:nothing", ""),
			"a filter that is not foreseen":  topicWish("z", s.URL, "empty", married, "Patient?gender=male"),
			"a filter of another type":       topicWish("z", s.URL, "empty", married, "Claim?_id=1"),
			"a filter foreseen of others":    topicWish("z", s.URL, "empty", married, "Encounter?date=2020"),
			"a value that can't be read":     topicWish("z", s.URL, "empty", married, "Patient?birthdate=soon"),
			"a filter that is not a search":  topicWish("z", s.URL, "empty", married, "birthdate"),
			"a filter foreseen, with others": topicWish("z", s.URL, "empty", married, "Patient?_id=1&gender=male"),
		} {
			if _, err := p.try(body); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		p.put(topicWish("x", s.URL, "empty", married, "Patient?birthdate=1990&_id=a"))
		p.awaitStatus("x", "active")
		for name, body := range map[string]string{
			"its filter was taken away":       basicTopic("became", married, "active", fine),
			"it was retired":                  strings.Replace(became(), `"valueCode":"active"`, `"valueCode":"retired"`, 1),
			"it got another URL":              strings.Replace(became(), married, married+"2", 1),
			"it became something else at all": `{"resourceType":"Basic","id":"became","code":{"text":"no topic"}}`,
		} {
			if _, err := p.try(body); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := p.engine.Delete(p.ctx, fhir.Key{Type: "Basic", ID: "became"}, ""); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("it was deleted: %v", err)
		}
		p.delete("Subscription", "x")
		p.delete("Basic", "became")
		if _, err := p.try(topicWish("x", s.URL, "empty", married, "")); err == nil {
			t.Error("what is gone may be subscribed to")
		}
	})
}

// What one process learns of topics and Subscriptions the other does, however late
// a transaction that began early was committed.
func TestOtherProcessesLearnOfTopicsAndLateCommits(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			return // one process serves a SQLite database
		}
		one, two, s := start(t, dsn, quick(), false), start(t, dsn, quick(), false), newSink(t, nil)
		one.put(became())
		until(t, "the other process knows the topic", func() bool {
			_, err := two.try(topicWish("x", s.URL, "id-only", married, ""))
			return err == nil
		})
		two.awaitStatus("x", "active")
		late := newSink(t, nil)
		begun, end := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- one.engine.Commit(one.ctx, func(tx fhir.Tx) error {
				body := wish{id: "late", criteria: "Patient?", endpoint: late.URL}.body()
				_, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Subscription", ID: "late"}, Body: []byte(body)}, 0)
				close(begun)
				<-end
				return err
			})
		}()
		<-begun
		for i := range 3 { // which the other process reads meanwhile
			two.subscribe(wish{id: fmt.Sprint("early", i), criteria: "Claim?", endpoint: s.URL})
		}
		close(end)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		one.awaitStatus("late", "active")
		two.put(patient("a", "female", 1))
		late.await(t, 1)
	})
}
