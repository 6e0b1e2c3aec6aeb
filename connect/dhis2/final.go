package dhis2

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A finality marks reports of months that are not counted anew any more, where a
// DHIS2 is to know: that is a new version, of which it is told.
type finality struct {
	library library
	months  int
	zone    *time.Location
	now     func() time.Time
}

const (
	// windowDefault is how many months before the current one are counted anew.
	windowDefault = 3
	// finalMonths is how many months are looked at that are final.
	finalMonths = 12
	// finalPage is how many reports are read, or marked, at once.
	finalPage = 100
	// lookBack is how far back a day looks, from what was written last, for what has
	// changed: the day before may have begun late.
	lookBack = 48 * time.Hour
)

// Module gives what a DHIS2 needs of each day.
func (o Options) Module() fhir.Module {
	f := &finality{library: library{ages: o.Ages}, months: o.Months, zone: o.Zone, now: o.Now}
	if f.months == 0 {
		f.months = windowDefault
	}
	f.months = max(0, f.months)
	if f.zone == nil {
		f.zone = time.UTC
	}
	if f.now == nil {
		f.now = time.Now
	}
	return fhir.Module{Name: "dhis2", Daily: []fhir.Daily{{Name: "indicators-final", Work: f.daily}}}
}

// daily marks the reports that have become final. On the first of a month, and after
// an Endpoint has changed, all are looked at; on other days those that are new.
func (f *finality) daily(ctx context.Context, s fhir.Server, day time.Time) error {
	var keys []fhir.Key
	err := s.View(ctx, func(r fhir.Reader) error {
		since, err := lately(r)
		if err != nil {
			return err
		}
		asked, fresh, err := asksForCompletion(r, since)
		if err != nil || !asked {
			return err
		}
		if keys, err = f.reports(r); err != nil || fresh || day.Day() == 1 {
			return err
		}
		keys, err = written(r, keys, since)
		return err
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(keys, finalPage) {
		if err := f.mark(ctx, s, some); err != nil {
			return err
		}
	}
	return nil
}

// lately gives the moment from which on a report or an Endpoint is new: by the clock
// of the database, which need not be the scheme's.
func lately(r fhir.Reader) (since int64, err error) {
	for _, typ := range []string{"MeasureReport", "Endpoint"} {
		page, err := r.History(&fhir.HistoryQuery{Type: typ, Limit: 1})
		if err != nil {
			return 0, err
		}
		for _, v := range page.Resources {
			since = max(since, v.Updated.Add(-lookBack).UnixMicro())
		}
	}
	return since, nil
}

// asksForCompletion reports whether any DHIS2 is to know when numbers are final, and
// whether that was said since a moment.
func asksForCompletion(r fhir.Reader, since int64) (asked, fresh bool, err error) {
	q := &fhir.Query{Types: []string{"Endpoint"}, Limit: pageSize}
	for {
		page, err := r.Search(q)
		if err != nil {
			return false, false, err
		}
		for _, v := range page.Resources {
			doc, err := fhir.Parse(v.Body)
			if err != nil {
				return false, false, err
			}
			if doc.Root().Extension(profiles.ExtensionDHIS2).Extension("complete").Get("valueBoolean").Text() == "true" {
				asked, fresh = true, fresh || v.Updated.UnixMicro() >= since
			}
		}
		if q.After = page.Next; q.After == "" {
			return asked, fresh, nil
		}
	}
}

// reports gives the keys of the reports that may be final.
func (f *finality) reports(r fhir.Reader) ([]fhir.Key, error) {
	c, err := f.library.from(r, "")
	if err != nil {
		return nil, err
	}
	last := indicator.MonthOf(f.now().In(f.zone)).Plus(-f.months - 1)
	var keys []fhir.Key
	for n := range finalMonths {
		for _, d := range c.pack.DataSets {
			for _, u := range c.units {
				if u.reports(d.Unit) {
					keys = append(keys, reportKey(d, u, last.Plus(-n)))
				}
			}
		}
	}
	return keys, nil
}

// written gives those of some keys that were written since a moment.
func written(r fhir.Reader, keys []fhir.Key, since int64) ([]fhir.Key, error) {
	wanted := map[fhir.Key]bool{}
	for _, k := range keys {
		wanted[k] = true
	}
	var fresh []fhir.Key
	q := &fhir.HistoryQuery{Type: "MeasureReport", Since: since, Limit: pageSize}
	for {
		page, err := r.History(q)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Resources {
			if wanted[v.Key] {
				fresh = append(fresh, v.Key)
				wanted[v.Key] = false
			}
		}
		if q.After = page.Next; q.After == "" {
			return fresh, nil
		}
	}
}

// mark marks those of some reports that are complete and have no mark.
func (f *finality) mark(ctx context.Context, s fhir.Server, keys []fhir.Key) error {
	var open []fhir.Key
	look := func(r fhir.Reader, keys []fhir.Key, found func(*fhir.Resource, fhir.Node) error) error {
		stored, err := r.ReadMany(keys)
		if err != nil {
			return err
		}
		for _, v := range stored {
			if bytes.Contains(v.Body, []byte(profiles.ExtensionIndicatorFinal)) {
				continue
			}
			doc, err := fhir.Parse(v.Body)
			if err != nil {
				return err
			}
			if doc.Root().Get("status").Text() == "complete" {
				if err := found(v, doc.Root()); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := s.View(ctx, func(r fhir.Reader) error {
		return look(r, keys, func(v *fhir.Resource, _ fhir.Node) error {
			open = append(open, v.Key)
			return nil
		})
	})
	if err != nil || len(open) == 0 {
		return err
	}
	today := []byte(strconv.Quote(f.now().In(f.zone).Format(time.DateOnly)))
	return s.Commit(ctx, func(tx fhir.Tx) error {
		return look(tx, open, func(v *fhir.Resource, n fhir.Node) error {
			edit := fhir.NewEdit(n.Document())
			edit.SetExtension(n, profiles.ExtensionIndicatorFinal, "valueDate", today)
			_, err := tx.Update(&fhir.Resource{Key: v.Key, Body: edit.Bytes()}, 0)
			return err
		})
	})
}
