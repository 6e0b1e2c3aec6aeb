package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// canonical is where HL7's own definitions live.
const canonical = "http://hl7.org/fhir/"

// definitions is what the tables are made from, keyed by type name or URL.
type definitions struct {
	types        map[string]*structure
	params       []*searchParameter
	compartments []*compartment
	valueSets    map[string]*valueSet
	codeSystems  map[string]*codeSystem
	terms        map[string]*term // by the name of their file
}

type structure struct {
	URL, Type, Kind, BaseDefinition string
	Abstract                        bool
	Snapshot                        struct{ Element []*element }
}

type element struct {
	Path             string
	Min              int
	Max              string
	Base             struct{ Path string }
	ContentReference string
	Type             []typeReference
	Constraint       []constraint
	IsModifier       bool
	IsSummary        bool
	Binding          *struct{ Strength, ValueSet string }
}

type typeReference struct {
	Code                   string
	Profile, TargetProfile []string
	Extension              []struct{ URL, ValueURL string }
}

type constraint struct{ Key, Severity, Human, Expression, Source string }

type searchParameter struct {
	ID, URL, Code, Type, Expression string
	Base, Target                    []string
	Component                       []struct{ Definition, Expression string }
}

type compartment struct {
	Code     string
	ID       string
	Resource []struct {
		Code  string
		Param []string
	}
}

type valueSet struct {
	URL     string
	Compose struct{ Include, Exclude []include }
}

type include struct {
	System   string
	Concept  []concept
	Filter   []json.RawMessage
	ValueSet []string
}

type concept struct {
	Code, Display string
	Concept       []concept
}

type codeSystem struct {
	URL, Content string
	Concept      []concept
}

// readDefinitions reads the official package, a gzipped tar.
func readDefinitions(source string) (*definitions, error) {
	f, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	d := &definitions{
		types:       map[string]*structure{},
		valueSets:   map[string]*valueSet{},
		codeSystems: map[string]*codeSystem{},
		terms:       map[string]*term{},
	}
	archive := tar.NewReader(unzipped)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		if err := d.add(path.Base(h.Name), body); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
}

// add keeps a definition if the tables need it.
func (d *definitions) add(name string, body []byte) error {
	kind, _, _ := strings.Cut(name, "-")
	switch kind {
	case "CodeSystem", "ValueSet", "ConceptMap":
		t, err := readTerm(body)
		if err != nil {
			return err
		}
		d.terms[name] = t
	}
	switch kind {
	case "StructureDefinition":
		var s structure
		if err := json.Unmarshal(body, &s); err != nil {
			return err
		}
		if s.URL == canonical+"StructureDefinition/"+s.Type && s.Kind != "logical" {
			d.types[s.Type] = &s
		}
	case "SearchParameter":
		var p searchParameter
		d.params = append(d.params, &p)
		return json.Unmarshal(body, &p)
	case "CompartmentDefinition":
		var c compartment
		d.compartments = append(d.compartments, &c)
		return json.Unmarshal(body, &c)
	case "ValueSet":
		var v valueSet
		if err := json.Unmarshal(body, &v); err != nil {
			return err
		}
		d.valueSets[v.URL] = &v
	case "CodeSystem":
		var c codeSystem
		if err := json.Unmarshal(body, &c); err != nil {
			return err
		}
		d.codeSystems[c.URL] = &c
	}
	return nil
}
