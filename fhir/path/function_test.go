package path_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// shown gives results as "type value, type value".
func shown(c path.Collection) string {
	parts := make([]string, 0, len(c))
	for _, i := range c {
		parts = append(parts, i.TypeName()+" "+i.Literal())
	}
	return strings.Join(parts, ", ")
}

// functionCases are evaluated on patient-example.json, at 23:30 in UTC+3.
var functionCases = []struct{ name, expression, want string }{
	{"a year literal of a dateTime keeps its precision", "@2015T.toString()", "string 2015"},
	{"a month is added to the last day of a longer month", "@2014-01-31 + 1 month", "date @2014-02-28"},
	{"months are added to a year in whole years", "@2014 + 25 months", "date @2016"},
	{"days are added to a month in whole months", "@2014-01 + 31 days", "date @2014-02"},
	{"a UCUM day is added to a date", "@1973-12-25 + 1 'd'", "date @1973-12-26"},
	{"hours are subtracted from a date in whole days", "@2019-03-01 - 25 hours", "date @2019-02-28"},
	{"a time wraps around midnight", "@T23:30 + 1 hour", "time @T00:30"},
	{"a time wraps backwards", "@T01:30 - 2 hours", "time @T23:30"},
	{"a zone is kept in arithmetic", "@2014-01-01T00:00:00+03:00 - 1 second", "dateTime @2013-12-31T23:59:59+03:00"},
	{"fractions of seconds are added", "@T23:59:23 + 1.5 seconds", "time @T23:59:24.500"},
	{"milliseconds add digits to seconds", "@2014-01-01T00:00:00Z + 5 milliseconds", "dateTime @2014-01-01T00:00:00.005Z"},
	{"whole seconds in milliseconds add no digits", "@T10:00:00 + 2000 milliseconds", "time @T10:00:02"},
	{"no date lies after year 9999", "@9999-12-31 + 1 day", ""},

	{"units convert by the table", "1 '[in_i]' = 2.54 'cm'", "boolean true"},
	{"temperatures convert with their zero", "37 'Cel' = 310.15 'K'", "boolean true"},
	{"pressures compare over units", "120 'mm[Hg]' > 10 'kPa'", "boolean true"},
	{"a sum is in the finer unit", "3 'mg/dL' + 1 'g/L'", "Quantity 103 'mg/dL'"},
	{"a quantity is multiplied by a number", "2 * 5 'mg'", "Quantity 10 'mg'"},
	{"a calendar duration is multiplied by a number", "2 * 5 months", "Quantity 10 months"},
	{"a calendar duration is divided by a number", "1 year / 2", "Quantity 0.5 year"},
	{"a quotient over units of a kind is exact", "3 minutes / 1 's'", "Quantity 180 '1'"},
	{"a product over units of a kind is in the first one", "1 'm' * 50 'cm'", "Quantity 0.5 'm2'"},
	{"numbers are comparable to quantities without a unit", "1.comparable(2 '1')", "boolean true"},
	{"a quotient has the quotient of the units", "10 'mg' / 2 'mL'", "Quantity 5 'mg/mL'"},
	{"a year is twelve months", "1 year = 12 months", "boolean true"},
	{"a calendar year is not known to equal UCUM's", "1 year = 1 'a'", ""},
	{"a calendar year is equivalent to UCUM's", "1 year ~ 1 'a'", "boolean true"},
	{"unknown units equal themselves", "1 'foo' = 1 'foo'", "boolean true"},
	{"unknown units compare to nothing else", "1 'foo' = 1 'bar'", ""},
	{"units of other kinds have no order", "1 'mg' > 1 's'", ""},
	{"a quantity converts to a unit", "4 days.toQuantity('h')", "Quantity 96 'h'"},

	{"a quotient is rounded to 28 decimals", "1 / 3", "decimal 0.3333333333333333333333333333"},
	{"a division by zero is empty", "1 / 0", ""},
	{"div of decimals is an integer", "10.0 div 3", "integer 3"},
	{"mod keeps the sign of the dividend", "(-5) mod 3", "integer -2"},
	{"an integer overflow is empty", "2147483647 + 1", ""},
	{"a half is rounded away from zero", "(-2.5).round()", "decimal -3"},
	{"a power of a negative number may not exist", "(-1).power(0.5)", ""},
	{"a negative power is a decimal", "2.power(-1)", "decimal 0.5"},
	{"a root is taken to 28 decimals", "2.sqrt()", "decimal 1.4142135623730950488016887242"},
	{"a number that is no integer has no integer", "'1.0'.toInteger()", ""},

	{"a union drops equal items of other types", "1 | 1.0", "integer 1"},
	{"combine keeps duplicates", "(1 | 2).combine(2)", "integer 1, integer 2, integer 2"},
	{"membership of nothing is empty", "{} in (1 | 2)", ""},
	{"nothing contains nothing", "1 in {}", "boolean false"},
	{"empty is equivalent to empty", "{} ~ {}", "boolean true"},
	{"case and kinds of white space don't count in equivalence", "'A\\tb' ~ 'a B'", "boolean true"},
	{"the number of spaces counts in equivalence", "'a  b' ~ 'a b'", "boolean false"},
	{"dates of other precision are not equivalent", "@2012-04-15 ~ @2012-04-15T10:00:00", "boolean false"},
	{"one item that is no Boolean is true", "true and 'x'", "boolean true"},
	{"false decides and without the other side", "false and (1 | 2)", "boolean false"},

	{"a substring outside the string is empty", "'ab'.substring(2)", ""},
	{"a substring may have no characters", "'ab'.substring(0, 0)", "string "},
	{"characters count, not bytes", "'né'.length()", "integer 2"},
	{"the position counts characters", "'éab'.indexOf('b')", "integer 2"},
	{"groups are replaced by name", `'11/30'.replaceMatches('(?<m>\\d+)/(?<d>\\d+)', '${d}-${m}')`, "string 30-11"},
	{"groups are replaced by number", "'abc'.replaceMatches('(b)', '[$1]x')", "string a[b]xc"},
	{"quotes are escaped for JSON", `'"a"'.escape('json')`, `string \"a\"`},
	{"quotes need no escape to be unescaped", `'"1<2\\u0041"'.unescape('json')`, `string "1<2A"`},
	{"tags are escaped for HTML", "'<a>'.escape('html')", "string &lt;a&gt;"},
	{"an unknown escape stands for itself", `'\p'`, "string p"},
	{"a surrogate pair is one character", `'\uD83D\uDE00'.length()`, "integer 1"},

	{"sort takes several keys with directions", "Patient.name.sort(-family, given.first()).given.last()", "string James"},
	{"items without a key come first", "Patient.name.sort(-family).use.first()", "code usual"},
	{"sort takes a direction word", "(1 | 3 | 2).sort($this desc)", "integer 3, integer 2, integer 1"},
	{"iif sees its input as $this", "('c').iif($this = 'c', 't', 'f')", "string t"},
	{"a defined variable holds the whole input", "Patient.name.defineVariable('n', given).select(%n.count()).first()", "integer 5"},
	{"a variable ends with its argument", "'a'.replace(defineVariable('p', 'a').select(%p), defineVariable('p', 'b').select(%p))", "string b"},
	{"a variable ends with its operand", "(defineVariable('a', 1).select(%a)) | (defineVariable('a', 2).select(%a))", "integer 1, integer 2"},
	{"aggregate starts at its initial value", "(1 | 2 | 3).aggregate($this + $total, 10)", "integer 16"},
	{"$index counts in where", "Patient.name.where($index = 1).given", "string Jim"},

	{"a primitive's extension is seen", "Patient.birthDate.extension.value", "dateTime @1974-12-25T14:35:45-05:00"},
	{"a primitive's value is seen", "Patient.birthDate.value", "date @1974-12-25"},
	{"a primitive with extensions only has no value", "Patient.contact.name.family.hasValue()", "boolean true"},
	{"a backbone element is of its base type", "Patient.contact.type().name", "string BackboneElement"},
	{"a value's type is in System", "gender.getValue().type().namespace", "string System"},
	{"a reference is resolved to its type", "managingOrganization.resolve() is Organization", "boolean true"},
	{"a resolved reference knows its id", "managingOrganization.resolve().id", "string 1"},
	{"R4's value sets are known", "gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", "boolean true"},
	{"narrative is checked", "text.div.htmlChecks()", "boolean true"},
	{"a string is checked as what is within narrative", "'<b>x</b>'.htmlChecks()", "boolean true"},
	{"a button is not for narrative", "'<button>x</button>'.htmlChecks()", "boolean false"},
	{"what is no text is not checked", "1.htmlChecks()", ""},
	{"a type of the other namespace fits nothing", "Patient.is(System.Patient) or birthDate is FHIR.DateTime", "boolean false"},
	{"%resource is the root", "name.first().select(%resource.id)", "id example"},
	{"value set names expand", "%`vs-x`", "string http://hl7.org/fhir/ValueSet/x"},

	{"the low boundary of a dateTime is in the earliest zone", "@2014-01-01T08:05.lowBoundary()", "dateTime @2014-01-01T08:05:00.000+14:00"},
	{"an edge that rounds to zero is zero", "0.0034.highBoundary(1) | (-0.0034).lowBoundary(1)", "decimal 0.0"},
	{"a zone stays in a boundary", "@2014-01-01T08:05-05:00.highBoundary()", "dateTime @2014-01-01T08:05:59.999-05:00"},
	{"digits of a decimal are its precision", "1.58700.precision()", "integer 5"},
	{"now is one moment", "now() = now()", "boolean true"},
	{"today is in the zone of now", "today()", "date @2026-11-22"},
	{"the time of day is that of now", "timeOfDay()", "time @T23:30:00.000"},
}

func TestFunctionsAndOperators(t *testing.T) {
	for _, c := range functionCases {
		t.Run(c.name, func(t *testing.T) {
			root := parse(t, "testdata/input/patient-example.json")
			zone := time.FixedZone("", 3*3600)
			now := &path.Context{Now: time.Date(2026, 11, 22, 23, 30, 0, 0, zone)}
			got, err := path.MustCompile(c.expression).Evaluate(root, nil, now)
			if err != nil {
				t.Fatal(err)
			}
			if shown(got) != c.want {
				t.Errorf("%s: got %q, want %q", c.expression, shown(got), c.want)
			}
		})
	}
}

func TestCompileNamesTheMistake(t *testing.T) {
	for _, c := range []struct{ name, expression, want string }{
		{"a missing operand", "1 +", "character 4"},
		{"an unknown function", "name.foo()", "there is no function foo()"},
		{"a wrong number of arguments", "name.where()", "takes 1 argument"},
		{"an unknown type", "name is Foo", "there is no type Foo"},
		{"an unfinished text", "'abc", "no closing '"},
		{"an unfinished comment", "1 /* x", "comment has no end"},
		{"a time with a zone", "@T10:00Z", "character 8"},
		{"a day that does not exist", "@2015-02-30", "no valid value"},
		{"a wrong regular expression", "'a'.matches('(')", "is not a regular expression"},
		{"a direction outside sort", "name.where(family desc)", "belongs to an argument of sort()"},
		{"an unknown dollar", "$that", "$that is unknown"},
		{"an operator as a name", "and", "was not expected"},
		{"too many parentheses", strings.Repeat("(", 1000), "nested deeper"},
		{"too many parts", strings.Repeat("1+", 5000) + "1", "parts"},
		{"a text too long", "'" + strings.Repeat("x", 40<<10) + "'", "bytes long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := path.Compile(c.expression)
			if !fhir.HasIssue(err, fhir.IssueInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an invalid issue with %q", err, c.want)
			}
		})
	}
}

func TestEvaluationFailsWithAnOutcome(t *testing.T) {
	for _, c := range []struct {
		name, expression string
		want             fhir.IssueType
	}{
		{"several items for one", "name and true", fhir.IssueProcessing},
		{"a number compared with a text", "1 > 'a'", fhir.IssueProcessing},
		{"a date compared with a time", "@2018 > @T10:00", fhir.IssueProcessing},
		{"a month of UCUM added to a date", "@1973-12-25 + 1 'mo'", fhir.IssueValue},
		{"an unknown variable", "%nothing", fhir.IssueInvalid},
		{"a variable defined twice", "defineVariable('v').defineVariable('v')", fhir.IssueInvalid},
		{"a variable of the standard defined", "defineVariable('resource')", fhir.IssueInvalid},
		{"an unknown profile", "conformsTo('http://example.org/x')", fhir.IssueNotSupported},
		{"an unknown value set", "gender.memberOf('http://example.org/x')", fhir.IssueNotSupported},
		{"slices", "slice('http://example.org/x', 'y')", fhir.IssueNotSupported},
		{"a criterion that is no boolean", "iif(1 + 1, 2)", fhir.IssueProcessing},
		{
			"a text that doubles without end",
			"(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20).aggregate($total & $total, 'xxxxxxxxxxxxxxxx')", fhir.IssueTooCostly,
		},
		{
			"a collection that doubles without end",
			"'" + strings.Repeat("x", 100) + "'.toChars().select(%resource.descendants()).select(%resource.descendants()).count()", fhir.IssueTooCostly,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := parse(t, "testdata/input/patient-example.json")
			got, err := path.MustCompile(c.expression).Evaluate(root, nil, nil)
			if !fhir.HasIssue(err, c.want) {
				t.Errorf("got %s and %v, want the issue %s", shown(got), err, c.want)
			}
		})
	}
}

func TestCheckFindsNamesThatNoElementHas(t *testing.T) {
	patient := r4.Lookup("Patient")
	for expression, want := range map[string]string{
		"name.given1":                               "HumanName has no element given1",
		"Encounter.name":                            "Patient has no element Encounter",
		"children().first()":                        "has no order",
		"name.endsWith('x')":                        "needs a string",
		"contact.where(names.exists())":             "has no element names",
		"name.given.extension.value.unit":           "",
		"contained.anything":                        "",
		"Resource.id | DomainResource.text":         "",
		"deceased.ofType(boolean)":                  "",
		"name.select(given | family).length()":      "",
		"iif(active, name.given, name.period).foo":  "has no element foo",
		"extension('http://x').value as Coding":     "",
		"(extension.value as Coding).codes":         "Coding has no element codes",
		"name.given.where($this = %context.names)":  "has no element names",
		"descendants().where(as(canonical) = 'x')":  "",
		"managingOrganization.resolve().anything":   "",
		"name.repeat(period).starts":                "Period has no element starts",
		"name.union(contact.name).given.first().id": "",
	} {
		err := path.MustCompile(expression).Check(patient)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", expression, err, want)
		}
	}
}

func TestResolveAsksTheContext(t *testing.T) {
	d, err := fhir.Parse([]byte(`{"resourceType":"Claim","contained":[{"resourceType":"Patient","id":"p","gender":"female"}],
		"patient":{"reference":"#p"},"insurer":{"reference":"Organization/1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	org, err := fhir.Parse([]byte(`{"resourceType":"Organization","id":"1","name":"Scheme"}`))
	if err != nil {
		t.Fatal(err)
	}
	c := &path.Context{Resolve: func(reference string) (fhir.Node, bool) {
		return org.Root(), reference == "Organization/1"
	}}
	got, err := path.MustCompile("Claim.patient.resolve().gender | Claim.insurer.resolve().name").Evaluate(d.Root(), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	if want := "code female, string Scheme"; shown(got) != want {
		t.Errorf("got %q, want %q", shown(got), want)
	}
}

func TestVariablesAndTrace(t *testing.T) {
	root := parse(t, "testdata/input/patient-example.json")
	traced := ""
	c := &path.Context{
		Variables: map[string]path.Collection{"limit": {path.Integer(2)}, "who": {path.String("Jim")}},
		Trace:     func(name string, c path.Collection) { traced = name + ": " + shown(c) },
	}
	got, err := path.MustCompile("name.given.where($this = %who).trace('found').count() < %limit").Evaluate(root, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	if shown(got) != "boolean true" || traced != "found: string Jim" {
		t.Errorf("got %q and traced %q", shown(got), traced)
	}
}

func TestBoolTellsUnknownFromFalse(t *testing.T) {
	root := parse(t, "testdata/input/patient-example.json")
	for expression, want := range map[string][2]bool{
		"active":                    {true, true},
		"deceased":                  {false, true},
		"link.type = 'x'":           {false, false},
		"name.exists()":             {true, true},
		"gender":                    {true, true},
		"multipleBirth as boolean":  {false, false},
		"birthDate > @1974-12-25T1": {false, false},
	} {
		e, err := path.Compile(expression)
		if err != nil {
			continue
		}
		value, known, err := e.Bool(root, nil, nil)
		if err != nil || [2]bool{value, known} != want {
			t.Errorf("%s: got %t %t %v, want %v", expression, value, known, err, want)
		}
	}
}

func TestPrimitivesWithExtensionsOnlyAreItems(t *testing.T) {
	root := parse(t, "testdata/input/patient-name-extensions.json")
	for expression, want := range map[string]string{
		"name.given.count()":                "integer 2",
		"name.given.first().hasValue()":     "boolean false",
		"name.given.first().extension.url":  "uri https://example.org/syllable-count",
		"name.given.where(hasValue())":      "string James",
		"name.given.first() = 'x'":          "boolean false",
		"name.given.first().length()":       "",
		"name.given.extension.value.type()": "TypeInfo FHIR.string",
	} {
		got, err := path.MustCompile(expression).Evaluate(root, nil, nil)
		if err != nil || shown(got) != want {
			t.Errorf("%s: got %q %v, want %q", expression, shown(got), err, want)
		}
	}
}

func TestUntypedInputIsReadByItsShape(t *testing.T) {
	d, err := fhir.Parse([]byte(`{"name":"x","valueQuantity":{"value":1,"unit":"mg"},"list":[1,2.5,true]}`))
	if err != nil {
		t.Fatal(err)
	}
	for expression, want := range map[string]string{
		"name":              "string x",
		"value as Quantity": "Quantity 1 'mg'",
		"list":              "integer 1, decimal 2.5, boolean true",
		"list[0] + 1":       "integer 2",
	} {
		got, err := path.MustCompile(expression).Evaluate(d.Root(), nil, nil)
		if err != nil || shown(got) != want {
			t.Errorf("%s: got %q %v, want %q", expression, shown(got), err, want)
		}
	}
}

func TestAnExpressionServesManyGoroutines(t *testing.T) {
	e := path.MustCompile("name.where(given = 'Jim').defineVariable('g', given).select(%g & '!').repeat($this)")
	var wg sync.WaitGroup
	for range 8 {
		root := parse(t, "testdata/input/patient-example.json")
		wg.Go(func() {
			for range 200 {
				got, err := e.Evaluate(root, nil, nil)
				if err != nil || shown(got) != "string Jim!" {
					t.Errorf("got %q %v", shown(got), err)
					return
				}
			}
		})
	}
	wg.Wait()
}
