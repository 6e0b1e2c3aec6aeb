package group_test

import (
	"strings"
	"testing"
	"time"

	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

// A household is a (head, born 1950), b (spouse, 1955), c (child, 1980), d (child,
// 2020), and e the parent of a; z is a family of its own.
func household(t *testing.T, settings group.Settings) *resourcestest.World {
	t.Helper()
	w := resourcestest.New(t, settings.Module(), patient.Module())
	member := func(id, mark, code string) string {
		extension := ""
		switch {
		case mark != "":
			extension = headMark
		case code != "":
			extension = `"extension":[` + strings.Replace(relationship, "%q", `"`+code+`"`, 1) + `],`
		}
		return `{` + extension + `"entity":{"reference":"Patient/` + id + `"},"period":{"start":"2020-01-01"}}`
	}
	person := func(id, born string) string {
		return `{"resourceType":"Patient","id":"` + id + `","name":[{"family":"Sanga"}],"birthDate":"` + born + `"}`
	}
	w.Put(person("a", "1950-01-01"), person("b", "1955-01-01"), person("c", "1980-01-01"), person("d", "2020-01-01"), person("e", "1930-01-01"), person("z", "1990-01-01"),
		`{"resourceType":"Group","id":"f","identifier":[{"system":"https://bima.example/fhir/id/family","value":"F-1"}],"type":"person","actual":true,"member":[`+
			strings.Join([]string{member("a", "head", ""), member("b", "", "8"), member("c", "", "4"), member("d", "", "4"), member("e", "", "2")}, ",")+`]}`,
		`{"resourceType":"Group","id":"g","identifier":[{"system":"https://bima.example/fhir/id/family","value":"F-2"}],"type":"person","actual":true,"member":[`+member("z", "head", "")+`]}`)
	return w
}

func parametersOf(pairs ...string) string {
	var list []string
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		kind := `"valueReference":{"reference":"` + value + `"}`
		switch {
		case name == "date":
			kind = `"valueDate":"` + value + `"`
		case name == "identifier":
			kind = `"valueString":"` + value + `"`
		case name == "relationship":
			kind = `"valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":"` + value + `"}]}`
		}
		list = append(list, `{"name":"`+name+`",`+kind+`}`)
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
}

// TestFamiliesChange works each change on the same household:
//
//	f: a* head, b spouse (8), c and d children (4), e parent of a (2); g: z* alone.
func TestFamiliesChange(t *testing.T) {
	cases := []struct {
		name, code, on, parameters string
		f, g                       string // the families after it; "" where they are as before
	}{
		{
			"a child moves to another family", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "date=2026-03-10", "relationship=4"),
			"a* 2020-01-01/, b[8] 2020-01-01/, c[4] 2020-01-01/, (d[4] 2020-01-01/2026-03-09), e[2] 2020-01-01/", "z* 2020-01-01/, d[4] 2026-03-10/",
		},
		{
			"the head moves and names who follows him: his spouse, whose children are hers too", "move", "Group/f", parametersOf("person=Patient/a", "to=Group/g", "date=2026-03-10", "head=Patient/b"),
			"(a 2020-01-01/2026-03-09), b* 2020-01-01/, c[4] 2020-01-01/, d[4] 2020-01-01/, e[7] 2020-01-01/", "z* 2020-01-01/, a 2026-03-10/",
		},
		{
			"the last one moves, and the family is closed", "move", "Group/g", parametersOf("person=Patient/z", "to=Group/f", "date=2026-03-10"),
			"a* 2020-01-01/, b[8] 2020-01-01/, c[4] 2020-01-01/, d[4] 2020-01-01/, e[2] 2020-01-01/, z 2026-03-10/", "(z 2020-01-01/2026-03-09) closed",
		},
		{
			"who moves on his first day was never there", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "date=2020-01-01"),
			"a* 2020-01-01/, b[8] 2020-01-01/, c[4] 2020-01-01/, (d[4] 2020-01-01/2020-01-01), e[2] 2020-01-01/", "z* 2020-01-01/, d 2020-01-01/",
		},
		{
			"a son becomes the head: his parents, his brother, and his grandmother", "change-head", "Group/f", parametersOf("head=Patient/c"),
			"a[2] 2020-01-01/, b[2] 2020-01-01/, c* 2020-01-01/, d[1] 2020-01-01/, e[5] 2020-01-01/", "",
		},
		{
			"a daughter founds a family with her grandmother", "split", "Group/f", parametersOf("person=Patient/c", "person=Patient/e", "new-head=Patient/c", "identifier=F-3", "date=2026-03-10"),
			"a* 2020-01-01/, b[8] 2020-01-01/, (c[4] 2020-01-01/2026-03-09), d[4] 2020-01-01/, (e[2] 2020-01-01/2026-03-09)", "",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := household(t, group.Settings{})
			wantG := c.g
			if wantG == "" {
				wantG = told(w.Get("Group/g"))
			}
			answer := must(t, w, c.code, c.on, c.parameters)
			if got := told(w.Get("Group/f")); got != c.f {
				t.Errorf("f is  %s\nwant  %s", got, c.f)
			}
			if got := told(w.Get("Group/g")); got != wantG {
				t.Errorf("g is  %s\nwant  %s", got, wantG)
			}
			if c.code == "split" {
				if got, want := told(answer.Get("entry").First().Get("resource")), "c* 2026-03-10/, e[5] 2026-03-10/"; got != want {
					t.Errorf("the new family is %s, want %s", got, want)
				}
			}
		})
	}
}

func TestChangesThatAreRefused(t *testing.T) {
	cases := []struct{ name, code, on, parameters, says string }{
		{"the head leaves without another", "move", "Group/f", parametersOf("person=Patient/a", "to=Group/g"), "name the member who is head"},
		{"a head who leaves too", "split", "Group/f", parametersOf("person=Patient/a", "new-head=Patient/b", "head=Patient/b"), "does not stay"},
		{"another head where the head stays", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "head=Patient/b"), "stays"},
		{"somebody of another family", "move", "Group/f", parametersOf("person=Patient/z", "to=Group/g"), "is not in the family F-1"},
		{"to where he is", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/f"), "the family he is in"},
		{"tomorrow and later", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "date=2999-01-01"), "in the future"},
		{"before he came", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "date=2019-12-31"), "came into the family"},
		{"a family that is not there", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/none"), "there is no Group/none"},
		{"all of them", "split", "Group/f", parametersOf("person=Patient/a", "person=Patient/b", "person=Patient/c", "person=Patient/d", "person=Patient/e", "new-head=Patient/b"), "nobody would be left"},
		{"somebody twice", "split", "Group/f", parametersOf("person=Patient/d", "person=Patient/d", "new-head=Patient/c"), "named twice"},
		{"a number that is taken", "split", "Group/f", parametersOf("person=Patient/c", "new-head=Patient/c", "identifier=F-2"), "belongs to another Group"},
		{"a head from elsewhere", "change-head", "Group/f", parametersOf("head=Patient/z"), "is not in the family"},
		{"a parameter that is none", "move", "Group/f", parametersOf("who=Patient/d"), "no parameter"},
		{"a day that is none", "move", "Group/f", parametersOf("person=Patient/d", "to=Group/g", "date=2026-02"), "is a day"},
	}
	w := household(t, group.Settings{})
	f, g := told(w.Get("Group/f")), told(w.Get("Group/g"))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := call(w, c.code, c.on, c.parameters)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
	if told(w.Get("Group/f")) != f || told(w.Get("Group/g")) != g {
		t.Errorf("what was refused has changed something: %s; %s", told(w.Get("Group/f")), told(w.Get("Group/g")))
	}
}

// TestTheDeadLeaveTheirFamilies: the head's spouse follows, then the eldest.
func TestTheDeadLeaveTheirFamilies(t *testing.T) {
	w := household(t, group.Settings{})
	die := func(id, more string) {
		w.Put(`{"resourceType":"Patient","id":"` + id + `","name":[{"family":"Sanga"}],"birthDate":"1950-01-01",` + more + `}`)
	}
	die("a", `"deceasedDateTime":"2026-05-05"`)
	if got, want := told(w.Get("Group/f")), "(a[8] 2020-01-01/2026-05-05), b* 2020-01-01/, c[4] 2020-01-01/, d[4] 2020-01-01/, e[7] 2020-01-01/"; got != want {
		t.Errorf("f is %s\nwant %s", got, want)
	}
	die("b", `"deceasedDateTime":"2026-06-06T10:00:00Z"`)
	if got, want := told(w.Get("Group/f")), "(a[8] 2020-01-01/2026-05-05), (b[7] 2020-01-01/2026-06-06), c[7] 2020-01-01/, d[7] 2020-01-01/, e* 2020-01-01/"; got != want {
		t.Errorf("f is %s\nwant %s", got, want)
	}
	die("z", `"deceasedBoolean":true`)
	today := time.Now().UTC().Format(time.DateOnly)
	if got, want := told(w.Get("Group/g")), "(z 2020-01-01/"+today+") closed"; got != want {
		t.Errorf("g is %s, want %s", got, want)
	}
	version := w.Get("Group/f").At("meta", "versionId").Text()
	die("a", `"deceasedDateTime":"2026-05-04"`)
	if got := w.Get("Group/f").At("meta", "versionId").Text(); got != version {
		t.Error("who is dead died again")
	}
	if got := w.Refused(family("h", "", "head:a")); got != "Group.member[0].entity" {
		t.Errorf("a dead head is refused at %q", got)
	}
}

func TestPersonsOfAFamilyAreNotDeleted(t *testing.T) {
	w := household(t, group.Settings{})
	err := w.Bundle([]byte(`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient/d"}}]}`))
	if err == nil || !strings.Contains(err.Error(), "member of the family F-1") {
		t.Errorf("got %v", err)
	}
}

// TestMembershipsEndOnTheirDay: d leaves on 30 June; on 1 July the daily work
// marks him, and a second time nothing changes.
func TestMembershipsEndOnTheirDay(t *testing.T) {
	settings := group.Settings{}
	w := household(t, settings)
	f := string(w.Get("Group/f").Raw())
	w.Put(strings.Replace(f, `"Patient/d"},"period":{"start":"2020-01-01"}`, `"Patient/d"},"period":{"start":"2020-01-01","end":"2999-06-30"}`, 1))
	daily := settings.Module().Daily[0].Work
	for _, c := range []struct{ day, want string }{
		{"2999-06-30", "d[4] 2020-01-01/2999-06-30,"},
		{"2999-07-01", "(d[4] 2020-01-01/2999-06-30)"},
		{"2999-07-01", "(d[4] 2020-01-01/2999-06-30)"},
	} {
		morning, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if err := daily(w.Context(), w.Engine, morning); err != nil {
			t.Fatal(err)
		}
		if got := told(w.Get("Group/f")); !strings.Contains(got, c.want) {
			t.Errorf("on %s f is %s, want %s in it", c.day, got, c.want)
		}
	}
	if got := w.Get("Group/f").At("meta", "versionId").Text(); got != "3" {
		t.Errorf("it has %s versions", got)
	}
}

func TestRowsOfFamilies(t *testing.T) {
	cases := []struct{ name, row, want string }{
		{"a relationship that is none", `{"extension":[` + strings.Replace(relationship, "%q", `"9"`, 1) + `],"entity":{"reference":"Patient/z"},"inactive":true}`, "Group.member[1].extension('https://bima.example/fhir/StructureDefinition/group-relationship')"},
		{"a member of before", `{"entity":{"reference":"Patient/z"},"period":{"start":"2019-01-01","end":"2019-12-31"}}`, ""},
		{"a member at the same time", `{"entity":{"reference":"Patient/z"},"period":{"start":"2026-01-01"}}`, "Group.member[1].entity"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := household(t, group.Settings{MembersMax: 5})
			w.Put(person("y"))
			body := strings.Replace(family("h", "", "head:y"), `}]}`, `},`+c.row+`]}`, 1)
			if c.want == "" {
				w.Put(body)
			} else if got := w.Refused(body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}
