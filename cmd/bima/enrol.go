package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/resources/enrolment"
)

// enrolCommand enrols persons and families from a file by a server's public API.
type enrolCommand struct {
	File   string `arg:"" help:"A CSV table with a row for each person (docs/enrolment.md), NDJSON of Patients and Groups, or a folder of such files as a bulk export gives them." type:"path"`
	DryRun bool   `help:"Check all of it and store nothing."`
	Resume bool   `help:"Leave out the rows that the report of an earlier run says are enrolled."`
	Report string `help:"Where what became of each row is written, as CSV; FILE.report.csv by default." placeholder:"FILE"`
	Source string `help:"The register that the persons come from, to be kept with them." placeholder:"NAME"`
	Server string `help:"The server's base URL." default:"http://127.0.0.1:8080/fhir" env:"BIMA_BASE_URL"`
	User   string `help:"The account to enrol as; its password is read from BIMA_PASSWORD." env:"BIMA_USER"`
}

const (
	// familiesSent is how many families of a table go in one request.
	familiesSent = 200
	// linesSent is how many lines of NDJSON go in one.
	linesSent = 200
)

// Run enrols the file. It ends with status 1 where rows were refused; the report
// says which, and why.
func (c enrolCommand) Run(ctx context.Context, s streams) error {
	l := loader{base: strings.TrimSuffix(c.Server, "/"), user: c.User, password: os.Getenv("BIMA_PASSWORD")}
	if c.Report == "" {
		c.Report = filepath.Clean(c.File) + ".report.csv"
	}
	info, err := os.Stat(c.File)
	switch {
	case err != nil:
		return err
	case info.IsDir() || filepath.Ext(c.File) == ".ndjson":
		return c.register(ctx, s, l)
	}
	return c.table(ctx, s, l)
}

// table enrols the rows of a table.
func (c enrolCommand) table(ctx context.Context, s streams, l loader) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	table, err := enrolment.Read(file)
	if err != nil {
		return err
	}
	kept, rows, err := c.earlier(enrolment.ReportHeader)
	if err != nil {
		return err
	}
	done := map[int]bool{}
	for row := range rows {
		if n, err := strconv.Atoi(row); err == nil {
			done[n] = true
		}
	}
	families := slices.DeleteFunc(table.Families, func(f enrolment.Family) bool {
		return !slices.ContainsFunc(f.Rows, func(r enrolment.Row) bool { return !done[r.Number] })
	})
	report, err := newReport(c.Report, enrolment.ReportHeader, kept)
	if err != nil {
		return err
	}
	defer report.file.Close()
	for chunk := range slices.Chunk(families, familiesSent) {
		if err := c.send(ctx, l, table, chunk, report); err != nil {
			return fmt.Errorf("%w\n%d rows are enrolled; go on with --resume", err, report.counts["enrolled"])
		}
		report.summary(s.out)
	}
	return report.end(s.out, "row")
}

// earlier reads the report of an earlier run: its lines, and the rows that need
// not be sent again, by what the report calls them.
func (c enrolCommand) earlier(header []string) (kept [][]string, done map[string]bool, err error) {
	done = map[string]bool{}
	if !c.Resume {
		return nil, done, nil
	}
	file, err := os.Open(c.Report)
	if errors.Is(err, os.ErrNotExist) {
		return nil, done, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.Report, err)
	}
	for _, record := range records[min(len(records), 1):] {
		if len(record) == len(header) && slices.Contains([]string{enrolment.StatusEnrolled, enrolment.StatusUnchanged}, record[3]) {
			done[record[0]] = true
			kept = append(kept, record)
		}
	}
	return kept, done, nil
}

// A reportFile is written as the answers come, so that an enrolment that breaks
// off can be gone on with.
type reportFile struct {
	file   *os.File
	csv    *csv.Writer
	counts map[string]int
}

func newReport(name string, header []string, kept [][]string) (*reportFile, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	r := &reportFile{file: file, csv: csv.NewWriter(file), counts: map[string]int{}}
	return r, r.write(append([][]string{header}, kept...))
}

func (r *reportFile) write(records [][]string) error {
	if err := r.csv.WriteAll(records); err != nil {
		return err
	}
	return r.file.Sync()
}

// send sends some families, and keeps what became of them.
func (c enrolCommand) send(ctx context.Context, l loader, table *enrolment.Table, families []enrolment.Family, report *reportFile) error {
	text, err := table.CSV(families)
	if err != nil {
		return err
	}
	records, err := c.ask(ctx, l, "enrol-table", "table", text, report)
	if err != nil {
		return err
	}
	return report.write(records)
}

// ask calls an operation that enrols a text. It counts what became of it, and
// gives the lines of the report.
func (c enrolCommand) ask(ctx context.Context, l loader, operation, name string, text []byte, report *reportFile) ([][]string, error) {
	part := func(name, kind string, value any) any { return map[string]any{"name": name, kind: value} }
	parts := []any{part(name, "valueBase64Binary", base64.StdEncoding.EncodeToString(text)), part("dry-run", "valueBoolean", c.DryRun)}
	if c.Source != "" {
		parts = append(parts, part("source", "valueString", c.Source))
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Parameters", "parameter": parts})
	if err != nil {
		return nil, err
	}
	answer, err := l.send(ctx, http.MethodPost, "/Group/$"+operation, body)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Parse(answer)
	if err != nil {
		return nil, err
	}
	defer doc.Release()
	var records [][]string
	for p := range doc.Root().Get("parameter").Each() {
		switch name := p.Get("name").Text(); name {
		case "report":
			text, err := base64.StdEncoding.DecodeString(p.Get("valueBase64Binary").Text())
			if err != nil {
				return nil, err
			}
			all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			if err != nil {
				return nil, err
			}
			records = all[min(len(all), 1):]
		default:
			n, err := strconv.Atoi(p.Get("valueInteger").Text())
			if err != nil {
				return nil, fmt.Errorf("the server answered %s: %w", p.Raw(), err)
			}
			report.counts[strings.Clone(name)] += n
		}
	}
	return records, nil
}

// summary prints how many were enrolled so far.
func (r *reportFile) summary(w io.Writer) {
	fmt.Fprintf(w, "%d enrolled, %d unchanged, %d refused\n", r.counts["enrolled"], r.counts["unchanged"], r.counts["refused"])
}

// end says where what became of each row, or line, is written. It fails where any
// was refused.
func (r *reportFile) end(w io.Writer, of string) error {
	fmt.Fprintf(w, "%s says what became of each %s\n", r.file.Name(), of)
	if r.counts["refused"] > 0 {
		return errReported
	}
	return nil
}
