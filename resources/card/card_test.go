package card_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/resources/card"
	"bima/resources/card/keys"
	"bima/resources/card/token"
	"bima/resources/coverage"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

// A notebook keeps notes in memory, as the database does beside its resources.
type notebook struct {
	mu       sync.Mutex
	value    []byte
	version  int64
	failures int // how many changes are still refused, as if others were faster
}

func (n *notebook) Note(context.Context, string) ([]byte, int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.value, n.version, nil
}

func (n *notebook) SetNote(_ context.Context, _ string, value []byte, version int64) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if version != n.version || n.failures > 0 {
		n.failures--
		return false, nil
	}
	n.value, n.version = value, version+1
	return true, nil
}

// An office is a server with a desk.
type office struct {
	*resourcestest.World
	t    *testing.T
	desk *card.Desk
	open map[string]http.Handler
}

func newOffice(t *testing.T, o card.Options) *office {
	t.Helper()
	o.Base, o.MakeKey = resourcestest.Base, true
	if o.Keys.Notes == nil {
		o.Keys.Notes = &notebook{}
	}
	desk := card.New(o)
	w := resourcestest.New(t, patient.Module(), coverage.Module(), desk.Module())
	return &office{World: w, t: t, desk: desk, open: desk.Open(w.Engine)}
}

// person gives a Patient; more is members of JSON, such as names.
func person(id, number, more string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":%q}],"gender":"female","birthDate":"1990-05-17"%s}`, id, number, more)
}

// covered gives a Coverage of a person by the plan DHP.
func covered(id, person, status, state, period string) string {
	return fmt.Sprintf(`{"resourceType":"Coverage","id":%q,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/coverage-state","valueCode":%q}],
		"status":%q,"beneficiary":{"reference":"Patient/%s"},"period":%s,"payor":[{"reference":"Organization/scheme"}],
		"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"DHP","name":"District Health Plan"}]}`, id, state, status, person, period)
}

const (
	scheme = `{"resourceType":"Organization","id":"scheme","name":"Sagara District Health Fund"}`
	long   = `{"start":"2020-01-01","end":"2099-12-31"}`
	named  = `,"name":[{"text":"Asha Juma"},{"text":"आशा क्षत्रिय"}]`
)

// ask calls an operation with parameters "name=value&…" by POST.
func (o *office) ask(ctx context.Context, on, code, query string, get bool) (*fhir.Response, error) {
	typ, id, _ := strings.Cut(on, "/")
	if get {
		return o.Engine.Call(ctx, code, fhir.Key{Type: typ, ID: id}, query, nil, true)
	}
	var list []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			list = append(list, fmt.Sprintf(`{"name":%q,"valueString":%q}`, name, value))
		}
	}
	body := `{"resourceType":"Parameters"}`
	if len(list) > 0 {
		body = `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
	}
	return o.Engine.Call(ctx, code, fhir.Key{Type: typ, ID: id}, "", []byte(body), false)
}

// record asks for a card and gives its record.
func (o *office) record(on, query string) fhir.Node {
	o.t.Helper()
	r, err := o.ask(o.Context(), on, "card", "format=fhir&"+query, false)
	if err != nil {
		o.t.Fatal(err)
	}
	return parse(o.t, r.Resource.Body)
}

func parse(t *testing.T, body []byte) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// tokenOf gives the token in a record.
func tokenOf(t *testing.T, record fhir.Node) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(record.Get("content").First().At("attachment", "data").Text())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func idOf(record fhir.Node) string { return record.Identifier("https://bima.example/fhir/id/card") }

// published gives what is at an open path.
func (o *office) published(path string) []byte {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.open[path].ServeHTTP(w, httptest.NewRequestWithContext(o.t.Context(), http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		o.t.Fatalf("%s answers %d", path, w.Code)
	}
	return w.Body.Bytes()
}

// verify says what a card is worth by what is published.
func (o *office) verify(text string) (token.State, token.Card) {
	o.t.Helper()
	set, err := token.ReadJWKS(o.published(card.PathKeys))
	if err != nil {
		o.t.Fatal(err)
	}
	list, err := token.ReadRevocations(o.published(card.PathRevocations))
	if err != nil {
		o.t.Fatal(err)
	}
	state, c, _ := token.Verify(text, set, list, time.Now())
	return state, c
}

func TestTheSameCardIsGivenAgain(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", long))
	first := o.record("Patient/a", "")
	if state, c := o.verify(tokenOf(t, first)); state != token.Valid || c.Number != "070100001018" || c.Name != "A. J." || c.Plan != "DHP" || c.ID != idOf(first) || c.Issuer != "https://scheme.example" {
		t.Errorf("it is %s and says %+v", state, c)
	}
	again := o.record("Patient/a", "")
	if idOf(again) != idOf(first) || again.Get("id").Text() != first.Get("id").Text() {
		t.Errorf("asked again it is another: %s", again.Raw())
	}
	renewed := o.record("Patient/a", "renew=true")
	if idOf(renewed) == idOf(first) {
		t.Error("renewed it is the same")
	}
	if got, want := renewed.Get("relatesTo").First().At("target", "reference").Text(), "DocumentReference/"+first.Get("id").Text(); got != want {
		t.Errorf("it replaces %q, want %q", got, want)
	}
	if state, _ := o.verify(tokenOf(t, first)); state != token.Revoked {
		t.Errorf("the old card is %s", state)
	}
	if state, _ := o.verify(tokenOf(t, renewed)); state != token.Valid {
		t.Errorf("the new card is %s", state)
	}
	o.Put(person("a", "070100001018", `,"name":[{"text":"Asha Kombo"}]`))
	if renamed := o.record("Patient/a", ""); idOf(renamed) == idOf(renewed) {
		t.Error("under another name it is the same card")
	}
	if got := len(o.Search("DocumentReference", "subject=Patient/a&status=current")); got != 1 {
		t.Errorf("%d cards are in use, want 1", got)
	}
}

func TestARecordSaysWhatWasIssued(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", `{"start":"2020-01-01","end":"2099-12-30"}`))
	r := o.record("Patient/a", "")
	for path, want := range map[string]string{
		"status": "current", "subject.reference": "Patient/a", "context.period.start": "2020-01-01", "context.period.end": "2099-12-30",
	} {
		if got := r.At(strings.Split(path, ".")...).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := r.At("context", "related").First().Get("reference").Text(); got != "Coverage/c" {
		t.Errorf("it is of %s", got)
	}
	if r.Get("type").Code("https://bima.example/fhir/CodeSystem/document") != "card" {
		t.Errorf("its type is %s", r.Get("type").Raw())
	}
}

func TestWhichCoverageACardIsOf(t *testing.T) {
	cases := []struct {
		name      string
		coverages []string
		want      string // the coverage; "" where there is no card
	}{
		{"the one in force", []string{covered("old", "a", "active", "active", `{"start":"2019-01-01","end":"2019-12-31"}`), covered("now", "a", "active", "active", long)}, "Coverage/now"},
		{"of two in force the one that ends later", []string{covered("short", "a", "active", "active", `{"start":"2020-01-01","end":"2098-12-31"}`), covered("now", "a", "active", "active", long)}, "Coverage/now"},
		{"in force before what begins later", []string{covered("later", "a", "active", "active", `{"start":"2090-01-01","end":"2100-12-31"}`), covered("now", "a", "active", "active", long)}, "Coverage/now"},
		{"what begins soonest where none is in force", []string{covered("last", "a", "active", "active", `{"start":"2095-01-01","end":"2096-12-31"}`), covered("next", "a", "active", "active", `{"start":"2090-01-01","end":"2091-12-31"}`)}, "Coverage/next"},
		{"one without an end", []string{covered("open", "a", "active", "active", `{"start":"2020-01-01"}`)}, "Coverage/open"},
		{"none that is over", []string{covered("old", "a", "active", "active", `{"start":"2019-01-01","end":"2019-12-31"}`)}, ""},
		{"none that is not in force yet", []string{covered("draft", "a", "draft", "draft", long)}, ""},
		{"none that is suspended", []string{covered("off", "a", "cancelled", "suspended", long)}, ""},
		{"no voucher", []string{covered("voucher", "a", "active", "issued", long)}, ""},
		{"not another's", []string{person("b", "070100001026", named), covered("b", "b", "active", "active", long)}, ""},
		{"none", nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, card.Options{})
			o.Put(append([]string{scheme, person("a", "070100001018", named)}, c.coverages...)...)
			if c.want != "" {
				if got := o.record("Patient/a", "").At("context", "related").First().Get("reference").Text(); got != c.want {
					t.Errorf("it is of %s, want %s", got, c.want)
				}
				return
			}
			_, err := o.ask(o.Context(), "Patient/a", "card", "", false)
			if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
				t.Errorf("got %v", err)
			}
			if got := len(o.Search("DocumentReference", "")); got != 0 {
				t.Errorf("%d cards were recorded", got)
			}
		})
	}
}

func TestDaysAreThoseOfTheScheme(t *testing.T) {
	zone := time.FixedZone("EAT", 3*60*60)
	o := newOffice(t, card.Options{Zone: zone})
	o.Put(scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", `{"start":"2026-01-06","end":"2098-12-31"}`))
	c, err := token.Read(tokenOf(t, o.record("Patient/a", "")))
	if err != nil {
		t.Fatal(err)
	}
	// 2026-01-06T00:00+03:00 and 2099-01-01T00:00+03:00: the last day is included.
	if want := time.Date(2026, 1, 6, 0, 0, 0, 0, zone).Unix(); c.From != want {
		t.Errorf("from %d, want %d", c.From, want)
	}
	if want := time.Date(2099, 1, 1, 0, 0, 0, 0, zone).Unix(); c.Until != want {
		t.Errorf("until %d, want %d", c.Until, want)
	}
}

func TestCardsThatAreTakenOutOfUse(t *testing.T) {
	cases := []struct {
		name string
		do   func(o *office) error
		want token.State
	}{
		{"by nothing", func(*office) error { return nil }, token.Valid},
		{"reported lost", func(o *office) error {
			_, err := o.ask(o.Context(), "Patient/a", "card-revoke", "reason=lost", false)
			return err
		}, token.Revoked},
		{"the person has died", func(o *office) error {
			return o.Try(person("a", "070100001018", named+`,"deceasedDateTime":"2026-01-02"`))
		}, token.Revoked},
		{"the person moved", func(o *office) error {
			return o.Try(person("a", "070100001018", named+`,"address":[{"city":"Mtoni"}]`))
		}, token.Valid},
		{"the coverage was cancelled", func(o *office) error {
			return o.Try(covered("c", "a", "cancelled", "cancelled", long))
		}, token.Revoked},
		{"the coverage is suspended", func(o *office) error {
			return o.Try(covered("c", "a", "cancelled", "suspended", long))
		}, token.Valid},
		{"the coverage ends sooner", func(o *office) error {
			return o.Try(covered("c", "a", "active", "active", `{"start":"2020-01-01","end":"2098-12-31"}`))
		}, token.Revoked},
		{"the coverage was made longer", func(o *office) error {
			return o.Try(covered("c", "a", "active", "active", `{"start":"2020-01-01","end":"2100-12-31"}`))
		}, token.Valid},
		{"another's coverage was cancelled", func(o *office) error {
			return o.Try(covered("d", "b", "cancelled", "cancelled", long))
		}, token.Valid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, card.Options{})
			o.Put(scheme, person("a", "070100001018", named), person("b", "070100001026", named),
				covered("c", "a", "active", "active", long), covered("d", "b", "active", "active", long))
			text := tokenOf(t, o.record("Patient/a", ""))
			if state, _ := o.verify(text); state != token.Valid {
				t.Fatalf("at first it is %s", state)
			}
			if err := c.do(o); err != nil {
				t.Fatal(err)
			}
			if state, _ := o.verify(text); state != c.want {
				t.Errorf("it is %s, want %s", state, c.want)
			}
		})
	}
}

func TestRevoking(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(scheme, person("a", "070100001018", named), person("b", "070100001026", named), covered("c", "a", "active", "active", long), covered("d", "b", "active", "active", long))
	if _, err := o.ask(o.Context(), "Patient/a", "card-revoke", "", false); !fhir.HasIssue(err, fhir.IssueNotFound) {
		t.Errorf("without a card: got %v", err)
	}
	mine, other := o.record("Patient/a", ""), o.record("Patient/b", "")
	if _, err := o.ask(o.Context(), "Patient/a", "card-revoke", "card="+idOf(other), false); !fhir.HasIssue(err, fhir.IssueNotFound) {
		t.Errorf("the card of another: got %v", err)
	}
	for range 2 {
		r, err := o.ask(o.Context(), "Patient/a", "card-revoke", "reason=lost on the market&card="+idOf(mine), false)
		if err != nil {
			t.Fatal(err)
		}
		n := parse(t, r.Resource.Body)
		if n.Get("status").Text() != "superseded" || n.Get("description").Text() != "revoked: lost on the market" || r.Resource.Version != 2 {
			t.Errorf("got %s", r.Resource.Body)
		}
	}
	if state, _ := o.verify(tokenOf(t, other)); state != token.Valid {
		t.Errorf("the card of another is %s", state)
	}
	var list token.Revocations
	if err := json.Unmarshal(o.published(card.PathRevocations), &list); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(list.Cards, []string{idOf(mine)}) || list.Updated == "" || list.Issuer != "https://scheme.example" {
		t.Errorf("the list is %+v", list)
	}
	if next := o.record("Patient/a", ""); idOf(next) == idOf(mine) {
		t.Error("the revoked card was given again")
	}
}

func TestWhoMay(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", long))
	for _, role := range fhir.Roles() {
		ctx := fhir.WithCaller(t.Context(), fhir.Caller{Name: "x", Identity: "x", Roles: []fhir.Role{role}})
		want := role == fhir.RoleEnrolmentOfficer || role == fhir.RoleAdministrator
		for _, code := range []string{"card", "card-revoke"} {
			_, err := o.ask(ctx, "Patient/a", code, "", false)
			if refused := fhir.HasIssue(err, fhir.IssueForbidden); refused == want || want && err != nil {
				t.Errorf("%s: $%s: got %v", role, code, err)
			}
		}
	}
}

func TestForms(t *testing.T) {
	o := newOffice(t, card.Options{})
	var photo bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, 300, 400))
	for i := range m.Pix {
		m.Pix[i] = []byte{200, 30, 30, 255}[i%4]
	}
	if err := jpeg.Encode(&photo, m, nil); err != nil {
		t.Fatal(err)
	}
	data := base64.StdEncoding.EncodeToString(photo.Bytes())
	o.Put(
		scheme, `{"resourceType":"Binary","id":"photo","contentType":"image/jpeg","data":"`+data+`"}`,
		person("a", "070100001018", named+`,"photo":[{"contentType":"image/jpeg","data":"`+data+`"}]`), covered("c", "a", "active", "active", long),
		person("b", "070100001026", named+`,"photo":[{"contentType":"image/jpeg","url":"Binary/photo"}]`), covered("d", "b", "active", "active", long),
		person("e", "070100001034", named+`,"photo":[{"contentType":"image/jpeg","url":"Binary/none"}]`), covered("f", "e", "active", "active", long),
	)
	cases := []struct {
		name, accept, query string
		get                 bool
		want, begins        string
	}{
		{"without a wish", "", "", true, "application/pdf", "%PDF-"},
		{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "", true, "", `{"resourceType":"DocumentReference"`},
		{"a picture", "image/*", "", true, "image/png", "\x89PNG"},
		{"the one liked best", "image/png;q=0.5, image/svg+xml", "", true, "image/svg+xml", "<svg "},
		{"the parameter before the header", "image/png", "format=svg", true, "image/svg+xml", "<svg "},
		{"by POST", "application/pdf", "format=png", false, "image/png", "\x89PNG"},
		{"a plus that became a space", "image/svg xml", "", true, "image/svg+xml", "<svg "},
		{"FHIR", "application/fhir+json", "", true, "", `{"resourceType":"DocumentReference"`},
		{"A4", "", "layout=a4", true, "application/pdf", "%PDF-"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := o.ask(fhir.WithAccept(o.Context(), c.accept), "Patient/a", "card", c.query, c.get)
			if err != nil {
				t.Fatal(err)
			}
			body := r.Media
			if r.Resource != nil {
				body = r.Resource.Body
			}
			if r.MediaType != c.want || !strings.HasPrefix(string(body), c.begins) {
				t.Errorf("got %s %.40q", r.MediaType, body)
			}
		})
	}
	red := color.RGBAModel.Convert(color.RGBA{200, 30, 30, 255}).(color.RGBA)
	for id, photographed := range map[string]bool{"a": true, "b": true, "e": false} {
		r, err := o.ask(o.Context(), "Patient/"+id, "card", "format=png", true)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(r.Media))
		if err != nil {
			t.Fatal(err)
		}
		got := color.RGBAModel.Convert(m.At(165, 200)).(color.RGBA)
		if near := got.R > red.R-20 && got.G < red.G+20; near != photographed {
			t.Errorf("%s: the photo is %v", id, got)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	o := newOffice(t, card.Options{})
	o.Put(
		scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", long),
		`{"resourceType":"Patient","id":"nameless","gender":"male"}`, covered("d", "nameless", "active", "active", long),
		person("dead", "070100001026", named+`,"deceasedBoolean":true`), covered("e", "dead", "active", "active", long),
		`{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/a"}}]}`,
		`{"resourceType":"Group","id":"empty","type":"person","actual":true}`,
	)
	cases := []struct {
		name, on, accept, query string
		get                     bool
		want                    fhir.IssueType
	}{
		{"nobody", "Patient/none", "", "", true, fhir.IssueNotFound},
		{"no group", "Group/none", "", "", true, fhir.IssueNotFound},
		{"no place", "Location/none", "", "", true, fhir.IssueNotFound},
		{"no insurance number", "Patient/nameless", "", "", true, fhir.IssueBusinessRule},
		{"the dead", "Patient/dead", "", "", true, fhir.IssueBusinessRule},
		{"a group without members", "Group/empty", "", "", true, fhir.IssueBusinessRule},
		{"a format nobody knows", "Patient/a", "", "format=gif", true, fhir.IssueValue},
		{"a layout nobody knows", "Patient/a", "", "layout=letter", true, fhir.IssueValue},
		{"what is no boolean", "Patient/a", "", "renew=maybe", false, fhir.IssueValue},
		{"renewing by GET", "Patient/a", "", "renew=true", true, fhir.IssueNotSupported},
		{"a misspelt parameter", "Patient/a", "", "formt=pdf", true, fhir.IssueNotSupported},
		{"only what can't be given", "Patient/a", "image/gif", "", true, fhir.IssueNotSupported},
		{"a picture of a family", "Group/g", "", "format=png", true, fhir.IssueNotSupported},
		{"too many at once", "Group/g", "", "_count=501", true, fhir.IssueValue},
		{"a page beyond the last", "Group/g", "", "page=2", true, fhir.IssueValue},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := o.ask(fhir.WithAccept(o.Context(), c.accept), c.on, "card", c.query, c.get); !fhir.HasIssue(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if got := len(o.Search("DocumentReference", "")); got != 0 {
		t.Errorf("%d cards were recorded", got)
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	desk := card.New(card.Options{Base: resourcestest.Base, Keys: keys.Ring{Notes: &notebook{}}})
	w := resourcestest.New(t, patient.Module(), desk.Module())
	w.Put(scheme, person("a", "070100001018", named), covered("c", "a", "active", "active", long))
	_, err := w.Engine.Call(w.Context(), "card", fhir.Key{Type: "Patient", ID: "a"}, "", nil, true)
	if !fhir.HasIssue(err, fhir.IssueBusinessRule) || !strings.Contains(err.Error(), "bima key add") {
		t.Errorf("got %v", err)
	}
}
