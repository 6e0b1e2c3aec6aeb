// Command benchtable reads the output of `go test -bench` and prints the table of
// BENCHMARKS.md: each piece of work against the limit it is held to, as a ratio.
// It takes the median of repeated runs, and exits 1 when a row has no figures.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A row is one line of the table. A ratio is the rate of the work divided by the
// rate of its limit, both for one second or one byte.
type row struct {
	work, limit string // package/benchmark, as go test names them without "Benchmark"
	name, held  string // in words
	goal        string
	unit        string // MB/s, ns/op where less is faster, or the ratio itself
}

var rows = []row{
	{"fhir/validate/Resource", "fhir/validate/EncodingJSON", "parse and validate, financial examples", "encoding/json into a map", "60 MB/s a core", "MB/s"},
	{"fhir/validate/Resource", "fhir/validate/JSONFormat", "parse and validate, financial examples", "google/fhir jsonformat", "60 MB/s a core", "MB/s"},
	{"fhir/search/Extract", "fhir/search/Parse", "search values of a parsed resource", "parsing it", "≥ 1", "ns/op"},
	{"fhir/rest/Read/sqlite", "fhir/rest/BareRead/sqlite", "read over HTTP, SQLite", "net/http and a prepared statement", "≥ 0.5 (0.7)", "ns/op"},
	{"fhir/rest/Read/postgres", "fhir/rest/BareRead/postgres", "read over HTTP, PostgreSQL", "net/http and a prepared statement", "≥ 0.5 (0.7)", "ns/op"},
	{"storage/Create/postgres", "storage/CreateBare", "create with its index rows, PostgreSQL", "the same rows by bare pgx", "≥ 0.5 (0.7)", "ns/op"},
	{"resources/claim/SubmitOverHTTP/sqlite/Claim/$submit", "", "claim submitted over HTTP and decided, SQLite", "the same two resources in a transaction Bundle, undecided", "≥ 0.7", "decided/undecided"},
	{"resources/claim/SubmitOverHTTP/postgres/Claim/$submit", "", "claim submitted over HTTP and decided, PostgreSQL", "the same two resources in a transaction Bundle, undecided", "≥ 0.7", "decided/undecided"},
	{"resources/claim/Submit/sqlite/decided", "resources/claim/Submit/sqlite/undecided", "claim submitted and decided within the process, SQLite", "the same two resources undecided", "≥ 0.7", "ns/op"},
	{"resources/claim/Submit/postgres/decided", "resources/claim/Submit/postgres/undecided", "claim submitted and decided within the process, PostgreSQL", "the same two resources undecided", "≥ 0.7", "ns/op"},
	{"resources/eligibility/Answer/sqlite/service", "", "eligibility asked and answered, SQLite", "the same two resources undecided", "≥ 0.6", "decided/undecided"},
	{"resources/eligibility/Answer/postgres/service", "", "eligibility asked and answered, PostgreSQL", "the same two resources undecided", "≥ 0.6", "decided/undecided"},
	{"cmd/bima/EnrolAgainstRows/sqlite", "", "100 families of five enrolled in one Bundle, SQLite", "bare row writes, times as long", "≤ 3", "times-rows"},
	{"cmd/bima/EnrolAgainstRows/postgres", "", "100 families of five enrolled in one Bundle, PostgreSQL", "bare row writes, times as long", "≤ 3", "times-rows"},
	{"cmd/bima/Start", "", "start on an existing database (without loading the program)", "", "< 300 ms", "ns/op"},
}

var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// read gathers the figures of each benchmark and unit.
func read(in *bufio.Scanner) (figures map[string]map[string][]float64, machine string) {
	figures = map[string]map[string][]float64{}
	pkg, cpu := "", ""
	for in.Scan() {
		text := in.Text()
		if p, ok := strings.CutPrefix(text, "pkg: bima/"); ok {
			pkg = p
		}
		if c, ok := strings.CutPrefix(text, "cpu: "); ok {
			cpu = c
		}
		m := line.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		key := pkg + "/" + m[1]
		if figures[key] == nil {
			figures[key] = map[string][]float64{}
		}
		words := strings.Fields(m[2])
		for i := 0; i+1 < len(words); i += 2 {
			if v, err := strconv.ParseFloat(words[i], 64); err == nil {
				figures[key][words[i+1]] = append(figures[key][words[i+1]], v)
			}
		}
	}
	return figures, cpu
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func show(v float64, unit string) string {
	if unit == "MB/s" {
		return fmt.Sprintf("%.0f MB/s", v)
	}
	if v > 1e6 {
		return fmt.Sprintf("%.1f ms", v/1e6)
	}
	return fmt.Sprintf("%.0f µs", v/1e3)
}

// took says how long one piece of work took: an answer where an operation of the
// benchmark is many of them.
func took(figures map[string][]float64) string {
	for _, unit := range []string{"µs/answer", "µs/decided"} {
		if each := median(figures[unit]); each > 0 {
			return show(each*1e3, "ns/op")
		}
	}
	return show(median(figures["ns/op"]), "ns/op")
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	figures, cpu := read(in)
	fmt.Printf("Measured on %s, in one run; read the ratios, not the times.\n\n", cpu)
	fmt.Println("| work | measured | held against | measured | ratio of rates | goal |")
	fmt.Println("|---|---|---|---|---|---|")
	missing := false
	for _, r := range rows {
		work, limit := median(figures[r.work][r.unit]), median(figures[r.limit][r.unit])
		if work == 0 || r.limit != "" && limit == 0 {
			missing = true
			fmt.Printf("| %s | not measured | %s | | | %s |\n", r.name, r.held, r.goal)
			continue
		}
		switch {
		case r.limit == "" && r.held != "":
			fmt.Printf("| %s | %s | %s | | **%.2f** | %s |\n", r.name, took(figures[r.work]), r.held, work, r.goal)
			continue
		case r.limit == "":
			fmt.Printf("| %s | %s | | | | %s |\n", r.name, show(work, r.unit), r.goal)
			continue
		}
		ratio := limit / work
		if r.unit == "MB/s" {
			ratio = work / limit
		}
		fmt.Printf("| %s | %s | %s | %s | **%.2f** | %s |\n", r.name, show(work, r.unit), r.held, show(limit, r.unit), ratio, r.goal)
	}
	if missing {
		os.Exit(1)
	}
}
