package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// What browsers are told. Source: Fetch standard, CORS protocol.
var (
	corsExposed = []string{"Location, Content-Location, ETag, Last-Modified, X-Request-Id, X-Progress, Expires, WWW-Authenticate, Retry-After, Allow, Accept-Patch, Accept-Post, Content-Disposition"}
	corsMethods = []string{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}
	corsHeaders = []string{"Accept, Authorization, Content-Type, Content-Encoding, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, Traceparent, X-Request-Id"}
	corsMaxAge  = []string{"7200"} // seconds; the longest a common browser honours
	corsAny     = []string{"*"}
)

// allowOrigin tells a browser whether its page may read the answer, and answers
// the question it asks before a request. No cookies are ever allowed: a page
// has only the credentials it was given.
func (x *exchange) allowOrigin() (done bool) {
	origin := x.r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	switch {
	case len(x.options.Origins) == 0, slices.Contains(x.options.Origins, "*"):
		x.header["Access-Control-Allow-Origin"] = corsAny
	case slices.ContainsFunc(x.options.Origins, func(allowed string) bool { return originIs(origin, allowed) }):
		x.set("Access-Control-Allow-Origin", origin)
	default:
		return false
	}
	x.header["Access-Control-Expose-Headers"] = corsExposed
	if x.r.Method != http.MethodOptions || x.r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	x.header["Access-Control-Allow-Methods"] = corsMethods
	x.header["Access-Control-Allow-Headers"] = corsHeaders
	if wanted := x.r.Header.Get("Access-Control-Request-Headers"); headerNames(wanted) {
		x.set("Access-Control-Allow-Headers", wanted)
	}
	x.header["Access-Control-Max-Age"] = corsMaxAge
	x.action = "preflight"
	x.answer(http.StatusNoContent, nil)
	return true
}

// originIs reports whether an origin is the one allowed, or of any port where
// that ends with ":*".
func originIs(origin, allowed string) bool {
	host, any := strings.CutSuffix(allowed, ":*")
	if !any {
		return origin == allowed
	}
	rest, same := strings.CutPrefix(origin, host)
	if !same || rest == "" {
		return same // the port of the scheme, which no origin spells out
	}
	port, ported := strings.CutPrefix(rest, ":")
	_, err := strconv.ParseUint(port, 10, 16)
	return ported && err == nil
}

// headerNamesMax is the longest list of header names that is echoed.
const headerNamesMax = 1 << 10

// headerNames reports whether a text is a list of header names and nothing else.
func headerNames(list string) bool {
	if list == "" || len(list) > headerNamesMax {
		return false
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == ',', c == ' ':
		default:
			return false
		}
	}
	return true
}
