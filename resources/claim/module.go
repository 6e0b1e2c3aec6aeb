package claim

import (
	"context"
	"strings"
	"time"

	"bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Base is the absolute URL of [base], so that references by it are understood;
	// with "" only relative references and business identifiers are.
	Base string
	// Corrections is how often a claim that was rejected may be submitted again in
	// place of the one before; 0 does not count.
	Corrections int
	Appeals     Appeals
	// Language is that of dispositions, reasons and notes: one of answer.Languages;
	// "", and any other, is English.
	Language string
	// ReviewDays is how long a review may take under products that don't say; 0 is 14.
	ReviewDays int
	// Inquired is how many claims one $inquire tells of; 0 is 5,000.
	Inquired int
}

// Module makes the module of claims with the default Settings; base is theirs.
func Module(base string) fhir.Module { return Settings{Base: base}.Module() }

// Module makes the module of claims.
func (s Settings) Module() fhir.Module {
	d := &decider{facts: facts.New(s.Base, s.Zone), zone: s.Zone, reviewDays: s.ReviewDays, corrections: s.Corrections, appeals: s.Appeals}
	d.tongue, _ = answer.Tongue(s.Language)
	front := &desk{base: strings.TrimSuffix(s.Base, "/"), zone: d.in(), appeals: s.Appeals, facts: d.facts, told: s.Inquired}
	return fhir.Module{
		Name: "claim",
		Rules: []fhir.Rule{
			{Types: []string{"Claim"}, Check: d.theirs},
			{Types: []string{"Claim"}, Check: numbered},
			{Types: []string{"Claim"}, Check: d.keep},
			{Types: []string{"Task"}, Check: d.mine},
			{Types: []string{"PractitionerRole", "Device", "Location"}, Check: d.whoWorks},
			{Types: []string{"Task"}, Check: d.hear},
			{Types: []string{"ClaimResponse", "ExplanationOfBenefit"}, Check: own},
		},
		Reactions: []fhir.Reaction{
			{Name: "stamp tariffs", Types: []string{"ChargeItemDefinition"}, React: stamp},
			{Name: "stamp code systems", Types: []string{"CodeSystem"}, React: stampCodes},
			{Name: "stamp review conditions", Types: []string{"InsurancePlan"}, React: stampReviews},
			{Name: "decide claims", Types: []string{"Claim"}, React: d.react},
			{Name: "decide claims anew", Types: []string{"Coverage", "Contract", "Invoice"}, React: d.covered},
			{Name: "decide reviewed claims", Types: []string{"Task"}, React: d.reviewed},
			{Name: "decide claims as asked", Types: []string{"Task"}, React: d.asked},
		},
		Operations: front.operations(),
		Notices:    []fhir.Notice{{Types: []string{"ClaimResponse"}, Tell: d.explains.committed}},
		Workers:    []fhir.Worker{{Kind: jobDecide, Work: d.retry}, {Kind: jobRedecide, Work: d.goOn}, {Kind: jobExplain, Work: d.explain}},
		Daily:      []fhir.Daily{{Name: "claim-waiting", Work: d.daily}, {Name: "appeals-overdue", Work: d.overdue}, {Name: "explanations", Work: d.explainDay}, {Name: "preauthorization-expiry", Work: d.expire}},
	}
}

// operations gives what is done at the desk.
func (f *desk) operations() []fhir.Operation {
	operation := func(code string, handle func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error)) fhir.Operation {
		return fhir.Operation{
			Code: code, Types: []string{"Claim"}, Instance: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/claim-" + code, Handle: handle,
		}
	}
	submit, inquire := operation("submit", f.submit), operation("inquire", f.inquire)
	submit.Type, submit.Instance, submit.Apart = true, false, true
	inquire.Type, inquire.Instance, inquire.Affects = true, false, false
	return []fhir.Operation{submit, inquire, operation("cancel", f.cancel), operation("reprocess", f.reprocess), operation("appeal", f.appeal)}
}

// stampCodes notes changes of code systems, by which diagnoses are known.
func stampCodes(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if err := facts.StampCodes(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// stamp notes changes of tariffs, so that the compiled ones are known to be old.
func stamp(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if err := facts.Stamp(tx, c); err != nil {
			return err
		}
	}
	return nil
}
