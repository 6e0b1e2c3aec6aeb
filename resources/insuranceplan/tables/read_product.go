package tables

import (
	"encoding/json"
	"fmt"

	"bima/adjudication/terms"
	"bima/profiles"
)

// The words of columns that are no code of FHIR's to look up.
var (
	kindWords     = []string{"contributory", "employer", "private", "subsidised", "voucher", "tracking"}
	statusWords   = []string{"draft", "active", "retired"}
	scopeWords    = []string{"stay", "hospital"}
	calendarWords = []string{"gregorian", "bikram-sambat"}
	reversalWords = []string{"suspend", "arrears"}
)

// medical is the type of a product, and of what it covers, that says none.
const medical = "medical"

// product reads a row of the products.
func (r *reader) product(line row) {
	d := &draft{top: line, currency: line.get("currency"), covered: map[coding]int{}, costed: map[coding]int{}}
	d.resource.ResourceType = "InsurancePlan"
	r.identify(d)
	r.drafts = append(r.drafts, d)
	p := &d.resource
	p.Name, p.Alias = line.get("name"), line.list("alias")
	if p.Status = r.word(line, "status", statusWords...); p.Status == "" {
		p.Status = "draft"
	}
	var types []coding // of one concept: FAIS's profile allows one
	if kind := r.word(line, "kind", kindWords...); kind != "" {
		types = append(types, coding{System: profiles.SystemProductKind, Code: kind})
		d.from("InsurancePlan.type[0]", line, "kind")
	}
	if typ := line.get("type"); typ != "" {
		types = append(types, coding{System: terms.SystemInsurancePlanType, Code: typ})
	}
	if len(types) > 0 {
		p.Type = []concept{{Coding: types}}
	}
	p.Period = &period{Start: r.day(line, "start"), End: r.day(line, "end")}
	d.from("InsurancePlan.period", line, "end")
	r.parties(d)
	r.parameters(d)
	r.policy(d)
	r.plan(d)
}

// parties reads who is behind the product, where it is sold and who is paid.
func (r *reader) parties(d *draft) {
	line, p := d.top, &d.resource
	p.OwnedBy = r.resource(line, "owner", line.get("owner"), "Organization", "")
	p.AdministeredBy = r.resource(line, "administrator", line.get("administrator"), "Organization", "")
	if p.AdministeredBy == nil {
		p.AdministeredBy = p.OwnedBy
	}
	p.CoverageArea = r.resources(line, "area", "Location", profiles.IdentifierLocation)
	p.Coverage = []coverage{{
		Type:    concept{Coding: []coding{{System: terms.SystemInsurancePlanType, Code: medical}}},
		Network: r.resources(line, "network", "Organization", profiles.IdentifierFacility),
	}}
	d.from("InsurancePlan.ownedBy", line, "owner")
	d.from("InsurancePlan.administeredBy", line, "administrator")
	d.from("InsurancePlan.coverageArea", line, "area")
	d.from("InsurancePlan.coverage[0].network", line, "network")
}

// parameters reads what stands on the product as a whole.
func (r *reader) parameters(d *draft) {
	line := d.top
	add := func(column string, e extension) {
		d.resource.Extension = append(d.resource.Extension, e)
		d.from("InsurancePlan.extension('"+e.URL+"')", line, column)
	}
	if calendar := r.word(line, "calendar", calendarWords...); calendar != "" {
		add("calendar", extension{URL: profiles.ExtensionCycleCalendar, ValueCode: calendar})
	}
	for _, day := range line.list("cycles") {
		add("cycles", extension{URL: profiles.ExtensionOpenIMISStartCycle, ValueString: day})
	}
	if n := r.whole(line, "max_installments"); n != "" {
		add("max_installments", extension{URL: profiles.ExtensionOpenIMISMaxInstallments, ValueUnsignedInt: n})
	}
	if n := r.whole(line, "age_of_majority"); n != "" {
		add("age_of_majority", extension{URL: profiles.ExtensionAgeOfMajority, ValueUnsignedInt: n})
	}
	if scope := r.word(line, "ceiling_scope", scopeWords...); scope != "" {
		add("ceiling_scope", extension{URL: profiles.ExtensionCeilingScope, ValueCode: scope})
	}
	if before := r.resource(line, "predecessor", line.get("predecessor"), "InsurancePlan", ""); before != nil {
		add("predecessor", extension{URL: profiles.ExtensionProductPredecessor, ValueReference: before})
	}
	r.rules(d, add)
	if rule := r.word(line, "reversal_rule", reversalWords...); rule != "" {
		add("reversal_rule", extension{URL: profiles.ExtensionReversalRule, ValueCode: rule})
	}
	for _, purpose := range []string{"contribution", "remuneration"} {
		if account := line.get("account_" + purpose); account != "" {
			add("account_"+purpose, extension{URL: profiles.ExtensionAccountingCode, Extension: []extension{
				{URL: "purpose", ValueCode: purpose}, {URL: "account", ValueString: account},
			}})
		}
	}
}

// convert reads what policies are renewed to: another product of the folder, or
// one that is stored.
func (r *reader) convert() {
	for _, d := range r.drafts {
		text := d.top.get("conversion")
		to := r.resource(d.top, "conversion", text, "InsurancePlan", profiles.IdentifierProduct)
		if to == nil {
			continue
		}
		if to.Reference != text {
			to.Reference += "&status=active"
		}
		for _, other := range r.drafts {
			if other.number == text && other != d {
				to.Reference = "InsurancePlan/" + other.resource.ID
			}
		}
		d.resource.Extension = append(d.resource.Extension, extension{URL: profiles.ExtensionOpenIMISConversion, ValueReference: to})
		d.from("InsurancePlan.extension('"+profiles.ExtensionOpenIMISConversion+"')", d.top, "conversion")
	}
}

// policy reads how long a policy lasts and how many it covers: limits of the
// first benefit, which is about the policy itself.
func (r *reader) policy(d *draft) {
	var limits []limit
	add := func(column, code string, value *quantity) {
		limits = append(limits, limit{Value: value, Code: &concept{Coding: []coding{{System: profiles.SystemOpenIMISBenefitLimit, Code: code}}}})
		d.from(fmt.Sprintf("InsurancePlan.coverage[0].benefit[0].limit[%d]", len(limits)-1), d.top, column)
	}
	if length := r.time(d.top, "insurance_period"); length != nil {
		add("insurance_period", "period", length)
	}
	if n := r.whole(d.top, "max_members"); n != "" {
		add("max_members", "memberCount", count(n, "member"))
	}
	if len(limits) > 0 {
		d.resource.Coverage[0].Benefit = []benefit{{Type: concept{Coding: []coding{{System: terms.SystemInsurancePlanType, Code: medical}}}, Limit: limits}}
	}
}

// policyPeriods are the columns of spans in the life of a policy.
var policyPeriods = []struct{ column, kind string }{
	{"administration_period", "administration"},
	{"grace_enrolment", "grace-enrolment"},
	{"grace_renewal", "grace-renewal"},
	{"grace_payment", "grace-payment"},
	{"recurrence", "recurrence"},
}

// plan reads what stands on the one plan of the product.
func (r *reader) plan(d *draft) {
	d.resource.Plan = make([]plan, 1)
	p := &d.resource.Plan[0]
	if number := d.top.get("plan"); number != "" {
		p.Identifier = []identifier{{"", profiles.IdentifierProductPlan, number}}
	}
	for _, period := range policyPeriods {
		if length := r.time(d.top, period.column); length != nil {
			p.Extension = append(p.Extension, extension{URL: profiles.ExtensionContributionPeriod, Extension: []extension{
				{URL: "kind", ValueCode: period.kind}, {URL: "duration", ValueDuration: length},
			}})
			d.from("InsurancePlan.plan[0].extension('"+profiles.ExtensionContributionPeriod+"')", d.top, period.column)
		}
	}
}

// money gives an amount in the product's currency.
func (r *reader) money(d *draft, line row, column string) *money {
	n := r.number(line, column)
	if n == "" {
		return nil
	}
	r.paid(d)
	return &money{Value: n, Currency: d.currency}
}

// paid asks for the currency, once.
func (r *reader) paid(d *draft) {
	if d.currency == "" {
		r.add(d.top, "currency", "name the currency, such as TZS", "the product has amounts and no currency")
		d.currency = "?"
	}
}

// sum gives an amount as a Quantity, as the costs of a plan have it.
func (r *reader) sum(d *draft, n json.Number) *quantity {
	r.paid(d)
	return &quantity{Value: n, Unit: d.currency, System: terms.SystemCurrency, Code: d.currency}
}
