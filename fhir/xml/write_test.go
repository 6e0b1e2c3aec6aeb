package xml_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/xml"
)

const declaration = `<?xml version="1.0" encoding="UTF-8"?>`

func TestFromJSON(t *testing.T) {
	const div = `<div xmlns=\"http://www.w3.org/1999/xhtml\">`
	for _, c := range []struct{ name, json, want string }{
		{"nothing in it", `{"resourceType":"Patient"}`, `<Patient xmlns="http://hl7.org/fhir"/>`},
		{
			"elements in the order of the definition", `{"birthDate":"2000","gender":"male","_gender":{"id":"g"},"name":[{"given":["A"],"family":"B","id":"n"}],"extension":[{"valueDecimal":1.50,"url":"urn:x"}],"id":"p","resourceType":"Patient"}`,
			inPatient(`<id value="p"/><extension url="urn:x"><valueDecimal value="1.50"/></extension><name id="n"><family value="B"/><given value="A"/></name><gender id="g" value="male"/><birthDate value="2000"/>`),
		},
		{
			"halves beside their values", `{"resourceType":"Patient","name":[{"_given":[null,{"extension":[{"url":"urn:x","valueCode":"c"}]},{"id":"g"}],"given":["A",null,"C"]}],"_birthDate":{"extension":[{"url":"urn:x","valueCode":"c"}]}}`,
			inPatient(`<name><given value="A"/><given><extension url="urn:x"><valueCode value="c"/></extension></given><given id="g" value="C"/></name><birthDate><extension url="urn:x"><valueCode value="c"/></extension></birthDate>`),
		},
		{"a half that is longer", `{"resourceType":"Patient","name":[{"given":["A"],"_given":[null,{"id":"g"}]}]}`, inPatient(`<name><given value="A"/><given id="g"/></name>`)},
		{"what must be escaped", `{"resourceType":"Patient","name":[{"text":"<a & \"b\">'\n\r\t\\\u00e9\ud83d\ude00"}]}`, inPatient("<name><text value=\"&lt;a &amp; &quot;b&quot;>'&#10;&#13;&#9;\\é😀\"/></name>")},
		{"what XML can't hold", `{"resourceType":"Patient","name":[{"text":"a\u0001b\uFFFEc\uFFFFd\uFFFD"}]}`, inPatient("<name><text value=\"a\uFFFDb\uFFFDc\uFFFDd\uFFFD\"/></name>")},
		{"contained resources", `{"resourceType":"Patient","contained":[{"resourceType":"Person","id":"p"}]}`, inPatient(`<contained><Person><id value="p"/></Person></contained>`)},
		{"a narrative as it is", `{"resourceType":"Patient","text":{"status":"empty","div":"` + div + `<!-- a --><p>b &amp; c<br /></p></div>"}}`, inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><!-- a --><p>b &amp; c<br /></p></div></text>`)},
		{"a narrative that does not name its namespace", `{"resourceType":"Patient","text":{"status":"empty","div":"<div class=\"a\">b</div>"}}`, inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml" class="a">b</div></text>`)},
		{"a narrative with a carriage return", `{"resourceType":"Patient","text":{"status":"empty","div":"` + div + `a\r\nb</div>"}}`, inPatient("<text><status value=\"empty\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">a&#13;\nb</div></text>")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := xml.FromJSON([]byte("before "), []byte(c.json))
			if want := "before " + declaration + c.want; err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestFromJSONIndent(t *testing.T) {
	got, err := xml.FromJSONIndent(nil, []byte(`{"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a\n<p>b</p></div>"},"contained":[{"resourceType":"Person"}],"name":[{"given":["A","B"]}],"active":true}`))
	want := declaration + `
<Patient xmlns="http://hl7.org/fhir">
  <text>
    <status value="empty"/>
    <div xmlns="http://www.w3.org/1999/xhtml">a
<p>b</p></div>
  </text>
  <contained>
    <Person/>
  </contained>
  <active value="true"/>
  <name>
    <given value="A"/>
    <given value="B"/>
  </name>
</Patient>`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestWhatXMLHasNoPlaceForIsNamed(t *testing.T) {
	const s = fhir.IssueStructure
	for _, f := range []finding{
		{"no JSON", `<Patient/>`, s, "", "JSON"},
		{"no object", `[]`, s, "", "no resource type"},
		{"no type", `{"id":"a"}`, s, "", "no resource type"},
		{"an unknown type", `{"resourceType":"Insuree"}`, s, "", "Insuree"},
		{"an unknown member", `{"resourceType":"Patient","name":[{},{"surname":"A"}]}`, s, "Patient.name[1]", "surname"},
		{"a half of what has elements", `{"resourceType":"Patient","_name":[{}]}`, s, "Patient", "_name"},
		{"a member of a half", `{"resourceType":"Patient","_birthDate":{"value":1}}`, s, "Patient.birthDate", "value"},
		{"a half that is no object", `{"resourceType":"Patient","_birthDate":1}`, s, "Patient.birthDate", "a number"},
		{"a text where elements are", `{"resourceType":"Patient","name":["A"]}`, s, "Patient.name[0]", "a string"},
		{"null where elements are", `{"resourceType":"Patient","name":[null]}`, s, "Patient.name[0]", "null"},
		{"an object where a value is", `{"resourceType":"Patient","birthDate":{}}`, s, "Patient.birthDate", "an object"},
		{"an extended id", `{"resourceType":"Patient","name":[{"_id":{"extension":[]}}]}`, s, "Patient.name[0].id", "attribute"},
		{"a url that is no text", `{"resourceType":"Patient","extension":[{"url":1}]}`, s, "Patient.extension[0].url", "attribute"},
		{"a narrative that is not well formed", `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p></div>"}}`, s, "Patient.text.div", "well-formed"},
		{"a narrative that leaves its element", `{"resourceType":"Patient","text":{"div":"<div/></text><name/><text>"}}`, s, "Patient.text.div", "well-formed"},
		{"a narrative that is no div", `{"resourceType":"Patient","text":{"div":"<p/>"}}`, s, "Patient.text.div", "well-formed"},
		{"a narrative that is text", `{"resourceType":"Patient","text":{"div":"a"}}`, s, "Patient.text.div", "well-formed"},
		{"an extended narrative", `{"resourceType":"Patient","text":{"div":"<div/>","_div":{"extension":[]}}}`, s, "Patient.text.div", "extensions"},
		{"half a pair", `{"resourceType":"Patient","name":[{"text":"\ud800"}]}`, s, "", "UTF-8"},
	} {
		t.Run(f.name, func(t *testing.T) {
			got, err := xml.FromJSON([]byte("kept"), []byte(f.xml))
			f.check(t, err)
			if string(got) != "kept" {
				t.Errorf("dst became %q", got)
			}
		})
	}
}
