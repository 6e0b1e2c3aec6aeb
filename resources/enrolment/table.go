package enrolment

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

const (
	// rowsMax bounds a table that is read at once: a district.
	rowsMax = 200_000
	// cellMax is the longest text of a cell, in bytes.
	cellMax = 1000
)

// The columns of a table. Those of openIMIS's own table are understood too.
const (
	columnRow          = "row"
	columnFamily       = "family_code"
	columnHead         = "head_number"
	columnNumber       = "insurance_number"
	columnNational     = "national_id"
	columnOtherSystem  = "other_id_system"
	columnOther        = "other_id"
	columnFamilyName   = "family_name"
	columnGivenNames   = "given_names"
	columnBirth        = "birth_date"
	columnSex          = "sex"
	columnRelationship = "relationship"
	columnPhone        = "phone"
	columnRegion       = "region"
	columnDistrict     = "district"
	columnWard         = "ward"
	columnVillage      = "village"
	columnAddress      = "address"
	columnFamilyType   = "family_type"
	columnPoor         = "poor"
	columnJoined       = "joined"
)

var columns = []string{
	columnRow, columnFamily, columnHead, columnNumber, columnNational, columnOtherSystem, columnOther, columnFamilyName, columnGivenNames, columnBirth,
	columnSex, columnRelationship, columnPhone, columnRegion, columnDistrict, columnWard, columnVillage, columnAddress, columnFamilyType, columnPoor, columnJoined,
}

// required are the columns that a table must have.
var required = []string{columnFamilyName, columnGivenNames, columnBirth, columnSex}

// otherNames are what other registers call the columns.
var otherNames = map[string]string{
	"head_insuree_number": columnHead, "insuree_number": columnNumber, "chf_id": columnNumber, "chfid": columnNumber,
	"last_name": columnFamilyName, "surname": columnFamilyName, "other_names": columnGivenNames, "first_name": columnGivenNames,
	"dob": columnBirth, "date_of_birth": columnBirth, "gender": columnSex, "municipality": columnWard, "telephone": columnPhone,
}

// A Table is what was read of a CSV file: families in the order in which they
// begin, each with its rows.
type Table struct {
	Header   []string // the columns as this package calls them; "" for those it does not know
	Families []Family
}

// A Family is the rows that belong together, the head's first where he is among
// them.
type Family struct {
	Key  string // what its rows have in common
	Rows []Row
}

// A Row is one person.
type Row struct {
	Number int // in the file, from 2: the first is the header
	cells  map[string]string
}

func (r Row) get(column string) string { return r.cells[column] }

// Read reads a table and groups its rows into families. It fails with an Outcome
// where the table as a whole can't be read; what is wrong with a row is told when
// that is enrolled.
func Read(in io.Reader) (*Table, error) {
	reader := csv.NewReader(in)
	reader.FieldsPerRecord, reader.ReuseRecord = -1, true
	first, err := reader.Read()
	if err != nil {
		return nil, broken("the table has no header: its first row names the columns %s", strings.Join(columns, ", "))
	}
	t := &Table{}
	if t.Header, err = header(first); err != nil {
		return nil, err
	}
	at := map[string]int{}
	for count := 0; ; count++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			t.Families = slices.DeleteFunc(t.Families, func(f Family) bool { return len(f.Rows) == 0 })
			return t, nil
		}
		if err != nil {
			return nil, broken("the table can't be read: %v", err)
		}
		if count >= rowsMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the table has more than %d rows; part it", rowsMax)
		}
		line, _ := reader.FieldPos(0)
		row, err := t.row(record, line)
		if err != nil {
			return nil, err
		}
		if row.cells == nil {
			continue
		}
		t.add(row, at)
	}
}

func broken(format string, args ...any) error {
	return fhir.Detailf(fhir.IssueInvalid, detailEnrolment, "", format, args...)
}

// header reads the names of the columns.
func header(first []string) ([]string, error) {
	names := make([]string, len(first))
	for i, name := range first {
		name = strings.TrimPrefix(name, "\ufeff")
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
		if other := otherNames[name]; other != "" {
			name = other
		}
		if !slices.Contains(columns, name) {
			return nil, broken("there is no column %.60q; there are %s", name, strings.Join(columns, ", "))
		}
		if slices.Contains(names[:i], name) {
			return nil, broken("the column %s is there twice", name)
		}
		names[i] = name
	}
	for _, name := range required {
		if !slices.Contains(names, name) {
			return nil, broken("the column %s is missing", name)
		}
	}
	return names, nil
}

// row reads one row; one whose cells are all empty has none.
func (t *Table) row(record []string, line int) (Row, error) {
	row := Row{Number: line}
	for i, text := range record {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if i >= len(t.Header) {
			return row, broken("row %d has %d cells, and the header %d; look for a comma without quotes", line, len(record), len(t.Header))
		}
		if len(text) > cellMax {
			return row, broken("row %d: %s is longer than %d bytes", line, t.Header[i], cellMax)
		}
		if row.cells == nil {
			row.cells = make(map[string]string, len(t.Header))
		}
		row.cells[t.Header[i]] = strings.Clone(text)
	}
	if given := row.get(columnRow); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return row, broken("row %d: row is the number of the row, not %.40q", line, given)
		}
		row.Number = n
	}
	return row, nil
}

// add puts a row into its family: that of its head's number, or of its code.
func (t *Table) add(row Row, at map[string]int) {
	keys := keysOf(row)
	into := -1
	for _, key := range keys {
		switch i, known := at[key]; {
		case !known || i == into:
		case into < 0:
			into = i
		default: // the head's row tells that two families are one
			for _, moved := range t.Families[i].Rows {
				t.Families[into].take(moved)
			}
			t.Families[i].Rows = nil
			for key, j := range at {
				if j == i {
					at[key] = into
				}
			}
		}
	}
	if into < 0 {
		into = len(t.Families)
		t.Families = append(t.Families, Family{Key: keys[len(keys)-1]})
	}
	for _, key := range keys {
		at[key] = into
	}
	t.Families[into].take(row)
}

// keysOf gives what the rows of a family have in common, its code last.
func keysOf(row Row) []string {
	var keys []string
	if head := row.get(columnHead); head != "" {
		keys = append(keys, head)
	} else if number := row.get(columnNumber); number != "" {
		keys = append(keys, number)
	}
	if code := row.get(columnFamily); code != "" {
		keys = append(keys, "family "+code)
	}
	if keys == nil {
		keys = []string{fmt.Sprint("row ", row.Number)}
	}
	return keys
}

// take adds a row, the head's first.
func (f *Family) take(row Row) {
	if f.isHead(row) && len(f.Rows) > 0 && !f.isHead(f.Rows[0]) {
		f.Rows = slices.Insert(f.Rows, 0, row)
		return
	}
	f.Rows = append(f.Rows, row)
}

// isHead reports whether a row is that of the family's head.
func (f *Family) isHead(row Row) bool {
	if strings.EqualFold(row.get(columnRelationship), "head") {
		return true
	}
	if row.get(columnRelationship) != "" {
		return false
	}
	head, number := row.get(columnHead), row.get(columnNumber)
	return head == "" || head == number
}

// CSV writes some families of the table as a table again, with the numbers their
// rows have in this one.
func (t *Table) CSV(families []Family) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	names := slices.DeleteFunc(slices.Clone(t.Header), func(name string) bool { return name == columnRow })
	if err := w.Write(append([]string{columnRow}, names...)); err != nil {
		return nil, err
	}
	for _, f := range families {
		for _, row := range f.Rows {
			record := []string{strconv.Itoa(row.Number)}
			for _, name := range names {
				record = append(record, row.get(name))
			}
			if err := w.Write(record); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
