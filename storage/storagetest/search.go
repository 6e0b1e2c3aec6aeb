package storagetest

import (
	"math"
	"strings"
	"testing"
	"time"

	"bima/fhir"
)

func param(code string, kind fhir.ParamKind) fhir.Param { return fhir.Param{Code: code, Kind: kind} }

// token matches a code of any system.
func token(code, value string) fhir.Match {
	return fhir.Match{Param: param(code, fhir.ParamToken), Value: fhir.TokenValue{Code: value, AnySystem: true}}
}

func text(code, value string, mode fhir.StringMode) fhir.Match {
	return fhir.Match{Param: param(code, fhir.ParamString), Value: fhir.StringValue{Text: value, Mode: mode}}
}

// day gives the interval of a date, in microseconds.
func day(date string) (from, to int64) {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic("the test's date: " + err.Error())
	}
	return at.UnixMicro(), at.AddDate(0, 0, 1).UnixMicro()
}

func born(date string) fhir.DateRow {
	from, to := day(date)
	return fhir.DateRow{Param: "birthdate", From: from, To: to}
}

func birthdate(prefix fhir.Prefix, date string) fhir.Match {
	from, to := day(date)
	return fhir.Match{Param: param("birthdate", fhir.ParamDate), Value: fhir.DateValue{Prefix: prefix, From: from, To: to}}
}

// number gives the value with the interval that rounds to it.
func number(prefix fhir.Prefix, value, half float64) fhir.NumberValue {
	return fhir.NumberValue{Prefix: prefix, Low: value - half, Value: value, High: value + half}
}

func total(v fhir.Value) fhir.Match {
	return fhir.Match{Param: param("total", fhir.ParamQuantity), Value: v}
}

func chance(prefix fhir.Prefix, value, half float64) fhir.Match {
	return fhir.Match{Param: param("probability", fhir.ParamNumber), Value: number(prefix, value, half)}
}

func uri(value string, mode fhir.URIMode) fhir.Match {
	return fhir.Match{Param: param("url", fhir.ParamURI), Value: fhir.URIValue{URI: value, Mode: mode}}
}

func subject(v fhir.ReferenceValue) fhir.Match {
	return fhir.Match{Param: param("patient", fhir.ParamReference), Value: v}
}

const tzs = "urn:iso:std:iso:4217"

// village stores what the search tests look for.
func village(f fixture) {
	f.Helper()
	long := strings.Repeat("long ", 200)
	f.create("Patient/asha", &fhir.Index{
		Tokens: []fhir.TokenRow{
			{Param: "gender", Code: "female"},
			{Param: "identifier", System: "urn:card", Code: "070707"},
			{Param: "identifier", System: "urn:nin", Code: "1990"},
			{Param: "active", Code: "true"},
		},
		Strings: []fhir.StringRow{
			{Param: "name", Normal: "asha mushi", Exact: "Asha Mushi"},
			{Param: "name", Normal: "mushi", Exact: "Mushi"},
			{Param: "address", Normal: long + "end", Exact: long + "end"},
		},
		Dates: []fhir.DateRow{born("1990-05-17")},
	})
	f.create("Patient/juma", &fhir.Index{
		Tokens: []fhir.TokenRow{
			{Param: "gender", Code: "male"},
			{Param: "identifier", System: "urn:card", Code: "080808"},
			{Param: "identifier", Code: "070707"},
			{Param: "active", Code: "true"},
		},
		Strings: []fhir.StringRow{{Param: "name", Normal: "juma 100%_", Exact: "Juma 100%_"}},
		Dates:   []fhir.DateRow{born("1985-01-01")},
	})
	f.create("Patient/neema", &fhir.Index{
		Strings: []fhir.StringRow{{Param: "name", Normal: "neema \U0010FFFF", Exact: "Neema"}},
		Dates:   []fhir.DateRow{{Param: "birthdate", From: math.MinInt64, To: math.MaxInt64}},
	})
	f.create("Claim/c1", &fhir.Index{
		References: []fhir.ReferenceRow{{Param: "patient", Key: key("Patient/asha")}, {Param: "insurer", Key: key("Organization/nhif")}},
		Quantities: []fhir.QuantityRow{{Param: "total", Low: 150, High: 150, System: tzs, Code: "TZS", Unit: "TZS"}},
		Numbers:    []fhir.NumberRow{{Param: "probability", Low: 0.2, High: 0.2}},
		Tokens:     []fhir.TokenRow{{Param: "status", System: "urn:status", Code: "active"}},
	})
	f.create("Claim/c2", &fhir.Index{
		References: []fhir.ReferenceRow{{Param: "patient", Key: key("Patient/juma")}, {Param: "patient", URL: "urn:uuid:42"}},
		Quantities: []fhir.QuantityRow{{Param: "total", Low: 5, High: 9, System: "http://unitsofmeasure.org", Code: "mg", Unit: "milligram"}},
		Numbers:    []fhir.NumberRow{{Param: "probability", Low: 0.5, High: math.Inf(1)}},
		Tokens:     []fhir.TokenRow{{Param: "status", System: "urn:status", Code: "draft"}},
	})
	f.create("RiskAssessment/range", &fhir.Index{Numbers: []fhir.NumberRow{{Param: "probability", Low: 0.5, High: 1.5}}})
	f.create("RiskAssessment/point", &fhir.Index{Numbers: []fhir.NumberRow{{Param: "probability", Low: 150.5, High: 150.5}}})
	f.create("ValueSet/v1", &fhir.Index{URIs: []fhir.URIRow{{Param: "url", URI: "http://bima.example/fhir/ValueSet/a"}}})
	f.create("ValueSet/v2", &fhir.Index{URIs: []fhir.URIRow{{Param: "url", URI: "http://bima.example/fhir/ValueSet"}}})
	f.create("ValueSet/v3", &fhir.Index{URIs: []fhir.URIRow{{Param: "url", URI: "http://bima.example/fhir/ValueSets/b"}}})
	f.create("Observation/o1", &fhir.Index{Composites: []fhir.CompositeRow{
		{Param: "code-value", First: fhir.TokenRow{System: "urn:c", Code: "bp"}, Second: fhir.TokenRow{System: "urn:v", Code: "high"}},
		{Param: "code-quantity", First: fhir.TokenRow{System: "urn:c", Code: "bp"}, Second: fhir.TokenRow{System: "urn:u", Code: "mmHg"}, Low: 120, High: 120},
		{Param: "code-text", First: fhir.TokenRow{System: "urn:c", Code: "bp"}, Text: "rather high"},
		{Param: "value-time", First: fhir.TokenRow{System: fhir.PartSystem(0), Code: "1"}, Low: 5, High: 5},
		{Param: "value-time", First: fhir.TokenRow{System: fhir.PartSystem(1), Code: "1"}, Text: "morning"},
		{Param: "value-time", First: fhir.TokenRow{System: fhir.PartSystem(0), Code: "2"}, Low: 7, High: 7},
		{Param: "value-time", First: fhir.TokenRow{System: fhir.PartSystem(1), Code: "2"}, Text: "evening"},
	}})
	f.create("Patient/gone", &fhir.Index{Tokens: []fhir.TokenRow{{Param: "gender", Code: "female"}}})
	f.update(func(w fhir.Writer) error { return remove(w, "Patient/gone", 1, nil) })
}

type searchCase struct {
	name  string
	types string
	where fhir.Criterion
	want  string
}

func searches(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	village(f)
	for _, group := range [][]searchCase{
		generalCases(), tokenCases(), textCases(), referenceCases(), dateCases(), numberCases(), compositeCases(),
	} {
		f.cases(group)
	}
}

func generalCases() []searchCase {
	return []searchCase{
		{"no criteria find all of the type", "Patient", nil, "Patient/asha Patient/juma Patient/neema"},
		{"several types are searched together", "Patient Claim", nil, "Claim/c1 Claim/c2 Patient/asha Patient/juma Patient/neema"},
		{"no type searches all", "", token("gender", "male"), "Patient/juma"},
		{"no type and no criteria find everything", "", fhir.IDs{"c1", "asha", "v3"}, "Claim/c1 Patient/asha ValueSet/v3"},
		{"a type without resources has none", "Coverage", nil, ""},
		{"a parameter without values has none", "Patient", token("deceased", "true"), ""},
		{"deleted resources are not found", "Patient", token("gender", "female"), "Patient/asha"},
		{"ids are found", "Patient", fhir.IDs{"asha", "c1", "gone", "neema"}, "Patient/asha Patient/neema"},
		{"no ids find nothing", "Patient", fhir.IDs{}, ""},
		{"all criteria must hold", "Patient", fhir.All{token("active", "true"), token("gender", "male")}, "Patient/juma"},
		{"all of nothing holds", "Patient", fhir.All{}, "Patient/asha Patient/juma Patient/neema"},
		{"any of nothing does not", "Patient", fhir.Any{}, ""},
		{"one criterion of any must hold", "Patient", fhir.Any{token("gender", "male"), token("gender", "female")}, "Patient/asha Patient/juma"},
		{"alternatives may differ in kind", "Patient", fhir.Any{token("gender", "male"), text("name", "neema", fhir.StringStarts), fhir.IDs{"asha"}}, "Patient/asha Patient/juma Patient/neema"},
		{"not holds also for want of a value", "Patient", fhir.Not{Criterion: token("gender", "male")}, "Patient/asha Patient/neema"},
		{"not of any", "Patient", fhir.Not{Criterion: fhir.Any{token("gender", "male"), fhir.IDs{"asha"}}}, "Patient/neema"},
		{"present", "Patient", fhir.Present{Param: param("gender", fhir.ParamToken)}, "Patient/asha Patient/juma"},
		{"missing", "Patient", fhir.Not{Criterion: fhir.Present{Param: param("gender", fhir.ParamToken)}}, "Patient/neema"},
		{"present where no resource has a value", "Patient", fhir.Present{Param: param("deceased", fhir.ParamToken)}, ""},
		{"updated before now", "Patient", fhir.Updated{Prefix: fhir.PrefixLess, From: math.MaxInt64}, "Patient/asha Patient/juma Patient/neema"},
		{"updated after the end of time", "Patient", fhir.Updated{Prefix: fhir.PrefixGreater, To: math.MaxInt64}, ""},
		{"updated within all time", "Claim", fhir.Updated{Prefix: fhir.PrefixEqual, From: 0, To: math.MaxInt64}, "Claim/c1 Claim/c2"},
	}
}

func tokenCases() []searchCase {
	identifier := func(v fhir.TokenValue) fhir.Match {
		return fhir.Match{Param: param("identifier", fhir.ParamToken), Value: v}
	}
	return []searchCase{
		{"a code of any system", "Patient", token("identifier", "070707"), "Patient/asha Patient/juma"},
		{"a code of a system", "Patient", identifier(fhir.TokenValue{System: "urn:card", Code: "070707"}), "Patient/asha"},
		{"a code of no system", "Patient", identifier(fhir.TokenValue{Code: "070707"}), "Patient/juma"},
		{"any code of a system", "Patient", identifier(fhir.TokenValue{System: "urn:card", AnyCode: true}), "Patient/asha Patient/juma"},
		{"any code of another system", "Patient", identifier(fhir.TokenValue{System: "urn:nin", AnyCode: true}), "Patient/asha"},
		{"a code of a system that bears another", "Patient", identifier(fhir.TokenValue{System: "urn:nin", Code: "070707"}), ""},
		{"alternatives of all forms", "Patient", fhir.Any{
			identifier(fhir.TokenValue{System: "urn:nin", AnyCode: true}), identifier(fhir.TokenValue{System: "urn:card", Code: "080808"}),
		}, "Patient/asha Patient/juma"},
	}
}

func textCases() []searchCase {
	long := strings.Repeat("long ", 200)
	return []searchCase{
		{"a text starts with it", "Patient", text("name", "mu", fhir.StringStarts), "Patient/asha"},
		{"a text does not start with it", "Patient", text("name", "shi", fhir.StringStarts), ""},
		{"the empty text starts all", "Patient", text("name", "", fhir.StringStarts), "Patient/asha Patient/juma Patient/neema"},
		{"a text starts with the last character there is", "Patient", text("name", "neema \U0010FFFF", fhir.StringStarts), "Patient/neema"},
		{"a text contains it", "Patient", text("name", "sh", fhir.StringContains), "Patient/asha"},
		{"wildcards are letters", "Patient", text("name", "0%_", fhir.StringContains), "Patient/juma"},
		{"a wildcard matches nothing else", "Patient", text("name", "a_m", fhir.StringContains), ""},
		{"a text ends with it", "Patient", text("name", "hi", fhir.StringEnds), "Patient/asha"},
		{"a text does not end with it", "Patient", text("name", "mush", fhir.StringEnds), ""},
		{"a text is it", "Patient", text("name", "mushi", fhir.StringWhole), "Patient/asha"},
		{"a text is more than it", "Patient", text("name", "mush", fhir.StringWhole), ""},
		{"a long text ends with it", "Patient", text("address", "g end", fhir.StringEnds), "Patient/asha"},
		{"a long text is it", "Patient", text("address", long+"end", fhir.StringWhole), "Patient/asha"},
		{"a long text is more than it", "Patient", text("address", long+"en", fhir.StringWhole), ""},
		{"exactly", "Patient", text("name", "Mushi", fhir.StringExact), "Patient/asha"},
		{"exactly minds the case", "Patient", text("name", "mushi", fhir.StringExact), ""},
		{"a long text starts with much", "Patient", text("address", long+"e", fhir.StringStarts), "Patient/asha"},
		{"a long text does not start with other", "Patient", text("address", long+"x", fhir.StringStarts), ""},
		{"a long text contains its end", "Patient", text("address", "g end", fhir.StringContains), "Patient/asha"},
		{"a long text exactly", "Patient", text("address", long+"end", fhir.StringExact), "Patient/asha"},
		{"a uri exactly", "ValueSet", uri("http://bima.example/fhir/ValueSet", fhir.URIExact), "ValueSet/v2"},
		{"a uri below", "ValueSet", uri("http://bima.example/fhir/ValueSet", fhir.URIBelow), "ValueSet/v1 ValueSet/v2"},
		{"a uri above", "ValueSet", uri("http://bima.example/fhir/ValueSet/a/b", fhir.URIAbove), "ValueSet/v1 ValueSet/v2"},
	}
}

func referenceCases() []searchCase {
	patient := param("patient", fhir.ParamReference)
	return []searchCase{
		{"a reference by type and id", "Claim", subject(fhir.ReferenceValue{Key: key("Patient/asha")}), "Claim/c1"},
		{"a reference to another type", "Claim", subject(fhir.ReferenceValue{Key: key("Group/asha")}), ""},
		{"a reference by id alone", "Claim", subject(fhir.ReferenceValue{Key: fhir.Key{ID: "juma"}}), "Claim/c2"},
		{"a reference by url", "Claim", subject(fhir.ReferenceValue{URL: "urn:uuid:42"}), "Claim/c2"},
		{"a chain", "Claim", fhir.Chain{Param: patient, Type: "Patient", Where: text("name", "asha", fhir.StringStarts)}, "Claim/c1"},
		{"a chain of any type", "Claim", fhir.Chain{Param: patient, Where: text("name", "juma", fhir.StringStarts)}, "Claim/c2"},
		{"a chain to an id", "Claim", fhir.Chain{Param: patient, Type: "Patient", Where: fhir.IDs{"asha", "gone"}}, "Claim/c1"},
		{"a chain to all", "Claim", fhir.Chain{Param: patient, Type: "Patient"}, "Claim/c1 Claim/c2"},
		{"a chain that fails", "Claim", fhir.Chain{Param: patient, Type: "Patient", Where: token("gender", "other")}, ""},
		{"not a chain", "Claim", fhir.Not{Criterion: fhir.Chain{Param: patient, Type: "Patient", Where: token("gender", "male")}}, "Claim/c1"},
		{"referred to", "Patient", fhir.Has{Type: "Claim", Param: patient, Where: token("status", "active")}, "Patient/asha"},
		{"referred to by any", "Patient", fhir.Has{Type: "Claim", Param: patient}, "Patient/asha Patient/juma"},
		{"not referred to", "Patient", fhir.Not{Criterion: fhir.Has{Type: "Claim", Param: patient}}, "Patient/neema"},
		{"a chain into what is referred to", "Claim", fhir.Chain{Param: patient, Type: "Patient", Where: fhir.Has{Type: "Claim", Param: patient, Where: token("status", "draft")}}, "Claim/c2"},
		{"of a type", "Patient", fhir.Of{Types: []string{"Claim", "Patient"}, Where: fhir.IDs{"asha"}}, "Patient/asha"},
		{"of a type that nothing is of", "Patient", fhir.Of{Types: []string{"Basic"}}, ""},
		{"of other types, each by what it has", "", fhir.Any{
			fhir.Of{Types: []string{"Patient"}, Where: fhir.IDs{"asha"}},
			fhir.Of{Types: []string{"Claim"}, Where: fhir.Any{subject(fhir.ReferenceValue{Key: key("Patient/asha")}), fhir.IDs{"asha"}}},
		}, "Claim/c1 Patient/asha"},
		{"referred to beside another criterion", "Patient", fhir.All{token("active", "true"), fhir.Has{Type: "Claim", Param: patient, Where: fhir.IDs{"c2"}}}, "Patient/juma"},
	}
}

func dateCases() []searchCase {
	const asha, juma, neema = "Patient/asha", "Patient/juma", "Patient/neema" // 1990-05-17, 1985-01-01, all time
	return []searchCase{
		{"a date equal", "Patient", birthdate(fhir.PrefixEqual, "1990-05-17"), asha},
		{"a date not equal", "Patient", birthdate(fhir.PrefixNotEqual, "1990-05-17"), juma + " " + neema},
		{"a date less", "Patient", birthdate(fhir.PrefixLess, "1990-05-17"), juma + " " + neema},
		{"a date less or equal", "Patient", birthdate(fhir.PrefixLessEqual, "1990-05-17"), asha + " " + juma + " " + neema},
		{"a date greater", "Patient", birthdate(fhir.PrefixGreater, "1985-01-01"), asha + " " + neema},
		{"a date greater or equal", "Patient", birthdate(fhir.PrefixGreaterEqual, "1985-01-01"), asha + " " + juma + " " + neema},
		{"a date that includes a day", "Patient", birthdate(fhir.PrefixIncludes, "1990-05-17"), asha + " " + neema},
		{"a date that starts after", "Patient", birthdate(fhir.PrefixStartsAfter, "1985-01-01"), asha},
		{"a date that ends before", "Patient", birthdate(fhir.PrefixEndsBefore, "1990-05-17"), juma},
		{"a date about", "Patient", birthdate(fhir.PrefixApproximate, "1990-05-17"), asha + " " + neema},
		{"a date between", "Patient", fhir.All{birthdate(fhir.PrefixGreaterEqual, "1990-01-01"), birthdate(fhir.PrefixLess, "1991-01-01")}, asha + " " + neema},
	}
}

func numberCases() []searchCase {
	money := func(n fhir.NumberValue, code string) fhir.QuantityValue {
		return fhir.QuantityValue{NumberValue: n, System: tzs, Code: code}
	}
	return []searchCase{
		{"a number equal", "Claim", chance(fhir.PrefixEqual, 0.2, 0.05), "Claim/c1"},
		{"a number equal with more digits", "Claim", chance(fhir.PrefixEqual, 0.2, 0.0005), "Claim/c1"},
		{"a number not equal", "Claim", chance(fhir.PrefixNotEqual, 0.2, 0.05), "Claim/c2"},
		{"a number greater than itself", "Claim", chance(fhir.PrefixGreater, 0.2, 0.05), "Claim/c2"},
		{"a number greater or equal itself", "Claim", chance(fhir.PrefixGreaterEqual, 0.2, 0.05), "Claim/c1 Claim/c2"},
		{"a number less than itself", "Claim", chance(fhir.PrefixLess, 0.2, 0.05), ""},
		{"a number less or equal itself", "Claim", chance(fhir.PrefixLessEqual, 0.2, 0.05), "Claim/c1"},
		{"a range greater than its low end", "Claim", chance(fhir.PrefixGreater, 0.5, 0.05), "Claim/c2"},
		{"a range starts after", "Claim", chance(fhir.PrefixStartsAfter, 0.3, 0.05), "Claim/c2"},
		{"a number ends before", "Claim", chance(fhir.PrefixEndsBefore, 0.3, 0.05), "Claim/c1"},
		{"a number about", "Claim", chance(fhir.PrefixApproximate, 0.21, 0.005), "Claim/c1"},
		{"a range as wide as a rounding interval stays one", "RiskAssessment", fhir.All{chance(fhir.PrefixGreater, 1.4, 0.05), chance(fhir.PrefixLess, 0.6, 0.05)}, "RiskAssessment/range"},
		{"a range equals what holds all of it", "RiskAssessment", chance(fhir.PrefixEqual, 1, 0.75), "RiskAssessment/range"},
		{"a range that reaches the open end is not equal", "RiskAssessment", chance(fhir.PrefixEqual, 1, 0.5), ""},
		{"a number that rounds up is not equal below", "RiskAssessment", chance(fhir.PrefixEqual, 150, 0.5), ""},
		{"a number that rounds up is equal above", "RiskAssessment", chance(fhir.PrefixEqual, 151, 0.5), "RiskAssessment/point"},
		{"an amount of a currency", "Claim", total(money(number(fhir.PrefixEqual, 150, 0.5), "TZS")), "Claim/c1"},
		{"an amount of another currency", "Claim", total(money(number(fhir.PrefixEqual, 150, 0.5), "KES")), ""},
		{"an amount of any unit", "Claim", total(fhir.QuantityValue{NumberValue: number(fhir.PrefixGreater, 3, 0.5), AnyUnit: true}), "Claim/c1 Claim/c2"},
		{"a quantity by its code without a system", "Claim", total(fhir.QuantityValue{NumberValue: number(fhir.PrefixGreater, 3, 0.5), Code: "mg"}), "Claim/c2"},
		{"a quantity by its unit", "Claim", total(fhir.QuantityValue{NumberValue: number(fhir.PrefixGreater, 3, 0.5), Code: "milligram"}), "Claim/c2"},
		{"a range of a quantity within", "Claim", total(fhir.QuantityValue{NumberValue: fhir.NumberValue{Prefix: fhir.PrefixEqual, Low: 0, Value: 50, High: 100}, AnyUnit: true}), "Claim/c2"},
	}
}

func compositeCases() []searchCase {
	match := func(code, first string, second fhir.Value) fhir.Match {
		return fhir.Match{Param: param(code, fhir.ParamComposite), Value: fhir.CompositeValue{
			First: fhir.TokenValue{Code: first, AnySystem: true}, Second: second,
		}}
	}
	each := func(parts ...fhir.Value) fhir.Match {
		return fhir.Match{Param: param("value-time", fhir.ParamComposite), Value: fhir.OccurrenceValue{Parts: parts}}
	}
	pressure := fhir.QuantityValue{NumberValue: number(fhir.PrefixGreater, 100, 0.5), System: "urn:u", Code: "mmHg"}
	other := pressure
	other.Code = "kPa"
	return []searchCase{
		{"a composite of two tokens", "Observation", match("code-value", "bp", fhir.TokenValue{System: "urn:v", Code: "high"}), "Observation/o1"},
		{"a composite whose second part differs", "Observation", match("code-value", "bp", fhir.TokenValue{Code: "low", AnySystem: true}), ""},
		{"a composite with a quantity", "Observation", match("code-quantity", "bp", pressure), "Observation/o1"},
		{"a composite with another unit", "Observation", match("code-quantity", "bp", other), ""},
		{"parts of one occurrence", "Observation", each(fhir.NumberValue{Prefix: fhir.PrefixGreater, Value: 4}, fhir.StringValue{Text: "morn"}), "Observation/o1"},
		{"parts of two occurrences", "Observation", each(fhir.NumberValue{Prefix: fhir.PrefixGreater, Value: 6}, fhir.StringValue{Text: "morn"}), ""},
		{"a composite with a text", "Observation", match("code-text", "bp", fhir.StringValue{Text: "rather"}), "Observation/o1"},
	}
}
