package smart_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/smart"
)

type accounts map[string]fhir.Account

func (a accounts) Account(_ context.Context, name string) (fhir.Account, bool, error) {
	account, ok := a[name]
	return account, ok, nil
}

const secret = "correct horse battery"

func hashed(t *testing.T, password string) string {
	t.Helper()
	hash, err := smart.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestHash(t *testing.T) {
	hash := hashed(t, secret)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash gave %q, not argon2id in PHC form", hash)
	}
	if other := hashed(t, secret); other == hash {
		t.Error("two hashes of one password are equal: the salt is not fresh")
	}
	for name, password := range map[string]string{
		"a short password is refused":     "eleven char",
		"a boundless password is refused": strings.Repeat("x", 1025),
	} {
		if _, err := smart.Hash(password); !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("%s: got %v, want an issue of type value", name, err)
		}
	}
}

func TestVerify(t *testing.T) {
	hash := hashed(t, secret)
	for _, c := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"the password matches", hash, secret, true},
		{"another password does not", hash, secret + "!", false},
		{"no hash matches nothing", "", secret, false},
		{"a plain password is no hash", secret, secret, false},
		{"a cost beyond bounds is refused", strings.Replace(hash, "m=19456", "m=99999999", 1), secret, false},
		{"a cut key is refused", hash[:len(hash)-30], secret, false},
	} {
		if got := smart.Verify(c.hash, c.password); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	known := accounts{
		"asha": {Name: "asha", Roles: []fhir.Role{fhir.RoleReviewer}, Secret: hashed(t, secret)},
		"gone": {Name: "gone", Secret: hashed(t, secret), Disabled: true},
	}
	closed, err := smart.NewAuthenticator(known, nil, false, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	open, err := smart.NewAuthenticator(known, nil, true, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		auth           *smart.Authenticator
		user, password string
		header         string
		want           string
	}{
		{"an account with its password", closed, "asha", secret, "", "asha"},
		{"and again, remembered", closed, "asha", secret, "", "asha"},
		{"a wrong password", closed, "asha", "wrong", "", ""},
		{"an unknown name", closed, "nobody", secret, "", ""},
		{"a disabled account", closed, "gone", secret, "", ""},
		{"no credentials", closed, "", "", "", ""},
		{"no credentials on loopback", open, "", "", "", "developer"},
		{"a wrong password on loopback", open, "asha", "wrong", "", ""},
		{"a bearer token on loopback", open, "", "", "Bearer x", ""},
	} {
		r := httptest.NewRequest("GET", "/fhir/Patient", nil)
		if c.user != "" {
			r.SetBasicAuth(c.user, c.password)
		}
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		caller, err := c.auth.Authenticate(r)
		if caller.Name != c.want {
			t.Errorf("%s: got caller %q, want %q", c.name, caller.Name, c.want)
		}
		if c.want == "" && !fhir.HasIssue(err, fhir.IssueLogin) {
			t.Errorf("%s: got %v, want an issue of type login", c.name, err)
		}
	}
}

func TestAuthenticate_ChangedPasswordEndsRememberedLogin(t *testing.T) {
	known := accounts{"asha": {Name: "asha", Secret: hashed(t, secret)}}
	auth, err := smart.NewAuthenticator(known, nil, false, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/fhir/Patient", nil)
	r.SetBasicAuth("asha", secret)
	if _, err := auth.Authenticate(r); err != nil {
		t.Fatal(err)
	}
	known["asha"] = fhir.Account{Name: "asha", Secret: hashed(t, "a new long password")}
	if _, err := auth.Authenticate(r); !fhir.HasIssue(err, fhir.IssueLogin) {
		t.Errorf("the old password still opens: got %v, want an issue of type login", err)
	}
}
