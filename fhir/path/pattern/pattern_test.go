package pattern_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/path/pattern"
)

func TestReplace(t *testing.T) {
	for _, c := range []struct{ name, pattern, flags, text, with, want string }{
		{"groups by number end at their digits", "(b)", "", "abc", "$1x", "abxc"},
		{"groups by name", "(?<x>b)", "", "abc", "[${x}]", "a[b]c"},
		{"an escaped dollar", "b", "", "abc", `\$1`, "a$1c"},
		{"an empty pattern replaces nothing", "", "", "abc", "x", "abc"},
		{"an empty pattern with a flag", "", "i", "abc", "x", "abc"},
		{"a pattern that matches nothing long", "x*", "", "ab", "-", "-a-b-"},
		{"without regard to case", "B", "i", "abc", "", "ac"},
	} {
		t.Run(c.name, func(t *testing.T) {
			re, err := pattern.Compile(c.pattern, c.flags, false)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := pattern.Replace(re, c.text, c.with, 100); !ok || got != c.want {
				t.Errorf("got %q %t, want %q", got, ok, c.want)
			}
		})
	}
}

func TestReplaceIsBounded(t *testing.T) {
	re, err := pattern.Compile("a", "", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := pattern.Replace(re, "aaaa", "bbbb", 10); ok {
		t.Error("a result of 16 bytes passed a limit of 10")
	}
}

func TestCompileRefuses(t *testing.T) {
	for text, want := range map[string]fhir.IssueType{
		"(":                         fhir.IssueInvalid,
		"(?=a)":                     fhir.IssueInvalid,
		string(make([]byte, 5<<10)): fhir.IssueTooCostly,
	} {
		if _, err := pattern.Compile(text, "", true); !fhir.HasIssue(err, want) {
			t.Errorf("%.10q: got %v, want %s", text, err, want)
		}
	}
}
