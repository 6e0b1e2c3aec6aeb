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
func (r *reading) care(claim fhir.Node) string {
	kind := meant(r.kinds, claim.Get("subType"), func(sub fhir.Node) kind {
		return kind{visit: sub.Code(profiles.SystemOpenIMISVisitType), act: sub.Code(systemActCode)}
	})
	visit, act := kind.visit, kind.act
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
	from, begins := r.dayOf(claim.At("billablePeriod", "start").Text())
	to, ends := r.dayOf(claim.At("billablePeriod", "end").Text())
	if begins && ends && to > from {
		return "IPD"
	}
	return "OPD"
}

// mainDiagnosis gives the option of HF_DXG of a claim: that of the diagnosis with
// the least sequence.
func (r *reading) mainDiagnosis(claim fhir.Node) string {
	least, code := fhir.Amount(0), ""
	for d := range claim.Get("diagnosis").Each() {
		sequence, err := fhir.ParseAmount(d.Get("sequence").Text())
		if err != nil || code != "" && sequence >= least {
			continue
		}
		if icd := meant(r.diagnoses, d.Get("diagnosisCodeableConcept"), icdOf); icd != "" {
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
	id                string
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
func (r *reading) submission(n fhir.Node) submission {
	c := submission{
		use: strings.Clone(n.Get("use").Text()), active: n.Get("status").Text() == "active", care: r.care(n), diagnosis: r.mainDiagnosis(n),
		patient: r4.Target(n.Get("patient")), provider: r4.Target(n.Get("provider")), items: make([]item, 0, 4),
	}
	c.made, c.dated = r.dayOf(n.Get("created").Text())
	c.total, c.priced = r.amount(n.Get("total"))
	for line := range n.Get("item").Each() {
		c.items = append(c.items, item{sequence(line.Get("sequence")), meant(r.groups, line.Get("productOrService"), r.groupOf)})
	}
	return c
}

// groupOf gives the option of HF_SVC of a service.
func (s *scheme) groupOf(service fhir.Node) string {
	for coding := range service.Get("coding").Each() {
		if g, known := s.services[coding.Get("code").Text()]; known {
			return g
		}
	}
	return indicator.Other
}

// digits are the sequences of most lines.
const digits = "0123456789"

// sequence gives the sequence of a line, which outlives the tree.
func sequence(n fhir.Node) string {
	text := n.Text()
	if len(text) == 1 && '0' <= text[0] && text[0] <= '9' {
		return digits[text[0]-'0' : text[0]-'0'+1]
	}
	return strings.Clone(text)
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
	request   fhir.Key // the claim
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
func (r *reading) decided(n fhir.Node) (d decision) {
	d.active, d.request, d.requestor = n.Get("status").Text() == "active", r4.Target(n.Get("request")), r4.Target(n.Get("requestor"))
	d.day, d.dated = r.dayOf(n.Get("created").Text())
	outcome := n.Get("outcome").Text()
	if outcome == "queued" {
		d.stage = "CHECKED"
		return d
	}
	accepted := false
	d.lines = make([]line, 0, 4)
	for item := range n.Get("item").Each() {
		l, took := r.line(item, &d)
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
		if r.category(t).hl7 == "benefit" {
			d.benefit, d.priced = r.amount(t.Get("amount"))
		}
	}
	return d
}

// systemAdjudicationHL7 is HL7's system of kinds of adjudication.
const systemAdjudicationHL7 = "http://terminology.hl7.org/CodeSystem/adjudication"

// line reads one line of a decision; what was rejected of it is added by reason.
func (r *reading) line(item fhir.Node, d *decision) (l line, accepted bool) {
	l.sequence = sequence(item.Get("itemSequence"))
	cut := false
	for a := range item.Get("adjudication").Each() {
		category := r.category(a)
		amount, ours := r.amount(a.Get("amount"))
		accepted = accepted || category.approved
		if reason := a.Get("reason"); reason.Exists() {
			if why := meant(r.reasons, reason, reasonOf); why.given {
				if why.rejects && ours {
					if d.rejected == nil {
						d.rejected = map[string]int64{}
					}
					d.rejected[why.group] += amount
					cut = cut || amount > 0
				}
				continue
			}
		}
		switch category.hl7 {
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

// A reading reads many claims or answers, by one goroutine. It remembers what concepts
// came to by their texts: there are few, and most of what is read are concepts.
type reading struct {
	*scheme
	kinds             map[string]kind
	diagnoses, groups map[string]string
	categories        map[string]category
	reasons           map[string]reason
}

// A kind is what Claim.subType says.
type kind struct{ visit, act string }

// A category is what adjudication.category says.
type category struct {
	hl7      string // the code of HL7's system
	approved bool   // whether it is the quantity that was approved
}

// A reason is why less is paid, as adjudication.reason says.
type reason struct {
	given, rejects bool
	group          string // option of HF_REJ
}

func (s *scheme) reading() *reading {
	return &reading{
		scheme: s, kinds: map[string]kind{}, diagnoses: map[string]string{}, groups: map[string]string{},
		categories: map[string]category{}, reasons: map[string]reason{},
	}
}

// meant gives what a concept comes to by its text, read once. What is remembered is a
// page's, and so bounded by it.
func meant[T any](known map[string]T, concept fhir.Node, read func(fhir.Node) T) T {
	if !concept.Exists() {
		return read(concept)
	}
	v, there := known[string(concept.Raw())]
	if there {
		return v
	}
	text := string(concept.Raw())
	if doc, err := fhir.Parse([]byte(text)); err == nil {
		v = read(doc.Root())
	}
	known[text] = v
	return v
}

// category gives the category of an adjudication or a total.
func (r *reading) category(of fhir.Node) category {
	return meant(r.categories, of.Get("category"), func(n fhir.Node) category {
		return category{hl7: n.Code(systemAdjudicationHL7), approved: n.Code(profiles.SystemAdjudication) == "approved-quantity"}
	})
}

func reasonOf(n fhir.Node) (r reason) {
	code := n.Code(profiles.SystemAdjustmentReason)
	if r.given = code != ""; r.given {
		r.rejects, r.group = indicator.IsRejection(code), indicator.RejectionGroup(code)
	}
	return r
}
