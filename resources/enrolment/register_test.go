package enrolment_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/enrolment"
	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// inRegister gives a family and a person of another register.
func inRegister(id string, heads ...string) string {
	var members []string
	for i, member := range heads {
		mark := ""
		if i == 0 {
			mark = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`
		}
		members = append(members, `{`+mark+`"entity":`+member+`}`)
	}
	return `{"resourceType":"Group","id":"` + id + `","type":"person","actual":true,"member":[` + strings.Join(members, ",") + `]}`
}

func byID(id string) string { return `{"reference":"Patient/` + id + `"}` }

func byNumber(number string) string {
	return `{"identifier":{"system":"urn:registry","value":"` + number + `"}}`
}

func someone(id, number, more string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	return `{"resourceType":"Patient",` + id + `"identifier":[{"system":"urn:registry","value":"` + number + `"}],"name":[{"text":"Ali Said"}],"gender":"male"` + more + `}`
}

// enrolRegister sends lines and gives the counts and the report.
func enrolRegister(w *resourcestest.World, more string, lines ...string) (counts, report string, err error) {
	body := `{"resourceType":"Parameters","parameter":[{"name":"register","valueBase64Binary":"` + base64.StdEncoding.EncodeToString([]byte(strings.Join(lines, "\n"))) + `"}` + more + `]}`
	response, err := w.Engine.Call(w.Context(), "enrol-register", fhir.Key{Type: "Group"}, "", []byte(body), false)
	if err != nil {
		return "", "", err
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		return "", "", err
	}
	values := map[string]string{}
	for p := range doc.Root().Get("parameter").Each() {
		values[p.Get("name").Text()] = p.Get("valueInteger").Text() + p.Get("valueBase64Binary").Text()
	}
	text, err := base64.StdEncoding.DecodeString(values["report"])
	return fmt.Sprintf("%s lines, %s enrolled, %s unchanged, %s refused", values["lines"], values["enrolled"], values["unchanged"], values["refused"]), string(text), err
}

// The register has two families, one of them twice divided over the lines, one of
// a person who is there with another birth date, a person alone, and lines that
// are none.
var registry = []string{
	inRegister("f1", byID("p1"), byNumber("2")),
	inRegister("f2", byID("p3")),
	someone("p1", "1", `,"birthDate":"1980-01-01"`),
	"",
	`{"resourceType":"Patient"`,
	someone("p3", "3", `,"birthDate":"1990-01-01"`),
	someone("p2", "2", ""),
	someone("p4", "4", ""),
	`{"resourceType":"Observation","id":"o"}`,
	someone("p4", "5", ""),
}

func TestARegisterIsEnrolled(t *testing.T) {
	const notAlone = "a family is enrolled as a whole, and line "
	want := func(took string) string {
		return strings.Join([]string{
			"line,resource,identifier,status,element,message,way_out",
			"1,Group/f1,," + took + ",,,",
			`2,Group/f2,,refused,,"` + notAlone + `6 is wrong",correct line 6`,
			"3,Patient/p1,1," + took + ",,,",
			"5,,,refused,,*",
			"6,Patient/p3,3,refused,birthDate,*",
			"7,Patient/p2,2," + took + ",,,",
			"8,Patient/p4,4," + took + ",,,",
			"9,Observation/o,,refused,resourceType,*",
			"10,Patient/p4,5,refused,id,line 8 has the id p4 too,leave one of the two out",
		}, "\n")
	}
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var clock resourcestest.Clock
			clock.Set(t, "2026-03-10")
			w := resourcestest.Timed(t, dsn(t), &clock, patient.Module(), group.Module(), enrolment.Settings{}.Module())
			w.Put(someone("p3", "3", `,"birthDate":"1991-01-01"`))
			for _, step := range []struct{ more, counts, took string }{
				{`,{"name":"dry-run","valueBoolean":true}`, "9 lines, 4 enrolled, 0 unchanged, 5 refused", "would-enrol"},
				{`,{"name":"source","valueString":"Registry"}`, "9 lines, 4 enrolled, 0 unchanged, 5 refused", "enrolled"},
				{`,{"name":"source","valueString":"Registry"}`, "9 lines, 0 enrolled, 4 unchanged, 5 refused", "unchanged"},
			} {
				counts, report, err := enrolRegister(w, step.more, registry...)
				if err != nil || counts != step.counts {
					t.Fatalf("%s: got %s, %v", step.took, counts, err)
				}
				if diff := cmp.Diff(want(step.took), starred(want(step.took), report)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", step.took, diff)
				}
				if n := len(w.Search("Group", "")); n != map[bool]int{true: 0, false: 1}[step.took == "would-enrol"] {
					t.Errorf("%s: there are %d families", step.took, n)
				}
			}
			if p := w.Get("Patient/p2"); p.Get("identifier").First().At("assigner", "display").Text() != "Registry" {
				t.Errorf("where he comes from is lost: %s", p.Raw())
			}
			if n := len(w.Search("Provenance", "target=Patient/p1")); n != 1 {
				t.Errorf("%d Provenances", n)
			}
		})
	}
}

// starred gives a report with a star for what the wanted one has a star for.
func starred(want, got string) string {
	lines := strings.Split(strings.TrimSpace(got), "\n")
	for i, line := range strings.Split(want, "\n") {
		if stem, any := strings.CutSuffix(line, "*"); any && i < len(lines) && strings.HasPrefix(lines[i], stem) {
			lines[i] = line
		}
	}
	return strings.Join(lines, "\n")
}

func TestRegistersThatCantBeRead(t *testing.T) {
	w := country(t, enrolment.Settings{})
	for name, lines := range map[string][]string{"nothing": {""}, "too much": strings.Split(strings.Repeat("{}\n", 5001), "\n")} {
		if _, _, err := enrolRegister(w, "", lines...); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, _, err := enrolRegister(w, `,{"name":"colour","valueString":"red"}`, someone("p1", "1", "")); err == nil {
		t.Error("a parameter that is none is taken")
	}
}

func FuzzUnits(f *testing.F) {
	f.Add(strings.Join(registry, "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		units, lines := enrolment.NewUnits(), 0
		for line := range strings.Lines(text) {
			doc, err := fhir.Parse([]byte(line))
			if err != nil {
				units.Add(fhir.Node{})
			} else {
				units.Add(doc.Root())
			}
			lines++
		}
		seen := map[int]bool{}
		for _, unit := range units.All() {
			for _, at := range unit {
				if seen[at] {
					t.Fatalf("line %d is in two units", at)
				}
				seen[at] = true
			}
		}
		if len(seen) != lines {
			t.Errorf("%d of %d lines are in units", len(seen), lines)
		}
	})
}
