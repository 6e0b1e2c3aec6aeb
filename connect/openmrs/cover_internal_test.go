package openmrs

import (
	"strings"
	"testing"

	"bima/fhir"
)

// What is shown on 1 April 2026 of one membership, and of two.
func TestWhichMembershipIsShown(t *testing.T) {
	cover := func(status, state, start, end string) string {
		extension := ""
		if state != "" {
			extension = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/coverage-state","valueCode":"` + state + `"}],`
		}
		period := `"period":{"start":"` + start + `"`
		if end != "" {
			period += `,"end":"` + end + `"`
		}
		return `{"resourceType":"Coverage",` + extension + `"status":"` + status + `",` + period + `}}`
	}
	now := cover("active", "active", "2026-01-01", "2026-12-31")
	for _, c := range []struct {
		name, want string
		covers     []string
	}{
		{"in force", "active 2026-12-31", []string{now}},
		{"in force on its first day", "active 2026-12-31", []string{cover("active", "active", "2026-04-01", "2026-12-31")}},
		{"in force on its last day", "active 2026-04-01", []string{cover("active", "active", "2025-04-02", "2026-04-01")}},
		{"over since yesterday, and not yet said to be", "expired 2026-03-31", []string{cover("active", "active", "2025-04-01", "2026-03-31")}},
		{"over", "expired 2026-03-31", []string{cover("active", "expired", "2025-04-01", "2026-03-31")}},
		{"it begins tomorrow", "pending 2026-12-31", []string{cover("active", "active", "2026-04-02", "2026-12-31")}},
		{"to be paid", "pending 2026-12-31", []string{cover("draft", "draft", "2026-01-01", "2026-12-31")}},
		{"suspended", "suspended 2026-12-31", []string{cover("cancelled", "suspended", "2026-01-01", "2026-12-31")}},
		{"suspended, and over", "cancelled 2026-03-31", []string{cover("cancelled", "suspended", "2025-04-01", "2026-03-31")}},
		{"cancelled", "cancelled 2026-12-31", []string{cover("cancelled", "cancelled", "2026-01-01", "2026-12-31")}},
		{"a voucher that is used", "expired 2026-12-31", []string{cover("active", "used", "2026-01-01", "2026-12-31")}},
		{"without an end", "active ", []string{cover("active", "", "2026-01-01", "")}},
		{"entered in error", "none ", []string{cover("entered-in-error", "", "2026-01-01", "")}},
		{"none", "none ", nil},
		{"in force goes before what is to come", "active 2026-12-31", []string{cover("draft", "draft", "2027-01-01", "2027-12-31"), now}},
		{"of two in force the longer", "active 2026-12-31", []string{cover("active", "active", "2026-01-01", "2026-06-30"), now}},
		{"without an end is the longest", "active ", []string{now, cover("active", "active", "2026-01-01", "")}},
		{"of none in force the latest", "pending 2027-12-31", []string{cover("active", "expired", "2025-01-01", "2025-12-31"), cover("draft", "draft", "2027-01-01", "2027-12-31")}},
		{"of two that end alike the one that began last", "cancelled 2026-12-31", []string{cover("cancelled", "suspended", "2026-01-01", "2026-12-31"), cover("cancelled", "cancelled", "2026-02-01", "2026-12-31")}},
	} {
		var best *membership
		for _, text := range c.covers {
			doc, err := fhir.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if m := membershipOf(doc.Root(), "2026-04-01"); m != nil && (best == nil || m.before(best)) {
				best = m
			}
		}
		got := "none "
		if best != nil {
			got = best.word + " " + best.end
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextsAreCut(t *testing.T) {
	at, over := strings.Repeat("é", 255), strings.Repeat("é", 256)
	if got := cut(at, 255); got != at {
		t.Errorf("255 characters became %d", len([]rune(got)))
	}
	if got := []rune(cut(over, 255)); len(got) != 255 || got[254] != '…' {
		t.Errorf("256 characters became %d", len(got))
	}
	if got := cut("a\n b\t c ", 9); got != "a b c" {
		t.Errorf("lines are one: %q", got)
	}
}
