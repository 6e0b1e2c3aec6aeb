package search

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"bima/fhir"
)

// Limits of one query string, so that nobody makes the server do boundless work.
const (
	parametersMax = 100  // parameters
	valuesMax     = 2000 // values joined by commas, in all; room for a page of ids
	chainMax      = 8    // links of chains and _has in one parameter
)

// ParseOptions say how a query string is read.
type ParseOptions struct {
	// Lenient leaves out what is not supported and lists it in Request.Ignored,
	// where a strict search fails. Source: R4 search#errors (handling=lenient).
	Lenient bool
	// CountDefault is the page size where _count is absent, CountMax the largest;
	// 0 stands for 20 and 1000.
	CountDefault, CountMax int
	// Exact refuses a parameter without a value, which a search ignores as if it
	// were not there: criteria that lose one would name more than was meant.
	Exact bool
	// HTTP has errors name the parameter as one of the request; see fhir.OfParameter.
	HTTP bool
	// Now is the time that "ap" measures a date's distance to; zero is the clock.
	Now time.Time
}

// The page sizes where ParseOptions names none.
const (
	countDefault = 20
	countMax     = 1000
)

// A Request is a query string as it was understood.
type Request struct {
	fhir.Query
	Includes, RevIncludes []Include
	Summary               string   // true, text, data, count, false or ""
	Elements              []string // of _elements
	// Contained is _contained: "false", "true", "both" or "". ContainedType is
	// _containedType: "container", "contained" or "". Source: R4 search#contained.
	Contained, ContainedType string
	Ignored                  []fhir.Issue
	Self                     string // the query string that was used, for link.self; without _cursor
}

// An Include is one _include or _revinclude. Source: R4 search#include.
type Include struct {
	Source   string // the type whose parameter refers; "" of _revinclude=* is any
	Param    string // the reference parameter's code, "*" for all of them
	Target   string // the type included; "" is any
	Iterate  bool   // also for what was included
	Wildcard bool   // Param is "*"
}

// A query is one reading of a query string.
type query struct {
	registry *Registry
	typ      string // of the URL; "" at system level
	options  ParseOptions
	now      time.Time
	request  *Request
	where    fhir.All
	self     []string
	values   int
	counted  bool // whether there was a _count
}

// A pair is one parameter of a query string, unescaped as URLs are.
type pair struct{ key, value string }

// Parse reads the query string of a search on a type, or on all types where typ
// is "". It fails with an Outcome that names the parameter: of IssueNotSupported
// where the parameter, modifier or form is not known here, of IssueInvalid where
// a value is wrong, of IssueTooCostly beyond the limits.
func (r *Registry) Parse(typ, rawQuery string, o ParseOptions) (*Request, error) {
	if o.CountMax <= 0 {
		o.CountMax = countMax
	}
	if o.CountDefault <= 0 {
		o.CountDefault = min(countDefault, o.CountMax)
	}
	q := &query{registry: r, typ: typ, options: o, now: o.Now, request: &Request{}}
	if q.now.IsZero() {
		q.now = time.Now()
	}
	q.request.Limit = o.CountDefault
	if typ != "" {
		q.request.Types = []string{typ}
	}
	pairs, err := readPairs(rawQuery)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if err := q.parameter(p); err != nil {
			return nil, err
		}
	}
	if len(q.where) > 0 {
		q.request.Where = q.where
	}
	q.request.Self = strings.Join(q.self, "&")
	return q.request, nil
}

// readPairs parts a query string. _type comes first: the others need it.
func readPairs(rawQuery string) ([]pair, error) {
	var types, rest []pair
	for part := range strings.SplitSeq(rawQuery, "&") {
		if part == "" {
			continue
		}
		if len(types)+len(rest) == parametersMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the search has more than %d parameters", parametersMax)
		}
		rawKey, rawValue, _ := strings.Cut(part, "=")
		key, keyErr := url.QueryUnescape(rawKey)
		value, valueErr := url.QueryUnescape(rawValue)
		if keyErr != nil || valueErr != nil {
			return nil, fhir.Errorf(fhir.IssueInvalid, "", "%.80q is not escaped as URLs are", part)
		}
		if key == "_type" {
			types = append(types, pair{key, value})
		} else {
			rest = append(rest, pair{key, value})
		}
	}
	return append(types, rest...), nil
}

// parameter reads one parameter and, unless it shows a page only, remembers it
// for link.self.
func (q *query) parameter(p pair) error {
	if p.value == "" && !q.options.Exact {
		return nil
	}
	err := named(p.key, q.understand(p))
	if q.options.HTTP {
		err = fhir.OfParameter(p.key, err)
	}
	var refused *fhir.Outcome
	if q.options.Lenient && errors.As(err, &refused) && fhir.HasIssue(err, fhir.IssueNotSupported) {
		for _, issue := range refused.Issues {
			issue.Severity = fhir.SeverityWarning
			q.request.Ignored = append(q.request.Ignored, issue)
		}
		return nil
	}
	if err == nil && p.key != "_cursor" {
		q.self = append(q.self, escapeQuery(p.key)+"="+escapeQuery(p.value))
	}
	return err
}

func (q *query) understand(p pair) error {
	name, modifier, modified := strings.Cut(p.key, ":")
	if read, ok := resultParameters[name]; ok {
		if modified && name != "_include" && name != "_revinclude" {
			return q.unsupported(p.key, "%s has no modifier :%.40s", name, modifier)
		}
		return read(q, p)
	}
	if p.value == "" {
		return q.invalid(p.key, "the parameter has no value")
	}
	c, err := q.criterion(scope{typ: q.typ, key: p.key}, p.value)
	if err != nil {
		return err
	}
	q.where = append(q.where, c)
	return nil
}

// escapeQuery escapes for a URL's query, leaving legible what may stand there.
func escapeQuery(s string) string {
	return legible.Replace(url.QueryEscape(s))
}

var legible = strings.NewReplacer("%3A", ":", "%2C", ",", "%2F", "/", "%24", "$", "%2A", "*")

// named has what is wrong with a link of a chain, or with what _has asks, name the
// parameter as the client wrote it.
func named(key string, err error) error {
	const begin = "search parameter "
	var o *fhir.Outcome
	if err == nil || !errors.As(err, &o) || len(o.Issues) != 1 || !strings.ContainsAny(key, ".:") {
		return err
	}
	rest, ok := strings.CutPrefix(o.Issues[0].Diagnostics, begin)
	if !ok || strings.HasPrefix(rest, fmt.Sprintf("%.100q", key)) {
		return err
	}
	return fhir.Errorf(o.Issues[0].Code, "", begin+"%.100q: in %s", key, rest)
}

func (q *query) invalid(key, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueInvalid, "", "search parameter %.100q: "+format, append([]any{key}, args...)...)
}

func (q *query) unsupported(key, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueNotSupported, "", "search parameter %.100q: "+format, append([]any{key}, args...)...)
}
