package scoped

import (
	"slices"
	"strings"

	"bima/fhir"
)

// A veiled reader reads what a Veil does not hide.
type veiled struct {
	fhir.Reader
	veil *Veil
}

// Reader gives a reader to which what is hidden is not there.
func (v *Veil) Reader(r fhir.Reader) fhir.Reader {
	if v == nil {
		return r
	}
	return &veiled{r, v}
}

// Beneath gives a reader without its Veil: for who goes through much of which he tells
// little, and asks Sees of that.
func Beneath(r fhir.Reader) fhir.Reader {
	switch s := r.(type) {
	case *veiled:
		return s.Reader
	case *reader:
		under := *s
		under.Reader = Beneath(s.Reader)
		return &under
	}
	return r
}

// Sees reports whether the Veil of a reader, where it has one, does not hide a resource.
func Sees(r fhir.Reader, found *fhir.Resource) (bool, error) {
	switch s := r.(type) {
	case *veiled:
		hides, err := s.veil.Hides(s.Reader, found)
		return !hides, err
	case *reader:
		return Sees(s.Reader, found)
	}
	return true, nil
}

func missing(k fhir.Key) error {
	return fhir.Errorf(fhir.IssueNotFound, "", "There is no %s.", k)
}

// Read implements fhir.Reader.
func (r *veiled) Read(k fhir.Key) (*fhir.Resource, error) {
	found, err := r.Reader.Read(k)
	if err != nil {
		return found, err
	}
	if hides, err := r.veil.Hides(r.Reader, found); err != nil || hides {
		if err == nil {
			err = missing(k)
		}
		return nil, err
	}
	return found, nil
}

// ReadVersion implements fhir.Reader: neither the versions of what is hidden now
// are there, nor those that were to be hidden when they were made.
func (r *veiled) ReadVersion(k fhir.Key, version int64) (*fhir.Resource, error) {
	found, err := r.Reader.ReadVersion(k, version)
	if err != nil || r.veil.hidden[k.Type] == nil {
		return found, err
	}
	hides, err := r.veil.Hides(r.Reader, found)
	if err == nil && !hides {
		_, err = r.Read(k)
		hides = fhir.HasIssue(err, fhir.IssueNotFound)
	}
	if hides {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "There is no version %d of %s.", version, k)
	}
	return found, err
}

// ReadMany implements fhir.Reader.
func (r *veiled) ReadMany(keys []fhir.Key) ([]*fhir.Resource, error) {
	seen, err := r.seen(keys)
	if err != nil {
		return nil, err
	}
	return r.Reader.ReadMany(seen)
}

// keysAtOnce is how many resources one search asks of whether they are hidden.
const keysAtOnce = 200

// seen gives those of some keys that are not hidden.
func (r *veiled) seen(keys []fhir.Key) ([]fhir.Key, error) {
	ids := map[string][]string{}
	for _, k := range keys {
		if r.veil.hidden[k.Type] != nil {
			ids[k.Type] = append(ids[k.Type], k.ID)
		}
	}
	if len(ids) == 0 {
		return keys, nil
	}
	hidden := map[fhir.Key]bool{}
	for typ, all := range ids {
		for some := range slices.Chunk(all, keysAtOnce) {
			page, err := r.Reader.Search(&fhir.Query{Types: []string{typ}, Limit: len(some), Where: fhir.All{fhir.IDs(some), r.veil.hidden[typ]}})
			if err != nil {
				return nil, err
			}
			for _, found := range page.Resources {
				hidden[found.Key] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k fhir.Key) bool { return hidden[k] }), nil
}

// Search implements fhir.Reader. What is hidden is not estimated either: it is
// counted without.
func (r *veiled) Search(q *fhir.Query) (*fhir.Page, error) {
	page, err := r.Reader.Search(r.veil.query(q))
	if err != nil {
		return page, err
	}
	found := len(page.Resources)
	if page.Resources, err = r.bereft(page.Resources); err != nil {
		return nil, err
	}
	if page.Total != nil {
		*page.Total -= int64(found - len(page.Resources))
	}
	return page, nil
}

// bereft leaves out what leads to something hidden that was deleted, of which the
// database can't tell any more.
func (r *veiled) bereft(list []*fhir.Resource) ([]*fhir.Resource, error) {
	leads := make([][]fhir.Key, len(list))
	var all []fhir.Key
	for i, found := range list {
		if r.veil.hidden[found.Type] == nil || len(found.Body) == 0 {
			continue
		}
		index, err := r.veil.index(found)
		if err != nil {
			return nil, err
		}
		for _, row := range index.References {
			if r.veil.hidden[row.Key.Type] != nil {
				leads[i] = append(leads[i], row.Key)
			}
		}
		all = append(all, leads[i]...)
	}
	if len(all) == 0 {
		return list, nil
	}
	slices.SortFunc(all, func(a, b fhir.Key) int { return strings.Compare(a.String(), b.String()) })
	there := map[fhir.Key]bool{}
	for some := range slices.Chunk(slices.Compact(all), keysAtOnce) {
		targets, err := r.Reader.ReadMany(some)
		if err != nil {
			return nil, err
		}
		for _, one := range targets {
			there[one.Key] = !one.Deleted
		}
	}
	kept := make([]*fhir.Resource, 0, len(list))
	for i, found := range list {
		if slices.ContainsFunc(leads[i], func(k fhir.Key) bool { return !there[k] }) {
			hides, err := r.veil.Hides(r.Reader, found)
			if err != nil {
				return nil, err
			}
			if hides {
				continue
			}
		}
		kept = append(kept, found)
	}
	return kept, nil
}

func (v *Veil) query(q *fhir.Query) *fhir.Query {
	asked := *q
	asked.Where = v.Where(q.Types, q.Where)
	if asked.Total == fhir.TotalEstimate {
		asked.Total = fhir.TotalAccurate
	}
	return &asked
}

const (
	// historyRounds is how often a page of a history is filled up that would be
	// shorter, as some of it is hidden.
	historyRounds = 20
	// historyCounted is how many versions are gone through to count those that are
	// not hidden.
	historyCounted = 20_000
	historyAtOnce  = 500
)

// History implements fhir.Reader.
func (r *veiled) History(q *fhir.HistoryQuery) (*fhir.Page, error) {
	if q.Type != "" && r.veil.hidden[q.Type] == nil {
		return r.Reader.History(q)
	}
	page, ask := &fhir.Page{}, *q
	ask.Total = fhir.TotalNone
	for range historyRounds {
		if ask.Limit = q.Limit - len(page.Resources); ask.Limit <= 0 {
			break
		}
		some, err := r.Reader.History(&ask)
		if err != nil {
			return nil, err
		}
		shown, err := r.versions(some.Resources)
		if err != nil {
			return nil, err
		}
		page.Resources = append(page.Resources, shown...)
		if page.Next = some.Next; page.Next == "" {
			break
		}
		ask.After = page.Next
	}
	if q.Total == fhir.TotalNone {
		return page, nil
	}
	total, err := r.count(q)
	page.Total = &total
	return page, err
}

// versions gives those of some versions that are not hidden.
func (r *veiled) versions(list []*fhir.Resource) (shown []*fhir.Resource, err error) {
	now := map[fhir.Key]bool{} // whether what it is now is hidden
	for _, v := range list {
		hides, err := r.veil.Hides(r.Reader, v)
		if err != nil {
			return nil, err
		}
		gone, known := now[v.Key]
		if !hides && !known && r.veil.hidden[v.Type] != nil {
			_, err := r.Read(v.Key)
			if gone = fhir.HasIssue(err, fhir.IssueNotFound); err != nil && !gone {
				return nil, err
			}
			now[v.Key] = gone
		}
		if !hides && !gone {
			shown = append(shown, v)
		}
	}
	return shown, nil
}

// count counts the versions of a history that are not hidden.
func (r *veiled) count(q *fhir.HistoryQuery) (total int64, err error) {
	ask := *q
	ask.Total, ask.Limit, ask.After = fhir.TotalNone, historyAtOnce, ""
	for looked := 0; looked < historyCounted; looked += historyAtOnce {
		some, err := r.Reader.History(&ask)
		if err != nil {
			return 0, err
		}
		shown, err := r.versions(some.Resources)
		if err != nil {
			return 0, err
		}
		total += int64(len(shown))
		if ask.After = some.Next; ask.After == "" {
			return total, nil
		}
	}
	return 0, fhir.Errorf(fhir.IssueTooCostly, "", "these are more versions than the server counts for you; leave out _total, or narrow it by _since, _at or _list")
}

// Owner implements fhir.Reader.
func (r *veiled) Owner(u fhir.UniqueKey) (fhir.Key, bool, error) {
	k, ok, err := r.Reader.Owner(u)
	if err != nil || !ok || r.veil.hidden[k.Type] == nil {
		return k, ok, err
	}
	_, err = r.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return fhir.Key{}, false, nil
	}
	return k, ok, err
}

// ReferrersOf implements fhir.ManyReferrers, where the reader within does.
func (r *veiled) ReferrersOf(of []fhir.Key, limit int) ([]fhir.Key, error) {
	finder, ok := r.Reader.(fhir.ManyReferrers)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't find what refers to resources; name the types")
	}
	keys, err := finder.ReferrersOf(of, limit)
	if err != nil {
		return nil, err
	}
	return r.seen(keys)
}

// Heads implements fhir.HeadReader, where the reader within does.
func (r *veiled) Heads(q *fhir.Query) ([]fhir.Head, error) {
	reader, ok := r.Reader.(fhir.HeadReader)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't tell versions apart")
	}
	return reader.Heads(r.veil.query(q))
}

// Samples implements fhir.Sampler, where the reader within does.
func (r *veiled) Samples(types []string, p fhir.Param, limit int) ([]fhir.Key, error) {
	sampler, ok := r.Reader.(fhir.Sampler)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't list values")
	}
	keys, err := sampler.Samples(types, p, limit)
	if err != nil {
		return nil, err
	}
	return r.seen(keys)
}
