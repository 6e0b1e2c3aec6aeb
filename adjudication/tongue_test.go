package adjudication_test

import (
	"testing"

	"bima/adjudication"
)

func TestATongueSaysWhatItHasWordsFor(t *testing.T) {
	tongue := adjudication.Tongue{
		Phrases: map[string]string{"%s of %s": "%s ya %s"},
		Reasons: map[adjudication.Reason]string{adjudication.ReasonRepeat: "Tayari"},
	}
	for what, got := range map[string]struct{ got, want string }{
		"a phrase it has":         {tongue.Say("%s of %s", "1", "2"), "1 ya 2"},
		"a phrase it has not":     {tongue.Say("all of %s", "2"), "all of 2"},
		"a reason it has":         {tongue.Reason(adjudication.ReasonRepeat), "Tayari"},
		"a reason it has not":     {tongue.Reason(adjudication.ReasonQuantity), adjudication.ReasonQuantity.Text()},
		"a note it has":           {tongue.Note(adjudication.Note{Text: "1 of 2", Format: "%s of %s", Args: []any{"1", "2"}}), "1 ya 2"},
		"a note it has not":       {tongue.Note(adjudication.Note{Text: "All of 2.", Format: "all of %s", Args: []any{"2"}}), "All of 2."},
		"a problem it has":        {tongue.Problem(adjudication.ProblemOf("value", "Claim.item", "%s of %s", "1", "2")), "1 ya 2"},
		"a problem it has not":    {tongue.Problem(adjudication.ProblemOf("value", "Claim.item", "all of %s", "2")), "all of 2"},
		"a problem of its own":    {tongue.Problem(adjudication.Problem{Text: "He was seen twice."}), "He was seen twice."},
		"a note of a single case": {tongue.Note(adjudication.Note{Text: "He was seen twice."}), "He was seen twice."},
	} {
		if got.got != got.want {
			t.Errorf("%s is %q, want %q", what, got.got, got.want)
		}
	}
}
