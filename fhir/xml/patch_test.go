package xml_test

import (
	"errors"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/xml"

	"github.com/google/go-cmp/cmp"
)

// patched is the resource most patches of the tests change.
const patched = `{"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><!-- kept --><p>Asha <b>Mushi</b></p></div>"},` +
	`"identifier":[{"system":"urn:a","value":"1"},{"system":"urn:b","value":"2"}],` +
	`"name":[{"id":"n1","family":"Mushi","given":["Asha","Neema"]},{"use":"old","family":"Kileo"}],"gender":"female"}`

// diff wraps operations into a patch with the usual prefixes.
func diff(operations string) string {
	return `<diff xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">` + operations + `</diff>`
}

func TestPatchChangesWhatItsPathFinds(t *testing.T) {
	for _, c := range []struct {
		name, patch string
		want        string // patched with the first replaced by the second
		with        string
	}{
		{"a value is replaced", diff(`<replace sel="f:Patient/f:gender/@value">male</replace>`), `"gender":"female"`, `"gender":"male"`},
		{"from the root on", diff(`<replace sel="/f:Patient/f:gender/@value">male</replace>`), `"gender":"female"`, `"gender":"male"`},
		{"an element is replaced", diff(`<replace sel="f:Patient/f:gender"><gender xmlns="http://hl7.org/fhir" value="other"/></replace>`), `"gender":"female"`, `"gender":"other"`},
		{"with a prefix", diff("<replace sel=\"f:Patient/f:gender\">\n  <f:gender value=\"other\"/>\n</replace>"), `"gender":"female"`, `"gender":"other"`},
		{"without any namespace", `<diff><replace sel="Patient/gender/@value">male</replace></diff>`, `"gender":"female"`, `"gender":"male"`},
		{"with FHIR's as the common one", `<diff xmlns="http://hl7.org/fhir"><replace sel="Patient/gender"><gender value="male"/></replace></diff>`, `"gender":"female"`, `"gender":"male"`},
		{"with the patch's own as the common one", `<?xml version="1.0"?><diff xmlns="urn:ietf:params:xml:ns:patch-ops"><replace sel="*/gender/@value">male</replace></diff>`, `"gender":"female"`, `"gender":"male"`},
		{"by a position", diff(`<replace sel="f:Patient/f:name[2]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by the last position", diff(`<replace sel="f:Patient/f:name[last()]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by a position spelt out", diff(`<replace sel="f:Patient/f:name[position()=2]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by an attribute", diff(`<replace sel="f:Patient/f:name[@id='n1']/f:family/@value">Massawe</replace>`), `"family":"Mushi"`, `"family":"Massawe"`},
		{"by a value below", diff(`<replace sel="f:Patient/f:identifier[f:system/@value='urn:b']/f:value/@value">3</replace>`), `"value":"2"`, `"value":"3"`},
		{"by what is not", diff(`<replace sel="f:Patient/f:identifier[f:system/@value!='urn:b']/f:value/@value">3</replace>`), `"value":"1"`, `"value":"3"`},
		{"by what is there", diff(`<replace sel="f:Patient/f:name[f:use]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by what is not there", diff(`<replace sel="f:Patient/f:name[not(f:use)]/f:family/@value">Massawe</replace>`), `"family":"Mushi"`, `"family":"Massawe"`},
		{"by both", diff(`<replace sel="f:Patient/f:name[f:use/@value='old' and f:family/@value='Kileo']/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by one of two", diff(`<replace sel="f:Patient/f:name[f:use/@value='usual' or f:use/@value='old']/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by two conditions", diff(`<replace sel="f:Patient/f:name[f:family][2]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by a beginning", diff(`<replace sel="f:Patient/f:name[starts-with(f:family/@value, 'Ki')]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"by a part", diff(`<replace sel="f:Patient/f:name[contains(f:family/@value,'ile')]/f:family/@value">Massawe</replace>`), `Kileo`, `Massawe`},
		{"wherever it is", diff(`<replace sel="//f:given[@value='Neema']/@value">Rehema</replace>`), `"Neema"`, `"Rehema"`},
		{"by way of its parent", diff(`<replace sel="//f:given[@value='Neema']/../f:family/@value">Massawe</replace>`), `"family":"Mushi"`, `"family":"Massawe"`},
		{"references and CDATA are read", diff(`<replace sel="f:Patient/f:name[2]/f:family/@value">&lt;A&#32;<![CDATA[&B]]>&gt;</replace>`), `Kileo`, `<A &B>`},
		{"an element is added at the end, and goes where it belongs", diff(`<add sel="f:Patient"><f:birthDate value="1980-01-01"/></add><add sel="f:Patient"><f:active value="true"/></add>`), `"gender":"female"}`, `"gender":"female","birthDate":"1980-01-01","active":true}`},
		{"a repetition is added at the end", diff(`<add sel="f:Patient/f:name[1]"><f:given value="Z"/></add>`), `"Neema"]`, `"Neema","Z"]`},
		{"one at the beginning", diff(`<add sel="f:Patient/f:name[1]" pos="prepend"><f:given value="Z"/></add>`), `["Asha"`, `["Z","Asha"`},
		{"one before", diff(`<add sel="f:Patient/f:name[1]/f:given[2]" pos="before"><f:given value="Z"/></add>`), `"Asha",`, `"Asha","Z",`},
		{"one after", diff(`<add sel="f:Patient/f:name[1]/f:given[1]" pos="after"><f:given value="Y"/><f:given value="Z"/></add>`), `"Asha",`, `"Asha","Y","Z",`},
		{"an attribute is added", diff(`<add sel="f:Patient/f:name[2]" type="@id">n2</add>`), `{"use":"old"`, `{"id":"n2","use":"old"`},
		{"an extension of a primitive is added", diff(`<add sel="f:Patient/f:gender"><f:extension url="urn:x"><f:valueBoolean value="false"/></f:extension></add>`), `"gender":"female"`, `"gender":"female","_gender":{"extension":[{"url":"urn:x","valueBoolean":false}]}`},
		{"an element is removed", diff(`<remove sel="f:Patient/f:gender"/>`), `,"gender":"female"`, ``},
		{"one of several", diff(`<remove sel="f:Patient/f:name[1]/f:given[1]" ws="both"/>`), `"Asha",`, ``},
		{"an attribute is removed", diff(`<remove sel="f:Patient/f:name[1]/@id"/>`), `"id":"n1",`, ``},
		{"a text of the narrative is replaced", diff(`<replace sel="f:Patient/f:text/h:div/h:p/h:b/text()">A &amp; B</replace>`), `<!-- kept --><p>Asha <b>Mushi</b></p>`, `<p>Asha <b>A &amp; B</b></p>`},
		{"an element of the narrative is removed", diff(`<remove sel="f:Patient/f:text/h:div/h:p/h:b" ws="before"/>`), `<!-- kept --><p>Asha <b>Mushi</b></p>`, `<p>Asha </p>`},
		{"operations build on each other", diff(`<remove sel="f:Patient/f:name[1]"/><replace sel="f:Patient/f:name[1]/f:family/@value">Massawe</replace>`), `{"id":"n1","family":"Mushi","given":["Asha","Neema"]},{"use":"old","family":"Kileo"}`, `{"use":"old","family":"Massawe"}`},
		{"nothing to do changes nothing", diff(``), `Kileo`, `Kileo`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := xml.Patch([]byte(patched), []byte(c.patch))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(patched, c.want) {
				t.Fatalf("the resource has no %s", c.want)
			}
			want := strings.Replace(patched, c.want, c.with, 1)
			if diff := cmp.Diff(tree(t, []byte(want)), tree(t, got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPatchSaysWhyItCantBeDone(t *testing.T) {
	for _, c := range []struct {
		name, patch string
		code        fhir.IssueType
		expression  string
		diagnostics string
	}{
		{"nothing is there", diff(`<replace sel="f:Patient/f:gender/@value">male</replace><remove sel="f:Patient/f:birthDate"/>`), fhir.IssueProcessing, "patch[1]", `"f:Patient/f:birthDate"`},
		{"it is of another namespace", diff(`<remove sel="h:Patient/h:gender"/>`), fhir.IssueProcessing, "patch[0]", "no such place"},
		{"several are there", diff(`<remove sel="f:Patient/f:name"/>`), fhir.IssueProcessing, "patch[0]", "2 places"},
		{"the resource itself", diff(`<remove sel="f:Patient"/>`), fhir.IssueProcessing, "patch[0]", "delete it"},
		{"another resource", diff(`<replace sel="f:Patient"><f:Person/></replace>`), fhir.IssueProcessing, "patch[0]", "another type"},
		{"the document", diff(`<remove sel="."/>`), fhir.IssueProcessing, "patch[0]", "document"},
		{"beside the resource", diff(`<add sel="f:Patient" pos="after"><f:Patient/></add>`), fhir.IssueProcessing, "patch[0]", "beside"},
		{"an attribute that is there", diff(`<add sel="f:Patient/f:gender" type="@value">x</add>`), fhir.IssueProcessing, "patch[0]", "already"},
		{"into an attribute", diff(`<add sel="f:Patient/f:gender/@value">x</add>`), fhir.IssueProcessing, "patch[0]", "attribute"},
		{"an element by nothing", diff(`<replace sel="f:Patient/f:gender"/>`), fhir.IssueProcessing, "patch[0]", "one element"},
		{"no path", diff(`<remove/>`), fhir.IssueInvalid, "patch[0].sel", "missing"},
		{"a path that is none", diff(`<remove sel="f:Patient["/>`), fhir.IssueInvalid, "patch[0].sel", "f:Patient["},
		{"a path that goes on", diff(`<remove sel="f:Patient/f:gender)"/>`), fhir.IssueInvalid, "patch[0].sel", ")"},
		{"a prefix nobody declares", diff(`<remove sel="g:Patient"/>`), fhir.IssueInvalid, "patch[0].sel", "xmlns:g"},
		{"conditions without end", diff(`<remove sel="f:Patient` + strings.Repeat("[f:name", 50) + `"/>`), fhir.IssueInvalid, "patch[0].sel", "nested"},
		{"too much work", diff(`<remove sel="` + strings.Repeat("//*[..", 7) + strings.Repeat("]", 7) + `"/>`), fhir.IssueTooCostly, "patch[0]", "//"},
		{"an unknown operation", diff(`<move sel="f:Patient/f:gender"/>`), fhir.IssueInvalid, "patch[0]", "move"},
		{"an unknown position", diff(`<add sel="f:Patient" pos="first"/>`), fhir.IssueInvalid, "patch[0].pos", "first"},
		{"a namespace to add", diff(`<add sel="f:Patient" type="namespace::x">urn:x</add>`), fhir.IssueNotSupported, "patch[0].type", "namespace::x"},
		{"unknown white space", diff(`<remove sel="f:Patient/f:gender" ws="all"/>`), fhir.IssueInvalid, "patch[0].ws", "all"},
		{"no diff", `<patch/>`, fhir.IssueInvalid, "", "<diff>"},
		{"text between", diff(`x`), fhir.IssueInvalid, "", `"x"`},
		{"no XML", `[]`, fhir.IssueStructure, "", "line 1, column 1"},
		{"a document type", `<!DOCTYPE diff [<!ENTITY x "y">]>` + diff(``), fhir.IssueStructure, "", "document types"},
		{"what comes out is no resource", diff(`<add sel="f:Patient"><f:nonsense/></add>`), fhir.IssueStructure, "Patient.nonsense", "nonsense"},
		{"too many operations", diff(strings.Repeat(`<remove sel="f:Patient/f:gender"/>`, 1001)), fhir.IssueTooCostly, "", "1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := xml.Patch([]byte(patched), []byte(c.patch))
			var o *fhir.Outcome
			if !errors.As(err, &o) || len(o.Issues) == 0 {
				t.Fatalf("got %s, %v; want an outcome", got, err)
			}
			i := o.Issues[0]
			if i.Code != c.code || i.Expression != c.expression || !strings.Contains(i.Diagnostics, c.diagnostics) {
				t.Errorf("got %+v, want %s %q %q", i, c.code, c.expression, c.diagnostics)
			}
		})
	}
}
