package terminology

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// expandTakes are the parameters of $expand. Source: R4 valueset-operation-expand.
var expandTakes = []string{
	"url", "valueSet", "valueSetVersion", "filter", "offset", "count", "includeDesignations", "designation",
	"includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI", "excludePostCoordinated",
	"displayLanguage", "exclude-system", "system-version", "check-system-version", "force-system-version",
}

// An expansion is what $expand is asked for.
type expansion struct {
	*call
	set           *held
	filter        codes.Wanted
	offset, count int
	counted       bool // whether count was given
	paged         bool
	designations  bool
	chosen        []string // the designations wanted, system|code; none means all
	definition    bool
	activeOnly    bool
	nested        bool
	choosable     bool // without what is not for users to choose
	languages     []string
	left          map[string]bool // code systems left out
}

// expand is ValueSet/$expand.
func expand(c *call) (*fhir.Response, error) {
	x, err := readExpansion(c)
	if err != nil {
		return nil, err
	}
	all, err := x.members(x.set)
	if err != nil {
		return nil, err
	}
	chosen := all
	if x.chooses() {
		chosen = nil
		for i := range all {
			if x.wants(&all[i]) {
				chosen = append(chosen, all[i])
			}
		}
	}
	most := x.service.options.ExpansionMax
	if !x.counted && len(chosen) > most {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "ValueSet.expansion", "the value set has %d codes; one answer holds %d at most: ask for parts of it by count and offset, or by filter", len(chosen), most)
	}
	return x.answer(chosen)
}

func readExpansion(c *call) (x *expansion, err error) {
	x = &expansion{call: c, filter: codes.Want(c.text("filter")), languages: c.languages(), chosen: c.texts("designation")}
	flags := []struct {
		name string
		to   *bool
	}{
		{"includeDesignations", &x.designations},
		{"includeDefinition", &x.definition},
		{"activeOnly", &x.activeOnly},
		{"excludeNotForUI", &x.choosable},
	}
	for _, f := range flags {
		if *f.to, _, err = c.flag(f.name); err != nil {
			return nil, err
		}
	}
	if len(x.chosen) > 0 {
		x.designations = true
	}
	var offset bool
	if x.offset, offset, err = c.number("offset"); err != nil {
		return nil, err
	}
	if x.count, x.counted, err = c.number("count"); err != nil {
		return nil, err
	}
	x.paged = offset || x.counted
	flat, given, err := c.flag("excludeNested")
	if err != nil {
		return nil, err
	}
	x.nested = given && !flat && !x.paged && len(x.filter) == 0
	if x.left, err = c.pinVersions(); err != nil {
		return nil, err
	}
	if x.set, err = c.meant("ValueSet", "valueSet", "url", "valueSetVersion"); err == nil && x.set == nil {
		err = fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$expand needs url or valueSet, or to be called on a ValueSet")
	}
	return x, err
}

// pinVersions reads the parameters about code systems: which versions count, and
// which systems are left out.
func (c *call) pinVersions() (left map[string]bool, err error) {
	modes := map[string]pinMode{"system-version": pinDefault, "check-system-version": pinCheck, "force-system-version": pinForce}
	left = map[string]bool{}
	for _, arg := range c.given {
		if arg.name == "exclude-system" {
			left[arg.value.Text()] = true
		}
		mode, ok := modes[arg.name]
		if !ok {
			continue
		}
		name := parseCanonical(arg.value.Text())
		if name.version == "" {
			return nil, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "%s must be a code system and its version, system|version, not %.200q", arg.name, arg.value.Text())
		}
		if c.pins == nil {
			c.pins = map[string]pin{}
		}
		c.pins[name.url] = pin{name.version, mode}
	}
	return left, nil
}

// chooses reports whether not every member is wanted.
func (x *expansion) chooses() bool {
	return x.activeOnly || x.choosable || len(x.left) > 0 || len(x.filter) > 0
}

// wants reports whether a member is to be in the answer.
func (x *expansion) wants(m *member) bool {
	switch {
	case x.activeOnly && m.inactive(), x.choosable && m.abstract():
		return false
	case x.left[m.system] || x.left[m.system+"|"+m.version]:
		return false
	case len(x.filter) == 0:
		return true
	}
	if m.concept.Exists() && m.concept.Says(x.filter) {
		return true
	}
	texts := []string{m.code()}
	if m.listed != nil {
		texts = append(texts, m.listed.display)
		for _, d := range m.listed.designations {
			texts = append(texts, d.Value)
		}
	} else if m.concept.Exists() {
		return false
	}
	return x.filter.In(texts...)
}

// A contains is a code in an expansion. Source: R4 ValueSet.expansion.contains.
type contains struct {
	System      string        `json:"system,omitempty"`
	Abstract    bool          `json:"abstract,omitempty"`
	Inactive    bool          `json:"inactive,omitempty"`
	Version     string        `json:"version,omitempty"`
	Code        string        `json:"code"`
	Display     string        `json:"display,omitempty"`
	Designation []designation `json:"designation,omitempty"`
	Contains    []*contains   `json:"contains,omitempty"`
}

type designation struct {
	Language string          `json:"language,omitempty"`
	Use      json.RawMessage `json:"use,omitempty"`
	Value    string          `json:"value"`
}

// answer writes the ValueSet.
func (x *expansion) answer(all []member) (*fhir.Response, error) {
	page := all
	if x.paged {
		page = page[min(x.offset, len(page)):]
	}
	if x.counted {
		page = page[:min(x.count, len(page), x.service.options.ExpansionMax)]
	}
	expansion := struct {
		Identifier string      `json:"identifier"`
		Timestamp  string      `json:"timestamp"`
		Total      int         `json:"total"`
		Offset     *int        `json:"offset,omitempty"`
		Parameter  []parameter `json:"parameter,omitempty"`
		Contains   []*contains `json:"contains,omitempty"`
	}{Identifier: newURN(), Timestamp: x.service.options.Now().UTC().Format(time.RFC3339), Total: len(all)}
	if x.paged {
		expansion.Offset = &x.offset
	}
	versions := versionsOf(all)
	expansion.Parameter = x.echo(versions)
	expansion.Contains = x.contained(page, versions)
	text, err := written(expansion)
	if err != nil {
		return nil, err
	}
	body := []byte(`{"resourceType":"ValueSet"`)
	about := x.set.set.about
	if x.definition && x.set.set.compose != "" {
		about = append(slices.Clip(about), property{"compose", x.set.set.compose})
	}
	for _, p := range append(slices.Clip(about), property{"expansion", string(text)}) {
		body = fmt.Appendf(body, `,"%s":%s`, p.name, p.json)
	}
	body = append(body, '}')
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "ValueSet"}, Body: body}}, nil
}

// newURN names an expansion.
func newURN() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// versionsOf gives the versions of the code systems that members are of.
func versionsOf(all []member) map[string][]string {
	out := map[string][]string{}
	for i := range all {
		m := &all[i]
		if i > 0 && m.system == all[i-1].system && m.version == all[i-1].version {
			continue
		}
		if m.version != "" && !slices.Contains(out[m.system], m.version) {
			out[m.system] = append(out[m.system], m.version)
		}
	}
	return out
}

// echo gives the parameters that shaped the expansion, and the versions of the
// code systems that are in it.
func (x *expansion) echo(versions map[string][]string) []parameter {
	var out []parameter
	for _, arg := range x.given {
		text := arg.value.Text()
		switch arg.name {
		case "offset", "count":
			out = append(out, parameter{arg.name, "valueInteger", json.RawMessage(text), nil})
		case "includeDesignations", "includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI", "excludePostCoordinated":
			out = append(out, booleanOf(arg.name, text == "true"))
		case "displayLanguage":
			out = append(out, codeOf(arg.name, text))
		case "url", "exclude-system", "system-version", "check-system-version", "force-system-version":
			out = append(out, uriOf(arg.name, text))
		case "filter", "designation", "valueSetVersion":
			out = append(out, stringOf(arg.name, text))
		}
	}
	for _, system := range slices.Sorted(maps.Keys(versions)) {
		for _, version := range versions[system] {
			out = append(out, uriOf("version", system+"|"+version))
		}
	}
	return out
}

// contained writes the codes, flat or under each other. The version of a code is
// told where the expansion has several of its system.
func (x *expansion) contained(page []member, versions map[string][]string) []*contains {
	flat := make([]*contains, len(page))
	for i := range page {
		m := &page[i]
		flat[i] = &contains{
			System: m.system, Abstract: m.abstract(), Inactive: m.inactive(),
			Code: m.code(), Display: m.display(x.languages),
		}
		if len(versions[m.system]) > 1 {
			flat[i].Version = m.version
		}
		if x.designations {
			flat[i].Designation = x.named(m)
		}
	}
	if !x.nested {
		return flat
	}
	return nest(page, flat)
}

// named gives the designations wanted of a member.
func (x *expansion) named(m *member) []designation {
	var out []designation
	for _, d := range m.designations() {
		if len(x.chosen) == 0 || slices.ContainsFunc(x.chosen, func(want string) bool { return fits(d, want) }) {
			out = append(out, designation{d.Language, json.RawMessage(d.Use), d.Value})
		}
	}
	return out
}

// fits reports whether a designation is of the language or use that a token
// names.
func fits(d codes.Designation, token string) bool {
	system, code, ok := strings.Cut(token, "|")
	if !ok {
		system, code = "", token
	}
	if system == codes.Language || system == "" && strings.EqualFold(d.Language, code) {
		return strings.EqualFold(d.Language, code)
	}
	doc, err := fhir.Parse([]byte(d.Use))
	if err != nil {
		return false
	}
	use := doc.Root()
	return use.Get("code").Text() == code && (system == "" || use.Get("system").Text() == system)
}

// nest puts each code under the nearest one above it that is in the expansion
// too; of several the first.
func nest(page []member, flat []*contains) []*contains {
	at := make(map[codes.Concept]*contains, len(page))
	for i := range page {
		if page[i].concept.Exists() {
			at[page[i].concept] = flat[i]
		}
	}
	var top []*contains
	for i := range page {
		if above := nearest(page[i].concept, at); above != nil {
			above.Contains = append(above.Contains, flat[i])
			continue
		}
		top = append(top, flat[i])
	}
	return top
}

// nearest finds the closest concept above one. The visits are bounded by the
// hierarchy's own size, and circles end where they close: nothing in a circle is
// put under another.
func nearest(c codes.Concept, at map[codes.Concept]*contains) *contains {
	if !c.Exists() {
		return nil
	}
	seen := map[codes.Concept]bool{c: true}
	for level := c.Parents(); len(level) > 0; {
		var next []codes.Concept
		for _, p := range level {
			if seen[p] {
				continue
			}
			seen[p] = true
			if found := at[p]; found != nil && !p.Under(c) {
				return found
			}
			next = append(next, p.Parents()...)
		}
		level = next
	}
	return nil
}
