package connect_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// A note is a Basic about a claim, or about none, beside a List that may name it and
// may name the hidden claim as well.
type note struct {
	created, author, subject string
	list                     string // "", or the claim that its List names beside it
	there, purged            bool
}

// A veilWalk turns the pages of a search for notes as a reviewer from whom those about
// one claim are hidden, forth and back, while an administrator changes, deletes and
// purges notes, beside a plain model of what each page must show.
type veilWalk struct {
	*rand.Rand
	t     *testing.T
	w     *connecttest.World
	who   connecttest.Account
	run   string
	order []string // all notes that there were at the first page, in its order
	begun []string // these, and those that were deleted then
	now   map[string]note
	made  int
}

// A veilSearch is a search for notes, and which of them it is to find for the reviewer.
type veilSearch struct {
	path  string // with {tag} in it
	finds func(note) bool
	with  bool // whether it includes the claim and the List
}

func (n note) visible() bool { return n.there && n.subject != "claim-hid" }

// veilSearches are ways to come to notes.
var veilSearches = map[string]veilSearch{
	"plain":       {path: "Basic?_tag={tag}", finds: note.visible},
	"total":       {path: "Basic?_tag={tag}&_total=accurate", finds: note.visible},
	"chain":       {path: "Basic?_tag={tag}&subject:Claim.identifier=NUMBER-hid,NUMBER-vis", finds: func(n note) bool { return n.there && n.subject == "claim-vis" }},
	"has":         {path: "Basic?_tag={tag}&_has:List:item:status=current", finds: func(n note) bool { return n.visible() && n.list == "claim-vis" }},
	"chained has": {path: "Basic?_tag={tag}&subject:Claim._has:Task:focus:status=requested", finds: func(n note) bool { return n.there && n.subject == "claim-vis" }},
	"compartment": {path: "Patient/patient-02-1/Basic?_tag={tag}", finds: func(n note) bool { return n.visible() && n.author == "patient-02-1" }},
	"filter":      {path: "Basic?_tag={tag}&_filter=author%20pr%20true", finds: func(n note) bool { return n.visible() && n.author != "" }},
	"not":         {path: "Basic?_tag={tag}&code:not=by-patient-02-1", finds: func(n note) bool { return n.visible() && n.author != "patient-02-1" }},
	"two types":   {path: "?_type=Basic,Linkage&_tag={tag}", finds: note.visible},
	"includes":    {path: "Basic?_tag={tag}&_include=Basic:subject&_revinclude=List:item", finds: note.visible, with: true},
}

// any gives a note: few values, so that many share one, and sometimes none.
func (v *veilWalk) any() note {
	pick := func(from ...string) string { return from[v.IntN(len(from))] }
	return note{
		created: pick("", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01"), author: pick("", "patient-02-1", "patient-02-2"),
		subject: pick("", "claim-vis", "claim-vis", "claim-vis", "claim-hid"), list: pick("", "claim-vis", "claim-hid"), there: true,
	}
}

// put gives the entries that store a note with its List.
func (v *veilWalk) put(id string, n note) []string {
	body := fmt.Sprintf(`{"resourceType":"Basic","id":%q,"meta":{"tag":[{"system":"urn:run","code":%q}]},"code":{"coding":[{"system":"urn:by","code":%q}],"text":%q}`, id, v.run, "by-"+n.author, "SECRET "+strings.TrimPrefix(n.subject, "claim-"))
	if n.created != "" {
		body += fmt.Sprintf(`,"created":%q`, n.created)
	}
	if n.author != "" {
		body += fmt.Sprintf(`,"author":{"reference":"Patient/%s"}`, n.author)
	}
	if n.subject != "" {
		body += fmt.Sprintf(`,"subject":{"reference":"Claim/%s"}`, n.subject)
	}
	item := ""
	if n.list != "" {
		item = fmt.Sprintf(`{"item":{"reference":"Basic/%s"}},{"item":{"reference":"Claim/%s"}}`, id, n.list)
	} else {
		item = `{"item":{"display":"nothing"}}`
	}
	list := fmt.Sprintf(`{"resourceType":"List","id":"%s-list","status":"current","mode":"working","title":%q,"entry":[%s]`, id, "SECRET "+strings.TrimPrefix(n.list, "claim-"), item)
	return []string{
		fmt.Sprintf(`{"resource":%s},"request":{"method":"PUT","url":"Basic/%s"}}`, body, id),
		fmt.Sprintf(`{"resource":%s},"request":{"method":"PUT","url":"List/%s-list"}}`, list, id),
	}
}

// send asks as the administrator.
func (v *veilWalk) send(method, path, body string) {
	v.t.Helper()
	var sent []byte
	if body != "" {
		sent = []byte(body)
	}
	if a := v.w.Do(method, "/fhir"+path, nil, sent); a.Status >= http.StatusBadRequest {
		v.t.Fatalf("%s %s: HTTP %d %.500s", method, path, a.Status, a.Body)
	}
}

func (v *veilWalk) commit(entries []string) {
	v.t.Helper()
	v.send(http.MethodPost, "", `{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`)
}

// disturb changes some notes, and makes, deletes, restores or purges one.
func (v *veilWalk) disturb() {
	v.t.Helper()
	names := make([]string, 0, len(v.now))
	for name, n := range v.now {
		if !n.purged {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var entries []string
	for range v.IntN(4) {
		at := v.IntN(len(names))
		name := names[at]
		names = slices.Delete(names, at, at+1)
		v.now[name] = v.any()
		entries = append(entries, v.put(name, v.now[name])...)
	}
	if len(entries) > 0 {
		v.commit(entries)
	}
	name := names[v.IntN(len(names))]
	switch n := v.now[name]; v.IntN(5) {
	case 0:
		v.made++
		name = fmt.Sprintf("%s-new%d", v.run, v.made)
		v.now[name] = v.any()
		v.commit(v.put(name, v.now[name]))
	case 1, 2:
		if n.there {
			v.send(http.MethodDelete, "/Basic/"+name, "")
			n.there = false
			v.now[name] = n
		}
	case 3:
		if n.there {
			v.send(http.MethodDelete, "/List/"+name+"-list", "")
			v.send(http.MethodPost, "/Basic/"+name+"/$purge", "")
			v.now[name] = note{purged: true}
		}
	}
}

// next gives what comes on a page behind a place in the order, or before it.
func (v *veilWalk) next(s veilSearch, at, limit int, back bool) (page []string, more bool) {
	step := 1
	if back {
		step = -1
	}
	for at += step; at >= 0 && at < len(v.order); at += step {
		if !s.finds(v.now[v.order[at]]) {
			continue
		}
		if len(page) == limit {
			more = true
			break
		}
		page = append(page, v.order[at])
	}
	if back {
		slices.Reverse(page)
	}
	return page, more
}

// A veilPage is a page as it came.
type veilPage struct {
	ids            []string
	next, previous string
}

// page asks for a page as the reviewer, and holds what it says beside its ids to the
// model.
func (v *veilWalk) page(s veilSearch, url string) (p veilPage) {
	v.t.Helper()
	a := veilAsk{method: http.MethodGet, path: strings.TrimPrefix(strings.TrimPrefix(url, v.w.Base), "/")}.as(v.w, v.who)
	if text := string(a.Body); a.Status != http.StatusOK || strings.Contains(text, "SECRET hid") || shows(v.w, a) {
		v.t.Fatalf("%s: shows what is hidden: HTTP %d %.3000s", url, a.Status, text)
	}
	bundle := v.w.Node(a)
	for link := range bundle.Get("link").Each() {
		switch link.Get("relation").Text() {
		case "next":
			p.next = link.Get("url").Text()
		case "previous":
			p.previous = link.Get("url").Text()
		}
	}
	included := map[string]bool{}
	for entry := range bundle.Get("entry").Each() {
		r := entry.Get("resource")
		if id := r.Get("id").Text(); entry.Get("search").Get("mode").Text() == "match" {
			p.ids = append(p.ids, id)
		} else {
			included[r.Get("resourceType").Text()+"/"+id] = true
		}
	}
	if s.with {
		for _, id := range p.ids {
			if n := v.now[id]; n.subject != "" && !included["Claim/"+n.subject] || included["List/"+id+"-list"] != (n.list == "claim-vis") {
				v.t.Errorf("%s: with %s, %+v, comes %v", url, id, n, included)
			}
		}
	}
	if strings.Contains(url, "_total=accurate") {
		want := 0
		for _, id := range v.begun {
			if s.finds(v.now[id]) { // also what was restored since
				want++
			}
		}
		if total := bundle.Get("total").Text(); total != fmt.Sprint(want) {
			v.t.Errorf("%s: the total is %s, want %d", url, total, want)
		}
	}
	return p
}

// walk turns so many pages.
func (v *veilWalk) walk(s veilSearch, sort string, limit, pages int) {
	v.t.Helper()
	tag := "urn:run|" + v.run
	all := veilAsk{method: http.MethodGet, path: "Basic?_tag=" + tag + "&_count=1000&_sort=" + sort}.as(v.w, connecttest.Account{Name: "root", Password: "correct horse"})
	for entry := range v.w.Node(all).Get("entry").Each() {
		v.order = append(v.order, entry.Get("resource").Get("id").Text())
	}
	v.begun = slices.Collect(maps.Keys(v.now))
	page := v.page(s, strings.Replace(s.path, "{tag}", tag, 1)+fmt.Sprintf("&_count=%d&_sort=%s", limit, sort))
	want, _ := v.next(s, -1, limit, false)
	if !slices.Equal(page.ids, want) {
		v.t.Fatalf("the first page shows %v, want %v", page.ids, want)
	}
	for turned := 1; turned <= pages && len(page.ids) > 0; turned++ {
		back := page.next == "" || page.previous != "" && v.IntN(3) == 0
		url, from := page.next, slices.Index(v.order, page.ids[len(page.ids)-1])
		if back {
			url, from = page.previous, slices.Index(v.order, page.ids[0])
		}
		if url == "" {
			return
		}
		v.disturb()
		page = v.page(s, url)
		want, more := v.next(s, from, limit, back)
		onward := page.next
		if back {
			onward = page.previous
		}
		if !slices.Equal(page.ids, want) || more != (onward != "") {
			v.t.Fatalf("page %d, back %v, shows %v and leads on to %q, want %v and more: %v", turned, back, page.ids, onward, want, more)
		}
	}
}

// Pages by _sort neither repeat nor pass over anything, and show nothing hidden, while
// others write: what is hidden or found now may have been otherwise at the first page.
func TestSortedPagesKeepTheirOrderUnderTheVeil(t *testing.T) {
	const notes = 24
	root := connecttest.Account{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}}
	inside := connecttest.Account{Name: "inside", Password: "battery staple", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleIntegration}, Entity: "Practitioner/inside"}
	connecttest.Each(t, connecttest.Options{Accounts: []connecttest.Account{root, inside}}, func(t *testing.T, w *connecttest.World) {
		veilWorld(t, w)
		sorts := []string{"created", "_lastUpdated", "subject", "-_lastUpdated", "-author,created", "-created"}
		for i, name := range slices.Sorted(maps.Keys(veilSearches)) {
			for j := range 3 {
				s, sort := veilSearches[name], sorts[(i+j)%len(sorts)]
				if s.path[0] == '?' {
					sort = []string{"_lastUpdated", "-_lastUpdated", "_lastUpdated,_id"}[j] // what all types have
				}
				t.Run(name+" "+sort, func(t *testing.T) {
					v := &veilWalk{Rand: rand.New(rand.NewPCG(uint64(i), uint64(j))), t: t, w: w, who: inside, run: fmt.Sprintf("run-%d-%d", i, j), now: map[string]note{}}
					var entries []string
					for i := range notes {
						id := fmt.Sprintf("%s-%02d", v.run, i)
						v.now[id] = v.any()
						entries = append(entries, v.put(id, v.now[id])...)
					}
					v.commit(entries)
					v.disturb()
					v.walk(s, sort, 1+(i+j)%5, 16)
				})
			}
		}
		t.Run("a veil that grows meanwhile", func(t *testing.T) { veilGrows(t, w, inside) })
	})
}

// veilGrows has the reviewer begin to work for the other facility between two pages:
// the cursor is of another search from then on, and nothing of that facility is shown.
func veilGrows(t *testing.T, w *connecttest.World, who connecttest.Account) {
	const path = "Basic?subject:Claim.identifier=NUMBER-vis&_sort=created&_count=1"
	v := &veilWalk{t: t, w: w, who: who}
	page := v.page(veilSearch{}, path)
	if len(page.ids) != 1 || page.next == "" {
		t.Fatalf("the first page shows %v and leads on to %q", page.ids, page.next)
	}
	v.send(http.MethodPut, "/PractitionerRole/inside-works-2", `{"resourceType":"PractitionerRole","id":"inside-works-2","active":true,"practitioner":{"reference":"Practitioner/inside"},"organization":{"reference":"Organization/facility-2"}}`)
	next := veilAsk{method: http.MethodGet, path: strings.TrimPrefix(page.next, w.Base+"/")}.as(w, who)
	if next.Status != http.StatusBadRequest || !strings.Contains(string(next.Body), `"http._cursor"`) {
		t.Errorf("the next page: HTTP %d %.500s", next.Status, next.Body)
	}
	if page = v.page(veilSearch{}, path); len(page.ids) > 0 {
		t.Errorf("from the first page on there are %v", page.ids)
	}
}
