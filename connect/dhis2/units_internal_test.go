package dhis2

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// Places in a circle, of one code, without a parent or with a code that is too long
// become organisation units all the same, and sites and rooms become none.
func TestUnits(t *testing.T) {
	place := func(id, code, above, more string) fhir.Node {
		part := ""
		if above != "" {
			part = `,"partOf":{"reference":"Location/` + above + `"}`
		}
		doc, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Location","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/location","value":%q}]%s%s}`, id, code, part, more))
		if err != nil {
			t.Fatal(err)
		}
		return doc.Root()
	}
	organization := func(id, kind string) fhir.Node {
		doc, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Organization","id":%q,"type":[{"coding":[{"system":%q,"code":%q}]}]}`, id, systemOrganizationType, kind))
		if err != nil {
			t.Fatal(err)
		}
		return doc.Root()
	}
	room, err := fhir.Parse([]byte(`{"resourceType":"Location","id":"room-1","name":"Room 1"}`))
	if err != nil {
		t.Fatal(err)
	}
	all := units([]fhir.Node{
		place("a", "A", "b", ""), place("b", "B", "a", ""), place("self", "SELF", "self", ""), place("c", "A", "", ""), place("lost", "LOST", "gone", ""),
		place("long", strings.Repeat("x", 60), "a", ""), place("site", "", "long", `,"managingOrganization":{"reference":"Organization/clinic"}`), room.Root(),
	}, []fhir.Node{organization("clinic", "prov"), organization("insurer", "ins")})
	codes := map[string]bool{}
	var got []string
	for _, u := range all {
		if codes[u.code] || len(u.code) > codeMax || strings.Count(u.path, "/") != u.level {
			t.Errorf("%s has the code %q and the path %s at level %d", u.key, u.code, u.path, u.level)
		}
		codes[u.code] = true
		above := ""
		if u.parent != nil {
			above = " in " + u.parent.key
		}
		got = append(got, u.key+above)
	}
	const want = "Location/b, Location/c, Location/lost, Location/self, Location/a in Location/b, Location/long in Location/a, Organization/clinic in Location/long"
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(strings.Split(want, ", ")))) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}
