package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A term is a CodeSystem, ValueSet or ConceptMap with those of its elements
// that codes are looked up, listed and translated by, in R4's order.
type term struct {
	ResourceType     string       `json:"resourceType"`
	ID               string       `json:"id"`
	URL              string       `json:"url"`
	Version          string       `json:"version,omitempty"`
	Name             string       `json:"name,omitempty"`
	Title            string       `json:"title,omitempty"`
	Status           string       `json:"status"`
	SourceURI        string       `json:"sourceUri,omitempty"`
	SourceCanonical  string       `json:"sourceCanonical,omitempty"`
	TargetURI        string       `json:"targetUri,omitempty"`
	TargetCanonical  string       `json:"targetCanonical,omitempty"`
	CaseSensitive    *bool        `json:"caseSensitive,omitempty"`
	ValueSet         string       `json:"valueSet,omitempty"`
	HierarchyMeaning string       `json:"hierarchyMeaning,omitempty"`
	Content          string       `json:"content,omitempty"`
	Supplements      string       `json:"supplements,omitempty"`
	Property         []termLabel  `json:"property,omitempty"`
	Concept          []*termCode  `json:"concept,omitempty"`
	Compose          *termCompose `json:"compose,omitempty"`
	Group            []*termGroup `json:"group,omitempty"`
}

type termLabel struct {
	Code string `json:"code"`
	URI  string `json:"uri,omitempty"`
	Type string `json:"type"`
}

type termCode struct {
	Code        string            `json:"code"`
	Display     string            `json:"display,omitempty"`
	Designation []json.RawMessage `json:"designation,omitempty"`
	Property    []json.RawMessage `json:"property,omitempty"`
	Concept     []*termCode       `json:"concept,omitempty"`
}

type termCompose struct {
	Inactive *bool          `json:"inactive,omitempty"`
	Include  []*termInclude `json:"include,omitempty"`
	Exclude  []*termInclude `json:"exclude,omitempty"`
}

type termInclude struct {
	System   string            `json:"system,omitempty"`
	Version  string            `json:"version,omitempty"`
	Concept  []*termCode       `json:"concept,omitempty"`
	Filter   []json.RawMessage `json:"filter,omitempty"`
	ValueSet []string          `json:"valueSet,omitempty"`
}

type termGroup struct {
	Source        string          `json:"source,omitempty"`
	SourceVersion string          `json:"sourceVersion,omitempty"`
	Target        string          `json:"target,omitempty"`
	TargetVersion string          `json:"targetVersion,omitempty"`
	Element       json.RawMessage `json:"element,omitempty"`
	Unmapped      json.RawMessage `json:"unmapped,omitempty"`
}

// readTerm reads a definition and keeps what the table needs.
func readTerm(body []byte) (*term, error) {
	var t term
	if err := json.Unmarshal(body, &t); err != nil {
		return nil, err
	}
	t.normalise()
	return &t, nil
}

// normalise parts what R4 writes as one: some code systems of HL7 version 2 have
// their version within their URL, behind a bar, as references to versions do.
func (t *term) normalise() {
	if url, version, ok := strings.Cut(t.URL, "|"); ok {
		t.URL, t.Version = url, version
	}
	if t.Compose == nil {
		return
	}
	for _, i := range slices.Concat(t.Compose.Include, t.Compose.Exclude) {
		if system, version, ok := strings.Cut(i.System, "|"); ok {
			i.System, i.Version = system, version
		}
	}
}

// systemVersions gives the versions of each code system that R4 publishes.
func (d *definitions) systemVersions() map[string][]string {
	out := map[string][]string{}
	for _, t := range d.terms {
		if t.ResourceType == "CodeSystem" {
			out[t.URL] = append(out[t.URL], t.Version)
		}
	}
	return out
}

// loosen forgets versions of R4's own code systems that R4 does not publish: one
// value set names such a one, and means the one there is.
func (t *term) loosen(known map[string][]string) {
	if t.Compose == nil {
		return
	}
	for _, i := range slices.Concat(t.Compose.Include, t.Compose.Exclude) {
		if versions := known[i.System]; strings.HasPrefix(i.System, canonical) && len(versions) > 0 && !slices.Contains(versions, i.Version) {
			i.Version = ""
		}
	}
}

// countries are the codes of ISO 3166-1 in their three forms, with names.
//
//go:embed countries.txt
var countries string

// addLists adds the code systems that R4 refers to and our lists hold.
func (d *definitions) addLists() {
	currency := &term{ID: "iso-4217", URL: "urn:iso:std:iso:4217", Name: "ISO4217", Title: "ISO 4217 Currency Codes"}
	for line := range strings.Lines(currencies) {
		code, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		currency.Concept = append(currency.Concept, &termCode{Code: code, Display: name})
	}
	country := &term{ID: "iso-3166", URL: "urn:iso:std:iso:3166", Name: "ISO3166Part1", Title: "ISO 3166-1 Country Codes"}
	for form := range 3 {
		for line := range strings.Lines(countries) {
			f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			country.Concept = append(country.Concept, &termCode{Code: f[form], Display: f[3]})
		}
	}
	yes := true
	for _, t := range []*term{currency, country} {
		t.ResourceType, t.Status, t.Content, t.CaseSensitive = "CodeSystem", "active", "complete", &yes
		d.terms["CodeSystem-"+t.ID] = t
	}
}

// terminologyTable writes terminology.txt.gz. The time in the header is left
// out, so that the same definitions give the same bytes.
func terminologyTable(d *definitions) (string, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	d.addLists()
	known := d.systemVersions()
	for _, name := range slices.Sorted(maps.Keys(d.terms)) {
		t := d.terms[name]
		t.loosen(known)
		var body bytes.Buffer
		encoder := json.NewEncoder(&body) // ends with \n
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(t); err != nil {
			return "", err
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s", t.ResourceType, t.ID, t.URL, t.Version, body.Bytes()); err != nil {
			return "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return out.String(), nil
}
