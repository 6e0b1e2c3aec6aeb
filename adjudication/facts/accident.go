package facts

import (
	"slices"
	"strings"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// accidentAtWork is HL7's ActIncidentCode of an accident at work.
const accidentAtWork = "WPA"

// accident reads of what accident a claim is. Source: R4 Claim.accident.
func (f *Facts) accident(r fhir.Reader, claim fhir.Node, c *adjudication.Case) error {
	n := claim.Get("accident")
	if !n.Exists() {
		return nil
	}
	c.Accident = adjudication.AccidentOther
	if codesOf(n.Get("type"), accidentAtWork) {
		c.Accident = adjudication.AccidentWork
	}
	c.AccidentDay, c.AccidentDated = terms.FirstDay(n.Get("date"))
	employer := terms.Extension(n, profiles.ExtensionAccidentEmployer).Get("valueReference")
	if !employer.Exists() {
		return nil
	}
	k, ok, err := f.resolve(r, claim, employer, "Contract")
	if err != nil {
		return err
	}
	if !ok {
		c.Problems = append(c.Problems, unknown("Claim.accident.extension('"+profiles.ExtensionAccidentEmployer+"')", sayNoEmployer, employer))
	}
	c.Employer = k.String()
	return nil
}

// employersMax bounds how many employers of one person are looked at.
const employersMax = 16

// declared reads what the patient earns in a month, as his employers declared it
// last: the one at whose work the accident happened, else all he worked for on the
// day. It is asked where a plan replaces wages.
func (f *Facts) declared(r fhir.Reader, patient fhir.Key, c *adjudication.Case) error {
	if !slices.ContainsFunc(c.Policies, func(p adjudication.Policy) bool { return p.Plan != nil && p.Plan.Wages }) {
		return nil
	}
	employer, err := f.employerOf(r, c)
	if err != nil {
		return err
	}
	page, err := r.Search(&fhir.Query{Types: []string{"Group"}, Limit: employersMax, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "member", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: patient}},
		fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemGroupKind, Code: "employees"}},
	}})
	if err != nil {
		return err
	}
	day := c.Treatment.From
	if c.AccidentDated {
		day = c.AccidentDay
	}
	for _, resource := range page.Resources {
		group, err := parse(resource)
		if err != nil {
			return err
		}
		who, _, err := f.resolve(r, group, group.Get("managingEntity"), "Organization")
		if err != nil {
			return err
		}
		if !employer.IsZero() && who != employer {
			continue
		}
		for member := range group.Get("member").Each() {
			c.Wage += earns(member, patient, day, c.Currency)
		}
	}
	return nil
}

// employerOf gives the employer of the contract that the claim names.
func (f *Facts) employerOf(r fhir.Reader, c *adjudication.Case) (fhir.Key, error) {
	if c.Employer == "" {
		return fhir.Key{}, nil
	}
	contract, err := fhir.Tree(r, fhir.Key{Type: "Contract", ID: strings.TrimPrefix(c.Employer, "Contract/")})
	if err != nil {
		return fhir.Key{}, err
	}
	employer, _, err := f.resolve(r, contract, contract.Get("subject").First(), "Organization")
	return employer, err
}

// earns gives what a member of a group of employees earns in a month, where he is
// the patient and worked there on the day.
func earns(member fhir.Node, patient fhir.Key, day adjudication.Day, currency string) fhir.Amount {
	if member.At("entity", "reference").Text() != patient.String() {
		return 0
	}
	worked := terms.Period(member.Get("period"))
	on := adjudication.Period{From: day, To: day}
	if !worked.Contains(on) || member.Get("inactive").Text() == "true" && worked.To == adjudication.LastDay {
		return 0
	}
	income := terms.Extension(terms.Extension(member, profiles.ExtensionEmployment), "income").Get("valueMoney")
	value, ok := terms.Amount(income.Get("value"))
	if !ok || value < 0 || income.Get("currency").Text() != currency {
		return 0
	}
	return value
}
