package reindex_test

import (
	"strings"
	"testing"

	"bima/fhir"
)

// A composite may join parameters that are stored themselves, whatever their ids.
func TestACompositeOfStoredParameters(t *testing.T) {
	const patient = `{"resourceType":"Patient","id":"ID","contact":[{"name":{"family":"FAMILY"},"gender":"female"},{"name":{"family":"Other"},"gender":"male"}]}`
	const kin = `{"resourceType":"SearchParameter","id":"z-kin","url":"http://own/kin","name":"kin","status":"active","description":"d","code":"kin","base":["Patient"],
		"type":"string","expression":"Patient.contact.name.family"}`
	const composite = `{"resourceType":"SearchParameter","id":"a-kin-gender","url":"http://own/kin-gender","name":"kg","status":"active","description":"d",
		"code":"kin-gender","base":["Patient"],"type":"composite","expression":"Patient.contact","component":[
		{"definition":"http://own/kin","expression":"name.family"},{"definition":"http://hl7.org/fhir/SearchParameter/individual-gender","expression":"gender"}]}`
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(strings.NewReplacer("ID", "early", "FAMILY", "Asha").Replace(patient))
		if err := p.put(composite); !fhir.HasIssue(err, fhir.IssueNotSupported) {
			t.Errorf("without its part: %v", err)
		}
		p.mustPut(kin, composite, strings.NewReplacer("ID", "late", "FAMILY", "Ashanti").Replace(patient))
		p.work()
		p.finds("kin-gender=ash$female", "early late")
		p.finds("kin-gender=ashan$female", "late")
		p.finds("kin-gender=ash$male", "")
		p.finds("kin-gender=other$male", "early late")
		p.mustPut(strings.NewReplacer(`"string"`, `"token"`, "name.family", "gender").Replace(kin))
		p.work()
		p.finds("kin=female", "early late")
		p.finds("kin-gender=Asha$female", "early") // a token is compared whole
		p.finds("kin-gender=ash$female", "")
	})
}

// A composite may have no token, and more parts than two.
func TestACompositeOfAnyParts(t *testing.T) {
	composite := func(code, expression string, parts ...string) string {
		var components []string
		for _, part := range parts {
			name, path, _ := strings.Cut(part, "=")
			components = append(components, `{"definition":"http://hl7.org/fhir/SearchParameter/individual-`+name+`","expression":"`+path+`"}`)
		}
		return strings.NewReplacer("CODE", code, "EXPRESSION", expression, "PARTS", strings.Join(components, ",")).Replace(
			`{"resourceType":"SearchParameter","id":"CODE","url":"http://own/CODE","name":"x","status":"active","description":"d","code":"CODE",
			"base":["Patient"],"type":"composite","expression":"EXPRESSION","component":[PARTS]}`,
		)
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(
			`{"resourceType":"Patient","id":"a","birthDate":"1990-05","name":[{"family":"Juma","given":["Asha","Neema"],"use":"usual"},{"family":"Mushi","given":["Zawadi"],"use":"maiden"}]}`,
			`{"resourceType":"Patient","id":"b","birthDate":"1991","name":[{"family":"Mushi","given":["Asha"],"use":"usual"}]}`,
			`{"resourceType":"Patient","id":"c","name":[{"family":"Juma"}]}`,
			composite("full", "Patient.name", "family=family", "given=given"),
			composite("born", "Patient", "family=name.family", "birthdate=birthDate"),
			composite("dates", "Patient", "birthdate=birthDate", "birthdate=birthDate"),
			composite("all", "Patient.name", "gender=use", "family=family", "given=given"),
			`{"resourceType":"Patient","id":"d","birthDate":"1990-05-17","name":[{"family":"Mushi","given":["Zawadi"],"use":"usual"}]}`,
		)
		p.work()
		for query, want := range map[string]string{
			"full=mushi$zaw": "a d", "full=mushi$asha": "b", "full=juma$neema": "a", "full=juma$zawadi": "", "full=mushi$zaw,juma$asha": "a d",
			"full:missing=true": "c", "full:missing=false": "a b d", "full=mushi$zaw&full=juma$asha": "a",
			"born=mushi$1990": "a d", "born=mushi$gt1990-06": "b", "born=juma$lt1990-05-10": "a", "dates=ge1990$lt1991": "a d", "dates=1990-05-17$1990": "d",
			"all=usual$mushi$zaw": "d", "all=maiden$mushi$zaw": "a", "all=usual$mushi$asha": "b", "all=maiden$juma$asha": "",
			"_filter=full eq \"mushi$zaw\"": "a d", "full=mushi$zaw&_sort=-birthdate": "d a",
		} {
			p.finds(strings.NewReplacer(" ", "%20", `"`, "%22").Replace(query), want)
		}
		p.refused("all=usual$mushi", fhir.IssueInvalid)
		p.mustPut(`{"resourceType":"Patient","id":"a","birthDate":"1990-05","name":[{"family":"Juma","given":["Zawadi"]}]}`)
		p.finds("full=mushi$zaw", "d")
		p.finds("full=juma$zaw", "a")
	})
}
