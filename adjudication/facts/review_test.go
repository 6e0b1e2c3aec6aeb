package facts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
)

// reviewTask is a completed review of Claim/c: ITEMS is what the draft says.
const reviewTask = `{"resourceType":"Task","id":"ID","status":"STATUS","intent":"order","authoredOn":"AUTHORED",
 "code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"medical-review"}]},
 "businessStatus":{"coding":[{"code":"BUSINESS"}]},"focus":{"reference":"Claim/c"},
 "contained":[{"resourceType":"ClaimResponse","id":"proposal","status":"draft","item":[ITEMS],
  "processNote":[{"number":1,"text":"One is not in the notes."},{"number":2,"text":"Ask again."}]}],
 "output":[{"valueReference":{"reference":"#proposal"}}]}`

func adjudicated(code, rest string) string {
	return `{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"` + code + `"}]},` + rest + `}`
}

// tasks answers a search by what it was given.
type tasks struct {
	fhir.Reader
	found []*fhir.Resource
}

func (r tasks) Search(*fhir.Query) (*fhir.Page, error) { return &fhir.Page{Resources: r.found}, nil }

func task(id, status, authored, business string, items ...string) *fhir.Resource {
	body := strings.NewReplacer("ID", id, "STATUS", status, "AUTHORED", authored, "BUSINESS", business, "ITEMS", strings.Join(items, ",")).Replace(reviewTask)
	return &fhir.Resource{Key: fhir.Key{Type: "Task", ID: id}, Body: []byte(body)}
}

func TestReviewersWordsAreRead(t *testing.T) {
	amount := func(units int64) *fhir.Amount { a := fhir.Units(units); return &a }
	rejects := `{"itemSequence":1,"adjudication":[` + adjudicated("denied",
		`"reason":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjustment-reason","code":"duplicate"}]}`) + `]}`
	cuts := `{"itemSequence":2,"noteNumber":[1,2],"adjudication":[` + adjudicated("approved-quantity", `"value":1`) + `,` +
		adjudicated("approved-price", `"amount":{"value":37,"currency":"TZS"}`) + `]}`
	cases := []struct {
		name         string
		found        []*fhir.Resource
		open, done   string
		bypassed     bool
		first, other *adjudication.Review
		wrong        bool
	}{
		{name: "A claim that nobody reviewed has no words."},
		{
			name: "Rejected with a reason, and cut with notes.", found: []*fhir.Resource{task("a", "completed", "2026-09-01", "delivered", rejects, cuts)},
			done: "a", first: &adjudication.Review{Rejected: true, Reason: adjudication.ReasonDuplicate},
			other: &adjudication.Review{Quantity: amount(1), Price: amount(37), Note: "One is not in the notes. Ask again."},
		},
		{
			name: "The later review supersedes the earlier.",
			found: []*fhir.Resource{
				task("b", "completed", "2026-09-02", "delivered", cuts), task("a", "completed", "2026-09-01", "delivered", rejects),
			},
			done: "b", other: &adjudication.Review{Quantity: amount(1), Price: amount(37), Note: "One is not in the notes. Ask again."},
		},
		{
			name: "A review that was cancelled or is not ended has no words.",
			found: []*fhir.Resource{
				task("c", "cancelled", "2026-09-03", "delivered", rejects), task("b", "in-progress", "2026-09-02", "delivered", rejects),
			},
			open: "b",
		},
		{name: "What was bypassed is decided by the rules.", found: []*fhir.Resource{task("a", "completed", "2026-09-01", "bypassed", rejects)}, done: "a", bypassed: true},
		{
			name: "A price in another currency can't be followed.", wrong: true, done: "a",
			found: []*fhir.Resource{task("a", "completed", "2026-09-01", "delivered",
				`{"itemSequence":1,"adjudication":[`+adjudicated("approved-price", `"amount":{"value":37,"currency":"KES"}`)+`]}`)},
			first: &adjudication.Review{},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := &facts.Claim{Case: adjudication.Case{Currency: "TZS", Lines: []adjudication.Line{{Sequence: 1}, {Sequence: 2}}}}
			got, err := facts.New("", nil).Review(tasks{found: c.found}, fhir.Key{Type: "Claim", ID: "c"}, g)
			var undecidable *facts.Undecidable
			if errors.As(err, &undecidable) != c.wrong || !c.wrong && err != nil {
				t.Fatal(err)
			}
			if got.Open.ID != c.open || got.Done.ID != c.done || got.Bypassed != c.bypassed {
				t.Errorf("got %+v", got)
			}
			if diff := cmp.Diff([]*adjudication.Review{c.first, c.other}, []*adjudication.Review{g.Case.Lines[0].Review, g.Case.Lines[1].Review}); diff != "" {
				t.Errorf("words (-want +got)\n%s", diff)
			}
		})
	}
}
