// Package explain tells how a database runs a search.
package explain

import (
	"encoding/json"
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
)

// Parameters runs a search and gives a Parameters resource that tells each
// statement of it: what it is for, its text and values, the database's plan, how
// many rows it gave and how long it took in milliseconds.
func Parameters(r fhir.Reader, q *fhir.Query) ([]byte, error) {
	explainer, ok := r.(fhir.Explainer)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "this server's database can't tell how it searches")
	}
	page, plan, err := explainer.Explain(q)
	if err != nil {
		return nil, err
	}
	b := []byte(`{"resourceType":"Parameters","parameter":[{"name":"resources","valueInteger":`)
	b = strconv.AppendInt(b, int64(len(page.Resources)), 10)
	b = append(b, '}')
	for _, s := range plan.Statements {
		b = append(b, `,{"name":"statement","part":[{"name":"purpose","valueString":`...)
		b = jsontext.AppendString(b, s.Purpose)
		b = append(b, `},{"name":"sql","valueString":`...)
		b = jsontext.AppendString(b, s.SQL)
		for _, v := range s.Values {
			b = appendText(b, "value", v)
		}
		for _, line := range s.Plan {
			b = appendText(b, "plan", line)
		}
		b = append(b, `},{"name":"rows","valueDecimal":`...)
		b = strconv.AppendInt(b, s.Rows, 10)
		b = append(b, `},{"name":"milliseconds","valueDecimal":`...)
		b = append(b, milliseconds(s.Took)...)
		b = append(b, `}]}`...)
	}
	return append(b, `]}`...), nil
}

// appendText ends the parameter before and begins one with a text; an empty text
// is no value in FHIR, so it says so.
func appendText(b []byte, name, text string) []byte {
	if text == "" {
		text = `""`
	}
	b = append(b, `},{"name":"`...)
	b = append(b, name...)
	b = append(b, `","valueString":`...)
	return jsontext.AppendString(b, text)
}

// milliseconds writes a duration as a JSON number with three decimals.
func milliseconds(d time.Duration) json.Number {
	return json.Number(strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 3, 64))
}
