package stu3

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bima/connect"
	"bima/fhir"
)

// A page is which part of a list a client wants: pages are numbered from 1.
type page struct{ size, number int }

const (
	pageSize    = 10   // of who does not say
	pageSizeMax = 100  // more are given as that many
	scannedMax  = 5000 // how many resources are looked through for one page
	scanned     = 500  // how many at a time
)

// page reads which page is wanted: _count, and _page or page-offset.
func (c *call) page() (page, error) {
	query := c.r.URL.Query()
	p := page{pageSize, 1}
	for _, asked := range []struct {
		name string
		into *int
	}{{"_count", &p.size}, {"page-offset", &p.number}, {"_page", &p.number}, {"page", &p.number}} {
		text := query.Get(asked.name)
		if text == "" {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < 1 {
			return p, invalid(asked.name, "%s is a whole number from 1, not %.40q", asked.name, text)
		}
		*asked.into = value
	}
	p.size = min(p.size, pageSizeMax)
	if p.number > scannedMax/p.size {
		return p, refuse(http.StatusBadRequest, fhir.IssueTooCostly, "The page is too far: search for less, as by patient.identifier or _lastUpdated")
	}
	return p, nil
}

// The Bundle of a search in STU3.
type (
	s3Link struct {
		Relation string `json:"relation"`
		URL      string `json:"url"`
	}
	s3Entry struct {
		FullURL  string            `json:"fullUrl"`
		Resource any               `json:"resource"`
		Search   map[string]string `json:"search"`
	}
	s3Bundle struct {
		ResourceType string    `json:"resourceType"`
		Type         string    `json:"type"`
		Total        *int      `json:"total,omitempty"`
		Link         []s3Link  `json:"link"`
		Entry        []s3Entry `json:"entry,omitempty"`
	}
)

// A listing is one page of what was found.
type listing struct {
	nodes     []fhir.Node
	responses map[string]fhir.Node // the decisions of claims, by their keys
	bundle    *s3Bundle
}

// add puts a resource into the page. Its URL is one that clients get it from.
func (l *listing) add(c *call, id string, resource any) {
	l.bundle.Entry = append(l.bundle.Entry, s3Entry{c.url(c.typ + "/" + id), resource, map[string]string{"mode": "match"}})
}

// scan looks through what a search to [base] finds until the page is full. These
// clients number their pages, which [base] does not; so it begins at the first one
// each time, within bounds.
func (c *call) scan(typ, query string, p page, wanted func(n, response fhir.Node) bool) (*listing, error) {
	l := &listing{responses: map[string]fhir.Node{}, bundle: &s3Bundle{ResourceType: "Bundle", Type: "searchset"}}
	from, seen, matched, more := (p.number-1)*p.size, 0, 0, false
	next := typ + "?" + query + "&_count=" + count(min(scanned, from+p.size+1))
	for next != "" && !more {
		if seen >= scannedMax {
			return nil, refuse(http.StatusBadRequest, fhir.IssueTooCostly, "Too many are to be looked through: search for less, as by patient.identifier or _lastUpdated")
		}
		answer := c.gate.Ask(c.r, connect.Question{Path: next})
		if !answer.OK() {
			return nil, relay(answer)
		}
		bundle := answer.Node()
		responses := responsesIn(bundle)
		for _, n := range resources(bundle, typ) {
			seen++
			if wanted != nil && !wanted(n, responses[keyOf(n)]) {
				continue
			}
			if matched++; matched > from+p.size {
				more = true
			} else if matched > from {
				l.nodes = append(l.nodes, n)
				l.responses[keyOf(n)] = responses[keyOf(n)]
			}
		}
		next = c.following(bundle)
	}
	if !more {
		l.bundle.Total = &matched
	}
	l.bundle.Link = append(l.bundle.Link, s3Link{"self", c.pageURL(p.number)})
	if more {
		l.bundle.Link = append(l.bundle.Link, s3Link{"next", c.pageURL(p.number + 1)})
	}
	if p.number > 1 {
		l.bundle.Link = append(l.bundle.Link, s3Link{"previous", c.pageURL(p.number - 1)})
	}
	return l, nil
}

// following gives the next page of a searchset of [base], below it; "" after the
// last.
func (c *call) following(bundle fhir.Node) string {
	for link := range bundle.Get("link").Each() {
		if link.Get("relation").Text() == "next" {
			path, ok := strings.CutPrefix(link.Get("url").Text(), c.gate.Base()+"/")
			if ok {
				return path
			}
		}
	}
	return ""
}

// pageURL gives the URL of another page of the same list.
func (c *call) pageURL(number int) string {
	query := c.r.URL.Query()
	for _, name := range []string{"page", "page-offset", "_page"} {
		query.Del(name)
	}
	query.Set("_page", strconv.Itoa(number))
	return c.url(c.typ + "/?" + query.Encode())
}

// claimStatuses are those of FHIR; clients ask by openIMIS's states, too.
var claimStatuses = map[string]bool{"active": true, "cancelled": true, "draft": true, "entered-in-error": true}

// listClaims is a search for claims or for their answers.
func listClaims(c *call) (*reply, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	asked := url.Values{}
	sent := c.r.URL.Query()
	for _, name := range []string{"identifier", "_id", "_lastUpdated", "created"} {
		if values, ok := sent[name]; ok {
			asked[name] = values
		}
	}
	if since := sent.Get("refDate"); since != "" {
		asked.Add("_lastUpdated", "ge"+since)
	}
	wanted, err := inState(sent.Get("status"), asked)
	if err != nil {
		return nil, err
	}
	known, err := c.ofPatient(sent, asked)
	if err != nil {
		return nil, err
	}
	var found *listing
	if known {
		found, err = c.scan("Claim", asked.Encode()+"&_revinclude=ClaimResponse:request", page, wanted)
	} else {
		nothing := 0
		found = &listing{bundle: &s3Bundle{ResourceType: "Bundle", Type: "searchset", Total: &nothing, Link: []s3Link{{"self", c.pageURL(page.number)}}}}
	}
	if err != nil {
		return nil, err
	}
	for _, n := range found.nodes {
		id := n.Get("id").Text()
		if c.typ == "Claim" {
			found.add(c, id, echo(n))
		} else {
			found.add(c, id, claimResponse(id, n, found.responses[keyOf(n)]))
		}
	}
	return &reply{status: http.StatusOK, body: found.bundle}, nil
}

// inState reads a status: one of FHIR is asked of [base], one of openIMIS, by its
// word or number, tells which claims are wanted.
func inState(status string, asked url.Values) (wanted func(n, response fhir.Node) bool, err error) {
	status = strings.ToLower(strings.TrimSpace(status))
	if status == "" {
		return nil, nil
	}
	if claimStatuses[status] {
		asked.Set("status", status)
		return nil, nil
	}
	for word, number := range stateNumbers {
		if status == word || status == number {
			return func(n, response fhir.Node) bool { return stateOf(n, response) == word }, nil
		}
	}
	return nil, invalid("status", "There is no status %.40q; there are entered, checked, processed, valuated and rejected", status)
}

// ofPatient asks for the claims of a patient where the client does; known is false
// where nobody is meant, who has no claims.
func (c *call) ofPatient(sent, asked url.Values) (known bool, err error) {
	id := sent.Get("patient.identifier")
	if _, value, ok := strings.Cut(id, "|"); ok {
		id = value
	}
	if id == "" {
		id = strings.TrimPrefix(sent.Get("patient"), "Patient/")
	}
	if id == "" {
		return true, nil
	}
	l := &lookup{}
	s := l.named("Patient", strings.Trim(id, "/"))
	if err := l.ask(c); err != nil {
		return false, err
	}
	patient := s.party("")
	asked.Set("patient", patient.key)
	return patient.known(), nil
}
