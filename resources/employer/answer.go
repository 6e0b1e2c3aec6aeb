package employer

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"strconv"

	"bima/fhir"
	"bima/fhir/datatype"
)

// reportHeader names the columns of a report.
var reportHeader = []string{"row", "insurance_number", "national_id", "plan", "income", "employee_share", "employer_share", "status", "column", "message", "way_out"}

// answer spells what came of a declaration.
func (d *declaration) answer(r fhir.Reader) (*fhir.Resource, error) {
	report, err := d.report()
	if err != nil {
		return nil, err
	}
	people := map[fhir.Key]bool{}
	var total fhir.Amount
	for at, c := range d.asks {
		people[at.person], total = true, total+c.total()
	}
	var list []any
	add := func(name, value string, v any) { list = append(list, map[string]any{"name": name, value: v}) }
	add("period", "valueDate", d.month.String())
	add("employees", "valueUnsignedInt", len(people))
	add("joined", "valueUnsignedInt", d.joined)
	add("left", "valueUnsignedInt", len(d.left))
	add("errors", "valueUnsignedInt", len(d.reading.problems))
	if len(d.reading.problems) == 0 {
		add("total", "valueMoney", amount(fhir.Money{Value: total, Currency: d.currency()}))
		add("correction", "valueMoney", amount(fhir.Money{Value: d.net, Currency: d.currency()}))
	}
	for _, k := range d.changed {
		invoice, err := r.Read(k)
		if err != nil {
			return nil, err
		}
		list = append(list, map[string]any{"name": "invoice", "resource": rawJSON(invoice.Body)})
	}
	add("report", "valueBase64Binary", base64.StdEncoding.EncodeToString(report))
	body := datatype.JSON(map[string]any{"resourceType": "Parameters", "parameter": list})
	return &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}, nil
}

// report writes the table of what became of each row.
func (d *declaration) report() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	lines := [][]string{reportHeader}
	for _, r := range d.reading.rows {
		lines = append(lines, d.reportRow(r)...)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Error()
}

// reportRow tells of a row: a line for each plan, or for each problem.
func (d *declaration) reportRow(r *declared) [][]string {
	line := func(more ...string) []string {
		return append([]string{strconv.Itoa(r.row.number), r.row.get(columnNumber), r.row.get(columnNational)}, more...)
	}
	var lines [][]string
	for _, p := range d.reading.problems {
		if p.row == r.row.number {
			lines = append(lines, line(r.row.get(columnPlan), r.row.get(columnIncome), "", "", "refused", p.column, p.message, p.wayOut))
		}
	}
	if lines != nil || len(d.reading.problems) > 0 {
		if lines == nil {
			lines = append(lines, line(r.row.get(columnPlan), r.row.get(columnIncome), "", "", "good", "", "", ""))
		}
		return lines
	}
	state := "declared"
	if d.dry {
		state = "would-declare"
	}
	for _, p := range r.plans {
		c := d.asks[entry{r.person, p.code}]
		lines = append(lines, line(p.code, r.income.String(), c.employee.String(), c.employer.String(), state, "", "", ""))
	}
	return lines
}
