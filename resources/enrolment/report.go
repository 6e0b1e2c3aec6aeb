package enrolment

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// ReportHeader names the columns of a report.
var ReportHeader = []string{"row", "family", "insurance_number", "status", "column", "message", "way_out"}

// What may become of a row.
const (
	StatusEnrolled  = "enrolled"
	StatusUnchanged = "unchanged" // the person was there already
	StatusWould     = "would-enrol"
	StatusRefused   = "refused"
)

// A report says what became of each row.
type report struct {
	lines                        []line
	enrolled, unchanged, refuses int
}

type line struct {
	row                                             int
	family, number, status, column, message, wayOut string
}

func (r *report) add(p person, family string, status string, wrong problem) {
	r.lines = append(r.lines, line{p.row.Number, family, p.row.get(columnNumber), status, wrong.column, wrong.says, wrong.wayOut})
}

// took notes a family that was enrolled, or would be.
func (r *report) took(one *household, there map[int]bool, dry bool) {
	for _, p := range one.persons {
		switch {
		case there[p.row.Number]:
			r.unchanged++
			r.add(p, one.family.Key, StatusUnchanged, problem{})
		case dry:
			r.enrolled++
			r.add(p, one.family.Key, StatusWould, problem{})
		default:
			r.enrolled++
			r.add(p, one.family.Key, StatusEnrolled, problem{})
		}
	}
}

// refuse notes a family of which rows are wrong: it is refused as a whole.
func (r *report) refuse(one *household) {
	first := 0
	for _, p := range one.persons {
		if len(one.problems[p.row.Number]) > 0 && (first == 0 || p.row.Number < first) {
			first = p.row.Number
		}
	}
	for _, p := range one.persons {
		r.refuses++
		wrong := one.problems[p.row.Number]
		if len(wrong) == 0 {
			r.add(p, one.family.Key, StatusRefused, problem{"", fmt.Sprintf("a family is enrolled as a whole, and row %d is wrong", first), fmt.Sprintf("correct row %d", first)})
		}
		for _, w := range wrong {
			r.add(p, one.family.Key, StatusRefused, w)
		}
	}
}

// refused notes a family that the server refused.
func (r *report) refused(one *household, o *fhir.Outcome) {
	for _, issue := range o.Issues {
		at, column := placeOf(issue.Expression, len(one.persons))
		if at < 0 {
			at = 0
		}
		one.problems[one.persons[at].row.Number] = append(one.problems[one.persons[at].row.Number], problem{column, issue.Diagnostics, ""})
	}
	r.refuse(one)
}

// elements are the columns that elements come from.
var elements = []struct{ element, column string }{
	{"identifier", columnNumber},
	{"name", columnFamilyName},
	{"birthDate", columnBirth},
	{"gender", columnSex},
	{"telecom", columnPhone},
	{"address", columnVillage},
	{"member", columnHead},
	{"extension", columnVillage},
}

// placeOf gives the person and the column that an expression is about; -1 where it
// is about the family.
func placeOf(expression string, persons int) (at int, column string) {
	at, element := entryOf(expression, persons)
	for _, e := range elements {
		if strings.HasPrefix(element, e.element) {
			return at, e.column
		}
	}
	return at, ""
}

// entryOf gives the entry of a Bundle, and the element in it, that an expression is
// about; -1 where it is about none of so many.
func entryOf(expression string, entries int) (at int, element string) {
	at = -1
	if _, after, ok := strings.Cut(expression, ".entry["); ok {
		if n, err := strconv.Atoi(after[:max(strings.IndexByte(after, ']'), 0)]); err == nil && n < entries {
			at = n
		}
		_, element, _ = strings.Cut(after, ".resource.")
		return at, element
	}
	_, element, _ = strings.Cut(expression, ".")
	return at, element
}

// csv writes the report, by rows.
func (r *report) csv() ([]byte, error) {
	slices.SortStableFunc(r.lines, func(a, b line) int { return a.row - b.row })
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write(ReportHeader); err != nil {
		return nil, err
	}
	for _, l := range r.lines {
		if err := w.Write([]string{strconv.Itoa(l.row), l.family, l.number, l.status, l.column, l.message, l.wayOut}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// parameters writes the answer of the operation.
func (r *report) parameters() ([]byte, error) {
	table, err := r.csv()
	if err != nil {
		return nil, err
	}
	return counted("rows", r.enrolled, r.unchanged, r.refuses, table)
}

// counted writes an answer: how many of what there were, what became of them, and
// the report.
func counted(what string, enrolled, unchanged, refused int, table []byte) ([]byte, error) {
	count := func(name string, n int) any { return map[string]any{"name": name, "valueInteger": n} }
	return json.Marshal(map[string]any{"resourceType": "Parameters", "parameter": []any{
		count(what, enrolled+unchanged+refused), count("enrolled", enrolled), count("unchanged", unchanged), count("refused", refused),
		map[string]any{"name": "report", "valueBase64Binary": base64.StdEncoding.EncodeToString(table)},
	}})
}
