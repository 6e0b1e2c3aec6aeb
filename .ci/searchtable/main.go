// Command searchtable reads what .ci/bench-search measured and prints a table:
// a row for each kind of search and database, with the median and the 99th
// percentile at each size, how the latter grows from the smallest size to the
// largest, and of the largest the rate compared with the same SQL sent without us
// and the pages that PostgreSQL touches, with those at the smallest.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A cell is one search at one size.
type cell struct{ p50, p99, bare, pages float64 }

// A row is one kind of search on one database.
type row struct {
	database, kind string
	cells          map[string]cell // by size
}

func main() {
	rows, sizes := read(bufio.NewScanner(os.Stdin))
	if len(rows) == 0 {
		fmt.Fprintln(os.Stderr, "searchtable: the input holds no search")
		os.Exit(1)
	}
	print(rows, sizes)
}

// read gathers the rows and the sizes, in the order they were measured.
func read(in *bufio.Scanner) (rows []*row, sizes []string) {
	byName := map[string]*row{}
	for in.Scan() {
		fields := strings.Fields(in.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "BenchmarkSearch/") {
			continue
		}
		parts := strings.SplitN(strings.TrimPrefix(fields[0], "BenchmarkSearch/"), "/", 3)
		if len(parts) < 3 {
			continue
		}
		database, size, kind := parts[0], parts[1], strings.ReplaceAll(parts[2], "_", " ")
		if rest, ok := strings.CutPrefix(kind, " "); ok {
			kind = "_" + rest // spaces come as that, and FHIR's own parameters begin with it
		}
		if at := strings.LastIndexByte(kind, '-'); at > 0 {
			if _, err := strconv.Atoi(kind[at+1:]); err == nil {
				kind = kind[:at]
			}
		}
		name := database + "/" + kind
		if byName[name] == nil {
			byName[name] = &row{database: database, kind: kind, cells: map[string]cell{}}
			rows = append(rows, byName[name])
		}
		if _, known := byName[name].cells[size]; !known && !contains(sizes, size) {
			sizes = append(sizes, size)
		}
		byName[name].cells[size] = cell{p50: figure(fields, "p50-µs"), p99: figure(fields, "p99-µs"), bare: figure(fields, "of-bare"), pages: figure(fields, "p50-pages")}
	}
	return rows, sizes
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// figure finds the number before a unit.
func figure(fields []string, unit string) float64 {
	for i := 1; i < len(fields); i++ {
		if fields[i] == unit {
			n, _ := strconv.ParseFloat(fields[i-1], 64)
			return n
		}
	}
	return 0
}

func print(rows []*row, sizes []string) {
	fmt.Print("| search, page of 20 | database |")
	for _, s := range sizes {
		fmt.Printf(" p50 %s | p99 %s |", s, s)
	}
	fmt.Println(" p99 grows | of bare SQL | pages |")
	fmt.Println("|---|---|" + strings.Repeat("--:|--:|", len(sizes)) + "--:|--:|--:|")
	for _, r := range rows {
		fmt.Printf("| %s | %s |", r.kind, r.database)
		for _, s := range sizes {
			fmt.Printf(" %s | %s |", milliseconds(r.cells[s].p50), milliseconds(r.cells[s].p99))
		}
		first, last := r.cells[sizes[0]], r.cells[sizes[len(sizes)-1]]
		grows, bare, pages := "", "", ""
		if first.p99 > 0 {
			grows = fmt.Sprintf("%.1f ×", last.p99/first.p99)
		}
		if last.bare > 0 {
			bare = fmt.Sprintf("%.2f", last.bare)
			pages = fmt.Sprintf("%.0f → %.0f", first.pages, last.pages)
		}
		fmt.Printf(" %s | %s | %s |\n", grows, bare, pages)
	}
}

// milliseconds writes microseconds so that small ones can be told apart.
func milliseconds(micros float64) string {
	if micros < 10_000 {
		return fmt.Sprintf("%.2f ms", micros/1000)
	}
	return fmt.Sprintf("%.0f ms", micros/1000)
}
