package main

import (
	"fmt"
	"time"

	"bima/profiles"
)

// claimCount is how many claims there are: the scenarios, then drawn ones.
const claimCount = 200

// A claim is one claim before it becomes a Claim.
type claim struct {
	patient  person
	coverage string // Coverage id; "" leaves the coverage to a logical reference
	facility int
	visit    string
	icd      string
	from     string // the first day of care
	nights   int
	lines    []line
}

// A line is one item; each is the unit price asked.
type line struct {
	code  string
	units int
	each  amount
}

func (l line) net() amount { return amount(l.units) * l.each }

// atList gives lines at the facility's list prices. What the list has not is
// asked at the hospital's price.
func (c claim) atList(items ...order) claim {
	for _, o := range items {
		s := serviceOf(o.code)
		each := s.price(c.facility, c.from)
		if each == 0 {
			each = s.price(hospital, c.from)
		}
		c.lines = append(c.lines, line{o.code, o.units, each})
	}
	return c
}

func (c claim) total() amount {
	var sum amount
	for _, l := range c.lines {
		sum += l.net()
	}
	return sum
}

// submit gives all Claims, the scenarios first, each by itself.
func submit(families []family) [][]object {
	claims := append(scenarios(families), drawn(families, claimCount-scenarioCount)...)
	list := make([][]object, len(claims))
	for i, c := range claims {
		list[i] = []object{c.resource(i + 1)}
	}
	return list
}

// resource gives the Claim under a number.
func (c claim) resource(number int) object {
	to := after(c.from, c.nights)
	f := facilities[c.facility]
	total := money(c.total())
	return object{
		"resourceType", "Claim", "id", fmt.Sprintf("claim-%03d", number),
		"identifier",
		[]object{identifier(profiles.IdentifierClaim, fmt.Sprintf("C-2026-%06d", number))},
		"status", "active", "type", concept(hl7+"claim-type", c.kind(), ""), "subType", concept(actCode, c.visit, ""),
		"use", "claim", "patient", c.person(), "billablePeriod", period(c.from, to),
		"created", after(to, 1) + "T08:30:00+03:00",
		"enterer", ref(fmt.Sprintf("PractitionerRole/claims-%d", c.facility+1)),
		"insurer", ref("Organization/scheme"), "provider", ref("Organization/" + f.id),
		"priority", concept(hl7+"processpriority", "normal", ""),
		"facility", ref("Location/site-" + f.id),
		"diagnosis",
		[]object{{"sequence", 1, "diagnosisCodeableConcept", concept(icd10, c.icd, "")}},
		"insurance",
		[]object{{"sequence", 1, "focal", true, "coverage", c.cover()}},
		"item", c.items(to), "total", total,
	}
}

func (c claim) kind() string {
	if c.visit == "IMP" {
		return "institutional"
	}
	return "professional"
}

// person refers to the patient: by logical id where he is known, else by his
// insurance number only.
func (c claim) person() object {
	if c.patient.family <= familyCount {
		return ref("Patient/" + c.patient.id())
	}
	return object{"type", "Patient", "identifier", identifier(profiles.IdentifierInsuranceNumber, c.patient.insuranceNumber()), "display", c.patient.fullName()}
}

func (c claim) cover() object {
	if c.coverage != "" {
		return ref("Coverage/" + c.coverage)
	}
	return object{"type", "Coverage", "identifier", identifier(profiles.IdentifierMembership, "unknown"), "display", "not shown at the visit"}
}

func (c claim) items(to string) []object {
	list := make([]object, len(c.lines))
	for i, l := range c.lines {
		s := serviceOf(l.code)
		item := object{
			"sequence", i + 1, "diagnosisSequence",
			[]int{1},
			"productOrService", concept(profiles.SystemService, l.code, s.name),
		}
		if c.nights > 0 && l.units > 1 {
			item = append(item, "servicedPeriod", period(c.from, to))
		} else {
			item = append(item, "servicedDate", c.from)
		}
		list[i] = append(item, "quantity", object{"value", l.units}, "unitPrice", money(l.each), "net", money(l.net()))
	}
	return list
}

// after gives the day so many days later.
func after(day string, days int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic("generate: " + day + " is not a day")
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}
