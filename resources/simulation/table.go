package simulation

import (
	"encoding/csv"
	"io"
	"strconv"
)

// A Table writes the claims that change as CSV, a row for each.
type Table struct{ w *csv.Writer }

// columns are the columns of a Table.
var columns = []string{
	"claim", "created", "facility", "level", "currency",
	"benefit before", "benefit after", "member before", "member after", "line", "reason", "text",
}

// NewTable begins a table with the names of its columns.
func NewTable(w io.Writer) (*Table, error) {
	t := &Table{csv.NewWriter(w)}
	return t, t.w.Write(columns)
}

// Add writes a row.
func (t *Table) Add(c Change) error {
	after := []string{c.After.Benefit.String(), c.After.Member.String()}
	if c.Failed {
		after = []string{"", ""}
	}
	line := ""
	if c.Line > 0 {
		line = strconv.Itoa(c.Line)
	}
	return t.w.Write([]string{
		c.Claim.String(), c.Created, c.Facility, c.Level, c.Currency,
		c.Before.Benefit.String(), after[0], c.Before.Member.String(), after[1], line, c.Reason, c.Text,
	})
}

// End writes what is not written yet.
func (t *Table) End() error {
	t.w.Flush()
	return t.w.Error()
}
