package openimis

import (
	"encoding/json"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

const (
	systemCategory    = profiles.OpenIMIS + "/CodeSystem/activity-definition-usage-context-workflow-type"
	systemBenefitType = hl7 + "benefit-type"
)

// The names that openIMIS has for what is left of visits and of money, by the
// category of services that a limit is on. Source: openIMIS, coverage-item-benefit-type.
var (
	visitsLeft = map[string]string{
		"H": "admissions_left", "C": "consultations_left", "S": "surgeries_left", "D": "deliveries_left", "V": "visits_left", "A": "antenatal_left",
	}
	moneyLeft = map[string]string{
		"H": "hospitalization_amount", "C": "consultation_amount", "S": "surgery_amount", "D": "delivery_amount", "A": "antenatal_amount",
	}
)

// A balance is the least that is left under one of openIMIS's names.
type balance struct {
	amount   fhir.Amount // money, or a number of visits
	currency string
	counts   bool
}

// balanceNames are the names in the order in which they are told.
var balanceNames = []string{
	"admissions_left", "consultations_left", "surgeries_left", "deliveries_left", "visits_left", "antenatal_left",
	"hospitalization_amount", "consultation_amount", "surgery_amount", "delivery_amount", "antenatal_amount",
	"total_ceiling", "hospital_ceiling", "non_hospital_ceiling", "total_deduction", "hospital_deduction", "non_hospital_deduction",
}

// left gives what is left under a policy by openIMIS's names: of several limits of
// one name the least. Nothing left is told as 0, no limit not at all.
func left(items []any) []any {
	least := map[string]balance{}
	for _, one := range items {
		item, _ := one.(dialect.Object)
		if dialect.Child(item, "productOrService") != nil {
			continue
		}
		for _, b := range dialect.Each(item, "benefit") {
			name, found := leftOf(item, b)
			if before, again := least[name]; name != "" && (!again || found.amount < before.amount) {
				least[name] = found
			}
		}
	}
	list := []any{}
	for _, name := range balanceNames {
		b, ok := least[name]
		if !ok {
			continue
		}
		told := dialect.Object{"type": dialect.Concept(systemBenefit, name, "")}
		if b.counts {
			told["allowedUnsignedInt"] = dialect.Decimal(b.amount)
		} else {
			told["allowedMoney"] = money(b.amount, b.currency)
		}
		list = append(list, told)
	}
	return list
}

// leftOf gives one limit by openIMIS's name; "" where it has none for it.
func leftOf(item, benefit dialect.Object) (string, balance) {
	extension := dialect.Extension(benefit, profiles.ExtensionBenefitLeft)
	category := dialect.Child(item, "category")
	of := dialect.Code(category, systemCategory)
	all := dialect.Code(category, profiles.SystemBenefit) == "all"
	kind := dialect.Code(dialect.Child(benefit, "type"), systemBenefitType)
	if kind == "visit" {
		count, err := fhir.ParseAmount(dialect.Text(extension, "valueDecimal"))
		if err != nil || count != count.Round(0) {
			return "", balance{}
		}
		if all {
			of = "V"
		}
		return visitsLeft[of], balance{amount: max(count, 0), counts: true}
	}
	value := dialect.Child(extension, "valueMoney")
	amount, err := fhir.ParseAmount(dialect.Text(value, "value"))
	if err != nil {
		return "", balance{}
	}
	b := balance{amount: amount, currency: dialect.Text(value, "currency")}
	switch {
	case kind == "benefit" && !all:
		return moneyLeft[of], b
	case kind == "benefit":
		return setting(item) + "ceiling", b
	case kind == "deductible" && all:
		return setting(item) + "deduction", b
	}
	return "", b
}

// setting gives what the names begin with of limits on care in hospital, or outside.
func setting(item dialect.Object) string {
	switch dialect.Text(item, "description") {
	case "In-patient care":
		return "hospital_"
	case "Out-patient care":
		return "non_hospital_"
	}
	return "total_"
}

// quantityLeft adds how many of a service or drug are left, by openIMIS's name.
func quantityLeft(item dialect.Object, category string) {
	list, _ := item["benefit"].([]any)
	for _, b := range dialect.Each(item, "benefit") {
		text := dialect.Text(dialect.Extension(b, profiles.ExtensionBenefitLeft), "valueDecimal")
		count, err := fhir.ParseDecimal(text)
		if dialect.Code(dialect.Child(b, "type"), profiles.SystemLimit) != "quantity" || err != nil || !count.Rat().IsInt() || count.Rat().Sign() < 0 {
			continue
		}
		item["benefit"] = append(list, dialect.Object{
			"type": dialect.Concept(systemBenefit, category+"_left", ""), "allowedUnsignedInt": json.Number(count.Rat().Num().String()),
		})
		return
	}
}
