package adjudication_test

import (
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
)

// The words of the corpus for preauthorizations, packages, other payers and
// accidents:
//
//	claim TZS IMP 2026-09-14 reserves
//	reserved Contract/A benefit 2026-09-20 400000
//	accident work 2026-09-14 employer Contract/mill
//	wage 300000
//	other-paid 130
//	service P-1 package itemised CONS:1,DRUG:2
//	plan P TZS emergency 24 holds 60 coordinates accidents work
//	plan P W-1 covered | wage 80 after 3
//	line 1 S-310 1 x 100 authorised asked-after 1441 other-paid 40
//	line 1 P-1 1 x 100 details CONS:1:60,DRUG:3:30

// request is the preauthorization of a case.
var request = fhir.Key{Type: "Claim", ID: "pre"}

func (p *caseParser) reserved(w []string) {
	p.earlier(w)
	e := p.ledger[len(p.ledger)-1]
	p.c.Reserved = append(p.c.Reserved, adjudication.Reserved{Source: request, Account: e.Account, Bucket: e.Bucket, Day: e.Day, Value: e.Value})
}

func (p *caseParser) accident(w []string) {
	p.c.Accident = adjudication.AccidentOther
	for i, word := range w {
		switch word {
		case "work":
			p.c.Accident = adjudication.AccidentWork
		case "employer":
			p.c.Employer = w[i+1]
		}
	}
	if len(w) > 1 && w[1] != "employer" {
		p.c.AccidentDay, p.c.AccidentDated = p.day(w[1]), true
	}
}

func (p *caseParser) wage(w []string) { p.c.Wage = p.amount(w[0]) }

// parts reads what a package holds, "CONS:1,DRUG:2".
func (p *caseParser) packaged(code string, w []string) {
	i := slices.Index(w, "package")
	if i < 0 {
		return
	}
	p.tariffs[code].Pricing = map[string]adjudication.Pricing{"itemised": adjudication.PricingItemised, "fixed": adjudication.PricingFixed}[w[i+1]]
	for part := range strings.SplitSeq(w[i+2], ",") {
		name, quantity, _ := strings.Cut(part, ":")
		p.parts[code] = append(p.parts[code], adjudication.Part{Service: service(name), Quantity: p.amount(quantity)})
	}
}

func (p *caseParser) planPayers(plan *adjudication.Plan, w []string) {
	for i, word := range w {
		switch word {
		case "emergency":
			plan.EmergencyHours = p.number(w[i+1])
		case "holds":
			plan.AuthorisationDays = p.number(w[i+1])
		case "coordinates":
			plan.Coordinates = true
		case "accidents":
			plan.Accidents = map[string]adjudication.AccidentCover{"work": adjudication.AccidentsWork, "not-work": adjudication.AccidentsNotWork}[w[i+1]]
		}
	}
}

// wageRule reads "wage 80 after 3", and reports false where it is none.
func (p *caseParser) wageRule(plan *adjudication.Plan, cover *adjudication.Cover, w []string) bool {
	if w[0] != "wage" {
		return false
	}
	plan.Wages, cover.Wage = true, &adjudication.WageShare{Share: p.amount(w[1])}
	if len(w) > 3 {
		cover.Wage.After = p.number(w[3])
	}
	return true
}

func (p *caseParser) linePayers(l *adjudication.Line, w []string) {
	l.Parts = slices.Clone(p.parts[w[1]])
	for i := range l.Parts {
		l.Parts[i].Tariff = p.tariffs[l.Parts[i].Service.Code]
	}
	for i, word := range w {
		switch word {
		case "asked-after":
			l.AskedAfter = p.number(w[i+1])
		case "other-paid":
			l.OtherPaid = p.amount(w[i+1])
		case "details":
			p.details(l, w[i+1])
		}
	}
}

func (p *caseParser) details(l *adjudication.Line, list string) {
	for i := range l.Parts {
		l.Parts[i].Detailed = true
	}
	for detail := range strings.SplitSeq(list, ",") {
		words := strings.Split(detail, ":")
		for i := range l.Parts {
			if part := &l.Parts[i]; part.Service.Code == words[0] {
				part.Given, part.Asked = part.Given+p.amount(words[1]), part.Asked+p.amount(words[2])
			}
		}
	}
}

// printPayers writes what each policy pays of a line, where several do.
func printPayers(c adjudication.Case, l *adjudication.LineOutcome) string {
	var b strings.Builder
	for _, part := range l.Paid {
		fmt.Fprintf(&b, "   %-16s%12s\n", "by "+c.Policies[part.Policy].Name, adjudication.Say(part.Benefit, ""))
	}
	return b.String()
}

// printConsumed writes what a claim takes of what is reserved.
func printConsumed(d adjudication.Decision) string {
	var b strings.Builder
	for _, r := range d.Consumed {
		fmt.Fprintf(&b, "consumed %s %s %s %s\n", r.Account, strings.Replace(r.Bucket, categorySystem, "category:", 1), day(r.Day), fhir.Amount(r.Value))
	}
	return b.String()
}
