package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"bima/fhir"
	"bima/fhir/r4"
)

// An action answers a request, or says why not.
type action func(x *exchange) error

// A route is one line of the table of interactions.
type route struct {
	method string
	path   string // below [base]
	name   string // of the interaction, in the log and the metrics
	do     action
}

// table holds the interactions of R4. GET serves HEAD too. Source: R4 http.
var table = []route{
	{"GET", "/:type/:id", "read", read},
	{"GET", "/:type/:id/_history/:version", "vread", vread},
	{"PUT", "/:type/:id", "update", update},
	{"PATCH", "/:type/:id", "patch", patch},
	{"DELETE", "/:type/:id", "delete", remove},
	{"POST", "/:type", "create", create},
	{"PUT", "/:type", "update-conditional", updateConditional},
	{"PATCH", "/:type", "patch-conditional", patchConditional},
	{"DELETE", "/:type", "delete-conditional", removeConditional},

	{"GET", "", "search-system", search},
	{"POST", "/_search", "search-system", search},
	{"GET", "/:type", "search-type", search},
	{"GET", "/:type/_search", "search-type", search},
	{"POST", "/:type/_search", "search-type", search},
	{"GET", "/:type/:id/:sub", "search-compartment", searchCompartment},
	{"POST", "/:type/:id/:sub/_search", "search-compartment", searchCompartment},

	{"GET", "/_history", "history-system", history},
	{"GET", "/:type/_history", "history-type", history},
	{"GET", "/:type/:id/_history", "history-instance", history},

	{"POST", "", "bundle", bundle},

	{"GET", "/$:operation", "operation", operation},
	{"POST", "/$:operation", "operation", operation},
	{"GET", "/:type/$:operation", "operation", operation},
	{"POST", "/:type/$:operation", "operation", operation},
	{"GET", "/:type/:id/$:operation", "operation", operation},
	{"POST", "/:type/:id/$:operation", "operation", operation},
	{"GET", "/:type/:id/_history/:version/$:operation", "operation", operation},
	{"POST", "/:type/:id/_history/:version/$:operation", "operation", operation},

	{"GET", asyncPath + "/:request", "async-status", asyncStatus},
	{"DELETE", asyncPath + "/:request", "async-cancel", asyncCancel},
}

// openTable holds what needs no caller: what tells a client how to become one.
var openTable = []route{
	{"GET", basePath + "/metadata", "capabilities", capabilities},
	{"GET", basePath + "/$versions", "versions", versions},
	{"POST", basePath + "/$versions", "versions", versions},
	{"GET", "/openapi.json", "openapi", openAPI},
	{"GET", schemasPath, "schemas", schemaIndex},
	{"GET", schemasPath + "/:file", "schemas", schema},
	{"GET", basePath + "/.well-known/smart-configuration", "discovery", smartConfiguration},
	{"GET", "/.well-known/smart-configuration", "discovery", smartConfiguration},
	{"GET", basePath + "/.well-known/openid-configuration", "discovery", noOpenID},
	{"GET", "/.well-known/openid-configuration", "discovery", noOpenID},
	{"GET", "/healthz", "health", health},
	{"GET", "/readyz", "health", ready},
	{"GET", "/metrics", "metrics", writeMetrics},
	{"GET", "/", "welcome", welcome},
	{"GET", "/page.css", "welcome", pageFile},
	{"GET", "/page.js", "welcome", pageFile},
}

// routes builds the router. It redirects nobody: a POST that is redirected
// loses its body.
func (s *server) routes() *gin.Engine {
	// gin prints its routes while it is in debug mode, its default.
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	for _, r := range openTable {
		s.mount(router, r.method, r.path, s.open(r))
	}
	for path, handler := range s.options.Open {
		s.mount(router, http.MethodGet, path, s.open(route{name: "open", do: handOver(handler)}))
	}
	for path, take := range s.options.Sockets {
		s.mount(router, http.MethodGet, path, s.open(route{name: "socket", do: upgrade(take)}))
	}
	for path, front := range s.options.Fronts {
		handler := s.open(route{name: "front", do: speak(front(s))})
		router.Any(path, handler)
		router.Any(path+"/*rest", handler)
	}
	for _, r := range table {
		s.mount(router, r.method, basePath+r.path, s.closed(r))
	}
	router.NoRoute(s.open(route{name: "none", do: noRoute}))
	router.NoMethod(s.open(route{name: "none", do: noMethod}))
	return router
}

func (s *server) mount(router *gin.Engine, method, path string, handler gin.HandlerFunc) {
	router.Handle(method, path, handler)
	if method == http.MethodGet {
		router.Handle(http.MethodHead, path, handler)
	}
}

// open serves a route to anybody.
func (s *server) open(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		x := exchangeOf(c)
		x.route, x.action, x.pattern, x.typ = c, r.name, c.FullPath(), typeLabel(c.Param("type"))
		if err := r.do(x); err != nil {
			x.fail(err)
		}
	}
}

// closed serves a route to known callers, once its path has been checked.
func (s *server) closed(r route) gin.HandlerFunc {
	return s.open(route{name: r.name, do: func(x *exchange) error {
		if err := x.authenticate(); err != nil {
			return err
		}
		if err := x.checkPath(); err != nil {
			return err
		}
		if x.later(r.name) {
			return x.accept(r.name)
		}
		return r.do(x)
	}})
}

// authenticate finds out who asks.
func (x *exchange) authenticate() error {
	caller := fhir.Developer()
	switch {
	case x.stored != nil:
		caller = *x.stored
	case x.options.Authenticate != nil:
		var err error
		if caller, err = x.options.Authenticate(x.r); err != nil {
			return err
		}
	}
	x.caller = caller.Name
	x.ctx = fhir.WithCaller(x.ctx, caller)
	return nil
}

// checkPath refuses types that R4 does not have and ids that nothing can have:
// the router takes any word in their place.
func (x *exchange) checkPath() error {
	k := x.key()
	switch {
	case k.Type == "":
		return nil
	case !r4.IsResource(k.Type):
		return fhir.Errorf(fhir.IssueNotFound, "", "%q is not a resource type of FHIR R4; types are written like Patient or ClaimResponse", k.Type)
	case k.ID == "" || fhir.ValidID(k.ID):
		return nil
	case x.safe():
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s with that id: ids are 1 to 64 letters, digits, '-' and '.'", k.Type)
	}
	return fhir.Errorf(fhir.IssueValue, k.Type+".id", "ids are 1 to 64 letters, digits, '-' and '.'")
}

// noRoute answers paths that mean nothing here.
func noRoute(x *exchange) error {
	return fhir.Errorf(fhir.IssueNotFound, "", "nothing is at this path; the FHIR API is at %s", x.base())
}

// noMethod answers methods that a path does not have; gin has set Allow.
func noMethod(x *exchange) error {
	allow := "OPTIONS"
	if others := x.header.Get("Allow"); others != "" {
		allow = others + ", " + allow
	}
	if x.r.Method == http.MethodOptions {
		methods, ours := methodsOf(x.r.URL.Path)
		if ours && len(methods) == 0 {
			return noRoute(x)
		}
		if ours {
			allow = strings.Join(append(methods, http.MethodOptions), ", ")
		}
	}
	x.set("Allow", allow)
	if x.r.Method == http.MethodOptions {
		x.answer(http.StatusNoContent, nil)
		return nil
	}
	return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, "",
		"%s is not possible here; possible are: %s", x.r.Method, allow)
}

// methodOrder is the order in which methods are told.
var methodOrder = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// methodsOf gives the methods of a path below [base], none where it means nothing;
// ours is false where it is not below it. The router can't tell them: it takes any
// word for a type, _history and $validate, too.
func methodsOf(path string) (methods []string, ours bool) {
	below, ours := strings.CutPrefix(path, basePath)
	if !ours || below != "" && below[0] != '/' {
		return nil, false
	}
	has := make(map[string]bool)
	for _, r := range openTable {
		has[r.method] = has[r.method] || r.path == path
	}
	for _, r := range table {
		has[r.method] = has[r.method] || fits(r.path, below)
	}
	has[http.MethodHead] = has[http.MethodGet]
	for _, method := range methodOrder {
		if has[method] {
			methods = append(methods, method)
		}
	}
	return methods, true
}

// fits reports whether a path is one of a route of the table: with a type where
// that has one, and an id where it has one.
func fits(route, path string) bool {
	want, have := strings.Split(route, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool {
		switch {
		case w == ":type":
			return r4.IsResource(h)
		case w == ":sub":
			return h == "*" || r4.IsResource(h)
		case strings.HasPrefix(w, "$:"):
			return strings.HasPrefix(h, "$")
		case strings.HasPrefix(w, ":"):
			return h != "" && h[0] != '_' && h[0] != '$'
		}
		return w == h
	})
}
