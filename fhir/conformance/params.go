package conformance

import (
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir/r4"
	"bima/profiles"
)

// kindTexts say how a value of each kind of search parameter is written.
// Source: R4 search#ptypes.
var kindTexts = map[string]string{
	"token":     "a code as code, system|code or |code",
	"string":    "the beginning of a text, in any case and with any accents",
	"reference": "a reference as id, Type/id or URL",
	"date":      "a date or a part of one, with eq ne gt lt ge le sa eb ap",
	"number":    "a number, with eq ne gt lt ge le sa eb ap",
	"quantity":  "a quantity as number or number|system|code, with eq ne gt lt ge le sa eb ap",
	"uri":       "a URI, the whole of it",
	"composite": "values of its components, joined by $",
	"special":   "a value of its own form",
}

// codeTexts tell of the parameters that no FHIRPath explains.
var codeTexts = map[string]string{
	"_id":          "The logical id.",
	"_lastUpdated": "When the resource was last changed.",
	"_text":        "Words of the narrative: a b finds both, a OR b either, \"a b\" the phrase.",
	"_content":     "Words of any text of the resource: a b finds both, a OR b either, \"a b\" the phrase.",
	"_list":        "The id of a List whose items are found.",
	"_filter":      "An expression of R4's search filter: given eq \"asha\" and birthdate ge 2000.",
	"_has":         "_has:Type:parameter:code=value finds what is referred to by resources of the Type through the parameter that match.",
	"_type":        "The resource types to search, with commas between; at the base only.",
	"near":         "latitude|longitude|distance|unit: places within the distance.",
}

// joinParams are the parameters of every search that have no definition in R4.
// Source: R4 search#has, search#all.
var joinParams = []searchParam{{Name: "_has", Type: "special", Documentation: codeTexts["_has"]}}

// systemParams gives the parameters that resources of all types have.
func systemParams(f Facts) []*r4.SearchParam { return f.Parameters.Searchable("") }

// searchParams describes parameters.
func searchParams(f Facts, params []*r4.SearchParam) []searchParam {
	out := make([]searchParam, 0, len(params)+1)
	for _, p := range params {
		out = append(out, searchParam{Name: p.Code, Definition: p.URL, Type: p.Kind, Documentation: documentation(f, p)})
	}
	return append(out, joinParams...)
}

// documentation tells what a parameter compares with what.
func documentation(f Facts, p *r4.SearchParam) string {
	if text := codeTexts[p.Code]; text != "" {
		return text
	}
	kind := kindTexts[p.Kind]
	if len(p.Targets) == 1 {
		kind = "a reference to a " + p.Targets[0]
	}
	if text := described(f.Definitions, p.URL); text != "" {
		return strings.TrimSuffix(text, ".") + ": " + kind
	}
	if p.Expression == "" {
		return kind
	}
	return "`" + p.Expression + "`: " + kind
}

// described gives the description of our own parameter of a URL; "" where it is
// not ours.
func described(definitions []profiles.Definition, url string) string {
	if !strings.HasPrefix(url, profiles.Canonical) {
		return ""
	}
	at := slices.IndexFunc(definitions, func(d profiles.Definition) bool {
		return d.Type == "SearchParameter" && strings.HasSuffix(url, "/"+d.ID)
	})
	if at < 0 {
		return ""
	}
	var p struct{ URL, Description string }
	if json.Unmarshal(definitions[at].Body, &p) != nil || p.URL != url {
		return ""
	}
	return p.Description
}
