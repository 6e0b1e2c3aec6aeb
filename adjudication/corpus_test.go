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
			if err != nil || len(archive.Files) < 2 {
				t.Fatalf("want a case and its decision: %v", err)
			}
			if !strings.Contains(string(archive.Comment), "Source: ") {
				t.Error("the case does not name the source of its rule")
			}
			c := parseCase(t, string(archive.Files[0].Data))
			d := adjudication.Adjudicate(c)
			for _, f := range archive.Files[1:] {
				write := map[string]func(adjudication.Case, adjudication.Decision) string{
					"decision": print, "totals": printTotals, "standing": printStanding,
				}[f.Name]
				if diff := cmp.Diff(string(f.Data), write(c, d)); diff != "" {
					t.Errorf("%s%s (-want +got)\n%s", archive.Comment, f.Name, diff)
				}
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
		b.WriteString(printPayers(c, l))
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
		fmt.Fprintf(&b, "used %s %s %s %s\n", e.Account, strings.Replace(e.Bucket, categorySystem, "category:", 1), day(e.Day), fhir.Amount(e.Value))
	}
	b.WriteString(printConsumed(d))
	fmt.Fprintf(&b, "%s: %s\n", d.Outcome, d.Disposition(c.Currency))
	return b.String()
}

func day(d adjudication.Day) string { return adjudication.Date(d).Format("2006-01-02") }

// printTotals writes the sums of a decision, one a line.
func printTotals(_ adjudication.Case, d adjudication.Decision) string {
	t := d.Totals()
	var b strings.Builder
	for _, sum := range []struct {
		name  string
		value fhir.Amount
	}{
		{"submitted", t.Submitted},
		{"eligible", t.Eligible},
		{"deductible", t.Deductible},
		{"coinsurance", t.Coinsurance},
		{"copay", t.Copay},
		{"benefit", t.Benefit},
		{"member", t.MemberLiability},
	} {
		fmt.Fprintf(&b, "%-12s%12s\n", sum.name, adjudication.Say(sum.value, ""))
	}
	return b.String()
}

// printStanding writes how the patient stands with each policy, and what it says
// of each service asked about.
func printStanding(c adjudication.Case, _ adjudication.Decision) string {
	measures := [...]string{"", "ceiling", "deductible", "visits", "quantity"}
	var b strings.Builder
	left := func(l adjudication.LeftOf) {
		on := "all benefits"
		if l.On != (adjudication.Code{}) {
			on = l.On.Code
		}
		if l.Set != nil {
			on = "set " + l.Set.URL
		}
		fmt.Fprintf(&b, "  %s of %s: %s of %s used\n", measures[l.Measure], on, adjudication.Say(l.Used, ""), adjudication.Say(l.Allowed, ""))
	}
	for i := range c.Policies {
		s := adjudication.Stand(&c, i)
		if !s.InForce {
			fmt.Fprintf(&b, "%s is not in force\n", c.Policies[i].Name)
			continue
		}
		fmt.Fprintf(&b, "%s is in force %s..%s\n", c.Policies[i].Name, day(s.Period.From), day(s.Period.To))
		for _, l := range s.Left {
			left(l)
		}
		for j, l := range s.Lines {
			fmt.Fprintf(&b, "%d %s\n", c.Lines[j].Sequence, c.Lines[j].Service)
			if l.Waits {
				fmt.Fprintf(&b, "  waits until %s\n", day(l.Until))
			}
			if l.Authorise {
				fmt.Fprintln(&b, "  is to be asked for beforehand")
			}
			if l.Share != nil {
				fmt.Fprintf(&b, "  share of the patient: %s %%\n", *l.Share)
			}
			if l.Quantity != nil {
				left(*l.Quantity)
			}
		}
	}
	return b.String()
}

// TestCorpusHasEveryReason holds the corpus to have a case of each reason and stage.
func TestCorpusHasEveryReason(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(string(archive.Files[1].Data)) {
			seen[word] = true
		}
	}
	for _, r := range adjudication.Reasons() {
		if !seen[string(r)] {
			t.Errorf("no case has the reason %s", r)
		}
	}
	for s := adjudication.StageDuplicate; s <= adjudication.StageCeiling; s++ {
		if !seen[s.String()] {
			t.Errorf("no case has the stage %s", s)
		}
	}
}
