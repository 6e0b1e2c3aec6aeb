package main

import (
	"fmt"

	"bima/profiles"
)

var lists = []struct{ code, display string }{
	{"DISPENSARY", "Dispensaries"}, {"HEALTHCENTRE", "Health centres"}, {"HOSPITAL", "Hospitals"},
}

// pricesFrom is the first day of all prices; consultations cost more from
// raisedFrom.
const (
	pricesFrom  = "2025-01-01"
	raisedUntil = "2026-06-30"
	raisedFrom  = "2026-07-01"
)

// raised are the prices of S-101 from raisedFrom.
var raised = each(2500, 3500, 6000)

// price gives what a list pays for a service on a day, 0 where it has none.
func (s service) price(list int, day string) amount {
	if s.code == "S-101" && day >= raisedFrom {
		return raised[list]
	}
	return s.prices[list]
}

// tariffs gives a ChargeItemDefinition for each service.
func tariffs() []object {
	all := make([]object, len(services))
	for i, s := range services {
		all[i] = s.tariff()
	}
	return all
}

func (s service) tariff() object {
	t := object{
		"resourceType", "ChargeItemDefinition", "id", s.code,
		"extension", s.extensions(),
		"url", profiles.Canonical + "/ChargeItemDefinition/" + s.code,
		"identifier",
		[]object{identifier(profiles.SystemService, s.code)},
		"version", "2026", "title", s.name, "status", "active", "date", pricesFrom,
		"effectivePeriod", period(pricesFrom, ""),
	}
	if contexts := s.contexts(); len(contexts) > 0 {
		t = append(t, "useContext", contexts)
	}
	t = append(t, "code", concept(profiles.SystemService, s.code, s.name))
	if s.sex != "" {
		t = append(t, "applicability", []object{{
			"description", "For " + s.sex + " patients only", "language", "text/fhirpath",
			"expression", fmt.Sprintf("%%context.subject.resolve().gender = '%s'", s.sex),
		}})
	}
	return append(t, "propertyGroup", s.groups())
}

func (s service) extensions() []object {
	list := []object{extension("care-type", "valueCoding", coding(profiles.SystemOpenIMISCareType, s.care, ""))}
	if s.days > 0 {
		list = append(list, extension("frequency", "valueDuration", ucum(s.days, "days", "d")))
	}
	return list
}

func (s service) contexts() []object {
	var list []object
	add := func(kind string, value object) {
		list = append(list, object{"code", coding(hl7+"usage-context-type", kind, ""), "valueCodeableConcept", value})
	}
	if s.sex != "" {
		add("gender", concept("http://hl7.org/fhir/administrative-gender", s.sex, ""))
	}
	if s.age != "" {
		add("age", concept(profiles.SystemOpenIMISAge, s.age, ""))
	}
	if s.category != "" {
		add("workflow", concept(profiles.SystemOpenIMISServiceKind, s.category, ""))
	}
	return list
}

func (s service) groups() []object {
	var groups []object
	for i, list := range lists {
		if s.prices[i] == 0 {
			continue
		}
		if s.code != "S-101" {
			groups = append(groups, priceGroup(list.code, pricesFrom, "", s.prices[i]))
			continue
		}
		groups = append(groups,
			priceGroup(list.code, pricesFrom, raisedUntil, s.prices[i]),
			priceGroup(list.code, raisedFrom, "", raised[i]))
	}
	return groups
}

// priceGroup gives the price on a list over a period, with the expression that
// bima/resources/chargeitem would write for it.
func priceGroup(list, from, to string, price amount) object {
	expression := fmt.Sprintf("%%context.performingOrganization.resolve().extension.where(url = '%s').value.code = '%s' and %%context.occurrence >= @%s",
		profiles.ExtensionPriceList, list, from)
	if to != "" {
		expression += " and %context.occurrence <= @" + to
	}
	return object{
		"extension",
		[]object{
			extension("price-list", "valueCoding", coding(profiles.SystemPriceList, list, "")),
			extension("price-period", "valuePeriod", period(from, to)),
		},
		"applicability",
		[]object{{"language", "text/fhirpath", "expression", expression}},
		"priceComponent",
		[]object{{
			"type", "base", "code", concept(profiles.SystemPriceList, list, ""), "factor", 1, "amount", money(price),
		}},
	}
}
