package query

import (
	"slices"

	"bima/fhir"
)

// gatherMax is how many rows a criterion may select for a search to begin with
// all of them, where a window of the newest resources did not fill its page.
const gatherMax = 50_000

// readMax is the same where nothing else is asked, so that reading an index is all
// there is to it: that many rows are read in the time of a walk past a thousand
// resources.
const readMax = 8000

// dear reports whether more than an index is to be read to find what a criterion
// selects.
func (p *Planner) dear(c fhir.Criterion) bool {
	switch c := c.(type) {
	case fhir.FullText:
		return true
	case fhir.Match, fhir.Any:
		return p.dialect.plans() && tableOf(matchesOf(c)[0].Value) == "sp_quantity"
	}
	return false
}

// spread reports whether an index holds what a criterion selects in the order of
// its values: in that of the resources only a walk past others finds it.
func spread(c fhir.Criterion) bool {
	switch c := c.(type) {
	case fhir.Updated, period, fhir.FullText:
		return true
	case fhir.Match:
		return ranged(c)
	case fhir.Any:
		return alike(c) && ranged(c[0])
	}
	return false
}

func ranged(c fhir.Criterion) bool {
	m, ok := c.(fhir.Match)
	if !ok || orderedBy(c) || withinTexts(c) {
		return false
	}
	switch tableOf(m.Value) {
	case "sp_date", "sp_number", "sp_quantity", "sp_string", "sp_uri", "sp_position":
		return true
	}
	return false
}

// uncertain reports whether it can't be told beforehand if walking from the newest
// resource on fills a page soon, or past most of them.
func (p *Planner) uncertain(all []fhir.Criterion) bool {
	some := p.dialect.plans() && entangled(all)
	for _, c := range all {
		if _, words := c.(fhir.FullText); words && p.dialect.byWords() {
			return false
		}
		_, leads := c.(fhir.Chain)
		some = some || leads || elsewhere(c)
	}
	return some
}

// elsewhere reports whether a search that finds too little among the newest may
// begin with a criterion instead.
func elsewhere(c fhir.Criterion) bool { return spread(c) || withinTexts(c) }

// Gather has a search that found too little in a window begin with the criterion
// that selects least. Where that is one whose index is in the order of the
// resources it is walked, as far as the page takes; the others are read whole.
// Only the last time it reads all texts to find those that have a part. It reports
// whether there was such a criterion.
func (p *Planner) Gather(q *Search, last bool) (found bool, _ error) {
	all := conjuncts(q.Where, nil)
	if !last {
		p.parting = listTexts
	}
	if !slices.ContainsFunc(all, elsewhere) {
		return false, nil
	}
	p.reach = gatherMax
	at, best := 0, (*set)(nil)
	for i, c := range all {
		switch c.(type) {
		case fhir.Chain, fhir.Has: // to count them costs as much as to look them up
			continue
		}
		one, err := p.asSet(c, q.Types)
		if err != nil {
			return false, err
		}
		if one != nil && (best == nil || one.size < best.size) {
			at, best = i, one
		}
	}
	switch {
	case best == nil:
		return false, nil
	case orderedBy(all[at]):
		q.along = all[at]
	default:
		q.begin = &beginning{at, best}
	}
	return true, nil
}

// period is several criteria of the time of a resource, which has but one.
type period struct {
	fhir.Present // makes it a Criterion
	all          []fhir.Updated
}

// during takes criteria of a resource's time together, where there are several;
// ok tells whether there are.
func during(where fhir.Criterion) (together fhir.Criterion, ok bool) {
	one, rest := period{}, fhir.All{}
	for _, c := range conjuncts(where, nil) {
		if at, ok := c.(fhir.Updated); ok {
			one.all = append(one.all, at)
		} else {
			rest = append(rest, c)
		}
	}
	return append(rest, one), len(one.all) > 1
}

// updatedSet writes the select of the row ids of resources by their time.
func (p *Planner) updatedSet(all []fhir.Updated, types []string) error {
	numbers, err := p.Types(types)
	if err != nil {
		return err
	}
	r := p.Alias("r")
	p.Add("SELECT ", p.dialect.unordered(r+".rid"), " AS rid FROM resource ", r, " WHERE ", r, ".part = 0 AND ", r, ".deleted = 0 AND ")
	p.In(r+".typ", numbers)
	p.Add(" AND ")
	return p.instants(r+".updated", all)
}

func (p *Planner) instants(at string, all []fhir.Updated) error {
	for i, c := range all {
		if i > 0 {
			p.Add(" AND ")
		}
		if err := p.instant(at, fhir.DateValue(c)); err != nil {
			return err
		}
	}
	return nil
}

// instant writes the comparison of an instant, which is an interval of one
// microsecond, so that an index bounds it. See interval.
func (p *Planner) instant(at string, v fhir.DateValue) error {
	switch v.Prefix {
	case fhir.PrefixGreater, fhir.PrefixStartsAfter:
		p.Add(at, " >= ", p.Arg(v.To))
	case fhir.PrefixLess, fhir.PrefixEndsBefore:
		p.Add(at, " < ", p.Arg(v.From))
	case fhir.PrefixGreaterEqual:
		p.Add(at, " >= ", p.Arg(v.From))
	case fhir.PrefixLessEqual:
		p.Add(at, " < ", p.Arg(v.To))
	case fhir.PrefixEqual, "", fhir.PrefixApproximate:
		p.Add("(", at, " >= ", p.Arg(v.From), " AND ", at, " < ", p.Arg(v.To), ")")
	case fhir.PrefixNotEqual:
		p.Add("(", at, " < ", p.Arg(v.From), " OR ", at, " >= ", p.Arg(v.To), ")")
	default:
		return p.interval(at, at+" + 1", v)
	}
	return nil
}
