package fhir_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bima/fhir"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0", "0"},
		{"1.50", "1.50"},
		{"-0.5", "-0.5"},
		{"2e3", "2000"},
		{"2.50e1", "25.0"},
		{"1e-3", "0.001"},
		{"0.000", "0.000"},
		{"0e5", "0"},
		{"123456789012345678901234567890.1", "123456789012345678901234567890.1"},
	} {
		d, err := fhir.ParseDecimal(c.text)
		if err != nil || d.String() != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, d, err, c.want)
		}
	}
	for _, text := range []string{"", "x", "1.", ".5", "01", "+1", "1e", "1e999999999", "--1", "0x1", "1_000", strings.Repeat("9", 500)} {
		if d, err := fhir.ParseDecimal(text); !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("%.20q: got %s, %v, want an issue of type value", text, d, err)
		}
	}
}

func TestDecimal_ComparesByValue(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1.50", "1.5", 0}, {"2e3", "2000.0", 0}, {"-1", "1", -1}, {"0.001", "0.0009", 1}, {"0", "-0.0", 0},
	} {
		a, _ := fhir.ParseDecimal(c.a)
		b, _ := fhir.ParseDecimal(c.b)
		if got := a.Cmp(b); got != c.want {
			t.Errorf("%s against %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		text string
		want fhir.Amount
		str  string
	}{
		{"150.25", 1502500, "150.25"},
		{"-0.0001", -1, "-0.0001"},
		{"60000", 600000000, "60000"},
		{"1.50000", 15000, "1.5"},
		{"0", 0, "0"},
	} {
		a, err := fhir.ParseAmount(c.text)
		if err != nil || a != c.want || a.String() != c.str {
			t.Errorf("%s: got %d (%s), %v, want %d (%s)", c.text, a, a, err, c.want, c.str)
		}
	}
	for _, text := range []string{"0.00001", "1e30", "abc"} {
		if _, err := fhir.ParseAmount(text); !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("%s: got %v, want an issue of type value", text, err)
		}
	}
	if got := fhir.Amount(math.MinInt64).String(); got != "-922337203685477.5808" {
		t.Errorf("the least amount prints as %s", got)
	}
}

func TestAmount_Arithmetic(t *testing.T) {
	percent := func(s string) fhir.Decimal {
		d, err := fhir.ParseDecimal(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	// 20 % of 85,000 is 17,000; a third of a shilling is rounded half away from zero.
	if got, ok := fhir.Units(85000).Percent(percent("20")); !ok || got != fhir.Units(17000) {
		t.Errorf("20 %% of 85000: got %s", got)
	}
	if got, ok := fhir.Units(1).Times(percent("0.33335")); !ok || got != 3334 {
		t.Errorf("1 × 0.33335: got %d ten-thousandths, want 3334", got)
	}
	if got, ok := fhir.Units(-1).Times(percent("0.33335")); !ok || got != -3334 {
		t.Errorf("-1 × 0.33335: got %d ten-thousandths, want -3334", got)
	}
	if _, ok := fhir.Amount(math.MaxInt64).Times(percent("2")); ok {
		t.Error("a product that does not fit was given")
	}
	for _, c := range []struct {
		in       string
		decimals int
		want     string
	}{{"1.005", 2, "1.01"}, {"1.0049", 2, "1"}, {"-1.005", 2, "-1.01"}, {"0.5", 0, "1"}, {"1.23456e0", 4, ""}, {"12.3455", 3, "12.346"}} {
		a, err := fhir.ParseAmount(c.in)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s was read as money", c.in)
			}
			continue
		}
		if got := a.Round(c.decimals).String(); got != c.want {
			t.Errorf("%s rounded to %d decimals: got %s, want %s", c.in, c.decimals, got, c.want)
		}
	}
}

func TestAmount_RoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := fhir.Amount(rapid.Int64().Draw(t, "amount"))
		got, err := fhir.ParseAmount(a.String())
		if err != nil || got != a {
			t.Fatalf("%d printed as %s and was read as %d, %v", a, a, got, err)
		}
	})
}

func TestDateTime_Interval(t *testing.T) {
	dar := time.FixedZone("EAT", 3*3600)
	for _, c := range []struct{ text, from, to string }{
		{"2026", "2025-12-31T21:00:00Z", "2026-12-31T21:00:00Z"},
		{"2024-02", "2024-01-31T21:00:00Z", "2024-02-29T21:00:00Z"},
		{"2026-09-14", "2026-09-13T21:00:00Z", "2026-09-14T21:00:00Z"},
		{"2026-09-14T10", "2026-09-14T07:00:00Z", "2026-09-14T08:00:00Z"},
		{"2026-09-14T10:02Z", "2026-09-14T10:02:00Z", "2026-09-14T10:03:00Z"},
		{"2026-09-14T10:02:11+05:45", "2026-09-14T04:17:11Z", "2026-09-14T04:17:12Z"},
		{"2026-09-14T10:02:11.25Z", "2026-09-14T10:02:11.25Z", "2026-09-14T10:02:11.26Z"},
	} {
		d, err := fhir.ParsePartialDateTime(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		i := d.Interval(dar)
		from, to := i.From.UTC().Format(time.RFC3339Nano), i.To.UTC().Format(time.RFC3339Nano)
		if from != c.from || to != c.to {
			t.Errorf("%s: got %s to %s, want %s to %s", c.text, from, to, c.from, c.to)
		}
	}
}

func TestParseDateTime_Refuses(t *testing.T) {
	for _, text := range []string{
		"", "26", "2026-1", "2026-13", "2026-02-30", "0000", "2026-09-14T", "2026-09-14T10:02", "2026-09-14T10:02:11",
		"2026-09-14T24:00:00Z", "2026-09-14T10:60:00Z", "2026-09-14T10:02:11+14:30", "2026-09-14T10:02:11.Z", "2026-09-14 10:02:11Z", "2026/09/14",
	} {
		d, err := fhir.ParseDateTime(text)
		if !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("%q: got %v, %v, want an issue of type value", text, d, err)
		}
	}
	for _, text := range []string{"2026-09-14", "2026-09-14T10:02:11", "2026"} {
		if _, err := fhir.ParseInstant(text); !fhir.HasIssue(err, fhir.IssueValue) {
			t.Errorf("instant %q: got %v, want an issue of type value", text, err)
		}
	}
}

func TestInterval(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 9, d, 0, 0, 0, 0, time.UTC) }
	bounded := fhir.Interval{From: day(10), To: day(20)}
	for _, c := range []struct {
		name string
		o    fhir.Interval
		want bool
	}{
		{"one that ends where it begins", fhir.Interval{From: day(1), To: day(10)}, false},
		{"one that begins where it ends", fhir.Interval{From: day(20), To: day(21)}, false},
		{"one inside", fhir.Interval{From: day(12), To: day(13)}, true},
		{"one without a begin", fhir.Interval{To: day(11)}, true},
		{"one without an end", fhir.Interval{From: day(19)}, true},
		{"one without bounds", fhir.Interval{}, true},
	} {
		if got := bounded.Overlaps(c.o); got != c.want {
			t.Errorf("%s: overlaps %v, want %v", c.name, got, c.want)
		}
	}
	if !bounded.Contains(day(10)) || bounded.Contains(day(20)) {
		t.Error("an interval holds its first moment and not its last")
	}
}

func FuzzParsePartialDateTime(f *testing.F) {
	for _, text := range []string{"2026", "2026-09-14T10:02:11.25+05:45", "2026-09-14T10", "2026-09-14T23:59:60Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := fhir.ParsePartialDateTime(text)
		if err != nil {
			return
		}
		if i := d.Interval(time.UTC); !i.From.Before(i.To) {
			t.Fatalf("%q stands for the empty interval %v", text, i)
		}
	})
}

func TestParseReference(t *testing.T) {
	isType := func(s string) bool { return s == "Patient" || s == "Claim" }
	for _, c := range []struct {
		text string
		want fhir.Reference
	}{
		{"Patient/asha", fhir.Reference{Key: fhir.Key{Type: "Patient", ID: "asha"}}},
		{"Patient/asha/_history/3", fhir.Reference{Key: fhir.Key{Type: "Patient", ID: "asha"}, Version: "3"}},
		{"https://x.example/fhir/Claim/c-1", fhir.Reference{Key: fhir.Key{Type: "Claim", ID: "c-1"}, Base: "https://x.example/fhir"}},
		{"#p1", fhir.Reference{Anchor: "p1"}},
		{"Patient?identifier=x|1", fhir.Reference{Key: fhir.Key{Type: "Patient"}, Query: "identifier=x|1"}},
		{"urn:uuid:6f5f3d1a-0000-4000-8000-000000000000", fhir.Reference{}},
		{"Nothing/1", fhir.Reference{}},
		{"Patient/a_b", fhir.Reference{}},
		{"Patient", fhir.Reference{}},
	} {
		c.want.URL = c.text
		if got := fhir.ParseReference(c.text, isType); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.text, got, c.want)
		}
	}
}

func TestOutcome_WithholdsTheCause(t *testing.T) {
	cause := errors.New("password=hunter2")
	err := error(fhir.Errorf(fhir.IssueNoStore, "", "the database can't be reached: %w", cause))
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the cause is shown: %s", err)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost to the log")
	}
	if got := err.Error(); got != "no-store: the database can't be reached" {
		t.Errorf("got %q", got)
	}
	if o := fhir.OutcomeOf(cause); o.Issues[0].Code != fhir.IssueException || strings.Contains(o.Error(), "hunter2") {
		t.Errorf("an unexpected error is answered with %s", o)
	}
}

func TestCaller(t *testing.T) {
	if !fhir.Developer().Has(fhir.RoleReviewer) {
		t.Error("an administrator lacks the reviewer's role")
	}
	if (fhir.Caller{Roles: []fhir.Role{fhir.RoleFacility}}).Has(fhir.RoleReviewer) {
		t.Error("a facility has the reviewer's role")
	}
	if _, ok := fhir.CallerOf(t.Context()); ok {
		t.Error("a context without a caller gave one")
	}
}
