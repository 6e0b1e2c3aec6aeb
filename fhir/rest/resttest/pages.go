package resttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pagesMax bounds how many pages a test follows.
const pagesMax = 50

// testPages follows links through pages while others write: nothing that was
// there from the beginning is skipped or comes twice, and what is created later
// is not shown.
func testPages(t *testing.T, base string) {
	const people = 23
	for _, query := range []string{"_count=4", "_count=4&_sort=birthdate", "_count=5&_sort=-family", "_count=3&_sort=_lastUpdated", "_count=4&_sort=-_lastUpdated", "_count=7&_sort=-_id", "_count=4&_sort=gender,birthdate", "_count=5&_sort=-birthdate,_lastUpdated"} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			l := newTeller(base)
			run := l.words["run"]
			var want []string
			for i := range people {
				want = append(want, fmt.Sprintf("%s-%02d", run, i))
				l.put(t, want[i], i)
			}
			url := "/Patient?_tag=urn:run|" + run + "&" + query
			order := entriesOf(l.page(t, strings.Replace(url, "_count=", "_count=50&_count=", 1)))
			got := l.follow(t, url, func(page int) {
				l.put(t, fmt.Sprintf("%s-new-%d", run, page), page)
				// What has been shown may change, and what has not: both stay where they were.
				l.put(t, want[page*5%people], page+7)
				l.put(t, order[people-1-page], page+2)
				l.put(t, order[page], page+3)
			})
			if !slices.Equal(got, order) {
				t.Errorf("got %v, want %v", got, order)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	t.Run("the way back", func(t *testing.T) { testPagesBack(t, base) })
}

// testPagesBack goes to the end and back again.
func testPagesBack(t *testing.T, base string) {
	l := newTeller(base)
	run := l.words["run"]
	for i := range 7 {
		l.put(t, fmt.Sprintf("%s-%02d", run, i), i)
	}
	url := "/Patient?_tag=urn:run|" + run + "&_count=3&_sort=_id"
	var forth, back []string
	var last any
	for page := 0; url != "" && page < pagesMax; page++ {
		last = l.page(t, url)
		forth = append(forth, strings.Join(find(last, "entry[*].resource.id"), " "))
		url = linkOf(last, "next")
	}
	for page := 0; last != nil && page < pagesMax; page++ {
		back = append([]string{strings.Join(find(last, "entry[*].resource.id"), " ")}, back...)
		previous := linkOf(last, "previous")
		last = nil
		if previous != "" {
			last = l.page(t, previous)
		}
	}
	if len(forth) != 3 || !slices.Equal(forth, back) {
		t.Errorf("forth %q, back %q", forth, back)
	}
}

// put stores a patient whose sort keys repeat.
func (l *teller) put(t *testing.T, id string, i int) {
	t.Helper()
	gender := [...]string{"female", "male", "other"}[i%3]
	body := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"meta":{"tag":[{"system":"urn:run","code":%q}]},"name":[{"family":"F%d"}],"gender":%q,"birthDate":"19%02d-01-01","active":%t}`,
		id, l.words["run"], i%4, gender, 50+i%5, i%2 == 0)
	response, answer := l.send(t, Scenario{Name: "put", Method: http.MethodPut, Path: "/Patient/" + id, Body: body})
	if response.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("put %s: %d %s", id, response.StatusCode, shortened(answer))
	}
}

// follow gives the ids on all pages; between is called after each.
func (l *teller) follow(t *testing.T, url string, between func(page int)) []string {
	t.Helper()
	var ids []string
	for page := 0; url != ""; page++ {
		if page == pagesMax {
			t.Fatalf("there is no end of pages")
		}
		tree := l.page(t, url)
		ids = append(ids, entriesOf(tree)...)
		url = linkOf(tree, "next")
		between(page)
	}
	return ids
}

// entriesOf gives the ids of a Bundle's resources in their order.
func entriesOf(tree any) (ids []string) {
	for i := range len(find(tree, "entry[*].resource.id")) {
		ids = append(ids, find(tree, fmt.Sprintf("entry[%d].resource.id", i))...)
	}
	return ids
}

func (l *teller) page(t *testing.T, url string) any {
	t.Helper()
	response, body := l.send(t, Scenario{Name: "page", Path: url})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", url, response.StatusCode, shortened(body))
	}
	return parsed(body)
}

// linkOf gives the URL of a Bundle's link, "" where there is none.
func linkOf(tree any, relation string) string {
	relations, urls := find(tree, "link#"), ""
	if len(relations) == 0 {
		return urls
	}
	for i := range pagesMax {
		if at := find(tree, fmt.Sprintf("link[%d].relation", i)); len(at) == 1 && at[0] == relation {
			return strings.Join(find(tree, fmt.Sprintf("link[%d].url", i)), "")
		}
	}
	return ""
}

// testRaces lets many clients want the same at once.
func testRaces(t *testing.T, base string) {
	t.Run("N conditional creates make one resource", func(t *testing.T) {
		l := newTeller(base)
		statuses := l.race(t, 16, func(int) Scenario {
			return Scenario{Method: http.MethodPost, Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "identifier=urn:run:number|{run}"}}
		})
		if statuses[http.StatusCreated] != 1 || statuses[http.StatusOK] != 15 {
			t.Errorf("got statuses %v, want one 201 and the rest 200", statuses)
		}
		l.step(t, Scenario{Name: "one is there", Path: "/Patient?identifier=urn:run:number|{run}&_summary=count", WantStatus: 200, WantBody: Values{"total": "1"}})
	})
	t.Run("of N updates of one version one wins", func(t *testing.T) {
		l := newTeller(base)
		l.step(t, putPatient)
		statuses := l.race(t, 16, func(i int) Scenario {
			return Scenario{
				Method: http.MethodPut, Path: "/Patient/{run}", Header: Values{"If-Match": `W/"1"`},
				Body: fmt.Sprintf(`{"resourceType":"Patient","id":"{run}","birthDate":"19%02d-01-01"}`, i),
			}
		})
		if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 15 {
			t.Errorf("got statuses %v, want one 200 and the rest 412", statuses)
		}
		l.step(t, Scenario{Name: "two versions are there", Path: "/Patient/{run}/_history", WantStatus: 200, WantBody: Values{"total": "2"}})
	})
	t.Run("of N updates without a version none is lost", func(t *testing.T) {
		l := newTeller(base)
		statuses := l.race(t, 16, func(i int) Scenario {
			return Scenario{
				Method: http.MethodPut, Path: "/Patient/{run}",
				Body: fmt.Sprintf(`{"resourceType":"Patient","id":"{run}","birthDate":"19%02d-01-01"}`, i),
			}
		})
		if statuses[http.StatusCreated] != 1 || statuses[http.StatusOK] != 15 {
			t.Errorf("got statuses %v, want one 201 and the rest 200", statuses)
		}
		l.step(t, Scenario{
			Name: "there is a version for each answer", Path: "/Patient/{run}/_history?_count=100", WantStatus: 200,
			WantBody: Values{"total": "16"},
		})
	})
}

// race sends n requests at once and counts the statuses of the answers.
func (l *teller) race(t *testing.T, n int, request func(i int) Scenario) map[int]int {
	t.Helper()
	statuses := map[int]int{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			response, _ := l.send(t, request(i))
			mu.Lock()
			defer mu.Unlock()
			statuses[response.StatusCode]++
		})
	}
	group.Wait()
	return statuses
}
