package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"

	"bima/fhir"
)

func TestGrants(t *testing.T) {
	const all = fhir.AccessCreate | fhir.AccessRead | fhir.AccessUpdate | fhir.AccessDelete | fhir.AccessSearch
	for _, c := range []struct {
		scopes string
		typ    string
		want   string // what it grants on the type, letter by letter
	}{
		{"", "Claim", "cruds"},
		{"openid fhirUser offline_access launch/patient", "Claim", "cruds"},
		{"system/Claim.read", "Claim", "rs"},
		{"system/Claim.read", "ClaimResponse", ""},
		{"system/Claim.write", "Claim", "cud"},
		{"system/Claim.*", "Claim", "cruds"},
		{"system/*.read user/Claim.c", "Claim", "crs"},
		{"system/*.read user/Claim.c", "Patient", "rs"},
		{"system/*.read user/Claim.c", "", "rs"},
		{"system/Claim.cruds", "", ""},
		{"user/Claim.r system/Claim.s", "Claim", "rs"},
	} {
		g, err := fhir.ParseGrant(c.scopes)
		if err != nil {
			t.Errorf("%s: %v", c.scopes, err)
			continue
		}
		got := fhir.Access(0)
		for a := fhir.AccessCreate; a <= fhir.AccessSearch; a <<= 1 {
			if err := g.Need(a, c.typ); (err == nil) != g.May(a, c.typ) {
				t.Errorf("%s: Need %s says %v", c.scopes, a, err)
			}
			if g.May(a, c.typ) {
				got |= a
			}
		}
		if got.String() != c.want {
			t.Errorf("%q on %q: got %q, want %q", c.scopes, c.typ, got, c.want)
		}
		if g.May(all, c.typ) != (c.want == "cruds") {
			t.Errorf("%q on %q: all at once is not each", c.scopes, c.typ)
		}
	}
}

func TestScopesThatAreNotSupported(t *testing.T) {
	for _, scope := range []string{
		"patient/Claim.rs", "system/Claim.rs?status=active", "system/*.cruds?x=y", "system/Claim", "system/Claim.", "system/Claim.x", "system/Claim.rr",
		"system/Claim.sr", "system/claim.r", "system/Claim1.r", "system/.r", "system/Cla%im.r", "user/", "system/Claim.READ", "system/Claim.read.write",
	} {
		_, err := fhir.ParseGrant("system/Patient.rs " + scope)
		if !fhir.HasIssue(err, fhir.IssueForbidden) || !strings.Contains(err.Error(), "not supported") {
			t.Errorf("%s: %v", scope, err)
		}
	}
}

func TestNeedNamesTheScope(t *testing.T) {
	g, err := fhir.ParseGrant("user/Patient.rs system/Claim.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		access fhir.Access
		typ    string
		want   string
	}{
		{fhir.AccessRead, "Claim", "user/Claim.r"},
		{fhir.AccessSearch, "", "user/*.s"},
		{fhir.AccessCreate | fhir.AccessUpdate, "Claim", "user/Claim.cu"},
	} {
		if err := g.Need(c.access, c.typ); err == nil || !strings.Contains(err.Error(), "the scope "+c.want+",") || !strings.Contains(err.Error(), "user/Patient.rs system/Claim.c") {
			t.Errorf("got %v, want it to name %s", err, c.want)
		}
	}
}

// What a request that is done later was asked with is kept as text.
func TestGrantAsText(t *testing.T) {
	for _, scopes := range []string{"", "system/Claim.read user/*.cruds"} {
		g, err := fhir.ParseGrant(scopes)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(fhir.Caller{Name: "a", Grant: g})
		if err != nil {
			t.Fatal(err)
		}
		var back fhir.Caller
		if err := json.Unmarshal(text, &back); err != nil || back.Grant.String() != scopes || (back.Grant == nil) != (g == nil) || back.Grant.May(fhir.AccessCreate, "Claim") != g.May(fhir.AccessCreate, "Claim") {
			t.Errorf("%q: got %v %v", scopes, back.Grant, err)
		}
	}
	var none fhir.Grant
	if err := none.UnmarshalText(nil); err != nil || none.May(fhir.AccessRead, "Claim") {
		t.Errorf("a Grant without scopes grants something: %v", err)
	}
}
