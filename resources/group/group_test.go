package group_test

import (
	"fmt"
	"strings"
	"testing"

	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/resourcestest"
)

func person(id string) string { return fmt.Sprintf(`{"resourceType":"Patient","id":%q}`, id) }

const head = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`

// family gives a Group of the members, "head:a" or "a", with more elements.
func family(id, more string, members ...string) string {
	rows := make([]string, len(members))
	for i, m := range members {
		name, isHead := strings.CutPrefix(m, "head:")
		extension := ""
		if isHead {
			extension = head
		}
		rows[i] = fmt.Sprintf(`{%s"entity":{"reference":"Patient/%s"}}`, extension, name)
	}
	list := ""
	if len(rows) > 0 {
		list = `,"member":[` + strings.Join(rows, ",") + `]`
	}
	return fmt.Sprintf(`{"resourceType":"Group","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/family","value":%q}],"type":"person","actual":true%s%s}`, id, id, more, list)
}

func TestFamilies(t *testing.T) {
	cases := []struct {
		name   string
		bodies []string
		want   string // the element refused; "" where all is stored
	}{
		{"a head and a child are a family", []string{person("a"), person("b"), family("f", "", "head:a", "b")}, ""},
		{"its members may come later in the transaction", []string{family("f", "", "head:a", "b"), person("a"), person("b")}, ""},
		{"nobody is the head", []string{person("a"), family("f", "", "a")}, "Group.member"},
		{"two are the head", []string{person("a"), person("b"), family("f", "", "head:a", "head:b")}, "Group.member[1]"},
		{"somebody is in it twice", []string{person("a"), family("f", "", "head:a", "a")}, "Group.member[1].entity"},
		{"somebody is not there", []string{person("a"), family("f", "", "head:a", "b")}, "Group.member[1].entity"},
		{
			"somebody is in another family",
			[]string{person("a"), person("b"), family("f", "", "head:a", "b"), family("g", "", "head:b")},
			"Group.member[0].entity",
		},
		{"a closed family keeps nobody from another", []string{person("a"), family("f", `,"active":false`, "head:a"), family("g", "", "head:a")}, ""},
		{
			"a herd with a family's number",
			[]string{`{"resourceType":"Group","id":"h","identifier":[{"system":"https://bima.example/fhir/id/family","value":"h"}],"type":"animal","actual":true}`},
			"Group.type",
		},
		{"a cohort without a head is no family", []string{`{"resourceType":"Group","id":"c","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/zz"}}]}`}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := resourcestest.New(t, group.Module(), patient.Module())
			if c.want == "" {
				w.Put(c.bodies...)
				return
			}
			if got := w.Refused(c.bodies...); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestAFamilyStaysOne(t *testing.T) {
	w := resourcestest.New(t, group.Module(), patient.Module())
	bare := func(members ...string) string {
		return strings.Replace(family("f", "", members...), `"identifier":[{"system":"https://bima.example/fhir/id/family","value":"f"}],`, "", 1)
	}
	w.Put(person("a"), person("b"), bare("head:a", "b"))
	if got := w.Refused(bare("a", "b")); got != "Group.member" {
		t.Errorf("a family whose only mark was its head loses it: refused at %q", got)
	}
	w.Put(bare("a", "head:b"))
}

func TestNobodyIsEnrolledUnderARecordThatWasReplaced(t *testing.T) {
	w := resourcestest.New(t, group.Module(), patient.Module())
	old := `{"resourceType":"Patient","id":"b","active":false,"link":[{"other":{"reference":"Patient/a"},"type":"replaced-by"}]}`
	w.Put(person("a"), old)
	if got := w.Refused(family("f", "", "head:a", "b")); got != "Group.member[1].entity" {
		t.Errorf("refused at %q", got)
	}
	w.Put(strings.Replace(old, "replaced-by", "seealso", 1), family("f", "", "head:a", "b"))
}

func TestAPersonMovesToAnotherFamilyInOneTransaction(t *testing.T) {
	w := resourcestest.New(t, group.Module())
	w.Put(person("a"), person("b"), person("c"), family("f", "", "head:a", "b"), family("g", "", "head:c"))
	if got := w.Refused(family("g", "", "head:c", "b")); got != "Group.member[1].entity" {
		t.Errorf("refused at %q: b is still in f", got)
	}
	w.Put(family("g", "", "head:c", "b"), family("f", "", "head:a"))
	left := `{"resourceType":"Group","id":"g","identifier":[{"system":"https://bima.example/fhir/id/family","value":"g"}],"type":"person","actual":true,"member":[{` +
		head + `"entity":{"reference":"Patient/c"}},{"entity":{"reference":"Patient/b"},"inactive":true}]}`
	w.Put(left, family("f", "", "head:a", "b"))
}
