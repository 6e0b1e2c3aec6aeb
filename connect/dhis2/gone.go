package dhis2

import (
	"net/http"
	"slices"
	"time"

	"bima/fhir"
	"bima/profiles/indicator"
)

// gone gives, of the reports of a selection, the cells that were told once and are
// none now: the report is complete no more, or deleted, or the cell is hidden. The
// caller's right to these places was looked at when the selection was read.
func (c *call) gone(s *selection) (all []report, err error) {
	err = c.server.View(fhir.WithCaller(c.r.Context(), fhir.System()), func(r fhir.Reader) error {
		keys, err := s.slots(r)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(keys, idsAtOnce) {
			found, err := c.goneOf(r, s, some)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
		return nil
	})
	return all, err
}

// slots gives the keys that the reports of a selection have, or had.
func (s *selection) slots(r fhir.Reader) (keys []fhir.Key, err error) {
	periods := s.periods
	if from, err := time.Parse(time.DateOnly, s.from); err == nil && len(periods) == 0 {
		for p := indicator.MonthOf(from); p.First() <= s.to && len(periods) <= periodsMost; p = p.Plus(1) {
			periods = append(periods, p)
		}
		if err := tooMany(periods); err != nil {
			return nil, err
		}
	}
	if len(periods) == 0 {
		return s.changed(r)
	}
	if n := len(s.sets) * len(s.units) * len(periods); n > byIDMost {
		return nil, faultf(http.StatusConflict, "E2013", "what is deleted is looked up in at most %d reports at once, and this asks for %d: ask for fewer periods or organisation units, or with lastUpdated alone", byIDMost, n)
	}
	for _, d := range s.sets {
		for _, u := range s.units {
			for _, p := range periods {
				keys = append(keys, reportKey(d, u, p))
			}
		}
	}
	return keys, nil
}

// changed gives the keys of all reports that have changed since a moment.
func (s *selection) changed(r fhir.Reader) (keys []fhir.Key, err error) {
	seen := map[fhir.Key]bool{}
	q := &fhir.HistoryQuery{Type: "MeasureReport", Since: s.since.UnixMicro(), Limit: pageSize}
	for {
		page, err := r.History(q)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Resources {
			if !seen[v.Key] {
				seen[v.Key] = true
				keys = append(keys, v.Key)
			}
		}
		if len(keys) > reportsMost {
			return nil, faultf(http.StatusConflict, "E2013", "more than %d reports have changed since then: ask for a later time, or for periods", reportsMost)
		}
		if q.After = page.Next; q.After == "" {
			return keys, nil
		}
	}
}

// A past is what the versions of a report told, the last one first.
type past struct {
	at   time.Time       // of the last version
	have map[string]bool // the cells that it shows
	gone report
}

// goneOf gives what is gone of some reports.
func (c *call) goneOf(r fhir.Reader, s *selection, keys []fhir.Key) (all []report, err error) {
	pasts := map[fhir.Key]*past{}
	q := &fhir.HistoryQuery{Keys: keys, Limit: pageSize}
	for {
		page, err := r.History(q)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Resources {
			one, told, err := reportOf(c.catalogue.pack, v)
			if err != nil {
				return nil, err
			}
			p := pasts[v.Key]
			if p == nil {
				p = &past{at: v.Updated, have: map[string]bool{}}
				pasts[v.Key] = p
				p.show(one, told)
				continue
			}
			if told {
				p.miss(one)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	for _, k := range keys {
		p := pasts[k]
		if p == nil || len(p.gone.numbers) == 0 || !s.wants(p.gone) || p.at.Before(s.since) {
			continue
		}
		p.gone.updated = p.at.UTC().Format(time.RFC3339Nano)
		all = append(all, p.gone)
	}
	return all, nil
}

// show notes what the last version shows.
func (p *past) show(one report, told bool) {
	for _, n := range one.numbers {
		if told && !n.masked {
			p.have[n.element.Code+" "+n.cell] = true
		}
	}
}

// miss notes what an earlier version showed that the last one does not.
func (p *past) miss(one report) {
	numbers := p.gone.numbers
	for _, n := range one.numbers {
		if key := n.element.Code + " " + n.cell; !n.masked && !p.have[key] {
			p.have[key] = true
			numbers = append(numbers, n)
		}
	}
	p.gone = one
	p.gone.numbers = numbers
}

// wants reports whether a report is asked for.
func (s *selection) wants(r report) bool {
	return slices.Contains(s.sets, r.dataSet) && s.holds(r.period) && slices.ContainsFunc(s.units, func(u *unit) bool { return u.key == r.place })
}
