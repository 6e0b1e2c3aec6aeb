package profile_test

import (
	"testing"

	"bima/fhir/profile"
)

// sliced begins the slicing of an element.
func sliced(path, kind, at, rules, more string) string {
	return `{"id":"` + path + `","path":"` + path + `","slicing":{"discriminator":[{"type":"` + kind + `","path":"` + at + `"}],"rules":"` + rules + `"` + more + `}}`
}

const (
	phoneSlice = `{"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone","min":1,"max":"1"},{"id":"Patient.telecom:phone.system","path":"Patient.telecom.system","fixedCode":"phone"},{"id":"Patient.telecom:phone.value","path":"Patient.telecom.value","min":1}`
	mailSlice  = `{"id":"Patient.telecom:mail","path":"Patient.telecom","sliceName":"mail","max":"1"},{"id":"Patient.telecom:mail.system","path":"Patient.telecom.system","fixedCode":"email"}`
)

func TestSlices(t *testing.T) {
	phone, mail, fax := `{"system":"phone","value":"1"}`, `{"system":"email","value":"m"}`, `{"system":"fax","value":"f"}`
	for _, c := range []ruleCase{
		{
			rule: "slices are told apart by value and counted", on: "Patient",
			ask:  []string{sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice, mailSlice},
			hits: []string{`"telecom":[` + fax + `,` + phone + `,` + mail + `]`},
			miss: map[string]string{
				`"telecom":[` + mail + `]`:                                "error required phone Patient.telecom",
				`"gender":"male"`:                                         "error required phone Patient.telecom",
				`"telecom":[` + phone + `,` + phone + `]`:                 "error structure phone Patient.telecom",
				`"telecom":[` + fax + `,{"system":"phone","use":"home"}]`: "error required Patient.telecom[1].value",
			},
		},
		{
			rule: "closed slices allow no other", on: "Patient",
			ask:  []string{sliced("Patient.telecom", "value", "system", "closed", ""), phoneSlice, mailSlice},
			hits: []string{`"telecom":[` + phone + `,` + mail + `]`},
			miss: map[string]string{`"telecom":[` + phone + `,` + fax + `]`: "error structure Patient.telecom[1]"},
		},
		{
			rule: "others stand at the end where it is open there", on: "Patient",
			ask:  []string{sliced("Patient.telecom", "value", "system", "openAtEnd", ""), phoneSlice, mailSlice},
			hits: []string{`"telecom":[` + mail + `,` + phone + `,` + fax + `]`},
			miss: map[string]string{`"telecom":[` + phone + `,` + fax + `,` + mail + `]`: "error structure mail Patient.telecom[2]"},
		},
		{
			rule: "ordered slices stand in order", on: "Patient",
			ask:  []string{sliced("Patient.telecom", "value", "system", "open", `,"ordered":true`), phoneSlice, mailSlice},
			hits: []string{`"telecom":[` + fax + `,` + phone + `,` + mail + `]`},
			miss: map[string]string{`"telecom":[` + mail + `,` + phone + `]`: "error structure phone Patient.telecom[1]"},
		},
		{
			rule: "a slice without ids follows the one before it", on: "Patient",
			ask: []string{
				`{"path":"Patient.telecom","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}}`,
				`{"path":"Patient.telecom","sliceName":"phone","min":1}`, `{"path":"Patient.telecom.system","fixedCode":"phone"}`,
				`{"path":"Patient.telecom","sliceName":"mail","max":"0"}`, `{"path":"Patient.telecom.system","fixedCode":"email"}`,
			},
			hits: []string{`"telecom":[` + phone + `]`},
			miss: map[string]string{`"telecom":[` + phone + `,` + mail + `]`: "error structure mail Patient.telecom"},
		},
		{
			rule: "what is in no slice is in the default one", on: "Patient",
			ask:  []string{sliced("Patient.telecom", "value", "system", "closed", ""), phoneSlice, `{"id":"Patient.telecom:@default","path":"Patient.telecom","sliceName":"@default","max":"1"}`},
			hits: []string{`"telecom":[` + phone + `,` + fax + `]`},
			miss: map[string]string{`"telecom":[` + phone + `,` + fax + `,` + mail + `]`: "error structure @default Patient.telecom"},
		},
		{
			rule: "a slice of a slice", on: "Patient",
			ask: []string{
				sliced("Patient.telecom", "value", "system", "open", ""), phoneSlice,
				`{"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone","max":"*","slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"open"}}`,
				`{"id":"Patient.telecom:phone/home","path":"Patient.telecom","sliceName":"phone/home","max":"1"}`, `{"id":"Patient.telecom:phone/home.use","path":"Patient.telecom.use","min":1,"fixedCode":"home"}`,
			},
			hits: []string{`"telecom":[{"system":"phone","value":"1","use":"home"},{"system":"email","use":"home"},{"system":"email","use":"home"}]`},
			miss: map[string]string{`"telecom":[{"system":"phone","value":"1","use":"home"},{"system":"phone","value":"2","use":"home"}]`: "error structure phone Patient.telecom; error structure phone/home Patient.telecom"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestDiscriminators(t *testing.T) {
	tag := func(path, name, rest string) string {
		return `{"id":"` + path + `:` + name + `","path":"` + path + `","sliceName":"` + name + `"` + rest + `}`
	}
	for _, c := range []ruleCase{
		{
			rule: "by pattern", on: "Observation",
			ask:  []string{sliced("Observation.category", "pattern", "$this", "open", ""), tag("Observation.category", "lab", `,"max":"1","patternCodeableConcept":{"coding":[{"system":"http://c.example","code":"lab"}]}`)},
			hits: []string{`"category":[{"coding":[{"system":"http://c.example","code":"lab"}]},{"coding":[{"system":"http://d.example","code":"lab"}]}]`},
			miss: map[string]string{`"category":[{"coding":[{"system":"http://c.example","code":"lab"}]},{"text":"x","coding":[{"code":"lab","system":"http://c.example"}]}]`: "error structure lab Observation.category"},
		},
		{
			rule: "by a value inside a pattern above", on: "Observation",
			ask: []string{
				sliced("Observation.component", "value", "code.coding.code", "open", ""),
				tag("Observation.component", "sys", `,"min":1`), `{"id":"Observation.component:sys.code","path":"Observation.component.code","patternCodeableConcept":{"coding":[{"code":"8480-6"}]}}`,
				`{"id":"Observation.component:sys.value[x]","path":"Observation.component.value[x]","min":1}`,
			},
			hits: []string{`"component":[{"code":{"coding":[{"code":"x"},{"code":"8480-6"}]},"valueInteger":1}]`},
			miss: map[string]string{
				`"component":[{"code":{"coding":[{"code":"8480-6"}]}}]`:            "error required Observation.component[0].value",
				`"component":[{"code":{"coding":[{"code":"x"}]},"valueTime":"1"}]`: "error required sys Observation.component",
			},
		},
		{
			rule: "by whether an element exists", on: "Patient",
			ask: []string{
				sliced("Patient.name", "exists", "period", "closed", ""),
				tag("Patient.name", "dated", `,"max":"1"`), `{"id":"Patient.name:dated.period","path":"Patient.name.period","min":1}`,
				tag("Patient.name", "plain", `,"min":1`), `{"id":"Patient.name:plain.period","path":"Patient.name.period","max":"0"}`,
			},
			hits: []string{`"name":[{"text":"A","period":{"start":"2026"}},{"text":"B"},{"text":"C"}]`},
			miss: map[string]string{
				`"name":[{"text":"A","period":{"start":"2026"}}]`:                                                   "error required plain Patient.name",
				`"name":[{"text":"A","period":{"start":"2026"}},{"text":"B","period":{"end":"2026"}},{"text":"C"}]`: "error structure dated Patient.name",
			},
		},
		{
			rule: "by type of a choice", on: "Observation",
			ask: []string{
				sliced("Observation.value[x]", "type", "$this", "closed", ""),
				tag("Observation.value[x]", "valueQuantity", `,"type":[{"code":"Quantity"}]`), `{"id":"Observation.value[x]:valueQuantity.code","path":"Observation.value[x].code","min":1}`,
			},
			hits: []string{`"valueQuantity":{"value":1,"code":"kg"}`, `"status":"final"`},
			miss: map[string]string{`"valueQuantity":{"value":1}`: "error required Observation.value.code", `"valueString":"x"`: "error structure Observation.value"},
		},
		{
			rule: "by the short path of a choice", on: "Observation",
			ask:  []string{`{"path":"Observation.valueQuantity","min":1}`, `{"path":"Observation.valueQuantity.unit","fixedString":"kg"}`},
			hits: []string{`"valueQuantity":{"value":1,"unit":"kg"}`},
			miss: map[string]string{`"valueQuantity":{"value":1,"unit":"g"}`: "error value Observation.value.unit", `"valueString":"x"`: "error required valueQuantity Observation.value"},
		},
		{
			rule: "by the type a reference leads to", on: "Observation",
			ask: []string{
				sliced("Observation.performer", "type", "resolve()", "open", ""),
				tag("Observation.performer", "org", `,"max":"1","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]`),
			},
			hits: []string{`"performer":[{"reference":"Organization/1"},{"reference":"Patient/1"},{"reference":"Patient/2"}]`},
			miss: map[string]string{`"performer":[{"reference":"Organization/1"},{"reference":"Organization/2"}]`: "error structure org Observation.performer"},
		},
		{
			rule: "by the profile a reference leads to", on: "Observation",
			more: []profile.Definition{definition("woman", "Patient", `{"path":"Patient.gender","min":1,"fixedCode":"female"}`)},
			ask: []string{
				sliced("Observation.performer", "profile", "resolve()", "open", ""),
				tag("Observation.performer", "her", `,"min":1,"type":[{"code":"Reference","targetProfile":["`+base+`woman"]}]`),
			},
			hits: []string{`"contained":[{"resourceType":"Patient","id":"p","gender":"female"}],"performer":[{"reference":"#p"}]`},
			miss: map[string]string{`"contained":[{"resourceType":"Patient","id":"p","gender":"male"}],"performer":[{"reference":"#p"}]`: "error required her Observation.performer"},
		},
		{
			rule: "by an extension", on: "Patient",
			ask: []string{
				sliced("Patient.name", "value", "extension('http://x.example/kind').value", "open", ""),
				tag("Patient.name", "tribal", `,"min":1`),
				`{"id":"Patient.name:tribal.extension:kind","path":"Patient.name.extension","sliceName":"kind","min":1}`,
				`{"id":"Patient.name:tribal.extension:kind.url","path":"Patient.name.extension.url","fixedUri":"http://x.example/kind"}`,
				`{"id":"Patient.name:tribal.extension:kind.value[x]","path":"Patient.name.extension.value[x]","fixedCode":"tribal"}`,
			},
			hits: []string{`"name":[{"text":"A","extension":[{"url":"http://x.example/kind","valueCode":"tribal"}]}]`},
			miss: map[string]string{`"name":[{"text":"A","extension":[{"url":"http://x.example/kind","valueCode":"legal"}]}]`: "error required tribal Patient.name"},
		},
		{
			rule: "by a required binding", on: "Observation",
			ask: []string{
				sliced("Observation.category", "value", "$this", "open", ""),
				tag("Observation.category", "colour", `,"min":1,"binding":{"strength":"required","valueSet":"http://test.example/ValueSet/colours"}`),
			},
			hits: []string{`"category":[{"coding":[{"system":"http://test.example/colours","code":"red"}]}]`},
			miss: map[string]string{`"category":[{"coding":[{"system":"http://test.example/colours","code":"blue"}]}]`: "error required colour Observation.category"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}

func TestExtensions(t *testing.T) {
	extension := func(name, context string, elements string) profile.Definition {
		return profile.Definition{Type: "StructureDefinition", ID: name, Body: []byte(`{"resourceType":"StructureDefinition","url":"` + base + name + `","name":"` + name + `","type":"Extension","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Extension","context":[` + context + `],"differential":{"element":[{"path":"Extension.url","fixedUri":"` + base + name + `"},` + elements + `]}}`)}
	}
	tribe := extension("tribe", `{"type":"element","expression":"Patient"},{"type":"element","expression":"HumanName.family"}`, `{"path":"Extension.value[x]","min":1,"type":[{"code":"string"}]}`)
	within := extension("within", `{"type":"extension","expression":"`+base+`outer"}`, `{"path":"Extension.value[x]","type":[{"code":"string"}]}`)
	outer := extension("outer", `{"type":"fhirpath","expression":"Patient.contact.where(gender = 'female')"}`, `{"path":"Extension.value[x]","max":"0"}`)
	ext := func(name, value string) string {
		return `{"url":"` + base + name + `",` + value + `}`
	}
	for _, c := range []ruleCase{
		{
			rule: "an extension that is known is held against its definition", on: "Patient", more: []profile.Definition{tribe},
			hits: []string{`"extension":[` + ext("tribe", `"valueString":"x"`) + `]`, `"extension":[` + ext("unheard", `"valueInteger":1`) + `]`},
			miss: map[string]string{`"extension":[` + ext("tribe", `"valueInteger":1`) + `]`: "error structure Patient.extension[0].value"},
		},
		{
			rule: "an extension stands where its definition says", on: "Patient", more: []profile.Definition{tribe},
			hits: []string{`"name":[{"family":"A","_family":{"extension":[` + ext("tribe", `"valueString":"x"`) + `]}}]`},
			miss: map[string]string{`"name":[{"text":"A","extension":[` + ext("tribe", `"valueString":"x"`) + `]}]`: "error extension Patient.name[0].extension[0]"},
		},
		{
			rule: "an extension in an extension, and by FHIRPath", on: "Patient", more: []profile.Definition{within, outer},
			hits: []string{`"contact":[{"gender":"female","extension":[{"url":"` + base + `outer","extension":[` + ext("within", `"valueString":"x"`) + `]}]}]`},
			miss: map[string]string{
				`"extension":[` + ext("within", `"valueString":"x"`) + `]`:                                                            "error extension Patient.extension[0]",
				`"contact":[{"gender":"male","extension":[{"url":"` + base + `outer","extension":[{"url":"x","valueString":"y"}]}]}]`: "error extension Patient.contact[0].extension[0]",
			},
		},
		{
			rule: "a slice of extensions is told by its definition", on: "Patient", more: []profile.Definition{tribe},
			ask:  []string{`{"id":"Patient.extension:tribe","path":"Patient.extension","sliceName":"tribe","min":1,"max":"1","type":[{"code":"Extension","profile":["` + base + `tribe"]}]}`},
			hits: []string{`"extension":[` + ext("unheard", `"valueInteger":1`) + `,` + ext("tribe", `"valueString":"x"`) + `]`},
			miss: map[string]string{
				`"extension":[` + ext("unheard", `"valueInteger":1`) + `]`: "error required tribe Patient.extension",
				`"extension":[` + ext("tribe", `"valueInteger":1`) + `]`:   "error structure Patient.extension[0].value",
			},
		},
		{
			rule: "a slice of extensions that are not defined here is told by url all the same", on: "Patient",
			ask:  []string{`{"id":"Patient.extension:e","path":"Patient.extension","sliceName":"e","max":"0","type":[{"code":"Extension","profile":["http://else.example/e|2.0"]}]}`},
			hits: []string{`"extension":[{"url":"http://else.example/f","valueInteger":1}]`},
			miss: map[string]string{`"extension":[{"url":"http://else.example/e","valueInteger":1}]`: "error structure e Patient.extension"},
		},
	} {
		t.Run(c.rule, c.run)
	}
}
