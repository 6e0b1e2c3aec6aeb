package query

import (
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

// A wordQuery is a FullText as the two databases' engines are asked: once for
// all alternatives that want a word, and once for each that only wants some not
// to be there, which holds where this finds nothing.
type wordQuery struct {
	found  string
	absent []string
	always bool // an alternative wants nothing at all
}

// A wordSyntax is how an engine is asked.
type wordSyntax struct {
	term            func(words []string, prefix bool) string
	and, or, except string
}

// words reads a FullText. A term without any word holds nowhere.
func (x wordSyntax) words(c fhir.FullText) (q wordQuery) {
	var found []string
	for _, alternative := range c.Alternatives {
		with, without, ok := x.terms(alternative)
		switch {
		case !ok:
		case len(with) > 0 && len(without) > 0:
			found = append(found, "("+strings.Join(with, x.and)+x.except+"("+strings.Join(without, x.or)+"))")
		case len(with) > 0:
			found = append(found, "("+strings.Join(with, x.and)+")")
		case len(without) > 0:
			q.absent = append(q.absent, strings.Join(without, x.or))
		default:
			q.always = q.always || len(alternative) > 0
		}
	}
	q.found = strings.Join(found, x.or)
	return q
}

// terms parts the terms of an alternative; ok tells whether it can hold.
func (x wordSyntax) terms(all []fhir.TextTerm) (with, without []string, ok bool) {
	for _, t := range all {
		var words []string
		for _, w := range t.Words {
			words = append(words, index.Words(w)...)
		}
		switch {
		case len(words) == 0 && !t.Not:
			return nil, nil, false
		case len(words) == 0:
		case t.Not:
			without = append(without, x.term(words, t.Prefix))
		default:
			with = append(with, x.term(words, t.Prefix))
		}
	}
	return with, without, true
}

// ftsWords asks FTS5, tsWords a tsvector. Words are letters and digits only.
var (
	ftsWords = wordSyntax{and: " AND ", or: " OR ", except: " NOT ", term: func(words []string, prefix bool) string {
		phrase := `"` + strings.Join(words, " ") + `"`
		if prefix {
			phrase += "*"
		}
		return phrase
	}}
	tsWords = wordSyntax{and: " & ", or: " | ", except: " & !", term: func(words []string, prefix bool) string {
		phrase := "('" + strings.Join(words, "' <-> '") + "'"
		if prefix {
			phrase += ":*"
		}
		return phrase + ")"
	}}
)

// fullText writes that the words of the row's text match.
func (p *Planner) fullText(c fhir.FullText, r row) error {
	numbers, err := p.textNumbers(c, r.types)
	if err != nil {
		return err
	}
	q := p.dialect.wordSyntax().words(c)
	if q.always {
		p.Add("1 = 1")
		return nil
	}
	p.Add("(")
	if q.found == "" || len(numbers) == 0 {
		p.Add("1 = 0")
	} else {
		p.dialect.hasWords(p, c.Param, numbers, r.rid, q.found)
	}
	for _, words := range q.absent {
		if len(numbers) == 0 {
			p.Add(" OR 1 = 1")
			break
		}
		p.Add(" OR NOT ")
		p.dialect.hasWords(p, c.Param, numbers, r.rid, words)
	}
	p.Add(")")
	return nil
}

// textNumbers gives the numbers of a parameter that has texts.
func (p *Planner) textNumbers(c fhir.FullText, types []string) ([]int64, error) {
	if c.Param != index.Narrative && c.Param != index.Content {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "There are no texts of %s to be searched.", c.Param)
	}
	return p.numbers(types, c.Param)
}

// textSet writes the row ids of the types that have the words; a FullText with
// absent words is no set.
func (p *Planner) textSet(c fhir.FullText, types []string) error {
	numbers, err := p.textNumbers(c, types)
	if err != nil {
		return err
	}
	typeNumbers, err := p.Types(types)
	if err != nil {
		return err
	}
	p.dialect.withWords(p.Builder, c.Param, numbers, typeNumbers, p.dialect.wordSyntax().words(c).found)
	return nil
}

// WordsWindow is how many texts a search looks through, the newest first, before it
// asks the index of words, which gives all that have them in no order.
const WordsWindow = 2000

// InWords reports whether a search is to be tried among the newest texts.
func (p *Planner) InWords(q *Search) (bool, error) {
	if p.dialect.byWords() || len(q.Types) != 1 {
		return false, nil
	}
	all := conjuncts(q.Where, nil)
	for i, c := range all {
		text, ok := c.(fhir.FullText)
		if !ok || !allLookedUp(without(all, i)) {
			continue
		}
		ok, err := p.finds(text, q.Types)
		q.words, q.others = &text, without(all, i)
		return ok, err
	}
	return false, nil
}

// AmongWords writes a selection of those that the query finds among the newest
// texts. It begins at the newest resource of the type, however many texts of other
// types are newer.
func (p *Planner) AmongWords(q *Search) error {
	p.apart = true
	numbers, err := p.textNumbers(*q.words, q.Types)
	if err != nil {
		return err
	}
	p.Add("SELECT d.rid FROM (SELECT t.* FROM sp_text t WHERE t.part = 0 AND ")
	p.In("t.sp", numbers)
	order := " ORDER BY rid" + direction(!q.Cursor.Back) + " LIMIT "
	p.behind(q, "t.rid")
	p.Add(" AND t.rid <= (SELECT rid FROM resource WHERE part = 0 AND deleted = 0 AND ")
	p.In("typ", q.numbers)
	p.Add(" ORDER BY rid DESC LIMIT 1)", order, p.Rows(WordsWindow), ") d")
	return p.lookedUp(q, "d.words @@ "+p.Arg(p.dialect.wordSyntax().words(*q.words).found)+"::text::tsquery")
}

// Type writes the count of the resources of the query's type, so many at most.
func (p *Planner) Type(q *Search, most int64) {
	p.Add("SELECT count(*) FROM (SELECT 1 FROM resource WHERE part = 0 AND deleted = 0 AND ")
	p.In("typ", q.numbers)
	p.Add(" LIMIT ", p.Rows(most), ") x")
}

// finds reports whether a FullText selects texts by what they have alone.
func (p *Planner) finds(c fhir.FullText, types []string) (bool, error) {
	numbers, err := p.textNumbers(c, types)
	q := p.dialect.wordSyntax().words(c)
	return q.found != "" && len(q.absent) == 0 && !q.always && len(numbers) > 0, err
}

func (SQLite) wordSyntax() wordSyntax   { return ftsWords }
func (Postgres) wordSyntax() wordSyntax { return tsWords }

// ftsMatch asks for words of one column.
func ftsMatch(param, words string) string {
	column := "narrative"
	if param == index.Content {
		column = "content"
	}
	return "{" + column + "}: (" + words + ")"
}

// hasWords implements Dialect. FTS5 answers for all rows at once: asking it for
// each row would read the words' lists each time.
func (SQLite) hasWords(b *Planner, param string, _ []int64, rid, words string) {
	b.Add(rid, " IN (SELECT rowid FROM sp_text WHERE sp_text MATCH ", b.Arg(ftsMatch(param, words)), ")")
}

func (Postgres) hasWords(b *Planner, _ string, numbers []int64, rid, words string) {
	t := b.Alias("t")
	b.Add("EXISTS (SELECT 1 FROM sp_text ", t, " WHERE ", t, ".part = 0 AND ", t, ".rid = ", rid, " AND ")
	b.In(t+".sp", numbers)
	b.Add(" AND ", t, ".words @@ ", b.Arg(words), "::text::tsquery")
	b.end()
}

func (SQLite) withWords(b *Builder, param string, _, types []int64, words string) {
	t := b.Alias("t")
	if len(types) == 0 {
		b.Add("SELECT ", t, ".rowid AS rid FROM sp_text ", t, " WHERE ", t, ".sp_text MATCH ", b.Arg(ftsMatch(param, words)))
		return
	}
	r := b.Alias("r")
	b.Add("SELECT ", t, ".rowid AS rid FROM sp_text ", t, " CROSS JOIN resource ", r, " ON ", r, ".part = 0 AND ",
		r, ".rid = ", t, ".rowid AND ")
	b.In(r+".typ", types)
	b.Add(" WHERE ", t, ".sp_text MATCH ", b.Arg(ftsMatch(param, words)))
}

func (Postgres) withWords(b *Builder, _ string, numbers, _ []int64, words string) {
	t := b.Alias("t")
	b.Add("SELECT ", t, ".rid AS rid FROM sp_text ", t, " WHERE ", t, ".part = 0 AND ")
	b.In(t+".sp", numbers)
	b.Add(" AND ", t, ".words @@ ", b.Arg(words), "::text::tsquery")
}
