package measure

import (
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// systemActCode is HL7's v3-ActCode, whose codes of encounters stand in
// Claim.subType.
const systemActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

// care gives the option of HF_CARE of a claim: a referral before an emergency
// before a stay.
func (c *counter) care(claim fhir.Node) string {
	sub := claim.Get("subType")
	visit, act := sub.Code(profiles.SystemOpenIMISVisitType), sub.Code(systemActCode)
	switch {
	case visit == "R":
		return "REF"
	case visit == "E" || act == "EMER":
		return "EMER"
	case act == "IMP" || act == "ACUTE" || act == "NONAC" || act == "OBSENC" || act == "SS":
		return "IPD"
	case act != "":
		return "OPD"
	}
	from, begins := c.dayOf(claim.At("billablePeriod", "start").Text())
	to, ends := c.dayOf(claim.At("billablePeriod", "end").Text())
	if begins && ends && to > from {
		return "IPD"
	}
	return "OPD"
}

// mainDiagnosis gives the option of HF_DXG of a claim: that of the diagnosis with
// the least sequence.
func mainDiagnosis(claim fhir.Node) string {
	least, code := fhir.Amount(0), ""
	for d := range claim.Get("diagnosis").Each() {
		sequence, err := fhir.ParseAmount(d.Get("sequence").Text())
		if err != nil || code != "" && sequence >= least {
			continue
		}
		if icd := icdOf(d.Get("diagnosisCodeableConcept")); icd != "" {
			least, code = sequence, icd
		}
	}
	return indicator.DiagnosisGroup(code)
}

// icdOf gives the code of ICD-10 of a diagnosis, else its first code.
func icdOf(concept fhir.Node) string {
	first := ""
	for c := range concept.Get("coding").Each() {
		if strings.Contains(c.Get("system").Text(), "icd-10") {
			return c.Get("code").Text()
		}
		if first == "" {
			first = c.Get("code").Text()
		}
	}
	return first
}

// A submission is what a Claim says.
type submission struct {
	use               string
	active            bool
	made              adjudication.Day
	dated             bool   // whether made is known
	care, diagnosis   string // options of HF_CARE and HF_DXG
	patient, provider fhir.Key
	total             int64
	priced            bool // whether total is of the scheme's currency
	items             []item
}

// An item is one line of a claim.
type item struct{ sequence, group string }

// submission reads a Claim.
func (s *scheme) submission(n fhir.Node) submission {
	c := submission{
		use: n.Get("use").Text(), active: n.Get("status").Text() == "active", care: s.care(n), diagnosis: mainDiagnosis(n),
		patient: r4.Target(n.Get("patient")), provider: r4.Target(n.Get("provider")), items: make([]item, 0, 4),
	}
	c.made, c.dated = s.dayOf(n.Get("created").Text())
	c.total, c.priced = s.amount(n.Get("total"))
	for line := range n.Get("item").Each() {
		group := indicator.Other
		for coding := range line.At("productOrService", "coding").Each() {
			if g, known := s.services[coding.Get("code").Text()]; known {
				group = g
				break
			}
		}
		c.items = append(c.items, item{line.Get("sequence").Text(), group})
	}
	return c
}

// service gives the option of HF_SVC of the line of a sequence, which mostly is the
// one at that place.
func (c submission) service(at int, sequence string) string {
	if at < len(c.items) && c.items[at].sequence == sequence {
		return c.items[at].group
	}
	for _, one := range c.items {
		if one.sequence == sequence {
			return one.group
		}
	}
	return indicator.Other
}

// A decision is what a ClaimResponse says.
type decision struct {
	active    bool
	requestor fhir.Key
	stage     string // option of HF_STAGE
	day       adjudication.Day
	dated     bool // whether day is known
	benefit   int64
	priced    bool // whether benefit is of the scheme's currency
	rejected  map[string]int64
	lines     []line
}

// A line is one decided line of a claim.
type line struct {
	sequence   string
	result     string // option of HF_LINE
	asked, got int64
}

// decided reads a ClaimResponse.
func (s *scheme) decided(n fhir.Node) (d decision) {
	d.active, d.requestor = n.Get("status").Text() == "active", r4.Target(n.Get("requestor"))
	d.day, d.dated = s.dayOf(n.Get("created").Text())
	outcome := n.Get("outcome").Text()
	if outcome == "queued" {
		d.stage = "CHECKED"
		return d
	}
	accepted := false
	d.lines = make([]line, 0, 4)
	for item := range n.Get("item").Each() {
		l, took := s.line(item, &d)
		accepted = accepted || took
		d.lines = append(d.lines, l)
	}
	switch {
	case !accepted || outcome == "error":
		d.stage = "REJECTED"
	case outcome == "partial":
		d.stage = "PROCESSED"
	default:
		d.stage = "VALUATED"
	}
	for t := range n.Get("total").Each() {
		if t.Get("category").Code(systemAdjudicationHL7) == "benefit" {
			d.benefit, d.priced = s.amount(t.Get("amount"))
		}
	}
	return d
}

// systemAdjudicationHL7 is HL7's system of kinds of adjudication.
const systemAdjudicationHL7 = "http://terminology.hl7.org/CodeSystem/adjudication"

// line reads one line of a decision; what was rejected of it is added by reason.
func (s *scheme) line(item fhir.Node, d *decision) (l line, accepted bool) {
	l.sequence = item.Get("itemSequence").Text()
	cut := false
	for a := range item.Get("adjudication").Each() {
		category := a.Get("category")
		amount, ours := s.amount(a.Get("amount"))
		if category.Code(profiles.SystemAdjudication) == "approved-quantity" {
			accepted = true
		}
		if reason := a.Get("reason").Code(profiles.SystemAdjustmentReason); reason != "" {
			if indicator.IsRejection(reason) && ours {
				if d.rejected == nil {
					d.rejected = map[string]int64{}
				}
				d.rejected[indicator.RejectionGroup(reason)] += amount
				cut = cut || amount > 0
			}
			continue
		}
		switch category.Code(systemAdjudicationHL7) {
		case "submitted":
			l.asked = amount
		case "benefit":
			l.got = amount
		}
	}
	switch {
	case !accepted:
		l.result = "REJECTED"
	case cut:
		l.result = "PARTIAL"
	default:
		l.result = "APPROVED"
	}
	return l, accepted
}

// mostly gives the reason that took most; of equal ones the first of HF_REJ.
func (s *scheme) mostly(rejected map[string]int64) string {
	most, found := int64(0), indicator.Other
	for _, o := range s.pkg.Category(indicator.Rejection).Options {
		if rejected[o.Suffix] > most {
			most, found = rejected[o.Suffix], o.Suffix
		}
	}
	return found
}
