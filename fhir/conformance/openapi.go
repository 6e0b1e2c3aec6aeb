package conformance

import (
	"cmp"
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
)

// object is a JSON object on its way to be written; its members come out sorted.
type object = map[string]any

// openAPI describes the server in OpenAPI 3.1: what the CapabilityStatement says
// to programs that know FHIR, for those that don't.
func openAPI(f Facts) object {
	a := &api{facts: f, paths: object{}, parameters: sharedParameters(f), schemas: schemas(), responses: sharedResponses(f), bodies: sharedBodies(f)}
	a.system()
	tags := []object{{"name": "System", "description": "What is not about one resource type"}}
	for _, typ := range r4.Resources() {
		a.resource(typ)
		tags = append(tags, object{"name": typ, "externalDocs": object{"url": "http://hl7.org/fhir/R4/" + page(typ) + ".html"}})
	}
	document := object{
		"openapi": "3.1.0",
		"info": object{
			"title": f.Software, "version": cmp.Or(f.Version, "0"), "summary": "HL7 FHIR R4 (4.0.1)",
			"description": f.Description + ". " + apiText,
		},
		"externalDocs": object{"description": "FHIR's RESTful API", "url": "http://hl7.org/fhir/R4/http.html"},
		"servers":      []object{{"url": f.Base}},
		"tags":         tags,
		"paths":        a.paths,
		"components": object{
			"schemas": a.schemas, "parameters": a.parameters, "responses": a.responses, "requestBodies": a.bodies,
			"headers": sharedHeaders(), "securitySchemes": securitySchemes(),
		},
	}
	if required := securityRequired(f.Security); required != nil {
		document["security"] = required
	}
	return document
}

// apiText tells what holds for all paths.
const apiText = "Search parameters may be repeated (all must hold) or have several values with commas between (one must hold), " +
	"and most take a modifier, as in `name:exact`. Errors are OperationOutcomes. Resources are those of FHIR R4; " +
	"properties that begin with an underscore hold the extensions of primitive values."

// An api gathers the parts of the document.
type api struct {
	facts                                         Facts
	paths, parameters, schemas, responses, bodies object
}

// A call is one operation of a path.
type call struct {
	id, summary, tag string
	parameters       []any
	body             string // name of a shared request body
	success          object // answers by status
}

func (a *api) on(path, method string, c call) {
	responses := object{"default": ref("responses", "Error")}
	for status, answer := range c.success {
		responses[status] = answer
	}
	operation := object{"operationId": c.id, "summary": c.summary, "tags": []string{c.tag}, "responses": responses}
	if len(c.parameters) > 0 {
		operation["parameters"] = c.parameters
	}
	if c.body != "" {
		operation["requestBody"] = ref("requestBodies", c.body)
	}
	if a.paths[path] == nil {
		a.paths[path] = object{}
	}
	a.paths[path].(object)[method] = operation
}

func ref(kind, name string) object { return object{"$ref": "#/components/" + kind + "/" + name} }

// shared gives references to shared parameters.
func shared(names ...string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = ref("parameters", name)
	}
	return out
}

// answered gives answers of the shared responses, by status.
func answered(pairs ...string) object {
	out := object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = ref("responses", pairs[i+1])
	}
	return out
}

// resultNames are the parameters of a search that are about its result.
var resultNames = []string{"_sort", "_count", "_include", "_revinclude", "_summary", "_elements", "_total", "_format", "_pretty", "Prefer"}

// historyNames are the parameters of a history.
var historyNames = []string{"_count", "_since", "_at", "_total", "_summary", "_elements", "_format", "_pretty", "Prefer"}

// system describes what is not about one type.
func (a *api) system() {
	const tag = "System"
	mode := object{"name": "mode", "in": "query", "description": "Which part to tell.", "schema": object{"enum": []string{"full", "normative", "terminology"}}}
	a.on("/metadata", "get", call{id: "capabilities", summary: "What the server can do", tag: tag, parameters: append(shared("_format", "_pretty"), mode), success: answered("200", "CapabilityStatement")})
	a.on("/", "get", call{id: "searchSystem", summary: "Search resources of all types", tag: tag, parameters: append(shared(append(commonNames(a.facts), resultNames...)...), ref("parameters", "_type")), success: answered("200", "Bundle", "202", "Accepted")})
	a.on("/", "post", call{id: "bundle", summary: "Perform a batch or a transaction", tag: tag, parameters: shared("Prefer"), body: "Bundle", success: answered("200", "Bundle", "202", "Accepted")})
	a.on("/_search", "post", call{id: "searchSystemByForm", summary: "Search resources of all types by a form", tag: tag, parameters: shared("Prefer"), body: "Search", success: answered("200", "Bundle", "202", "Accepted")})
	a.on("/_history", "get", call{id: "historySystem", summary: "All changes, newest first", tag: tag, parameters: shared(historyNames...), success: answered("200", "Bundle", "202", "Accepted")})
	a.on("/_async/{id}", "get", call{id: "asyncStatus", summary: "How far a request accepted with Prefer: respond-async is", tag: tag, parameters: shared("id"), success: answered("200", "Bundle", "202", "Accepted")})
	a.on("/_async/{id}", "delete", call{id: "asyncCancel", summary: "Cancel a request accepted with Prefer: respond-async", tag: tag, parameters: shared("id"), success: answered("202", "Accepted")})
	for _, o := range a.facts.operations("") {
		a.operation("/$"+o.Code, o, "System", "", nil)
	}
}

// resource describes what is about one type.
func (a *api) resource(typ string) {
	a.responses[typ] = resourceResponse(a.facts, typ)
	a.bodies[typ] = resourceBody(a.facts, typ)
	one, many := answered("200", typ, "304", "NotModified"), answered("200", "Bundle", "202", "Accepted")
	written := answered("200", typ, "201", typ, "204", "NoContent")
	all, each := "/"+typ, "/"+typ+"/{id}"
	on := func(path, method, id, summary, body string, parameters []any, success object) {
		a.on(path, method, call{id: id, summary: summary, tag: typ, parameters: parameters, body: body, success: success})
	}
	on(all, "get", "search"+typ, "Search", "", a.searchParameters(typ), many)
	on(all, "post", "create"+typ, "Create, unless If-None-Exist finds one", typ, shared("If-None-Exist", "Prefer", "_format"), written)
	on(all, "put", "updateBy"+typ, "Update the one that meets the criteria, or create it", typ, shared("criteria", "If-Match", "Prefer", "_format"), written)
	on(all, "patch", "patchBy"+typ, "Patch the one that meets the criteria", "Patch", shared("criteria", "If-Match", "Prefer", "_format"), answered("200", typ))
	on(all, "delete", "deleteBy"+typ, "Delete what meets the criteria", "", shared("criteria", "Prefer"), answered("204", "NoContent", "200", "Outcome"))
	on(all+"/_search", "post", "search"+typ+"ByForm", "Search by a form", "Search", shared("Prefer"), many)
	on(all+"/_history", "get", "historyOfAll"+typ, "All changes, newest first", "", shared(historyNames...), many)
	on(each, "get", "read"+typ, "Read", "", shared("id", "If-None-Match", "If-Modified-Since", "_summary", "_elements", "_format", "_pretty"), one)
	on(each, "put", "update"+typ, "Update, or create under this id", typ, shared("id", "If-Match", "If-None-Match", "Prefer", "_format"), written)
	on(each, "patch", "patch"+typ, "Patch", "Patch", shared("id", "If-Match", "Prefer", "_format"), answered("200", typ))
	on(each, "delete", "delete"+typ, "Delete", "", shared("id", "If-Match", "Prefer"), answered("204", "NoContent", "200", "Outcome"))
	on(each+"/_history", "get", "history"+typ, "Its versions, newest first", "", shared(append([]string{"id"}, historyNames...)...), many)
	on(each+"/_history/{version}", "get", "vread"+typ, "Read a version", "", shared("id", "version", "_format", "_pretty"), one)
	if slices.ContainsFunc(r4.Compartments(), func(c *r4.Compartment) bool { return c.Type == typ }) {
		on(each+"/{type}", "get", "searchCompartmentOf"+typ, "Search what is about this one", "", shared(append([]string{"id", "type"}, resultNames...)...), many)
	}
	for _, o := range a.facts.operations(typ) {
		if o.Type {
			a.operation(all+"/$"+o.Code, o, typ, typ, nil)
		}
		if o.Instance {
			a.operation(each+"/$"+o.Code, o, typ, typ+"Instance", shared("id"))
		}
	}
}

// operation describes a FHIR operation on a path; suffix tells its operationId
// from those on other paths.
func (a *api) operation(path string, o fhir.Operation, tag, suffix string, parameters []any) {
	name := lowerFirst(computable(o.Code)) + suffix
	c := call{
		id: name, summary: "The operation $" + o.Code + "; see " + a.facts.definitionOf(o), tag: tag, parameters: parameters,
		body: "Parameters", success: answered("200", "Resource", "204", "NoContent"),
	}
	a.on(path, "post", c)
	if !o.Affects {
		c.id, c.body = name+"ByGet", ""
		c.parameters = append(slices.Clone(parameters), ref("parameters", "criteria"))
		a.on(path, "get", c)
	}
}
