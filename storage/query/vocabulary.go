package query

import (
	"strconv"

	"bima/fhir"
	"bima/storage/index"
)

// What is looked through to find the texts that hold one of so many parts: so many
// different texts of a parameter at most, of which so many may hold one.
const (
	partsMax      = 20
	vocabularyMax = 10_000
	holdingMax    = 200
)

// wholeBytesMax is the greatest size of a key that is surely the whole text; see
// index.Cut, which cuts before a character.
const wholeBytesMax = index.TextKeyBytes - 4

// What is told of each text.
const (
	cut     = "1" // it may be longer than its key
	tooMany = "2" // it is beyond those looked through
)

// holding gives the texts of a parameter that have one of the parts. It goes from
// text to text along the index, however many resources share each: a nation has
// more people than surnames. ok is false where there are too many; exact tells
// whether none of the texts is longer than its key, so that they need not be
// compared again.
func (p *Planner) holding(all []fhir.Match, numbers []int64, vocabulary int64) (texts []string, ok, exact bool, err error) {
	if len(numbers) != 1 || len(all) > partsMax {
		return nil, false, false, nil
	}
	b := New(p.dialect, p.source)
	sp, most, whole := b.Arg(numbers[0]), b.Arg(vocabulary), b.Arg(int64(wholeBytesMax))
	next := func(more string) string {
		return "(SELECT min(norm) FROM sp_string WHERE part = 0 AND sp = " + sp + more + ")"
	}
	b.Add("WITH RECURSIVE v(norm, n) AS (SELECT ", next(""), ", 1 UNION ALL SELECT ", next(" AND norm > v.norm"),
		", v.n + 1 FROM v WHERE v.norm IS NOT NULL AND v.n <= ", most, ") SELECT CASE WHEN v.n > ", most, " THEN '' ELSE v.norm END, ",
		"CASE WHEN v.n > ", most, " THEN ", tooMany, " WHEN octet_length(v.norm) > ", whole, " THEN ", cut, " ELSE 0 END ",
		"FROM v WHERE v.norm IS NOT NULL AND (v.n > ", most, " OR octet_length(v.norm) > ", whole)
	for _, m := range all {
		b.Add(" OR v.norm LIKE ", b.Arg(pattern(m.Value)), ` ESCAPE '\'`)
	}
	b.Add(") LIMIT ", b.Rows(int64(holdingMax+1)))
	texts, greatest, err := p.source.Texts(b.String(), b.Args)
	return texts, err == nil && strconv.FormatInt(greatest, 10) != tooMany && len(texts) <= holdingMax, greatest == 0, err
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

// isOneOf writes that the key of a row is one of the texts.
func (p *Planner) isOneOf(t string, texts []string) {
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
