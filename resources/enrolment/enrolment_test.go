package enrolment_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/enrolment"
	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

const header = "family_code,head_number,insurance_number,family_name,given_names,birth_date,sex,relationship,phone,district,ward,village,joined\n"

// country gives a World with two districts that each have a village Mtoni.
func country(t testing.TB, settings enrolment.Settings) *resourcestest.World {
	t.Helper()
	w := resourcestest.New(t, patient.Module(), group.Module(), settings.Module())
	place := func(id, name, kind, partOf string) string {
		if partOf != "" {
			partOf = `,"partOf":{"reference":"Location/` + partOf + `"}`
		}
		return `{"resourceType":"Location","id":"` + id + `","status":"active","identifier":[{"system":"https://bima.example/fhir/id/location","value":"` + strings.ToUpper(id) + `"}],"name":"` + name + `","type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"` + kind + `"}]}]` + partOf + `}`
	}
	w.Put(place("r1", "Tambarare", "R", ""), place("d1", "Sagara", "D", "r1"), place("d2", "Koshi", "D", "r1"), place("w1", "Sagara Town", "W", "d1"), place("w2", "Koshi Town", "W", "d2"),
		place("v1", "Mtoni", "V", "w1"), place("v2", "Mtoni", "V", "w2"), place("v3", "Kilima", "V", "w1"), strings.Replace(place("v9", "Zamani", "V", "w1"), `"active"`, `"inactive"`, 1))
	return w
}

// send sends a table and gives the counts and the report.
func send(w *resourcestest.World, table, more string) (counts, report string, err error) {
	body := `{"resourceType":"Parameters","parameter":[{"name":"table","valueBase64Binary":"` + base64.StdEncoding.EncodeToString([]byte(table)) + `"}` + more + `]}`
	response, err := w.Engine.Call(w.Context(), "enrol-table", fhir.Key{Type: "Group"}, "", []byte(body), false)
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
	return fmt.Sprintf("%s rows, %s enrolled, %s unchanged, %s refused", values["rows"], values["enrolled"], values["unchanged"], values["refused"]), string(text), err
}

// A good table: two families, the second one's head behind his daughter, and a
// person without a number.
const good = header +
	"F-1,,070100001018,Mushi,Asha Neema,1980-05-17,F,,0712000001,Sagara,,Mtoni,2026-01-01\n" +
	"F-1,070100001018,070100001026,Mushi,Juma,17/06/2010,M,son,,Sagara,,Mtoni,\n" +
	",79927398713,18,Komba,Neema,2015,f,daughter,,,,V3,\n" +
	",,79927398713,Komba,Ali,1970,m,,,,,V3,\n" +
	"F-1,070100001018,,Mushi,Baraka,2026-02-01,M,child,,Sagara,,Mtoni,\n"

func TestATableIsEnrolledAndSentAgainChangesNothing(t *testing.T) {
	w := country(t, enrolment.Settings{VillageRequired: true})
	counts, report, err := send(w, good, `,{"name":"dry-run","valueBoolean":true}`)
	if err != nil || counts != "5 rows, 5 enrolled, 0 unchanged, 0 refused" || !strings.Contains(report, "would-enrol") {
		t.Fatalf("a dry run gave %s, %v\n%s", counts, err, report)
	}
	if n := len(w.Search("Patient", "")) + len(w.Search("Group", "")); n != 0 {
		t.Fatalf("a dry run has kept %d resources", n)
	}
	if counts, report, err = send(w, good, ""); err != nil || counts != "5 rows, 5 enrolled, 0 unchanged, 0 refused" {
		t.Fatalf("it gave %s, %v\n%s", counts, err, report)
	}
	families := w.Search("Group", "_sort=identifier")
	if len(families) != 2 || families[1].Get("member").Len() != 3 || families[0].Get("member").Len() != 2 {
		t.Fatalf("there are %d families", len(families))
	}
	if got := families[0].Identifier("https://bima.example/fhir/id/family"); got != "79927398713" {
		t.Errorf("the family without a code is %s", got)
	}
	mtoni := w.Search("Patient", "village=Location/v1&_count=50")
	if len(mtoni) != 3 || len(w.Search("Group", "village=Location/v3")) != 1 || len(w.Search("Patient", "village.partof.partof=Location/d1")) != 5 {
		t.Errorf("%d live in Mtoni", len(mtoni))
	}
	asha := w.Search("Patient", "identifier=070100001018")[0]
	if a := asha.Get("address").First(); a.Get("city").Text() != "Mtoni" || a.Get("district").Text() != "Sagara" || a.Get("state").Text() != "Tambarare" {
		t.Errorf("her address is %s", a.Raw())
	}
	if start := families[1].Get("member").First().At("period", "start").Text(); start != "2026-01-01" {
		t.Errorf("she joined on %s", start)
	}
	if counts, _, err = send(w, good, ""); err != nil || counts != "5 rows, 0 enrolled, 5 unchanged, 0 refused" {
		t.Errorf("again it gave %s, %v", counts, err)
	}
	if n := len(w.Search("Patient", "")) + len(w.Search("Group", "")); n != 7 {
		t.Errorf("again there are %d resources", n)
	}
	more := header + ",070100001018,26,Mushi,Zuri,2026-03-03,F,child,,,,V1,\n"
	if counts, report, err = send(w, more, `,{"name":"source","valueString":"Village book"}`); err != nil || counts != "1 rows, 1 enrolled, 0 unchanged, 0 refused" {
		t.Fatalf("a child of a head who was there gave %s, %v\n%s", counts, err, report)
	}
	if found := w.Search("Group", "identifier=F-1"); found[0].Get("member").Len() != 4 {
		t.Errorf("the family is %s", found[0].Raw())
	}
	if len(w.Search("Provenance", "")) != 1 {
		t.Error("where the child comes from is not recorded")
	}
}

// TestRowsThatAreRefused: each row alone is a family; the report names the column
// and a way out.
func TestRowsThatAreRefused(t *testing.T) {
	cases := []struct{ name, rows, column, says string }{
		{"no name", ",,18,,Asha,1980-05-17,F,,,,,V1,", "family_name", "missing"},
		{"no date", ",,18,Mushi,Asha,17 May,F,,,,,V1,", "birth_date", "write it as"},
		{"born tomorrow and later", ",,18,Mushi,Asha,2999-01-01,F,,,,,V1,", "birth_date", "future"},
		{"no sex", ",,18,Mushi,Asha,1980-05-17,X,,,,,V1,", "sex", "write M, F, O or U"},
		{"a number mistyped", ",,19,Mushi,Asha,1980-05-17,F,,,,,V1,", "insurance_number", "mistyped"},
		{"a village that is not there", ",,18,Mushi,Asha,1980-05-17,F,,,,,Nowhere,", "village", "no village"},
		{"a village of two", ",,18,Mushi,Asha,1980-05-17,F,,,,,Mtoni,", "village", "2 villages"},
		{"a village elsewhere", ",,18,Mushi,Asha,1980-05-17,F,,,Koshi,,Kilima,", "village", "not in that"},
		{"a code elsewhere", ",,18,Mushi,Asha,1980-05-17,F,,,Koshi,,V3,", "district", "is in Sagara"},
		{"a ward for a village", ",,18,Mushi,Asha,1980-05-17,F,,,,,W1,", "village", "is no village"},
		{"a village of before", ",,34,Mushi,Asha,1980-05-17,F,,,,,V9,", "village", "not in use"},
		{"a relationship that is none", ",070100001018,18,Mushi,Asha,1980-05-17,F,friend,,,,V1,", "relationship", "1 to 8"},
		{"a head whom nobody knows", ",26,34,Mushi,Asha,1980-05-17,F,child,,,,V1,", "head_number", "neither among"},
		{"two heads", "F-9,,18,Mushi,Asha,1980-05-17,F,head,,,,V1,\nF-9,,26,Mushi,Juma,1980-05-17,M,head,,,,V1,", "relationship", "another head"},
		{"no head", "F-9,,18,Mushi,Asha,1980-05-17,F,child,,,,V1,", "relationship", "no head"},
		{"a number twice", ",,18,Mushi,Asha,1980-05-17,F,,,,,V1,\n,,18,Mushi,Juma,1980-05-17,M,,,,,V1,", "insurance_number", "row 2 has the number 18 too"},
		{"somebody else's number", ",,070100001018,Mushi,Juma,1950-05-17,M,,,,,V1,", "birth_date", "in the family F-1"},
		{"a day that is none", ",,18,Mushi,Asha,1980-05-17,F,,,,,V1,soon", "joined", "no day"},
	}
	w := country(t, enrolment.Settings{})
	if _, _, err := send(w, good, ""); err != nil {
		t.Fatal(err)
	}
	before := len(w.Search("Patient", ""))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			counts, report, err := send(w, header+c.rows+"\n", `,{"name":"dry-run","valueBoolean":true}`)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for text := range strings.SplitSeq(report, "\n") {
				found = found || strings.Contains(text, ",refused,"+c.column+",") && strings.Contains(text, c.says)
			}
			if !found {
				t.Errorf("%s\n%s", counts, report)
			}
		})
	}
	if got := len(w.Search("Patient", "")); got != before {
		t.Errorf("there are %d persons, and were %d", got, before)
	}
}

func TestOneBadFamilyLeavesTheOthers(t *testing.T) {
	w := country(t, enrolment.Settings{})
	counts, report, err := send(w, good+",,19,Wrong,Number,1980-01-01,F,,,,,V1,\n", "")
	if err != nil || counts != "6 rows, 5 enrolled, 0 unchanged, 1 refused" {
		t.Errorf("it gave %s, %v\n%s", counts, err, report)
	}
}

func TestTablesThatCantBeRead(t *testing.T) {
	w := country(t, enrolment.Settings{})
	for table, want := range map[string]string{
		"\n":                                   "no header",
		"family_name,given_names,birth_date\n": "sex is missing",
		"family_name,given_names,birth_date,sex,colour\n":                                      `no column "colour"`,
		"family_name,given_names,birth_date,sex,dob\n":                                         "twice",
		"family_name,given_names,birth_date,sex\na,b,c,d,e\n":                                  "5 cells",
		"family_name,given_names,birth_date,sex\n\"a,b\n":                                      "can't be read",
		"row,family_name,given_names,birth_date,sex\nx,a,b,1990,F\n":                           "number of the row",
		"family_name,given_names,birth_date,sex\n" + strings.Repeat("x", 1001) + ",b,1990,F\n": "longer than",
	} {
		if _, _, err := send(w, table, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q gave %v, want %s", table, err, want)
		}
	}
}

func TestVillagesOfAddresses(t *testing.T) {
	address := func(ref string) string {
		return `{"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference","valueReference":{"reference":"` + ref + `"}}]}`
	}
	const at = ".extension('https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference')"
	cases := []struct{ name, body, want string }{
		{"a village", `{"resourceType":"Patient","id":"a","address":[` + address("Location/v1") + `]}`, ""},
		{"a ward", `{"resourceType":"Patient","id":"a","address":[{"city":"x"},` + address("Location/w1") + `]}`, "Patient.address[1]" + at},
		{"nowhere", `{"resourceType":"Patient","id":"a","address":[` + address("Location/none") + `]}`, "Patient.address[0]" + at},
		{"no place", `{"resourceType":"Patient","id":"a","address":[` + address("Location/v9") + `]}`, "Patient.address[0]" + at},
	}
	w := country(t, enrolment.Settings{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "" {
				w.Put(c.body)
			} else if got := w.Refused(c.body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add("\ufefffamily_name;given_names\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := enrolment.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := table.CSV(table.Families)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enrolment.Read(strings.NewReader(string(again))); err != nil {
			t.Errorf("%q was written as %q: %v", text, again, err)
		}
	})
}
