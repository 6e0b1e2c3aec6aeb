// Package dhis2test is a DHIS2 for tests: its API of data values and metadata as
// two releases answer it, 2.42 and 2.43, which differ in what they refuse, how much
// of a request they refuse with it, and by which status they say so.
//
// It keeps nothing but in memory. Where several codes of errors cover one case
// (E8100 to E8111 of what 2.43 can't decode), which stands for which is our own
// choice: no client should depend on it.
package dhis2test

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"bima/connect/dhis2/object"
)

// A Mode is the release that a Server answers as.
type Mode string

// The modes.
const (
	V242 Mode = "2.42" // and before
	V243 Mode = "2.43" // and after
)

// The objects that every DHIS2 has from the start.
const (
	DefaultCategory = "GLevLNI9wkl"
	DefaultOption   = "xYerKDKCefk"
	DefaultCombo    = "bjDvmb4bfuf"
	DefaultCell     = "HllvX50cXC0" // the category option combo
)

// A User may call a Server.
type User struct {
	Name, Password string
	Token          string   // a personal access token, "d2pat_…", or ""
	Authorities    []string // "ALL" is all
}

// A Request is one that was answered.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
	Status              int
}

// A Cell is where a value is: UIDs, and a period.
type Cell struct{ Element, Period, OrgUnit, Combo, Attribute string }

// A Server is a DHIS2. It is safe for concurrent use.
type Server struct {
	// Now is its clock; nil lets in values of any period, also of the future.
	Now func() time.Time

	mode     Mode
	users    []User
	mu       sync.Mutex
	objects  map[string]map[string]object.Object // by plural and UID
	order    map[string][]string                 // the UIDs of a plural as they came
	values   map[Cell]string
	complete map[[3]string]string // completeDate of data set, period and organisation unit
	jobs     map[string]*job
	requests []Request
}

// New makes a Server with its default objects. Without users it lets in "admin"
// with the password "district", who may do everything.
func New(mode Mode, users ...User) *Server {
	if len(users) == 0 {
		users = []User{{Name: "admin", Password: "district", Token: "d2pat_admin", Authorities: []string{"ALL"}}}
	}
	s := &Server{
		mode: mode, users: users, objects: map[string]map[string]object.Object{}, order: map[string][]string{},
		values: map[Cell]string{}, complete: map[[3]string]string{}, jobs: map[string]*job{},
	}
	s.put("categoryOptions", object.Object{"id": DefaultOption, "code": "default", "name": "default"})
	s.put("categories", object.Object{"id": DefaultCategory, "code": "default", "name": "default", "categoryOptions": refs(DefaultOption)})
	s.put("categoryCombos", object.Object{"id": DefaultCombo, "code": "default", "name": "default", "categories": refs(DefaultCategory)})
	s.put("categoryOptionCombos", object.Object{
		"id": DefaultCell, "code": "default", "name": "default",
		"categoryCombo": object.Object{"id": DefaultCombo}, "categoryOptions": refs(DefaultOption),
	})
	return s
}

func refs(ids ...string) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = object.Object{"id": id}
	}
	return list
}

// put stores an object.
func (s *Server) put(plural string, o object.Object) {
	if s.objects[plural] == nil {
		s.objects[plural] = map[string]object.Object{}
	}
	id := object.Text(o, "id")
	if _, known := s.objects[plural][id]; !known {
		s.order[plural] = append(s.order[plural], id)
	}
	s.objects[plural][id] = o
}

// all gives the objects of a plural in the order they came.
func (s *Server) all(plural string) []object.Object {
	list := make([]object.Object, len(s.order[plural]))
	for i, id := range s.order[plural] {
		list[i] = s.objects[plural][id]
	}
	return list
}

// find finds an object by an id of a scheme: UID, CODE or NAME.
func (s *Server) find(plural, id, scheme string) object.Object {
	if id == "" {
		return nil
	}
	property := map[string]string{"CODE": "code", "NAME": "name"}[strings.ToUpper(scheme)]
	if property == "" {
		return s.objects[plural][id]
	}
	for _, o := range s.objects[plural] {
		if object.Text(o, property) == id {
			return o
		}
	}
	return nil
}

// Count tells how many objects of a plural there are, the default ones too.
func (s *Server) Count(plural string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order[plural])
}

// Forget removes an object by its code, as somebody does who tidies up.
func (s *Server) Forget(plural, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.find(plural, code, "CODE"); o != nil {
		id := object.Text(o, "id")
		delete(s.objects[plural], id)
		s.order[plural] = slices.DeleteFunc(s.order[plural], func(other string) bool { return other == id })
	}
}

// Values gives all values by the codes of their cells: "HF_CLM_SUB_CNT 202608
// SGR-D01 HFC_CSA_OPD_F_00_05 default".
func (s *Server) Values() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := func(plural, id string) string {
		return cmp.Or(object.Text(s.objects[plural][id], "code"), id)
	}
	shown := make(map[string]string, len(s.values))
	for c, value := range s.values {
		shown[strings.Join([]string{
			code("dataElements", c.Element), c.Period, code("organisationUnits", c.OrgUnit),
			code("categoryOptionCombos", c.Combo), code("categoryOptionCombos", c.Attribute),
		}, " ")] = value
	}
	return shown
}

// Requests gives what was asked so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Complete gives the dates at which data sets were completed, by the UIDs of data
// set and organisation unit and the period.
func (s *Server) Complete() map[[3]string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.complete)
}
