package tables

import (
	"fmt"
	"strings"

	"bima/profiles"
)

var contributionWords = []string{
	"lumpsum", "premiumAdult", "premiumChild", "registrationLumpsum", "registrationFee", "generalAssemblyLumpSum", "generalAssemblyFee",
}

// contribution reads a row of what a family pays.
func (r *reader) contribution(d *draft, line row) {
	p := &d.resource.Plan[0]
	at := fmt.Sprintf("InsurancePlan.plan[0].generalCost[%d]", len(p.GeneralCost))
	d.from(at, line, "kind")
	d.from(at+".cost", line, "amount")
	d.from(at+".groupSize", line, "threshold")
	p.GeneralCost = append(p.GeneralCost, generalCost{
		Type:      &concept{Coding: []coding{{System: profiles.SystemOpenIMISContribution, Code: r.word(line, "kind", contributionWords...)}}},
		GroupSize: r.whole(line, "threshold"), Cost: r.money(d, line, "amount"), Comment: line.get("comment"),
	})
}

// employment reads a row of a plan that employers choose. The first is the plan of
// the product where that has no number of its own.
func (r *reader) employment(d *draft, line row) {
	number := line.get("plan")
	e := extension{URL: profiles.ExtensionEmploymentContribution}
	for _, who := range []string{"employee", "employer"} {
		r.share(d, line, who, &e)
	}
	for _, bound := range []string{"floor", "ceiling"} {
		if amount := r.money(d, line, bound); amount != nil {
			e.Extension = append(e.Extension, extension{URL: bound, ValueMoney: amount})
		}
	}
	plans := &d.resource.Plan
	if len((*plans)[0].Identifier) == 0 {
		(*plans)[0].Identifier = []identifier{{"", profiles.IdentifierProductPlan, number}}
	}
	at := 0
	if (*plans)[0].Identifier[0].Value != number {
		at = len(*plans)
		*plans = append(*plans, plan{Identifier: []identifier{{"", profiles.IdentifierProductPlan, number}}})
		d.from(fmt.Sprintf("InsurancePlan.plan[%d]", at), line, "plan")
	}
	(*plans)[at].Extension = append((*plans)[at].Extension, e)
	d.from(fmt.Sprintf("InsurancePlan.plan[%d].extension('%s')", at, e.URL), line, "plan")
}

// share reads "11 %", or an amount.
func (r *reader) share(d *draft, line row, who string, e *extension) {
	percent, rated := strings.CutSuffix(line.get(who), "%")
	if !rated {
		if amount := r.money(d, line, who); amount != nil {
			e.Extension = append(e.Extension, extension{URL: who, ValueMoney: amount})
		}
		return
	}
	one := row{file: line.file, line: line.line, cells: map[string]string{who: strings.TrimSpace(percent)}}
	if n := r.number(one, who); n != "" {
		e.Extension = append(e.Extension, extension{URL: who, ValueDecimal: n})
	}
}

// extend adds an extension to the plan.
func (d *draft) extend(e extension, line row, column string) {
	p := &d.resource.Plan[0]
	p.Extension = append(p.Extension, e)
	d.from("InsurancePlan.plan[0].extension('"+e.URL+"')", line, column)
}

func (r *reader) discount(d *draft, line row) {
	d.extend(extension{URL: profiles.ExtensionContributionDiscount, Extension: []extension{
		{URL: "stage", ValueCode: r.word(line, "stage", "enrolment", "renewal")},
		{URL: "percentage", ValueDecimal: r.number(line, "percentage")},
		{URL: "before", ValueDuration: r.time(line, "before")},
	}}, line, "stage")
}

func (r *reader) relative(d *draft, line row) {
	e := extension{URL: profiles.ExtensionRelativePrice, Extension: []extension{
		{URL: "setting", ValueCode: r.word(line, "setting", groups...)},
		{URL: "period", ValueCode: r.word(line, "period", "monthly", "quarterly", "yearly")},
	}}
	for _, text := range line.list("percentages") {
		one := row{file: line.file, line: line.line, cells: map[string]string{"percentages": text}}
		e.Extension = append(e.Extension, extension{URL: "percentage", ValueDecimal: r.number(one, "percentages")})
	}
	d.extend(e, line, "percentages")
}

// weights are the columns of a capitation, each with its part of the extension.
var weights = []struct{ column, part string }{
	{"share", "share"},
	{"population", "population"},
	{"families", "families"},
	{"insured", "insured"},
	{"insured_families", "insuredFamilies"},
	{"visits", "visits"},
	{"amount", "amount"},
}

// levelOf reads a level of facilities: one of openIMIS's, or "SYSTEM|CODE" for a
// scheme's own.
func levelOf(text string) coding {
	if system, code, own := strings.Cut(text, "|"); own {
		return coding{System: system, Code: code}
	}
	return coding{System: profiles.SystemOpenIMISFacilityLevel, Code: text}
}

func (r *reader) capitation(d *draft, line row) {
	e := extension{URL: profiles.ExtensionCapitation}
	for _, level := range line.list("levels") {
		e.Extension = append(e.Extension, extension{URL: "level", ValueCodeableConcept: &concept{Coding: []coding{levelOf(level)}}})
	}
	for _, w := range weights {
		if n := r.number(line, w.column); n != "" {
			e.Extension = append(e.Extension, extension{URL: w.part, ValueDecimal: n})
		}
	}
	d.extend(e, line, "share")
}
