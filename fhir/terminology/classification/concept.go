package classification

import (
	"bytes"
	"encoding/json"

	"bima/fhir"
)

// A Heading says of a code system what the file with its codes does not.
type Heading struct {
	ID        string // the logical id, "icd-10"
	URL       string // the canonical URL, "http://hl7.org/fhir/sid/icd-10"
	Version   string // may be ""; ClaML files state their own
	Name      string // for machines, "ICD10"; "" is made of ID
	Title     string // for people; may be ""
	Publisher string // may be ""
	Copyright string // may be ""
	Language  string // of the displays, "en"; may be ""
	Meaning   string // hierarchyMeaning; "" is "is-a"
}

// The bounds of a file of codes: the largest classification in use, ICD-10-CM, has
// a hundred thousand codes in 20 MB.
const (
	fileBytesMax  = 256 << 20
	fileCodesMax  = 500_000
	fileDepthMax  = 40
	fileFieldsMax = 200
)

// A row is one code as a file gives it.
type row struct {
	code, display, definition string
	parent                    string // "" at the top
	kind                      string // "chapter", "block", "category"; "" where the file has none
	usage                     string // "dagger", "aster"
	groups                    bool   // whether it only groups others
	where                     string // "line 17", for messages
}

// A classed is a concept as it is written.
type classed struct {
	Code       string          `json:"code"`
	Display    string          `json:"display,omitempty"`
	Definition string          `json:"definition,omitempty"`
	Property   []classProperty `json:"property,omitempty"`
	Concept    []*classed      `json:"concept,omitempty"`
}

type classProperty struct {
	Code         string `json:"code"`
	ValueCode    string `json:"valueCode,omitempty"`
	ValueBoolean bool   `json:"valueBoolean,omitempty"`
}

// A declared is a property as a code system declares it.
type declared struct {
	Code        string `json:"code"`
	URI         string `json:"uri,omitempty"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

// codeSystem writes a CodeSystem in which the rows are nested under their
// parents. It fails where a code occurs twice, a parent does not occur, or codes
// are nested in a circle or too deep.
func codeSystem(h Heading, rows []row) ([]byte, error) {
	if h.URL == "" || !fhir.ValidID(h.ID) {
		return nil, fhir.Errorf(fhir.IssueRequired, "CodeSystem.url", "a code system needs a canonical URL and a logical id of letters, digits, '-' and '.'; got %q and %q", h.URL, h.ID)
	}
	if len(rows) == 0 {
		return nil, fhir.Errorf(fhir.IssueInvalid, "CodeSystem.concept", "the file holds no codes")
	}
	top, err := nested(rows)
	if err != nil {
		return nil, err
	}
	name := h.Name
	if name == "" {
		name = h.ID
	}
	meaning := h.Meaning
	if meaning == "" {
		meaning = "is-a"
	}
	return encoded(struct {
		ResourceType     string     `json:"resourceType"`
		ID               string     `json:"id"`
		Language         string     `json:"language,omitempty"`
		URL              string     `json:"url"`
		Version          string     `json:"version,omitempty"`
		Name             string     `json:"name"`
		Title            string     `json:"title,omitempty"`
		Status           string     `json:"status"`
		Publisher        string     `json:"publisher,omitempty"`
		Copyright        string     `json:"copyright,omitempty"`
		CaseSensitive    bool       `json:"caseSensitive"`
		HierarchyMeaning string     `json:"hierarchyMeaning"`
		Content          string     `json:"content"`
		Count            int        `json:"count"`
		Property         []declared `json:"property,omitempty"`
		Concept          []*classed `json:"concept"`
	}{
		"CodeSystem", h.ID, h.Language, h.URL, h.Version, name, h.Title, "active", h.Publisher, h.Copyright,
		true, meaning, "complete", len(rows), declarations(rows), top,
	})
}

// encoded gives a value as JSON, with <, > and & as they are.
func encoded(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), err
}

// declarations gives the properties that rows have.
func declarations(rows []row) []declared {
	var kind, usage, groups bool
	for i := range rows {
		kind, usage, groups = kind || rows[i].kind != "", usage || rows[i].usage != "", groups || rows[i].groups
	}
	var out []declared
	if kind {
		out = append(out, declared{Code: "kind", Description: "What kind of class it is, such as chapter, block or category", Type: "code"})
	}
	if usage {
		out = append(out, declared{Code: "usage", Description: "How the class is used beside another, such as dagger or aster", Type: "code"})
	}
	if groups {
		out = append(out, declared{"notSelectable", "http://hl7.org/fhir/concept-properties#notSelectable", "Whether the code only groups others", "boolean"})
	}
	return out
}

// nested puts each row under its parent, in the order of the rows.
func nested(rows []row) ([]*classed, error) {
	at := make(map[string]int, len(rows))
	concepts := make([]*classed, len(rows))
	for i := range rows {
		r := &rows[i]
		if first, twice := at[r.code]; twice {
			return nil, fhir.Errorf(fhir.IssueDuplicate, "CodeSystem.concept.code", "%s: the code %.100q is there already, at %s", r.where, r.code, rows[first].where)
		}
		at[r.code] = i
		concepts[i] = &classed{Code: r.code, Display: r.display, Definition: r.definition, Property: r.properties()}
	}
	var top []*classed
	for i := range rows {
		r := &rows[i]
		if r.parent == "" {
			top = append(top, concepts[i])
			continue
		}
		parent, ok := at[r.parent]
		if !ok {
			return nil, fhir.Errorf(fhir.IssueInvalid, "CodeSystem.concept", "%s: the code %.100q is to be below %.100q, which is not there", r.where, r.code, r.parent)
		}
		concepts[parent].Concept = append(concepts[parent].Concept, concepts[i])
	}
	return top, shallow(rows, at)
}

// shallow fails where a row is in a circle or nested too deep.
func shallow(rows []row, at map[string]int) error {
	for i := range rows {
		depth := 0
		for r := &rows[i]; r.parent != ""; r = &rows[at[r.parent]] {
			if depth++; depth > fileDepthMax {
				return fhir.Errorf(fhir.IssueInvalid, "CodeSystem.concept", "%s: the code %.100q is nested more than %d deep, or below itself", rows[i].where, rows[i].code, fileDepthMax)
			}
		}
	}
	return nil
}

func (r *row) properties() []classProperty {
	var out []classProperty
	if r.kind != "" {
		out = append(out, classProperty{Code: "kind", ValueCode: r.kind})
	}
	if r.usage != "" {
		out = append(out, classProperty{Code: "usage", ValueCode: r.usage})
	}
	if r.groups {
		out = append(out, classProperty{Code: "notSelectable", ValueBoolean: true})
	}
	return out
}
