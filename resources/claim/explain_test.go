package claim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/claim"
)

// told gives of each ExplanationOfBenefit of a person its claim's number, version,
// status and disposition.
func (b *bench) told(query string) map[string]string {
	b.Helper()
	list := map[string]string{}
	for _, n := range b.found("ExplanationOfBenefit", query+"&_count=200") {
		number := b.node(n.At("claim", "reference").Text()).Get("identifier").First().Get("value").Text()
		list[number] = n.At("meta", "versionId").Text() + " " + n.Get("status").Text() + " " + n.Get("outcome").Text() + ": " + n.Get("disposition").Text()
	}
	return list
}

func TestMembersAreToldOfDecisions(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		decided := b.submit(b.claim())
		b.submit(b.claim("C-2026-001001", "C-2", `"reference": "Patient/asha"`, `"type":"Patient","identifier":{"system":"https://bima.example/fhir/id/insurance-number","value":"070707070081"}`))
		b.submit(b.claim("C-2026-001001", "C-unknown", "Patient/asha", "Patient/nobody"))
		if told := b.told("patient=Patient/asha"); len(told) > 0 {
			t.Errorf("before the job ran: %v", told)
		}
		b.work("claim.explain")
		want := map[string]string{
			"C-2026-001001": "1 active complete: 68,000 of 100,000 TZS will be paid; the member owes 22,000.",
			// 90,000 − 20 % = 72,000; the deductible of 5,000 was met by the first.
			"C-2": "1 active complete: 72,000 of 100,000 TZS will be paid; the member owes 18,000.",
		}
		if diff := cmp.Diff(want, b.told("patient=Patient/asha")); diff != "" {
			t.Errorf("told (-want +got)\n%s", diff)
		}
		n := b.node("ExplanationOfBenefit/" + decided.ID)
		item := n.Get("item").First()
		if service := item.Get("productOrService").Code("https://bima.example/fhir/CodeSystem/service"); service != "S-310" || !item.Get("adjudication").Exists() ||
			n.At("benefitPeriod", "end").Text() != "2026-12-31" || n.Get("insurance").Len() != 1 {
			t.Errorf("it is %s", n.Raw())
		}
		// The same job once more changes nothing; what is withdrawn is told.
		b.tell()
		if _, err := b.ask("cancel", decided.ID, because("twice")); err != nil {
			t.Fatal(err)
		}
		b.tell()
		want["C-2026-001001"] = "2 cancelled complete: The claim was withdrawn: twice. Nothing is paid for it."
		if diff := cmp.Diff(want, b.told("patient=Patient/asha")); diff != "" {
			t.Errorf("told (-want +got)\n%s", diff)
		}
	})
}

// left gives what an ExplanationOfBenefit says of the limits: how much is used of what
// is allowed of each.
func left(n fhir.Node) (list []string) {
	for b := range n.Get("benefitBalance").Each() {
		for f := range b.Get("financial").Each() {
			used, allowed := f.At("usedMoney", "value").Text(), f.At("allowedMoney", "value").Text()
			if f.Get("usedUnsignedInt").Exists() {
				used, allowed = f.Get("usedUnsignedInt").Text(), f.Get("allowedUnsignedInt").Text()
			}
			list = append(list, fmt.Sprintf("%s: %s %s of %s by %s", b.Get("name").Text(), f.Get("type").Get("coding").First().Get("code").Text(), used, allowed,
				b.Get("unit").Get("coding").First().Get("code").Text()))
		}
	}
	return list
}

// The family may have 600,000 a year and a member 5,000 deducted: 68,000 and then
// 72,000 are paid. What was told of the first claim stays as it was.
func TestMembersAreToldWhatIsLeft(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		first := b.submit(b.claim())
		b.tell()
		second := b.submit(b.claim("C-2026-001001", "C-2"))
		b.tell()
		for _, c := range []struct{ id, used, units string }{{first.ID, "68000", "1"}, {second.ID, "140000", "2"}} {
			want := []string{
				"District Health Plan: benefit " + c.used + " of 600000 by family",
				"District Health Plan: deductible 5000 of 5000 by individual",
				"District Health Plan: quantity " + c.units + " of 2 by individual",
				"District Health Plan: visit 0 of 4 by individual",
			}
			n := b.node("ExplanationOfBenefit/" + c.id)
			if diff := cmp.Diff(want, left(n)); diff != "" {
				t.Errorf("after %s (-want +got)\n%s\n%s", c.used, diff, n.Get("benefitBalance").Raw())
			}
			if version := n.At("meta", "versionId").Text(); version != "1" {
				t.Errorf("it was told %s times", version)
			}
		}
	})
}

// A dying is a server that dies after some transactions.
type dying struct {
	fhir.Server
	left int
}

var errDied = errors.New("died")

func (d *dying) Commit(ctx context.Context, write func(fhir.Tx) error) error {
	if d.left--; d.left < 0 {
		return errDied
	}
	return d.Server.Commit(ctx, write)
}

// A job that dies between two pages is done again, and each member is told once.
func TestTellingGoesOnAfterACrash(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		const many = 60 // a page is 50
		for i := range many {
			b.submit(b.claim("C-2026-001001", fmt.Sprintf("C-%d", i)))
		}
		if err := b.worker("claim.explain")(b.ctx, &dying{b.Engine, 1}, since(time.Hour)); !errors.Is(err, errDied) {
			t.Fatalf("the job ended with %v", err)
		}
		if told := b.told("patient=Patient/asha"); len(told) != 50 {
			t.Fatalf("%d were told before the crash, want a page of 50", len(told))
		}
		b.tell()
		told := b.told("patient=Patient/asha")
		if len(told) != many {
			t.Errorf("%d are told, want %d", len(told), many)
		}
		for number, what := range told {
			if what[0] != '1' {
				t.Errorf("%s has version %s", number, what)
			}
		}
	})
}

// worker gives what does the jobs of a kind.
func (b *bench) worker(kind string) func(context.Context, fhir.Server, []byte) error {
	b.Helper()
	for _, w := range claim.Module(base).Workers {
		if w.Kind == kind {
			return w.Work
		}
	}
	b.Fatalf("nobody does %s", kind)
	return nil
}

// tell does the job that tells members of what was decided lately.
func (b *bench) tell() {
	b.Helper()
	if err := b.worker("claim.explain")(b.ctx, b.Engine, since(time.Hour)); err != nil {
		b.Fatal(err)
	}
}

func since(ago time.Duration) []byte {
	return fmt.Appendf(nil, `{"since":%q}`, time.Now().Add(-ago).Format(time.RFC3339))
}
