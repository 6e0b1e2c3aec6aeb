package classification

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bima/fhir"
)

// CSV says how a table of codes is laid out. The names of columns are compared
// without case; "" takes the first of the usual names that the table has.
type CSV struct {
	Comma      rune   // 0: comma, semicolon or tab, by the first line
	Code       string // usual: code, icd10, icd_code, icd10_code, concept
	Display    string // usual: display, name, title, description, term, label
	Definition string // usual: definition
	Parent     string // the code right above; usual: parent, parent_code
	Level      string // 1 at the top, deeper below; usual: level; looked at where there is no parent
	Kind       string // usual: kind, type
	// Prefixes nests codes by their beginnings where there is neither parent nor
	// level: A00.1 below A00.
	Prefixes bool
}

// The usual names of columns.
var usual = map[string][]string{
	"code":       {"code", "icd10", "icd_code", "icd10_code", "concept"},
	"display":    {"display", "name", "title", "description", "term", "label"},
	"definition": {"definition"},
	"parent":     {"parent", "parent_code"},
	"level":      {"level"},
	"kind":       {"kind", "type"},
}

// ReadCSV makes the JSON of a CodeSystem of a table of codes whose first line
// names its columns. It fails with an Outcome that names the line where the table
// is not well formed, a code is missing or occurs twice, or a parent does not
// occur, and with one of IssueTooCostly beyond 256 MiB or 500,000 codes.
func ReadCSV(r io.Reader, h Heading, layout CSV) ([]byte, error) {
	table, err := openTable(r, &layout)
	if err != nil {
		return nil, err
	}
	rows, err := table.rows()
	if err != nil {
		return nil, err
	}
	if table.columns["parent"] < 0 && table.columns["level"] < 0 && layout.Prefixes {
		byPrefix(rows)
	}
	return codeSystem(h, rows)
}

// A table is an open CSV file.
type table struct {
	*csv.Reader
	columns map[string]int // -1 where there is none
}

// openTable reads the first line.
func openTable(r io.Reader, layout *CSV) (*table, error) {
	in := bufio.NewReader(&bounded{r: r, left: fileBytesMax})
	if start, err := in.Peek(3); err == nil && bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	t := &table{Reader: csv.NewReader(in), columns: map[string]int{}}
	t.Comma, t.FieldsPerRecord, t.TrimLeadingSpace = layout.Comma, -1, true
	if t.Comma == 0 {
		t.Comma = separator(in)
	}
	names, err := t.record()
	if errors.Is(err, io.EOF) {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the table is empty; its first line should name its columns")
	}
	if err != nil {
		return nil, err
	}
	if len(names) > fileFieldsMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the table has %d columns, more than %d", len(names), fileFieldsMax)
	}
	asked := map[string]string{
		"code": layout.Code, "display": layout.Display, "definition": layout.Definition,
		"parent": layout.Parent, "level": layout.Level, "kind": layout.Kind,
	}
	for column, name := range asked {
		if t.columns[column], err = findColumn(names, column, name); err != nil {
			return nil, err
		}
	}
	if t.columns["code"] < 0 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "no column of codes was found among %.300q; name it", names)
	}
	return t, nil
}

// separator tells what parts the fields, by the first line.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(in.Size()) // an error comes again when it is read
	line, _, _ := bytes.Cut(start, []byte{'\n'})
	best := ','
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

func findColumn(names []string, column, asked string) (int, error) {
	wanted := usual[column]
	if asked != "" {
		wanted = []string{asked}
	}
	for _, w := range wanted {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), w) })
		if i >= 0 {
			return i, nil
		}
	}
	if asked != "" {
		return -1, fhir.Errorf(fhir.IssueInvalid, "", "the table has no column %.60q; it has %.300q", asked, names)
	}
	return -1, nil
}

// record reads one record.
func (t *table) record() ([]string, error) {
	fields, err := t.Read()
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "line %d, column %d: %s", wrong.Line, wrong.Column, wrong.Err.Error())
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("classification: reading the table: %w", err)
	}
	return fields, err
}

// rows reads all codes.
func (t *table) rows() ([]row, error) {
	var out []row
	var above []level
	for {
		fields, err := t.record()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := t.FieldPos(0)
		r := row{
			code: t.field(fields, "code"), display: t.field(fields, "display"), definition: t.field(fields, "definition"),
			parent: t.field(fields, "parent"), kind: t.field(fields, "kind"), where: "line " + strconv.Itoa(line),
		}
		switch {
		case !utf8.ValidString(r.code + r.display + r.definition + r.parent + r.kind):
			return nil, fhir.Errorf(fhir.IssueInvalid, "", "%s: the text is not UTF-8; save the file as UTF-8", r.where)
		case r.code == "" && strings.TrimSpace(strings.Join(fields, "")) == "":
			continue
		case r.code == "":
			return nil, fhir.Errorf(fhir.IssueRequired, "CodeSystem.concept.code", "%s: there is no code", r.where)
		case len(out) >= fileCodesMax:
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the table has more than %d codes", fileCodesMax)
		}
		if t.columns["parent"] < 0 && t.columns["level"] >= 0 {
			if above, err = climb(above, &r, t.field(fields, "level")); err != nil {
				return nil, err
			}
		}
		out = append(out, r)
	}
}

func (t *table) field(fields []string, column string) string {
	i := t.columns[column]
	if i < 0 || i >= len(fields) {
		return ""
	}
	return strings.Join(strings.Fields(fields[i]), " ")
}

// A level is a code with the level that stands by it.
type level struct {
	code  string
	depth int
}

// climb gives a row its parent: the nearest code above it in the table with a
// lesser level.
func climb(above []level, r *row, text string) ([]level, error) {
	depth, err := strconv.Atoi(text)
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueValue, "", "%s: the level %.20q is no whole number", r.where, text)
	}
	for len(above) > 0 && above[len(above)-1].depth >= depth {
		above = above[:len(above)-1]
	}
	if len(above) > 0 {
		r.parent = above[len(above)-1].code
	}
	return append(above, level{r.code, depth}), nil
}

// byPrefix puts each code below the longest other code that it begins with.
func byPrefix(rows []row) {
	known := make(map[string]bool, len(rows))
	for i := range rows {
		known[rows[i].code] = true
	}
	for i := range rows {
		code := rows[i].code
		for end := min(len(code)-1, fileFieldsMax); end > 0; end-- {
			if known[code[:end]] {
				rows[i].parent = code[:end]
				break
			}
		}
	}
}

// bounded fails where more is read than a file may hold.
type bounded struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fhir.Errorf(fhir.IssueTooCostly, "", "the file is larger than %d MiB", fileBytesMax>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
