package xml_test

import (
	"errors"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
	"bima/fhir/xml"
)

// inPatient wraps elements into a Patient.
func inPatient(inside string) string {
	return `<Patient xmlns="http://hl7.org/fhir">` + inside + `</Patient>`
}

// inNarrative wraps a div into a Patient.
func inNarrative(div string) string {
	return inPatient(`<text><status value="generated"/>` + div + `</text>`)
}

// narrated is the JSON of inNarrative.
func narrated(div string) string {
	return `{"resourceType":"Patient","text":{"status":"generated","div":"` + div + `"}}`
}

func TestToJSON(t *testing.T) {
	const xhtml = `xmlns=\"http://www.w3.org/1999/xhtml\"`
	for _, c := range []struct{ name, xml, want string }{
		{"nothing in it", `<Patient xmlns="http://hl7.org/fhir"/>`, `{"resourceType":"Patient"}`},
		{"booleans and numbers without quotes", inPatient(`<active value="true"/><multipleBirthInteger value="-2"/>`), `{"resourceType":"Patient","active":true,"multipleBirthInteger":-2}`},
		{
			"decimals as they are written", `<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.500E-10"/></valueQuantity></Observation>`,
			`{"resourceType":"Observation","valueQuantity":{"value":1.500E-10}}`,
		},
		{"what is no boolean as text", inPatient(`<active value="yes"/>`), `{"resourceType":"Patient","active":"yes"}`},
		{"what is no number as text", inPatient(`<multipleBirthInteger value="01"/>`), `{"resourceType":"Patient","multipleBirthInteger":"01"}`},
		{"a number in a string stays one", inPatient(`<name><family value="12"/></name>`), `{"resourceType":"Patient","name":[{"family":"12"}]}`},
		{"one element is an array where it may repeat", inPatient(`<name><given value="A"/></name>`), `{"resourceType":"Patient","name":[{"given":["A"]}]}`},
		{"ids and urls are attributes", inPatient(`<extension id="e" url="urn:x"><valueCode value="c"/></extension>`), `{"resourceType":"Patient","extension":[{"id":"e","url":"urn:x","valueCode":"c"}]}`},
		{"the id of a resource is an element", inPatient(`<id value="a"/>`), `{"resourceType":"Patient","id":"a"}`},
		{"an extended primitive", inPatient(`<birthDate id="b" value="2000"><extension url="urn:x"><valueCode value="c"/></extension></birthDate>`), `{"resourceType":"Patient","birthDate":"2000","_birthDate":{"id":"b","extension":[{"url":"urn:x","valueCode":"c"}]}}`},
		{"an extension without value", inPatient(`<birthDate><extension url="urn:x"><valueCode value="c"/></extension></birthDate>`), `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"urn:x","valueCode":"c"}]}}`},
		{
			"halves at the places of their values", inPatient(`<name><given value="A"/><given><extension url="urn:x"><valueCode value="c"/></extension></given><given value="C" id="g"/><given value="D"/></name>`),
			`{"resourceType":"Patient","name":[{"given":["A",null,"C","D"],"_given":[null,{"extension":[{"url":"urn:x","valueCode":"c"}]},{"id":"g"},null]}]}`,
		},
		{
			"no values at all", inPatient(`<name><given><extension url="urn:x"><valueCode value="c"/></extension></given><given><extension url="urn:x"><valueCode value="d"/></extension></given></name>`),
			`{"resourceType":"Patient","name":[{"_given":[{"extension":[{"url":"urn:x","valueCode":"c"}]},{"extension":[{"url":"urn:x","valueCode":"d"}]}]}]}`,
		},
		{
			"an extension of an extension's value", inPatient(`<birthDate><extension url="urn:x"><valueCode value="c"><extension url="urn:y"><valueBoolean value="true"/></extension></valueCode></extension></birthDate>`),
			`{"resourceType":"Patient","_birthDate":{"extension":[{"url":"urn:x","valueCode":"c","_valueCode":{"extension":[{"url":"urn:y","valueBoolean":true}]}}]}}`,
		},
		{
			"contained resources", inPatient(`<contained><Organization><id value="o"/></Organization></contained><contained><Person><id value="p"/></Person></contained>`),
			`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Person","id":"p"}]}`,
		},
		{
			"a resource among parameters", `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="r"/><resource><Patient><active value="false"/></Patient></resource></parameter></Parameters>`,
			`{"resourceType":"Parameters","parameter":[{"name":"r","resource":{"resourceType":"Patient","active":false}}]}`,
		},
		{"white space and references", inPatient("<name><text value=' a\tb\r\nc&#10;d&#x9;\"&amp;&lt;&gt;&quot;&apos;\\ &#xE9;é&#128512;'/></name>"), `{"resourceType":"Patient","name":[{"text":" a\tb\nc\nd\t\"&<>\"'\\ éé😀"}]}`},
		{"an empty value stays one", inPatient(`<name><text value=""/></name>`), `{"resourceType":"Patient","name":[{"text":""}]}`},
		{"elements without anything", inPatient(`<name/><birthDate/>`), `{"resourceType":"Patient","name":[{}],"_birthDate":{}}`},
		{
			"comments, instructions and blanks are passed over", "\uFEFF<?xml version='1.0' encoding='utf-8' standalone=\"yes\"?>\n<?xml-stylesheet href='x'?><!-- a -->" + inPatient(" <!-- b --> <active value = 'true' ><?x?></active > ") + "\n<!-- c -->\n",
			`{"resourceType":"Patient","active":true}`,
		},
		{
			"prefixes and the place of a schema", `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir patient.xsd"><f:active value="true"/></f:Patient>`,
			`{"resourceType":"Patient","active":true}`,
		},
		{"a prefix declared where it is used", `<a:Patient xmlns:a="http://hl7.org/fhir"><b:active xmlns:b="http://hl7.org/fhir" value="true"/></a:Patient>`, `{"resourceType":"Patient","active":true}`},
		{"a narrative to the byte", inNarrative("<div xmlns=\"http://www.w3.org/1999/xhtml\" class='a'>\n <!-- c --> <p  id=\"x\">a&#160;b &lt;c&gt;<br /></p><![CDATA[<d>]]></div>"), narrated(`<div ` + xhtml + ` class='a'>\n <!-- c --> <p  id=\"x\">a&#160;b &lt;c&gt;<br /></p><![CDATA[<d>]]></div>`)},
		{"the ends of its lines", inNarrative("<div xmlns=\"http://www.w3.org/1999/xhtml\">a\r\nb\rc&#13;</div>"), narrated(`<div ` + xhtml + `>a\nb\nc\r</div>`)},
		{
			"a narrative with prefixes", `<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="generated"/><h:div title='"a"' xml:lang="sw"><h:p>x<h:br/></h:p><![CDATA[y]]><h:b></h:b></h:div></text></Patient>`,
			narrated(`<div ` + xhtml + ` title=\"&quot;a&quot;\" xml:lang=\"sw\"><p>x<br/></p><![CDATA[y]]><b></b></div>`),
		},
		{
			"a narrative whose namespace is declared around it", `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml"><f:text><f:status value="generated"/><div><p>x</p></div></f:text></f:Patient>`,
			narrated(`<div ` + xhtml + `><p>x</p></div>`),
		},
		{"an empty narrative", inNarrative(`<div xmlns="http://www.w3.org/1999/xhtml"/>`), narrated(`<div ` + xhtml + `/>`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := xml.ToJSON([]byte(c.xml))
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

// A finding is what is wanted of the first issue of an outcome.
type finding struct {
	name        string
	xml         string
	code        fhir.IssueType
	expression  string
	diagnostics string // a part of it
}

func (f finding) check(t *testing.T, err error) {
	t.Helper()
	var o *fhir.Outcome
	if !errors.As(err, &o) || len(o.Issues) == 0 {
		t.Fatalf("got %v, want an outcome", err)
	}
	i := o.Issues[0]
	if i.Code != f.code || i.Expression != f.expression || !strings.Contains(i.Diagnostics, f.diagnostics) {
		t.Errorf("got  %+v\nwant %s at %q: %s", i, f.code, f.expression, f.diagnostics)
	}
}

func TestWhatIsNoFHIRIsNamed(t *testing.T) {
	const s = fhir.IssueStructure
	for _, f := range []finding{
		{"an unknown element", inPatient(`<surname value="A"/>`), s, "Patient.surname", "no element surname"},
		{"one deep inside", inPatient(`<name/><name><period><begin value="2000"/></period></name>`), s, "Patient.name[1].period.begin", "begin"},
		{"one in a contained resource", inPatient(`<contained><Organization><title value="A"/></Organization></contained>`), s, "Patient.contained[0].title", "title"},
		{"one in an entry", `<Bundle xmlns="http://hl7.org/fhir"><entry/><entry><resource><Patient><x/></Patient></resource></entry></Bundle>`, s, "Bundle.entry[1].resource.x", "x"},
		{"a type that the choice does not have", `<Observation xmlns="http://hl7.org/fhir"><valueMoney/></Observation>`, s, "Observation.valueMoney", "valueMoney"},
		{"the underscore of JSON", inPatient(`<_birthDate/>`), s, "Patient._birthDate", "_birthDate"},
		{"the type of JSON", inPatient(`<resourceType value="Patient"/>`), s, "Patient.resourceType", "resourceType"},
		{"an unknown attribute", inPatient(`<name use="old"/>`), s, "Patient.name[0]", "attribute use"},
		{"a value of what has elements", inPatient(`<name value="A"/>`), s, "Patient.name[0]", "attribute value"},
		{"an attribute of a resource", `<Patient xmlns="http://hl7.org/fhir" id="a"/>`, s, "Patient", "attribute id"},
		{"an attribute with a prefix", inPatient(`<name xml:lang="sw"/>`), s, "Patient.name[0]", "xml:lang"},
		{"an id as an element", inPatient(`<name><id value="a"/></name>`), s, "Patient.name[0].id", "attribute"},
		{"a url as an element", inPatient(`<extension><url value="urn:x"/></extension>`), s, "Patient.extension[0].url", "attribute"},
		{"the wrong order", inPatient(`<birthDate value="2000"/><gender value="male"/>`), s, "Patient.gender", "before birthDate"},
		{"a repetition elsewhere", inPatient(`<name/><gender value="male"/><name/>`), s, "Patient.name", "before gender"},
		{"the wrong order of what is inherited", inPatient(`<name/><extension url="urn:x"/>`), s, "Patient.extension", "before name"},
		{"what does not repeat", inPatient(`<gender value="male"/><gender value="male"/>`), s, "Patient.gender", "again"},
		{"text", inPatient(`<name>Asha</name>`), s, "Patient.name[0]", `"Asha"`},
		{"text in CDATA", inPatient(`<name><![CDATA[ Asha]]></name>`), s, "Patient.name[0]", `Asha`},
		{"two resources in one", inPatient(`<contained><Patient/><Patient/></contained>`), s, "Patient.contained[0]", "one resource"},
		{"no resource", inPatient(`<contained/>`), s, "Patient.contained[0]", "no resource"},
		{"an unknown resource", inPatient(`<contained><Insuree/></contained>`), s, "Patient.contained[0]", "<Insuree>"},
		{"a data type as a resource", `<HumanName xmlns="http://hl7.org/fhir"/>`, s, "", "<HumanName>"},
		{"an abstract type", `<DomainResource xmlns="http://hl7.org/fhir"/>`, s, "", "<DomainResource>"},
		{"no namespace", `<Patient/>`, s, "", `xmlns="http://hl7.org/fhir"`},
		{"the wrong namespace", `<Patient xmlns="http://hl7.org/fhir/"/>`, s, "", `xmlns="http://hl7.org/fhir"`},
		{"no namespace within", inPatient(`<name xmlns=""/>`), s, "Patient.name", "http://hl7.org/fhir"},
		{"a div of FHIR's namespace", inNarrative(`<div>a</div>`), s, "Patient.text.div", "http://www.w3.org/1999/xhtml"},
		{"what is no XHTML in a div", inNarrative(`<div xmlns="http://www.w3.org/1999/xhtml"><p xmlns="urn:x">a</p></div>`), s, "Patient.text.div", "http://www.w3.org/1999/xhtml"},
		{"a span in the place of the div", inNarrative(`<span xmlns="http://www.w3.org/1999/xhtml">a</span>`), s, "Patient.text.span", "span"},
	} {
		t.Run(f.name, func(t *testing.T) {
			_, err := xml.ToJSON([]byte(f.xml))
			f.check(t, err)
		})
	}
}

func TestWhatIsNoXMLIsRefused(t *testing.T) {
	const s = fhir.IssueStructure
	const laughs = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>`
	for _, f := range []finding{
		{"nothing", ``, s, "", "no element"},
		{"blanks", " \n", s, "", "no element"},
		{"JSON", `{"resourceType":"Patient"}`, s, "", "line 1, column 1"},
		{"an open tag", `<Patient xmlns="http://hl7.org/fhir"`, s, "", "inside a tag"},
		{"an open element", "\n" + `<Patient xmlns="http://hl7.org/fhir">`, s, "", "line 2, column 38"},
		{"tags that cross", inPatient(`<name><text></name></text>`), s, "", "</text> was expected"},
		{"an end too many", inPatient(``) + `</Patient>`, s, "", "closes no open element"},
		{"two roots", inPatient(``) + inPatient(``), s, "", "more than one root"},
		{"text after it", inPatient(``) + `x`, s, "", "outside of the root"},
		{"text before it", `x` + inPatient(``), s, "", "outside of the root"},
		{"a value without quotes", inPatient(`<active value=true/>`), s, "", "in quotes"},
		{"an attribute without value", inPatient(`<active value/>`), s, "", "needs a value"},
		{"an open quote", inPatient(`<active value="true/>`), s, "", "not closed by a quote"},
		{"attributes without blank", inPatient(`<active id="a"value="true"/>`), s, "", "white space"},
		{"an attribute twice", inPatient(`<active value="true" value="true"/>`), s, "", "twice"},
		{"a namespace twice", `<Patient xmlns="http://hl7.org/fhir" xmlns="http://hl7.org/fhir"/>`, s, "", "twice"},
		{"a less-than in a value", inPatient(`<active value="<"/>`), s, "", "&lt;"},
		{"an ampersand", inPatient(`<name><text value="A & B"/></name>`), s, "", "&amp;"},
		{"an entity of HTML", inNarrative(`<div xmlns="http://www.w3.org/1999/xhtml">a&nbsp;b</div>`), s, "", "&nbsp;"},
		{"a character that can't be", inPatient(`<name><text value="&#0;"/></name>`), s, "", "&#0;"},
		{"half a pair", inPatient(`<name><text value="&#xD800;"/></name>`), s, "", "&#xD800;"},
		{"a number beyond all", inPatient(`<name><text value="&#99999999999999999999;"/></name>`), s, "", "none of XML's"},
		{"a control character", inPatient("<name><text value='\x01'/></name>"), s, "", "control character"},
		{"bytes that are no UTF-8", inPatient("<name><text value='\xff'/></name>"), s, "", "no UTF-8"},
		{"UTF-16", "\xFE\xFF\x00<", s, "", "UTF-16"},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + inPatient(``), s, "", "ISO-8859-1"},
		{"a declaration elsewhere", ` <?xml version="1.0"?>` + inPatient(``), s, "", "very beginning"},
		{"an open comment", inPatient(`<!-- a`), s, "", "comment"},
		{"two hyphens in a comment", inPatient(`<!-- a -- b -->`), s, "", "comment"},
		{"an open CDATA section", inPatient(`<![CDATA[`), s, "", "CDATA"},
		{"the end of a CDATA section", inPatient(`]]>`), s, "", "]]&gt;"},
		{"a prefix nobody declares", inPatient(`<g:name/>`), s, "", "xmlns:g"},
		{"one of an attribute", inPatient(`<name g:x="1"/>`), s, "", "xmlns:g"},
		{"a prefix for nothing", `<g:Patient xmlns:g=""/>`, s, "", "needs a namespace"},
		{"a colon too many", inPatient(`<a:b:c/>`), s, "", "colon"},
		{"a name that begins with a digit", inPatient(`<1/>`), s, "", "name was expected"},
		{"a blank before the name", inPatient(`< name/>`), s, "", "name was expected"},
		{"an internal document type", laughs + inPatient(`<name><text value="&c;"/></name>`), s, "", "document types"},
		{"an external one", `<!DOCTYPE Patient SYSTEM "file:///etc/passwd">` + inPatient(``), s, "", "document types"},
		{"a declaration within", inPatient(`<!ENTITY x "y">`), s, "", "document types"},
		{"elements without end", inPatient(strings.Repeat("<extension>", 1000)), fhir.IssueTooCostly, "", "too deep"},
		{"a narrative without end", inNarrative(`<div xmlns="http://www.w3.org/1999/xhtml">` + strings.Repeat("<p>", 1000)), fhir.IssueTooCostly, "", "too deep"},
		{"attributes without end", inPatient(`<name` + strings.Repeat(` a="1"`, 100) + `/>`), fhir.IssueTooCostly, "", "too many attributes"},
		{"namespaces without end", inPatient(`<name` + manyNamespaces(100) + `/>`), fhir.IssueTooCostly, "", "too many namespaces"},
	} {
		t.Run(f.name, func(t *testing.T) {
			_, err := xml.ToJSON([]byte(f.xml))
			f.check(t, err)
		})
	}
}

func manyNamespaces(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(` xmlns:a` + strings.Repeat("a", i) + `="urn:x"`)
	}
	return b.String()
}

func TestAllFindingsAreToldAtOnce(t *testing.T) {
	_, err := xml.ToJSON([]byte(inPatient(`<x/><name><y/></name><active>no</active><gender value="male"/><birthDate z="1"/>`)))
	var o *fhir.Outcome
	if !errors.As(err, &o) || len(o.Issues) != 5 {
		t.Fatalf("got %v, want five findings", err)
	}
	_, err = xml.ToJSON([]byte(inPatient(strings.Repeat(`<x/>`, 10_000))))
	if !errors.As(err, &o) || len(o.Issues) > 100 {
		t.Errorf("got %d findings, want no more than a hundred", len(o.Issues))
	}
}

func TestWhatIsNotValidIsToldAsOfJSON(t *testing.T) {
	for _, c := range []struct{ name, xml, expression string }{
		{"a boolean that is none", inPatient(`<active value="abc"/>`), "Patient.active"},
		{"an integer that is none", inPatient(`<multipleBirthInteger value="1.0"/>`), "Patient.multipleBirth"},
		{"a code that is none", inPatient(`<contact><gender value="x"/></contact>`), "Patient.contact[0].gender"},
		{"an element without anything", inPatient(`<name><given/></name>`), "Patient.name[0].given[0]"},
		{"an empty value", inPatient(`<name><given value="A"/><given value=""/></name>`), "Patient.name[0].given[1]"},
		{"an empty element", inPatient(`<name/>`), "Patient.name[0]"},
		{"two types of a choice", inPatient(`<multipleBirthBoolean value="true"/><multipleBirthInteger value="2"/>`), "Patient.multipleBirth"},
		{"a script in a narrative", inNarrative(`<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>`), "Patient.text.div"},
	} {
		t.Run(c.name, func(t *testing.T) {
			json, err := xml.ToJSON([]byte(c.xml))
			if err != nil {
				t.Fatal(err)
			}
			_, issues := validate.Resource(json, validate.Options{})
			if len(issues) == 0 || issues[0].Expression != c.expression {
				t.Errorf("of %s got %v, want a finding at %s", json, issues, c.expression)
			}
		})
	}
}
