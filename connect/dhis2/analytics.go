package dhis2

import (
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bima/connect/dhis2/object"
	"bima/profiles/indicator"
)

// A cube is what analytics ask for: sums of numbers over places and months.
type cube struct {
	items   []item
	apart   bool // each category option combo by itself (dimension co)
	periods []indicator.Period
	units   []*unit
}

// An item is a data element, of one category option combo or of all.
type item struct{ element, cell string }

// dimensions reads the dimensions of a query by their names, each item once. What a
// filter asks for is added up by DHIS2 over its items: that is so here only of one.
func dimensions(q url.Values) (map[string][]string, error) {
	all, seen := map[string][]string{}, map[string]bool{}
	for _, text := range q["filter"] {
		if strings.Contains(text, ";") {
			return nil, faultf(http.StatusConflict, "E2034", "Filter not supported: `%.40s`; name its items as a dimension", text)
		}
	}
	for _, text := range append(slices.Clone(q["dimension"]), q["filter"]...) {
		name, items, _ := strings.Cut(text, ":")
		if all[name] == nil {
			all[name] = []string{}
		}
		for one := range strings.SplitSeq(items, ";") {
			if one != "" && !seen[name+":"+one] {
				seen[name+":"+one] = true
				all[name] = append(all[name], one)
			}
		}
	}
	return all, nil
}

// cube reads a query.
func (c *call) cube(q url.Values) (*cube, error) {
	d, err := dimensions(q)
	if err != nil {
		return nil, err
	}
	k := &cube{apart: d["co"] != nil}
	if err := c.complete(d); err != nil {
		return nil, err
	}
	for _, id := range d["dx"] {
		if _, quotient := c.catalogue.named("indicators", id); quotient {
			return nil, faultf(http.StatusConflict, "E7124", "Dimension dx: %.40s is an indicator, which DHIS2 works out by itself; ask for its data elements", id)
		}
		if group, ok := strings.CutPrefix(id, "DE_GROUP-"); ok {
			for _, uid := range c.catalogue.members("dataElementGroups", group, "dataElements") {
				t, _ := c.catalogue.named("dataElements", uid)
				k.items = append(k.items, item{t.ours, ""})
			}
			continue
		}
		element, cell, _ := strings.Cut(id, ".")
		t, known := c.catalogue.named("dataElements", element)
		of, knownCell := c.catalogue.named("categoryOptionCombos", cell)
		if known && (cell == "" || knownCell) {
			k.items = append(k.items, item{t.ours, of.ours})
		}
	}
	if k.periods, err = periodsOf(d["pe"], q.Get("relativePeriodDate"), c.now()); err != nil {
		return nil, err
	}
	for _, id := range d["ou"] {
		u := c.catalogue.byID[id]
		if u == nil {
			k.units = append(k.units, c.level(id)...)
			continue
		}
		if err := c.shut(u, "E7120"); err != nil {
			return nil, err
		}
		k.units = append(k.units, u)
	}
	if err := k.once(q["filter"]); err != nil {
		return nil, err
	}
	switch {
	case len(k.items) == 0:
		return nil, faultf(http.StatusConflict, "E7124", "Dimension dx is present in query without any valid dimension options")
	case len(k.periods) == 0:
		return nil, faultf(http.StatusConflict, "E7124", "Dimension pe is present in query without any valid dimension options")
	case len(k.units) == 0:
		return nil, faultf(http.StatusConflict, "E7124", "Dimension ou is present in query without any valid dimension options")
	}
	return k, k.bounded()
}

// once leaves each item, period and unit once, whatever names it was asked for by, and
// refuses a filter by a name that stands for several: DHIS2 adds up over these.
func (k *cube) once(filters []string) error {
	k.items, k.periods, k.units = distinct(k.items), distinct(k.periods), distinct(k.units)
	several := map[string]bool{"dx": len(k.items) > 1, "pe": len(k.periods) > 1, "ou": len(k.units) > 1}
	for _, text := range filters {
		if name, _, _ := strings.Cut(text, ":"); several[name] {
			return faultf(http.StatusConflict, "E2034", "Filter not supported: `%.40s`; name its items as a dimension", text)
		}
	}
	return nil
}

// distinct gives the values of a list, each once.
func distinct[T comparable](list []T) []T {
	seen := map[T]bool{}
	return slices.DeleteFunc(list, func(one T) bool {
		was := seen[one]
		seen[one] = true
		return was
	})
}

// complete refuses a query without one of the dimensions that values have.
func (c *call) complete(d map[string][]string) error {
	for _, must := range []struct{ name, code, words string }{
		{"dx", "E7117", "A data dimension 'dx'"}, {"pe", "E7118", "A period dimension 'pe'"}, {"ou", "E7119", "An organisation unit dimension 'ou'"},
	} {
		if d[must.name] == nil {
			return faultf(http.StatusConflict, must.code, "%s must be specified when output format is DATA_VALUE_SET", must.words)
		}
	}
	return nil
}

// cellsMost bounds the reports that are looked at for one answer, once for each item.
const cellsMost = 10_000_000

// bounded refuses what would take too long.
func (k *cube) bounded() error {
	if err := tooMany(k.periods); err != nil {
		return err
	}
	months, places := 0, 0
	for _, p := range k.periods {
		months += p.Months
	}
	for _, u := range k.units {
		u.each(func(*unit) { places++ })
		if len(k.items)*months*places > cellsMost {
			return faultf(http.StatusConflict, "E2013", "this asks for too many data elements, periods and organisation units at once")
		}
	}
	return nil
}

// userUnits are DHIS2's names of units by who asks, as how far they are below his.
var userUnits = map[string]int{"USER_ORGUNIT": 0, "USER_ORGUNIT_CHILDREN": 1, "USER_ORGUNIT_GRANDCHILDREN": 2}

// level gives the units that "LEVEL-2", "OU_GROUP-…" or "USER_ORGUNIT" names, of those
// that the caller may look at.
func (c *call) level(name string) []*unit {
	var all []*unit
	if below, ok := userUnits[name]; ok {
		all = c.view.tops(c.catalogue)
		for range below {
			var next []*unit
			for _, u := range all {
				next = append(next, u.children...)
			}
			all = next
		}
	}
	if group, ok := strings.CutPrefix(name, "OU_GROUP-"); ok {
		for _, id := range c.catalogue.members("organisationUnitGroups", group, "organisationUnits") {
			all = append(all, c.catalogue.byID[id])
		}
	}
	for _, u := range c.catalogue.units {
		if name == "LEVEL-"+strconv.Itoa(u.level) {
			all = append(all, u)
		}
	}
	return slices.DeleteFunc(all, func(u *unit) bool { return !c.view.has(u) })
}

// monthsOf gives the months of a period.
func monthsOf(p indicator.Period) []indicator.Period {
	first := indicator.Period{Year: p.Year, Month: p.Month, Months: 1}
	all := make([]indicator.Period, p.Months)
	for i := range all {
		all[i] = first.Plus(i)
	}
	return all
}

// analytics answers with sums of the numbers that are kept: over the places below
// one, and over the months of a period; of what is counted on a last day, that of
// the last month that has it.
func (c *call) analytics() error {
	format, err := c.formatOf()
	if err != nil {
		return err
	}
	if format == "adx+xml" {
		return faultf(http.StatusNotAcceptable, "", "sums are there as json, xml and csv")
	}
	q := c.r.URL.Query()
	for output, name := range map[string]string{"outputDataElementIdScheme": "dataElementIdScheme", "outputOrgUnitIdScheme": "orgUnitIdScheme", "outputIdScheme": "idScheme"} {
		if q.Get(output) != "" {
			q.Set(name, q.Get(output))
		}
	}
	named, err := schemesOf(q, false, "idScheme")
	if err != nil {
		return err
	}
	k, err := c.cube(q)
	if err != nil {
		return err
	}
	reports, err := c.load(c.needed(k))
	if err != nil {
		return err
	}
	return c.render(format, object.Object{}, c.sums(k, reports, named))
}

// needed gives the reports that sums are made from.
func (c *call) needed(k *cube) *selection {
	s := &selection{}
	for _, i := range k.items {
		if e, ok := c.catalogue.pack.Element(i.element); ok {
			s.set(c.catalogue, e.DataSet)
		}
	}
	seenMonth, seenUnit := map[indicator.Period]bool{}, map[*unit]bool{}
	for _, p := range k.periods {
		for _, m := range monthsOf(p) {
			if !seenMonth[m] {
				seenMonth[m] = true
				s.periods = append(s.periods, m)
			}
		}
	}
	for _, u := range k.units {
		u.each(func(u *unit) {
			if !seenUnit[u] && c.view.has(u) {
				seenUnit[u] = true
				s.units = append(s.units, u)
			}
		})
	}
	return s
}

// sums adds up.
func (c *call) sums(k *cube, reports []report, named schemes) []shownValue {
	at := map[string]map[indicator.Period]*report{}
	for i, r := range reports {
		key := r.place + " " + r.dataSet.Code
		if at[key] == nil {
			at[key] = map[indicator.Period]*report{}
		}
		at[key][r.period] = &reports[i]
	}
	all := []shownValue{}
	for _, i := range k.items {
		e, ok := c.catalogue.pack.Element(i.element)
		if !ok {
			continue
		}
		for _, p := range k.periods {
			for _, u := range k.units {
				sum := map[string]*big.Rat{}
				u.each(func(below *unit) { i.add(sum, e, at[below.key+" "+e.DataSet], p, k.apart) })
				for cell, total := range ordered(sum) {
					v := shownValue{
						DataElement: c.catalogue.shown(indicator.ObjectElement, e.Code, named.element), Period: p.String(), OrgUnit: u.shown(named.unit), Value: decimal(total),
					}
					if cell != "" {
						v.Combo = c.catalogue.shown(indicator.ObjectCell, cell, named.cell)
					}
					all = append(all, v)
				}
			}
		}
	}
	return all
}

// add adds what one place has of an item in a period.
func (i item) add(sum map[string]*big.Rat, e indicator.Element, reports map[indicator.Period]*report, p indicator.Period, apart bool) {
	months := monthsOf(p)
	slices.Reverse(months)
	for _, m := range months {
		r := reports[m]
		if r == nil {
			continue
		}
		for _, n := range r.numbers {
			if n.element.Code != e.Code || n.masked || i.cell != "" && n.cell != i.cell {
				continue
			}
			cell := i.cell
			if apart {
				cell = n.cell
			}
			value, ok := new(big.Rat).SetString(n.value)
			if !ok {
				continue
			}
			if sum[cell] == nil {
				sum[cell] = new(big.Rat)
			}
			sum[cell].Add(sum[cell], value)
		}
		if e.Stock {
			return
		}
	}
}

// ordered ranges over sums in the order of their cells.
func ordered(sum map[string]*big.Rat) func(yield func(string, *big.Rat) bool) {
	return func(yield func(string, *big.Rat) bool) {
		keys := make([]string, 0, len(sum))
		for k := range sum {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if !yield(k, sum[k]) {
				return
			}
		}
	}
}

// amountScale is how many decimals an amount may have.
const amountScale = 4

// decimal writes a number without zeros at its end.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.RatString()
	}
	return strings.TrimRight(r.FloatString(amountScale), "0")
}
