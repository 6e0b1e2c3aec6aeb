package stu3

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// The parts of a Claim of R4 that STU3 does not write alike.
type (
	r4Money struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency,omitempty"`
	}
	r4Extension struct {
		URL         string        `json:"url"`
		Extension   []r4Extension `json:"extension,omitempty"`
		ValueCode   string        `json:"valueCode,omitempty"`
		ValueString string        `json:"valueString,omitempty"`
	}
	r4CareTeam struct {
		Sequence int       `json:"sequence"`
		Provider reference `json:"provider"`
	}
	r4Insurance struct {
		Sequence int       `json:"sequence"`
		Focal    bool      `json:"focal"`
		Coverage reference `json:"coverage"`
	}
	r4Information struct {
		Sequence        int             `json:"sequence"`
		Category        concept         `json:"category"`
		Code            *concept        `json:"code,omitempty"`
		TimingDate      string          `json:"timingDate,omitempty"`
		TimingPeriod    *period         `json:"timingPeriod,omitempty"`
		ValueString     string          `json:"valueString,omitempty"`
		ValueQuantity   json.RawMessage `json:"valueQuantity,omitempty"`
		ValueAttachment json.RawMessage `json:"valueAttachment,omitempty"`
	}
	r4Diagnosis struct {
		Sequence int       `json:"sequence"`
		Concept  concept   `json:"diagnosisCodeableConcept"`
		Type     []concept `json:"type,omitempty"`
	}
	r4Item struct {
		Sequence            int         `json:"sequence"`
		DiagnosisSequence   []int       `json:"diagnosisSequence,omitempty"`
		InformationSequence []int       `json:"informationSequence,omitempty"`
		Category            *concept    `json:"category,omitempty"`
		ProductOrService    concept     `json:"productOrService"`
		ServicedDate        string      `json:"servicedDate,omitempty"`
		ServicedPeriod      *period     `json:"servicedPeriod,omitempty"`
		Quantity            *quantity   `json:"quantity,omitempty"`
		UnitPrice           *r4Money    `json:"unitPrice,omitempty"`
		Factor              json.Number `json:"factor,omitempty"`
		Net                 *r4Money    `json:"net,omitempty"`
	}
	r4Claim struct {
		ResourceType   string          `json:"resourceType"`
		Extension      []r4Extension   `json:"extension"`
		Identifier     []identifier    `json:"identifier"`
		Status         string          `json:"status"`
		Type           concept         `json:"type"`
		SubType        *concept        `json:"subType,omitempty"`
		Use            string          `json:"use"`
		Patient        reference       `json:"patient"`
		BillablePeriod *period         `json:"billablePeriod,omitempty"`
		Created        string          `json:"created"`
		Enterer        *reference      `json:"enterer,omitempty"`
		Insurer        json.RawMessage `json:"insurer,omitempty"`
		Provider       reference       `json:"provider"`
		Priority       concept         `json:"priority"`
		Facility       *reference      `json:"facility,omitempty"`
		CareTeam       []r4CareTeam    `json:"careTeam,omitempty"`
		SupportingInfo []r4Information `json:"supportingInfo,omitempty"`
		Diagnosis      []r4Diagnosis   `json:"diagnosis,omitempty"`
		Insurance      []r4Insurance   `json:"insurance"`
		Item           []r4Item        `json:"item,omitempty"`
		Total          *r4Money        `json:"total,omitempty"`
	}
)

// HL7's systems that what is filled in is of.
const (
	systemClaimType      = "http://terminology.hl7.org/CodeSystem/claim-type"
	systemPriority       = "http://terminology.hl7.org/CodeSystem/processpriority"
	systemIdentifierType = "http://terminology.hl7.org/CodeSystem/v2-0203"
	systemActCode        = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	systemICD10          = "http://hl7.org/fhir/sid/icd-10"
)

// A builder makes a Claim of R4 of what was said and who was found.
type builder struct {
	said   *said
	who    *parties
	digest string
	now    string // when, for who does not say
	claim  r4Claim
	filled []string
	known  map[string]coding // services by their codes
	money  string            // the currency of the claim

	informed, diagnosed []int // the numbers of information and diagnoses
}

// fill notes that an element was filled in, once.
func (b *builder) fill(element, value string) {
	if note := element + " = " + value; !slices.Contains(b.filled, note) {
		b.filled = append(b.filled, note)
	}
}

// build makes the Claim.
func (b *builder) build() ([]byte, error) {
	s, c := b.said, &b.claim
	c.ResourceType = "Claim"
	b.informed = numbered(len(s.Information), func(i int) int { return s.Information[i].Sequence })
	b.diagnosed = numbered(len(s.Diagnosis), func(i int) int { return s.Diagnosis[i].Sequence })
	b.head()
	b.named()
	b.insured()
	for i, info := range s.Information {
		c.SupportingInfo = append(c.SupportingInfo, b.information(i, info))
	}
	for i, d := range s.Diagnosis {
		c.Diagnosis = append(c.Diagnosis, b.diagnosis(i, d))
	}
	sequences := numbered(len(s.Items), func(i int) int { return s.Items[i].Sequence })
	for i := range s.Items {
		c.Item = append(c.Item, b.item(sequences[i], &s.Items[i]))
	}
	if s.Total != "" {
		c.Total = b.amount("Claim.total", s.Total)
	}
	translated := []r4Extension{{URL: "tongue", ValueCode: "stu3"}, {URL: "said", ValueString: b.digest}}
	for _, note := range b.filled {
		translated = append(translated, r4Extension{URL: "filled", ValueString: note})
	}
	c.Extension = []r4Extension{{URL: profiles.ExtensionTranslated, Extension: translated}}
	return json.Marshal(c)
}

// uses are the uses of a claim in STU3, and in R4.
var uses = map[string]string{
	"complete": "claim", "proposed": "preauthorization", "exploratory": "predetermination",
	"claim": "claim", "preauthorization": "preauthorization", "predetermination": "predetermination",
}

// head makes the elements that say what kind of claim it is.
func (b *builder) head() {
	s, c := b.said, &b.claim
	if c.Status = s.Status; c.Status == "" {
		c.Status = "active"
		b.fill("Claim.status", c.Status)
	}
	if c.Use = uses[s.Use]; c.Use == "" {
		c.Use = "claim"
		b.fill("Claim.use", c.Use)
	}
	c.Priority = concept{Coding: []coding{{System: systemPriority, Code: "normal"}}}
	b.fill("Claim.priority", "normal")
	c.Type = concept{Coding: append([]coding{{System: systemClaimType, Code: "professional"}}, s.Type.Coding...), Text: s.Type.Text}
	b.fill("Claim.type.coding[0]", "professional")
	c.SubType = visitOf(s.Type)
	c.BillablePeriod = s.Period
	if c.Created = s.Created; c.Created == "" {
		c.Created = b.now
		b.fill("Claim.created", c.Created)
	}
	number := func(code, system, value string) identifier {
		return identifier{Use: "usual", Type: &concept{Coding: []coding{{System: systemIdentifierType, Code: code}}}, System: system, Value: value}
	}
	acsn := s.ACSN
	if acsn == "" {
		acsn = uuidOf(b.digest)
		b.fill("Claim.identifier (ACSN)", acsn)
	}
	c.Identifier = []identifier{number("ACSN", profiles.IdentifierPeerClaim, acsn)}
	if s.MR != "" {
		c.Identifier = append(c.Identifier, number("MR", profiles.IdentifierClaim, s.MR))
	}
}

// uuidOf makes a UUID (version 8, of RFC 9562) of a digest: clients that name their
// claims by numbers of people only, which are used again, are known by all they say.
func uuidOf(digest string) string {
	return digest[:8] + "-" + digest[8:12] + "-8" + digest[13:16] + "-8" + digest[17:20] + "-" + digest[20:32]
}

// visits are the names of kinds of visits that mean one of HL7's or openIMIS's.
var visits = map[string]coding{
	"o": {System: profiles.SystemOpenIMISVisitType, Code: "O"}, "other": {System: profiles.SystemOpenIMISVisitType, Code: "O"},
	"e": {System: profiles.SystemOpenIMISVisitType, Code: "E"}, "emergency": {System: profiles.SystemOpenIMISVisitType, Code: "E"},
	"r": {System: profiles.SystemOpenIMISVisitType, Code: "R"}, "referral": {System: profiles.SystemOpenIMISVisitType, Code: "R"},
	"referrals":  {System: profiles.SystemOpenIMISVisitType, Code: "R"},
	"outpatient": {System: systemActCode, Code: "AMB"}, "opd": {System: systemActCode, Code: "AMB"},
	"inpatient": {System: systemActCode, Code: "IMP"}, "ipd": {System: systemActCode, Code: "IMP"},
}

// visitOf gives the kind of visit that the text or a code of a type names; nil
// where they name none that is known.
func visitOf(typ concept) *concept {
	told := []string{typ.Text}
	for _, c := range typ.Coding {
		told = append(told, c.Code)
	}
	for _, text := range told {
		if visit, ok := visits[strings.ReplaceAll(strings.ToLower(text), "-", "")]; ok {
			return &concept{Coding: []coding{visit}}
		}
	}
	return nil
}

// amount makes the amount of an element in the currency of the claim.
func (b *builder) amount(element string, value json.Number) *r4Money {
	if asked := short(value); asked != value {
		b.fill(element, string(asked)+" for "+string(value))
		value = asked
	}
	if b.said.Currency == "" && b.money != "" {
		b.fill("currency", b.money)
	}
	return &r4Money{value, b.money}
}

// decimalsMax is how many decimals an amount has at most.
const decimalsMax = 4

// short gives the amount that is meant by one with the tail of a binary number:
// OpenMRS keeps prices as floats of 32 bits, and sends 12.55 as 12.550000190734863.
func short(value json.Number) json.Number {
	d, err := fhir.ParseDecimal(string(value))
	if err != nil || d.Scale() <= decimalsMax {
		return value
	}
	if single := float32(d.Float64()); float64(single) == d.Float64() {
		text := strconv.FormatFloat(float64(single), 'f', -1, 32)
		if meant, err := fhir.ParseDecimal(text); err == nil && meant.Scale() <= decimalsMax {
			return json.Number(text)
		}
	}
	text := strings.TrimRight(d.Rat().FloatString(decimalsMax), "0")
	return json.Number(strings.TrimSuffix(text, "."))
}

// numbered gives each element of a list a number of its own: the one it has, where
// no other has it before, else its position or the next that is free.
func numbered(n int, has func(i int) int) []int {
	taken := map[int]bool{}
	numbers := make([]int, n)
	for i := range numbers {
		if own := has(i); own > 0 && !taken[own] {
			numbers[i], taken[own] = own, true
		}
	}
	next := 1
	for i := range numbers {
		if numbers[i] > 0 {
			continue
		}
		if !taken[i+1] {
			numbers[i] = i + 1
		} else {
			for taken[next] {
				next++
			}
			numbers[i] = next
		}
		taken[numbers[i]] = true
	}
	return numbers
}

// named puts in who is concerned.
func (b *builder) named() {
	c, w := &b.claim, b.who
	c.Patient = w.patient.ref
	if !b.said.Enterer.none() {
		c.Enterer = &w.enterer.ref
	}
	if !b.said.Facility.none() {
		c.Facility = &w.facility.ref
	}
	c.Provider = w.claims
	if !b.said.Provider.none() && b.said.Provider.Type != "Organization" {
		c.CareTeam = []r4CareTeam{{1, w.provider.ref}}
	}
	if b.said.Provider.Type != "Organization" && w.claims.Reference != "" {
		b.fill("Claim.provider", w.claims.Reference)
	}
}

// insured names the membership by which the treatment is covered.
func (b *builder) insured() {
	one := r4Insurance{Sequence: 1, Focal: true, Coverage: reference{Display: "No membership is known"}}
	value := "none is known"
	if coverage := b.who.coverage(b.said.Period); coverage.Exists() {
		one.Coverage = reference{Reference: keyOf(coverage)}
		value = keyOf(coverage)
		if payor := coverage.Get("payor").First(); payor.Get("reference").Text() != "" {
			b.claim.Insurer = json.RawMessage(payor.Raw())
			b.fill("Claim.insurer", payor.Get("reference").Text())
		}
	}
	b.claim.Insurance = []r4Insurance{one}
	b.fill("Claim.insurance", value)
}

// services reads the systems of codes and the currency from tariffs. A code that
// two systems have is left alone.
func services(tariffs []fhir.Node) (known map[string]coding, currency string) {
	known = map[string]coding{}
	for _, t := range tariffs {
		for c := range t.At("code", "coding").Each() {
			code := coding{System: c.Get("system").Text(), Code: c.Get("code").Text(), Display: c.Get("display").Text()}
			if other, ok := known[code.Code]; ok && other.System != code.System {
				code = coding{Code: code.Code}
			}
			known[code.Code] = code
		}
		for g := range t.Get("propertyGroup").Each() {
			for p := range g.Get("priceComponent").Each() {
				if currency == "" {
					currency = p.At("amount", "currency").Text()
				}
			}
		}
	}
	return known, currency
}
