// Command generate draws the tables of package profiles/r4 out of the official
// package of R4 definitions; see that package for where to find it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	source := flag.String("package", "", "the official definitions, hl7.fhir.r4.core.tgz of version 4.0.1")
	target := flag.String("out", ".", "the folder the tables are written to")
	flag.Parse()
	if err := generate(*source, *target); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes all tables or, on the first surprise in the definitions, fails.
func generate(source, target string) error {
	d, err := readDefinitions(source)
	if err != nil {
		return err
	}
	tables := []struct {
		name string
		make func(*definitions) (string, error)
	}{
		{"types.txt", typeTable},
		{"search.txt", searchTable},
		{"compartments.txt", compartmentTable},
		{"valuesets.txt", valueSetTable},
		{"terminology.txt.gz", terminologyTable},
	}
	for _, t := range tables {
		text, err := t.make(d)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if err := os.WriteFile(filepath.Join(target, t.name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
