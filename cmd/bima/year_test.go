package main

import (
	"encoding/csv"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/storage/storagetest"
)

// TestYear drives the scripted year of a small scheme over HTTP and compares
// every date and amount with the table worked out by hand; see testdata/year.
func TestYear(t *testing.T) {
	table := yearTable(t)
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := openYear(t, dsn(t))
			for _, e := range table {
				y.until(e.date)
				if e.words[0] == "day" {
					y.expect(e)
					continue
				}
				y.do(e.date, e.words)
				y.expect(e)
			}
		})
	}
}

// An event is something done, with what it changes.
type event struct {
	date  string
	words []string
	want  map[string]string // by the resource's name in the table: the columns after it
}

// columns are those of year.csv.
var columns = []string{"date", "event", "resource", "state", "from", "to", "waits", "amount", "balance", "notes"}

// yearTable reads year.csv.
func yearTable(t *testing.T) []event {
	t.Helper()
	rows := readCSV(t, "../../testdata/year/year.csv")
	if !slices.Equal(rows[0], columns) {
		t.Fatalf("the columns are %q", rows[0])
	}
	var table []event
	for _, row := range rows[1:] {
		if row[0] != "" {
			table = append(table, event{date: row[0], words: strings.Fields(row[1]), want: map[string]string{}})
		}
		if row[2] != "" {
			table[len(table)-1].want[row[2]] = told(row[3:9]...)
		}
	}
	return table
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// told writes the columns of a resource as one text.
func told(values ...string) string {
	var parts []string
	for i, v := range values {
		if v != "" {
			parts = append(parts, columns[3+i]+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

// until works the days up to one, and looks that nothing changes on those between
// that the table has no line for.
func (y *year) until(date string) {
	y.t.Helper()
	if y.day == date {
		return
	}
	y.settle()
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		y.t.Fatal(err)
	}
	if before := day.AddDate(0, 0, -1).Format(time.DateOnly); y.day < before {
		y.work(before)
		y.settle()
	}
	y.work(date)
}

// settle looks that all that has changed was told of.
func (y *year) settle() {
	y.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(y.changed)) {
		y.t.Errorf("by %s: %s changes and is not in the table: %s", y.day, name, y.changed[name])
	}
	clear(y.changed)
}

// expect compares what has changed with the table.
func (y *year) expect(e event) {
	y.t.Helper()
	if d := cmp.Diff(e.want, y.changed); d != "" {
		y.t.Errorf("%s: %s goes otherwise (-want +got):\n%s", e.date, strings.Join(e.words, " "), d)
	}
	clear(y.changed)
}
