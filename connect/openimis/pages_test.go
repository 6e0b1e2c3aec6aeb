package openimis_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// Who sees less counts the same pages otherwise: what one caller has read moves nobody
// else's pages.
func TestPagesAreTheCallersOwn(t *testing.T) {
	o := connecttest.Options{Claims: true, Accounts: []connecttest.Account{
		{Name: "root", Password: password, Roles: []fhir.Role{fhir.RoleAdministrator}},
		{Name: "inside", Password: password, Roles: []fhir.Role{fhir.RoleReviewer}, Entity: "Practitioner/inside"},
	}}
	connecttest.Each(t, o, func(t *testing.T, w *connecttest.World) {
		for _, one := range [][2]string{
			{"Practitioner/inside", `"active":true`},
			{"PractitionerRole/reviews", `"active":true,"practitioner":{"reference":"Practitioner/inside"},"code":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/scheme-role","code":"medical-reviewer"}]}]`},
			{"PractitionerRole/works", `"active":true,"practitioner":{"reference":"Practitioner/inside"},"organization":{"reference":"Organization/facility-1"}`},
		} {
			typ, id, _ := strings.Cut(one[0], "/")
			if a := w.Do(http.MethodPut, "/fhir/"+one[0], nil, fmt.Appendf(nil, `{"resourceType":%q,"id":%q,%s}`, typ, id, one[1])); a.Status != http.StatusCreated {
				t.Fatalf("%s: HTTP %d %s", one[0], a.Status, a.Body)
			}
		}
		page := func(name string, n int) (ids []string) {
			as := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))}}
			a := w.Do(http.MethodGet, fmt.Sprintf(base+"Claim/?_count=20&page-offset=%d", n), as, nil)
			if a.Status != http.StatusOK {
				t.Fatalf("%s: HTTP %d %s", name, a.Status, a.Body)
			}
			for e := range w.Node(a).Get("entry").Each() {
				ids = append(ids, e.At("resource", "id").Text())
			}
			return ids
		}
		read := map[string][]string{}
		for n := 1; n <= 10; n++ {
			for _, name := range []string{"root", "inside"} {
				read[name] = append(read[name], page(name, n)...)
			}
		}
		for name, ids := range read {
			if once := slices.Compact(slices.Sorted(slices.Values(ids))); len(once) != len(ids) {
				t.Errorf("%s reads %d of %d claims twice", name, len(ids)-len(once), len(ids))
			}
		}
		if all, some := len(read["root"]), len(read["inside"]); all != 200 || some == 0 || some >= all {
			t.Errorf("of 200 claims root reads %d, and who works at a facility %d", all, some)
		}
	})
}
