package terms

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// What products say of preauthorization, of other payers, of accidents at work and
// of wages; and tariffs of packages.

const (
	// holdsMax is the longest time a preauthorization may hold, ten years; asksMax
	// the longest time after admission an emergency may be asked for, a year in hours.
	holdsMax = 3650
	asksMax  = 8784
	// monthDays is what a month counts in days of a preauthorization.
	monthDays = 30
)

// payers reads what holds for the whole product.
func (c *planCompiler) payers(n fhir.Node) {
	agreed := Extension(n, profiles.ExtensionPreauthorizationTerms)
	if length := Extension(agreed, "length"); length.Exists() {
		months, days, ok := Duration(length.Get("valueDuration"))
		c.plan.AuthorisationDays = months*monthDays + days
		if !ok || c.plan.AuthorisationDays < 1 || c.plan.AuthorisationDays > holdsMax {
			c.wrong(rootExtension(profiles.ExtensionPreauthorizationTerms), "a preauthorization holds for a whole number of days, weeks, months or years, up to ten years")
		}
	}
	if emergency := Extension(agreed, "emergency"); emergency.Exists() {
		hours, ok := hoursOf(emergency.Get("valueDuration"))
		c.plan.EmergencyHours = hours
		if !ok {
			c.wrong(rootExtension(profiles.ExtensionPreauthorizationTerms), "emergencies are asked for within a whole number of hours or days, up to a year")
		}
	}
	c.plan.Coordinates = Extension(n, profiles.ExtensionCoordinationOfBenefits).Get("valueBoolean").Text() == "true"
	c.plan.Accidents = adjudication.AccidentCover(c.word(n, profiles.ExtensionAccidentCover, "any", "work", "not-work"))
}

// hoursOf reads a Duration in hours or days. Source: UCUM (h, d).
func hoursOf(n fhir.Node) (int, bool) {
	value, ok := Amount(n.Get("value"))
	if !ok || value < OneUnit || value%OneUnit != 0 || value > asksMax*OneUnit {
		return 0, false
	}
	hours := int(value / OneUnit)
	unit := n.Get("code").Text()
	if unit == "" {
		unit = n.Get("unit").Text()
	}
	switch unit {
	case "h", "hour", "hours":
	case "d", "day", "days":
		hours *= 24
	default:
		return 0, false
	}
	return hours, hours <= asksMax
}

// wage reads how an entry replaces wages.
func (c *planCompiler) wage(t target, n fhir.Node, at string) {
	e := Extension(n, profiles.ExtensionWageReplacement)
	if !e.Exists() {
		return
	}
	at += ".extension('" + profiles.ExtensionWageReplacement + "')"
	share, ok := Amount(Extension(e, "share").Get("valueDecimal"))
	if !ok || share <= 0 || share > 100*OneUnit {
		c.wrong(at, "the share of the wage is a percentage above 0 and up to 100, with at most four decimals")
		return
	}
	after, said := Amount(Extension(e, "after").Get("valueUnsignedInt"))
	if said && (after < 0 || after > asksMax*OneUnit) {
		c.wrong(at, "the days that are not replaced are a number of 0 or more, up to %d", asksMax)
		return
	}
	if t.name == "" {
		c.wrong(at, "wages are replaced by a benefit of their own: name its service")
		return
	}
	c.once(at, "wage|", t.name)
	t.cover.Wage, c.plan.Wages = &adjudication.WageShare{Share: share, After: int(after / OneUnit)}, true
}

// Package reads what a package is made of; PricingSingle is none.
func Package(n fhir.Node) (adjudication.Pricing, []adjudication.Part) {
	e := Extension(n, profiles.ExtensionServicePackage)
	pricing := map[string]adjudication.Pricing{
		"itemised": adjudication.PricingItemised, "fixed": adjudication.PricingFixed,
	}[Extension(e, "pricing").Get("valueCode").Text()]
	if pricing == adjudication.PricingSingle {
		return pricing, nil
	}
	var parts []adjudication.Part
	for _, part := range Extensions(e, "part") {
		quantity, ok := Amount(Extension(part, "quantity").Get("valueDecimal"))
		codes := Codings(Extension(part, "service").Get("valueCoding"))
		if ok && quantity > 0 && len(codes) == 1 {
			parts = append(parts, adjudication.Part{Service: codes[0], Quantity: quantity})
		}
	}
	return pricing, parts
}
