package conformance

import (
	"slices"
	"strings"

	"bima/fhir/r4"
)

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// page gives the name of a type's page in R4.
func page(typ string) string { return strings.ToLower(typ) }

// commonNames gives the parameters that resources of all types have.
func commonNames(f Facts) []string {
	var names []string
	for _, p := range systemParams(f) {
		names = append(names, p.Code)
	}
	return append(names, "_has")
}

// searchParameters gives those of a search of a type.
func (a *api) searchParameters(typ string) []any {
	var out []any
	common := commonNames(a.facts)
	for _, p := range a.facts.Parameters.Searchable(typ) {
		if slices.Contains(common, p.Code) {
			continue
		}
		out = append(out, searchParameter(a.facts, p))
	}
	return append(out, shared(append(common, resultNames...)...)...)
}

func searchParameter(f Facts, p *r4.SearchParam) object {
	return queryParameter(p.Code, documentation(f, p), ref("schemas", "search."+p.Kind))
}

func queryParameter(name, text string, schema object) object {
	return object{"name": name, "in": "query", "description": text, "schema": schema}
}

func headerParameter(name, text string) object {
	return object{"name": name, "in": "header", "description": text, "schema": object{"type": "string"}}
}

func pathParameter(name, text string, schema object) object {
	return object{"name": name, "in": "path", "required": true, "description": text, "schema": schema}
}

// sharedParameters gives the parameters that several paths have.
func sharedParameters(f Facts) object {
	word, words := object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}
	count := object{"type": "integer", "minimum": 0}
	out := object{
		"id":                pathParameter("id", "The logical id.", ref("schemas", "id")),
		"version":           pathParameter("version", "The version.", ref("schemas", "id")),
		"type":              pathParameter("type", "The resource type to search, or * for all.", word),
		"If-Match":          headerParameter("If-Match", `The version the client has seen: W/"3". Another one is refused with 412.`),
		"If-None-Match":     headerParameter("If-None-Match", `Of a read, the version the client has: W/"3". Of an update, *: only where there is none.`),
		"If-Modified-Since": headerParameter("If-Modified-Since", "When the client read what it has."),
		"If-None-Exist":     headerParameter("If-None-Exist", "Criteria, as in a search: create only where nothing meets them."),
		"Prefer":            headerParameter("Prefer", "return=minimal, representation or OperationOutcome; handling=strict or lenient; respond-async."),
		"criteria": object{
			"name": "criteria", "in": "query", "description": "Parameters by name, as in a search.", "style": "form", "explode": true,
			"schema": object{"type": "object", "additionalProperties": object{"type": "string"}},
		},
		"_has":        queryParameter("_has", codeTexts["_has"], word),
		"_type":       queryParameter("_type", codeTexts["_type"], word),
		"_sort":       queryParameter("_sort", "Parameters to sort by, with commas between; a minus before one turns it round.", word),
		"_count":      queryParameter("_count", "How many a page.", count),
		"_include":    queryParameter("_include", "Type:parameter: what the found refer to comes too.", words),
		"_revinclude": queryParameter("_revinclude", "Type:parameter: what refers to the found comes too.", words),
		"_summary":    queryParameter("_summary", "Which part of the resources.", object{"enum": []string{"true", "text", "data", "count", "false"}}),
		"_elements":   queryParameter("_elements", "The elements wanted, with commas between.", word),
		"_total":      queryParameter("_total", "Whether to count all.", object{"enum": []string{"none", "estimate", "accurate"}}),
		"_since":      queryParameter("_since", "Only versions from then on.", object{"type": "string", "format": "date-time"}),
		"_at":         queryParameter("_at", "Only versions that were current then.", word),
		"_format":     queryParameter("_format", "The format of the answer; goes before Accept.", object{"enum": f.Formats}),
		"_pretty":     queryParameter("_pretty", "Indent the answer.", object{"type": "boolean"}),
	}
	for _, p := range systemParams(f) {
		out[p.Code] = searchParameter(f, p)
	}
	return out
}

// media gives the media types that carry FHIR, for a schema of its JSON.
func media(f Facts, schema object) object {
	content := object{}
	for _, name := range f.Formats {
		switch {
		case !strings.HasPrefix(name, "application/"):
		case strings.Contains(name, "xml"):
			content[name] = object{"schema": object{"type": "string"}}
		default:
			content[name] = object{"schema": schema}
		}
	}
	return content
}

func resourceResponse(f Facts, typ string) object {
	return object{
		"description": "The " + typ, "content": media(f, ref("schemas", typ)),
		"headers": object{"ETag": ref("headers", "ETag"), "Last-Modified": ref("headers", "Last-Modified"), "Location": ref("headers", "Location")},
	}
}

func resourceBody(f Facts, typ string) object {
	return object{"required": true, "content": media(f, ref("schemas", typ))}
}

// sharedResponses gives the answers that several paths have.
func sharedResponses(f Facts) object {
	return object{
		"Error":       object{"description": "What is wrong, and where", "content": media(f, ref("schemas", "OperationOutcome"))},
		"Outcome":     object{"description": "What was done", "content": media(f, ref("schemas", "OperationOutcome"))},
		"Resource":    object{"description": "The answer of the operation", "content": media(f, ref("schemas", "Resource"))},
		"NoContent":   object{"description": "Done; there is nothing to tell"},
		"NotModified": object{"description": "The client has it already"},
		"Accepted": object{
			"description": "Accepted, to be done later", "content": media(f, ref("schemas", "OperationOutcome")),
			"headers": object{"Content-Location": ref("headers", "Content-Location"), "X-Progress": ref("headers", "X-Progress"), "Retry-After": ref("headers", "Retry-After")},
		},
	}
}

// sharedBodies gives the request bodies that several paths have.
func sharedBodies(f Facts) object {
	patches := object{}
	for _, name := range f.PatchFormats {
		schema := object{"type": "string"}
		switch {
		case strings.Contains(name, "json-patch"):
			schema = object{"type": "array", "items": object{"type": "object", "required": []string{"op", "path"}}}
		case strings.Contains(name, "json"):
			schema = ref("schemas", "Parameters")
		}
		patches[name] = object{"schema": schema}
	}
	return object{
		"Patch": object{"required": true, "content": patches},
		"Search": object{"content": object{"application/x-www-form-urlencoded": object{
			"schema": object{"type": "object", "additionalProperties": object{"type": "string"}},
		}}},
	}
}

func sharedHeaders() object {
	header := func(text string) object {
		return object{"description": text, "schema": object{"type": "string"}}
	}
	return object{
		"ETag": header(`The version: W/"3"`), "Last-Modified": header("When it was last changed"), "Location": header("Where what was made is"),
		"Content-Location": header("Where to ask how far it is"), "X-Progress": header("How far it is, in words"), "Retry-After": header("After how many seconds to ask again"),
	}
}

func securitySchemes() object {
	return object{
		"basic":  object{"type": "http", "scheme": "basic", "description": securityTexts["Basic"]},
		"bearer": object{"type": "http", "scheme": "bearer", "description": securityTexts["OAuth"]},
	}
}

// securityRequired gives the ways to authenticate, one of which is needed; nil
// where none is.
func securityRequired(services []string) []object {
	var out []object
	for _, code := range services {
		name := "bearer"
		if code == "Basic" {
			name = "basic"
		}
		required := object{name: []string{}}
		if !slices.ContainsFunc(out, func(other object) bool { return other[name] != nil }) {
			out = append(out, required)
		}
	}
	return out
}
