package interaction

import (
	"cmp"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// Capabilities gives the CapabilityStatement, computed from what is loaded, and
// its entity tag, which stays the same as long as the abilities do.
// Source: R4 capabilitystatement.
func (e *Engine) Capabilities() (body []byte, etag string) {
	return e.capabilities, e.capabilitiesETag
}

// A statement writes a CapabilityStatement.
type statement struct {
	engine   *Engine
	b        []byte
	byType   map[string][]*r4.SearchParam // the parameters that search knows, by type
	referred map[string][]string          // the _revinclude values, by type referred to
}

// interactions of a resource type, and of the whole server.
var (
	typeInteractions = []string{
		"read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
	}
	systemInteractions = []string{"transaction", "batch", "search-system", "history-system"}
)

// capabilityStatement writes the statement and its tag.
func capabilityStatement(c Config, e *Engine) ([]byte, string) {
	s := &statement{engine: e}
	s.gather()
	s.b = append(s.b, `"status":"active","kind":"instance","fhirVersion":"4.0.1","format":["json","application/fhir+json"],"patchFormat":["`+jsonPatch+`"]`...)
	s.b = append(s.b, `,"software":{"name":`...)
	s.b = appendString(s.b, cmp.Or(c.Software, "Bima"))
	if c.Version != "" {
		s.member("version", c.Version)
	}
	s.b = append(s.b, `},"implementation":{"description":"A health-financing scheme on FHIR R4","url":`...)
	s.b = appendString(s.b, e.base)
	s.b = append(s.b, `},"rest":[{"mode":"server"`...)
	s.security(c.Security)
	s.b = append(s.b, `,"resource":[`...)
	for i, typ := range r4.Resources() {
		if i > 0 {
			s.b = append(s.b, ',')
		}
		s.resource(typ)
	}
	s.b = append(s.b, ']')
	s.interactions(systemInteractions)
	s.searchParams(s.byType[""])
	s.operations("")
	s.b = append(s.b, `}]}`...)

	sum := fnv.New64a()
	_, _ = sum.Write(s.b) // it never fails
	head := []byte(`{"resourceType":"CapabilityStatement","date":`)
	head = appendInstant(head, e.now())
	head = append(head, ',')
	return append(head, s.b...), `W/"` + hex.EncodeToString(sum.Sum(nil)) + `"`
}

// gather finds the parameters of each type, and what refers to it.
func (s *statement) gather() {
	s.byType, s.referred = map[string][]*r4.SearchParam{}, map[string][]string{}
	s.byType[""] = s.engine.search.Searchable("")
	for _, typ := range r4.Resources() {
		s.byType[typ] = s.engine.search.Searchable(typ)
		for _, p := range s.byType[typ] {
			for _, target := range targetsOf(p) {
				s.referred[target] = append(s.referred[target], typ+":"+p.Code)
			}
		}
	}
}

func targetsOf(p *r4.SearchParam) []string {
	if p.Kind != "reference" {
		return nil
	}
	return p.Targets
}

// security says how callers identify themselves.
func (s *statement) security(services []string) {
	if len(services) == 0 {
		s.b = append(s.b, `,"security":{"description":"No authentication: this server is for its own machine only"}`...)
		return
	}
	s.b = append(s.b, `,"security":{"service":[`...)
	for i, code := range services {
		if i > 0 {
			s.b = append(s.b, ',')
		}
		s.b = append(s.b, `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/restful-security-service","code":`...)
		s.b = appendString(s.b, code)
		s.b = append(s.b, `}]}`...)
	}
	s.b = append(s.b, `]}`...)
}

func (s *statement) resource(typ string) {
	s.b = append(s.b, `{"type":`...)
	s.b = appendString(s.b, typ)
	s.member("profile", "http://hl7.org/fhir/StructureDefinition/"+typ)
	s.interactions(typeInteractions)
	deletes := "single"
	if s.engine.limits.DeleteMatches > 1 {
		deletes = "multiple"
	}
	s.b = append(s.b, `,"versioning":"versioned","readHistory":true,"updateCreate":true,"conditionalCreate":true,`+
		`"conditionalRead":"full-support","conditionalUpdate":true,"conditionalDelete":"`...)
	s.b = append(s.b, deletes...)
	s.b = append(s.b, `","referencePolicy":["literal","logical","local"]`...)
	includes := []string{"*"}
	for _, p := range s.byType[typ] {
		if p.Kind == "reference" {
			includes = append(includes, typ+":"+p.Code)
		}
	}
	s.list("searchInclude", includes)
	s.list("searchRevInclude", s.referred[typ])
	s.searchParams(s.byType[typ])
	s.operations(typ)
	s.b = append(s.b, '}')
}

func (s *statement) interactions(codes []string) {
	for i, code := range codes {
		if i == 0 {
			s.b = append(s.b, `,"interaction":[`...)
		} else {
			s.b = append(s.b, ',')
		}
		s.b = append(s.b, `{"code":"`...)
		s.b = append(s.b, code...)
		s.b = append(s.b, `"}`...)
	}
	s.b = append(s.b, ']')
}

func (s *statement) searchParams(params []*r4.SearchParam) {
	for i, p := range params {
		if i == 0 {
			s.b = append(s.b, `,"searchParam":[`...)
		} else {
			s.b = append(s.b, ',')
		}
		s.b = append(s.b, `{"name":`...)
		s.b = appendString(s.b, p.Code)
		s.member("definition", p.URL)
		s.member("type", p.Kind)
		s.b = append(s.b, '}')
	}
	if len(params) > 0 {
		s.b = append(s.b, ']')
	}
}

// operations lists those on a type, or on the whole server where typ is "".
func (s *statement) operations(typ string) {
	var on []fhir.Operation
	for _, offered := range s.engine.operations {
		for _, o := range offered {
			if typ == "" && o.System || typ != "" && slices.Contains(o.Types, typ) {
				on = append(on, o)
			}
		}
	}
	slices.SortFunc(on, func(a, b fhir.Operation) int { return strings.Compare(a.Code, b.Code) })
	for i, o := range on {
		if i == 0 {
			s.b = append(s.b, `,"operation":[`...)
		} else {
			s.b = append(s.b, ',')
		}
		s.b = append(s.b, `{"name":`...)
		s.b = appendString(s.b, o.Code)
		s.member("definition", cmp.Or(o.Definition, s.engine.base+"/OperationDefinition/"+o.Code))
		s.b = append(s.b, '}')
	}
	if len(on) > 0 {
		s.b = append(s.b, ']')
	}
}

// member adds a member with a text; list one with several.
func (s *statement) member(name, value string) {
	s.b = append(s.b, `,"`+name+`":`...)
	s.b = appendString(s.b, value)
}

func (s *statement) list(name string, values []string) {
	for i, value := range values {
		if i == 0 {
			s.b = append(s.b, `,"`+name+`":[`...)
		} else {
			s.b = append(s.b, ',')
		}
		s.b = appendString(s.b, value)
	}
	if len(values) > 0 {
		s.b = append(s.b, ']')
	}
}
