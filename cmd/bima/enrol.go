package main

import (
	"bufio"
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
	File   string `arg:"" help:"A CSV table with a row for each person (docs/enrolment.md), or NDJSON of Patients and Groups." type:"existingfile"`
	DryRun bool   `help:"Check all of a table and store nothing."`
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
	if filepath.Ext(c.File) == ".ndjson" {
		return c.lines(ctx, s, l)
	}
	if c.Report == "" {
		c.Report = c.File + ".report.csv"
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	table, err := enrolment.Read(file)
	if err != nil {
		return err
	}
	kept, done, err := c.earlier()
	if err != nil {
		return err
	}
	families := slices.DeleteFunc(table.Families, func(f enrolment.Family) bool {
		return !slices.ContainsFunc(f.Rows, func(r enrolment.Row) bool { return !done[r.Number] })
	})
	report, err := newReport(c.Report, kept)
	if err != nil {
		return err
	}
	defer report.file.Close()
	for chunk := range slices.Chunk(families, familiesSent) {
		if err := c.send(ctx, l, table, chunk, report); err != nil {
			return fmt.Errorf("%w\n%d rows are enrolled; go on with --resume", err, report.counts["enrolled"])
		}
		fmt.Fprintf(s.out, "%d enrolled, %d unchanged, %d refused\n", report.counts["enrolled"], report.counts["unchanged"], report.counts["refused"])
	}
	fmt.Fprintf(s.out, "%s says what became of each row\n", c.Report)
	if report.counts["refused"] > 0 {
		return errReported
	}
	return nil
}

// earlier reads the report of an earlier run: its lines, and the rows that need
// not be sent again.
func (c enrolCommand) earlier() (kept [][]string, done map[int]bool, err error) {
	done = map[int]bool{}
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
		n, err := strconv.Atoi(record[0])
		if err == nil && len(record) == len(enrolment.ReportHeader) && slices.Contains([]string{enrolment.StatusEnrolled, enrolment.StatusUnchanged}, record[3]) {
			done[n] = true
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

func newReport(name string, kept [][]string) (*reportFile, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	r := &reportFile{file: file, csv: csv.NewWriter(file), counts: map[string]int{}}
	return r, r.write(append([][]string{enrolment.ReportHeader}, kept...))
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
	part := func(name, kind string, value any) any { return map[string]any{"name": name, kind: value} }
	parts := []any{part("table", "valueBase64Binary", base64.StdEncoding.EncodeToString(text)), part("dry-run", "valueBoolean", c.DryRun)}
	if c.Source != "" {
		parts = append(parts, part("source", "valueString", c.Source))
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Parameters", "parameter": parts})
	if err != nil {
		return err
	}
	answer, err := l.send(ctx, http.MethodPost, "/Group/$enrol-table", body)
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(answer)
	if err != nil {
		return err
	}
	defer doc.Release()
	for p := range doc.Root().Get("parameter").Each() {
		switch name := p.Get("name").Text(); name {
		case "report":
			text, err := base64.StdEncoding.DecodeString(p.Get("valueBase64Binary").Text())
			if err != nil {
				return err
			}
			records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			if err != nil {
				return err
			}
			if err := report.write(records[min(len(records), 1):]); err != nil {
				return err
			}
		default:
			n, err := strconv.Atoi(p.Get("valueInteger").Text())
			if err != nil {
				return fmt.Errorf("the server answered %s: %w", p.Raw(), err)
			}
			report.counts[strings.Clone(name)] += n
		}
	}
	return nil
}

// lines enrols NDJSON of another register: its persons, and then its families.
func (c enrolCommand) lines(ctx context.Context, s streams, l loader) error {
	if c.DryRun || c.Resume {
		return errors.New("--dry-run and --resume are for tables; lines may be sent again, and change nothing the second time")
	}
	sent := 0
	for _, typ := range []string{"Patient", "Group"} {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		n, err := c.linesOf(ctx, l, file, typ)
		sent += n
		if err = errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "%d resources are enrolled\n", sent)
	return nil
}

// linesOf enrols the lines of one type.
func (c enrolCommand) linesOf(ctx context.Context, l loader, file io.Reader, typ string) (int, error) {
	text := bufio.NewScanner(file)
	text.Buffer(make([]byte, 0, 1<<16), lineMax)
	sent := 0
	var lines [][]byte
	flush := func() error {
		if len(lines) == 0 {
			return nil
		}
		body, err := c.parameters(lines)
		if err == nil {
			_, err = l.send(ctx, http.MethodPost, "/Group/$enrol", body)
		}
		sent, lines = sent+len(lines), nil
		return err
	}
	for number := 1; text.Scan(); number++ {
		line := bytes.TrimSpace(text.Bytes())
		if len(line) == 0 {
			continue
		}
		doc, err := fhir.Parse(line)
		if err != nil {
			return sent, &errLine{number: number, err: err}
		}
		is := strings.Clone(doc.Root().Get("resourceType").Text())
		doc.Release()
		if is != "Patient" && is != "Group" {
			return sent, &errLine{number: number, err: fmt.Errorf("a %s is neither a person nor a family", is)}
		}
		if is != typ {
			continue
		}
		if lines = append(lines, bytes.Clone(line)); len(lines) == linesSent {
			if err := flush(); err != nil {
				return sent, fmt.Errorf("up to line %d: %w", number, err)
			}
		}
	}
	return sent, errors.Join(text.Err(), flush())
}

func (c enrolCommand) parameters(lines [][]byte) ([]byte, error) {
	b := []byte(`{"resourceType":"Parameters","parameter":[`)
	for i, line := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"name":"resource","resource":`...), line...), '}')
	}
	if c.Source != "" {
		source, err := json.Marshal(c.Source)
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(b, `,{"name":"source","valueString":%s}`, source)
	}
	return append(b, "]}"...), nil
}
