package tables

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"bima/fhir"
)

// ucum is the system of units of time and of counts.
const ucum = "http://unitsofmeasure.org"

// times are the units of time: what a cell may call them, and what UCUM does. The
// first of each is what is written.
var times = []struct {
	code  string
	words []string
}{
	{"mo", []string{"month", "months", "mo"}},
	{"d", []string{"day", "days", "d"}},
	{"wk", []string{"week", "weeks", "wk"}},
	{"a", []string{"year", "years", "a"}},
	{"h", []string{"hour", "hours", "h"}},
}

// plainNumber is a decimal as JSON has it.
var plainNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$`)

// number reads a decimal of 0 or more, as it is written.
func (f *faults) number(r row, column string) json.Number {
	text := r.get(column)
	if text != "" && !plainNumber.MatchString(text) {
		f.add(r, column, "write it as 60000 or 12.5, without signs or spaces between", "%.40q is no number of 0 or more with at most four decimals", text)
		return ""
	}
	return json.Number(text)
}

// whole reads a whole number of 0 or more.
func (f *faults) whole(r row, column string) json.Number {
	n := f.number(r, column)
	if strings.Contains(n.String(), ".") {
		f.add(r, column, "write it without a point", "%s is no whole number", n)
		return ""
	}
	return n
}

// time reads "6 months".
func (f *faults) time(r row, column string) *quantity {
	text := r.get(column)
	if text == "" {
		return nil
	}
	count, unit, _ := strings.Cut(text, " ")
	for _, t := range times {
		if slices.Contains(t.words, strings.ToLower(strings.TrimSpace(unit))) && plainNumber.MatchString(count) && !strings.Contains(count, ".") {
			return duration(count, t.code)
		}
	}
	f.add(r, column, "write it as 12 months, 14 days, 2 weeks or 1 year", "%.40q is no time", text)
	return nil
}

// duration writes a time as FHIR does, with its unit in words.
func duration(count, code string) *quantity {
	q := &quantity{Value: json.Number(count), System: ucum, Code: code}
	for _, t := range times {
		if t.code == code {
			q.Unit = t.words[1]
			if count == "1" {
				q.Unit = t.words[0]
			}
		}
	}
	return q
}

// timeText writes a time as a cell.
func timeText(q *quantity) string {
	if q == nil {
		return ""
	}
	return q.Value.String() + " " + duration(q.Value.String(), q.Code).Unit
}

// count writes a number of things, "{visit}".
func count(n json.Number, thing string) *quantity {
	q := &quantity{Value: n, Unit: thing + "s", System: ucum, Code: "{" + thing + "}"}
	if n == "1" {
		q.Unit = thing
	}
	return q
}

// day reads a date.
func (f *faults) day(r row, column string) string {
	text := r.get(column)
	if text == "" {
		return ""
	}
	if _, err := fhir.ParseDate(text); err != nil || len(text) != len("2026-01-01") {
		f.add(r, column, "write it as 2026-01-31", "%.40q is no day", text)
		return ""
	}
	return text
}

// word reads one of some words.
func (f *faults) word(r row, column string, words ...string) string {
	text := r.get(column)
	if text != "" && !slices.Contains(words, text) {
		f.add(r, column, "there are "+strings.Join(words, ", "), "%.40q is none of those it may be", text)
		return ""
	}
	return text
}

// resource reads what names a resource: "Type/ID", or where system is given a
// number or code that it bears, which is looked up when the product is stored.
func (f *faults) resource(r row, column, text, typ, system string) *reference {
	name, id, literal := strings.Cut(text, "/")
	switch {
	case text == "":
		return nil
	case literal && name == typ && fhir.ValidID(id):
		return &reference{text}
	case literal || system == "":
		f.add(r, column, "write "+typ+"/ID", "%.80q names no %s", text, typ)
		return nil
	}
	return &reference{typ + "?identifier=" + system + "|" + url.QueryEscape(text)}
}

func (f *faults) resources(r row, column, typ, system string) []reference {
	var list []reference
	for _, text := range r.list(column) {
		if ref := f.resource(r, column, text, typ, system); ref != nil {
			list = append(list, *ref)
		}
	}
	return list
}
