package main

import (
	"fmt"

	"bima/profiles"
)

// What the District Health Plan says; product puts it into an InsurancePlan and
// the README tells it in words.
const (
	planID          = "district-health-plan"
	planVersion     = "InsurancePlan/" + planID + "/_history/1"
	lumpSum         = 60000 // for up to threshold members
	threshold       = 4
	premiumAdult    = 15000
	premiumChild    = 7500
	shareGeneral    = 10     // per cent, the member's
	shareMaternity  = 0      // per cent
	familyCeiling   = 600000 // a year
	deductible      = 5000   // a member and year
	fixedLimitMinor = 70000  // a unit of S-310
	waitingHernia   = 6      // months, adults
	physiotherapy   = 6      // sessions a member and year
	antenatalVisits = 4      // a pregnancy
	reviewAbove     = 500000
)

func product() object {
	return object{
		"resourceType", "InsurancePlan", "id", planID,
		"extension",
		[]object{
			extension("age-of-majority", "valueUnsignedInt", 18),
			{"url", profiles.ExtensionOpenIMISMaxInstallments, "valueUnsignedInt", 3},
			extension("review-condition", "valueExpression", object{
				"name", "large-claim", "language", "text/fhirpath", "expression", fmt.Sprintf("Claim.total.value > %d", reviewAbove),
			}),
		},
		"identifier",
		[]object{
			{"use", "official", "system", profiles.IdentifierProduct, "value", "DHP"},
			{"use", "secondary", "system", profiles.IdentifierProductVersion, "value", "DHP|2025"},
		},
		"status", "active", "type",
		[]object{{"coding", []object{
			{"system", profiles.SystemProductKind, "code", "contributory"}, {"system", hl7 + "insurance-plan-type", "code", "medical"},
		}}},
		"name", "District Health Plan",
		"period", period("2025-01-01", ""),
		"ownedBy", ref("Organization/scheme"), "administeredBy", ref("Organization/scheme"),
		"coverageArea", refs("Location/district-sagara"),
		"coverage",
		[]object{{"type", medical(), "network", refs("Organization/facility-1", "Organization/facility-2", "Organization/facility-3"), "benefit", benefits()}},
		"plan",
		[]object{{
			"extension",
			[]object{{
				"url", profiles.ExtensionContributionDiscount,
				"extension",
				[]object{
					{"url", "stage", "valueCode", "renewal"},
					{"url", "percentage", "valueDecimal", 10},
					{"url", "before", "valueDuration", ucum(1, "month", "mo")},
				},
			}},
			"identifier",
			[]object{identifier(profiles.IdentifierProductPlan, "DHP-STD")},
			"generalCost", contributionRates(),
			"specificCost",
			[]object{{"category", medical(), "benefit", costs()}},
		}},
	}
}

func medical() object { return concept(hl7+"insurance-plan-type", "medical", "") }

// benefits says what is covered: the limits of the whole, each covered service,
// and the antenatal visits.
func benefits() []object {
	list := []object{{
		"type", medical(),
		"limit",
		[]object{
			{"value", ucum(12, "months", "mo"), "code", concept(profiles.SystemOpenIMISBenefitLimit, "period", "")},
			{"value", ucum(10, "members", "{member}"), "code", concept(profiles.SystemOpenIMISBenefitLimit, "memberCount", "")},
		},
	}}
	for _, s := range services {
		if !s.uncovered {
			list = append(list, s.benefit())
		}
	}
	return append(list, object{
		"type", concept(profiles.SystemOpenIMISServiceKind, "A", "Antenatal"),
		"limit",
		[]object{{
			"extension",
			[]object{qualifier(hl7+"benefit-unit", "individual"), qualifier(profiles.SystemLimitTerm, "pregnancy")},
			"value", ucum(antenatalVisits, "visits", "{visit}"),
			"code", concept(hl7+"benefit-type", "visit", ""),
		}},
	})
}

func qualifier(system, code string) object {
	return extension("benefit-qualifier", "valueCodeableConcept", concept(system, code, ""))
}

func (s service) benefit() object {
	var b object
	if s.code == "S-311" {
		b = append(b, "extension", []object{waiting(waitingHernia, "adult"), waiting(0, "child")})
	}
	b = append(b, "type", concept(profiles.SystemService, s.code, s.name))
	if s.code == "S-501" {
		b = append(b, "limit", []object{{
			"extension",
			[]object{qualifier(hl7+"benefit-unit", "individual"), qualifier(hl7+"benefit-term", "annual")},
			"value", ucum(physiotherapy, "units", "{unit}"),
			"code", concept(profiles.SystemLimit, "quantity", ""),
		}})
	}
	return b
}

func waiting(months int, age string) object {
	return object{
		"url", profiles.ExtensionWaitingPeriod,
		"extension",
		[]object{
			{"url", "duration", "valueDuration", ucum(months, "months", "mo")},
			{"url", "qualifier", "valueCodeableConcept", concept(profiles.SystemOpenIMISAge, age, "")},
		},
	}
}

func contributionRates() []object {
	rate := func(kind string, value int64, comment string) object {
		return object{
			"type", concept(profiles.SystemOpenIMISContribution, kind, ""),
			"cost", money(shillings(value)), "comment", comment,
		}
	}
	whole := rate("lumpsum", lumpSum, "A family of up to four persons")
	whole = append(whole[:2:2], append(object{"groupSize", threshold}, whole[2:]...)...)
	return []object{
		whole,
		rate("premiumAdult", premiumAdult, "Each adult beyond the four"),
		rate("premiumChild", premiumChild, "Each child beyond the four"),
	}
}

// costs says who pays which share.
func costs() []object {
	return []object{
		{
			"extension",
			[]object{extension("price-origin", "valueCode", "list")},
			"type", concept(profiles.SystemBenefit, "all", "All benefits of the plan"),
			"cost",
			[]object{
				share(shareGeneral),
				cost("deductible", "Borne by each member before the plan pays", deductible, concept(hl7+"benefit-unit", "individual", ""), concept(hl7+"benefit-term", "annual", "")),
				cost("benefit", "Ceiling of the family", familyCeiling, concept(hl7+"benefit-unit", "family", ""), concept(hl7+"benefit-term", "annual", "")),
			},
		},
		{"type", concept(profiles.SystemOpenIMISServiceKind, "A", "Antenatal"), "cost", []object{share(shareMaternity)}},
		{"type", concept(profiles.SystemOpenIMISServiceKind, "D", "Delivery"), "cost", []object{share(shareMaternity)}},
		{
			"type", concept(profiles.SystemService, "S-310", "Minor surgery"),
			"cost",
			[]object{cost("benefit", "Fixed limit", fixedLimitMinor, concept(profiles.SystemLimitTerm, "unit", "Per unit"))},
		},
	}
}

func share(percent int) object {
	return object{
		"type", concept(hl7+"benefit-type", "copay-percent", ""),
		"value", ucum(percent, "%", "%"),
	}
}

func cost(kind, text string, value int64, qualifiers ...object) object {
	return object{
		"type",
		object{"coding", []object{coding(hl7+"benefit-type", kind, "")}, "text", text},
		"qualifiers", qualifiers,
		"value",
		object{"value", shillings(value), "unit", "TZS", "system", currency, "code", "TZS"},
	}
}
