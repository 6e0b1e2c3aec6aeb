package contract

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailPolicy tells what is wrong with policies from other refusals.
const detailPolicy fhir.Detail = "policy"

// Settings are what a scheme may choose. The zero value is a scheme in UTC by
// the Gregorian calendar with the defaults named below.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Calendar is that of plans that name none: "gregorian", which "" is as well,
	// or "bikram-sambat".
	Calendar string
	// PromptDays is how many days before a policy ends its renewal is called to
	// mind; 0 is 14, as in openIMIS.
	PromptDays int
	// PhotoMonthsAdult and PhotoMonthsChild are how old a photo may be at a
	// renewal; 0 is 60 and 12, as in openIMIS.
	PhotoMonthsAdult, PhotoMonthsChild int
	// NewbornDays is how long a newborn is covered under the family's policy
	// before he is added to it; 0 is 90, and below 0 he is not.
	NewbornDays int
	// ArrearsDays is how long after the last day to pay a policy that is in force
	// is suspended for what is owed.
	ArrearsDays int
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

func or(n, value int) int {
	if n == 0 {
		return value
	}
	return n
}

// Module gives the operations on policies, what follows when one is renewed or a
// child is born into it, and the daily work: what ends, what is owed too long,
// and what is to be renewed. Its reactions run before coverage's, which lets
// memberships follow the policy as it is then.
func Module(s Settings) fhir.Module {
	on := []string{"Contract"}
	define := func(code string, o fhir.Operation) fhir.Operation {
		o.Code, o.Types, o.Affects, o.Definition = code, on, true, profiles.Canonical+"/OperationDefinition/contract-"+code
		return o
	}
	return fhir.Module{
		Name: "contract",
		Operations: []fhir.Operation{
			define("offer", fhir.Operation{Type: true, Instance: true, Handle: s.offerOrComplete}),
			define("activate", fhir.Operation{Instance: true, Handle: s.on(s.activate)}),
			define("suspend", fhir.Operation{Instance: true, Handle: s.on(s.suspend)}),
			define("renew", fhir.Operation{Instance: true, Handle: s.on(s.renew)}),
			define("add-member", fhir.Operation{Instance: true, Handle: s.on(s.join)}),
			define("cancel", fhir.Operation{Instance: true, Handle: s.on(s.cancel)}),
		},
		Rules: []fhir.Rule{{Types: []string{"PaymentNotice"}, Check: s.instalments}},
		Reactions: []fhir.Reaction{
			{Name: "policy-grace", Types: []string{"Contract"}, React: graced},
			{Name: "policy-renewed", Types: []string{"Contract"}, React: renewed},
			{Name: "policy-newborn", Types: []string{"Group"}, React: s.newborns},
		},
		Daily: []fhir.Daily{
			{Name: "policy-expiry", Work: s.expire},
			{Name: "policy-arrears", Work: s.arrears},
			{Name: "policy-renewal", Work: s.prompt},
		},
	}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailPolicy, expression, format, args...)
}

// state gives where a policy or membership stands, in the scheme's word.
func state(n fhir.Node, url string) string { return n.Extension(url).Get("valueCode").Text() }

// The states of a policy. Source: CodeSystem policy-state.
const (
	stateDraft      = "draft"
	stateOffered    = "offered"
	stateReady      = "ready"
	stateActive     = "active"
	stateSuspended  = "suspended"
	stateRenewed    = "renewed"
	stateExpired    = "expired"
	stateTerminated = "terminated"
	stateCancelled  = "cancelled"
)
