package answer_test

import (
	"strings"
	"testing"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/fhir"
)

func TestEveryLanguageHasWordsForAll(t *testing.T) {
	for _, language := range answer.Languages() {
		tongue, ok := answer.Tongue(language)
		if !ok {
			t.Fatalf("there are no words of %s", language)
		}
		for _, reason := range adjudication.Reasons() {
			said := tongue.Reason(reason)
			if said == "" || language != "en" && said == reason.Text() {
				t.Errorf("%s has no words for %s", language, reason)
			}
		}
		for english, said := range tongue.Phrases {
			if strings.Count(english, "%s") != strings.Count(said, "%s") {
				t.Errorf("%s puts other things into %q: %q", language, english, said)
			}
		}
	}
	if _, ok := answer.Tongue("xx"); ok {
		t.Error("there are words of a language nobody speaks")
	}
}

// 5,000 of 90,000 are deducted, and 20 % of the rest: 68,000 are left.
func TestDecisionIsSaidInEachLanguage(t *testing.T) {
	units := func(n int64) adjudication.LineOutcome {
		var l adjudication.LineOutcome
		l.Submitted = fhir.Units(n)
		return l
	}
	paid := units(100_000)
	paid.Adjustments = []adjudication.Adjustment{
		{Stage: adjudication.StagePrice, Reason: adjudication.ReasonListPrice, Bearer: adjudication.BearerProvider, Amount: fhir.Units(10_000)},
		{Stage: adjudication.StageCoinsurance, Reason: adjudication.ReasonCoinsurance, Bearer: adjudication.BearerMember, Amount: fhir.Units(22_000)},
	}
	denied := units(500)
	denied.Denied = adjudication.ReasonCoverage
	denied.Adjustments = []adjudication.Adjustment{{Reason: adjudication.ReasonCoverage, Bearer: adjudication.BearerMember, Amount: fhir.Units(500)}}
	cases := []struct {
		language string
		line     adjudication.LineOutcome
		want     string
	}{
		{"en", paid, "68,000 of 100,000 TZS will be paid; the member owes 22,000."},
		{"fr", paid, "68,000 sur 100,000 TZS seront payés ; l'assuré doit 22,000."},
		{"sw", paid, "68,000 kati ya 100,000 TZS zitalipwa; mwanachama anadaiwa 22,000."},
		{"en", denied, "Nothing of 500 TZS will be paid: no cover on the day; the member owes 500."},
		{"fr", denied, "Rien de 500 TZS ne sera payé: pas de couverture ce jour-là ; l'assuré doit 500."},
		{"sw", denied, "Hakuna kitakacholipwa kati ya 500 TZS: hakuna bima siku hiyo; mwanachama anadaiwa 500."},
	}
	for _, c := range cases {
		tongue, _ := answer.Tongue(c.language)
		d := adjudication.Decision{Outcome: adjudication.OutcomeComplete, Lines: []adjudication.LineOutcome{c.line}}
		if got := d.In(tongue, "TZS"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.language, got, c.want)
		}
	}
}
