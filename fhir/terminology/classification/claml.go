package classification

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"bima/fhir"
)

// ReadClaML makes the JSON of a CodeSystem of a classification in ClaML (EN
// 14463), as WHO publishes ICD-10: classes of the kinds chapter, block and
// category, each below its SuperClass, called by its preferred rubric. Classes
// that are modified (diabetes by its complications) give a code for each modifier
// that is valid there. Version, language and title come from the file where the
// Heading has none. It fails with an Outcome of IssueInvalid where the file is no
// such XML, and of IssueTooCostly beyond 256 MiB or 500,000 codes.
func ReadClaML(r io.Reader, h Heading) ([]byte, error) {
	d := xml.NewDecoder(&bounded{r: r, left: fileBytesMax})
	d.CharsetReader = latin1
	c := clamlReader{d: d, modifiers: map[string][]modifierClass{}}
	if err := c.read(); err != nil {
		return nil, err
	}
	rows, err := c.rows()
	if err != nil {
		return nil, err
	}
	if h.Version == "" {
		h.Version = c.version
	}
	if h.Title == "" {
		h.Title = c.title
	}
	if h.Language == "" {
		h.Language = c.language
	}
	return codeSystem(h, rows)
}

// A clamlReader is one run over a file.
type clamlReader struct {
	d                        *xml.Decoder
	title, version, language string
	classes                  []*clamlClass
	modifiers                map[string][]modifierClass // by the code of the Modifier
	count                    int
}

// A clamlClass is one Class.
type clamlClass struct {
	code, kind, usage, display, definition string
	above                                  []string
	modifiedBy                             []clamlModifiedBy
	excluded                               []string // modifiers that don't hold for it
	where                                  string
}

// A clamlModifiedBy says which modifier, and which of its classes, hold.
type clamlModifiedBy struct {
	code     string
	position int
	some     bool // whether only those of valid hold
	valid    []string
}

// modifiersMax bounds the modifiers of one class: ICD-10 has two at most.
const modifiersMax = 20

// A modifierClass is what a modifier adds to a code and to its display.
type modifierClass struct{ code, display string }

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return strings.Join(strings.Fields(a.Value), " ")
		}
	}
	return ""
}

// read goes through the file, taking what stands right below its root.
func (c *clamlReader) read() error {
	root := false
	for {
		token, err := c.d.Token()
		if errors.Is(err, io.EOF) {
			if !root {
				return fhir.Errorf(fhir.IssueInvalid, "", "the file holds no ClaML")
			}
			return nil
		}
		if err != nil {
			return c.broken(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !root:
			if start.Name.Local != "ClaML" {
				return fhir.Errorf(fhir.IssueInvalid, "", "the root of a ClaML file is ClaML, not %.60q", start.Name.Local)
			}
			root = true
		default:
			if err := c.member(start); err != nil {
				return err
			}
		}
	}
}

// broken tells where the XML is not well formed.
func (c *clamlReader) broken(err error) error {
	var wrong *xml.SyntaxError
	if errors.As(err, &wrong) {
		return fhir.Errorf(fhir.IssueInvalid, "", "line %d: %s", wrong.Line, wrong.Msg)
	}
	var o *fhir.Outcome
	if errors.As(err, &o) {
		return o
	}
	line, _ := c.d.InputPos()
	return fhir.Errorf(fhir.IssueInvalid, "", "line %d: the XML can't be read: %w", line, err)
}

// member reads one element below the root.
func (c *clamlReader) member(start xml.StartElement) error {
	line, _ := c.d.InputPos()
	k := &clamlClass{
		code: attribute(start, "code"), kind: attribute(start, "kind"), usage: attribute(start, "usage"),
		where: "line " + strconv.Itoa(line),
	}
	if start.Name.Local == "Title" {
		c.title, c.version = attribute(start, "name"), attribute(start, "version")
	}
	if err := c.inside(k); err != nil {
		return err
	}
	switch start.Name.Local {
	case "Class", "ModifierClass":
		if c.count++; c.count > fileCodesMax {
			return fhir.Errorf(fhir.IssueTooCostly, "", "the file has more than %d classes", fileCodesMax)
		}
		if k.code == "" {
			return fhir.Errorf(fhir.IssueRequired, "CodeSystem.concept.code", "%s: a %s has no code", k.where, start.Name.Local)
		}
	}
	switch start.Name.Local {
	case "Class":
		c.classes = append(c.classes, k)
	case "ModifierClass":
		modifier := attribute(start, "modifier")
		c.modifiers[modifier] = append(c.modifiers[modifier], modifierClass{k.code, k.display})
	}
	return nil
}

// inside reads what is in an element, to its end.
func (c *clamlReader) inside(k *clamlClass) error {
	depth := 0
	for {
		token, err := c.d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return c.broken(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			if depth == 0 {
				return nil
			}
			depth--
		case xml.StartElement:
			depth++
			if t.Name.Local == "Rubric" {
				depth--
				err = c.rubric(k, t)
			} else {
				k.note(t)
			}
			if err != nil {
				return err
			}
		}
	}
}

// note takes what an empty element within a class says.
func (k *clamlClass) note(e xml.StartElement) {
	code := attribute(e, "code")
	switch e.Name.Local {
	case "SuperClass":
		k.above = append(k.above, code)
	case "ModifiedBy":
		if len(k.modifiedBy) >= modifiersMax {
			return
		}
		position, _ := strconv.Atoi(attribute(e, "position")) // none is 0
		k.modifiedBy = append(k.modifiedBy, clamlModifiedBy{code: code, position: position, some: attribute(e, "all") == "false"})
	case "ValidModifierClass":
		if last := len(k.modifiedBy) - 1; last >= 0 {
			k.modifiedBy[last].valid = append(k.modifiedBy[last].valid, code)
		}
	case "ExcludeModifier":
		k.excluded = append(k.excluded, code)
	}
}

// rubric reads a Rubric: the text of its first Label.
func (c *clamlReader) rubric(k *clamlClass, start xml.StartElement) error {
	var text strings.Builder
	labels, depth := 0, 0
	for {
		token, err := c.d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return c.broken(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "Label" {
				if labels++; c.language == "" {
					c.language = attribute(t, "lang")
				}
			}
			text.WriteByte(' ')
		case xml.CharData:
			if labels == 1 && depth > 0 {
				text.Write(t)
			}
		case xml.EndElement:
			if depth == 0 {
				k.called(attribute(start, "kind"), strings.Join(strings.Fields(text.String()), " "))
				return nil
			}
			depth--
		}
	}
}

// called keeps the text of a rubric. The short preferred one is the display.
func (k *clamlClass) called(kind, text string) {
	switch {
	case kind == "preferred" || kind == "preferredLong" && k.display == "":
		k.display = text
	case kind == "definition" && k.definition == "":
		k.definition = text
	}
}
