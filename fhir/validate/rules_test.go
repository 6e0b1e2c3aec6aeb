package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/validate"

	"github.com/google/go-cmp/cmp"
)

// findings gives each issue as "severity code expression", with its detail.
func findings(issues []fhir.Issue) []string {
	var out []string
	for _, i := range issues {
		line := string(i.Severity) + " " + string(i.Code)
		if i.Detail != "" {
			line += " " + string(i.Detail)
		}
		out = append(out, line+" "+i.Expression)
	}
	return out
}

// A rule is one thing the validator must find, or must let pass.
type rule struct {
	name string
	body string
	want []string
	says string // a part of the first finding's diagnostics
}

func (r rule) check(t *testing.T) {
	t.Helper()
	_, issues := validate.Resource([]byte(r.body), validate.Options{})
	if d := cmp.Diff(r.want, findings(issues)); d != "" {
		t.Errorf("%s:\n%s\n(-want +got)\n%s\nissues: %v", r.name, r.body, d, issues)
	}
	if len(issues) > 0 && !strings.Contains(issues[0].Diagnostics, r.says) {
		t.Errorf("%s: the diagnostics %q do not say %q", r.name, issues[0].Diagnostics, r.says)
	}
	for _, i := range issues {
		if i.Diagnostics == "" || strings.Contains(i.Diagnostics, "%!") {
			t.Errorf("%s: the diagnostics %q are broken", r.name, i.Diagnostics)
		}
	}
}

func checkAll(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		r.check(t)
	}
}

func TestResource_FindsWrongShapes(t *testing.T) {
	checkAll(t, []rule{
		{"a valid resource has no findings", `{"resourceType":"Patient","id":"p","active":true}`, nil, ""},
		{"a resource that is no object", `[]`, []string{"error structure Resource"}, "an array"},
		{"a resource without a type", `{"id":"p"}`, []string{"error required Resource.resourceType"}, "resourceType"},
		{"a type that is no string", `{"resourceType":7}`, []string{"error structure Resource.resourceType"}, "a number"},
		{"an unknown resource type", `{"resourceType":"Pateint"}`, []string{"error structure Resource.resourceType"}, "did you mean Patient?"},
		{"an abstract resource type", `{"resourceType":"DomainResource"}`, []string{"error structure Resource.resourceType"}, "no resource type"},
		{"an unknown element", `{"resourceType":"Patient","birthdate":"2026-01-01"}`, []string{"error structure Patient.birthdate"}, "did you mean birthDate?"},
		{"an unknown element below", `{"resourceType":"Patient","name":[{},{"famly":"x"}]}`, []string{"error invariant ele-1 Patient.name[0]", "error structure Patient.name[1].famly"}, ""},
		{"a choice without its type", `{"resourceType":"Patient","deceased":true}`, []string{"error structure Patient.deceased"}, "deceasedBoolean or deceasedDateTime"},
		{"an underscore before a complex element", `{"resourceType":"Patient","_name":[]}`, []string{"error structure Patient._name"}, "only primitive"},
		{"resourceType within an element", `{"resourceType":"Patient","maritalStatus":{"resourceType":"CodeableConcept","text":"x"}}`, []string{"error structure Patient.maritalStatus.resourceType"}, "only resources"},
		{"an array where one value belongs", `{"resourceType":"Patient","gender":["male"]}`, []string{"error structure Patient.gender"}, "without brackets"},
		{"an array of objects where one belongs", `{"resourceType":"Patient","maritalStatus":[{"texd":"x"}]}`, []string{"error structure Patient.maritalStatus", "error structure Patient.maritalStatus[0].texd"}, ""},
		{"one value where an array belongs", `{"resourceType":"Patient","name":{"family":"x","use":"y"}}`, []string{"error structure Patient.name", "error code-invalid Patient.name.use"}, `[{"family":"x","use":"y"}]`},
		{"an object where a primitive belongs", `{"resourceType":"Patient","birthDate":{"value":"2026"}}`, []string{"error structure Patient.birthDate"}, "_birthDate"},
		{"a primitive where an object belongs", `{"resourceType":"Patient","maritalStatus":"M"}`, []string{"error structure Patient.maritalStatus"}, "elements of CodeableConcept"},
		{"a string where a boolean belongs", `{"resourceType":"Patient","active":"true"}`, []string{"error structure Patient.active"}, "without quotes"},
		{"a number where a string belongs", `{"resourceType":"Patient","birthDate":2026}`, []string{"error structure Patient.birthDate"}, "in quotes"},
		{"an array in an array", `{"resourceType":"Patient","name":[[{}]]}`, []string{"error structure Patient.name[0]"}, "an array"},
		{"null for an element", `{"resourceType":"Patient","active":null}`, []string{"error structure Patient.active"}, "null"},
		{"null for a repeating element", `{"resourceType":"Patient","name":null}`, []string{"error structure Patient.name"}, "null"},
		{"null in an array of objects", `{"resourceType":"Patient","name":[null]}`, []string{"error structure Patient.name[0]"}, "null"},
		{"an empty object", `{"resourceType":"Patient","maritalStatus":{}}`, []string{"error invariant ele-1 Patient.maritalStatus"}, "empty"},
		{"an empty array", `{"resourceType":"Patient","name":[]}`, []string{"error invariant ele-1 Patient.name"}, "empty"},
		{"an empty string", `{"resourceType":"Patient","name":[{"family":""}]}`, []string{"error invariant ele-1 Patient.name[0].family"}, `""`},
		{"a blank string", `{"resourceType":"Patient","name":[{"family":" \t"}]}`, []string{"error value Patient.name[0].family"}, "white space"},
		{"two types of one choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2026"}`, []string{"error structure Patient.deceased"}, "deceasedBoolean and deceasedDateTime"},
		{"two types of one choice, one by extension", `{"resourceType":"Patient","deceasedBoolean":true,"_deceasedDateTime":{"extension":[{"url":"http://x.org/a","valueCode":"b"}]}}`, []string{"error structure Patient.deceased"}, "there together"},
		{"a choice with its extensions", `{"resourceType":"Patient","_deceasedBoolean":{"id":"a"},"deceasedBoolean":true}`, nil, ""},
		{"a required element that is missing", `{"resourceType":"Patient","link":[{"type":"seealso"}]}`, []string{"error required Patient.link[0].other"}, "Patient.link needs other (1..1)"},
		{"a required choice that is missing", `{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"}}`, []string{"error required MedicationRequest.medication"}, "medicationCodeableConcept or medicationReference"},
		{"a required element by extension only", `{"resourceType":"Observation","_status":{"extension":[{"url":"http://x.org/a","valueCode":"b"}]},"code":{"text":"x"}}`, nil, ""},
		{"several at once", `{"resourceType":"Claim"}`, []string{"error required Claim.status", "error required Claim.type", "error required Claim.use", "error required Claim.patient", "error required Claim.created", "error required Claim.provider", "error required Claim.priority", "error required Claim.insurance"}, "Claim needs status"},
		{"a name that occurs twice", `{"resourceType":"Patient","name":[{"family":"x","family":"y"}]}`, []string{"error structure Patient.name[0].family"}, "occurs twice"},
		{"a name that occurs twice below something unknown", `{"resourceType":"Patient","odd":[{"a":1,"a":2}]}`, []string{"error structure Patient.odd", "error structure Patient.odd[0].a"}, ""},
		{"a name that occurs twice in an entry", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","_birthDate":{"id":"a","id":"b","extension":[{"url":"http://x.org/a","valueQuantity":{"value":1,"value":2}}]}}}]}`, []string{"error structure Bundle.entry[0].resource.birthDate.id", "error structure Bundle.entry[0].resource.birthDate.extension[0].value.value"}, "occurs twice"},
		{"a text that is no UTF-8", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"a\xff\"}]}", []string{"error value Patient.name[0].family"}, "UTF-8"},
		{"half a surrogate pair", `{"resourceType":"Patient","name":[{"family":"a\ud800"}]}`, []string{"error value Patient.name[0].family"}, "UTF-8"},
	})
}

func TestResource_ChecksPrimitiveExtensions(t *testing.T) {
	ext := `{"extension":[{"url":"http://x.org/a","valueCode":"b"}]}`
	checkAll(t, []rule{
		{"an extension beside a value", `{"resourceType":"Patient","birthDate":"2026","_birthDate":` + ext + `}`, nil, ""},
		{"an extension instead of a value", `{"resourceType":"Patient","_birthDate":` + ext + `}`, nil, ""},
		{"an id beside a value", `{"resourceType":"Patient","birthDate":"2026","_birthDate":{"id":"a"}}`, nil, ""},
		{"an id instead of a value", `{"resourceType":"Patient","_birthDate":{"id":"a"}}`, []string{"error invariant ele-1 Patient.birthDate"}, "neither a value nor an extension"},
		{"an empty half", `{"resourceType":"Patient","birthDate":"2026","_birthDate":{}}`, []string{"error invariant ele-1 Patient.birthDate"}, "empty"},
		{"a half that is no object", `{"resourceType":"Patient","birthDate":"2026","_birthDate":7}`, []string{"error structure Patient.birthDate"}, "_birthDate holds a number"},
		{"an array for one half", `{"resourceType":"Patient","birthDate":"2026","_birthDate":[` + ext + `]}`, []string{"error structure Patient.birthDate"}, "an array"},
		{"another member in a half", `{"resourceType":"Patient","birthDate":"2026","_birthDate":{"value":"2026","extension":[{"url":"http://x.org/a","valueCode":"b"}]}}`, []string{"error structure Patient.birthDate.value"}, "Element has no element"},
		{"a bad extension in a half", `{"resourceType":"Patient","_birthDate":{"extension":[{"valueCode":"b"}]}}`, []string{"error required Patient.birthDate.extension[0].url"}, ""},
		{"aligned arrays", `{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,` + ext + `,{"id":"x"}]}]}`, nil, ""},
		{"an array of halves alone", `{"resourceType":"Patient","name":[{"_given":[` + ext + `]}]}`, nil, ""},
		{"an object for many halves", `{"resourceType":"Patient","name":[{"given":["a"],"_given":` + ext + `}]}`, []string{"error structure Patient.name[0].given"}, "must be an array"},
		{"halves too few", `{"resourceType":"Patient","name":[{"given":["a","b"],"_given":[` + ext + `]}]}`, []string{"error structure Patient.name[0].given"}, "aligned"},
		{"halves too many", `{"resourceType":"Patient","name":[{"given":["a"],"_given":[null,null]}]}`, []string{"error structure Patient.name[0].given", "error structure Patient.name[0].given[1]"}, "aligned"},
		{"null in both arrays", `{"resourceType":"Patient","name":[{"given":["a",null],"_given":[{"id":"x"},null]}]}`, []string{"error structure Patient.name[0].given[1]"}, "given[1] is null"},
		{"null in an array without halves", `{"resourceType":"Patient","name":[{"given":["a",null]}]}`, []string{"error structure Patient.name[0].given[1]"}, "_given[1]"},
		{"null in halves alone", `{"resourceType":"Patient","name":[{"_given":[null,` + ext + `]}]}`, []string{"error structure Patient.name[0].given[0]"}, "each place"},
		{"a half that fills a null with an id only", `{"resourceType":"Patient","name":[{"given":[null],"_given":[{"id":"a"}]}]}`, []string{"error invariant ele-1 Patient.name[0].given[0]"}, "neither"},
		{"an extension on the div", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>","_div":` + ext + `}}`, []string{"error structure Patient.text.div"}, "can't have extensions"},
	})
}

func TestResource_ChecksExtensions(t *testing.T) {
	patient := func(extension string) string {
		return `{"resourceType":"Patient","extension":[` + extension + `]}`
	}
	checkAll(t, []rule{
		{"a simple extension", patient(`{"url":"http://x.org/a","valueString":"b"}`), nil, ""},
		{"a complex extension", patient(`{"url":"urn:oid:1.2.3","extension":[{"url":"part","valueString":"b"}]}`), nil, ""},
		{"an extension without url", patient(`{"valueString":"b"}`), []string{"error required Patient.extension[0].url"}, "url"},
		{"an extension without content", patient(`{"url":"http://x.org/a"}`), []string{"error invariant ext-1 Patient.extension[0]"}, "neither"},
		{"an extension with both", patient(`{"url":"http://x.org/a","valueString":"b","extension":[{"url":"c","valueString":"d"}]}`), []string{"error invariant ext-1 Patient.extension[0]"}, "both"},
		{"a relative url at the top", patient(`{"url":"race","valueString":"b"}`), []string{"error extension Patient.extension[0].url"}, "absolute"},
		{"a relative url of a modifier", `{"resourceType":"Patient","modifierExtension":[{"url":"race","valueString":"b"}]}`, []string{"error extension Patient.modifierExtension[0].url"}, "absolute"},
		{"a value of an unknown type", patient(`{"url":"http://x.org/a","valueText":"b"}`), []string{"error structure Patient.extension[0].valueText", "error invariant ext-1 Patient.extension[0]"}, "valueText"},
	})
}

func TestResource_ChecksCodes(t *testing.T) {
	condition := func(status string) string {
		return `{"resourceType":"Condition","subject":{"reference":"Patient/1"},"code":{"text":"x"},"clinicalStatus":` + status + `}`
	}
	checkAll(t, []rule{
		{"a code of the value set", `{"resourceType":"Patient","gender":"female"}`, nil, ""},
		{"a code in another case", `{"resourceType":"Patient","gender":"Female"}`, []string{"error code-invalid Patient.gender"}, "use one of"},
		{"a code of no value set", `{"resourceType":"Claim","status":"draft","type":{"text":"x"},"use":"bill","patient":{"reference":"Patient/1"},"created":"2026","provider":{"reference":"Organization/1"},"priority":{"text":"x"},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/1"}}]}`, []string{"error code-invalid Claim.use"}, "claim"},
		{"a code of many", `{"resourceType":"Library","status":"draft","type":{"text":"x"},"dataRequirement":[{"type":"Pateint"}]}`, []string{"error code-invalid Library.dataRequirement[0].type"}, "Patient"},
		{"a coding of the value set", condition(`{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}`), nil, ""},
		{"one coding of several", condition(`{"coding":[{"system":"http://x.org","code":"y"},{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}`), nil, ""},
		{"a coding with an unknown code", condition(`{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"activ"}]}`), []string{"error code-invalid Condition.clinicalStatus"}, "active"},
		{"a coding of another system", condition(`{"coding":[{"system":"http://x.org","code":"active"}]}`), []string{"error code-invalid Condition.clinicalStatus"}, "http://terminology.hl7.org/CodeSystem/condition-clinical"},
		{"a coding without a system", condition(`{"coding":[{"code":"active"}]}`), []string{"error code-invalid Condition.clinicalStatus"}, "without a system"},
		{"a concept of text only", condition(`{"text":"active"}`), []string{"error code-invalid Condition.clinicalStatus"}, "no coding"},
		{"a concept of an extension only", condition(`{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}`), nil, ""},
	})
}

func TestResource_ChecksReferences(t *testing.T) {
	about := func(reference string) string {
		return `{"resourceType":"Condition","subject":` + reference + `}`
	}
	const subject = "Condition.subject.reference"
	checkAll(t, []rule{
		{"a relative reference", about(`{"reference":"Patient/1"}`), nil, ""},
		{"a versioned reference", about(`{"reference":"Patient/1/_history/2"}`), nil, ""},
		{"an absolute reference", about(`{"reference":"https://x.org/fhir/Patient/1"}`), nil, ""},
		{"a reference to no FHIR address", about(`{"reference":"https://x.org/people?nr=1"}`), nil, ""},
		{"a reference by urn", about(`{"reference":"urn:uuid:6f5f3d1a-0000-4000-8000-000000000000"}`), nil, ""},
		{"a conditional reference", about(`{"reference":"Patient?identifier=http://x.org|1"}`), nil, ""},
		{"a logical reference", about(`{"type":"Patient","identifier":{"value":"1"}}`), nil, ""},
		{"a reference of text only", about(`{"display":"Asha"}`), nil, ""},
		{"a wrong type", about(`{"reference":"Coverage/1"}`), []string{"error value " + subject}, "Patient, Group"},
		{"a wrong type, versioned", about(`{"reference":"Coverage/1/_history/1"}`), []string{"error value " + subject}, "a Coverage"},
		{"a wrong type, absolute", about(`{"reference":"https://x.org/fhir/Coverage/1"}`), []string{"error value " + subject}, "a Coverage"},
		{"a wrong type, conditional", about(`{"reference":"Coverage?identifier=1"}`), []string{"error value " + subject}, "a Coverage"},
		{"a wrong type, logical", about(`{"type":"Encounter","identifier":{"value":"1"}}`), []string{"error value Condition.subject.type"}, "an Encounter"},
		{"a type that belies the reference", about(`{"type":"Group","reference":"Patient/1"}`), []string{"error value Condition.subject.type"}, "type says Group"},
		{"a type given by its URL", about(`{"type":"http://hl7.org/fhir/StructureDefinition/Patient","reference":"Patient/1"}`), nil, ""},
		{"an unknown type", about(`{"reference":"Pateint/1"}`), []string{"error value " + subject}, "did you mean Patient?"},
		{"an id that is none", about(`{"reference":"Patient/a_b"}`), []string{"error value " + subject}, "does not name a resource"},
		{"a version that is none", about(`{"reference":"Patient/1/_history/a_b"}`), []string{"error value " + subject}, "version"},
		{"a bare id", about(`{"reference":"1"}`), []string{"error value " + subject}, "Type/id"},
		{"white space", about(`{"reference":"Patient/1 "}`), []string{"error value " + subject}, "white space"},
	})
}

func TestResource_ChecksContainedResources(t *testing.T) {
	manyPatients, unreferenced := "", []string{}
	for i := range 20 {
		if i != 3 {
			unreferenced = append(unreferenced, fmt.Sprintf("error invariant dom-3 List.contained[%d]", i))
		}
		manyPatients += fmt.Sprintf(`{"resourceType":"Patient","id":"p%d"},`, i)
	}
	with := func(contained, subject string) string {
		return `{"resourceType":"Condition","contained":[` + contained + `],"subject":{"reference":"` + subject + `"}}`
	}
	checkAll(t, []rule{
		{"a contained resource", with(`{"resourceType":"Patient","id":"p"}`, "#p"), nil, ""},
		{"one that refers to its container", `{"resourceType":"Patient","contained":[{"resourceType":"Provenance","id":"p","target":[{"reference":"#"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"reference":"Patient/1"}}]}]}`, nil, ""},
		{"one that another refers to", `{"resourceType":"Condition","contained":[{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"#o"}},{"resourceType":"Organization","id":"o","name":"x"}],"subject":{"reference":"#p"}}`, nil, ""},
		{"one named by a canonical", `{"resourceType":"Measure","status":"draft","contained":[{"resourceType":"Library","id":"l","status":"draft","type":{"text":"x"}}],"library":["#l"]}`, nil, ""},
		{"one that nothing refers to", with(`{"resourceType":"Patient","id":"p"}`, "Patient/1"), []string{"error invariant dom-3 Condition.contained[0]"}, "refer to it as"},
		{"a reference that leads nowhere", with(`{"resourceType":"Patient","id":"p"}`, "#q"), []string{"error invariant ref-1 Condition.subject.reference", "error invariant dom-3 Condition.contained[0]"}, "#p"},
		{"a reference into nothing", `{"resourceType":"Condition","subject":{"reference":"#p"}}`, []string{"error invariant ref-1 Condition.subject.reference"}, "contains none"},
		{"a canonical that leads nowhere", `{"resourceType":"Measure","status":"draft","library":["#l"]}`, []string{"warning invariant ref-1 Measure.library[0]"}, "canonical"},
		{"a reference to one of the wrong type", with(`{"resourceType":"Organization","id":"p","name":"x"}`, "#p"), []string{"error value Condition.subject.reference"}, "an Organization"},
		{"one without an id", with(`{"resourceType":"Patient"}`, "Patient/1"), []string{"error required Condition.contained[0].id"}, "needs an id"},
		{"one with a version", with(`{"resourceType":"Patient","id":"p","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}}`, "#p"), []string{"error invariant dom-4 Condition.contained[0]", "error invariant dom-4 Condition.contained[0]"}, "versionId"},
		{"one with a security label", with(`{"resourceType":"Patient","id":"p","meta":{"security":[{"code":"R"}]}}`, "#p"), []string{"error invariant dom-5 Condition.contained[0]"}, "security"},
		{"one within another", with(`{"resourceType":"Patient","id":"p","contained":[{"resourceType":"Patient","id":"q"}],"link":[{"other":{"reference":"#q"},"type":"seealso"}]}`, "#p"), []string{"error invariant dom-2 Condition.contained[0].contained[0]", "error invariant ref-1 Condition.contained[0].link[0].other.reference"}, "outermost"},
		{"two with one id", with(`{"resourceType":"Patient","id":"p"},{"resourceType":"Group","id":"p","type":"person","actual":true}`, "#p"), []string{"error value Condition.contained[1].id"}, "its own"},
		{"many", `{"resourceType":"List","status":"current","mode":"working","contained":[` + manyPatients + `{"resourceType":"Patient","id":"p"}],"entry":[{"item":{"reference":"#p"}},{"item":{"reference":"#p3"}},{"item":{"reference":"#q"}}]}`, append([]string{"error invariant ref-1 List.entry[2].item.reference"}, unreferenced...), "#p0, #p1"},
		{"a finding within one", with(`{"resourceType":"Patient","id":"p","gender":"x"}`, "#p"), []string{"error code-invalid Condition.contained[0].gender"}, ""},
		{"one without a type", with(`{"id":"p"}`, "#p"), []string{"error required Condition.contained[0].resourceType"}, ""},
	})
}

func TestResource_ChecksResourcesInBundlesAndParameters(t *testing.T) {
	checkAll(t, []rule{
		{"an entry's resource", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","gender":"x"}}]}`, []string{"error code-invalid Bundle.entry[0].resource.gender"}, ""},
		{"an entry's contained resource", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"}],"managingOrganization":{"reference":"#o"}}}]}`, []string{"error invariant org-1 Bundle.entry[0].resource.contained[0]"}, ""},
		{"an entry that points into its neighbour", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x"}],"managingOrganization":{"reference":"#o"}}},{"resource":{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}}]}`, []string{"error invariant ref-1 Bundle.entry[1].resource.managingOrganization.reference"}, ""},
		{"an entry of an unknown type", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Clam"}}]}`, []string{"error structure Bundle.entry[0].resource.resourceType"}, "Claim"},
		{"an entry that is no object", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":"x"}]}`, []string{"error structure Bundle.entry[0].resource"}, ""},
		{"a parameter's resource", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","active":1}}]}`, []string{"error structure Parameters.parameter[0].resource.active"}, ""},
		{"a parameter's part", `{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"valueString":"x"}]}]}`, []string{"error required Parameters.parameter[0].part[0].name"}, ""},
	})
}

func TestResource_ChecksInvariants(t *testing.T) {
	checkAll(t, []rule{
		{"an error of a data type", `{"resourceType":"Patient","telecom":[{"value":"0712"}]}`, []string{"error invariant cpt-2 Patient.telecom[0]"}, "cpt-2"},
		{"a rule that holds", `{"resourceType":"Patient","telecom":[{"system":"phone","value":"0712"}]}`, nil, ""},
		{"a period that ends before it begins", `{"resourceType":"Patient","name":[{"family":"x","period":{"start":"2026-02-01","end":"2026-01-31"}}]}`, []string{"error invariant per-1 Patient.name[0].period"}, "per-1"},
		{"a period that begins in the month it ends", `{"resourceType":"Patient","name":[{"family":"x","period":{"start":"2026-02-10","end":"2026-02"}}]}`, nil, ""},
		{"an error of a backbone element", `{"resourceType":"Patient","contact":[{"gender":"female"}]}`, []string{"error invariant pat-1 Patient.contact[0]"}, "SHALL at least contain"},
		{"an error of a resource", `{"resourceType":"InsurancePlan","status":"draft"}`, []string{"error invariant ipn-1 InsurancePlan"}, "ipn-1"},
		{"an error of an element", `{"resourceType":"Organization","name":"x","telecom":[{"system":"phone","value":"1","use":"home"}]}`, []string{"error invariant org-3 Organization.telecom[0]"}, "org-3"},
		{"a rule about the whole resource", `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"}}]}`, []string{"error invariant bdl-3 Bundle"}, "bdl-3"},
		{"a warning", `{"resourceType":"CodeSystem","status":"draft","content":"complete","name":"x y"}`, []string{"warning invariant csd-0 CodeSystem"}, "csd-0"},
	})
	_, issues := validate.Resource([]byte(`{"resourceType":"InsurancePlan"}`), validate.Options{SkipInvariants: true})
	if len(issues) != 0 {
		t.Errorf("SkipInvariants: got %v, want none", issues)
	}
}

func TestResource_ObeysItsOptions(t *testing.T) {
	_, issues := validate.Resource([]byte(`{"resourceType":"Patient"}`), validate.Options{Type: "Claim"})
	if d := cmp.Diff([]string{"error invalid Patient"}, findings(issues)); d != "" {
		t.Errorf("another type than expected: %s", d)
	}
	scan := []byte(`{"resourceType":"Binary","contentType":"odd/odd"}`)
	if _, issues := validate.Resource(scan, validate.Options{}); len(issues) != 0 {
		t.Errorf("a code nobody can judge: got %v", issues)
	}
	knows := func(valueSet, _, code string) (bool, bool) {
		return code == "text/plain", valueSet == "http://hl7.org/fhir/ValueSet/mimetypes"
	}
	_, issues = validate.Resource(scan, validate.Options{Terminology: knows})
	if d := cmp.Diff([]string{"error code-invalid Binary.contentType"}, findings(issues)); d != "" {
		t.Errorf("a code the terminology refuses: %s", d)
	}
}

func TestResource_RefusesWhatIsNoJSON(t *testing.T) {
	deep := strings.Repeat(`{"extension":[`, fhir.DepthMax) + strings.Repeat(`]}`, fhir.DepthMax)
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `{"resourceType":"Patient",}`, "error structure "},
		{"an empty body", ``, "error structure "},
		{"nesting without bound", deep, "error too-costly "},
	} {
		doc, issues := validate.Resource([]byte(c.body), validate.Options{})
		if d := cmp.Diff([]string{c.want}, findings(issues)); doc != nil || d != "" {
			t.Errorf("%s: got document %v and %s", c.name, doc != nil, d)
		}
	}
}

func TestResource_BoundsWhatItTells(t *testing.T) {
	body := `{"resourceType":"Patient","name":[` + strings.Repeat(`{"x":1},`, 1500) + `{"x":1}]}`
	_, issues := validate.Resource([]byte(body), validate.Options{})
	if last := issues[len(issues)-1]; len(issues) != 1001 || last.Code != fhir.IssueTooCostly || !strings.Contains(last.Diagnostics, "501 more errors") {
		t.Errorf("got %d issues, the last %v", len(issues), last)
	}
}

// Each body would take hours if the walk looked again at what it has seen.
func TestResource_TakesHostileTextsInOnePass(t *testing.T) {
	const n = 50_000
	many := func(s string) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	numbered := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+",", i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	for name, body := range map[string]string{
		"unknown names":              `{"resourceType":"Patient",` + numbered(`"birthDtae%d":1`) + `}`,
		"one unknown name":           `{"resourceType":"Patient",` + many(`"birthDtae":1`) + `}`,
		"one name":                   `{"resourceType":"Patient",` + numbered(`"x%d":1`) + `,` + many(`"birthDate":"2026"`) + `}`,
		"one choice":                 `{"resourceType":"Patient",` + numbered(`"x%d":1`) + `,` + many(`"deceasedBoolean":true`) + `}`,
		"one half":                   `{"resourceType":"Patient",` + numbered(`"x%d":1`) + `,` + many(`"_birthDate":{}`) + `}`,
		"gaps":                       `{"resourceType":"Patient","name":[{"given":[` + many(`null`) + `],"_given":[` + many(`{"id":"a"}`) + `]}]}`,
		"contained resources":        `{"resourceType":"List","status":"current","mode":"working","contained":[` + numbered(`{"resourceType":"Patient","id":"p%d"}`) + `],"entry":[` + numbered(`{"item":{"reference":"#q%d"}}`) + `]}`,
		"wrong codes":                `{"resourceType":"Library","status":"draft","type":{"text":"x"},"dataRequirement":[` + many(`{"type":"Pateint"}`) + `]}`,
		"wrong references":           `{"resourceType":"List","status":"current","mode":"working","entry":[` + many(`{"item":{"reference":"Pateint/1"}}`) + `]}`,
		"half characters":            `{"resourceType":"Patient","name":[` + many(`{"family":"\ud800"}`) + `]}`,
		"entities within attributes": `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'><p style='(` + strings.Repeat("&amp;", n) + `'>x</p></div>"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if doc, _ := validate.Resource([]byte(body), validate.Options{}); doc == nil {
				t.Error("the test's body is no JSON")
			}
		})
	}
}

func TestNode_ChecksAPartByItsType(t *testing.T) {
	doc, err := fhir.Parse([]byte(`{"item":{"sequence":0,"unitPrice":{"value":"1","value":2}}}`))
	if err != nil {
		t.Fatal(err)
	}
	issues := validate.Node(doc.Root().Get("item"), r4.Lookup("Claim.item"), validate.Options{})
	want := []string{
		"error value Claim.item.sequence",
		"error structure Claim.item.unitPrice.value",
		"error required Claim.item.productOrService",
		"error structure Claim.item.unitPrice.value",
	}
	if d := cmp.Diff(want, findings(issues)); d != "" {
		t.Error(d)
	}
	doc, err = fhir.Parse([]byte(`"2026-02-30"`))
	if err != nil {
		t.Fatal(err)
	}
	issues = validate.Node(doc.Root(), r4.Lookup("date"), validate.Options{})
	if d := cmp.Diff([]string{"error value date"}, findings(issues)); d != "" {
		t.Error(d)
	}
}
