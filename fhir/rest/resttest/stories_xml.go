package resttest

import "strings"

const (
	xmlType      = "application/fhir+xml; charset=utf-8"
	xmlPatchType = "application/xml-patch+xml"
)

// inXML are the headers of a client that speaks XML both ways.
var inXML = Values{"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}

// patientXML is patientAt as XML.
const patientXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- as a person writes it -->
<Patient xmlns="http://hl7.org/fhir">
  <id value="{run}"/>
  <meta><tag><system value="urn:run"/><code value="{run}"/></tag></meta>
  <identifier><system value="urn:run:number"/><value value="{run}"/></identifier>
  <name><family value="Mushi"/><given value="Asha"/></name>
  <birthDate value="1990-04-01"/>
</Patient>`

// xmlStories cover resources as XML. Source: R4 xml, http#mime-type.
func xmlStories() []Story {
	var all []Story
	for _, part := range [][]Story{xmlNegotiationStories(), xmlBodyStories(), xmlInteractionStories(), xmlErrorStories(), xmlPatchStories(), binaryStories()} {
		all = append(all, part...)
	}
	return all
}

func xmlNegotiationStories() []Story {
	ask := func(name, accept, wanted string) Scenario {
		return Scenario{
			Name: name, Path: "/Patient/{run}", Header: Values{"Accept": accept}, WantStatus: 200,
			WantHeader: Values{"Content-Type": wanted, "ETag": `W/"1"`}, WantBody: Values{"resourceType": "Patient", "name[0].family": "Mushi"},
		}
	}
	named := func(name, format, wanted string) Scenario {
		return Scenario{
			Name: name, Path: "/Patient/{run}?_format=" + format, Header: Values{"Accept": "application/fhir+json"}, WantStatus: 200,
			WantHeader: Values{"Content-Type": wanted}, WantText: `<Patient xmlns="http://hl7.org/fhir"`, WantBody: Values{"id": "{run}"},
		}
	}
	return []Story{
		{"XML is answered to those who accept it", []Scenario{
			putPatient,
			ask("FHIR's XML", "application/fhir+xml", xmlType),
			ask("with its version", "application/fhir+xml; fhirVersion=4.0", xmlType),
			ask("plain XML", "application/xml", "application/xml; charset=utf-8"),
			ask("text", "text/xml", "text/xml; charset=utf-8"),
			ask("the old name", "application/xml+fhir", "application/xml+fhir; charset=utf-8"),
			ask("XML before JSON", "application/fhir+json;q=0.5, application/fhir+xml", xmlType),
			ask("JSON before XML", "application/fhir+xml;q=0.5, application/fhir+json", fhirType),
			ask("both alike", "application/fhir+xml, application/fhir+json", fhirType),
			ask("XML and else anything", "application/fhir+xml, */*;q=0.1", xmlType),
			ask("no JSON at all", "*/*, application/fhir+json;q=0, application/json;q=0, text/json;q=0, application/json+fhir;q=0", xmlType),
			ask("any text", "text/*", "text/json; charset=utf-8"),
			ask("no text but XML", "text/*, text/json;q=0", "text/xml; charset=utf-8"),
		}},
		{"XML is answered to those who ask by _format", []Scenario{
			putPatient,
			named("short", "xml", xmlType),
			named("FHIR's XML", "application/fhir%2Bxml", xmlType),
			named("the plus not escaped", "application/fhir+xml", xmlType),
			named("plain XML", "application/xml", "application/xml; charset=utf-8"),
			named("text", "text/xml", "text/xml; charset=utf-8"),
			{Name: "on one line", Path: "/Patient/{run}?_format=xml", WantStatus: 200, WantText: `<birthDate value="1990-04-01"/></Patient>`},
			{Name: "for people", Path: "/Patient/{run}?_format=xml&_pretty=true", WantStatus: 200, WantText: "\n  <birthDate value=\"1990-04-01\"/>\n</Patient>"},
			{Name: "HEAD", Method: "HEAD", Path: "/Patient/{run}?_format=xml", WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantEmpty: true},
			{Name: "JSON wins over an Accept of XML", Path: "/Patient/{run}?_format=json", Header: Values{"Accept": "application/fhir+xml"}, WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}},
			{Name: "the version is unchanged whatever the format", Path: "/Patient/{run}?_format=xml", Header: Values{"If-None-Match": `W/"1"`}, WantStatus: 304, WantEmpty: true},
		}},
	}
}

func xmlBodyStories() []Story {
	send := func(name, contentType string, status int) Scenario {
		return Scenario{
			Name: name, Method: "POST", Path: "/Patient", Header: Values{"Content-Type": contentType}, WantStatus: status,
			Body: `<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>`, WantBody: Values{"resourceType": "*"},
		}
	}
	return []Story{
		{"bodies come in the types of XML", []Scenario{
			send("FHIR's XML", "application/fhir+xml", 201),
			send("with charset", "application/fhir+xml; charset=UTF-8; fhirVersion=4.0", 201),
			send("plain XML", "application/xml", 201),
			send("text", "text/xml", 201),
			send("the old name", "application/xml+fhir", 201),
			send("called JSON", "application/fhir+json", 400),
			send("another version of FHIR", "application/fhir+xml; fhirVersion=5.0", 415),
			send("another charset", "application/fhir+xml; charset=utf-16", 415),
		}},
		{"what is sent as XML is stored as it is", []Scenario{
			{Name: "create", Method: "PUT", Path: "/Patient/{run}", Header: inXML, Body: patientXML, WantStatus: 201, WantHeader: Values{"Content-Type": xmlType, "ETag": `W/"1"`}, WantBody: Values{"birthDate": "1990-04-01"}},
			{Name: "the same as JSON changes nothing", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, WantStatus: 200, WantHeader: Values{"ETag": `W/"1"`}},
			{Name: "the same as XML changes nothing", Method: "PUT", Path: "/Patient/{run}", Header: inXML, Body: patientXML, WantStatus: 200, WantHeader: Values{"ETag": `W/"1"`}},
			{
				Name: "texts, extensions and decimals", Method: "PUT", Path: "/Observation/{run}", Header: inXML, WantStatus: 201,
				Body: `<f:Observation xmlns:f="http://hl7.org/fhir"><f:id value="{run}"/><f:text><f:status value="generated"/><h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>a &lt; b<h:br/></h:p></h:div></f:text>` +
					`<f:extension url="urn:x"><f:valueBoolean value="false"/></f:extension><f:status value="final"/><f:code id="c"><f:text value="line 1&#10;line 2 &amp; &quot;more&quot;"/></f:code>` +
					`<f:effectiveDateTime value="2020"><f:extension url="urn:y"><f:valueInteger value="-3"/></f:extension></f:effectiveDateTime><f:valueQuantity><f:value value="1.50"/></f:valueQuantity></f:Observation>`,
			},
			{
				Name: "as JSON", Path: "/Observation/{run}", WantStatus: 200, WantText: `"value":1.50`,
				WantBody: Values{
					"text.div": `<div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt; b<br/></p></div>`, "extension[0].valueBoolean": "false", "code.id": "c",
					"code.text": "line 1\nline 2 & \"more\"", "effectiveDateTime": "2020", "_effectiveDateTime.extension[0].valueInteger": "-3",
				},
			},
			{Name: "as XML", Path: "/Observation/{run}?_format=xml", WantStatus: 200, WantText: `<code id="c"><text value="line 1&#10;line 2 &amp; &quot;more&quot;"/></code><effectiveDateTime value="2020"><extension url="urn:y"><valueInteger value="-3"/></extension></effectiveDateTime><valueQuantity><value value="1.50"/></valueQuantity></Observation>`},
		}},
	}
}

func xmlInteractionStories() []Story {
	parameters := `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource><Patient><gender value="x-ray"/></Patient></resource></parameter></Parameters>`
	return []Story{
		{"every interaction speaks XML", []Scenario{
			{Name: "update", Method: "PUT", Path: "/Patient/{run}", Header: inXML, Body: patientXML, WantStatus: 201},
			{Name: "vread", Path: "/Patient/{run}/_history/1", Header: inXML, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"meta.versionId": "1"}},
			{Name: "search", Path: "/Patient?_tag=urn:run|{run}", Header: inXML, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"type": "searchset", "entry#": "1", "entry[0].resource.id": "{run}", "entry[0].search.mode": "match"}},
			{Name: "search of nothing", Path: "/Patient?_tag=urn:run|{run}-none&_format=xml", WantStatus: 200, WantBody: Values{"type": "searchset", "entry": Absent, "total": "0"}},
			{Name: "search by a form", Method: "POST", Path: "/Patient/_search", Header: Values{"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/fhir+xml"}, Body: "_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "a part of it", Path: "/Patient/{run}?_elements=birthDate&_format=xml", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01", "name": Absent, "meta.tag[*].code": "*SUBSETTED*"}},
			{Name: "history", Path: "/Patient/{run}/_history", Header: inXML, WantStatus: 200, WantBody: Values{"type": "history", "entry#": "1", "entry[0].request.method": "PUT", "entry[0].resource.id": "{run}"}},
			{Name: "what it can do", Path: "/metadata", Header: inXML, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}},
			{Name: "an operation", Method: "POST", Path: "/Patient/$validate", Header: inXML, Body: parameters, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].severity": "error"}},
			{Name: "a write that prefers an outcome", Method: "PUT", Path: "/Patient/{run}", Header: Values{"Content-Type": "text/xml", "Accept": "text/xml", "Prefer": "return=OperationOutcome"}, Body: patientXML, WantStatus: 200, WantHeader: Values{"Content-Type": "text/xml; charset=utf-8"}, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "a conditional create", Method: "POST", Path: "/Patient", Header: Values{"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml", "If-None-Exist": "_tag=urn:run|{run}"}, Body: patientXML, WantStatus: 200, WantBody: Values{"id": "{run}"}},
			{Name: "a delete that prefers an outcome", Method: "DELETE", Path: "/Patient/{run}", Header: Values{"Accept": "application/fhir+xml", "Prefer": "return=OperationOutcome"}, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"resourceType": "OperationOutcome"}},
		}},
		{"a transaction is sent and answered as XML", []Scenario{
			{
				Name: "a transaction", Method: "POST", Path: "", Header: inXML, WantStatus: 200,
				Body: `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>` +
					`<entry><fullUrl value="urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"/><resource><Patient><meta><tag><system value="urn:run"/><code value="{run}"/></tag></meta></Patient></resource><request><method value="POST"/><url value="Patient"/></request></entry>` +
					`<entry><resource><Observation><status value="final"/><code><text value="{run}"/></code><subject><reference value="urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"/></subject></Observation></resource><request><method value="POST"/><url value="Observation"/></request></entry></Bundle>`,
				WantHeader: Values{"Content-Type": xmlType},
				WantBody:   Values{"type": "transaction-response", "entry#": "2", "entry[0].response.status": "201*", "entry[1].response.location": "Observation/*"},
				Keep:       Values{"patient": "entry[0].response.location"},
			},
			{Name: "its references are linked", Path: "/Observation?subject:Patient._tag=urn:run|{run}", Header: inXML, WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.subject.reference": "Patient/*"}},
			{
				Name: "one that fails names the place", Method: "POST", Path: "", Header: inXML, WantStatus: 400,
				Body:     `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource><Patient><gender value="x-ray"/></Patient></resource><request><method value="POST"/><url value="Patient"/></request></entry></Bundle>`,
				WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "Bundle.entry[0].resource.gender"},
			},
		}},
	}
}

func xmlErrorStories() []Story {
	refused := func(name, body, expression, diagnostics string) Scenario {
		return Scenario{
			Name: name, Method: "POST", Path: "/Patient", Header: inXML, Body: body, WantStatus: 400, WantHeader: Values{"Content-Type": xmlType},
			WantBody: Values{"resourceType": "OperationOutcome", "issue[0].severity": "error", "issue[0].expression[0]": expression, "issue[0].diagnostics": diagnostics},
		}
	}
	patient := func(inside string) string { return `<Patient xmlns="http://hl7.org/fhir">` + inside + `</Patient>` }
	return []Story{
		{"errors are told in XML", []Scenario{
			{Name: "not there", Path: "/Patient/{run}", Header: inXML, WantStatus: 404, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].code": "not-found"}},
			{Name: "an unknown type, by _format", Path: "/Nonsense?_format=xml", WantStatus: 404, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an unknown parameter", Path: "/Patient?nonsense=1", Header: inXML, WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*nonsense*", "issue[0].expression[0]": "http.nonsense"}},
			{Name: "no form anybody can read", Path: "/Patient/{run}", Header: Values{"Accept": "text/turtle"}, WantStatus: 406, WantHeader: Values{"Content-Type": fhirType}, WantBody: Values{"issue[0].diagnostics": "*xml*"}},
			{Name: "a body of no type we read", Method: "POST", Path: "/Patient", Header: Values{"Content-Type": "text/turtle", "Accept": "application/fhir+xml"}, Body: "x", WantStatus: 415, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"issue[0].diagnostics": "*application/fhir+xml*"}},
		}},
		{"what is wrong with XML is named", []Scenario{
			refused("not well formed", `<Patient xmlns="http://hl7.org/fhir"><active value="true"></Patient>`, Absent, "*line 1, column*</active>*"),
			refused("nothing but text", "hello", Absent, "*line 1*"),
			refused("no namespace", `<Patient><active value="true"/></Patient>`, Absent, "*http://hl7.org/fhir*"),
			refused("no resource", `<Insuree xmlns="http://hl7.org/fhir"/>`, Absent, "*Insuree*"),
			refused("another resource", `<Person xmlns="http://hl7.org/fhir"/>`, "*", "*"),
			refused("an unknown element", patient(`<name><familyName value="A"/></name>`), "Patient.name[0].familyName", "*familyName*"),
			refused("an unknown attribute", patient(`<name><family values="A"/></name>`), "Patient.name[0].family", "*values*"),
			refused("the wrong order", patient(`<birthDate value="2000-01-01"/><gender value="male"/>`), "Patient.gender", "*before birthDate*"),
			refused("one too many", patient(`<gender value="male"/><gender value="male"/>`), "Patient.gender", "*again*"),
			refused("text between elements", patient(`<active>true</active>`), "Patient.active", `*true*`),
			refused("a value that is none", patient(`<active value="maybe"/>`), "Patient.active", "*"),
			refused("a code that is none", patient(`<contact><gender value="x-ray"/></contact>`), "Patient.contact[0].gender", "*x-ray*"),
			refused("an empty element", patient(`<name/>`), "Patient.name[0]", "*"),
			refused("an empty value", patient(`<name><given value="A"/><given value=""/></name>`), "Patient.name[0].given[1]", "*"),
		}},
		{"XML opens nothing and blows nothing up", []Scenario{
			refused("a file", `<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>`+patient(`<name><family value="&x;"/></name>`), Absent, "*document types*"),
			refused("a document type from elsewhere", `<!DOCTYPE Patient SYSTEM "http://127.0.0.1:1/x.dtd">`+patient(``), Absent, "*document types*"),
			refused("a billion laughs", `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`+patient(`<name><family value="&b;"/></name>`), Absent, "*document types*"),
			refused("an entity nobody declared", patient(`<name><family value="&nbsp;"/></name>`), Absent, "*&nbsp;*"),
			{Name: "nested without end", Method: "POST", Path: "/Patient", Header: inXML, Body: patient(strings.Repeat("<extension>", 5000)), WantStatus: 413, WantBody: Values{"issue[0].code": "too-costly"}},
		}},
	}
}

func xmlPatchStories() []Story {
	diff := func(operations string) string {
		return `<diff xmlns:f="http://hl7.org/fhir">` + operations + `</diff>`
	}
	as := Values{"Content-Type": xmlPatchType}
	return []Story{
		{"a resource is patched by an XML Patch", []Scenario{
			putPatient,
			{
				Name: "replace and add", Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": xmlPatchType + "; charset=utf-8", "Accept": "application/fhir+xml"},
				Body:       diff(`<replace sel="f:Patient/f:birthDate/@value">1991-05-02</replace><add sel="f:Patient"><f:gender value="female"/></add>`),
				WantStatus: 200, WantHeader: Values{"ETag": `W/"2"`, "Content-Type": xmlType}, WantBody: Values{"birthDate": "1991-05-02", "gender": "female", "name[0].family": "Mushi"},
			},
			{Name: "remove", Method: "PATCH", Path: "/Patient/{run}", Header: as, Body: diff(`<remove sel="f:Patient/f:gender"/>`), WantStatus: 200, WantBody: Values{"gender": Absent, "birthDate": "1991-05-02"}},
			{Name: "a path that is not there", Method: "PATCH", Path: "/Patient/{run}", Header: as, Body: diff(`<remove sel="f:Patient/f:gender"/>`), WantStatus: 422, WantBody: Values{"issue[0].diagnostics": "*f:Patient/f:gender*"}},
			{Name: "a result that is not valid", Method: "PATCH", Path: "/Patient/{run}", Header: as, Body: diff(`<add sel="f:Patient"><f:gender value="x-ray"/></add>`), WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Patient.gender"}},
			{Name: "a patch that is no XML", Method: "PATCH", Path: "/Patient/{run}", Header: as, Body: `[]`, WantStatus: 400},
			{Name: "an old version", Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": xmlPatchType, "If-Match": `W/"1"`}, Body: diff(``), WantStatus: 412},
			{Name: "by criteria", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: as, Body: diff(`<replace sel="f:Patient/f:name[1]/f:family/@value">Kileo</replace>`), WantStatus: 200, WantBody: Values{"name[0].family": "Kileo"}},
			{Name: "what changes nothing makes no version", Method: "PATCH", Path: "/Patient/{run}", Header: as, Body: diff(``), WantStatus: 200, WantHeader: Values{"ETag": `W/"4"`}},
		}},
	}
}

// binaryStories cover Binaries as what they hold. Source: R4 binary#rest.
func binaryStories() []Story {
	const held = `{"resourceType":"Binary","id":"{run}","contentType":"application/pdf","securityContext":{"reference":"Patient/x"},"data":"aGVsbG8="}`
	read := func(name, accept, wanted, text string) Scenario {
		return Scenario{Name: name, Path: "/Binary/{run}", Header: Values{"Accept": accept}, WantStatus: 200, WantHeader: Values{"Content-Type": wanted, "ETag": `W/"1"`}, WantText: text}
	}
	return []Story{
		{"a Binary is answered as what it holds, unless FHIR is asked for", []Scenario{
			{Name: "stored", Method: "PUT", Path: "/Binary/{run}", Body: held, WantStatus: 201, WantHeader: Values{"Content-Type": fhirType}, WantBody: Values{"data": "aGVsbG8="}},
			read("its own type", "application/pdf", "application/pdf", "hello"),
			read("any application", "application/*", "application/pdf", "hello"),
			read("anything", "*/*", "application/pdf", "hello"),
			read("a page", "text/html,application/xhtml+xml,*/*;q=0.8", "application/pdf", "hello"),
			read("FHIR's JSON", "application/fhir+json", fhirType, `"data":"aGVsbG8="`),
			read("FHIR's XML", "application/fhir+xml", xmlType, `<data value="aGVsbG8="/>`),
			read("plain JSON", "application/json", jsonType, `"data":"aGVsbG8="`),
			read("FHIR or anything", "application/fhir+json, */*;q=0.1", fhirType, `"data":"aGVsbG8="`),
			read("rather its own type", "application/fhir+json;q=0.5, application/pdf", "application/pdf", "hello"),
			{Name: "by _format", Path: "/Binary/{run}?_format=xml", WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"contentType": "application/pdf"}},
			{Name: "who may see it", Path: "/Binary/{run}", Header: Values{"Accept": "*/*"}, WantStatus: 200, WantHeader: Values{"X-Security-Context": "Patient/x", "Content-Security-Policy": "*sandbox*"}},
			{Name: "a version", Path: "/Binary/{run}/_history/1", Header: Values{"Accept": "application/pdf"}, WantStatus: 200, WantText: "hello"},
			{Name: "HEAD", Method: "HEAD", Path: "/Binary/{run}", Header: Values{"Accept": "application/pdf"}, WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf", "Content-Length": "5"}, WantEmpty: true},
			{Name: "a search gives resources", Path: "/Binary?_id={run}", Header: Values{"Accept": "*/*"}, WantStatus: 200, WantBody: Values{"entry[0].resource.data": "aGVsbG8="}},
			{Name: "one that is not there", Path: "/Binary/{run}-none", Header: Values{"Accept": "application/pdf"}, WantStatus: 404, WantHeader: Values{"Content-Type": fhirType}},
		}},
		{"a Binary is sent as what it holds", []Scenario{
			{
				Name: "put", Method: "PUT", Path: "/Binary/{run}", Header: Values{"Content-Type": "text/csv; header=present", "X-Security-Context": "Patient/x", "Accept": "application/fhir+json"}, Body: "a,b\n1,2\n", WantStatus: 201,
				WantBody: Values{"resourceType": "Binary", "id": "{run}", "contentType": "text/csv; header=present", "securityContext.reference": "Patient/x", "data": "YSxiCjEsMgo="},
			},
			{Name: "read", Path: "/Binary/{run}", Header: Values{"Accept": "text/csv"}, WantStatus: 200, WantHeader: Values{"Content-Type": "text/csv; header=present"}, WantText: "a,b\n1,2\n"},
			{Name: "posted", Method: "POST", Path: "/Binary", Header: Values{"Content-Type": "image/png", "Accept": "application/fhir+xml"}, Body: "\x89PNG", WantStatus: 201, WantBody: Values{"contentType": "image/png", "data": "iVBORw=="}},
			{Name: "JSON that is no Binary is content", Method: "POST", Path: "/Binary", Header: Values{"Content-Type": "application/json", "Accept": "application/fhir+json"}, Body: `{"a":1}`, WantStatus: 201, WantBody: Values{"contentType": "application/json", "data": "eyJhIjoxfQ=="}},
			{Name: "another resource is content", Method: "POST", Path: "/Binary", Header: Values{"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}, Body: `{"resourceType":"Patient"}`, WantStatus: 201, WantBody: Values{"resourceType": "Binary", "contentType": "application/fhir+json"}},
			{Name: "XML that is no Binary is content", Method: "POST", Path: "/Binary", Header: Values{"Content-Type": "application/xml", "Accept": "application/fhir+json"}, Body: `<a/>`, WantStatus: 201, WantBody: Values{"data": "PGEvPg=="}},
			{Name: "a Binary as XML is the resource", Method: "POST", Path: "/Binary", Header: inXML, Body: `<Binary xmlns="http://hl7.org/fhir"><contentType value="text/plain"/><data value="aGk="/></Binary>`, WantStatus: 201, WantBody: Values{"contentType": "text/plain", "data": "aGk="}},
			{Name: "a Binary that is broken is refused", Method: "POST", Path: "/Binary", Header: Values{"Content-Type": "application/fhir+json"}, Body: `{"resourceType":"Binary"`, WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
		}},
	}
}
