package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bima/fhir"
)

// A format is a media type that resources are answered in: JSON or XML, by the
// name the client knows it by.
type format struct {
	media  string   // "application/fhir+json"
	header []string // the Content-Type; shared, nobody writes to it
	xml    bool     // whether it is XML, and not JSON
}

// formatsCount is how many formats there are.
const formatsCount = 8

// formats are the types the server writes, the best first. The charset is
// named because old clients read JSON as Latin-1 where it is not.
var formats = [formatsCount]*format{
	{"application/fhir+json", []string{"application/fhir+json; charset=utf-8"}, false},
	{"application/json", []string{"application/json; charset=utf-8"}, false},
	{"text/json", []string{"text/json; charset=utf-8"}, false},
	{"application/json+fhir", []string{"application/json+fhir; charset=utf-8"}, false},
	{"application/fhir+xml", []string{"application/fhir+xml; charset=utf-8"}, true},
	{"application/xml", []string{"application/xml; charset=utf-8"}, true},
	{"text/xml", []string{"text/xml; charset=utf-8"}, true},
	{"application/xml+fhir", []string{"application/xml+fhir; charset=utf-8"}, true},
}

// fhirJSON is the format of those who don't ask for one.
var fhirJSON, plainJSON, fhirXML = formats[0], formats[1], formats[4]

// acceptRangesMax is how many media ranges of an Accept header are read; real
// clients send four.
const acceptRangesMax = 32

// negotiate finds the format of the answer: that of the _format parameter, else
// the one the Accept header likes best, else nil. A client whose _format we don't
// know gets what it names in its Accept header. Source: R4 http#mime-type.
func negotiate(header http.Header, formatParam string) *format {
	accept := strings.Join(header["Accept"], ",")
	if formatParam != "" {
		if f := formatNamed(formatParam); f != nil || accept == "" {
			return f
		}
		f, named := accepted(accept)
		if !named {
			return nil
		}
		return f
	}
	switch accept {
	case "", "*/*", "application/fhir+json":
		return fhirJSON
	case "application/json":
		return plainJSON
	case "application/fhir+xml":
		return fhirXML
	}
	f, _ := accepted(accept)
	return f
}

// formatNamed gives the format a _format parameter names, or nil. A plus that
// the client did not escape has become a space.
func formatNamed(name string) *format {
	media, params, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), ";")
	if !versionFits(params) {
		return nil
	}
	media = strings.ReplaceAll(strings.TrimSpace(media), " ", "+")
	switch media {
	case "json", "application/json+fhir":
		return fhirJSON
	case "xml", "application/xml+fhir":
		return fhirXML
	}
	for _, f := range formats {
		if f.media == media {
			return f
		}
	}
	return nil
}

// accepted gives the format an Accept header likes best, and whether the header
// names one of our formats rather than a wildcard. Of equal wishes our own order
// decides. A browser gets application/json, which it can show, although it names
// XML before anything else.
func accepted(accept string) (best *format, named bool) {
	var w wishes
	browser := strings.Contains(accept, "text/html")
	for n := 0; accept != "" && n < acceptRangesMax; n++ {
		var part string
		part, accept, _ = strings.Cut(accept, ",")
		media, params, _ := strings.Cut(strings.ToLower(part), ";")
		if !versionFits(params) {
			continue
		}
		w.note(strings.TrimSpace(media), quality(params))
	}
	at := -1
	for i := range formats {
		named = named || w.exact[i] && w.likes[i] > 0
		if w.likes[i] > 0 && (at < 0 || w.likes[i] > w.likes[at]) {
			at = i
		}
	}
	switch {
	case at < 0:
		return nil, false
	case browser && w.likes[1] > 0 && (!named || formats[at].xml && formats[at] != fhirXML):
		return plainJSON, false
	}
	return formats[at], named
}

// wishes are how much an Accept header likes each of the formats.
type wishes struct {
	likes [formatsCount]float64
	exact [formatsCount]bool // whether a range names it, which overrules wildcards
	wide  [formatsCount]bool // whether a range such as text/* is meant, which overrules */*
}

// note notes how much a media range is liked.
func (w *wishes) note(media string, q float64) {
	prefix, wide := strings.CutSuffix(media, "/*")
	wide = wide && prefix != "*"
	for i, f := range formats {
		switch {
		case media == f.media:
			w.likes[i], w.exact[i] = q, true
		case w.exact[i]:
		case wide && strings.HasPrefix(f.media, prefix) && f.media[len(prefix)] == '/':
			w.likes[i], w.wide[i] = q, true
		case media == "*/*" && !w.wide[i]:
			w.likes[i] = q
		}
	}
}

// quality gives the q parameter of a media range, 1 where there is none.
func quality(params string) float64 {
	value, ok := param(params, "q")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 1
	}
	return q
}

// versionFits reports whether the fhirVersion parameter, if there is one, is
// that of R4. Source: R4 versioning#mt-version.
func versionFits(params string) bool {
	v, ok := param(params, "fhirversion")
	return !ok || v == "4.0" || v == "4.0.1"
}

// param finds a parameter among those of a media type, all in lower case.
func param(params, name string) (value string, ok bool) {
	for params != "" {
		var part string
		part, params, _ = strings.Cut(params, ";")
		key, v, _ := strings.Cut(part, "=")
		if strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(v), `"`), true
		}
	}
	return "", false
}

// notAcceptable is the outcome of a failed negotiation.
func notAcceptable() error {
	return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailNotAcceptable, "",
		"this server answers in JSON and XML: accept application/fhir+json or application/fhir+xml, or ask by _format=json or _format=xml")
}

// queryParam finds the first value of a parameter in a raw query, without the
// cost of parsing all of it.
func queryParam(query, name string) string {
	for query != "" {
		var part string
		part, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(part, "=")
		if key != name {
			continue
		}
		if text, err := url.QueryUnescape(value); err == nil {
			return text
		}
		return value
	}
	return ""
}
