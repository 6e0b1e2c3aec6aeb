package openimis_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"bima/connect/connecttest"
	"bima/fhir"
)

// What the app for claims reads of each entry of a register that it takes; what is
// missing of one has it give up the whole register.
func appReads(r fhir.Node) error {
	var faults []error
	need := func(n fhir.Node, what string, path ...string) {
		if n.At(path...).Text() == "" {
			faults = append(faults, fmt.Errorf("no %s of %s", strings.Join(path, "."), what))
		}
	}
	if r.Get("identifier").Len() == 0 || coded(r, "Code") == "" {
		faults = append(faults, errors.New("no Code"))
	}
	for i := range r.Get("identifier").Each() {
		need(i.At("type", "coding").First(), "an identifier's type", "code")
	}
	switch r.Get("resourceType").Text() {
	case "Practitioner":
		if r.Get("qualification").Len() == 0 || r.Get("name").Len() == 0 {
			faults = append(faults, errors.New("no qualification, or no name"))
		}
		for q := range r.Get("qualification").Each() {
			need(q.At("code", "coding").First(), "a qualification", "code")
			need(q.At("code", "coding").First(), "a qualification", "display")
		}
		for n := range r.Get("name").Each() {
			need(n, "a name", "use")
			need(n, "a name", "family")
			if n.Get("given").Len() == 0 {
				faults = append(faults, errors.New("no given name"))
			}
		}
	case "ActivityDefinition", "Medication":
		price := fhir.Node{}
		for x := range r.Get("extension").Each() {
			if x.Get("valueMoney").Exists() {
				price = x.Get("valueMoney")
				break
			}
		}
		need(price, "the price", "value")
		need(price, "the price", "currency")
		need(r, "the entry", "status")
		if r.Get("resourceType").Text() == "Medication" {
			need(r, "the entry", "code", "text")
			break
		}
		need(r, "the entry", "name")
		need(r, "the entry", "title")
		if at := r.Get("date").Text(); len(at) < len("2006-01-02T15:04:05") {
			faults = append(faults, fmt.Errorf("the date is %q", at))
		} else if _, err := time.Parse("2006-01-02T15:04:05", at[:len("2006-01-02T15:04:05")]); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// plain is a resource without its meta.
func plain(body []byte) string {
	return regexp.MustCompile(`"meta":\{[^}]*\},?`).ReplaceAllString(string(body), "")
}

// The registers are taken by the app, whatever their entries lack.
func TestTheAppTakesWholeRegisters(t *testing.T) {
	connecttest.Each(t, options, func(t *testing.T, w *connecttest.World) {
		c := login(t, w)
		for key, body := range map[string]string{
			"Practitioner/no-words":       `"identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"XX-1"}]`,
			"Practitioner/few-words":      `"identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"XX-2"}],"name":[{"text":"Neema Asha Mdoe"}],"qualification":[{"code":{"text":"midwife"}}]`,
			"Practitioner/own-words":      `"identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"XX-3"}],"name":[{"family":"Mdoe","use":"old"}],"qualification":[{"code":{"coding":[{"system":"urn:x","code":"rn"}]}}]`,
			"ChargeItemDefinition/S-free": `"url":"https://x.example/S-free","status":"active","identifier":[{"system":"https://bima.example/fhir/CodeSystem/service","value":"S-free"}],"useContext":[{"code":{"system":"http://terminology.hl7.org/CodeSystem/usage-context-type","code":"workflow"},"valueCodeableConcept":{"text":"x"}}],"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-free"}]}`,
		} {
			typ, id, _ := strings.Cut(key, "/")
			a := w.Do(http.MethodPut, "/fhir/"+key, nil, []byte(`{"resourceType":"`+typ+`","id":"`+id+`",`+body+`}`))
			if a.Status != http.StatusCreated {
				t.Fatalf("%s: HTTP %d %s", key, a.Status, a.Body)
			}
		}
		read := map[string]fhir.Node{}
		for _, path := range []string{"Practitioner/?_count=100&resourceType=ca", "Practitioner/?_count=100", "ActivityDefinition/?_count=100", "Medication/?_count=100"} {
			for e := range c.get(path).Get("entry").Each() {
				r := e.Get("resource")
				read[r.Get("id").Text()] = r
				if err := appReads(r); err != nil {
					t.Errorf("%s %s: %v", path, r.Get("id").Text(), err)
				}
			}
		}
		for id, want := range map[string]string{
			"no-words": `"family":"-"`, "few-words": `"given":["Neema Asha"]`, "own-words": `"display":"rn"`, "S-free": `"value":0`,
			"claims-1": `"display":"Claim Administrator"`, "reviewer-1": `"code":"medical-reviewer"`,
		} {
			if text := string(read[id].Raw()); !strings.Contains(text, want) {
				t.Errorf("%s is told as %s, want %s", id, text, want)
			}
		}
		for _, id := range []string{"no-words", "few-words", "own-words", "claims-1"} {
			was := plain(w.Do(http.MethodGet, "/fhir/Practitioner/"+id, nil, nil).Body)
			if a := c.do(http.MethodPut, base+"Practitioner/"+id+"/", read[id].Raw()); a.Status != http.StatusOK {
				t.Errorf("%s is not taken back: HTTP %d %s", id, a.Status, a.Body)
			}
			if is := plain(w.Do(http.MethodGet, "/fhir/Practitioner/"+id, nil, nil).Body); is != was {
				t.Errorf("sent back as it was told, %s is stored as %s, was %s", id, is, was)
			}
		}
		sentBackWhileItChanges(t, w, c)
		for _, path := range []string{"Practitioner/?name=nobody", "Medication/?code=none"} {
			if none := c.get(path); !none.Get("entry").Exists() || none.Get("total").Text() != "0" {
				t.Errorf("%s: the app reads entry of %s", path, none.Raw())
			}
		}
	})
}

// sentBackWhileItChanges sends an entry back over and over while somebody gives it
// more identifiers and fewer: it is taken or told to be another now, and what was
// filled in is never stored.
func sentBackWhileItChanges(t *testing.T, w *connecttest.World, c client) {
	t.Helper()
	const path = "/fhir/Practitioner/no-words"
	told := c.get("Practitioner/no-words/").Raw()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 120 {
			more := strings.Repeat(`,{"system":"urn:x","value":"`+fmt.Sprint(i)+`"}`, i%2*3)
			w.Do(http.MethodPut, path, nil, []byte(`{"resourceType":"Practitioner","id":"no-words","identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"XX-1"}`+more+`]}`))
		}
	}()
	for under := true; under; {
		select {
		case <-done:
			under = false
		default:
		}
		if a := c.do(http.MethodPut, base+"Practitioner/no-words/", told); a.Status >= http.StatusInternalServerError {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
	}
	if is := plain(w.Do(http.MethodGet, path, nil, nil).Body); strings.Contains(is, `"XX"`) || strings.Contains(is, `"-"`) {
		t.Errorf("what was filled in is stored: %s", is)
	}
}
