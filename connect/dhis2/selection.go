package dhis2

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/profiles/indicator"
)

// A selection is which numbers are asked for.
type selection struct {
	sets     []indicator.DataSet
	elements map[string]bool // our codes; nil is all of the data sets
	periods  []indicator.Period
	from, to string    // days; months within them, where no periods are named
	since    time.Time // only of reports that changed since
	units    []*unit
	cells    map[string]bool // category option combos, by our codes; nil is all
	order    []string        // DE, OU, PE and CREATED
	offset   int             // of values
	limit    int             // of values; 0 is none
}

// list gives the values of a parameter, repeated or in commas, each once.
func list(q url.Values, name string) []string {
	var all []string
	seen := map[string]bool{}
	for _, v := range q[name] {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one != "" && !seen[one] {
				seen[one] = true
				all = append(all, one)
			}
		}
	}
	return all
}

// periodsMost bounds the periods of a question.
const periodsMost = 1000

func tooMany(periods []indicator.Period) error {
	if len(periods) > periodsMost {
		return faultf(http.StatusConflict, "E2013", "this asks for more than %d periods at once", periodsMost)
	}
	return nil
}

// selection reads the parameters of dataValueSets. What is not known is passed over,
// as DHIS2 does; where nothing is left, it says so with DHIS2's codes.
func (c *call) selection(q url.Values) (*selection, error) {
	s := &selection{}
	if err := s.what(c.catalogue, q); err != nil {
		return nil, err
	}
	if err := s.when(q, c.now()); err != nil {
		return nil, err
	}
	if err := s.where(c, q); err != nil {
		return nil, err
	}
	s.which(c.catalogue, q)
	return s, s.how(q)
}

// which reads which category option combos. All ours are of the default attribute
// option combo: nothing is of another.
func (s *selection) which(c *catalogue, q url.Values) {
	if combos := list(q, "categoryOptionCombo"); len(combos) > 0 {
		s.cells = map[string]bool{}
		for _, id := range combos {
			t, _ := c.named("categoryOptionCombos", id)
			s.cells[t.ours] = true
		}
	}
	if attributes := list(q, "attributeOptionCombo"); len(attributes) > 0 && !slices.ContainsFunc(attributes, func(id string) bool { return id == defaultCell || id == indicator.DefaultCombo }) {
		s.cells = map[string]bool{}
	}
}

// orders are what values are ordered by; all are of one attribute option combo.
var orders = map[string]func(a, b shownValue) int{
	"DE":      func(a, b shownValue) int { return strings.Compare(a.DataElement, b.DataElement) },
	"OU":      func(a, b shownValue) int { return strings.Compare(a.OrgUnit, b.OrgUnit) },
	"PE":      func(a, b shownValue) int { return strings.Compare(a.Period, b.Period) },
	"CREATED": func(a, b shownValue) int { return strings.Compare(a.Updated, b.Updated) },
	"AOC":     func(shownValue, shownValue) int { return 0 },
}

// how reads in which order, and how many.
func (s *selection) how(q url.Values) error {
	for name, into := range map[string]*int{"limit": &s.limit, "offset": &s.offset} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return faultf(http.StatusConflict, "E2009", "%s%s cannot be less than zero: %.20s", strings.ToUpper(name[:1]), name[1:], text)
		}
		*into = n
	}
	for _, name := range list(q, "order") {
		if orders[strings.ToUpper(name)] == nil {
			return faultf(http.StatusConflict, "E2037", "Order not supported: `%.40s`; it is DE, OU, PE, CREATED or AOC", name)
		}
		s.order = append(s.order, strings.ToUpper(name))
	}
	if q.Get("orderByPeriod") == "true" && !slices.Contains(s.order, "PE") {
		s.order = append([]string{"PE"}, s.order...)
	}
	return nil
}

// page gives the values that are asked for of all, in their order.
func (s *selection) page(all []shownValue) []shownValue {
	for _, name := range slices.Backward(s.order) {
		slices.SortStableFunc(all, orders[name])
	}
	all = all[min(s.offset, len(all)):]
	if s.limit > 0 {
		all = all[:min(s.limit, len(all))]
	}
	return all
}

// what reads which data sets and data elements.
func (s *selection) what(c *catalogue, q url.Values) error {
	for _, id := range list(q, "dataSet") {
		if t, ok := c.named("dataSets", id); ok {
			s.set(c, t.ours)
		}
	}
	byElement := list(q, "dataElement")
	for _, id := range list(q, "dataElementGroup") {
		byElement = append(byElement, c.members("dataElementGroups", id, "dataElements")...)
	}
	for _, id := range byElement {
		t, _ := c.named("dataElements", id)
		if e, ok := c.pack.Element(t.ours); ok {
			if s.elements == nil {
				s.elements = map[string]bool{}
			}
			s.elements[e.Code] = true
		}
	}
	if s.elements != nil {
		for _, d := range s.sets {
			for _, e := range c.pack.Of(d.Code) {
				s.elements[e.Code] = true
			}
		}
		for code := range s.elements {
			e, _ := c.pack.Element(code)
			s.set(c, e.DataSet)
		}
	}
	if len(s.sets) == 0 && len(list(q, "dataSet")) == 0 || len(list(q, "dataSet")) > 0 && len(s.sets) == 0 && !c.knowsPopulation(q) {
		return faultf(http.StatusConflict, "E2001", "At least one data element, data set or data element group must be specified")
	}
	return nil
}

// knowsPopulation reports whether what is asked for is the data set of the
// population, which is ours without numbers.
func (c *catalogue) knowsPopulation(q url.Values) bool {
	for _, id := range list(q, "dataSet") {
		if _, ok := c.named("dataSets", id); ok {
			return true
		}
	}
	return false
}

// set adds a data set, once.
func (s *selection) set(c *catalogue, code string) {
	d, ok := c.pack.DataSet(code)
	for _, have := range s.sets {
		ok = ok && have.Code != d.Code
	}
	if ok {
		s.sets = append(s.sets, d)
	}
}

// when reads which periods, or since when.
func (s *selection) when(q url.Values, now time.Time) error {
	for _, text := range list(q, "period") {
		if p, ok := indicator.ParsePeriod(text); ok {
			s.periods = append(s.periods, p)
		}
	}
	if err := tooMany(s.periods); err != nil {
		return err
	}
	start, end := q.Get("startDate"), q.Get("endDate")
	since, duration := q.Get("lastUpdated"), q.Get("lastUpdatedDuration")
	switch {
	case len(s.periods) > 0 && (start != "" || end != ""):
		return faultf(http.StatusConflict, "E2003", "Periods and start/end dates cannot be specified simultaneously")
	case len(s.periods) == 0 && (start == "" || end == "") && since == "" && duration == "":
		return faultf(http.StatusConflict, "E2002", "At least one valid period, start/end dates, last updated or last updated duration must be specified")
	}
	if start != "" && end != "" {
		if !isDay(start) || !isDay(end) {
			return faultf(http.StatusConflict, "E2002", "Dates are written 2026-08-01: %.20s, %.20s", start, end)
		}
		if start > end {
			return faultf(http.StatusConflict, "E2004", "Start date must be before end date: %s, %s", start, end)
		}
		s.from, s.to = start, end
	}
	var ok bool
	if since != "" {
		if s.since, ok = moment(since); !ok {
			return faultf(http.StatusConflict, "E2002", "lastUpdated %.40s is no date", since)
		}
	} else if duration != "" {
		length, ok := span(duration)
		if !ok {
			return faultf(http.StatusConflict, "E2005", "Duration is not valid: %.20s", duration)
		}
		s.since = now.Add(-length)
	}
	return nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// moment reads a date or a moment in one of the forms that DHIS2 takes.
func moment(text string) (time.Time, bool) {
	text = strings.ReplaceAll(text, " ", "+") // a plus that nobody escaped
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// span reads a duration: a number of days, hours, minutes or seconds.
func span(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}
	unit := units[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	return time.Duration(n) * unit, err == nil && unit > 0 && n > 0 && n < 100_000
}

// where reads which organisation units, with all below them where children are asked
// for, as far as the caller may look at them.
func (s *selection) where(c *call, q url.Values) error {
	children, groups := q.Get("children") == "true", list(q, "orgUnitGroup")
	switch {
	case children && len(groups) > 0:
		return faultf(http.StatusConflict, "E2007", "Organisation unit children cannot be included for organisation unit groups")
	case children && len(list(q, "orgUnit")) == 0:
		return faultf(http.StatusConflict, "E2008", "At least one organisation unit must be specified when children are included")
	}
	seen := map[*unit]bool{}
	add := func(u *unit) {
		if !seen[u] && c.view.has(u) {
			seen[u] = true
			s.units = append(s.units, u)
		}
	}
	for _, id := range list(q, "orgUnit") {
		u := c.catalogue.byID[id]
		if u == nil {
			continue
		}
		if err := c.shut(u, "E2012"); err != nil {
			return err
		}
		if add(u); children {
			u.each(add)
		}
	}
	for _, group := range groups {
		for _, id := range c.catalogue.members("organisationUnitGroups", group, "organisationUnits") {
			add(c.catalogue.byID[id])
		}
	}
	if text := q.Get("level"); text != "" {
		s.units = slices.DeleteFunc(s.units, func(u *unit) bool { return strconv.Itoa(u.level) != text })
	}
	if len(s.units) == 0 {
		return faultf(http.StatusConflict, "E2006", "At least one valid organisation unit or organisation unit group must be specified")
	}
	return nil
}

// has reports whether a number is asked for.
func (s *selection) has(n number) bool {
	return (s.elements == nil || s.elements[n.element.Code]) && (s.cells == nil || s.cells[n.cell])
}

// holds reports whether a report's period is asked for. Between days it is months
// only: quarters would count them twice.
func (s *selection) holds(p indicator.Period) bool {
	for _, one := range s.periods {
		if one == p {
			return true
		}
	}
	if len(s.periods) > 0 || p.Months != 1 {
		return false
	}
	return s.from == "" || s.from <= p.First() && p.Last() <= s.to
}
