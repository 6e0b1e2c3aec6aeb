// Package coverage says what a policy and a person's membership in it are: the
// scheme's policy is a Contract, and each person it covers has a Coverage.
//
// Its door is Module. It keeps the two from contradicting each other and lets
// memberships follow their policy. What is paid under them it never asks.
package coverage

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailPolicy tells what is wrong with policies from other refusals.
const detailPolicy fhir.Detail = "policy"

// Settings are what a scheme may choose.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
}

// today gives the day of a transaction in the scheme's time zone.
func (s Settings) today(tx fhir.Tx) string { return s.dayOf(tx.Now()) }

// dayOf gives the day of a moment in the scheme's time zone.
func (s Settings) dayOf(t time.Time) string {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(time.DateOnly)
}

// Module gives the rules of memberships with the default Settings.
func Module() fhir.Module { return Settings{}.Module() }

// Module gives the rules of policies and memberships: statuses say what the
// scheme's own states say; a person has one Coverage of a policy, within it, of
// its plan, and never two of the same plan at a time. When a policy comes into
// force, is suspended, ends or is cancelled, its memberships follow; when a
// person dies or leaves the register, his end.
func (s Settings) Module() fhir.Module {
	return fhir.Module{
		Name: "coverage",
		Rules: []fhir.Rule{
			{Types: []string{"Contract"}, Check: checkContract},
			{Types: []string{"Coverage"}, Check: checkCoverage},
		},
		Reactions: []fhir.Reaction{
			{Name: "coverage-follows-policy", Types: []string{"Contract"}, React: follow},
			{Name: "coverage-ends-with-person", Types: []string{"Patient"}, React: s.end},
			{Name: "coverage-ends-with-family", Types: []string{"Group"}, React: s.leave},
			{Name: "coverage-begins-when-paid", Types: []string{"Invoice"}, React: paid},
			{Name: "coverage", Types: []string{"Coverage"}, React: consistent},
		},
		Unique: []fhir.Identifier{
			{Type: "Contract", System: profiles.IdentifierPolicy},
			{Type: "Coverage", System: profiles.IdentifierMembership},
		},
	}
}

// state gives the scheme's own word for where a policy or membership stands.
func state(n fhir.Node, url string) string { return n.Extension(url).Get("valueCode").Text() }

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailPolicy, expression, format, args...)
}
