package index

import (
	"strconv"
	"strings"

	"bima/fhir"
)

// A textChange is a text that differs between two versions; After is "" where
// the later one lacks it.
type textChange struct {
	sp            int32
	param         string
	before, after string
}

// textChanges compares texts as they are written, before their words are taken.
func textChanges(before, after *Rows) (out []textChange) {
	for _, b := range before.texts {
		c := textChange{sp: b.sp, param: b.param, before: b.text}
		for _, a := range after.texts {
			if a.sp == b.sp {
				c.after = a.text
			}
		}
		out = append(out, c)
	}
	for _, a := range after.texts {
		c := textChange{sp: a.sp, param: a.param, after: a.text}
		known := false
		for _, b := range before.texts {
			known = known || b.sp == a.sp
		}
		if !known {
			out = append(out, c)
		}
	}
	return out
}

// Columns of SQLite's table of texts.
const (
	Narrative = "_text"
	Content   = "_content"
)

// The statements that write SQLite's table of texts. Whoever runs them may put
// them off to the end of a transaction, as long as nobody searches texts before.
const (
	LateDelete  = "DELETE FROM sp_text WHERE rowid = $1"
	LateInsert  = "INSERT INTO sp_text (rowid, narrative, content) VALUES ($1, $2, $3)"
	LateReplace = "INSERT OR REPLACE INTO sp_text (rowid, narrative, content) VALUES ($1, $2, $3)"
)

// writeTexts writes the texts on SQLite, where both are one row: it is written
// anew when either differs.
func (c *Change) writeTexts(exec Exec, rid int64) (err error) {
	var words [2]string
	had, has, differs := false, false, false
	for _, t := range c.texts {
		had, has, differs = had || t.before != "", has || t.after != "", differs || t.before != t.after
	}
	if !differs {
		return nil
	}
	if !has {
		_, err = exec(LateDelete, rid)
		return err
	}
	for _, t := range c.texts {
		at := 0
		if t.param == Content {
			at = 1
		}
		words[at] = strings.Join(thinned(Words(t.after)), " ")
	}
	insert := LateInsert
	if had {
		insert = LateReplace
	}
	_, err = exec(insert, rid, words[0], words[1])
	return err
}

// queueTexts adds PostgreSQL's statements for those texts that differ.
func (c *Change) queueTexts(add func(statement string, args ...any), rid int64) {
	for _, t := range c.texts {
		if t.before == t.after {
			continue
		}
		if t.before != "" {
			add("DELETE FROM sp_text WHERE part = 0 AND rid = $1 AND sp = $2", rid, t.sp)
		}
		if t.after != "" {
			add("INSERT INTO sp_text (part, sp, rid, words) VALUES (0, $1, $2, $3::text::tsvector)", t.sp, rid, vector(Words(t.after)))
		}
	}
}

// vector writes words with their places as PostgreSQL reads a tsvector.
func vector(all []string) string {
	all = thinned(all)
	size := 0
	for _, w := range all {
		size += len(w) + len("'':12345 ")
	}
	var b strings.Builder
	b.Grow(size)
	var number [8]byte
	for i, w := range all {
		if w == standIn {
			continue
		}
		b.WriteByte('\'')
		b.WriteString(w)
		b.WriteString("':")
		b.Write(strconv.AppendInt(number[:0], int64(i+1), 10))
		b.WriteByte(' ')
	}
	return b.String()
}

// texts gives the texts of an index; of several of one parameter the last.
func (b *rowBuilder) fullTexts(x *fhir.Index, out *Rows) {
	for _, r := range x.Texts {
		if r.Text != "" && (r.Param == Narrative || r.Param == Content) {
			out.texts = append(out.texts, textRow{sp: b.sp(r.Param), param: r.Param, text: r.Text})
		}
	}
}
