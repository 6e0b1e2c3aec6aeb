package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"bima/fhir/terminology/classification"
)

// termsCommand looks after terminology.
type termsCommand struct {
	Load termsLoadCommand `cmd:"" help:"Send the codes of a table (CSV) or a ClaML file to a server as one CodeSystem."`
}

// termsLoadCommand sends a classification such as ICD-10 to a server.
type termsLoadCommand struct {
	File     string `arg:"" help:"The file: .csv, .tsv or .txt with the names of its columns in the first line, or ClaML (.xml)."`
	System   string `help:"The canonical URL of the code system." default:"http://hl7.org/fhir/sid/icd-10"`
	ID       string `help:"The logical id of the CodeSystem." default:"icd-10"`
	Release  string `help:"The version of the code system; ClaML files state their own."`
	Title    string `help:"Its title, for people."`
	Language string `help:"The language of the displays, such as en."`
	Code     string `help:"The column of the codes; by default code, icd10 or the like." placeholder:"COLUMN"`
	Display  string `help:"The column of the displays; by default display, name, title or the like." placeholder:"COLUMN"`
	Parent   string `help:"The column of the code right above; by default parent." placeholder:"COLUMN"`
	Comma    string `help:"What separates the columns; by default what the first line has." placeholder:"CHARACTER"`
	Prefixes bool   `help:"Where the table says nothing of it, put each code below the one it begins with: A00.1 below A00."`
	Server   string `help:"The server's base URL." default:"http://127.0.0.1:8080/fhir" env:"BIMA_BASE_URL"`
	User     string `help:"The account to load as; its password is read from BIMA_PASSWORD." env:"BIMA_USER"`
}

// Run makes the CodeSystem and puts it under its id, so that loading again
// replaces it.
func (c termsLoadCommand) Run(ctx context.Context, s streams) error {
	body, err := c.codeSystem()
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	l := loader{base: strings.TrimSuffix(c.Server, "/"), user: c.User, password: os.Getenv("BIMA_PASSWORD")}
	if _, err := l.resource(ctx, body); err != nil {
		return err
	}
	var made struct{ Count int }
	if err := json.Unmarshal(body, &made); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is CodeSystem/%s, %s: %d codes\n", c.File, c.ID, c.System, made.Count)
	return err
}

func (c termsLoadCommand) codeSystem() ([]byte, error) {
	separator, size := utf8.DecodeRuneInString(c.Comma)
	if size != len(c.Comma) {
		return nil, fmt.Errorf("--comma takes one character, not %q", c.Comma)
	}
	if c.Comma == "" {
		separator = 0
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	heading := classification.Heading{ID: c.ID, URL: c.System, Version: c.Release, Title: c.Title, Language: c.Language}
	if filepath.Ext(c.File) == ".xml" {
		return classification.ReadClaML(file, heading)
	}
	return classification.ReadCSV(file, heading, classification.CSV{
		Comma: separator, Code: c.Code, Display: c.Display, Parent: c.Parent, Prefixes: c.Prefixes,
	})
}
