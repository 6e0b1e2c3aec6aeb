package employer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/parameters"
)

// The columns of a declaration. One of the first two names the person.
const (
	columnNumber   = "insurance_number"
	columnNational = "national_id"
	columnPlan     = "plan"
	columnIncome   = "income"
	columnFrom     = "from"
	columnTo       = "to"
	columnStaff    = "employee_number"
	columnName     = "name"
)

// columns are all columns that a declaration may have, in the order documented.
var columns = []string{columnNumber, columnNational, columnName, columnStaff, columnPlan, columnIncome, columnFrom, columnTo}

const (
	// rowsMax is how many rows a declaration may have.
	rowsMax = 5_000
	// cellMax is the longest text of a cell, in bytes.
	cellMax = 200
)

// A row is one row of a declaration: its number in the file, the header being 1,
// and its cells by column.
type row struct {
	number int
	cells  map[string]string
}

func (r row) get(column string) string { return r.cells[column] }

func broken(format string, args ...any) error {
	return fhir.Errorf(fhir.IssueStructure, parameters.Expression("table"), format, args...)
}

// readTable reads a declaration: CSV in UTF-8, with comma or semicolon, and a
// header. Empty rows are left out.
func readTable(data []byte) ([]row, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	names, err := r.Read()
	if err != nil {
		return nil, broken("the table has no header; its first row names the columns: %s", strings.Join(columns, ", "))
	}
	if names, err = header(names); err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken("the table is no CSV: %v", err)
		}
		line, _ := r.FieldPos(0)
		one, err := rowOf(names, record, line)
		if err != nil {
			return nil, err
		}
		if len(one.cells) > 0 {
			rows = append(rows, one)
		}
		if len(rows) > rowsMax {
			return nil, broken("the table has more than %d rows; give large employers a contract for each site", rowsMax)
		}
	}
	if len(rows) == 0 {
		return nil, broken("the table has no rows; an employer for whom nobody works ends his contract ($terminate)")
	}
	return rows, nil
}

// header reads the names of the columns.
func header(names []string) ([]string, error) {
	var list []string
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(columns, name):
			return nil, broken("there is no column %.40q; there are %s", name, strings.Join(columns, ", "))
		case slices.Contains(list, name):
			return nil, broken("the column %s is there twice", name)
		}
		list = append(list, name)
	}
	if !slices.Contains(list, columnNumber) && !slices.Contains(list, columnNational) {
		return nil, broken("the table names persons by %s or %s; both columns are missing", columnNumber, columnNational)
	}
	return list, nil
}

func rowOf(names, record []string, line int) (row, error) {
	r := row{number: line, cells: map[string]string{}}
	for i, text := range record {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case i >= len(names):
			return r, broken("row %d has %d cells, and the header %d; look for a comma without quotes", line, len(record), len(names))
		case len(text) > cellMax:
			return r, broken("row %d: %s is longer than %d bytes", line, names[i], cellMax)
		default:
			r.cells[names[i]] = strings.Clone(text)
		}
	}
	return r, nil
}
