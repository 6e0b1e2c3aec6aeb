package query

import (
	"bima/fhir"
	"bima/storage/index"
)

// What is looked through to find the texts that hold a part: so many different
// texts of a parameter at most, of which so many may hold it.
const (
	vocabularyMax = 10_000
	holdingMax    = 200
)

// wholeBytesMax is the greatest size of a key that is surely the whole text; see
// index.Cut, which cuts before a character.
const wholeBytesMax = index.TextKeyBytes - 4

// holding gives the texts of a parameter that have one of the parts. It goes from
// text to text along the index, however many resources share each: a nation has
// more people than surnames. ok is false where there are too many.
func (p *Planner) holding(all []fhir.Match, numbers []int64) (texts []string, ok bool, err error) {
	if len(numbers) != 1 {
		return nil, false, nil
	}
	b := New(p.dialect, p.source)
	sp, most := b.Arg(numbers[0]), b.Arg(int64(vocabularyMax))
	next := func(more string) string {
		return "(SELECT min(norm) FROM sp_string WHERE part = 0 AND sp = " + sp + more + ")"
	}
	b.Add("WITH RECURSIVE v(norm, n) AS (SELECT ", next(""), ", 1 UNION ALL SELECT ", next(" AND norm > v.norm"),
		", v.n + 1 FROM v WHERE v.norm IS NOT NULL AND v.n <= ", most, ") SELECT CASE WHEN v.n > ", most, " THEN '' ELSE v.norm END, ",
		"CASE WHEN v.n > ", most, " THEN 1 ELSE 0 END FROM v WHERE v.norm IS NOT NULL AND (v.n > ", most, " OR octet_length(v.norm) > ", b.Arg(int64(wholeBytesMax)))
	for _, m := range all {
		b.Add(" OR v.norm LIKE ", b.Arg(pattern(m.Value)), ` ESCAPE '\'`)
	}
	b.Add(") LIMIT ", b.Arg(int64(holdingMax+1)))
	texts, over, err := p.source.Texts(b.String(), b.Args)
	return texts, err == nil && !over && len(texts) <= holdingMax, err
}

// pattern gives the LIKE of a part of a text, or of its end.
func pattern(v fhir.Value) string {
	s, ok := v.(fhir.StringValue)
	if !ok {
		return "%"
	}
	part := "%" + likeEscaped(index.Stored(s.Text))
	if s.Mode == fhir.StringContains {
		part += "%"
	}
	return part
}

// among writes that the key of a row is one of the texts.
func (p *Planner) among(t string, texts []string) {
	if len(texts) == 0 {
		p.Add("1 = 0")
		return
	}
	p.Add(t, ".norm IN (")
	for i, text := range texts {
		if i > 0 {
			p.Add(", ")
		}
		p.Add(p.Arg(text))
	}
	p.Add(")")
}
