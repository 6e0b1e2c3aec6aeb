package query

import (
	"time"

	"bima/fhir"
)

// settledAfter is how long ago a time must be for versions of before it to be told
// from those that are written now: clocks of processes differ.
const settledAfter = time.Minute

// byTime is the order of the index of the times of resources.
var byTime = []fhir.SortKey{{Param: fhir.Param{Code: "_lastUpdated", Kind: fhir.ParamDate}, Descending: true}}

// OfThePast reports whether a query without an order asks for nothing but what was
// last written before a time that is over. Such a search goes along the index of
// times and ends with its page, where it would read all that match, or go past all
// that is newer, to begin with the newest resource. In that order nothing repeats
// or is skipped either: what is written from one page to the next is not of the
// past any more.
func OfThePast(q *fhir.Query, now time.Time) bool {
	if len(q.Sort) > 0 || len(q.Types) != 1 {
		return false
	}
	over := false
	for _, c := range conjuncts(q.Where, nil) {
		at, ok := c.(fhir.Updated)
		if !ok {
			return false
		}
		end, bounded := ends(fhir.DateValue(at))
		over = over || bounded && end <= now.Add(-settledAfter).UnixMicro()
	}
	return over
}

// ends gives the time before which all is that a comparison holds for.
func ends(v fhir.DateValue) (end int64, bounded bool) {
	switch v.Prefix {
	case fhir.PrefixLess, fhir.PrefixEndsBefore:
		return v.From, true
	case fhir.PrefixLessEqual, fhir.PrefixEqual, "":
		return v.To, true
	}
	return 0, false
}

// ByTime gives the query in the order of OfThePast.
func ByTime(q *fhir.Query) *fhir.Query {
	ordered := *q
	ordered.Sort = byTime
	return &ordered
}
