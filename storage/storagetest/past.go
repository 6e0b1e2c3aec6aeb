package storagetest

import (
	"strings"
	"testing"
	"time"

	"bima/fhir"
)

// writtenAt compares with a minute.
func writtenAt(prefix fhir.Prefix, minute time.Time) fhir.Updated {
	return fhir.Updated{Prefix: prefix, From: minute.UnixMicro(), To: minute.Add(time.Minute).UnixMicro()}
}

// past holds a store to pages of what was last written before a time that is over:
// by when each was written and not by when it was made.
func past(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	zero := time.Now().Add(-2 * time.Hour).Truncate(time.Minute)
	at := func(n int) time.Time { return zero.Add(time.Duration(n) * time.Minute) }
	write := func(id string, expect int64, minute int) {
		f.update(func(w fhir.Writer) error {
			k := key("Basic/" + id)
			return w.Put(fhir.Version{Expect: expect, Index: &fhir.Index{}, Before: &fhir.Index{}, Resource: &fhir.Resource{
				Key: k, Version: expect + 1, Updated: at(minute), Method: fhir.MethodUpdate, Body: body(k, expect+1),
			}})
		})
	}
	for i, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		write(id, 0, i)
	}
	write("b", 1, 10) // made second, written last but one
	write("d", 1, 30) // written after the time asked for
	write("h", 0, 20) // at that time, which is not before it
	before := writtenAt(fhir.PrefixLess, at(20))
	for name, c := range map[string]struct {
		where fhir.Criterion
		want  string
	}{
		"before":      {before, "b g f e c a"},
		"between":     {fhir.All{writtenAt(fhir.PrefixGreaterEqual, at(1)), before}, "b g f e c"},
		"until":       {writtenAt(fhir.PrefixLessEqual, at(20)), "h b g f e c a"},
		"in a minute": {writtenAt(fhir.PrefixEqual, at(4)), "e"},
		"before all":  {writtenAt(fhir.PrefixLess, zero), ""},
	} {
		t.Run(name, func(t *testing.T) { fixture{t, f.store}.pagesOfThePast(c.where, keysOf(c.want)) })
	}
	t.Run("while others write", func(t *testing.T) {
		f := fixture{t, f.store}
		q := fhir.Query{Types: []string{"Basic"}, Where: before, Limit: 2}
		q.After = f.page(&q).Next
		write("b", 2, 50) // that was seen
		write("f", 1, 51) // that was not
		q.Limit = 10
		same(t, "the rest", f.found(q), keysOf("e c a"))
	})
}

// pagesOfThePast turns pages of two to the end and back.
func (f fixture) pagesOfThePast(where fhir.Criterion, want []string) {
	f.Helper()
	q := fhir.Query{Types: []string{"Basic"}, Where: where, Limit: 2, Total: fhir.TotalAccurate}
	var forth, back []string
	last := ""
	for more := true; more; {
		page := f.page(&q)
		forth = append(forth, names(page.Resources)...)
		if *page.Total != int64(len(want)) {
			f.Errorf("the total is %d, want %d", *page.Total, len(want))
		}
		last, q.After, more = q.After, page.Next, page.Next != ""
	}
	same(f.T, "forth", forth, want)
	q.After = last
	for more := true; more; {
		page := f.page(&q)
		back = append(names(page.Resources), back...)
		q.After, more = page.Previous, page.Previous != ""
	}
	same(f.T, "back", back, want)
}

// page searches and gives the page.
func (f fixture) page(q *fhir.Query) (page *fhir.Page) {
	f.Helper()
	f.view(func(r fhir.Reader) (err error) {
		page, err = r.Search(q)
		return err
	})
	return page
}

// keysOf gives "Basic/a" of each id.
func keysOf(ids string) (out []string) {
	for _, id := range strings.Fields(ids) {
		out = append(out, "Basic/"+id)
	}
	return out
}
