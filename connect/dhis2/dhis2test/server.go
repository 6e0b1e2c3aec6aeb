package dhis2test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bima/connect/dhis2/object"
)

// bodyMax bounds a body, in bytes.
const bodyMax = 64 << 20

// wrapped is the first version of the API that wraps summaries in a WebMessage.
const wrapped = 38

// An exchange is one request and what is answered.
type exchange struct {
	*Server
	w       http.ResponseWriter
	r       *http.Request
	user    User
	body    []byte
	path    []string // below /api, without a version
	version int      // of the API; 0 is that of the release
	status  int
}

// ServeHTTP implements http.Handler: everything is below /api.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &exchange{Server: s, w: w, r: r, body: body}
	defer func() {
		s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), body, x.status})
	}()
	x.path = strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	switch {
	case err != nil:
		x.fail(http.StatusBadRequest, "the body can't be read")
	case len(x.path) < 2 || x.path[0] != "api":
		x.fail(http.StatusNotFound, "there is nothing outside of /api")
	case !x.login():
		x.fail(http.StatusUnauthorized, "Unauthorized")
	default:
		x.path = x.path[1:]
		if n, err := strconv.Atoi(x.path[0]); err == nil {
			x.version, x.path = n, x.path[1:]
		}
		x.route()
	}
}

func readBody(r *http.Request) ([]byte, error) {
	from := io.LimitReader(r.Body, bodyMax)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, err
		}
		from = io.LimitReader(z, bodyMax)
	}
	return io.ReadAll(from)
}

// login finds who asks: Basic, or ApiToken.
func (x *exchange) login() bool {
	name, password, basic := x.r.BasicAuth()
	token, pat := strings.CutPrefix(x.r.Header.Get("Authorization"), "ApiToken ")
	i := slices.IndexFunc(x.users, func(u User) bool {
		return basic && u.Name == name && u.Password == password || pat && u.Token != "" && u.Token == token
	})
	if i >= 0 {
		x.user = x.users[i]
	}
	return i >= 0
}

// may reports whether the user has an authority.
func (x *exchange) may(authority string) bool {
	return slices.Contains(x.user.Authorities, "ALL") || slices.Contains(x.user.Authorities, authority)
}

func (x *exchange) route() {
	path, post := strings.Join(x.path, "/"), x.r.Method == http.MethodPost
	name, _, _ := strings.Cut(path, ".")
	switch {
	case post && name == "dataValueSets":
		x.postValues()
	case post && name == "completeDataSetRegistrations":
		x.postRegistrations()
	case post && name == "metadata":
		x.postMetadata()
	case post && len(x.path) == 1 && x.path[0] == "categoryOptionCombos" && x.mode == V243:
		x.conflict("E1129", "category option combos are made with their combo, not one by one")
	case x.r.Method != http.MethodGet:
		x.fail(http.StatusMethodNotAllowed, "Method not allowed")
	case name == "system/info":
		x.answer(http.StatusOK, object.Object{"version": string(x.mode) + ".1", "revision": "fake", "contextPath": "http://" + x.r.Host, "serverDate": "2026-09-01T00:00:00.000"})
	case name == "me":
		x.answer(http.StatusOK, object.Object{"id": "fakeUser001", "username": x.user.Name, "authorities": x.user.Authorities})
	case len(x.path) == 4 && x.path[0] == "system" && x.path[1] == "tasks":
		x.getTask()
	case len(x.path) == 4 && x.path[0] == "system" && x.path[1] == "taskSummaries":
		x.getSummary()
	default:
		x.getObjects(name)
	}
}

// getObjects answers a list of objects or one of them.
func (x *exchange) getObjects(path string) {
	plural, id, one := strings.Cut(path, "/")
	if _, known := x.objects[plural]; !known && !slices.Contains(plurals, plural) {
		x.fail(http.StatusNotFound, "Not found: "+path)
		return
	}
	if one {
		o := x.objects[plural][id]
		if o == nil {
			x.fail(http.StatusNotFound, plural+" with id "+id+" could not be found.")
			return
		}
		shown, err := object.One(o, x.r.URL.Query(), x.resolve)
		if err != nil {
			x.fail(http.StatusBadRequest, err.Error())
			return
		}
		x.answer(http.StatusOK, shown)
		return
	}
	list, err := object.List(plural, x.all(plural), x.r.URL.Query(), "http://"+x.r.Host+x.r.URL.Path, x.resolve)
	if err != nil {
		x.fail(http.StatusBadRequest, err.Error())
		return
	}
	x.answer(http.StatusOK, list)
}

// resolve finds an object of any kind by its UID.
func (x *exchange) resolve(id string) object.Object {
	for _, known := range x.objects {
		if o := known[id]; o != nil {
			return o
		}
	}
	return nil
}

// media gives the media type of the body.
func (x *exchange) media() string {
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	return media
}

func (x *exchange) answer(status int, body any) {
	x.status = status
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.w.WriteHeader(status)
	_, _ = io.Copy(x.w, bytes.NewReader(text))
}

// fail answers with a WebMessage of nothing but an error.
func (x *exchange) fail(status int, message string) {
	x.answer(status, object.Object{"httpStatus": http.StatusText(status), "httpStatusCode": status, "status": "ERROR", "message": message})
}

// conflict answers a 409 with a code.
func (x *exchange) conflict(code, message string) {
	x.answer(http.StatusConflict, object.Object{"httpStatus": "Conflict", "httpStatusCode": http.StatusConflict, "status": "ERROR", "message": message, "errorCode": code})
}

// report answers with a response, in a WebMessage unless the client asked an API
// that knew none.
func (x *exchange) report(status int, level, message string, response object.Object) {
	if x.version > 0 && x.version < wrapped {
		x.answer(status, response)
		return
	}
	x.answer(status, object.Object{
		"httpStatus": http.StatusText(status), "httpStatusCode": status, "status": level, "message": message, "response": response,
	})
}
