package interaction

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/scoped"
	"bima/fhir/interaction/terms"
	"bima/fhir/search"
)

// criteria are the search by which a conditional interaction names its resource.
type criteria struct {
	text  string // "Patient?identifier=a|1", as the client wrote it
	path  string // of the element, where it is a conditional reference
	query fhir.Query
	lock  string // a name that equal criteria share, whatever the order of their parameters
}

// criteria reads the search of a conditional interaction. It refuses criteria
// that every resource of the type meets: those were never meant.
func (e *Engine) criteria(typ, raw string) (*criteria, error) {
	if err := knownType(typ); err != nil {
		return nil, err
	}
	raw = queryOf(typ, raw)
	request, err := e.search.Parse(typ, raw, search.ParseOptions{CountDefault: 2, CountMax: 2, Exact: true})
	if err != nil {
		return nil, err
	}
	c := &criteria{text: typ + "?" + raw, query: fhir.Query{Types: []string{typ}, Where: request.Where}}
	if unconditional(request.Where) {
		return nil, fhir.Detailf(fhir.IssueInvalid, fhir.DetailPrecondition, "",
			"the criteria %.200q name nothing in particular; give at least one search parameter that does, such as identifier", c.text)
	}
	c.lock = "criteria " + typ + "?" + canonical(raw)
	return c, nil
}

// queryOf gives the query string of criteria, which clients also send as
// Type?query and as [base]/Type?query. Those of another type stay as they are,
// and are refused as a parameter nobody knows.
// Source: R4 http#ccreate, http#trules (ifNoneExist has the query part only).
func queryOf(typ, raw string) string {
	path, query, found := strings.Cut(raw, "?")
	switch {
	case found && (path == "" || path == typ || strings.HasSuffix(path, "/"+typ) && !strings.Contains(path, "=")):
		return query
	case raw == typ:
		return ""
	}
	return raw
}

// unconditional reports whether a criterion holds for every resource.
func unconditional(c fhir.Criterion) bool {
	all, ok := c.(fhir.All)
	return c == nil || ok && !slices.ContainsFunc(all, func(c fhir.Criterion) bool { return !unconditional(c) })
}

// canonical writes a query with its parameters unescaped and sorted.
func canonical(raw string) string {
	parameters := strings.FieldsFunc(raw, func(r rune) bool { return r == '&' })
	for i, p := range parameters {
		if plain, err := url.QueryUnescape(p); err == nil {
			parameters[i] = plain
		}
	}
	slices.Sort(parameters)
	return strings.Join(slices.Compact(parameters), "&")
}

// tooMany refuses criteria that match several; format says what is allowed.
func (c *criteria) tooMany(format string, args ...any) error {
	return fhir.Detailf(fhir.IssueMultipleMatches, fhir.DetailPrecondition, c.path,
		"several resources match %.200q; %s", c.text, fmt.Sprintf(format, args...))
}

// lockAndFind gives the one resource that matches the criteria, nil where none
// does, and refuses several. The lock comes before the search, so that of two
// who would create the same resource the second finds the first one's.
func (t *tx) lockAndFind(c *criteria) (*fhir.Resource, error) {
	if err := t.Lock(c.lock); err != nil {
		return nil, err
	}
	return t.find(c)
}

func (t *tx) find(c *criteria) (*fhir.Resource, error) {
	found, err := t.matches(c, 2)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if len(found) > 1 {
		return nil, c.tooMany("only one may")
	}
	return found[0], nil
}

func (t *tx) matches(c *criteria, limit int) ([]*fhir.Resource, error) {
	q := c.query
	q.Limit = limit
	err := scoped.Query(t.caller.Grant, &q)
	if err != nil && !t.own {
		return nil, err
	}
	if q.Where, err = terms.Resolve(t, t.engine.terminology, q.Where); err != nil {
		return nil, err
	}
	veil, err := t.veil()
	if err != nil {
		return nil, err
	}
	q.Where = veil.Where(q.Types, q.Where)
	page, err := t.Search(&q)
	if err != nil {
		return nil, err
	}
	return page.Resources, nil
}

// A precondition is what If-Match and If-None-Match ask of the current version.
// Source: R4 http#concurrency, http#cond-update; RFC 9110 section 13.1.
type precondition struct {
	match    string  // If-Match as sent, for the message; "" does not ask
	present  bool    // If-Match: *
	versions []int64 // the versions If-Match names
	absent   bool    // If-None-Match: *
}

// preconditions reads the two headers.
func preconditions(ifMatch, ifNoneMatch string) (precondition, error) {
	p := precondition{match: ifMatch, present: strings.TrimSpace(ifMatch) == "*"}
	switch strings.TrimSpace(ifNoneMatch) {
	case "":
	case "*":
		p.absent = true
	default:
		return p, fhir.Errorf(fhir.IssueNotSupported, "", "If-None-Match on a write can only be *, not %.60q; to guard against lost updates send If-Match", ifNoneMatch)
	}
	if !p.present {
		p.versions = versionsOf(ifMatch)
	}
	return p, nil
}

// versionIs asks for one version; 0 does not ask.
func versionIs(version int64) precondition {
	if version == 0 {
		return precondition{}
	}
	return precondition{match: strconv.FormatInt(version, 10), versions: []int64{version}}
}

// versionsOf reads entity tags: W/"3", "3", and also a bare 3. What is no version
// of ours is left out, and so matches nothing.
func versionsOf(tags string) []int64 {
	var versions []int64
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
		if v, err := strconv.ParseInt(tag, 10, 64); err == nil && v > 0 {
			versions = append(versions, v)
		}
	}
	return versions
}

// check refuses when the current version, nil where there is none, is not as
// asked.
func (p precondition) check(k fhir.Key, current *fhir.Resource) error {
	exists := current != nil && !current.Deleted
	if p.absent && exists {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailPrecondition, "",
			"%s is there already, at version %d; without If-None-Match this would update it", k, current.Version)
	}
	if p.match == "" || p.present && exists {
		return nil
	}
	if !exists {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "",
			"If-Match asks for version %.60s of %s, which is not there", p.match, k)
	}
	if slices.Contains(p.versions, current.Version) {
		return nil
	}
	return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "",
		"%s is at version %d now, not %.60s as If-Match asks; read it again and repeat the change on what is there", k, current.Version, p.match)
}

// and joins what two sources ask; the other's If-Match stands where it has one.
func (p precondition) and(other precondition) precondition {
	other.absent = other.absent || p.absent
	return other
}
