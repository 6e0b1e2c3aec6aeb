package terms

import (
	"fmt"
	"math"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// CompileTariff makes a Tariff of a ChargeItemDefinition. The issues are errors
// for prices that can't be, and warnings for what is not priced by; with any
// error the Tariff is nil.
func CompileTariff(n fhir.Node) (*adjudication.Tariff, []fhir.Issue) {
	c := &tariffCompiler{tariff: &adjudication.Tariff{
		Retired: n.Get("status").Text() != "active",
		Valid:   Period(n.Get("effectivePeriod")),
	}}
	if codes := ServiceCodes(n); len(codes) > 0 {
		c.tariff.Service = codes[0]
	}
	c.tariff.Risky = Extension(n, profiles.ExtensionHighRisk).Get("valueBoolean").Text() == "true"
	c.tariff.Pricing, _ = Package(n)
	c.care(n)
	c.frequency(n)
	c.rules(n)
	for i, context := range Indexed(n.Get("useContext")) {
		c.context(context, fmt.Sprintf("ChargeItemDefinition.useContext[%d]", i))
	}
	for i, group := range Indexed(n.Get("propertyGroup")) {
		c.group(group, fmt.Sprintf("ChargeItemDefinition.propertyGroup[%d]", i))
	}
	if fhir.Failed(c.issues) {
		return nil, c.issues
	}
	return c.tariff, c.issues
}

// ServiceCodes gives the codes a tariff is found by.
func ServiceCodes(n fhir.Node) []adjudication.Code {
	codes := Codings(n.Get("code"))
	for id := range n.Get("identifier").Each() {
		codes = append(codes, adjudication.Code{System: id.Get("system").Text(), Code: id.Get("value").Text()})
	}
	return codes
}

// A tariffCompiler is one run of CompileTariff.
type tariffCompiler struct {
	tariff *adjudication.Tariff
	issues []fhir.Issue
}

func (c *tariffCompiler) issue(severity fhir.Severity, code fhir.IssueType, at, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{Severity: severity, Code: code, Expression: at, Diagnostics: fmt.Sprintf(format, args...)})
}

func (c *tariffCompiler) care(n fhir.Node) {
	c.tariff.Care = CareOf(Extension(n, profiles.ExtensionCareType).At("valueCoding", "code").Text())
}

// CareOf reads openIMIS's care types; every other code is of both kinds.
func CareOf(code string) adjudication.Care {
	switch code {
	case "I":
		return adjudication.CareInpatient
	case "O":
		return adjudication.CareOutpatient
	}
	return adjudication.CareBoth
}

func (c *tariffCompiler) frequency(n fhir.Node) {
	e := Extension(n, profiles.ExtensionFrequency)
	if !e.Exists() {
		return
	}
	months, days, ok := Duration(e.Get("valueDuration"))
	if !ok || months != 0 {
		c.issue(fhir.SeverityError, fhir.IssueBusinessRule, "ChargeItemDefinition.extension('"+profiles.ExtensionFrequency+"')",
			"the frequency is a whole number of days or weeks")
		return
	}
	c.tariff.FrequencyDays = days
}

// context reads for whom a service is, of which category, and where.
func (c *tariffCompiler) context(n fhir.Node, at string) {
	concept := n.Get("valueCodeableConcept")
	switch n.At("code", "code").Text() {
	case "gender":
		switch CodeOf(concept, SystemGender) {
		case "female":
			c.tariff.Sexes = append(c.tariff.Sexes, adjudication.Female)
		case "male":
			c.tariff.Sexes = append(c.tariff.Sexes, adjudication.Male)
		}
	case "age":
		c.age(n, concept, at)
	case "workflow":
		if len(c.tariff.Categories) < categoriesMax {
			c.tariff.Categories = append(c.tariff.Categories, Codings(concept)...)
		}
	case "venue":
		switch CodeOf(concept, SystemActCode) {
		case "AMB":
			c.tariff.Care = adjudication.CareOutpatient
		case "IMP":
			c.tariff.Care = adjudication.CareInpatient
		}
	}
}

// categoriesMax is how many categories a service may be of.
const categoriesMax = 3

func (c *tariffCompiler) age(n, concept fhir.Node, at string) {
	switch CodeOf(concept, profiles.SystemOpenIMISAge) {
	case "adult":
		c.tariff.Ages = append(c.tariff.Ages, adjudication.Adult)
	case "child":
		c.tariff.Ages = append(c.tariff.Ages, adjudication.Child)
	}
	if r := n.Get("valueRange"); r.Exists() {
		from, to, ok := ageRange(r)
		if !ok {
			c.issue(fhir.SeverityWarning, fhir.IssueNotSupported, at, "only ages in whole years (UCUM a) are decided by")
			return
		}
		c.tariff.AgeFrom, c.tariff.AgeTo = from, to
	}
}

// ageRange reads a Range of years; a missing end is open.
func ageRange(r fhir.Node) (from, to int, ok bool) {
	for _, end := range []struct {
		name  string
		years *int
	}{{"low", &from}, {"high", &to}} {
		q := r.Get(end.name)
		if !q.Exists() {
			continue
		}
		months, days, ok := Duration(q)
		if !ok || days != 0 || months%12 != 0 {
			return 0, 0, false
		}
		*end.years = months / 12
	}
	return from, to, true
}

// group reads one price: its list, its days, and its components together.
func (c *tariffCompiler) group(n fhir.Node, at string) {
	list := Extension(n, profiles.ExtensionPriceList)
	if !list.Exists() && n.Get("applicability").Exists() {
		c.issue(fhir.SeverityWarning, fhir.IssueNotSupported, at, "the group has a condition but no %s; no claim is priced by it", profiles.ExtensionPriceList)
		return
	}
	p := adjudication.Price{Valid: Period(Extension(n, profiles.ExtensionPricePeriod).Get("valuePeriod"))}
	if list.Exists() {
		p.List = adjudication.Code{System: list.At("valueCoding", "system").Text(), Code: list.At("valueCoding", "code").Text()}
	}
	for i, component := range Indexed(n.Get("priceComponent")) {
		c.component(&p, component, fmt.Sprintf("%s.priceComponent[%d]", at, i))
	}
	switch {
	case p.Currency == "":
		return
	case p.Amount < 0:
		c.issue(fhir.SeverityError, fhir.IssueBusinessRule, at, "the components make a price below 0")
	}
	c.tariff.Prices = append(c.tariff.Prices, p)
}

// component adds one component to a price. Source: R4 invoice-priceComponentType.
func (c *tariffCompiler) component(p *adjudication.Price, n fhir.Node, at string) {
	money := n.Get("amount")
	if !money.Exists() {
		return
	}
	sign, counts := map[string]fhir.Amount{"base": 1, "surcharge": 1, "tax": 1, "discount": -1, "deduction": -1}[n.Get("type").Text()]
	if !counts {
		return
	}
	value, ok := Amount(money.Get("value"))
	currency := money.Get("currency").Text()
	if !ok || value < 0 || currency == "" {
		c.issue(fhir.SeverityError, fhir.IssueBusinessRule, at+".amount", "a price is 0 or more, with at most four decimals, in a currency")
		return
	}
	if p.Currency != "" && p.Currency != currency {
		c.issue(fhir.SeverityError, fhir.IssueBusinessRule, at+".amount", "all components of a price are in one currency")
		return
	}
	if factor := n.Get("factor"); factor.Exists() {
		f, err := fhir.ParseDecimal(factor.Text())
		product, fits := value.Times(f)
		if err != nil || !fits || product < 0 || product > math.MaxInt64/8 {
			c.issue(fhir.SeverityError, fhir.IssueBusinessRule, at+".factor", "the factor makes no price of the amount")
			return
		}
		value = product
	}
	p.Currency, p.Amount = currency, p.Amount+sign*value
}
