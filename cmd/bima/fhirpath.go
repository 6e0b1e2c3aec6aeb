package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// fhirpathCommand evaluates an expression and prints its results as JSON.
type fhirpathCommand struct {
	Expression string `arg:"" help:"A FHIRPath expression, such as Patient.name.given."`
	File       string `arg:"" optional:"" help:"A resource as JSON; standard input when absent or -."`
}

// A fhirpathResult is one item of the collection an expression gives.
type fhirpathResult struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

// Run prints [{"type":…,"value":…}], one element an item. A name that the type of
// the resource does not have is an error, not an empty result.
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
	items, err := expression.Evaluate(root, nil, nil)
	if err != nil {
		return err
	}
	results := make([]fhirpathResult, 0, len(items))
	for _, item := range items {
		results = append(results, fhirpathResult{Type: item.TypeName(), Value: printable(item)})
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	return out.Encode(results)
}

// printable gives a primitive as FHIRPath writes it as a literal (dates begin
// with @) and an element with members as JSON.
func printable(item path.Item) any {
	if n, ok := item.Node(); ok && n.Kind() == fhir.KindObject {
		return item.JSON()
	}
	return item.Literal()
}

// readDocument reads one JSON text from a file or, when name is "" or "-", from
// standard input.
func readDocument(name string, in io.Reader) (*fhir.Document, error) {
	text, err := readInput(name, in)
	if err != nil {
		return nil, err
	}
	doc, err := fhir.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}

func readInput(name string, in io.Reader) ([]byte, error) {
	if name == "" || name == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(name)
}
