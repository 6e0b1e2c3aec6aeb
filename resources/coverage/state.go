package coverage

import (
	"context"
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// contractStatuses says which Contract.status each policy state goes with, the
// usual one first. The same table, with its reasons, is in
// profiles/input/pagecontent/policy.md.
var contractStatuses = map[string][]string{
	"draft":      {"negotiable"},
	"offered":    {"offered"},
	"countered":  {"rejected"},
	"ready":      {"executable"},
	"active":     {"executed", "resolved"},
	"suspended":  {"disputed"},
	"amended":    {"amended"},
	"renewed":    {"renewed"},
	"expired":    {"terminated"},
	"terminated": {"terminated"},
	"cancelled":  {"cancelled", "revoked"},
}

// coverageStatuses says which Coverage.status each membership state goes with.
var coverageStatuses = map[string][]string{
	"draft":     {"draft"},
	"active":    {"active"},
	"issued":    {"active"},
	"used":      {"active"},
	"expired":   {"active"},
	"suspended": {"cancelled"},
	"cancelled": {"cancelled"},
}

// checkContract holds a policy's status against its state. A Contract without a
// state is no policy of the scheme.
func checkContract(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	return checkStatus(c.Node, profiles.ExtensionPolicyState, contractStatuses, "Contract.status")
}

// checkCoverage holds a membership's status against its state.
func checkCoverage(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	return checkStatus(c.Node, profiles.ExtensionCoverageState, coverageStatuses, "Coverage.status")
}

func checkStatus(n fhir.Node, url string, table map[string][]string, expression string) error {
	state, status := state(n, url), n.Get("status").Text()
	if state == "" || status == "entered-in-error" {
		return nil
	}
	allowed, known := table[state]
	if !known {
		return refuse(strings.TrimSuffix(expression, "status")+"extension('"+url+"')", "the scheme knows no state %.40q", state)
	}
	if !slices.Contains(allowed, status) {
		return refuse(expression, "the state %s goes with the status %s, not with %.40q", state, strings.Join(allowed, " or "), status)
	}
	return nil
}
