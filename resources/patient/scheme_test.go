package patient_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/patient"
	"bima/resources/patient/number"
	"bima/resources/resourcestest"
)

const systemNumber = "https://bima.example/fhir/id/insurance-number"

func call(w *resourcestest.World, code, on, query, body string) (*fhir.Response, error) {
	typ, id, _ := strings.Cut(on, "/")
	return w.Engine.Call(w.Context(), code, fhir.Key{Type: typ, ID: id}, query, []byte(body), body == "")
}

func parsed(t *testing.T, body []byte) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// TestNumbersOfASeriesHaveNoGaps: two districts, refused persons, and a number an
// officer gave by hand ahead of the series.
func TestNumbersOfASeriesHaveNoGaps(t *testing.T) {
	scheme := number.Scheme{Length: 6, Check: number.None, Generator: number.Serial, Prefixes: map[string]string{"D7": "07", "": "99"}}
	w := resourcestest.New(t, patient.Settings{Number: scheme}.Module())
	place := func(id, kind, partOf string) string {
		if partOf != "" {
			partOf = `,"partOf":{"reference":"Location/` + partOf + `"}`
		}
		return `{"resourceType":"Location","id":"` + id + `","identifier":[{"system":"https://bima.example/fhir/id/location","value":"` + id + `"}],"name":"x","type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"` + kind + `"}]}]` + partOf + `}`
	}
	person := func(id, village string) string {
		if village != "" {
			village = `,"address":[{"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference","valueReference":{"reference":"Location/` + village + `"}}]}]`
		}
		return `{"resourceType":"Patient","id":"` + id + `"` + village + `}`
	}
	w.Put(place("D7", "D", ""), place("W1", "W", "D7"), place("V1", "V", "W1"))
	w.Put(person("a", "V1"), person("b", ""), person("c", "V1"))
	if err := w.Try(person("d", "V1"), `{"resourceType":"Patient","id":"e","birthDate":"2999-01-01"}`); err == nil {
		t.Error("somebody was born in 2999")
	}
	w.Put(`{"resourceType":"Patient","id":"f","identifier":[{"system":"` + systemNumber + `","value":"070003"}]}`)
	w.Put(person("g", "V1"))
	w.Put(`{"resourceType":"Patient","id":"h","active":false}`)
	for id, want := range map[string]string{"a": "070001", "b": "990001", "c": "070002", "f": "070003", "g": "070004", "h": ""} {
		if got := w.Get("Patient/" + id).Identifier(systemNumber); got != want {
			t.Errorf("%s has the number %q, want %q", id, got, want)
		}
	}
	version := w.Get("Patient/a").At("meta", "versionId").Text()
	w.Put(strings.Replace(string(w.Get("Patient/a").Raw()), `"address"`, `"gender":"female","address"`, 1))
	if got := w.Get("Patient/a"); got.Identifier(systemNumber) != "070001" || got.At("meta", "versionId").Text() == version {
		t.Errorf("changed, a is %s", got.Raw())
	}
	officer := fhir.Caller{Name: "o", Roles: []fhir.Role{fhir.RoleEnrolmentOfficer}}
	series := w.Search("Basic", "")
	if len(series) != 2 {
		t.Fatalf("there are %d series", len(series))
	}
	if _, err := w.Engine.Delete(fhir.WithCaller(w.Context(), officer), fhir.Key{Type: "Basic", ID: series[0].Get("id").Text()}, ""); !fhir.HasIssue(err, fhir.IssueForbidden) {
		t.Errorf("an officer deletes a series: %v", err)
	}
}

func TestASeriesThatIsFullSaysSo(t *testing.T) {
	scheme := number.Scheme{Length: 3, Check: number.None, Generator: number.Serial, Prefixes: map[string]string{"": "99"}}
	w := resourcestest.New(t, patient.Settings{Number: scheme}.Module())
	for i := range 9 {
		w.Put(fmt.Sprintf(`{"resourceType":"Patient","id":"p%d"}`, i))
	}
	if got := w.Refused(`{"resourceType":"Patient","id":"p9"}`); got != "Patient.identifier" {
		t.Errorf("refused at %q", got)
	}
}

func TestRandomNumbersAreMade(t *testing.T) {
	scheme := number.Scheme{Length: 10, Generator: number.Random}
	w := resourcestest.New(t, patient.Settings{Number: scheme}.Module())
	w.Put(`{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:x","value":"1"}]}`, `{"resourceType":"Patient","id":"b"}`)
	a, b := w.Get("Patient/a").Identifier(systemNumber), w.Get("Patient/b").Identifier(systemNumber)
	if scheme.Wrong(a) != "" || scheme.Wrong(b) != "" || a == b {
		t.Errorf("the numbers are %q and %q", a, b)
	}
}

func TestWhoBearsANumberIsToldByFamily(t *testing.T) {
	w := resourcestest.New(t, patient.Module())
	body := func(id string) string {
		return `{"resourceType":"Patient","id":"` + id + `","identifier":[{"system":"` + systemNumber + `","value":"79927398713"}],"name":[{"family":"Secret"}]}`
	}
	w.Put(body("a"), `{"resourceType":"Group","id":"f","type":"person","actual":true,"identifier":[{"system":"https://bima.example/fhir/id/family","value":"FAM-7"}],"member":[{"entity":{"reference":"Patient/a"}}]}`)
	err := w.Try(body("b"))
	if err == nil || !strings.Contains(err.Error(), "family FAM-7") || strings.Contains(err.Error(), "Secret") {
		t.Errorf("refused by %v", err)
	}
}

// noise is a photo that hardly compresses.
func noise(t *testing.T, w, h int) string {
	t.Helper()
	photo, seed := image.NewRGBA(image.Rect(0, 0, w, h)), uint32(1)
	for y := range h {
		for x := range w {
			seed = seed*1664525 + 1013904223
			photo.SetRGBA(x, y, color.RGBA{byte(seed >> 24), byte(seed >> 16), byte(seed >> 8), 0xff})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, photo); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

func TestALargePhotoBecomesABinary(t *testing.T) {
	w := resourcestest.New(t, patient.Module())
	data := noise(t, 200, 100)
	w.Put(`{"resourceType":"Patient","id":"a","photo":[{"contentType":"image/png","data":"` + data + `"}]}`)
	a := w.Get("Patient/a")
	full := a.Get("photo").First()
	if full.Get("data").Exists() || !strings.HasPrefix(full.Get("url").Text(), "Binary/") || full.Get("hash").Text() == "" {
		t.Errorf("the photo is %s", full.Raw()[:min(len(full.Raw()), 300)])
	}
	if thumbnail := full.Next(); thumbnail.Get("contentType").Text() != "image/jpeg" || len(thumbnail.Get("data").Text()) > 40_000 {
		t.Errorf("the thumbnail is %.300s", thumbnail.Raw())
	}
	response, err := call(w, "photo", "Patient/a", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.StdEncoding.EncodeToString(response.Media); got != data || response.MediaType != "image/png" || response.Tag == "" {
		t.Errorf("it answers %s of %d bytes", response.MediaType, len(response.Media))
	}
	small, err := call(w, "photo", "Patient/a", "size=thumbnail", "")
	if err != nil || small.MediaType != "image/jpeg" || len(small.Media) >= len(response.Media) || small.Tag == response.Tag {
		t.Errorf("the thumbnail is %v, %v", small, err)
	}
	before := response.Tag
	if _, err := call(w, "photo", "Patient/a", "", `{"resourceType":"Binary","contentType":"image/png","data":"`+noise(t, 201, 100)+`"}`); err != nil {
		t.Fatal(err)
	}
	if response, err = call(w, "photo", "Patient/a", "", ""); err != nil || response.Tag == before {
		t.Errorf("the photo was not replaced: %v", err)
	}
	if n := len(w.Search("Binary", "")); n != 1 {
		t.Errorf("there are %d Binaries", n)
	}
}

func TestPhotosThatAreRefused(t *testing.T) {
	w := resourcestest.New(t, patient.Settings{PhotoBytesMax: 4000}.Module())
	cases := []struct{ name, photo, want string }{
		{"a small one", `{"contentType":"image/png","data":"` + noise(t, 8, 8) + `"}`, ""},
		{"too large", `{"contentType":"image/png","data":"` + noise(t, 60, 60) + `"}`, "Patient.photo[0].data"},
		{"text", `{"contentType":"image/png","data":"aGVsbG8="}`, "Patient.photo[0].data"},
		{"of another type than it says", `{"contentType":"image/jpeg","data":"` + noise(t, 8, 8) + `"}`, "Patient.photo[0].contentType"},
		{"elsewhere", `{"contentType":"image/png","url":"http://else.example/a.png"}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := `{"resourceType":"Patient","id":"a","photo":[` + c.photo + `]}`
			if c.want == "" {
				w.Put(body)
			} else if got := w.Refused(body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
	if _, err := call(w, "photo", "Patient/a", "", ""); !fhir.HasIssue(err, fhir.IssueNotFound) {
		t.Errorf("a photo elsewhere is answered: %v", err)
	}
	if _, err := call(w, "photo", "Patient/a", "size=huge", ""); !fhir.HasIssue(err, fhir.IssueValue) {
		t.Errorf("a size that is none: %v", err)
	}
	if _, err := call(w, "photo", "Patient/nobody", "", `{"resourceType":"Binary","contentType":"image/png","data":"`+noise(t, 8, 8)+`"}`); !fhir.HasIssue(err, fhir.IssueNotFound) {
		t.Errorf("nobody's photo: %v", err)
	}
}
