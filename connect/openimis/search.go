package openimis

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
)

const (
	// countDefault is openIMIS's, countMax what one page of [base] has at most, and
	// offsetMax the last page that is counted to.
	countDefault, countMax, offsetMax = 10, 1000, 100_000
)

// A page is what one search or read found: the resources asked for, and those that
// came along by their references.
type page struct {
	*call
	found []dialect.Object
	along map[string]dialect.Object
	total string
}

// search is GET Type/?…, answered by a Bundle: also by identifier, where openIMIS
// answers a bare resource.
func (c *call) search(typ string) error {
	query, err := c.criteria(typ)
	if err != nil {
		return err
	}
	count, offset, err := paging(c.r.URL.Query())
	if err != nil {
		return err
	}
	p := page{call: c, along: map[string]dialect.Object{}}
	failed, err := p.fetch(stored(typ), query, count, offset)
	if err != nil {
		return err
	}
	if failed != nil {
		c.hand(failed)
		return nil
	}
	base := c.gate.Root() + Path + "/" + typ + "/"
	entries := make([]any, 0, len(p.found))
	for _, o := range p.found {
		id := dialect.Text(o, "id")
		p.spell(typ, o)
		entries = append(entries, dialect.Object{
			"fullUrl": base + id, "resource": o, "search": dialect.Object{"mode": "match"},
		})
	}
	bundle := dialect.Object{"resourceType": "Bundle", "type": "searchset", "link": c.links(base, p.total, count, offset)}
	if total, err := strconv.Atoi(p.total); err == nil {
		bundle["total"] = total
	}
	if len(entries) > 0 || whole[typ] {
		bundle["entry"] = entries
	}
	c.write(http.StatusOK, bundle)
	return nil
}

// links gives the links of a page, by page-offset.
func (c *call) links(base, total string, count, offset int) []any {
	link := func(relation string, page int) dialect.Object {
		q := c.r.URL.Query()
		q.Set("page-offset", strconv.Itoa(page))
		return dialect.Object{"relation": relation, "url": base + "?" + q.Encode()}
	}
	links := []any{link("self", offset)}
	if n, err := strconv.Atoi(total); err == nil && offset*count < n {
		links = append(links, link("next", offset+1))
	}
	if offset > 1 {
		links = append(links, link("previous", offset-1))
	}
	return links
}

// paging reads _count and page-offset, the number of the page from 1.
func paging(q url.Values) (count, offset int, err error) {
	count, offset = countDefault, 1
	for name, into := range map[string]*int{"_count": &count, "page-offset": &offset} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return 0, 0, fhir.Errorf(fhir.IssueValue, "", "%s is a number from 1, not %.40q", name, text)
			}
			*into = n
		}
	}
	return min(count, countMax), min(offset, offsetMax), nil
}

// fetch gets one page by its number. It goes on from the nearest page that was read
// before, and passes over what is between: a bounded number of resources.
func (p *page) fetch(typ, query string, count, offset int) (failed *connect.Answer, err error) {
	search, at := typ+"?"+query, (offset-1)*count
	who := whose(p.r)
	from, reached := p.marks.before(place{who, search, at}, count, p.Now())
	if at-reached > skipMost {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "page-offset=%d is %d resources on; at most %d are passed over at once. Read the pages one after another, or narrow the search, as by refDate or _lastUpdated", offset, at, skipMost)
	}
	for reached < at {
		size := min(at-reached, countMax)
		passed := p.gate.Ask(p.r, connect.Question{Path: search + "&_elements=id&_count=" + strconv.Itoa(size) + from.text()})
		if !passed.OK() {
			return passed, nil
		}
		from = from.after(passed.Node(), p.Now())
		if reached += size; from.cursor == "" {
			p.total = from.total
			return nil, nil
		}
	}
	a := p.gate.Ask(p.r, connect.Question{Path: search + "&_total=accurate&_count=" + strconv.Itoa(count) + from.text()})
	if !a.OK() {
		return a, nil
	}
	following := from.after(a.Node(), p.Now())
	p.total = following.total
	p.take(a.Node(), 0, count)
	if following.cursor != "" {
		p.marks.set(place{who, search, at + count}, following)
	}
	return nil, nil
}

// text gives the parameter by which a search goes on from a mark.
func (m waymark) text() string {
	if m.cursor == "" {
		return ""
	}
	return "&_cursor=" + url.QueryEscape(m.cursor)
}

// after gives the mark after a page; without a cursor after the last.
func (m waymark) after(bundle fhir.Node, now time.Time) waymark {
	made := waymark{total: m.total, made: now}
	if total := bundle.Get("total"); total.Exists() {
		made.total = total.Text()
	}
	for link := range bundle.Get("link").Each() {
		if link.Get("relation").Text() != "next" {
			continue
		}
		if target, err := url.Parse(link.Get("url").Text()); err == nil {
			made.cursor = target.Query().Get("_cursor")
		}
	}
	return made
}

// take keeps so many of the matches of a Bundle from one on, and what came along.
func (p *page) take(bundle fhir.Node, from, count int) {
	n := -1
	for e := range bundle.Get("entry").Each() {
		resource := e.Get("resource")
		if e.At("search", "mode").Text() == "include" {
			key := resource.Get("resourceType").Text() + "/" + resource.Get("id").Text()
			p.along[key] = dialect.ObjectOf(resource)
			continue
		}
		if n++; n >= from && n < from+count {
			p.found = append(p.found, dialect.ObjectOf(resource))
		}
	}
}

// criteria gives R4's search for openIMIS's. What is neither is R4's to judge.
func (c *call) criteria(typ string) (string, error) {
	from, to := c.r.URL.Query(), url.Values{}
	for _, name := range []string{"_count", "page-offset", "format", "_format", "_total"} {
		from.Del(name)
	}
	k := kinds[typ]
	if k.params != nil {
		k.params(from, to)
	}
	move(from, to, "code", "identifier", "")
	for name, prefix := range map[string]string{"refDate": "ge", "refEndDate": "lt"} {
		for _, day := range from[name] {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				return "", fhir.Errorf(fhir.IssueValue, "", "%s is a day, as 2026-03-31, not %.40q", name, day)
			}
			to.Add("_lastUpdated", prefix+day)
		}
		from.Del(name)
	}
	for name, values := range from {
		for _, value := range values {
			if name == "_lastUpdated" {
				value = c.zoned(value)
			}
			to.Add(name, value)
		}
	}
	query := to.Encode()
	for _, more := range []string{k.criteria, k.include} {
		if more != "" {
			query += "&" + more
		}
	}
	return query, nil
}

// zoned gives a time its zone, which openIMIS's clients leave out and R4 wants.
func (c *call) zoned(value string) string {
	prefix := ""
	if len(value) > 2 && value[0] >= 'a' {
		prefix, value = value[:2], value[2:]
	}
	if at, err := time.ParseInLocation("2006-01-02T15:04:05", value, c.Zone); err == nil {
		value = at.Format(time.RFC3339)
	}
	return prefix + value
}

// read is GET Type/[uuid or code].
func (c *call) read(typ, name string) error {
	p := page{call: c, along: map[string]dialect.Object{}}
	k := kinds[typ]
	id, ok := c.known(typ, name)
	if !ok {
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s with that uuid or code", typ)
	}
	query := "_id=" + url.QueryEscape(id)
	for _, more := range []string{k.criteria, k.include} {
		if more != "" {
			query += "&" + more
		}
	}
	failed, err := p.fetch(stored(typ), query, 1, 1)
	if err != nil {
		return err
	}
	if failed != nil {
		c.hand(failed)
		return nil
	}
	if len(p.found) == 0 {
		return fhir.Errorf(fhir.IssueNotFound, "", "there is no %s with that uuid or code", typ)
	}
	p.spell(typ, p.found[0])
	c.write(http.StatusOK, p.found[0])
	return nil
}

// known gives the id of what a client calls by its uuid or its code.
func (c *call) known(typ, name string) (string, bool) {
	behind := stored(typ)
	if c.finder.Exists(fhir.Key{Type: behind, ID: name}) {
		return name, true
	}
	if typ == "ClaimResponse" { // it bears the id of its claim, and is called by its code
		key, ok := c.finder.Find("Claim", claimCodes, dialect.Name{Value: name})
		return key.ID, ok
	}
	key, ok := c.finder.Find(behind, kinds[typ].codes, dialect.Name{Value: name})
	return key.ID, ok
}

// diagnoses is GET CodeSystem/diagnosis: the concepts of the register.
func (c *call) diagnoses() error {
	a := c.gate.Ask(c.r, connect.Question{Path: "CodeSystem?url=" + url.QueryEscape(systemICD) + "&_count=1"})
	if !a.OK() {
		c.hand(a)
		return nil
	}
	o := dialect.ObjectOf(a.Node().Get("entry").First().Get("resource"))
	if len(o) == 0 {
		o = dialect.Object{"resourceType": "CodeSystem", "url": systemICD, "status": "active", "content": "not-present"}
	}
	o["id"] = "diagnosis"
	c.write(http.StatusOK, o)
	return nil
}

// lastPart gives what stands after the last slash.
func lastPart(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }

func itoa(n int) string { return fmt.Sprint(n) }
