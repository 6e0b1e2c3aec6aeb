package dhis2

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dhis2/object"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles/indicator"
)

// Path is where the Front is; "/api" is what clients of DHIS2 add to an address.
const Path = "/dhis2/api"

// A front answers as DHIS2's API does, read only.
type front struct {
	gate    *connect.Gate
	server  fhir.Server
	library library
	who     func(*http.Request) (fhir.Caller, error)
	now     func() time.Time
	started time.Time
}

// FrontOptions are what a Front may be told.
type FrontOptions struct {
	// Who gives the caller of a request, or an Outcome; it says whose numbers he may
	// look at.
	Who  func(*http.Request) (fhir.Caller, error)
	Ages []int            // as Options.Ages
	Now  func() time.Time // the scheme's clock; nil is the real one
}

// NewFront makes the handler of Path. Numbers are read through the gate in the
// caller's name. What they mean, and the names of places and facilities, is public:
// it is read from the server itself.
func NewFront(gate *connect.Gate, server fhir.Server, o FrontOptions) http.Handler {
	f := &front{gate: gate, server: server, library: library{ages: o.Ages}, who: o.Who, now: o.Now}
	if f.now == nil {
		f.now = time.Now
	}
	f.started = f.now()
	return f
}

// A fault is an error as DHIS2 tells it.
type fault struct {
	status        int
	code, message string
}

// Error gives the message.
func (e *fault) Error() string { return e.message }

func faultf(status int, code, format string, args ...any) *fault {
	return &fault{status, code, fmt.Sprintf(format, args...)}
}

// A call is one request to a front.
type call struct {
	*front
	w         http.ResponseWriter
	r         *http.Request
	path      string // below /api and a version, without the format: "dataValueSets"
	format    string // "json", "xml", "csv" or "adx+xml"; "" where the path names none
	catalogue *catalogue
	caller    fhir.Caller
	view      view // what he may look at
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.FieldsFunc(strings.TrimPrefix(r.URL.Path, Path), func(c rune) bool { return c == '/' })
	if len(path) > 0 && len(path[0]) == 2 {
		if _, err := strconv.Atoi(path[0]); err == nil {
			path = path[1:]
		}
	}
	c := &call{front: f, w: w, r: speak(whole(r))}
	c.path, c.format, _ = strings.Cut(strings.Join(path, "/"), ".")
	if err := c.answer(); err != nil {
		c.fail(err)
	}
}

// whole gives the request with the semicolons between the items of a dimension
// escaped: DHIS2's clients write them as they are, and url.ParseQuery leaves out
// parameters that have any.
func whole(r *http.Request) *http.Request {
	if !strings.Contains(r.URL.RawQuery, ";") {
		return r
	}
	inner, address := *r, *r.URL
	address.RawQuery = strings.ReplaceAll(address.RawQuery, ";", "%3B")
	inner.URL = &address
	return &inner
}

// speak gives the request with DHIS2's personal access token as what this server
// knows: name:password, or a bearer token.
func speak(r *http.Request) *http.Request {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "ApiToken ")
	if !ok {
		return r
	}
	inner := *r
	inner.Header = r.Header.Clone()
	if token = strings.TrimSpace(token); strings.Contains(token, ":") {
		inner.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(token)))
	} else {
		inner.Header.Set("Authorization", "Bearer "+token)
	}
	return &inner
}

// answer answers, or gives the error to answer with.
func (c *call) answer() error {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return faultf(http.StatusMethodNotAllowed, "", "Method %s is not allowed: these numbers are read only", c.r.Method)
	}
	prefix := c.r.URL.Query().Get("prefix")
	if prefix != "" && !prefixed.MatchString(prefix) {
		return faultf(http.StatusBadRequest, "", "a prefix is a letter or _ and up to nine letters, digits and _.-")
	}
	if c.path != "metadata" {
		if err := c.login(); err != nil {
			return err
		}
	}
	var err error
	if c.catalogue, err = c.library.read(fhir.WithCaller(c.r.Context(), fhir.System()), c.server, prefix); err != nil {
		return err
	}
	if c.path == "metadata" {
		return c.metadata()
	}
	if err := c.signIn(); err != nil {
		return err
	}
	numbers := c.path == "dataValueSets" || c.path == "analytics/dataValueSet"
	if !numbers && c.format != "" && c.format != "json" {
		return faultf(http.StatusNotAcceptable, "", "%.60q is there as JSON only", c.path)
	}
	if err := foreign(c.path, c.r.URL.Query()); err != nil {
		return err
	}
	switch c.path {
	case "system/info":
		return c.write(http.StatusOK, object.Object{
			"version": "2.40.0", "revision": "bima", "systemId": indicator.UID(indicator.ObjectOther, "system "+c.gate.Root()), "contextPath": strings.TrimSuffix(c.gate.Root()+Path, "/api"),
			"serverDate": stamp(c.now()), "lastAnalyticsTableSuccess": stamp(c.started), "readOnlyMode": "FULL", "systemName": "Bima",
		})
	case "me":
		shown, err := object.One(c.me(), c.r.URL.Query(), c.catalogue.resolve)
		if err != nil {
			return faultf(http.StatusBadRequest, "", "%s", err)
		}
		return c.write(http.StatusOK, shown)
	case "me/authorization":
		return c.write(http.StatusOK, []any{})
	case "periodTypes":
		return c.periodTypes()
	case "filledOrganisationUnitLevels":
		return c.write(http.StatusOK, c.catalogue.levels())
	case "dataValueSets":
		return c.dataValueSets()
	case "analytics/dataValueSet":
		return c.analytics()
	}
	if strings.HasPrefix(c.path, "me/authorization/") { // no authority of a DHIS2 is anybody's here
		return c.write(http.StatusOK, false)
	}
	return c.objects()
}

// login asks the server whether it lets the caller read numbers.
func (c *call) login() error {
	return refusal(c.gate.Ask(c.r, connect.Question{Path: "MeasureReport?_id=none&_summary=count"}))
}

// refusal gives the fault of an answer that is no success.
func refusal(a *connect.Answer) error {
	if a.OK() {
		return nil
	}
	message := http.StatusText(a.Status)
	if text := a.Node().Get("issue").First().Get("diagnostics").Text(); text != "" {
		message = text
	}
	return &fault{status: a.Status, message: message}
}

// fail answers with an error in DHIS2's words.
func (c *call) fail(err error) {
	f, ok := err.(*fault)
	if !ok {
		f = faultf(interaction.Status(err), "", "%s", fhir.OutcomeOf(err).Issues[0].Diagnostics)
	}
	body := object.Object{"httpStatus": http.StatusText(f.status), "httpStatusCode": f.status, "status": "ERROR", "message": f.message}
	if f.code != "" {
		body["errorCode"] = f.code
	}
	switch f.status {
	case http.StatusUnauthorized:
		// Scripts in pages ask their users by themselves, and not the browser.
		if c.r.Header.Get("X-Requested-With") != "XMLHttpRequest" {
			c.w.Header().Set("WWW-Authenticate", `Basic realm="Bima", charset="UTF-8"`)
		}
	case http.StatusMethodNotAllowed:
		c.w.Header().Set("Allow", "GET, HEAD")
	case http.StatusServiceUnavailable:
		c.w.Header().Set("Retry-After", "5")
	}
	_ = c.write(f.status, body)
}

// write answers with JSON.
func (c *call) write(status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	c.send(status, "application/json;charset=UTF-8", text)
	return nil
}

// send answers. A client that has gone is no error.
func (c *call) send(status int, media string, text []byte) {
	h := c.w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-cache, private")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if name := c.r.URL.Query().Get("attachment"); name != "" && status == http.StatusOK && h.Get("Content-Disposition") == "" {
		c.attach(name)
	}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(text)
	}
}

// attach has the answer be kept as a file.
func (c *call) attach(name string) {
	c.w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(strings.Map(plain, name)))
}

// plain keeps the characters that a file name may have in a header.
func plain(r rune) rune {
	if r > ' ' && r < 127 && !strings.ContainsRune(`"\/`, r) {
		return r
	}
	return '_'
}

// stamp writes a moment as DHIS2 does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }

// me tells who asks, and the places at the top of those that he may look at.
func (c *call) me() object.Object {
	name, top := c.caller.Name, []any{}
	for _, u := range c.view.tops(c.catalogue) {
		top = append(top, u.ref)
	}
	return object.Object{
		"id": indicator.UID(indicator.ObjectOther, "user "+name), "username": name, "name": name, "displayName": name, "surname": name, "firstName": "", "authorities": []any{},
		"organisationUnits": top, "dataViewOrganisationUnits": top,
	}
}

// metadata answers with the package, or with the kinds of objects that were asked
// for: dataElements=true.
func (c *call) metadata() error {
	if c.format != "" && c.format != "json" {
		return faultf(http.StatusNotAcceptable, "", "metadata is there as JSON only")
	}
	q := c.r.URL.Query()
	theirs := q.Get("population")
	if theirs != "" && !operand.MatchString(theirs) {
		return faultf(http.StatusBadRequest, "", "population is the UID of a data element of your own, or of one and a category option combo with a dot between them")
	}
	if theirs == "" && !slices.ContainsFunc(plurals, func(p string) bool { return q.Get(p) == "true" }) {
		text, err := c.catalogue.text()
		if err == nil {
			c.send(http.StatusOK, "application/json;charset=UTF-8", text)
		}
		return err
	}
	all := c.catalogue.file()
	c.catalogue.divideBy(all, theirs)
	some := slices.ContainsFunc(plurals, func(p string) bool { return q.Get(p) == "true" })
	for _, plural := range plurals {
		if some && q.Get(plural) != "true" {
			delete(all, plural)
		}
	}
	return c.write(http.StatusOK, all)
}

// objects answers a list of objects, or one.
func (c *call) objects() error {
	plural, id, one := strings.Cut(c.path, "/")
	if !slices.Contains(plurals, plural) && plural != unitLevels {
		return faultf(http.StatusNotFound, "E1005", "there is no %.60q here", c.path)
	}
	list := c.catalogue.objects(plural)
	if q := c.r.URL.Query(); plural == "organisationUnits" && (q.Get("userOnly") == "true" || q.Get("userDataViewOnly") == "true") {
		list = nil
		for _, u := range c.view.tops(c.catalogue) {
			list = append(list, c.catalogue.byUID[u.uid])
		}
	}
	if q := c.r.URL.Query(); plural == "organisationUnits" && (q.Get("withinUserHierarchy") == "true" || q.Get("withinUserSearchHierarchy") == "true") {
		list = slices.DeleteFunc(slices.Clone(list), func(o object.Object) bool { return !c.view.has(c.catalogue.byID[object.Text(o, "id")]) })
	}
	if u := c.catalogue.byID[id]; one && u != nil && u.uid == id && plural == "organisationUnits" && asksAround(c.r.URL.Query()) {
		return c.around(u)
	}
	if plural == "organisationUnits" && !one {
		var err error
		if list, err = leveled(list, c.r.URL.Query()); err != nil {
			return err
		}
	}
	if one {
		i := slices.IndexFunc(list, func(o object.Object) bool { return o["id"] == id })
		if i < 0 {
			return faultf(http.StatusNotFound, "E1005", "%s with id %.40s could not be found", plural, id)
		}
		shown, err := object.One(list[i], c.r.URL.Query(), c.catalogue.resolve)
		if err != nil {
			return faultf(http.StatusBadRequest, "", "%s", err)
		}
		return c.write(http.StatusOK, shown)
	}
	shown, err := object.List(plural, list, c.r.URL.Query(), c.gate.Root()+Path+"/"+plural, c.catalogue.resolve)
	if err != nil {
		return faultf(http.StatusBadRequest, "", "%s", err)
	}
	return c.write(http.StatusOK, shown)
}
