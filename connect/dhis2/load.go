package dhis2

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bima/connect"
	"bima/fhir"
	"bima/profiles/indicator"
)

const (
	// byIDMost bounds the reports that are asked for by name; of more the data set
	// is searched.
	byIDMost = 2000
	// idsAtOnce is how many names one question has.
	idsAtOnce = 200
	// reportsMost bounds the reports that one answer is made of.
	reportsMost = 50_000
)

// load reads the reports of a selection in the caller's name, in the order of data
// set, place and period.
func (c *call) load(s *selection) ([]report, error) {
	wanted := map[string]bool{}
	for _, u := range s.units {
		wanted[u.key] = true
	}
	var found []report
	take := func(n fhir.Node) error {
		r, ok := readReport(c.catalogue.pack, n)
		if !ok || !wanted[r.place] || !s.holds(r.period) || !slices.Contains(s.sets, r.dataSet) {
			return nil
		}
		if at, ok := moment(r.updated); !s.since.IsZero() && ok && at.Before(s.since) {
			return nil
		}
		if found = append(found, r); len(found) > reportsMost {
			return faultf(http.StatusConflict, "E2013", "this asks for more than %d reports at once: ask for fewer periods or organisation units", reportsMost)
		}
		return nil
	}
	for _, query := range c.questions(s) {
		if err := c.search(query, take); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b report) int {
		if n := strings.Compare(a.dataSet.Code, b.dataSet.Code); n != 0 {
			return n
		}
		if n := strings.Compare(a.place, b.place); n != 0 {
			return n
		}
		return strings.Compare(a.period.First()+a.period.Last(), b.period.First()+b.period.Last())
	})
	return found, nil
}

// questions gives the searches that find the reports: by their ids, which follow from
// data set, place and period, unless these are too many.
func (c *call) questions(s *selection) []url.Values {
	var all []url.Values
	if n := len(s.sets) * len(s.units) * len(s.periods); n > 0 && n <= byIDMost {
		var ids []string
		for _, d := range s.sets {
			for _, u := range s.units {
				for _, p := range s.periods {
					ids = append(ids, indicator.ReportID(d.Measure, u.key, p))
				}
			}
		}
		for chunk := range slices.Chunk(ids, idsAtOnce) {
			all = append(all, url.Values{"_id": {strings.Join(chunk, ",")}, "_count": {"200"}})
		}
		return all
	}
	from, to := s.from, s.to
	for _, p := range s.periods {
		if from == "" || p.First() < from {
			from = p.First()
		}
		to = max(to, p.Last())
	}
	for _, d := range s.sets {
		q := url.Values{"measure": {d.URL()}, "_count": {"500"}}
		if from != "" {
			q["period"] = []string{"ge" + from, "le" + to}
		}
		if !s.since.IsZero() {
			q.Set("_lastUpdated", "ge"+s.since.UTC().Format(time.RFC3339))
		}
		all = append(all, q)
	}
	return all
}

// search asks for MeasureReports, page after page.
func (c *call) search(q url.Values, take func(fhir.Node) error) error {
	question := connect.Question{
		Method: http.MethodPost, Path: "MeasureReport/_search", Body: []byte(q.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
	for {
		a := c.gate.Ask(c.r, question)
		if err := refusal(a); err != nil {
			return err
		}
		bundle := a.Node()
		for e := range bundle.Get("entry").Each() {
			if err := take(e.Get("resource")); err != nil {
				return err
			}
		}
		next := ""
		for l := range bundle.Get("link").Each() {
			if l.Get("relation").Text() == "next" {
				next = strings.TrimPrefix(l.Get("url").Text(), c.gate.Base()+"/")
			}
		}
		if next == "" {
			return nil
		}
		question = connect.Question{Path: next}
	}
}

// periodsOf reads periods, some by the day from which they are seen. One that is not
// known is refused, since its numbers would be wanting without a word.
func periodsOf(names []string, from string, now time.Time) (all []indicator.Period, err error) {
	if from != "" {
		if now, err = time.Parse(time.DateOnly, from); err != nil {
			return nil, faultf(http.StatusConflict, "E7135", "Date time is not parsable: `%.40s`", from)
		}
	}
	for _, text := range names {
		p, ok := indicator.ParsePeriod(text)
		some := relative(text, now)
		if ok {
			some = []indicator.Period{p}
		}
		if len(some) == 0 {
			return nil, faultf(http.StatusConflict, "E1101", "Period is invalid: `%.40s`; numbers are there of months, quarters and years", text)
		}
		all = append(all, some...)
	}
	return all, nil
}

// relativePeriods are DHIS2's names of periods by today, as a first period and how many.
var relativePeriods = map[string]struct{ months, first, count int }{
	"THIS_MONTH": {1, 0, 1}, "LAST_MONTH": {1, -1, 1}, "LAST_3_MONTHS": {1, -3, 3}, "LAST_6_MONTHS": {1, -6, 6}, "LAST_12_MONTHS": {1, -12, 12},
	"THIS_QUARTER": {3, 0, 1}, "LAST_QUARTER": {3, -1, 1}, "LAST_4_QUARTERS": {3, -4, 4},
	"THIS_YEAR": {12, 0, 1}, "LAST_YEAR": {12, -1, 1}, "LAST_5_YEARS": {12, -5, 5}, "LAST_10_YEARS": {12, -10, 10},
}

// partsOfYears are those that are within a year, as how long each is and which year.
var partsOfYears = map[string]struct{ months, year int }{
	"MONTHS_THIS_YEAR": {1, 0}, "MONTHS_LAST_YEAR": {1, -1}, "QUARTERS_THIS_YEAR": {3, 0}, "QUARTERS_LAST_YEAR": {3, -1},
}

func relative(name string, now time.Time) []indicator.Period {
	if within, ok := partsOfYears[name]; ok {
		var all []indicator.Period
		for m := 1; m <= 12; m += within.months {
			all = append(all, indicator.Period{Year: now.Year() + within.year, Month: time.Month(m), Months: within.months})
		}
		return all
	}
	r, ok := relativePeriods[name]
	if !ok {
		return nil
	}
	base := indicator.MonthOf(now)
	switch r.months {
	case 3:
		base = base.Quarter()
	case 12:
		base = base.YearOf()
	}
	if r.months > 1 {
		r.first *= r.months
	}
	var all []indicator.Period
	for i := range r.count {
		all = append(all, base.Plus(r.first+i*r.months))
	}
	return all
}
