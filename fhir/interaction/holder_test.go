package interaction_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

func TestWhoBearsAnIdentifierIsToldByModules(t *testing.T) {
	knows := fhir.Module{
		Name:   "knows",
		Unique: []fhir.Identifier{{Type: "Patient", System: "urn:n"}, {Type: "Group", System: "urn:n"}},
		Holders: []fhir.Holder{{Type: "Patient", Tell: func(_ fhir.Reader, taken fhir.Taken) (string, error) {
			return "Ask " + taken.By.ID + " for " + taken.Identifier.Value + ".", nil
		}}},
	}
	onEach(t, func(t *testing.T, b *bench) {
		b.update(`{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:n","value":"7"}]}`)
		b.update(`{"resourceType":"Group","id":"a","type":"person","actual":true,"identifier":[{"system":"urn:n","value":"7"}]}`)
		for typ, want := range map[string]bool{
			`{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"7"}]}`:                             true,
			`{"resourceType":"Group","type":"person","actual":true,"identifier":[{"system":"urn:n","value":"7"}]}`: false,
		} {
			name := "Patient"
			if !want {
				name = "Group"
			}
			_, err := b.Create(b.ctx, name, interaction.Write{Body: []byte(typ)})
			if o := fhir.OutcomeOf(err); o.Issues[0].Detail != fhir.DetailUnique || strings.Contains(o.Error(), "Ask a for 7.") != want {
				t.Errorf("%s was answered %v", name, o)
			}
		}
	}, knows)
}
