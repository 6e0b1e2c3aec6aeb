package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"bima/fhir"
	"bima/resources/enrolment"
)

// A registerFile is the files of a register, with where each line is.
type registerFile struct {
	files []*os.File
	lines []lineAt
	units [][]int // lines that are enrolled or refused as a whole
}

// A lineAt is one line of a register.
type lineAt struct {
	file   int
	number int // in its file, from 1
	offset int64
	length int
}

// register enrols the lines of NDJSON files, families with their persons wherever
// these stand.
func (c enrolCommand) register(ctx context.Context, s streams, l loader) error {
	r, err := openRegister(c.File)
	if err != nil {
		return err
	}
	defer r.close()
	kept, done, err := c.earlier(enrolment.RegisterHeader)
	if err != nil {
		return err
	}
	report, err := newReport(c.Report, enrolment.RegisterHeader, kept)
	if err != nil {
		return err
	}
	defer report.file.Close()
	units := slices.DeleteFunc(r.units, func(u []int) bool {
		return !slices.ContainsFunc(u, func(line int) bool { return !done[r.name(line)] })
	})
	for len(units) > 0 {
		var lines []int
		for len(units) > 0 && (len(lines) == 0 || len(lines)+len(units[0]) <= linesSent) {
			lines, units = append(lines, units[0]...), units[1:]
		}
		if err := c.sendLines(ctx, l, r, lines, report); err != nil {
			return fmt.Errorf("%w\n%d lines are enrolled; go on with --resume", err, report.counts["enrolled"])
		}
		report.summary(s.out)
	}
	return report.end(s.out, "line")
}

// sendLines sends some lines, and keeps what became of them under the numbers they
// have in their files.
func (c enrolCommand) sendLines(ctx context.Context, l loader, r *registerFile, lines []int, report *reportFile) error {
	var text bytes.Buffer
	for _, at := range lines {
		line := r.lines[at]
		body := make([]byte, line.length)
		if _, err := r.files[line.file].ReadAt(body, line.offset); err != nil {
			return err
		}
		text.Write(append(body, '\n'))
	}
	records, err := c.ask(ctx, l, "enrol-register", "register", text.Bytes(), report)
	if err != nil {
		return err
	}
	for _, record := range records {
		n, err := strconv.Atoi(record[0])
		if err != nil || n < 1 || n > len(lines) {
			return fmt.Errorf("the server's report is of a line %q, which was not sent", record[0])
		}
		record[0] = r.name(lines[n-1])
	}
	return report.write(records)
}

// name gives a line as the report calls it: its number, with its file where there
// are several.
func (r *registerFile) name(line int) string {
	at := r.lines[line]
	if len(r.files) == 1 {
		return strconv.Itoa(at.number)
	}
	return filepath.Base(r.files[at.file].Name()) + ":" + strconv.Itoa(at.number)
}

// openRegister opens a file, or the .ndjson files of a folder, and finds which of
// their lines belong together.
func openRegister(path string) (*registerFile, error) {
	names := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if names, err = filepath.Glob(filepath.Join(path, "*.ndjson")); err != nil || len(names) == 0 {
			return nil, errors.Join(err, fmt.Errorf("there is no .ndjson file in %s", path))
		}
	}
	r := &registerFile{}
	units := enrolment.NewUnits()
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			r.close()
			return nil, err
		}
		r.files = append(r.files, file)
		if err := r.index(file, units); err != nil {
			r.close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	r.units = units.All()
	return r, nil
}

// index notes where the lines of the last file are, and what they name.
func (r *registerFile) index(file io.Reader, units *enrolment.Units) error {
	text := bufio.NewReaderSize(file, 1<<16)
	var offset int64
	for number := 1; ; number++ {
		line, err := text.ReadBytes('\n')
		if len(line) > lineMax {
			return fmt.Errorf("line %d is longer than %d bytes", number, lineMax)
		}
		if body := bytes.TrimSpace(line); len(body) > 0 {
			r.lines = append(r.lines, lineAt{len(r.files) - 1, number, offset + int64(bytes.Index(line, body)), len(body)})
			units.Add(treeOf(body))
		}
		offset += int64(len(line))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// treeOf reads a line; one that is no JSON has no tree, and the server says so.
func treeOf(body []byte) fhir.Node {
	doc, err := fhir.Parse(body)
	if err != nil {
		return fhir.Node{}
	}
	return doc.Root()
}

func (r *registerFile) close() {
	for _, file := range r.files {
		_ = file.Close() // only read
	}
}
