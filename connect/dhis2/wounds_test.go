package dhis2_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/connect/dhis2/dhis2test"
	"bima/fhir/subscription"
	"bima/profiles/indicator"
)

// A wound is how a DHIS2 answers numbers as it should not, and what is to become of
// them.
type wound struct {
	name   string
	answer func(rw http.ResponseWriter, r *http.Request, next http.Handler)
	status string // of the Subscription meanwhile
	task   bool   // whether a Task says that values were refused
}

// says answers with a status and a body, and keeps nothing.
func says(code int, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if code == http.StatusFound {
			rw.Header().Set("Location", "/dhis-web-commons/security/login.action")
		}
		rw.WriteHeader(code)
		_, _ = io.WriteString(rw, body)
	}
}

// short keeps the numbers, and loses the second half of its answer; whole is whether it
// says that this was all.
func short(whole bool) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		half := kept.Body.Bytes()[:kept.Body.Len()/2]
		if !whole {
			rw.Header().Set("Content-Length", strconv.Itoa(kept.Body.Len()))
		}
		rw.WriteHeader(kept.Code)
		_, _ = rw.Write(half)
	}
}

const summaryOfTwo = `{"httpStatus":"OK","httpStatusCode":200,"status":"OK","response":{"responseType":"ImportSummary","status":`

// partly is an import that took the first of two values.
const partly = summaryOfTwo + `"WARNING","importCount":{"imported":1,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"object":"202608","value":"Invalid","errorCode":"E7619","indexes":[1]}]}}`

var wounds = []wound{
	{"it is down", says(http.StatusServiceUnavailable, ""), "error", false},
	{"it is asked too often", says(http.StatusTooManyRequests, "{}"), "error", false},
	{"it hangs up", func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }, "error", false},
	{"it is too slow", func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that nobody waits any more
		<-r.Context().Done()
	}, "error", false},
	{"a page to log in", says(http.StatusOK, "<html><form>Log in</form></html>"), "error", false},
	{"JSON of something else", says(http.StatusOK, `{"status":"OK"}`), "error", false},
	{"a body that breaks off", short(false), "error", false},
	{"a body that is cut", short(true), "error", false},
	{"a redirect to a login", says(http.StatusFound, ""), "off", false},
	{"200 that is an error", says(http.StatusOK, summaryOfTwo+`"ERROR","description":"nothing kept","importCount":{"imported":0,"updated":0,"ignored":2,"deleted":0}}}`), "off", false},
	{"200 with wrong counts", says(http.StatusOK, summaryOfTwo+`"SUCCESS","importCount":{"imported":1,"updated":0,"ignored":0,"deleted":0}}}`), "active", true},
	{"200 that took a part", says(http.StatusOK, partly), "active", true},
	{"409 that took a part", says(http.StatusConflict, partly), "active", true},
}

// A patient is a DHIS2 with a wound, and how often that was met.
type patient struct {
	*hmis
	name string
	has  atomic.Pointer[wound]
	met  atomic.Int32
}

func (p *patient) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		has := p.has.Load()
		if has == nil || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/dataValueSets") {
			next.ServeHTTP(rw, r)
			return
		}
		p.met.Add(1)
		has.answer(rw, r, next)
	})
}

// However a DHIS2 fails or lies, for hours, no number is lost, none is held for told
// that was not, and what it took twice stands there once.
func TestNoWoundOfADHIS2LosesANumber(t *testing.T) {
	t.Parallel()           // as it waits more than it works
	var hours atomic.Int64 // that the scheme's clock is ahead of three years on
	plan := house.Plan{
		Now: func() time.Time { return time.Now().AddDate(3, 0, 0).Add(time.Duration(hours.Load()) * time.Hour) },
		Subscriptions: subscription.Settings{
			Backoff: func(int) time.Duration { return 2 * time.Hour }, Horizon: 100_000 * time.Hour, Timeout: time.Second,
		},
	}
	connecttest.Each(t, connecttest.Options{Plan: plan, Empty: true}, func(t *testing.T, w *connecttest.World) {
		defer hours.Store(0)
		keep(t, w, regionA, []byte(`{"resourceType":"Location","id":"region-a","identifier":[{"system":"https://bima.example/fhir/id/location","value":"REG-A"}],"status":"active","name":"A",
			"type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"R"}]}]}`))
		var patients []*patient
		for mode, name := range map[dhis2test.Mode]string{dhis2test.V242: "old", dhis2test.V243: "new"} {
			p := &patient{name: name}
			p.hmis = serve(t, mode, p.front)
			p.learn(t, w)
			subscribe(t, w, name, p.url, basic, "")
			patients = append(patients, p)
		}
		for i := range wounds {
			for _, p := range patients {
				later(t, w, &hours, p, "active")
				p.has.Store(&wounds[i])
				p.met.Store(0)
			}
			suffer(t, w, &hours, patients, wounds[i], strconv.Itoa(100+i))
		}
	})
}

// later waits for a Subscription to come to a status, and has hours pass meanwhile.
func later(t *testing.T, w *connecttest.World, hours *atomic.Int64, p *patient, want string) {
	t.Helper()
	w.Until(p.name+" is "+want, func() bool {
		hours.Add(1)
		return w.Node(w.Do(http.MethodGet, "/fhir/Subscription/"+p.name, nil, nil)).Get("status").Text() == want
	})
}

// suffer has a number be told while all have a wound, and again when it is healed.
func suffer(t *testing.T, w *connecttest.World, hours *atomic.Int64, patients []*patient, of wound, number string) {
	t.Helper()
	two := func(second string) {
		report(t, w, "hf-enrol", regionA, "202608", active(number), cell{indicator.EnrPersonsActive, "M 26_35 UNK", second})
	}
	two(number)
	for _, p := range patients {
		later(t, w, hours, p, of.status)
		w.Until(p.name+" has met: "+of.name, func() bool { hours.Add(1); return p.met.Load() > 1 || of.status != "error" && p.met.Load() > 0 })
		about := "Endpoint/" + p.name + ") did not take all of HF_ENROL for REG-A in 202608"
		told := func() bool {
			return strings.Contains(strings.Join(tasks(w, "values-refused", "requested"), " "), about)
		}
		if of.task {
			w.Until(p.name+": a Task tells of: "+of.name, told)
		} else if told() {
			t.Errorf("%s: %s: values are said to be refused", p.name, of.name)
		}
		p.has.Store(nil)
		if of.status == "off" {
			if text := problem(w, p.name); !strings.Contains(text, "DHIS2") {
				t.Errorf("%s: %s: the Subscription says %q", p.name, of.name, text)
			}
			if a := w.Do(http.MethodPost, "/fhir/Subscription/"+p.name+"/$replay", nil, nil); a.Status/100 != 2 {
				t.Fatalf("$replay: HTTP %d: %s", a.Status, a.Body)
			}
		}
	}
	if of.task {
		two("7") // the next change tells all that the report has
	}
	for _, p := range patients {
		w.Until(p.name+" has the number after: "+of.name, func() bool {
			hours.Add(1)
			all := p.Values()
			second := all["HF_ENR_PERSONS_ACTIVE 202608 REG-A HFC_SAP_M_26_35_UNK default"]
			return all["HF_ENR_PERSONS_ACTIVE 202608 REG-A HFC_SAP_F_00_05_POOR default"] == number && (second == "7") == of.task
		})
	}
	w.Until("no Task is left of: "+of.name, func() bool { return len(tasks(w, "values-refused", "requested")) == 0 })
}
