package subscription_test

import (
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/fhir/subscription"
	"bima/storage"
)

// What earlier releases took and passed over is refused when it is sent today; stored
// by one of them, it is told of as before.
func TestWhatWasTakenBeforeIsToldOf(t *testing.T) {
	const shape = element + "notificationShape"
	filter := func(more ...string) string {
		return ext(element+"canFilterBy", append([]string{ext("resource", `"valueUri":"Patient"`), ext("filterParameter", `"valueString":"gender"`)}, more...)...)
	}
	type kept struct{ topic, subscription string }
	old := map[string]kept{}
	add := func(id string, parts ...string) {
		url := "urn:topic:" + id
		old[id] = kept{basicTopic(id, url, "active", parts...), topicWish(id, "%", "id-only", url, "")}
	}
	add("others", trigger("Patient", query(ext("previous", `"valueString":"organization.name=a"`))), trigger("Patient"))
	add("asks", trigger("Patient", query(ext("current", `"valueString":"gender=female&_summary=true"`))))
	add("bears", trigger("Patient"), filter(ext("modifier", `"valueCode":"in"`)))
	add("defined", trigger("Patient"), filter(ext("filterDefinition", `"valueUri":"urn:x"`)))
	add("follows", trigger("Patient"), ext(shape, ext("resource", `"valueUri":"Patient"`), ext("include", `"valueString":"Patient:organization&fast"`)))
	const period = `{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count","valueInteger":5}`
	old["counts"] = kept{basicTopic("counts", "urn:topic:counts", "active", trigger("Patient")), strings.Replace(topical("counts", "%", "id-only", "", period), "https://bima.example/fhir/SubscriptionTopic/Patient", "urn:topic:counts", 1)}
	onEach(t, func(t *testing.T, dsn string) {
		sinks := map[string]*sink{}
		// Without our module nothing is refused, as before.
		store, err := storage.Open(t.Context(), dsn, storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		registry, err := search.New(base, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		bare, err := interaction.New(interaction.Config{Store: store, Search: registry, Base: base})
		if err != nil {
			t.Fatal(err)
		}
		ctx := fhir.WithCaller(t.Context(), fhir.Developer())
		for id, k := range old {
			sinks[id] = newSink(t, nil)
			for typ, body := range map[string]string{"Basic": k.topic, "Subscription": strings.Replace(k.subscription, "%", sinks[id].URL, 1)} {
				if _, err := bare.Update(ctx, fhir.Key{Type: typ, ID: id}, interaction.Write{Body: []byte(body)}); err != nil {
					t.Fatal(id, typ, err)
				}
			}
			if err := bare.Commit(ctx, func(tx fhir.Tx) error { return tx.Confide(id, []byte("{}")) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		p := begin(t, dsn, subscription.Options{Alone: true, Settings: quick()})
		for id := range old {
			p.awaitStatus(id, "active")
		}
		p.put(patient("a", "female", 1))
		for id, s := range sinks {
			if got := heard(t, s, 1); got[0] != " #1 Patient/a [POST ]" {
				t.Errorf("%s is told %q", id, got)
			}
		}
		for id, k := range old {
			body := strings.Replace(k.topic, `{`, `{"language":"en",`, 1)
			if id == "counts" {
				body = strings.Replace(k.subscription, "%", sinks[id].URL, 1)
			}
			if _, err := p.try(body); err == nil {
				t.Errorf("%s is taken when it is sent", id)
			}
		}
	})
}
