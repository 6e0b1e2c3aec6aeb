package terms

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/profiles"
)

// The rules that schemes live by: of the whole product, and of its entries.

// rootExtension writes where an extension of the product is.
func rootExtension(url string) string { return "InsurancePlan.extension('" + url + "')" }

// rules reads those of the whole product.
func (c *planCompiler) rules(n fhir.Node) {
	if e := Extension(n, profiles.ExtensionFilingDeadline); e.Exists() {
		c.plan.Filing = c.deadline(e, profiles.ExtensionFilingDeadline)
	}
	if e := Extension(n, profiles.ExtensionProofOfPresence); e.Exists() {
		if d := c.deadline(e, profiles.ExtensionProofOfPresence); d != nil {
			c.plan.Presence, c.plan.PresenceDays = true, d.Days
			if d.Months > 0 {
				c.wrong(rootExtension(profiles.ExtensionProofOfPresence), "a visit code is valid for some days or weeks")
			}
		}
	}
	c.plan.BalanceBilling = Extension(n, profiles.ExtensionBalanceBilling).Get("valueBoolean").Text() == "true"
	c.plan.Admissions = c.word(n, profiles.ExtensionOverlappingStays, "paid", "refused") == 1
	c.plan.Decides = adjudication.Deciding(c.word(n, profiles.ExtensionDecidingDay, "line", "admission", "discharge"))
	c.payers(n)
	for _, e := range Extensions(n, profiles.ExtensionPatientGroupCondition) {
		c.group(e)
	}
	for plan := range n.Get("plan").Each() {
		for _, level := range Extensions(Extension(plan, profiles.ExtensionCapitation), "level") {
			c.plan.Capitated = append(c.plan.Capitated, Codings(level.Get("valueCodeableConcept"))...)
		}
	}
}

// deadline reads a Duration.
func (c *planCompiler) deadline(e fhir.Node, url string) *adjudication.Deadline {
	months, days, ok := Duration(e.Get("valueDuration"))
	if !ok {
		c.wrong(rootExtension(url), "the time is a whole number of days, weeks, months or years")
		return nil
	}
	return &adjudication.Deadline{Months: months, Days: days}
}

// word reads a code, and gives which of the words it is; the first where there is
// none.
func (c *planCompiler) word(n fhir.Node, url string, words ...string) int {
	e := Extension(n, url)
	if !e.Exists() {
		return 0
	}
	for i, word := range words {
		if e.Get("valueCode").Text() == word {
			return i
		}
	}
	c.wrong(rootExtension(url), "%.40q is none of %v", e.Get("valueCode").Text(), words)
	return 0
}

// group compiles who belongs to a group of patients.
func (c *planCompiler) group(e fhir.Node) {
	at := rootExtension(profiles.ExtensionPatientGroupCondition)
	codes := Codings(Extension(e, "group").Get("valueCoding"))
	if len(codes) != 1 || codes[0].Code == "" {
		c.wrong(at, "a group of patients has a code")
		return
	}
	g := adjudication.PatientGroup{Name: codes[0].String()}
	c.once(at, "group|", g.Name)
	if age := Extension(e, "age").Get("valueRange"); age.Exists() {
		from, to, ok := ageRange(age)
		if !ok || to > 0 && to < from {
			c.wrong(at, "the ages of %s are whole years (UCUM a), from low to high", g.Name)
		}
		g.Aged, g.From, g.To = true, from, to
	}
	if condition := Extension(e, "condition").Get("valueExpression"); condition.Exists() {
		g.Holds = c.condition(condition, at, g.Name)
	}
	c.plan.Groups = append(c.plan.Groups, g)
}

// groupSteps bounds what one condition may do with one claim.
const groupSteps = 100_000

// condition compiles the expression by which patients belong to a group. What can't
// be told of a claim is not true.
func (c *planCompiler) condition(n fhir.Node, at, group string) func(claim, patient, coverage fhir.Node, on adjudication.Day) bool {
	text := n.Get("expression").Text()
	e, err := path.Compile(text)
	if language := n.Get("language").Text(); language != "text/fhirpath" || text == "" || err != nil {
		said := "it needs a FHIRPath expression, of the language text/fhirpath"
		if err != nil {
			said = fhir.OutcomeOf(err).Error()
		}
		c.wrong(at, "who belongs to %s can't be told: %s", group, said)
		return nil
	}
	return func(claim, patient, coverage fhir.Node, on adjudication.Day) bool {
		variable := func(n fhir.Node, name string) path.Collection {
			if !n.Exists() {
				return nil
			}
			return path.Collection{path.Element(n, r4.Lookup(name))}
		}
		context := &path.Context{
			Variables: map[string]path.Collection{"patient": variable(patient, "Patient"), "coverage": variable(coverage, "Coverage")},
			Now:       adjudication.Date(on), Steps: groupSteps,
		}
		holds, known, err := e.Bool(claim, r4.Lookup(claim.Get("resourceType").Text()), context)
		return err == nil && known && holds
	}
}

// entry reads the rules of one entry.
func (c *planCompiler) entry(t target, n fhir.Node, at string) {
	where := func(url string) string { return at + ".extension('" + url + "')" }
	if e := Extension(n, profiles.ExtensionOnceADay); e.Exists() {
		c.everywhere(t, where(profiles.ExtensionOnceADay))
		c.once(where(profiles.ExtensionOnceADay), "once-a-day|", t.name)
		t.cover.Once = adjudication.No
		if e.Get("valueBoolean").Text() == "true" {
			t.cover.Once, c.plan.Repeats = adjudication.Yes, true
		}
	}
	c.wage(t, n, at)
	if e := Extension(n, profiles.ExtensionReferralRequired); e.Exists() {
		c.gate(t, e.Get("valueCode").Text(), where(profiles.ExtensionReferralRequired))
	}
	if Extension(n, profiles.ExtensionCapitated).Get("valueBoolean").Text() == "true" {
		c.once(where(profiles.ExtensionCapitated), "capitated|", t.name, "|", t.when)
		t.cover.Capitated = append(t.cover.Capitated, adjudication.Capitation{When: t.when})
	}
	for _, e := range Extensions(n, profiles.ExtensionDiagnosisExcluded) {
		t.cover.Excluded = append(t.cover.Excluded, c.diagnosis(t, e, where(profiles.ExtensionDiagnosisExcluded)))
	}
	for _, e := range Extensions(n, profiles.ExtensionDiagnosisRequired) {
		t.cover.Indicated = append(t.cover.Indicated, c.diagnosis(t, e, where(profiles.ExtensionDiagnosisRequired)))
	}
}

func (c *planCompiler) diagnosis(t target, e fhir.Node, at string) adjudication.Code {
	c.everywhere(t, at)
	code, ok := diagnosis(e)
	if !ok {
		c.wrong(at, "a diagnosis has a system and a code")
	}
	c.plan.Diagnoses = true
	return code
}

func diagnosis(e fhir.Node) (adjudication.Code, bool) {
	code := adjudication.Code{System: e.At("valueCoding", "system").Text(), Code: e.At("valueCoding", "code").Text()}
	return code, code.System != "" && code.Code != ""
}

// everywhere refuses a rule that holds in every setting in an entry of one.
func (c *planCompiler) everywhere(t target, at string) {
	if t.when.Setting != adjudication.AnySetting {
		c.wrong(at, "this rule is of all benefits, a category or a service, not of in- or out-patient benefits alone")
	}
}

func (c *planCompiler) gate(t target, code, at string) {
	gate := adjudication.Gate{When: t.when}
	switch code {
	case "hospital":
	case "elsewhere":
		gate.At = adjudication.GateElsewhere
	default:
		c.wrong(at, "a referral is required at hospitals (hospital) or away from the patient's own facility (elsewhere), not at %.40q", code)
		return
	}
	if c.once(at, "referral|", t.name, "|", t.when) {
		t.cover.Gates, c.plan.Gated = append(t.cover.Gates, gate), true
	}
}

// groupOf gives the group of patients that a qualifier names: one of Bima's, or one
// that the product has a condition of.
func (c *planCompiler) groupOf(concept fhir.Node) string {
	for _, code := range Codings(concept) {
		if name := code.String(); code.System == profiles.SystemPatientGroup || c.hasGroup(name) {
			return name
		}
	}
	return ""
}

func (c *planCompiler) hasGroup(name string) bool {
	for _, g := range c.plan.Groups {
		if g.Name == name {
			return true
		}
	}
	return false
}

// rules reads those of a tariff.
func (c *tariffCompiler) rules(n fhir.Node) {
	for _, e := range Extensions(n, profiles.ExtensionExclusiveServices) {
		group, within := Extension(e, "group").Get("valueCode").Text(), Extension(e, "within").Get("valueCode").Text()
		if group == "" || within != "day" && within != "claim" {
			c.issue(fhir.SeverityError, fhir.IssueBusinessRule, "ChargeItemDefinition.extension('"+profiles.ExtensionExclusiveServices+"')",
				"services that exclude each other have a group, and do so within a day or a claim")
			continue
		}
		c.tariff.Exclusive = append(c.tariff.Exclusive, adjudication.Exclusive{Group: group, Claim: within == "claim"})
	}
	c.tariff.Excluded = c.diagnoses(n, profiles.ExtensionDiagnosisExcluded)
	c.tariff.Indicated = c.diagnoses(n, profiles.ExtensionDiagnosisRequired)
}

func (c *tariffCompiler) diagnoses(n fhir.Node, url string) (list []adjudication.Code) {
	for _, e := range Extensions(n, url) {
		code, ok := diagnosis(e)
		if !ok {
			c.issue(fhir.SeverityError, fhir.IssueBusinessRule, "ChargeItemDefinition.extension('"+url+"')", "a diagnosis has a system and a code")
			continue
		}
		list = append(list, code)
	}
	return list
}
