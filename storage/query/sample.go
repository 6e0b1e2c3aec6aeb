package query

import "math"

// A Sample is the resources of one type whose ids' hashes are the least. Hashes
// are as if drawn by lot, so it is a fair one, and how far it reaches tells how
// many there are.
type Sample struct {
	number int64 // of the type
	size   int
}

// Samples gives a sample of each type that the query searches.
func (p *Planner) Samples(q *Search, size int) ([]Sample, error) {
	numbers := q.numbers
	if len(q.Types) == 0 {
		var err error
		if numbers, err = p.source.Bearing(""); err != nil {
			return nil, err
		}
	}
	out := make([]Sample, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, Sample{number: n, size: size})
	}
	return out, nil
}

func (p *Planner) sample(s Sample) {
	p.Add("(SELECT rid, typ, fh, fid, updated, deleted FROM resource WHERE part = 0 AND typ = ", p.Arg(s.number),
		" ORDER BY fh LIMIT ", p.Rows(int64(s.size)), ") r")
}

// Reach writes the size of a sample and the greatest of its hashes.
func (p *Planner) Reach(s Sample) {
	p.Add("SELECT count(*), coalesce(max(r.fh), 0) FROM ")
	p.sample(s)
}

// Hits writes how many of a sample the query finds.
func (p *Planner) Hits(q *Search, s Sample) error {
	p.Add("SELECT count(*) FROM ")
	p.sample(s)
	p.Add(" WHERE r.deleted = 0")
	if q.Where == nil {
		return nil
	}
	p.Add(" AND ")
	return p.where(q.Where, row{rid: "r.rid", alias: "r", types: q.Types})
}

// Estimate gives how many of all resources of a type the query finds, where it
// finds so many of a sample of a size that reaches to a hash.
func (s Sample) Estimate(hits, size, reach int64) int64 {
	if size < int64(s.size) {
		return hits // of all there are
	}
	covered := (float64(reach) - math.MinInt64) / (math.MaxUint64 + 1)
	return int64(math.Round(float64(hits) / covered))
}

// Few reports whether a criterion of the query selects few resources, so that
// counting them all costs little.
func (p *Planner) Few(q *Search) (bool, error) {
	_, few, err := p.smallest(conjuncts(q.Where, nil), q.Types)
	return few != nil, err
}
