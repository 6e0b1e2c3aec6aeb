package resttest

import (
	"net/http"
	"regexp"
	"strings"
)

// profileStories tell how profiles that are stored as StructureDefinitions take
// effect. Source: R4 profiling, resource-operation-validate.
func profileStories() []Story {
	return []Story{
		{Name: "a stored profile is asked from when it is stored until it is deleted", Steps: storedProfile()},
		{Name: "a profile may be stored before what it builds on", Steps: profileBeforeItsBase()},
		{Name: "a profile that could never be used is refused", Steps: brokenProfiles()},
		{Name: "what is built in counts before what is stored", Steps: weakenedProfile()},
		{Name: "a draft refuses nobody, and a version is asked for by its name", Steps: profileVersions()},
		{Name: "stored extensions and data types are asked within profiles", Steps: storedExtension()},
		{Name: "profiles are bound to stored value sets", Steps: storedBinding()},
	}
}

const profileBase = "http://example.org/{run}/"

// bare finds ElementDefinitions without an id, which R4 asks for (sdf-14).
var bare = regexp.MustCompile(`{"path":"([^"]*)"`)

// structure is a StructureDefinition under the id {run}-name. Elements without an
// id get their path for one.
func structure(name, status, typ, parent, elements string) string {
	elements = bare.ReplaceAllString(elements, `{"id":"$1","path":"$1"`)
	return `{"resourceType":"StructureDefinition","id":"{run}-` + name + `","url":"` + profileBase + name + `","name":"Of` + name + `","status":"` + status + `","kind":"resource","abstract":false,` +
		`"type":"` + typ + `","baseDefinition":"` + parent + `","derivation":"constraint","differential":{"element":[` + elements + `]}}`
}

const corePatient = "http://hl7.org/fhir/StructureDefinition/Patient"

// wanting is a profile on Patient that wants an element once.
func wanting(name, status, element string) string {
	return structure(name, status, "Patient", corePatient, `{"id":"Patient.`+element+`","path":"Patient.`+element+`","min":1}`)
}

// replaced puts a text in the place of another, once.
func replaced(text, old, with string) string { return strings.Replace(text, old, with, 1) }

func putProfile(what, name, body string, status int) Scenario {
	return Scenario{Name: what, Method: http.MethodPut, Path: "/StructureDefinition/{run}-" + name, Body: body, WantStatus: status}
}

// claiming is a Patient that claims a profile, or none where it is "".
func claiming(profile, members string) string {
	if profile != "" {
		profile = `,"meta":{"profile":["` + profile + `"]}`
	}
	return `{"resourceType":"Patient"` + profile + members + `}`
}

// held asks for a resource to be held against a profile, and wants the findings
// in the members given.
func held(what, profile, body string, want Values) Scenario {
	return Scenario{Name: what, Method: http.MethodPost, Path: "/Patient/$validate?profile=" + profile, Body: body, WantStatus: http.StatusOK, WantBody: want}
}

var nothingWrong = Values{"resourceType": "OperationOutcome", "issue[0].severity": "information", "issue#": "1"}

func sends(what, body string, status int, want Values) Scenario {
	return Scenario{Name: what, Method: http.MethodPost, Path: "/Patient", Body: body, WantStatus: status, WantBody: want}
}

func lacks(element string) Values {
	return Values{"issue#": "1", "issue[0].severity": "error", "issue[0].code": "required", "issue[0].expression[0]": "Patient." + element}
}

func storedProfile() []Scenario {
	const url = profileBase + "p"
	born, male := `,"birthDate":"1990-01-01"`, `,"gender":"male"`
	supported := func(what, want string) Scenario {
		return Scenario{Name: what, Path: "/metadata?_format=json", WantStatus: http.StatusOK, WantText: want}
	}
	return []Scenario{
		held("nobody knows it yet", url, claiming("", born), Values{"issue[0].severity": "error", "issue[0].code": "not-found", "issue[0].diagnostics": "*" + url + "*StructureDefinition*--package*"}),
		sends("what claims it is stored", claiming(url, male), http.StatusCreated, nil),
		putProfile("it is stored", "p", wanting("p", "active", "birthDate"), http.StatusCreated),
		held("what does not meet it", url, claiming("", male), lacks("birthDate")),
		held("what meets it", url, claiming("", born), nothingWrong),
		sends("what claims it and does not meet it is refused", claiming(url, male), http.StatusBadRequest, lacks("birthDate")),
		sends("what meets it is stored", claiming(url, born), http.StatusCreated, nil),
		sends("what claims nothing is not asked", claiming("", male), http.StatusCreated, nil),
		supported("the server says that it knows it", `"`+url+`"`),
		putProfile("it is changed", "p", wanting("p", "active", "gender"), http.StatusOK),
		held("what it asked before", url, claiming("", born), lacks("gender")),
		sends("it asks no more", claiming(url, male), http.StatusCreated, nil),
		putProfile("it is retired", "p", wanting("p", "retired", "gender"), http.StatusOK),
		sends("what claims it is not asked", claiming(url, born), http.StatusCreated, nil),
		held("who asks is told both", url, claiming("", born), Values{"issue#": "2", "issue[*].severity": "error warning", "issue[0].diagnostics": "*retired*"}),
		putProfile("it is active again", "p", wanting("p", "active", "gender"), http.StatusOK),
		sends("and refuses again", claiming(url, born), http.StatusBadRequest, lacks("gender")),
		{Name: "it is deleted", Method: http.MethodDelete, Path: "/StructureDefinition/{run}-p", WantStatus: http.StatusNoContent},
		held("nobody knows it any more", url, claiming("", born), Values{"issue[0].severity": "error", "issue[0].code": "not-found"}),
		sends("what claims it is not asked any more", claiming(url, born), http.StatusCreated, nil),
	}
}

func profileBeforeItsBase() []Scenario {
	const url = profileBase + "child"
	child := structure("child", "active", "Patient", profileBase+"parent", `{"path":"Patient.gender","min":1}`)
	waits := putProfile("it is stored, and told of what it waits for", "child", child, http.StatusCreated)
	waits.Header = Values{"Prefer": "return=OperationOutcome"}
	waits.WantBody = Values{"issue[0].severity": "warning", "issue[0].code": "not-found", "issue[0].expression[0]": "StructureDefinition.baseDefinition", "issue[0].diagnostics": "*" + profileBase + "parent*"}
	return []Scenario{
		waits,
		held("who asks is told why not", url, claiming("", `,"gender":"male"`), Values{"issue[0].severity": "error", "issue[0].diagnostics": "*StructureDefinition/{run}-child*can't be used*" + profileBase + "parent*"}),
		sends("what claims it is stored", claiming(url, `,"active":true`), http.StatusCreated, nil),
		putProfile("the base comes", "parent", wanting("parent", "active", "birthDate"), http.StatusCreated),
		held("now both are asked", url, claiming("", `,"gender":"male"`), lacks("birthDate")),
		held("and met", url, claiming("", `,"gender":"male","birthDate":"1990"`), nothingWrong),
		sends("what claims it is refused", claiming(url, `,"birthDate":"1990"`), http.StatusBadRequest, lacks("gender")),
		sends("or stored", claiming(url, `,"gender":"male","birthDate":"1990"`), http.StatusCreated, nil),
		{Name: "the base is deleted", Method: http.MethodDelete, Path: "/StructureDefinition/{run}-parent", WantStatus: http.StatusNoContent},
		sends("and nobody is refused", claiming(url, `,"birthDate":"1990"`), http.StatusCreated, nil),
	}
}

func brokenProfiles() []Scenario {
	cases := []struct{ what, elements, at, why string }{
		{"an element that there is not", `{"path":"Patient.brithDate","min":1}`, "element[0].path", "*no element*brithDate*"},
		{"a rule that is no FHIRPath", `{"path":"Patient.name","constraint":[{"key":"n-1","severity":"error","human":"a name","expression":"family.exists("}]}`, "element[0].constraint[0].expression", "*n-1*FHIRPath*"},
		{"slices that nothing tells apart", `{"path":"Patient.telecom"},{"id":"Patient.telecom:a","path":"Patient.telecom","sliceName":"a"}`, "element[1].sliceName", "*slicing*discriminator*"},
		{"slices told apart by what there is not", `{"path":"Patient.telecom","slicing":{"discriminator":[{"type":"value","path":"sytsem"}],"rules":"open"}}`, "element[0].slicing.discriminator[0].path", "*sytsem*"},
		{"a type the element has not", `{"path":"Patient.deceased[x]","type":[{"code":"Period"}]}`, "element[0].type.code", "*boolean, dateTime*"},
		{"more than there can be", `{"path":"Patient.birthDate","min":2}`, "element[0].min", "*"},
	}
	var steps []Scenario
	for _, c := range cases {
		want := Values{"issue#": "1", "issue[0].severity": "error", "issue[0].expression[0]": "StructureDefinition.differential." + c.at, "issue[0].diagnostics": c.why}
		broken := structure("broken", "active", "Patient", corePatient, c.elements)
		refused := putProfile(c.what, "broken", broken, http.StatusBadRequest)
		refused.WantBody = want
		steps = append(steps, refused, Scenario{
			Name: c.what + ", as $validate says", Method: http.MethodPost, Path: "/StructureDefinition/$validate", Body: broken, WantStatus: http.StatusOK, WantBody: want,
		})
	}
	batch := Scenario{
		Name: "in a Bundle the entry is named", Method: http.MethodPost, Path: "", WantStatus: http.StatusBadRequest,
		Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + structure("broken", "active", "Patient", corePatient, cases[0].elements) + `,"request":{"method":"PUT","url":"StructureDefinition/{run}-broken"}}]}`,
		WantBody: Values{"issue[0].expression[0]": "Bundle.entry[0].resource.differential.element[0].path"},
	}
	return append(steps, batch,
		Scenario{Name: "nothing was stored", Path: "/StructureDefinition/{run}-broken", WantStatus: http.StatusNotFound},
		putProfile("put right it is stored", "broken", wanting("broken", "active", "birthDate"), http.StatusCreated))
}

func weakenedProfile() []Scenario {
	const ours = "https://bima.example/fhir/StructureDefinition/claim"
	weak := structure("weak", "active", "Claim", "http://hl7.org/fhir/StructureDefinition/Claim", `{"path":"Claim.item.note","max":"*"}`)
	weak = replaced(weak, profileBase+"weak", ours)
	told := putProfile("one of the same url is stored, and told that it has no effect", "weak", weak, http.StatusCreated)
	told.Header = Values{"Prefer": "return=OperationOutcome"}
	told.WantBody = Values{"issue[0].severity": "warning", "issue[0].code": "business-rule", "issue[0].expression[0]": "StructureDefinition.url", "issue[0].diagnostics": "*" + ours + "*"}
	claim := Scenario{
		Name: "ours is asked as before", Method: http.MethodPost, Path: "/Claim/$validate?profile=" + ours, WantStatus: http.StatusOK,
		Body:     `{"resourceType":"Claim","status":"active","type":{"text":"a"},"use":"claim","patient":{"reference":"Patient/1"},"created":"2026-01-01","provider":{"reference":"Organization/1"},"priority":{"text":"a"},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/1"}}]}`,
		WantBody: Values{"issue[0].severity": "error"},
	}
	return []Scenario{claim, told, claim, {Name: "it goes", Method: http.MethodDelete, Path: "/StructureDefinition/{run}-weak", WantStatus: http.StatusNoContent}}
}

func profileVersions() []Scenario {
	const url = profileBase + "p"
	of := func(name, status, version, element string) string {
		return replaced(replaced(wanting(name, status, element), profileBase+name, url), `"name"`, `"version":"`+version+`","name"`)
	}
	return []Scenario{
		putProfile("a draft is stored", "a", of("a", "draft", "1.0.0", "birthDate"), http.StatusCreated),
		held("who asks for it has it asked", url, claiming("", ""), lacks("birthDate")),
		{
			Name: "what claims it is stored with a warning", Method: http.MethodPost, Path: "/Patient", Header: Values{"Prefer": "return=OperationOutcome"}, Body: claiming(url, `,"active":true`),
			WantStatus: http.StatusCreated, WantBody: Values{"issue[0].severity": "warning", "issue[0].expression[0]": "Patient.birthDate"},
		},
		putProfile("an active version is stored", "b", of("b", "active", "1.1.0", "gender"), http.StatusCreated),
		sends("it is meant where none is named", claiming(url, ""), http.StatusBadRequest, lacks("gender")),
		held("the draft by its version", url+"|1.0.0", claiming("", ""), lacks("birthDate")),
		held("the active one by its version", url+"|1.1.0", claiming("", ""), lacks("gender")),
		held("a version that there is not", url+"|3", claiming("", ""), Values{"issue[0].code": "not-found", "issue[0].diagnostics": "*1.1.0*1.0.0*"}),
	}
}

func storedExtension() []Scenario {
	colour := structure("colour", "active", "Extension", "http://hl7.org/fhir/StructureDefinition/Extension",
		`{"path":"Extension.url","fixedUri":"`+profileBase+`colour"},{"path":"Extension.value[x]","min":1,"type":[{"code":"string"}]}`)
	colour = replaced(colour, `"kind":"resource","abstract":false`, `"kind":"complex-type","abstract":false,"context":[{"type":"element","expression":"Patient"}]`)
	short := structure("short", "active", "HumanName", "http://hl7.org/fhir/StructureDefinition/HumanName", `{"path":"HumanName.family","min":1}`)
	short = replaced(short, `"kind":"resource"`, `"kind":"complex-type"`)
	const url = profileBase + "eyes"
	eyes := structure("eyes", "active", "Patient", corePatient,
		`{"id":"Patient.extension:colour","path":"Patient.extension","sliceName":"colour","min":1,"max":"1","type":[{"code":"Extension","profile":["`+profileBase+`colour"]}]},{"id":"Patient.name","path":"Patient.name","type":[{"code":"HumanName","profile":["`+profileBase+`short"]}]}`)
	with := func(member, name string) string {
		return `,"extension":[{"url":"` + profileBase + `colour",` + member + `}],"name":[{` + name + `}]`
	}
	right, family := `"valueString":"green"`, `"family":"A"`
	finding := func(at string) Values {
		return Values{"issue#": "1", "issue[0].severity": "error", "issue[0].expression[0]": at}
	}
	return []Scenario{
		putProfile("a profile that refers to others", "eyes", eyes, http.StatusCreated),
		held("these are not asked before they are here", url, claiming("", with(`"valueInteger":1`, `"text":"a"`)), nothingWrong),
		putProfile("an extension", "colour", colour, http.StatusCreated),
		putProfile("a data type", "short", short, http.StatusCreated),
		held("all is met", url, claiming("", with(right, family)), nothingWrong),
		held("the extension is not", url, claiming("", with(`"valueInteger":1`, family)), finding("Patient.extension[0].value")),
		held("the name is not", url, claiming("", with(right, `"text":"a"`)), finding("Patient.name[0].family")),
		held("the extension is not there", url, claiming("", `,"name":[{"family":"A"}]`), finding("Patient.extension")),
		sends("what claims it is refused", claiming(url, with(right, `"text":"a"`)), http.StatusBadRequest, finding("Patient.name[0].family")),
		sends("or stored", claiming(url, with(right, family)), http.StatusCreated, nil),
	}
}

func storedBinding() []Scenario {
	const url, set, system = profileBase + "test", profileBase + "tests", profileBase + "codes"
	bound := func(strength, set string) string {
		return structure("test", "active", "Observation", "http://hl7.org/fhir/StructureDefinition/Observation", `{"path":"Observation.code","binding":{"strength":"`+strength+`","valueSet":"`+set+`"}}`)
	}
	valueSet := func(what, version, include string, status int) Scenario {
		return Scenario{
			Name: what, Method: http.MethodPut, Path: "/ValueSet/{run}-tests", WantStatus: status,
			Body: `{"resourceType":"ValueSet","id":"{run}-tests","url":"` + set + `","version":"` + version + `","status":"active","compose":{"include":[` + include + `]}}`,
		}
	}
	of := func(code string) string {
		return `{"resourceType":"Observation","meta":{"profile":["` + url + `"]},"status":"final","code":{"coding":[{"system":"` + system + `","code":"` + code + `"}]}}`
	}
	asked := func(what, code string, want Values) Scenario {
		return Scenario{Name: what, Method: http.MethodPost, Path: "/Observation/$validate", Body: of(code), WantStatus: http.StatusOK, WantBody: want}
	}
	sent := func(what, code string, status int) Scenario {
		return Scenario{Name: what, Method: http.MethodPost, Path: "/Observation", Body: of(code), WantStatus: status}
	}
	finding := func(severity, code string) Values {
		return Values{"issue#": "1", "issue[0].severity": severity, "issue[0].code": code, "issue[0].expression[0]": "Observation.code", "issue[0].diagnostics": "*" + set + "*"}
	}
	untold, wrong, unwanted := finding("warning", "not-supported"), finding("error", "code-invalid"), finding("warning", "code-invalid")
	listed := func(code string) string {
		return `{"system":"` + system + `","concept":[{"code":"` + code + `"}]}`
	}
	codes := Scenario{
		Name: "its codes come", Method: http.MethodPut, Path: "/CodeSystem/{run}-codes", WantStatus: http.StatusCreated,
		Body: `{"resourceType":"CodeSystem","id":"{run}-codes","url":"` + system + `","status":"active","content":"complete","concept":[{"code":"blood","concept":[{"code":"glucose"}]},{"code":"urine"}]}`,
	}
	return []Scenario{
		putProfile("a profile is bound", "test", bound("required", set), http.StatusCreated),
		asked("to what is not here", "glucose", untold),
		sent("nobody is refused for it", "glucose", http.StatusCreated),
		valueSet("the value set comes", "1", listed("glucose"), http.StatusCreated),
		asked("a code of it", "glucose", nothingWrong),
		asked("a code that is not", "urine", wrong),
		sent("which is refused", "urine", http.StatusBadRequest),
		sent("the other is stored", "glucose", http.StatusCreated),
		valueSet("it is changed", "1", listed("urine"), http.StatusOK),
		asked("what was wrong is right", "urine", nothingWrong),
		asked("what was right is wrong", "glucose", wrong),
		valueSet("it is of what is below a code", "1", `{"system":"`+system+`","filter":[{"property":"concept","op":"is-a","value":"blood"}]}`, http.StatusOK),
		asked("which can't be told without the codes", "glucose", untold),
		codes,
		asked("a code below", "glucose", nothingWrong),
		asked("a code beside", "urine", wrong),
		putProfile("the profile wants it where it can be had", "test", bound("extensible", set), http.StatusOK),
		asked("another is a warning", "urine", unwanted),
		asked("one of it is none", "glucose", nothingWrong),
		putProfile("the profile names a version", "test", bound("required", set+"|2"), http.StatusOK),
		asked("which is not here", "urine", untold),
		valueSet("it comes", "2", listed("urine"), http.StatusOK),
		asked("one of it", "urine", nothingWrong),
		asked("one that is not", "glucose", wrong),
		{Name: "the value set is deleted", Method: http.MethodDelete, Path: "/ValueSet/{run}-tests", WantStatus: http.StatusNoContent},
		asked("and nothing can be told", "glucose", untold),
	}
}
