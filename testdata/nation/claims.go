package nation

import (
	"fmt"
	"math/big"
	"time"

	"bima/profiles"
)

// claims writes the year's claims of a family whose policy is in force.
func (n *nation) claims(f family) {
	if f.standing != inForce {
		return
	}
	for _, p := range f.persons {
		if p.frail {
			n.risk(f, p)
		}
		for range n.visits(p) {
			n.visit(f, p)
		}
	}
}

// visits draws how often a person is ill in a year: most seldom, some often.
func (n *nation) visits(p person) int {
	switch {
	case p.frail:
		return 3 + n.random.IntN(8)
	case p.age(2026) < 5 || p.age(2026) > 55:
		return n.random.IntN(4)
	default:
		return max(0, n.random.IntN(4)-1)
	}
}

// months is how claims spread over the year, the rains bringing malaria.
var months = []int{1, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 10, 10, 11, 11, 11, 12}

func (n *nation) visit(f family, p person) {
	at := n.seek(f)
	e, ok := n.befall(p, at.level)
	if !ok {
		return
	}
	n.claim++
	start := time.Date(2026, time.Month(months[n.random.IntN(len(months))]), 1+n.random.IntN(28), 0, 0, 0, 0, time.UTC)
	day := func(offset int) string { return start.AddDate(0, 0, offset).Format(time.DateOnly) }
	items, total := n.items(e, day)
	kind := "professional"
	if e.visit == "IMP" {
		kind = "institutional"
	}
	n.put("Claim", `{"resourceType":"Claim","id":"cl%d","identifier":[{"system":"%s","value":"CL-%09[1]d"}],"status":"active",`+
		`"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"%[3]s"}]},`+
		`"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"%s"}]},"use":"claim","patient":{"reference":"Patient/p%s"},`+
		`"billablePeriod":{"start":"%s","end":"%s"},"created":"%sT08:30:00+03:00","enterer":{"reference":"PractitionerRole/claims-%d"},`+
		`"insurer":{"reference":"Organization/scheme"},"provider":{"reference":"Organization/%s"},`+
		`"priority":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/processpriority","code":"normal"}]},"facility":{"reference":"Location/site-%[10]s"},`+
		`"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"%s"}]}}],`+
		`"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/cov%[5]s"}}],"item":[%[12]s],"total":{"value":%s,"currency":"TZS"}}`,
		n.claim, profiles.IdentifierClaim, kind, e.visit, f.of(p), day(0), day(e.nights), day(e.nights+1), at.number, at.id(), e.icd, items, total)
	if n.chance(20) {
		n.temperature(f, p, at, day(0))
	}
}

// temperature writes what a nurse measured on the way in.
func (n *nation) temperature(f family, p person, at facility, day string) {
	n.put("Observation", `{"resourceType":"Observation","id":"o%d","status":"final","category":[{"coding":[{`+
		`"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],`+
		`"code":{"coding":[{"system":"http://loinc.org","code":"8310-5","display":"Body temperature"}]},"subject":{"reference":"Patient/p%s"},`+
		`"effectiveDateTime":"%sT08:%02d:00+03:00","performer":[{"reference":"Organization/%s"}],`+
		`"valueQuantity":{"value":%.1f,"unit":"°C","system":"http://unitsofmeasure.org","code":"Cel"}}`,
		n.claim, f.of(p), day, n.random.IntN(60), at.id(), 36+n.random.ExpFloat64())
}

// risk writes what the scheme expects of a person who is often ill.
func (n *nation) risk(f family, p person) {
	n.put("RiskAssessment", `{"resourceType":"RiskAssessment","id":"risk-%s","status":"final","subject":{"reference":"Patient/p%[1]s"},`+
		`"occurrenceDateTime":"2026-01-01","prediction":[{"outcome":{"text":"Admission within the year"},"probabilityDecimal":%.2f}]}`,
		f.of(p), n.random.Float64())
}

// seek draws where a person goes: mostly to the nearest facility, else to the
// hospital of the district.
func (n *nation) seek(f family) facility {
	if n.chance(75) {
		return f.district.facilities[f.village.nearest]
	}
	return f.district.facilities[0]
}

// befall draws an episode that suits the person and the facility.
func (n *nation) befall(p person, level int) (episode, bool) {
	for range 8 {
		all := n.base.episodes[level]
		e := all[n.skewed(len(all))]
		fits := (!e.female || p.gender == "female" && p.age(2026) >= 18 && p.age(2026) < 43) && (!e.adult || p.age(2026) >= 18)
		if fits {
			return e, true
		}
	}
	return episode{}, false
}

// items writes the lines of a claim and its total.
func (n *nation) items(e episode, day func(int) string) (lines, total string) {
	sum := new(big.Rat)
	var b []byte
	for i, it := range e.items {
		net := product(it.quantity.String(), it.price.String())
		sum.Add(sum, net)
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"sequence":%d,"diagnosisSequence":[1],"productOrService":{"coding":[{"system":"%s","code":"%s","display":"%s"}]},`+
			`"servicedDate":"%s","quantity":{"value":%s},"unitPrice":{"value":%s,"currency":"TZS"},"net":{"value":%s,"currency":"TZS"}}`,
			i+1, profiles.SystemService, it.code, it.display, day(it.day), it.quantity, it.price, shillings(net))
	}
	return string(b), shillings(sum)
}

// product multiplies two decimals.
func product(a, b string) *big.Rat {
	x, _ := new(big.Rat).SetString(a)
	y, _ := new(big.Rat).SetString(b)
	return x.Mul(x, y)
}

// shillings writes an amount with its cents, where it has any.
func shillings(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.FloatString(2)
}
