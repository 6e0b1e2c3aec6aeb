package main

import (
	"bytes"
	"io"
	"os"

	"bima/fhir/profile"
	"bima/fhir/xml"
	"bima/profiles"
)

// readInput reads a file or, when name is "" or "-", standard input.
func readInput(name string, in io.Reader) ([]byte, error) {
	if name == "" || name == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(name)
}

// readResource is readInput of a resource, which it gives as JSON though it be
// XML.
func readResource(name string, in io.Reader) ([]byte, error) {
	text, err := readInput(name, in)
	if err != nil {
		return nil, err
	}
	return asJSON(text)
}

// asJSON gives a resource as JSON though it be XML: no JSON begins as XML does.
func asJSON(text []byte) ([]byte, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(start, []byte("<")) {
		return xml.ToJSON(text)
	}
	return text, nil
}

// readPackages reads packages of definitions (.tgz).
func readPackages(names []string) ([]profiles.Definition, error) {
	var all []profiles.Definition
	for _, name := range names {
		definitions, err := readPackage(name)
		if err != nil {
			return nil, err
		}
		all = append(all, definitions...)
	}
	return all, nil
}

func readPackage(name string) ([]profiles.Definition, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return profile.ReadPackage(file)
}
