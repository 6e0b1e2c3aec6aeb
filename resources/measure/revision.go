package measure

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles/indicator"
)

// A revision is a report that is another now, or what is kept beside it.
type revision struct {
	of      subject
	body    []byte // nil where the report stays
	version int64  // of the report before; 0 where any may be
	beside  bool   // whether what is kept is another
	keep    []fhir.Entry
}

// store stores revisions.
func store(tx fhir.Tx, list []revision) error {
	for _, v := range list {
		if v.body != nil {
			if _, err := tx.Update(&fhir.Resource{Key: v.of.key(), Body: v.body}, v.version); err != nil {
				return err
			}
		}
		if v.beside {
			if err := tx.Post(v.of.key(), v.keep); err != nil {
				return err
			}
		}
	}
	return nil
}

// revisions gives the reports of a unit that are others by its numbers: of the
// months, and of their quarters and years. keeps tells to keep what a facility's
// months were made of.
func (s *scheme) revisions(r fhir.Reader, u unit, b book, keeps bool) (list []revision, err error) {
	set, _ := s.pkg.DataSet(u.set)
	add := func(p indicator.Period, numbers sheet) error {
		v, other, err := s.revision(r, subject{set, u.place, p}, numbers, keeps)
		if other {
			list = append(list, v)
		}
		return err
	}
	longer := map[indicator.Period]bool{}
	for m, numbers := range b {
		p := m.period()
		longer[p.Quarter()], longer[p.YearOf()] = true, true
		if err := add(p, numbers); err != nil {
			return nil, err
		}
	}
	for p := range longer {
		numbers, err := s.longer(r, u, p, b, adjudication.DayOf(s.Now().In(s.Zone)))
		if err == nil {
			err = add(p, numbers)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// revision gives what becomes of a report by its numbers; other reports whether that
// is anything.
func (s *scheme) revision(r fhir.Reader, of subject, numbers sheet, keeps bool) (v revision, other bool, err error) {
	before, there, err := s.tells(r, of)
	if err != nil || !there && len(numbers) == 0 {
		return v, false, err
	}
	body := s.report(of, numbers, before.cells, s.Now())
	doc, err := fhir.Parse(body)
	if err != nil {
		return v, false, err
	}
	v.of = of
	if !there || !bytes.Equal(doc.Root().Get("group").Raw(), before.group) {
		v.body, v.version = body, before.version
	}
	if of.set.Code != setClaims || of.period.Months > 1 {
		v.version = 0
		return v, v.body != nil, nil
	}
	kept, err := of.beside(r)
	if err != nil {
		return v, false, err
	}
	switch {
	case keeps:
		v.keep = of.keepsBeside(s.read(doc.Root()), numbers)
		v.beside = !same(v.keep, kept)
	case v.body != nil:
		v.beside = len(kept) > 0
	}
	return v, v.body != nil || v.beside, nil
}

// longer gives the numbers of a quarter or year from those of its months so far:
// the ones just counted, the others as they are stored, or counted where numbers
// of them are hidden.
func (s *scheme) longer(r fhir.Reader, u unit, p indicator.Period, b book, today adjudication.Day) (sheet, error) {
	set, _ := s.pkg.DataSet(u.set)
	var sheets []sheet
	first := monthAt(p)
	for m := first; m < first+month(p.Months) && m <= max(monthOf(today), latest(b)); m++ {
		numbers, counted := b[m]
		if !counted {
			var err error
			if numbers, err = s.asTold(r, u, subject{set, u.place, m.period()}); err != nil {
				return nil, err
			}
		}
		sheets = append(sheets, numbers)
	}
	return sum(sheets, s.stock), nil
}

// asTold gives the numbers of a month that is not counted now: those that its report
// was made of, or where they aren't known and it hides some, what there is now.
func (s *scheme) asTold(r fhir.Reader, u unit, of subject) (sheet, error) {
	t, there, err := s.tells(r, of)
	if err != nil || !there || !t.hidden {
		return t.numbers, err
	}
	if numbers, known, err := t.counted(r, of); err != nil || known {
		return numbers, err
	}
	m := monthAt(of.period)
	again, err := s.count(r, u, []month{m})
	return again[m], err
}

func latest(b book) (last month) {
	for m := range b {
		last = max(last, m)
	}
	return last
}

func (s *scheme) stock(element string) bool {
	e, _ := s.pkg.Element(element)
	return e.Stock
}

// standing gives the versions of the reports that are stored of what a finding finds:
// of its months, and of their quarters and years.
func standing(ctx context.Context, server fhir.Server, find finding) (stood map[fhir.Key]int64, err error) {
	stood = map[fhir.Key]int64{}
	err = server.View(ctx, func(r fhir.Reader) error {
		what, _, err := find(r, progress{}, time.Time{})
		if err != nil {
			return err
		}
		keys := map[fhir.Key]bool{}
		for u, months := range what.units {
			set, _ := what.pkg.DataSet(u.set)
			for m := range months {
				for _, p := range []indicator.Period{m.period(), m.period().Quarter(), m.period().YearOf()} {
					keys[subject{set, u.place, p}.key()] = true
				}
			}
		}
		for some := range slices.Chunk(slices.Collect(maps.Keys(keys)), reportPage) {
			stored, err := r.ReadMany(some)
			if err != nil {
				return err
			}
			for _, v := range stored {
				stood[v.Key] = v.Version
			}
		}
		return nil
	})
	return stood, err
}

// tellAgain stores those reports once more, as they are, that are of these versions
// still, so that who has subscribed since is told of them. It gives how many.
func tellAgain(ctx context.Context, server fhir.Server, stood map[fhir.Key]int64) (n int, err error) {
	keys := slices.SortedFunc(maps.Keys(stood), func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
	for some := range slices.Chunk(keys, reportPage) {
		told := 0
		err := server.Commit(ctx, func(tx fhir.Tx) error {
			told = 0
			stored, err := tx.ReadMany(some)
			if err != nil {
				return err
			}
			for _, v := range stored {
				if v.Version != stood[v.Key] {
					continue
				}
				if _, err := tx.Update(&fhir.Resource{Key: v.Key, Body: dated(v.Body, tx.Now())}, 0); err != nil {
					return err
				}
				told++
			}
			return nil
		})
		if n += told; err != nil {
			return n, err
		}
	}
	return n, nil
}

// dated gives a report with another date, to the millisecond: two are often asked for
// within a second.
func dated(body []byte, now time.Time) []byte {
	doc, err := fhir.Parse(body)
	if err != nil {
		return body
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "date", now.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`))
	return edit.Bytes()
}
