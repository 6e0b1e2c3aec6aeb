package tables

import (
	"encoding/json"
	"strings"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/profiles"
)

// Which claims wait for a person, and how they are looked at.

func reviewColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"name", false, "what the reviewer is told, in one word: large-claim; the kind's own where empty"},
		{"condition", false, "FHIRPath on the Claim: `Claim.total.value > 500000`; a row has this or a kind"},
		{"text", false, "of a condition: why the claim waits, in words"},
		{"kind", false, "amount, share, diagnosis-variance, new-facility, high-risk-service, feedback, signal-score or learned-score; see [review.md](review.md)"},
		{"amount", false, "of amount: claims of more than this wait"},
		{"percentage", false, "of share: of how many claims; of diagnosis-variance: how far above the average"},
		{"seed", false, "of share: what the lot is drawn by"},
		{"history", false, "of diagnosis-variance: how many claims an average takes"},
		{"unknown", false, "of diagnosis-variance: yes where claims without an average wait; no where empty"},
		{"months", false, "of new-facility: how young its contract is; of feedback: how far back"},
		{"claims", false, "of new-facility: how few claims it made; of feedback: how many answers"},
		{"services", false, "of high-risk-service: codes or `SYSTEM\\|CODE`, parted by `;`; those the register marks where empty"},
		{"score", false, "of signal-score and learned-score: above which of 100"},
		{"specialty", false, "who reviews it, as `SYSTEM\\|CODE`"},
	}
}

// reviewKinds are the kinds of rules, of the CodeSystem review-rule.
var reviewKinds = []string{"amount", "share", "diagnosis-variance", "new-facility", "high-risk-service", "feedback", "signal-score", "learned-score"}

// review reads what makes a claim wait for a person: a condition, or a rule of a kind.
func (r *reader) review(d *draft, line row) {
	if name := line.get("name"); name != "" && !fhir.ValidID(name) {
		r.add(line, "name", "write one word of letters, digits, points and hyphens: large-claim", "%.40q is no name of a condition", name)
	}
	faults := len(r.list)
	var e extension
	column := "kind"
	switch condition := line.get("condition"); {
	case condition != "" && line.get("kind") != "":
		r.add(line, "kind", "make a row of each", "a row has a condition or a kind")
	case condition != "":
		column = "condition"
		if line.get("name") == "" {
			r.add(line, "name", "give one word: large-claim", "the condition has no name")
		}
		e = extension{URL: profiles.ExtensionReviewCondition, ValueExpression: &expression{
			Description: line.get("text"), Name: line.get("name"), Language: "text/fhirpath", Expression: condition,
		}}
	case line.get("kind") != "":
		e = extension{URL: profiles.ExtensionReviewRule, Extension: r.reviewRule(d, line)}
	default:
		r.add(line, "condition", "say the condition, or the kind of rule", "the row has neither a condition nor a kind")
	}
	if len(r.list) > faults {
		return
	}
	d.resource.Extension = append(d.resource.Extension, e)
	d.from("InsurancePlan.extension('"+e.URL+"')", line, column)
	r.alone(e, line, column)
}

// alone asks whether an extension can be decided by, so that of several the one at
// fault is named.
func (r *reader) alone(e extension, line row, column string) {
	body, err := json.Marshal(insurancePlan{Extension: []extension{e}})
	if err != nil {
		r.add(line, column, "", "the row can't be written: %v", err)
		return
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		r.add(line, column, "", "the row can't be written: %v", err)
		return
	}
	_, issues := selection.Compile(doc.Root())
	for _, issue := range issues {
		rule, wayOut, _ := strings.Cut(issue.Diagnostics, "; ")
		r.add(line, column, wayOut, "%s", rule)
	}
}

// reviewRule reads the parts of a rule.
func (r *reader) reviewRule(d *draft, line row) []extension {
	parts := []extension{{URL: "kind", ValueCode: r.word(line, "kind", reviewKinds...)}}
	add := func(column string, part extension) {
		if line.get(column) != "" {
			part.URL = column
			parts = append(parts, part)
		}
	}
	add("name", extension{ValueCode: line.get("name")})
	if specialty := line.get("specialty"); specialty != "" {
		add("specialty", extension{ValueCodeableConcept: &concept{Coding: []coding{*codeOf(specialty, "")}}})
	}
	add("amount", extension{ValueMoney: r.money(d, line, "amount")})
	add("percentage", extension{ValueDecimal: r.number(line, "percentage")})
	add("seed", extension{ValueString: line.get("seed")})
	add("history", extension{ValuePositiveInt: r.whole(line, "history")})
	add("unknown", extension{ValueBoolean: yes(r.word(line, "unknown", yesWords...))})
	add("months", extension{ValuePositiveInt: r.whole(line, "months")})
	add("claims", extension{ValuePositiveInt: r.whole(line, "claims")})
	for _, service := range line.list("services") {
		parts = append(parts, extension{URL: "service", ValueCodeableConcept: &concept{Coding: []coding{*codeOf(service, profiles.SystemService)}}})
	}
	add("score", extension{ValueUnsignedInt: r.whole(line, "score")})
	return parts
}

// reviewRow writes a condition or a rule.
func (w *writer) reviewRow(name string, e extension) {
	cells := map[string]string{"product": name}
	if c := e.ValueExpression; c != nil {
		cells["name"], cells["condition"], cells["text"] = c.Name, c.Expression, c.Description
	}
	var services []string
	for _, p := range e.Extension {
		switch p.URL {
		case "service":
			code, _ := p.concept().one()
			services = append(services, codeText(&code, profiles.SystemService))
		case "specialty":
			code, _ := p.concept().one()
			cells[p.URL] = codeText(&code, "")
		case "unknown":
			cells[p.URL] = yesText(p.ValueBoolean)
		default:
			cells[p.URL] = p.ValueCode + p.ValueString + amountText(p.ValueMoney) + p.ValueDecimal.String() + p.ValuePositiveInt.String() + p.ValueUnsignedInt.String()
		}
	}
	cells["services"] = strings.Join(services, listMark)
	w.row(fileReviews, cells)
}

func (e extension) concept() concept {
	if e.ValueCodeableConcept == nil {
		return concept{}
	}
	return *e.ValueCodeableConcept
}

func yesText(b *bool) string {
	if b != nil && *b {
		return "yes"
	}
	return "no"
}
