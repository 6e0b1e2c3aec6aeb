package patient_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

// known gives a Patient "id|family|given|birth|sex".
func known(text string) string {
	p := strings.Split(text, "|")
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":%q,"given":[%q]}],"birthDate":%q,"gender":%q,"telecom":[{"system":"phone","value":"0712345678"}]}`, p[0], p[1], p[2], p[3], p[4])
}

func TestMatchFindsPersonsAgain(t *testing.T) {
	w := resourcestest.New(t, patient.Settings{Base: "http://h/fhir"}.Module())
	w.Put(known("laxmi|Shrestha|Laxmi|1985-03-02|female"), known("deva|श्रेष्ठ|लक्ष्मी|1985-03-02|female"), known("swapped|Shresta|Lakshmi|1985-02-03|female"),
		known("year|Shrestha|Laxmi|1986-09-09|female"), known("juma|Komba|Juma|1985-03-02|male"), known("old|Shrestha|Laxmi|1930-01-05|female"))
	w.Put(strings.Replace(known("gone|Shrestha|Laxmi|1985-03-02|female"), `"telecom"`, `"active":false,"link":[{"other":{"reference":"Patient/laxmi"},"type":"replaced-by"}],"telecom"`, 1))
	asked := `{"resourceType":"Patient","name":[{"family":"Shrestha","given":["Laxmi"]}],"birthDate":"1985-03-02","gender":"female","telecom":[{"system":"phone","value":"+255 712 345 678"}]}`
	ask := func(more string) fhir.Node {
		t.Helper()
		response, err := call(w, "match", "Patient", "", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":`+asked+`}`+more+`]}`)
		if err != nil {
			t.Fatal(err)
		}
		return parsed(t, response.Resource.Body)
	}
	told := func(bundle fhir.Node) string {
		var list []string
		for e := range bundle.Get("entry").Each() {
			list = append(list, e.At("resource", "id").Text()+" "+e.Get("search").Extension("http://hl7.org/fhir/StructureDefinition/match-grade").Get("valueCode").Text())
		}
		return strings.Join(list, ", ")
	}
	all := ask("")
	if got, want := told(all), "laxmi certain, deva probable, swapped probable, year possible"; got != want {
		t.Errorf("found %s\nwant  %s", got, want)
	}
	first := all.Get("entry").First()
	if first.Get("fullUrl").Text() != "http://h/fhir/Patient/laxmi" || first.At("search", "score").Text() != "1.000" || all.Get("total").Text() != "4" {
		t.Errorf("the first is %s", first.Raw())
	}
	if got := told(ask(`,{"name":"onlyCertainMatches","valueBoolean":true}`)); got != "laxmi certain" {
		t.Errorf("certain are %s", got)
	}
	if got := told(ask(`,{"name":"count","valueInteger":2}`)); got != "laxmi certain, deva probable" {
		t.Errorf("two are %s", got)
	}
	w.Put(strings.Replace(known("twice|Shrestha|Laxmi|1985-03-02|female"), `"telecom"`, `"active":true,"telecom"`, 1))
	if got := told(ask(`,{"name":"onlyCertainMatches","valueBoolean":true}`)); got != "" {
		t.Errorf("of two that are certain it answers %s", got)
	}
	asked = strings.Replace(asked, `"name"`, `"id":"laxmi","name"`, 1)
	if got := told(ask(`,{"name":"count","valueInteger":1}`)); got != "twice certain" {
		t.Errorf("but himself he is like %s", got)
	}
	for _, bad := range []string{`{"resourceType":"Parameters"}`, `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Basic","code":{"text":"x"}}}]}`, `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + asked + `},{"name":"count","valueInteger":0}]}`} {
		if _, err := call(w, "match", "Patient", "", bad); err == nil {
			t.Errorf("%s is answered", bad)
		}
	}
}

// A merge is of s (source) and k (kept).
func merging(t *testing.T, more ...string) *resourcestest.World {
	t.Helper()
	w := resourcestest.New(t, patient.Module())
	w.Put(append([]string{
		`{"resourceType":"Patient","id":"s","active":true,"identifier":[{"use":"official","system":"` + systemNumber + `","value":"79927398713"},{"system":"urn:clinic","value":"9"}],"name":[{"family":"Mushi"}]}`,
		`{"resourceType":"Patient","id":"k","active":true,"identifier":[{"use":"official","system":"` + systemNumber + `","value":"070100001018"}],"name":[{"family":"Mushi"}]}`,
		`{"resourceType":"Organization","id":"o","name":"Scheme"}`,
	}, more...)...)
	return w
}

const mergeBody = `{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/s"}},{"name":"target-patient","valueReference":{"reference":"Patient/k"}}%s]}`

func covered(id, person string) string {
	return `{"resourceType":"Coverage","id":"` + id + `","status":"active","beneficiary":{"reference":"Patient/` + person + `"},"subscriber":{"reference":"Patient/` + person + `"},"payor":[{"reference":"Organization/o"}],"contract":[{"reference":"Contract/` + id + `"}],"period":{"start":"2026-01-01"}}`
}

func policy(id, person string) string {
	return `{"resourceType":"Contract","id":"` + id + `","status":"executed","subject":[{"reference":"Patient/` + person + `"}],"term":[{"offer":{"text":"x"},"asset":[{"typeReference":[{"reference":"Patient/` + person + `"},{"reference":"Patient/other"}]}]}]}`
}

func inFamily(id string, members ...string) string {
	var rows []string
	for i, m := range members {
		head := ""
		if i == 0 {
			head = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`
		}
		rows = append(rows, `{`+head+`"entity":{"reference":"Patient/`+m+`"}}`)
	}
	return `{"resourceType":"Group","id":"` + id + `","type":"person","actual":true,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"` + id + `"}],"quantity":` + fmt.Sprint(len(rows)) + `,"member":[` + strings.Join(rows, ",") + `]}`
}

func TestTwoRecordsBecomeOne(t *testing.T) {
	w := merging(t, covered("c", "s"), policy("c", "s"), inFamily("F-1", "x", "s"),
		`{"resourceType":"Invoice","id":"due","status":"issued","subject":{"reference":"Patient/s"}}`,
		`{"resourceType":"Invoice","id":"paid","status":"balanced","subject":{"reference":"Patient/s"}}`)
	if err := w.Engine.Commit(w.Context(), func(tx fhir.Tx) error {
		return tx.Post(fhir.Key{Type: "ClaimResponse", ID: "r"}, []fhir.Entry{{Account: "Contract/c|Patient/s", Bucket: "ceiling", Day: 100, Value: 50}, {Account: "Contract/c", Bucket: "ceiling", Day: 100, Value: 50}})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := call(w, "merge", "Patient", "", fmt.Sprintf(mergeBody, `,{"name":"preview","valueBoolean":true}`)); err != nil {
		t.Fatal(err)
	}
	if w.Get("Patient/s").Get("active").Text() != "true" {
		t.Fatal("a preview has changed something")
	}
	if _, err := call(w, "merge", "Patient", "", fmt.Sprintf(mergeBody, "")); err != nil {
		t.Fatal(err)
	}
	s, k := w.Get("Patient/s"), w.Get("Patient/k")
	if s.Get("active").Text() != "false" || s.Get("link").First().Get("type").Text() != "replaced-by" || s.Identifier(systemNumber) != "" || s.Identifier("urn:clinic") != "9" {
		t.Errorf("the source is %s", s.Raw())
	}
	if n := k.Get("identifier").Len(); n != 3 || k.Get("link").First().At("other", "reference").Text() != "Patient/s" {
		t.Errorf("the target is %s", k.Raw())
	}
	if found := w.Search("Patient", "identifier="+systemNumber+"|79927398713"); len(found) != 1 || found[0].Get("id").Text() != "k" {
		t.Error("the old number does not lead to the target")
	}
	for name, want := range map[string]string{"Coverage/c": "k", "Contract/c": "k", "Group/F-1": "k", "Invoice/due": "k", "Invoice/paid": "s"} {
		if text := string(w.Get(name).Raw()); !strings.Contains(text, `"Patient/`+want+`"`) || want == "k" && strings.Contains(text, `"Patient/s"`) {
			t.Errorf("%s is %s", name, text)
		}
	}
	if found := w.Search("Provenance", "target=Patient/s"); len(found) != 1 || found[0].Get("target").Len() != 6 {
		t.Errorf("its provenance is %v", found)
	}
	if err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
		used, err := r.Tally(fhir.Tally{Accounts: []string{"Contract/c|Patient/k"}})
		if len(used) != 1 || used[0].Value != 50 {
			t.Errorf("what was used is %v", used)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestMergesThatAreRefused(t *testing.T) {
	cases := []struct {
		name string
		more []string
		says string
	}{
		{"both have cover", []string{covered("c", "s"), covered("d", "k")}, "both records have cover"},
		{"the head of a family that goes on", []string{inFamily("F-1", "s", "x"), inFamily("F-2", "k")}, "head of the family F-1"},
		{"a target that is gone", []string{`{"resourceType":"Patient","id":"k","active":false}`}, "is not active"},
		{"a source that was merged before", []string{`{"resourceType":"Patient","id":"s","link":[{"other":{"reference":"Patient/x"},"type":"replaced-by"}]}`}, "merged before"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := merging(t)
			w.Put(c.more...)
			_, err := call(w, "merge", "Patient", "", fmt.Sprintf(mergeBody, ""))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	w := merging(t)
	for body, want := range map[string]string{
		`{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/s"}}]}`: "target-patient",
		strings.ReplaceAll(fmt.Sprintf(mergeBody, ""), "Patient/k", "Patient/s"):                                           "the same",
		strings.ReplaceAll(fmt.Sprintf(mergeBody, ""), "Patient/k", "Patient/none"):                                        "no Patient/none",
	} {
		if _, err := call(w, "merge", "Patient", "", body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAMergeOfMembersOfTwoFamilies(t *testing.T) {
	w := merging(t, inFamily("F-1", "s"), inFamily("F-2", "y", "k"))
	body := `{"resourceType":"Parameters","parameter":[{"name":"source-patient-identifier","valueIdentifier":{"system":"` + systemNumber + `","value":"79927398713"}},{"name":"target-patient","valueReference":{"reference":"Patient/k"}}]}`
	if _, err := call(w, "merge", "Patient", "", body); err != nil {
		t.Fatal(err)
	}
	f := w.Get("Group/F-1")
	if row := f.Get("member").First(); row.Get("inactive").Text() != "true" || row.At("period", "end").Text() == "" || f.Get("active").Text() != "false" {
		t.Errorf("the family he leaves is %s", f.Raw())
	}
	if text := string(w.Get("Group/F-2").Raw()); strings.Contains(text, "inactive") {
		t.Errorf("the family he stays in is %s", text)
	}
}
