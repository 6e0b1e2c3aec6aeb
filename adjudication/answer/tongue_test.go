package answer_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/fhir"
)

// verbs are what sentences have put into them.
var verbs = regexp.MustCompile(`%[.0-9]*[a-z]`)

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
			if !slices.Equal(verbs.FindAllString(english, -1), verbs.FindAllString(said, -1)) {
				t.Errorf("%s puts other things into %q: %q", language, english, said)
			}
		}
	}
	if _, ok := answer.Tongue("xx"); ok {
		t.Error("there are words of a language nobody speaks")
	}
}

// said are the folders whose sentences are told in every language, and the functions
// that say them, with the place of the sentence among what they are given.
var (
	saidIn = []string{"..", ".", "../facts", "../../resources/claim"}
	saidBy = map[string]int{"Say": 0, "noteOf": 0, "ProblemOf": 2, "problem": 1, "unknown": 1}
)

// Every sentence that the sources say has words in every language.
func TestEverySentenceHasWordsInEachLanguage(t *testing.T) {
	sentences := map[string]bool{}
	for _, folder := range saidIn {
		collect(t, folder, sentences)
	}
	if len(sentences) < 30 {
		t.Fatalf("the sources say %d sentences", len(sentences))
	}
	for _, language := range answer.Languages()[1:] {
		tongue, _ := answer.Tongue(language)
		for sentence := range sentences {
			if said := tongue.Phrases[sentence]; said == "" || said == sentence {
				t.Errorf("%s has no words for %q", language, sentence)
			}
		}
	}
	first, _ := answer.Tongue("fr")
	for _, language := range answer.Languages()[1:] {
		tongue, _ := answer.Tongue(language)
		if got, want := slices.Sorted(maps.Keys(tongue.Phrases)), slices.Sorted(maps.Keys(first.Phrases)); !slices.Equal(got, want) {
			t.Errorf("%s has other sentences than fr: %q, not %q", language, got, want)
		}
	}
}

// collect finds the sentences that the sources of a folder say.
func collect(t *testing.T, folder string, sentences map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{}
	var said []ast.Expr
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if text, ok := literal(value); ok {
						constants[n.Names[i].Name] = text
					}
				}
			case *ast.CallExpr:
				if at, says := saidBy[called(n)]; says && at < len(n.Args) {
					said = append(said, n.Args[at])
				}
			}
			return true
		})
	}
	for _, e := range said {
		text, ok := literal(e)
		if name, named := e.(*ast.Ident); named {
			text, ok = constants[name.Name], constants[name.Name] != ""
		}
		if ok {
			sentences[text] = true
		}
	}
}

// called gives the name of the function that is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// literal gives the text of a string that is written out.
func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
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
		{"fr", paid, "68\u00a0000 sur 100\u00a0000 TZS seront payés ; l'assuré doit 22\u00a0000."},
		{"sw", paid, "68,000 kati ya 100,000 TZS zitalipwa; mwanachama anadaiwa 22,000."},
		{"pt", paid, "Serão pagos 68.000 de 100.000 TZS; o membro deve 22.000."},
		{"pt", denied, "Nada de 500 TZS será pago: sem cobertura nesse dia; o membro deve 500."},
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

// In French and Portuguese the comma parts the decimals: 1,234 would be a little more
// than one.
func TestAmountsAreWrittenAsEachLanguageReadsThem(t *testing.T) {
	kes, whole := fhir.Units(1_234_567)+fhir.Units(1)/2, fhir.Units(2_220)
	const format = "The policy's yearly ceiling of %s is now used up."
	for language, want := range map[string][3]string{
		"en": {"1,234,567.50 KES", "-2,220", "The policy's yearly ceiling of 2,220 TZS is now used up."},
		"sw": {"1,234,567.50 KES", "-2,220", "2,220 TZS"},
		"fr": {"1\u00a0234\u00a0567,50 KES", "-2\u00a0220", "Le plafond annuel de la police, 2\u00a0220 TZS, est maintenant épuisé."},
		"pt": {"1.234.567,50 KES", "-2.220", "O limite anual da apólice, de 2.220 TZS, está agora esgotado."},
	} {
		tongue, _ := answer.Tongue(language)
		if got := tongue.Amount(adjudication.Money{Amount: kes, Currency: "KES"}); got != want[0] {
			t.Errorf("%s writes %q, want %q", language, got, want[0])
		}
		if got := tongue.Amount(adjudication.Money{Amount: -whole}); got != want[1] {
			t.Errorf("%s writes %q, want %q", language, got, want[1])
		}
		money := adjudication.Money{Amount: whole, Currency: "TZS"}
		if got := tongue.Say(format, money); !strings.Contains(got, want[2]) {
			t.Errorf("%s says %q, want %q", language, got, want[2])
		}
		note := adjudication.Note{Text: adjudication.Tongue{}.Say(format, money), Format: format, Args: []any{money}}
		if got := tongue.Note(note); !strings.Contains(got, want[2]) {
			t.Errorf("%s notes %q, want %q", language, got, want[2])
		}
	}
}
