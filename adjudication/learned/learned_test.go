package learned_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/adjudication"
	"bima/adjudication/learned"
	"bima/fhir"
)

// reviewed makes claims of a scheme whose officers cut one in ten claims of the
// ordinary kind, six in ten of those with service S-9, and nine in ten of those
// with S-9 that are large. Nothing else matters to them.
func reviewed(n int, seed uint64) []learned.Example {
	chance := rand.New(rand.NewPCG(seed, 1))
	list := make([]learned.Example, n)
	for i := range list {
		total, s9 := 8+2*chance.Float64(), chance.IntN(4) == 0
		e := learned.Example{
			Claim: fhir.Key{Type: "Claim", ID: fmt.Sprintf("c-%05d", i)}, Reviewed: adjudication.Day(20_000 + i/10),
			Facility: fhir.Key{Type: "Organization", ID: fmt.Sprintf("f-%d", i%5)},
			Features: []learned.Feature{
				{Name: "log-total", Value: total, Says: "the claim asks for much"},
				{Name: "log-lines", Value: float64(1 + chance.IntN(5)), Says: "it has lines"},
				{Name: fmt.Sprintf("service|x|S-%d", chance.IntN(4)), Value: 1, Says: "it claims a service"},
			},
		}
		likely := 0.1
		if s9 {
			e.Features = append(e.Features, learned.Feature{Name: "service|x|S-9", Value: 1, Says: "it claims service S-9"})
			likely = 0.6
			if total > 9 {
				likely = 0.9
			}
		}
		if e.Cut = chance.Float64() < likely; e.Cut {
			e.Reasons = []adjudication.Reason{adjudication.ReasonReviewer}
		}
		list[i] = e
	}
	return list
}

func TestTrainingFindsThePattern(t *testing.T) {
	lesson, err := learned.Train(reviewed(2000, 7))
	if err != nil {
		t.Fatal(err)
	}
	// Whoever knew the rule would have an AUC of about 0.81: of the claims cut two
	// thirds have S-9, of those approved one in eleven.
	if e := lesson.Test; e.AUC < 0.75 || e.Claims != 500 || !e.Useful() {
		t.Errorf("AUC %.3f on %d claims", e.AUC, e.Claims)
	}
	s9 := learned.Feature{Name: "service|x|S-9", Value: 1, Says: "it claims service S-9"}
	with := lesson.Model.Opinion([]learned.Feature{{Name: "log-total", Value: 9.5, Says: "it is large"}, s9})
	without := lesson.Model.Opinion([]learned.Feature{{Name: "log-total", Value: 9.5, Says: "it is large"}})
	if with.Score < 60 || without.Score > 30 {
		t.Errorf("scores %d with the service and %d without", with.Score, without.Score)
	}
	if c := with.Contributions; len(c) == 0 || c[0].Feature != s9.Name || c[0].Points < 30 || !strings.HasPrefix(c[0].Text, "It claims service S-9, which raises the score by ") {
		t.Errorf("the opinion names %v first", c)
	}
	for _, th := range lesson.Test.Thresholds {
		if th.Right+th.Missed != lesson.Test.Cut || th.Right > th.Selected {
			t.Errorf("from %d on: %+v of %d cut", th.Score, th, lesson.Test.Cut)
		}
	}
	for _, bin := range lesson.Test.Calibration {
		if off := 100*float64(bin.Cut)/float64(bin.Claims) - bin.Mean; bin.Claims >= 100 && (off > 10 || off < -10) {
			t.Errorf("of the claims scored %d to %d %d of %d were cut, the mean score is %.0f", bin.From, bin.From+9, bin.Cut, bin.Claims, bin.Mean)
		}
	}
	again, err := learned.Train(reviewed(2000, 7))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lesson, again); diff != "" {
		t.Errorf("the same claims give another model\n%s", diff)
	}
}

func TestShuffledDecisionsTeachNothing(t *testing.T) {
	list := reviewed(2000, 7)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(list), func(i, j int) {
		list[i].Cut, list[j].Cut = list[j].Cut, list[i].Cut
	})
	lesson, err := learned.Train(list)
	if err != nil {
		t.Fatal(err)
	}
	if e := lesson.Test; e.AUC > 0.57 || e.AUC < 0.43 || e.Useful() {
		t.Errorf("AUC %.3f of chance", e.AUC)
	}
}

func TestTooFewReviewsTeachNothing(t *testing.T) {
	all := reviewed(2000, 7)
	oneKind := reviewed(400, 7)
	for i := range oneKind {
		oneKind[i].Cut = false
	}
	for name, list := range map[string][]learned.Example{
		"199 reviewed claims are too few to learn from: at least 200 are needed":                        all[:199],
		"of the 300 claims to learn from reviewers cut 0: at least 30 must be cut and as many approved": oneKind,
		"0 reviewed claims are too few to learn from: at least 200 are needed":                          nil,
		"of the 100 claims to test on reviewers cut 9: at least 10 must be cut and as many approved":    fewAtLast(all[:400], 9),
	} {
		if _, err := learned.Train(list); err == nil || err.Error() != name {
			t.Errorf("got %v, want %q", err, name)
		}
	}
	if _, err := learned.Train(fewAtLast(all[:400], 10)); err != nil {
		t.Errorf("ten are enough to test on: %v", err)
	}
}

// fewAtLast lets officers cut only a few of the last quarter.
func fewAtLast(list []learned.Example, n int) []learned.Example {
	list = append([]learned.Example(nil), list...)
	for i := 3 * len(list) / 4; i < len(list); i++ {
		list[i].Cut = n > 0
		n--
	}
	return list
}

func TestModelsAreReadWithinBounds(t *testing.T) {
	lesson, err := learned.Train(reviewed(400, 1))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(lesson.Model)
	if err != nil {
		t.Fatal(err)
	}
	read, err := learned.ReadModel(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lesson.Model, read); diff != "" {
		t.Errorf("a model reads as another\n%s", diff)
	}
	feature := `{"name":"log-total","mean":1,"scale":1,"weight":1}`
	for text, want := range map[string]string{
		`no JSON`: "it is no JSON",
		`{"format":2,"features":[` + feature + `]}`:                             "its format is 2",
		`{"format":1,"features":[]}`:                                            "it has 0 features",
		`{"format":1,"features":[` + feature + `,` + feature + `]}`:             "feature 2 has no name, too long a one, or that of another",
		`{"format":1,"features":[{"name":"","scale":1}]}`:                       "feature 1 has no name",
		`{"format":1,"features":[{"name":"a","scale":0}]}`:                      "feature 1 (a) has a number out of range",
		`{"format":1,"features":[{"name":"a","scale":1,"weight":1e7}]}`:         "feature 1 (a) has a number out of range",
		`{"format":1,"intercept":-2e6,"features":[` + feature + `]}`:            "its intercept -2e+06 is out of range",
		`{"format":1,"features":[` + strings.Repeat(feature+",", 3000) + `{}]}`: "it has 3001 features",
		`"` + strings.Repeat("x", 600_000) + `"`:                                "it is larger than 524288 bytes",
	} {
		if _, err := learned.ReadModel([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", text, err, want)
		}
	}
}

// A model of one number: of a claim of average size the likelihood is that of the
// intercept, 1 / (1 + e^1.0986) = 25 %; two standard deviations above it is
// 1 / (1 + e^(1.0986-2×1.0986)) = 75 %, which the number raised by 50.
func TestOpinionIsWhatTheWeightsSay(t *testing.T) {
	m := &learned.Model{Intercept: -1.0986, Features: []learned.Weight{{Name: "log-total", Mean: 10, Scale: 2, Weight: 1.0986}, {Name: "service|x|S-1", Mean: 0, Scale: 1, Weight: 0}}}
	for value, want := range map[float64]learned.Opinion{
		10: {Score: 25, Contributions: []learned.Contribution{}},
		14: {Score: 75, Contributions: []learned.Contribution{{Feature: "log-total", Points: 50, Text: "The claim asks for X, which raises the score by 50."}}},
		6:  {Score: 4, Contributions: []learned.Contribution{{Feature: "log-total", Points: -21, Text: "The claim asks for X, which lowers the score by 21."}}},
	} {
		got := *m.Opinion([]learned.Feature{{Name: "log-total", Value: value, Says: "the claim asks for X"}})
		for i := range got.Contributions {
			got.Contributions[i].Points = float64(int(got.Contributions[i].Points + 0.5*sign(got.Contributions[i].Points)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %g (-want +got)\n%s", value, diff)
		}
	}
}

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

func TestReportTellsWhatTheOperatorMustKnow(t *testing.T) {
	lesson, err := learned.Train(reviewed(800, 2))
	if err != nil {
		t.Fatal(err)
	}
	text := lesson.Markdown()
	for _, want := range []string{"Learned from 600 reviewed claims", "Tested on the 200 claims reviewed after them", "**AUC 0.", "| score from |", "| medical-officer |", "| approved |", "| Organization/f-0 | 40 |", "| service x S-9 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}

func TestTheReportForPrograms(t *testing.T) {
	lesson := &learned.Lesson{
		Model: &learned.Model{Trained: learned.Trained{Claims: 300, Cut: 90, From: "2026-01-01", To: "2026-03-31"}},
		Test: learned.Evaluation{
			Claims: 100, Cut: 40, From: 20_545, To: 20_605, AUC: 0.75, // 2026-04-02 to 2026-06-01
			Thresholds:  []learned.Threshold{{Score: 50, Selected: 50, Right: 30, Missed: 10}},
			Calibration: []learned.Bin{{From: 90, Claims: 5, Cut: 4, Mean: 93.5}},
			Reasons:     []learned.ReasonFound{{Reason: "medical-officer", Claims: 40, Found: 30}},
			Facilities:  []learned.FacilityScore{{Facility: fhir.Key{Type: "Organization", ID: "f"}, Claims: 60, Cut: 30, Mean: 55}, {Claims: 40, Cut: 10, Mean: 20}},
		},
	}
	const want = `{"trained":{"claims":300,"cut":90,"from":"2026-01-01","to":"2026-03-31"},"tested":{"claims":100,"cut":40,"from":"2026-04-02","to":"2026-06-01","auc":0.75},
		"thresholds":[{"score":50,"chosen":50,"right":30,"missed":10,"precision":0.6,"recall":0.75}],"calibration":[{"from":90,"claims":5,"cut":4,"meanScore":93.5}],
		"reasons":[{"reason":"medical-officer","claims":40,"found":30}],"facilities":[{"facility":"Organization/f","claims":60,"cut":30,"meanScore":55},{"facility":"","claims":40,"cut":10,"meanScore":20}]}`
	got, err := lesson.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var trees [2]any
	for i, text := range [][]byte{[]byte(want), got} {
		if err := json.Unmarshal(text, &trees[i]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(trees[0], trees[1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add(`{"format":1,"features":[{"name":"log-total","mean":1,"scale":1,"weight":1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := learned.ReadModel([]byte(text))
		if err != nil {
			return
		}
		if o := m.Opinion([]learned.Feature{{Name: "log-total", Value: 3, Says: "x"}}); o.Score < 0 || o.Score > 100 {
			t.Errorf("%s gives %d", text, o.Score)
		}
	})
}
