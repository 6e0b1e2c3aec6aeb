package signal_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/resourcestest"
	"bima/resources/signal"
	"bima/storage/storagetest"
)

// onEach runs a test on each database there is.
func onEach(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t, storagetest.SQLite(t))) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, newWorld(t, storagetest.Postgres(t))) })
	}
}

// A world is a server on which claims are stored, and none is decided.
type world struct {
	*resourcestest.World
	module fhir.Module
	clock  *resourcestest.Clock
	claims int
}

func newWorld(t *testing.T, dsn string) *world {
	w := &world{module: signal.Settings{Base: resourcestest.Base}.Module(), clock: &resourcestest.Clock{}}
	w.clock.Set(t, "2026-09-01")
	w.World = resourcestest.Timed(t, dsn, w.clock, w.module)
	return w
}

// work does the work of a day.
func (w *world) work(t *testing.T, day string) {
	t.Helper()
	w.clock.Set(t, day+"T01:00:00Z")
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Error(err)
	}
	if err := w.module.Daily[0].Work(fhir.WithCaller(w.Context(), fhir.System()), w.Engine, at); err != nil {
		t.Error(err)
	}
}

// report gives the signals of a claim, "overlapping-admission 50 Claim.billablePeriod",
// their texts and the score.
func (w *world) report(t *testing.T, id string) (signals, texts []string, score string) {
	t.Helper()
	answer, err := w.Engine.Call(w.Context(), "signals", fhir.Key{Type: "Claim", ID: id}, "", nil, true)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.Parse(answer.Resource.Body)
	if err != nil {
		t.Fatal(err)
	}
	for p := range doc.Root().Get("parameter").Each() {
		switch p.Get("name").Text() {
		case "score":
			score = p.Get("valueInteger").Text()
		case "signal":
			value := map[string]string{}
			for part := range p.Get("part").Each() {
				for m := range part.All() {
					value[part.Get("name").Text()] = m.Text()
					if m.Name() == "valueCoding" {
						value["code"] = m.Get("code").Text()
					}
				}
			}
			signals = append(signals, value["code"]+" "+value["points"]+" "+value["expression"])
			texts = append(texts, value["text"])
		}
	}
	return signals, texts, score
}

func facility(id, level string) string {
	return fmt.Sprintf(`{"resourceType":"Organization","id":%q,"name":%q,"identifier":[{"system":%q,"value":%q}],"extension":[{"url":%q,"valueCodeableConcept":{"coding":[{"system":%q,"code":%q}]}}]}`,
		id, id, profiles.IdentifierFacility, strings.ToUpper(id), profiles.ExtensionOpenIMISFacilityLevel, profiles.SystemOpenIMISFacilityLevel, level)
}

// A bill is a Claim as tests write it; what is "" has a default.
type bill struct {
	id, patient, facility, days, kind, team, diagnosis, status string
	items                                                      string // "S-1 2 3000, S-2 1 500": service, quantity, total
	referred                                                   bool
}

const services = "https://bima.example/fhir/CodeSystem/service"

// String writes the Claim.
func (b bill) String() string {
	from, to, many := strings.Cut(b.days, " ")
	if !many {
		to = from
	}
	c := map[string]any{
		"resourceType": "Claim", "id": b.id, "status": or(b.status, "active"), "use": "claim",
		"type":     coded("http://terminology.hl7.org/CodeSystem/claim-type", "institutional"),
		"patient":  ref(or(b.patient, "Patient/p")),
		"provider": ref("Organization/" + or(b.facility, "f-1")), "priority": coded("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
		"billablePeriod": map[string]any{"start": from, "end": to}, "created": to,
		"insurance": []any{map[string]any{"sequence": 1, "focal": true, "coverage": map[string]any{"display": "card"}}},
	}
	if b.kind != "" {
		c["subType"] = coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", b.kind)
	}
	if b.team != "" {
		c["careTeam"] = []any{map[string]any{"sequence": 1, "provider": ref("Practitioner/" + b.team)}}
	}
	if b.diagnosis != "" {
		c["diagnosis"] = []any{map[string]any{"sequence": 1, "diagnosisCodeableConcept": coded("http://hl7.org/fhir/sid/icd-10", b.diagnosis)}}
	}
	if b.referred {
		c["referral"] = map[string]any{"display": "by a health centre"}
	}
	var items []any
	for i, text := range strings.Split(or(b.items, "S-1 1 1000"), ", ") {
		f := strings.Fields(text)
		items = append(items, map[string]any{
			"sequence": i + 1, "productOrService": coded(services, f[0]), "quantity": map[string]any{"value": json.Number(f[1])},
			"net": map[string]any{"value": json.Number(f[2]), "currency": "TZS"},
		})
	}
	c["item"] = items
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func ref(to string) map[string]any { return map[string]any{"reference": to} }

func coded(system, code string) map[string]any {
	return map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}
}
