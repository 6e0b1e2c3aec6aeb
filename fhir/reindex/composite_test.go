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
