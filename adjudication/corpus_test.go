package adjudication_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"bima/adjudication"
	"bima/fhir"
)

// TestCorpus decides the cases of testdata, which a person who knows the rules
// can check: each tells its arithmetic above the case.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("the corpus has %d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil || len(archive.Files) != 2 {
				t.Fatalf("want a case and its decision: %v", err)
			}
			c := parseCase(t, string(archive.Files[0].Data))
			got := print(c, adjudication.Adjudicate(c))
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", archive.Comment, diff)
			}
		})
	}
}

// print writes a decision as a column of figures.
func print(c adjudication.Case, d adjudication.Decision) string {
	var b strings.Builder
	row := func(head, what string, a fhir.Amount, why string) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-3s%-16s%12s  %s", head, what, strings.TrimSuffix(adjudication.Say(a, "TZS"), " TZS"), why), " "))
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		by := ""
		if l.Policy >= 0 && len(c.Policies) > 1 {
			by = "by " + c.Policies[l.Policy].Name
		}
		row(fmt.Sprint(l.Sequence), "submitted", l.Submitted, by)
		for _, a := range l.Adjustments {
			row("", a.Stage.String(), -a.Amount, fmt.Sprintf("%-22s%s", a.Reason, a.Bearer))
		}
		row("", "benefit", l.Benefit(), "")
		for _, r := range l.Refusals {
			row("", "not by", 0, fmt.Sprintf("%s: %s", c.Policies[r.Policy].Name, r.Reason))
		}
	}
	total := d.Totals()
	row("", "total", total.Benefit, fmt.Sprintf("the member owes %s", adjudication.Say(total.MemberLiability, "")))
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "note %d: %s\n", n.Number, n.Text)
	}
	for _, e := range d.Entries {
		fmt.Fprintf(&b, "used %s %s %s %s\n", e.Account, e.Bucket, day(e.Day), fhir.Amount(e.Value))
	}
	fmt.Fprintf(&b, "%s: %s\n", d.Outcome, d.Disposition(c.Currency))
	return b.String()
}

func day(d adjudication.Day) string { return adjudication.Date(d).Format("2006-01-02") }
