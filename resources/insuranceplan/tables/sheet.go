package tables

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

const (
	rowsMax   = 20_000 // of one file
	cellMax   = 4_000  // bytes
	faultsMax = 500    // told of one folder
)

// A row is one of a file, with its cells by column; empty ones are absent.
type row struct {
	file  string
	line  int
	cells map[string]string
}

func (r row) get(column string) string { return r.cells[column] }

// list gives the parts of a cell that lists.
func (r row) list(column string) []string {
	var parts []string
	for part := range strings.SplitSeq(r.get(column), listMark) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// faults are gathered, not returned: who corrects a table wants to hear of all.
type faults struct{ list []Fault }

func (f *faults) add(r row, column, wayOut, format string, args ...any) {
	if len(f.list) < faultsMax {
		f.list = append(f.list, Fault{File: r.file, Line: r.line, Column: column, Rule: fmt.Sprintf(format, args...), WayOut: wayOut})
	}
}

// rows reads a file; one that is not there has none.
func (f *faults) rows(files fs.FS, t Table) []row {
	file, err := files.Open(t.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	whole := row{file: t.File}
	if err != nil {
		f.add(whole, "", "", "the file can't be read: %v", err)
		return nil
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	first, err := reader.Read()
	if err != nil {
		f.add(whole, "", "name the columns in the first row: "+strings.Join(names(t), ", "), "the table has no header")
		return nil
	}
	if len(first) == 1 && strings.Contains(first[0], listMark) {
		f.add(row{file: t.File, line: 1}, "", "save it as CSV with commas; semicolons part what a cell lists", "the columns are parted by semicolons")
		return nil
	}
	header, ok := f.header(t, first)
	if !ok {
		return nil
	}
	var rows []row
	for {
		record, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case err != nil:
			f.add(whole, "", "save it as CSV, in UTF-8, with commas", "the table can't be read: %v", err)
			return rows
		case len(rows) == rowsMax:
			f.add(whole, "", "part the folder", "the table has more than %d rows", rowsMax)
			return rows
		}
		line, _ := reader.FieldPos(0)
		if r := f.row(t, header, record, line); r.cells != nil {
			rows = append(rows, r)
		}
	}
}

func names(t Table) []string {
	list := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		list[i] = c.Name
	}
	return list
}

// header reads the names of the columns.
func (f *faults) header(t Table, first []string) (header []string, ok bool) {
	known, ok := names(t), true
	top := row{file: t.File, line: 1}
	for _, name := range first {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))), " ", "_")
		switch {
		case !slices.Contains(known, name):
			f.add(top, fmt.Sprintf("%.60s", name), "there are "+strings.Join(known, ", "), "the table has no such column")
			ok = false
		case slices.Contains(header, name):
			f.add(top, name, "leave one out", "the column is there twice")
			ok = false
		}
		header = append(header, name)
	}
	for _, c := range t.Columns {
		if c.Required && !slices.Contains(header, c.Name) {
			f.add(top, c.Name, "add it; it holds "+c.Holds, "the column is missing")
			ok = false
		}
	}
	return header, ok
}

// row reads one row; one whose cells are all empty has none.
func (f *faults) row(t Table, header, record []string, line int) row {
	r := row{file: t.File, line: line}
	for i, text := range record {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			continue
		case i >= len(header):
			f.add(r, "", "look for a comma in a text without quotes", "the row has %d cells and the header %d", len(record), len(header))
			return r
		case len(text) > cellMax:
			f.add(r, header[i], "shorten it", "the text is longer than %d bytes", cellMax)
			continue
		}
		if r.cells == nil {
			r.cells = make(map[string]string, len(header))
		}
		r.cells[header[i]] = text
	}
	if r.cells == nil {
		return r
	}
	for _, c := range t.Columns {
		if c.Required && r.get(c.Name) == "" {
			f.add(r, c.Name, "it holds "+c.Holds, "the cell is empty")
		}
	}
	return r
}
