package storagetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// moving is a walk through pages, forth and back as a lot decides, while between each
// two of them resources are written whose sort keys change, beside a plain model of
// what each page must show.
type moving struct {
	fixture
	*rand.Rand
	typ   string
	order []string // all that there was at the first page, in its order
	now   map[string]state
	past  map[string]*fhir.Index // of each version
	made  int

	targets int // made and deleted
}

// state is a resource as it is now.
type state struct {
	version int64
	index   *fhir.Index
	deleted bool
}

// anyIndex gives few values, so that many share one, and sometimes none; one in five
// is not what the walk asks for.
func (m *moving) anyIndex() *fhir.Index {
	x := walkIndex(m.IntN(40))
	if m.IntN(6) == 0 && len(x.Numbers) > 0 { // several values
		more := walkIndex(m.IntN(4))
		x.Numbers, x.Dates, x.URIs = append(x.Numbers, more.Numbers...), append(x.Dates, more.Dates...), append(x.URIs, more.URIs...)
		x.References, x.Strings, x.Quantities = append(x.References, more.References...), append(x.Strings, more.Strings...), append(x.Quantities, more.Quantities...)
		x.Strings[0].Normal += strings.Repeat("é", m.IntN(2)*250) // beyond what is key
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "status", Code: "n0" + strings.Repeat("x", m.IntN(2)*80)})
	}
	for i := range x.References {
		x.References[i].Key.Type = m.typ + "Target"
	}
	if m.IntN(5) == 0 {
		x.Tokens[0].Code = "no"
	}
	return x
}

// target makes one more of the resources that others refer to, or deletes one.
func (m *moving) target() {
	if name := fmt.Sprintf("%sTarget/b%03d", m.typ, m.targets); m.targets < 7 {
		m.create(name, nil)
	} else if name = fmt.Sprintf("%sTarget/b%03d", m.typ, m.targets-7); m.targets < 14 {
		m.update(func(w fhir.Writer) error { return remove(w, name, 1, nil) })
	}
	m.targets++
}

// write makes a new version of a resource, or the first, or with no index a deletion.
// The model takes what then is the case once it is.
func (m *moving) write(w fhir.Writer, name string, next *fhir.Index, now map[string]state) (err error) {
	s, ok := now[name]
	if !ok {
		s = m.now[name]
	}
	switch {
	case next == nil && (s.deleted || s.version == 0):
		return nil
	case next == nil:
		err = remove(w, name, s.version, s.index)
	case s.deleted:
		err = put(w, name, s.version, next, &fhir.Index{})
	default:
		err = put(w, name, s.version, next, s.index)
	}
	now[name] = state{version: s.version + 1, index: next, deleted: next == nil}
	return err
}

// commit writes some resources in a transaction, which may run several times.
func (m *moving) commit(names []string, indexes []*fhir.Index) {
	var now map[string]state
	m.update(func(w fhir.Writer) error {
		now = map[string]state{}
		for i, name := range names {
			if err := m.write(w, name, indexes[i], now); err != nil {
				return err
			}
		}
		return nil
	})
	for name, s := range now {
		m.now[name] = s
		m.past[fmt.Sprint(name, s.version)] = s.index
	}
}

// disturb writes some, in several transactions.
func (m *moving) disturb() {
	for range m.IntN(4) {
		var names []string
		var indexes []*fhir.Index
		for range 1 + m.IntN(5) {
			name, index := fmt.Sprintf("%s/b%03d", m.typ, m.IntN(movingCount)), m.anyIndex()
			switch m.IntN(8) {
			case 0:
				m.made++
				name = fmt.Sprintf("%s/new%d", m.typ, m.made)
			case 1, 2:
				index = nil
			}
			if !slices.Contains(names, name) {
				names, indexes = append(names, name), append(indexes, index)
			}
		}
		m.commit(names, indexes)
	}
	if m.IntN(4) == 0 {
		m.target()
	}
}

// movingCount is how many resources there are before the first page.
const movingCount = 30

// shown reports whether a page may show a resource as it is now.
func (m *moving) shown(name string) bool {
	s := m.now[name]
	return s.version > 0 && !s.deleted && (len(s.index.Tokens) == 0 || s.index.Tokens[0].Code == "yes")
}

// next gives what comes on a page of the order behind a place in it, or before it.
func (m *moving) next(at, limit int, back bool) (page []string, more bool) {
	step := 1
	if back {
		step = -1
	}
	for at += step; at >= 0 && at < len(m.order); at += step {
		if !m.shown(m.order[at]) {
			continue
		}
		if len(page) == limit {
			return page, true
		}
		page = append(page, m.order[at])
	}
	return page, false
}

// walk turns so many pages, and holds each to the model.
func (m *moving) walk(q fhir.Query, pages int) {
	m.Helper()
	all := fhir.Query{Types: q.Types, Sort: q.Sort}
	m.order = m.found(all)
	q.Index = func(r *fhir.Resource) (*fhir.Index, error) {
		x := m.past[fmt.Sprint(r.Key.String(), r.Version)]
		if x == nil {
			return nil, fmt.Errorf("%s has no version %d", r.Key, r.Version)
		}
		return x, nil
	}
	page := m.page(&q)
	want, _ := m.next(-1, len(page.Resources), false)
	same(m.T, "the first page", names(page.Resources), want)
	for turned := 1; turned <= pages && !m.Failed(); turned++ {
		back := page.Next == "" || page.Previous != "" && m.IntN(3) == 0
		if q.After = page.Next; back {
			q.After = page.Previous
		}
		if q.After == "" {
			return
		}
		from := m.edge(page, back)
		if from < 0 {
			return // of an empty page the model does not know where it lies
		}
		m.disturb()
		if m.IntN(4) == 0 {
			q.Limit = 1 + m.IntN(6) // it may change on the way
		}
		page = m.page(&q)
		limit := q.Limit
		if q.Bytes > 0 {
			limit = 1
		}
		want, more := m.next(from, limit, back)
		onward := page.Next
		if back {
			slices.Reverse(want)
			onward = page.Previous
		}
		same(m.T, fmt.Sprintf("page %d, back %v", turned, back), names(page.Resources), want)
		if more != (onward != "") {
			m.Errorf("page %d, back %v, leads on to %q, but there is more: %v", turned, back, onward, more)
		}
		for _, r := range page.Resources {
			if s := m.now[r.Key.String()]; r.Version != s.version {
				m.Errorf("page %d shows %s at version %d, not %d", turned, r.Key, r.Version, s.version)
			}
		}
	}
}

// edge gives the place of the resource that a way on begins behind, in the order.
func (m *moving) edge(page *fhir.Page, back bool) int {
	if len(page.Resources) == 0 {
		return -1
	}
	at := len(page.Resources) - 1
	if back {
		at = 0
	}
	return slices.Index(m.order, page.Resources[at].Key.String())
}

// firm holds a store to pages that keep to the order of the first while the keys of
// what they show change.
func firm(t *testing.T, open func(t *testing.T) fhir.Store) {
	sorts := sortsOfWalks()
	for _, stays := range []string{"newest first", "_id", "_id, down"} {
		delete(sorts, stays) // nothing moves, and what is created anew under its id is where it was
	}
	updated := fhir.SortKey{Param: param("_lastUpdated", fhir.ParamDate)}
	down := updated
	down.Descending = true
	sorts["_lastUpdated"], sorts["_lastUpdated, down"] = []fhir.SortKey{updated}, []fhir.SortKey{down}
	sorts["_lastUpdated, down and name"] = append([]fhir.SortKey{down}, sorts["name"]...)
	sorts["name and _lastUpdated"] = append(slices.Clone(sorts["name"]), updated)
	store := open(t)
	for name, sort := range sorts {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				typ := fmt.Sprintf("Firm%s%d", strings.NewReplacer(" ", "", ",", "", "_", "").Replace(name), seed)
				walkMoving(t, store, typ, seed, fhir.Query{Types: []string{typ}, Sort: sort})
			}
		})
	}
	t.Run("purged meanwhile", func(t *testing.T) { purgedMeanwhile(t, open(t)) })
	for _, name := range []string{"name", "_lastUpdated", "subject, down"} {
		t.Run("of two types, "+name, func(t *testing.T) {
			walkMoving(t, store, "Two"+name[1:2], 4, fhir.Query{Types: []string{"Two" + name[1:2], "Two" + name[1:2] + "Target"}, Sort: sorts[name]})
		})
		t.Run("of all types, "+name, func(t *testing.T) { walkMoving(t, open(t), "Basic", 6, fhir.Query{Sort: sorts[name]}) })
	}
}

// purgedMeanwhile changes a resource and purges what it was before, and makes another
// anew that was purged wholly: one stands where it is now, the other came later.
func purgedMeanwhile(t *testing.T, store fhir.Store) {
	f := fixture{t, store}
	named := func(name string) *fhir.Index {
		return &fhir.Index{Strings: []fhir.StringRow{{Param: "name", Normal: name, Exact: name}}}
	}
	for i := range 6 {
		f.create(fmt.Sprintf("Basic/b%d", i), named(fmt.Sprintf("n%d", i)))
	}
	q := fhir.Query{Types: []string{"Basic"}, Sort: []fhir.SortKey{{Param: param("name", fhir.ParamString)}}, Limit: 2}
	q.Index = func(r *fhir.Resource) (*fhir.Index, error) { return named("n3x"), nil } // of the only one that is asked for
	forth, back := f.walk(q, func(page int) {
		if page > 0 {
			return
		}
		f.update(func(w fhir.Writer) error { return put(w, "Basic/b1", 1, named("n3x"), named("n1")) })
		f.update(func(w fhir.Writer) error { return w.(fhir.Purger).Purge(key("Basic/b1"), false) })
		f.update(func(w fhir.Writer) error { return w.(fhir.Purger).Purge(key("Basic/b5"), true) })
		f.create("Basic/b5", named("n2"))
	})
	same(t, "forth", forth, []string{"Basic/b0", "Basic/b1", "Basic/b2", "Basic/b3", "Basic/b1", "Basic/b4"})
	same(t, "back", back, []string{"Basic/b0", "Basic/b2", "Basic/b3", "Basic/b1", "Basic/b4"})
}

// walkMoving goes through pages of resources of a type that move meanwhile.
func walkMoving(t *testing.T, store fhir.Store, typ string, seed uint64, q fhir.Query) {
	m := &moving{
		fixture: fixture{t, store}, Rand: rand.New(rand.NewPCG(seed, 7)), typ: typ,
		now: map[string]state{}, past: map[string]*fhir.Index{},
	}
	for i := range movingCount {
		m.commit([]string{fmt.Sprintf("%s/b%03d", m.typ, i)}, []*fhir.Index{m.anyIndex()})
	}
	m.disturb()
	for range 4 {
		m.target()
	}
	if seed == 2 {
		q.Bytes = 1 // each page ends with its first
	}
	q.Where, q.Limit = fhir.Not{Criterion: token("all", "no")}, 1+int(seed)*2
	if seed%2 == 0 {
		q.Where = token("all", "yes")
	}
	m.walk(q, 30)
}
