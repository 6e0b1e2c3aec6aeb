package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"bima/testdata/nation"
)

// generateCommand writes a synthetic scheme.
type generateCommand struct {
	Persons int    `help:"How many persons are members of families; there are about four resources a person." default:"10000"`
	Seed    uint64 `help:"The same seed draws the same scheme." default:"1"`
	Out     string `help:"The folder to write to; it is made where it is missing." required:"" type:"path"`
}

// Run writes one NDJSON file a resource type, numbered in the order to load them,
// so that bima load takes the folder as it is.
func (c generateCommand) Run(s streams) (err error) {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	files := map[string]*ndjson{}
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.close())
		}
	}()
	err = nation.Generate(nation.Options{Persons: c.Persons, Seed: c.Seed}, func(typ string, line []byte) error {
		f, ok := files[typ]
		if !ok {
			name := fmt.Sprintf("%02d-%s.ndjson", 10+slices.Index(nation.Types(), typ), typ)
			if f, err = newNDJSON(filepath.Join(c.Out, name)); err != nil {
				return err
			}
			files[typ] = f
		}
		return f.add(line)
	})
	if err != nil {
		return err
	}
	total := 0
	for _, typ := range nation.Types() {
		if f, drawn := files[typ]; drawn {
			total += f.lines
			fmt.Fprintf(s.out, "%9d %s\n", f.lines, typ)
		}
	}
	fmt.Fprintf(s.out, "%9d resources in %s\n", total, c.Out)
	return nil
}

// An ndjson is a file of one resource a line.
type ndjson struct {
	file  *os.File
	text  *bufio.Writer
	lines int
}

// ndjsonBuffer is how much of a file is written at once, in bytes.
const ndjsonBuffer = 1 << 18

func newNDJSON(name string) (*ndjson, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return &ndjson{file: file, text: bufio.NewWriterSize(file, ndjsonBuffer)}, nil
}

func (f *ndjson) add(line []byte) error {
	f.lines++
	if _, err := f.text.Write(line); err != nil {
		return err
	}
	return f.text.WriteByte('\n')
}

func (f *ndjson) close() error { return errors.Join(f.text.Flush(), f.file.Close()) }
