package terms

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// The code systems of HL7 that products, tariffs and claims use.
const (
	SystemActCode           = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	SystemBenefitType       = "http://terminology.hl7.org/CodeSystem/benefit-type"
	SystemBenefitUnit       = "http://terminology.hl7.org/CodeSystem/benefit-unit"
	SystemBenefitTerm       = "http://terminology.hl7.org/CodeSystem/benefit-term"
	SystemInsurancePlanType = "http://terminology.hl7.org/CodeSystem/insurance-plan-type"
	SystemCurrency          = "urn:iso:std:iso:4217"
	SystemUsageContextType  = "http://terminology.hl7.org/CodeSystem/usage-context-type"
	SystemGender            = "http://hl7.org/fhir/administrative-gender"
)

// A qualifier is what the qualifiers of a limit or cost say together.
type qualifier struct {
	when    adjudication.When
	scope   adjudication.Scope // 0 where unsaid
	span    adjudication.TimeSpan
	spanned bool // whether span was said
	perUnit bool
}

// qualifierCodes says what each code means. Of AMB, IMP and EMER the meaning
// depends on what is qualified; see money.
var qualifierCodes = map[adjudication.Code]func(*qualifier){
	{System: profiles.SystemOpenIMISAge, Code: "adult"}:   func(q *qualifier) { q.when.Age = adjudication.Adult },
	{System: profiles.SystemOpenIMISAge, Code: "child"}:   func(q *qualifier) { q.when.Age = adjudication.Child },
	{System: SystemBenefitUnit, Code: "individual"}:       func(q *qualifier) { q.scope = adjudication.ScopeIndividual },
	{System: SystemBenefitUnit, Code: "family"}:           func(q *qualifier) { q.scope = adjudication.ScopeFamily },
	{System: SystemBenefitTerm, Code: "annual"}:           func(q *qualifier) { q.over(adjudication.SpanYear) },
	{System: SystemBenefitTerm, Code: "day"}:              func(q *qualifier) { q.over(adjudication.SpanDay) },
	{System: SystemBenefitTerm, Code: "lifetime"}:         func(q *qualifier) { q.over(adjudication.SpanLifetime) },
	{System: profiles.SystemLimitTerm, Code: "unit"}:      func(q *qualifier) { q.perUnit = true },
	{System: profiles.SystemLimitTerm, Code: "claim"}:     func(q *qualifier) { q.scope = adjudication.ScopeTreatment },
	{System: profiles.SystemLimitTerm, Code: "policy"}:    func(q *qualifier) { q.over(adjudication.SpanPolicy) },
	{System: profiles.SystemLimitTerm, Code: "pregnancy"}: func(q *qualifier) { q.over(adjudication.SpanPregnancy) },
	{System: SystemActCode, Code: "AMB"}:                  func(q *qualifier) { q.when.Visit = adjudication.Ambulatory },
	{System: SystemActCode, Code: "EMER"}:                 func(q *qualifier) { q.when.Visit = adjudication.Emergency },
	{System: SystemActCode, Code: "IMP"}:                  func(q *qualifier) { q.when.Visit = adjudication.Inpatient },
	{System: profiles.SystemOpenIMISVisitType, Code: "E"}: func(q *qualifier) { q.when.Visit = adjudication.Emergency },
	{System: profiles.SystemOpenIMISVisitType, Code: "R"}: func(q *qualifier) { q.when.Referred = true },
	{System: profiles.SystemOpenIMISVisitType, Code: "O"}: func(*qualifier) {},
	{System: profiles.SystemBenefit, Code: "inpatient"}:   func(q *qualifier) { q.when.Setting = adjudication.SettingInpatient },
	{System: profiles.SystemBenefit, Code: "outpatient"}:  func(q *qualifier) { q.when.Setting = adjudication.SettingOutpatient },
	{System: profiles.SystemBenefit, Code: "all"}:         func(*qualifier) {},
	{System: profiles.SystemOpenIMISCareType, Code: "I"}:  func(q *qualifier) { q.when.Setting = adjudication.SettingInpatient },
	{System: profiles.SystemOpenIMISCareType, Code: "O"}:  func(q *qualifier) { q.when.Setting = adjudication.SettingOutpatient },
	{System: profiles.SystemOpenIMISCareType, Code: "B"}:  func(*qualifier) {},
}

func (q *qualifier) over(span adjudication.TimeSpan) { q.span, q.spanned = span, true }

// add notes what a concept says; false when nothing in it is known.
func (q *qualifier) add(concept fhir.Node) bool {
	for _, code := range Codings(concept) {
		if say, ok := qualifierCodes[code]; ok {
			say(q)
			return true
		}
	}
	return false
}

// money gives the condition of a deductible or ceiling: there AMB and IMP tell
// out-patient from in-patient money, which covers emergencies too.
func (q qualifier) money() adjudication.When {
	w := q.when
	switch w.Visit {
	case adjudication.Ambulatory:
		w.Visit, w.Setting = adjudication.AnyVisit, adjudication.SettingOutpatient
	case adjudication.Inpatient:
		w.Visit, w.Setting = adjudication.AnyVisit, adjudication.SettingInpatient
	}
	return w
}

// scopeOr gives the scope, or that of a limit that does not say it.
func (q qualifier) scopeOr(unsaid adjudication.Scope) adjudication.Scope {
	if q.scope == 0 {
		return unsaid
	}
	return q.scope
}

// VisitOf reads the class of encounter from what a claim or question says of it,
// HL7's ActCode or openIMIS's visit type, and from whether it went over several
// days.
func VisitOf(kind fhir.Node, stay bool) (visit adjudication.Visit, referred bool) {
	var q qualifier
	for _, code := range Codings(kind) {
		if say, ok := qualifierCodes[code]; ok && (code.System == SystemActCode || code.System == profiles.SystemOpenIMISVisitType) {
			say(&q)
		}
	}
	switch {
	case q.when.Visit != adjudication.AnyVisit:
		return q.when.Visit, q.when.Referred
	case stay:
		return adjudication.Inpatient, q.when.Referred
	}
	return adjudication.Ambulatory, q.when.Referred
}
