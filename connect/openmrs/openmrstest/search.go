package openmrstest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A page is what a link to the next one leads to. It is kept in memory, the first
// in being the first out.
type page struct {
	rest  []map[string]any
	count int
}

// The sizes of pages, and how many links are kept.
const (
	countDefault = 10
	countMost    = 100
	pagesMost    = 20
)

// search answers a search of a type.
func (s *Server) search(typ string, query url.Values) answer {
	var found []map[string]any
	switch typ {
	case "Patient":
		for _, p := range s.patients {
			if p.meets(query) {
				found = append(found, p.view())
			}
		}
	case "Task":
		for _, t := range s.tasks {
			if s.meets(t, query) {
				found = append(found, t.view(s.options.Deaf))
			}
		}
	}
	count := countDefault
	if n, err := strconv.Atoi(query.Get("_count")); err == nil && n > 0 {
		count = min(n, countMost)
	}
	return s.show(page{rest: found, count: count}, len(found))
}

// turn answers a link to a page; one that is too old is gone.
func (s *Server) turn(name string) answer {
	p, ok := s.pages[name]
	if !ok {
		return refuse(http.StatusGone, "Search ID %q does not exist and may have expired", name)
	}
	return s.show(p, -1)
}

// show writes a page with the link to the next one.
func (s *Server) show(p page, total int) answer {
	bundle := map[string]any{"resourceType": "Bundle", "type": "searchset"}
	if total >= 0 {
		bundle["total"] = total
	}
	n := min(p.count, len(p.rest))
	var entries []any
	for _, r := range p.rest[:n] {
		entries = append(entries, map[string]any{"resource": r, "search": map[string]any{"mode": "match"}})
	}
	if entries != nil {
		bundle["entry"] = entries
	}
	if n < len(p.rest) {
		name := s.uuid()
		s.pages[name] = page{rest: p.rest[n:], count: p.count}
		if len(s.pages) > pagesMost {
			names := make([]string, 0, len(s.pages))
			for name := range s.pages {
				names = append(names, name)
			}
			delete(s.pages, slices.Min(names))
		}
		bundle["link"] = []any{map[string]any{"relation": "next", "url": "https://emr.example.org" + Path + "?_getpages=" + name + "&_count=" + strconv.Itoa(p.count)}}
	}
	return answer{status: http.StatusOK, body: bundle}
}

// meets asks for identifier and _id.
func (p *patient) meets(query url.Values) bool {
	if id := query.Get("_id"); id != "" && id != p.uuid {
		return false
	}
	for _, given := range query["identifier"] {
		one := slices.ContainsFunc(strings.Split(given, ","), func(token string) bool {
			system, value, typed := strings.Cut(token, "|")
			if !typed {
				system, value = "", token
			}
			return slices.ContainsFunc(p.identifiers, func(i identifier) bool {
				return i.value == value && (!typed || i.system == system && system != "")
			})
		})
		if !one {
			return false
		}
	}
	return true
}

// meets asks for based-on, subject, owner, status and _lastUpdated.
func (s *Server) meets(t *task, query url.Values) bool {
	references := func(name string) []string {
		all := []string{reference(t.kept[name])}
		for _, one := range list(t.kept[name]) {
			all = append(all, reference(one))
		}
		return all
	}
	for name, element := range map[string]string{"based-on": "basedOn", "subject": "for", "owner": "owner"} {
		for _, want := range query[name] {
			if s.options.Literal {
				want = want[strings.LastIndex(want, "/")+1:]
			}
			if !slices.Contains(references(element), want) {
				return false
			}
		}
	}
	if status := query.Get("status"); status != "" && status != text(t.kept["status"]) {
		return false
	}
	if since, ok := strings.CutPrefix(query.Get("_lastUpdated"), "ge"); ok {
		at, err := time.Parse(time.RFC3339, since)
		return err == nil && !t.changed.Before(at)
	}
	return true
}
