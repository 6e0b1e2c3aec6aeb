package searchtest

import (
	"net/url"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// queriesOf gives the value that finds what was indexed for a parameter, and one
// that does not, escaped for a URL; false when nothing was indexed.
func queriesOf(p *r4.SearchParam, x *fhir.Index) (hit, miss string, ok bool) {
	hit, miss = firstOf(p.Code, p.Kind, x)
	if len(p.Components) == 3 && hit != "" {
		first, _, _ := strings.Cut(hit, "$")
		hit, miss = first+"$gt4.5$le7", first+"$gt4.5$gt7"
	}
	return url.QueryEscape(hit), url.QueryEscape(miss), hit != ""
}

// firstOf reads the first row of the parameter.
func firstOf(code, kind string, x *fhir.Index) (hit, miss string) {
	switch kind {
	case "token":
		for _, r := range rowsOf(x.Tokens, func(r fhir.TokenRow) bool { return r.Param == code }) {
			return token(r), "http://example.org/none|none"
		}
	case "string":
		for _, r := range rowsOf(x.Strings, func(r fhir.StringRow) bool { return r.Param == code }) {
			return escape(r.Normal), "nothing of the kind"
		}
	case "reference":
		for _, r := range rowsOf(x.References, func(r fhir.ReferenceRow) bool { return r.Param == code }) {
			return reference(r), "none"
		}
	case "date":
		for range rowsOf(x.Dates, func(r fhir.DateRow) bool { return r.Param == code }) {
			return "2026-09", "1901"
		}
	case "number":
		for range rowsOf(x.Numbers, func(r fhir.NumberRow) bool { return r.Param == code }) {
			return "gt4.5", "gt100"
		}
	case "quantity":
		for _, r := range rowsOf(x.Quantities, func(r fhir.QuantityRow) bool { return r.Param == code }) {
			return "gt4.5|" + r.System + "|" + r.Code, "gt100|" + r.System + "|" + r.Code
		}
	case "uri":
		for _, r := range rowsOf(x.URIs, func(r fhir.URIRow) bool { return r.Param == code }) {
			return escape(r.URI), "http://example.org/none"
		}
	case "special":
		for range rowsOf(x.Positions, func(r fhir.PositionRow) bool { return r.Param == code }) {
			return "-6.81|39.29|5|km", "-6.81|39.29|1|km"
		}
	case "composite":
		for _, r := range rowsOf(x.Composites, func(r fhir.CompositeRow) bool { return r.Param == code }) {
			return token(r.First) + "$" + second(r), "none$" + second(r)
		}
	}
	return "", ""
}

func rowsOf[Row any](rows []Row, of func(Row) bool) []Row {
	var out []Row
	for _, r := range rows {
		if of(r) {
			out = append(out, r)
		}
	}
	return out
}

func token(r fhir.TokenRow) string {
	if r.System == "" {
		return escape(r.Code)
	}
	return escape(r.System) + "|" + escape(r.Code)
}

func reference(r fhir.ReferenceRow) string {
	if r.Key.IsZero() {
		return escape(r.URL)
	}
	return r.Key.String()
}

// second gives the second part of a composite, by what its row holds.
func second(r fhir.CompositeRow) string {
	const micros = 1e14 // dates are far from zero, numbers of the samples are not
	switch {
	case r.Text != "":
		return escape(r.Text)
	case r.High > micros:
		return "2026-09"
	case r.Low != 0 || r.High != 0:
		return "gt4.5|" + r.Second.System + "|" + r.Second.Code
	}
	return token(r.Second)
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`)

func escape(s string) string { return escaper.Replace(s) }
