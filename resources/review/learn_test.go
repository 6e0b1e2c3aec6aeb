package review_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bima/adjudication/facts"
	"bima/adjudication/learned"
	"bima/fhir"
	"bima/resources/resourcestest"
)

// on switches on a model by which claims with service S are likely cut.
func (w *world) on(t *testing.T) {
	t.Helper()
	text := `{"format":1,"intercept":-1.0986,"features":[{"name":"service|urn:t|S","mean":0,"scale":1,"weight":2.1972}]}`
	w.Put(resource("Library", "m", `"status":"active","type":`+concept("http://terminology.hl7.org/CodeSystem/library-type", "model-definition")+
		`,"content":[{"contentType":"`+learned.ContentType+`","data":"`+base64.StdEncoding.EncodeToString([]byte(text))+`"}]`))
	err := w.Engine.Commit(w.Context(), func(tx fhir.Tx) error {
		return tx.Post(fhir.Key{Type: "Library", ID: "m"}, []fhir.Entry{{Account: learned.Account, Bucket: "m", Value: 1}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What a model thinks likely to be cut is picked, with the reason told; what the
// reviewers then say is what the next model learns from: a line cut, and one
// approved. A review that was bypassed teaches nothing.
func TestLearnedScorePicksAndLearnsFromReviews(t *testing.T) {
	onEach(t, []string{rule("learned-score", `{"url":"score","valueUnsignedInt":74}`)}, func(t *testing.T, w *world) {
		w.answers(w.claim("", item(1, "S", 1, 100)), "complete 100")
		w.on(t)
		w.answers(w.claim("", item(1, "D", 1, 100)), "complete 100")
		cut, approved, bypassed := w.claim("", item(1, "S", 2, 100)), w.claim("", item(1, "S", 1, 100)), w.claim("", item(1, "S", 1, 100))
		w.answers(cut, "queued")
		if got := w.Get(w.task("medical-review", cut)).At("reasonCode", "text").Text(); !strings.Contains(got, "The learned score is 75 of 100, above 74. It claims service S, which raises the score by 50.") {
			t.Errorf("the reviewer is told %q", got)
		}
		w.does("completed delivered", w.task("medical-review", cut)+"/$review", "one", line(1, quantity("1")))
		w.does("completed delivered", w.task("medical-review", approved)+"/$review", "one")
		w.does("completed bypassed", w.task("medical-review", bypassed)+"/$bypass", "boss", `{"name":"reason","valueString":"late"}`)

		got := map[string]bool{}
		err := w.Engine.View(w.Context(), func(r fhir.Reader) error {
			list, err := learned.Gather(r, facts.New(resourcestest.Base, nil))
			for _, e := range list {
				got[e.Claim.ID] = e.Cut
				if e.Facility.ID != "h" || len(e.Features) == 0 {
					t.Errorf("of %s it knows facility %s and features %v", e.Claim, e.Facility, e.Features)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || !got[cut] || got[approved] {
			t.Errorf("it learns from %v, want %s cut and %s approved", got, cut, approved)
		}
	})
}
