package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/fhir/terminology"
	"bima/profiles"
)

// fhirpathCommand evaluates an expression and prints its results as JSON.
type fhirpathCommand struct {
	Expression string `arg:"" help:"A FHIRPath expression, such as Patient.name.given."`
	File       string `arg:"" optional:"" help:"A resource as JSON or XML; standard input when absent or -."`
}

// Run prints [{"type":…,"value":…}], one element an item: primitives as FHIRPath
// writes them (dates begin with @), other elements as JSON. A name that the type
// of the resource does not have is an error, not an empty result.
func (c fhirpathCommand) Run(s streams) error {
	expression, err := path.Compile(c.Expression)
	if err != nil {
		return err
	}
	doc, err := readDocument(c.File, s.in)
	if err != nil {
		return err
	}
	root := doc.Root()
	if err := expression.Check(r4.Lookup(root.Get("resourceType").Text())); err != nil {
		return err
	}
	terms := terminology.New(terminology.Options{Definitions: profiles.Definitions()})
	items, err := expression.Evaluate(root, nil, &path.Context{MemberOf: terms.Defined})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\n", items.JSON())
	return err
}

// expressionLast keeps an expression that begins with a minus, such as -1 < 2,
// from being read as a flag.
func expressionLast(args []string) []string {
	if len(args) < 2 || args[0] != "fhirpath" || !strings.HasPrefix(args[1], "-") || slices.Contains([]string{"-h", "--help", "--"}, args[1]) {
		return args
	}
	return slices.Insert(slices.Clone(args), 1, "--")
}

// readDocument reads one resource from a file or, when name is "" or "-", from
// standard input.
func readDocument(name string, in io.Reader) (*fhir.Document, error) {
	text, err := readResource(name, in)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}
