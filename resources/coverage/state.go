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

// nextStates says which states a policy may be brought to from each. The same
// table is in profiles/input/pagecontent/policy.md.
var nextStates = map[string][]string{
	"draft":      {"offered", "countered", "ready", "active", "cancelled"},
	"offered":    {"draft", "countered", "ready", "active", "suspended", "expired", "cancelled"},
	"countered":  {"draft", "offered", "cancelled"},
	"ready":      {"offered", "active", "suspended", "expired", "cancelled"},
	"active":     {"suspended", "amended", "renewed", "expired", "terminated", "cancelled"},
	"suspended":  {"active", "amended", "renewed", "expired", "terminated", "cancelled"},
	"amended":    {"terminated"},
	"renewed":    {"active", "expired", "terminated"},
	"expired":    {"active", "renewed"},
	"terminated": {"active"},
	"cancelled":  nil,
}

// checkContract holds a policy's status against its state, and its state against
// the one before. A Contract without a state is no policy of the scheme.
func checkContract(_ context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return checkUnused(r, c)
	}
	if err := checkStatus(c.Node, profiles.ExtensionPolicyState, contractStatuses, "Contract.status"); err != nil {
		return err
	}
	was, is := before(c), state(c.Node, profiles.ExtensionPolicyState)
	if was == "" || was == is || c.Node.Get("status").Text() == "entered-in-error" || slices.Contains(nextStates[was], is) {
		return nil
	}
	next := strings.Join(nextStates[was], ", ")
	if next == "" {
		next = "nothing else: make a new policy"
	}
	return refuse("Contract.extension('"+profiles.ExtensionPolicyState+"')", "a policy that is %s becomes %s, not %.40q", was, next, is)
}

// checkUnused refuses to delete a policy that claims were paid by: its ledger
// would be lost. Source: openIMIS, which means to refuse the same.
func checkUnused(r fhir.Reader, c fhir.Change) error {
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return err
	}
	p := policyOf(doc.Root())
	if p.state == "" {
		return nil
	}
	accounts := []string{c.Key.String()}
	for _, person := range p.covered() {
		accounts = append(accounts, c.Key.String()+"|"+person.String())
	}
	used, err := r.Tally(fhir.Tally{Accounts: accounts})
	if err != nil || len(used) == 0 {
		return err
	}
	return refuse("Contract", "claims have used %s, so it can't be deleted; cancel it ($cancel)", c.Key)
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
