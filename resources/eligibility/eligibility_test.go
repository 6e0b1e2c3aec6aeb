package eligibility_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
	"bima/resources/eligibility"
	"bima/storage"
	"bima/storage/storagetest"
)

const base = "https://example.org/fhir"

var update = flag.Bool("update", false, "write the answers into testdata; then read the difference")

// A bench is an Engine over the scheme of testdata, of whose ceiling of 600,000
// an earlier claim has used 550,000.
type bench struct {
	testing.TB
	*interaction.Engine
	ctx context.Context
}

func onEach(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newBench(t, storagetest.SQLite(t))) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, newBench(t, storagetest.Postgres(t))) })
	}
}

// asked is when the questions of the tests are asked, and the claims made: the last
// day of their year.
var asked = time.Date(2026, time.December, 31, 9, 0, 0, 0, time.UTC)

func newBench(tb testing.TB, dsn string) *bench {
	tb.Helper()
	began := time.Now()
	store, err := storage.Open(context.Background(), dsn, storage.Options{Now: func() time.Time { return asked.Add(time.Since(began)) }})
	if err != nil {
		tb.Fatalf("open %s: %v", dsn, err)
	}
	tb.Cleanup(func() { store.Close() })
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: base, CheckOwn: true}, claim.Module(base), eligibility.Module(base))
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb, engine, fhir.WithCaller(context.Background(), fhir.Developer())}
	if _, err := b.Bundle(b.ctx, b.file("scheme.json"), interaction.BundleOptions{}); err != nil {
		tb.Fatal(err)
	}
	if _, err := b.Create(b.ctx, "Claim", interaction.Write{Body: b.file("earlier.json")}); err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bench) file(name string) []byte {
	b.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func (b *bench) ask(changes ...string) []byte {
	b.Helper()
	body := b.file("request.json")
	for i := 0; i+1 < len(changes); i += 2 {
		changed := bytes.ReplaceAll(body, []byte(changes[i]), []byte(changes[i+1]))
		if bytes.Equal(changed, body) {
			b.Fatalf("the request has no %s", changes[i])
		}
		body = changed
	}
	out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", body, false)
	if err != nil {
		b.Fatal(err)
	}
	return out.Resource.Body
}

// plain gives an answer as indented JSON without what differs from run to run.
func plain(tb testing.TB, body []byte) string {
	tb.Helper()
	var tree map[string]any
	if err := json.Unmarshal(body, &tree); err != nil {
		tb.Fatal(err)
	}
	for _, name := range []string{"id", "meta", "created", "request"} {
		delete(tree, name)
	}
	text, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text) + "\n"
}

func TestAnswers(t *testing.T) {
	const item = `{
   "productOrService": {
    "coding": [
     {
      "system": "https://bima.example/fhir/CodeSystem/service",
      "code": "S-310"
     }
    ]
   }
  }`
	cases := []struct {
		name, file, disposition string
		changes                 []string
	}{
		{
			"The worked example: 5,000 deductible, 20 % of 85,000, and 18,000 over the ceiling are hers.", "worked.json",
			"Covered. The member would pay 40,000 of 90,000 TZS.", nil,
		},
		{
			"A question without services tells what is left of everything.", "whole.json",
			"Covered on 2026-09-14.",
			[]string{item, `{"category":{"text":"everything"}}`},
		},
		{
			"A person without a policy is not covered.", "nobody-covers.json",
			"Not covered on 2026-09-14.",
			[]string{"Patient/asha", "Patient/juma"},
		},
		{
			"A day after the policy is not covered.", "expired.json",
			"Not covered on 2027-01-01.",
			[]string{"2026-09-14\"", "2027-01-01\""},
		},
		{
			"An unknown person is an error.", "unknown.json",
			`This can't be answered: there is no patient "Patient/nobody".`,
			[]string{"Patient/asha", "Patient/nobody"},
		},
		{
			"A service outside the plan is excluded, with the reason.", "excluded.json",
			"In force on 2026-09-14, but nothing of this is covered: not a service of the register on that day.",
			[]string{"S-310", "S-000"},
		},
	}
	onEach(t, func(t *testing.T, b *bench) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				b.TB = t
				got := plain(t, b.ask(c.changes...))
				if *update {
					if err := os.WriteFile("testdata/"+c.file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(string(b.file(c.file)), got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if !strings.Contains(got, `"disposition": `+quoted(c.disposition)) {
					t.Errorf("the disposition is not %q:\n%s", c.disposition, got)
				}
			})
		}
	})
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// Asking uses up nothing: the answer is the same however often one asks, and the
// claim that follows is paid as foretold.
func TestAskingUsesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		if first, second := plain(t, b.ask()), plain(t, b.ask()); first != second {
			t.Error(cmp.Diff(first, second))
		}
	})
}

func TestSubmitTakesOneRequest(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for _, wrong := range []string{`{"resourceType":"Bundle","type":"collection"}`, `{"resourceType":"Patient"}`, `{"resourceType":"Parameters"}`} {
			_, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", []byte(wrong), false)
			if interaction.Status(err) != 400 {
				t.Errorf("%s: %v", wrong, err)
			}
		}
		body := append(append([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":`), b.file("request.json")...), "}]}"...)
		out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", body, false)
		if err != nil || !strings.Contains(string(out.Resource.Body), `"type":"collection"`) {
			t.Errorf("a Bundle is not answered by a Bundle: %v", err)
		}
		if want := `"fullUrl":"` + base + `/CoverageEligibilityResponse/`; err == nil && !strings.Contains(string(out.Resource.Body), want) {
			t.Errorf("the answer has no %s: %s", want, out.Resource.Body)
		}
		draft := bytes.Replace(b.file("request.json"), []byte(`"active"`), []byte(`"draft"`), 1)
		if _, err := b.Call(b.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", draft, false); interaction.Status(err) != 422 {
			t.Errorf("a draft is asked: %v", err)
		}
	})
}
