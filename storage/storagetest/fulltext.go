package storagetest

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
)

// words makes a FullText of alternatives written "malaria fever -cough "severe
// malaria" mal*".
func words(param string, alternatives ...string) fhir.FullText {
	out := fhir.FullText{Param: param}
	for _, a := range alternatives {
		terms := []fhir.TextTerm{}
		for i, quoted := range strings.Split(a, `"`) {
			parts := strings.Fields(quoted)
			if i%2 == 1 {
				parts = []string{quoted}
			}
			for _, part := range parts {
				var t fhir.TextTerm
				part, t.Not = strings.CutPrefix(part, "-")
				part, t.Prefix = strings.CutSuffix(part, "*")
				t.Words = strings.Fields(part)
				terms = append(terms, t)
			}
		}
		out.Alternatives = append(out.Alternatives, terms)
	}
	return out
}

// fullTexts holds a store to FullText.
func fullTexts(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	text := func(narrative, content string) *fhir.Index {
		return &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: narrative}, {Param: "_content", Text: content}}}
	}
	subject := param("subject", fhir.ParamReference)
	severe := text("Severe malaria, with fever (39.5°C).", "severe malaria Asha Mushi")
	severe.References = []fhir.ReferenceRow{{Param: "subject", Key: key("Patient/asha")}}
	severe.Tokens = []fhir.TokenRow{{Param: "status", Code: "active"}}
	f.create("Condition/severe", severe)
	mild := text("Malaria: mild; NOT severe. No fever", "mild Juma")
	mild.References = []fhir.ReferenceRow{{Param: "subject", Key: key("Patient/juma")}}
	f.create("Condition/mild", mild)
	f.create("Condition/accents", text("Élève fiévreux à l'hôpital, naïve Straße", ""))
	f.create("Condition/han", text("患者有高血压。", "Gürültü ΆΛΦΑ αλφας"))
	f.create("Condition/swahili", text("Homa kali: ugonjwa wa malaria-fever", "malarial"))
	f.create("Condition/silent", nil)
	f.create("Patient/asha", text("Asha has had malaria", "malaria"))
	f.create("Patient/juma", text("Juma is well", "well"))
	f.create("Condition/gone", text("malaria", "malaria"))
	f.update(func(w fhir.Writer) error { return remove(w, "Condition/gone", 1, text("malaria", "malaria")) })
	const rest = "Condition/accents Condition/han Condition/silent"
	f.cases([]searchCase{
		{"a word", "Condition", words("_text", "malaria"), "Condition/mild Condition/severe Condition/swahili"},
		{"a word of the content", "Condition", words("_content", "malaria"), "Condition/severe"},
		{"a word of any type", "", words("_text", "malaria"), "Condition/mild Condition/severe Condition/swahili Patient/asha"},
		{"a word of another type only", "Condition", words("_content", "well"), ""},
		{"a part of a word is none", "Condition", words("_text", "mala"), ""},
		{"the case is folded", "Condition", words("_text", "MALARIA"), "Condition/mild Condition/severe Condition/swahili"},
		{"accents are folded in the text", "Condition", words("_text", "eleve"), "Condition/accents"},
		{"accents are folded in the question", "Condition", words("_text", "fíéVREUX"), "Condition/accents"},
		{"sharp s is ss", "Condition", words("_text", "strasse"), "Condition/accents"},
		{"greek and turkish fold", "Condition", fhir.All{words("_content", "αλφα"), words("_content", "gurultu")}, "Condition/han"},
		{"words of scripts without spaces", "Condition", words("_text", "高血压"), "Condition/han"},
		{"characters in another order", "Condition", words("_text", "血高压"), ""},
		{"an apostrophe parts words", "Condition", words("_text", "hopital"), "Condition/accents"},
		{"a hyphen parts words", "Condition", words("_text", "fever homa"), "Condition/swahili"},
		{"a word with a hyphen is a phrase", "Condition", words("_text", "malaria-fever"), "Condition/swahili"},
		{"numbers are words", "Condition", words("_text", `"39 5"`), "Condition/severe"},
		{"all words must be there", "Condition", words("_text", "malaria severe"), "Condition/mild Condition/severe"},
		{"a phrase", "Condition", words("_text", `"severe malaria"`), "Condition/severe"},
		{"a phrase in another order", "Condition", words("_text", `"malaria severe"`), ""},
		{"a phrase with a gap", "Condition", words("_text", `"severe with"`), ""},
		{"a phrase over punctuation", "Condition", words("_text", `"malaria with"`), "Condition/severe"},
		{"a prefix", "Condition", words("_text", "mala*"), "Condition/mild Condition/severe Condition/swahili"},
		{"a prefix is of a word", "Condition", words("_text", "laria*"), ""},
		{"a phrase with a prefix", "Condition", words("_text", `"severe mal*"`), "Condition/severe"},
		{"a word and not another", "Condition", words("_text", "malaria -mild"), "Condition/severe Condition/swahili"},
		{"not a phrase", "Condition", words("_text", `malaria "-severe malaria"`), "Condition/mild Condition/swahili"},
		{"only not", "Condition", words("_text", "-malaria"), rest},
		{"only not, twice", "Condition", words("_text", "-malaria -hopital"), "Condition/han Condition/silent"},
		{"alternatives", "Condition", words("_text", "hopital", "mild fever"), "Condition/accents Condition/mild"},
		{"alternatives, one of which only wants a word away", "Condition", words("_text", "severe -mild", "-malaria"), "Condition/accents Condition/han Condition/severe Condition/silent"},
		{"no word at all holds nowhere", "Condition", words("_text", "..."), ""},
		{"no word and another hold nowhere", "Condition", words("_text", "malaria ..."), ""},
		{"an alternative without a word does not hold", "Condition", words("_text", "...", "mild"), "Condition/mild"},
		{"not no word holds", "Condition", words("_text", "mild -..."), "Condition/mild"},
		{"no alternatives hold nowhere", "Condition", words("_text"), ""},
		{"quotes and operators are no words", "Condition", words("_text", `'`, `:*`, `!(`, `AND`), ""},
		{"a type nobody wrote texts of", "Basic", words("_text", "malaria"), ""},
		{"not", "Condition", fhir.Not{Criterion: words("_text", "malaria")}, rest},
		{"beside another alternative", "Condition", fhir.Any{words("_text", "mild"), fhir.IDs{"silent"}}, "Condition/mild Condition/silent"},
		{"beside another criterion", "Condition", fhir.All{words("_text", "malaria"), token("status", "active")}, "Condition/severe"},
		{"beside an id", "Condition", fhir.All{words("_text", "malaria"), fhir.IDs{"mild", "han"}}, "Condition/mild"},
		{"of both texts", "Condition", fhir.All{words("_text", "malaria"), words("_content", "juma")}, "Condition/mild"},
		{"in a chain", "Condition", fhir.Chain{Param: subject, Type: "Patient", Where: words("_text", "malaria")}, "Condition/severe"},
		{"of what refers to it", "Patient", fhir.Has{Type: "Condition", Param: subject, Where: words("_text", "mild")}, "Patient/juma"},
		{"of a type among others", "", fhir.Of{Types: []string{"Patient"}, Where: words("_text", "malaria")}, "Patient/asha"},
		{"of several types", "Condition Patient", words("_text", "malaria -fever"), "Patient/asha"},
	})
	t.Run("sorted and by pages", func(t *testing.T) {
		f := fixture{t, f.store}
		for _, sort := range [][]fhir.SortKey{nil, {{Param: param("_id", fhir.ParamToken), Descending: true}}} {
			forth, back := f.walk(fhir.Query{Types: []string{"Condition"}, Where: words("_text", "malaria"), Sort: sort, Limit: 1}, nil)
			want := []string{"Condition/swahili", "Condition/mild", "Condition/severe"}
			if sort != nil {
				want = []string{"Condition/swahili", "Condition/severe", "Condition/mild"}
			}
			same(t, "forth", forth, want)
			same(t, "back", back, want)
		}
	})
	fullTextChanges(t, open)
}

func fullTextChanges(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	versions := []*fhir.Index{
		{Texts: []fhir.TextRow{{Param: "_text", Text: "one"}, {Param: "_content", Text: "uno"}}},
		{Texts: []fhir.TextRow{{Param: "_text", Text: "two"}, {Param: "_content", Text: "uno"}}},
		{Texts: []fhir.TextRow{{Param: "_text", Text: "two"}, {Param: "_content", Text: "uno"}}, Tokens: []fhir.TokenRow{{Param: "status", Code: "x"}}},
		{Texts: []fhir.TextRow{{Param: "_content", Text: "uno"}}},
		{},
		{Texts: []fhir.TextRow{{Param: "_text", Text: "one"}}},
		{Texts: []fhir.TextRow{{Param: "_text", Text: "three"}}},
	}
	for i, x := range versions {
		before := (*fhir.Index)(nil)
		if i > 0 && i != len(versions)-1 {
			before = versions[i-1]
		}
		f.update(func(w fhir.Writer) error { return put(w, "Basic/b", int64(i), x, before) })
		t.Run(fmt.Sprintf("version %d is found by its own words only", i+1), func(t *testing.T) {
			for word, param := range map[string]string{"one": "_text", "two": "_text", "three": "_text", "uno": "_content"} {
				var want []string
				for _, row := range x.Texts {
					if row.Param == param && row.Text == word {
						want = []string{"Basic/b"}
					}
				}
				same(t, word, fixture{t, f.store}.found(fhir.Query{Types: []string{"Basic"}, Where: words(param, word)}), want)
			}
		})
	}
	t.Run("a long text is found to where it is read, each word in its place", func(t *testing.T) {
		f := fixture{t, f.store}
		var long strings.Builder
		for i := range 15000 {
			fmt.Fprintf(&long, "the w%d ", i)
		}
		f.create("Basic/long", &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: long.String() + strings.Repeat("x", 3000)}}})
		for question, want := range map[string][]string{
			`"the w7"`: {"Basic/long"}, "w7999": {"Basic/long"}, `"w7998 w7999"`: nil, `"w253 the"`: {"Basic/long"}, `"w300 the"`: nil, "w8001": nil,
		} {
			same(t, question, f.found(fhir.Query{Types: []string{"Basic"}, Where: words("_text", question)}), want)
		}
	})
	t.Run("a word as long as may be, and longer", func(t *testing.T) {
		f := fixture{t, f.store}
		f.create("Basic/word", &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: strings.Repeat("é", 3000)}}})
		same(t, "found", f.found(fhir.Query{Types: []string{"Basic"}, Where: words("_text", strings.Repeat("e", 3000))}), []string{"Basic/word"})
	})
}
