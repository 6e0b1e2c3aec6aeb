package claim

import (
	"context"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailClaim tells what may not be done to a claim from other refusals.
const detailClaim fhir.Detail = "claim"

// keep is the Rule on changes of claims: what is paid stays as it is, what was
// replaced stays so, and nobody withdraws a claim but who submitted it, its
// facility, or an administrator.
func (d *decider) keep(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	if err := staysReplaced(before, c); err != nil || before.Get("status").Text() != "active" {
		return err
	}
	response, err := fhir.Tree(r, responseKey(c.Key))
	if err != nil {
		return err
	}
	if paid(response) {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim.status",
			"%s is paid and can neither be changed nor withdrawn; what was paid too much is found by Claim/%s/$reprocess and recovered", c.Key, c.ID)
	}
	if c.After != nil && c.Node.Get("status").Text() == "active" {
		return nil
	}
	return d.mayWithdraw(ctx, r, c.Key, before)
}

// staysReplaced refuses to take up again a claim that another has taken the place
// of: one treatment would be paid twice. So it goes on saying what replaced it.
func staysReplaced(before fhir.Node, c fhir.Change) error {
	by := targetOf(before, profiles.ExtensionReplacedBy)
	switch {
	case by.IsZero():
		return nil
	case c.After == nil:
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim", "%s was replaced by %s and is kept with it", c.Key, by)
	case c.Node.Get("status").Text() == "active":
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim.status", "%s was replaced by %s and can't be active beside it; correct that one", c.Key, by)
	case targetOf(c.Node, profiles.ExtensionReplacedBy) != by:
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim.extension", "%s was replaced by %s and goes on saying so", c.Key, by)
	}
	return nil
}

// answerers are the roles that may write decisions by hand: who brings them from
// another system, who notes payments, and who puts things right.
var answerers = []fhir.Role{fhir.RoleAdministrator, fhir.RoleAccountant, fhir.RoleIntegration}

// writable are the elements of what was decided here that answerers may change: what
// is paid of it, and how it is tagged.
var writable = map[string][]string{"ClaimResponse": {"payment", "meta"}, "ExplanationOfBenefit": {"meta"}}

// own is the Rule on answers to claims, and what members are told of them. Few may
// write them, and nobody changes the record of a decision that was made here: it
// follows from the claim, the rules and what reviewers said.
func own(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if !slices.ContainsFunc(answerers, who.Has) {
		return fhir.Errorf(fhir.IssueForbidden, "", "%s may not change %s: the server decides claims and writes it", who.Name, c.Key)
	}
	if c.Before == nil || who.IsSystem() {
		return nil
	}
	here, err := decidedHere(r, c)
	if err != nil || !here {
		return err
	}
	const wayOut = "; have the claim decided anew by Claim/%s/$reprocess, or put right what it follows from: the claim, its review, the registers"
	if c.After == nil {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, c.Type, "%s is the record of a decision and is kept; withdraw the claim by Claim/%s/$cancel"+wayOut, c.Key, c.ID, c.ID)
	}
	before, err := treeBefore(c)
	if err != nil {
		return err
	}
	for _, pair := range [][2]fhir.Node{{c.Node, before}, {before, c.Node}} {
		for m := range pair[0].All() {
			if name := m.Name(); !slices.Contains(writable[c.Type], name) && !fhir.Same(m, pair[1].Get(name)) {
				return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, c.Type+"."+name, "%s is the record of a decision, which nobody overwrites"+wayOut, c.Key, c.ID)
			}
		}
	}
	return nil
}

// decidedHere reports whether what is changed is the answer to a claim that is kept
// here, or was until it was deleted, or tells a member of it: the three bear one id. A
// ClaimResponse that was brought from elsewhere bears its own.
func decidedHere(r fhir.Reader, c fhir.Change) (bool, error) {
	key := fhir.Key{Type: "Claim", ID: c.ID}
	if _, err := r.Read(key); err != nil {
		if fhir.HasIssue(err, fhir.IssueNotFound) {
			err = nil
		}
		return false, err
	}
	response, err := fhir.Tree(r, responseKey(key))
	return response.At("request", "reference").Text() == key.String(), err
}

// paid reports whether a payment run has paid what a response grants.
func paid(response fhir.Node) bool { return response.Get("payment").Exists() }

// mayWithdraw refuses whoever is none of those whose claim it is.
func (d *decider) mayWithdraw(ctx context.Context, r fhir.Reader, claim fhir.Key, n fhir.Node) error {
	who, _ := fhir.CallerOf(ctx)
	if who.Has(fhir.RoleAdministrator) {
		return nil
	}
	provider, known, err := d.facts.Resolve(r, n, n.Get("provider"), "Organization", "Practitioner", "PractitionerRole")
	if err != nil {
		return err
	}
	if known {
		if works, err := worksNow(r, who.Entity, provider); works || err != nil {
			return err
		}
	}
	if submitted, err := d.submittedBy(r, who, claim, n); submitted || err != nil {
		return err
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not withdraw %s: only who submitted it, its facility or an administrator may", who.Name, claim)
}

// worksFor reports whether a caller acts as a provider, or as a person with a role
// there.
func worksFor(r fhir.Reader, entity, provider fhir.Key) (bool, error) {
	if entity == provider || entity.IsZero() {
		return entity == provider, nil
	}
	switch entity.Type {
	case "PractitionerRole":
		role, err := fhir.Tree(r, entity)
		return r4.Target(role.Get("organization")) == provider, err
	case "Practitioner":
		page, err := r.Search(&fhir.Query{Types: []string{"PractitionerRole"}, Limit: 1, Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "practitioner", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: entity}},
			fhir.Match{Param: fhir.Param{Code: "organization", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: provider}},
		}})
		return err == nil && len(page.Resources) > 0, err
	}
	return false, nil
}

// selves adds to roles the people who have them.
func selves(r fhir.Reader, roles []fhir.Key) ([]fhir.Key, error) {
	all := slices.Clone(roles)
	for _, k := range roles {
		if k.Type != "PractitionerRole" {
			continue
		}
		n, err := fhir.Tree(r, k)
		if err != nil {
			return nil, err
		}
		if person := r4.Target(n.Get("practitioner")); !person.IsZero() {
			all = append(all, person)
		}
	}
	return all, nil
}

// samePerson reports whether two are one person, each by himself or by a role.
func samePerson(r fhir.Reader, a, b fhir.Key) (bool, error) {
	ones, err := selves(r, []fhir.Key{a})
	if err != nil {
		return false, err
	}
	others, err := selves(r, []fhir.Key{b})
	return slices.ContainsFunc(ones, func(k fhir.Key) bool { return slices.Contains(others, k) }), err
}

// isOf reports whether somebody works for the facility that made a claim.
func (d *decider) isOf(r fhir.Reader, selves []fhir.Key, claim fhir.Key) (bool, error) {
	n, err := fhir.Tree(r, claim)
	if err != nil || !n.Exists() {
		return false, err
	}
	provider, known, err := d.facts.Resolve(r, n, n.Get("provider"), "Organization", "Practitioner", "PractitionerRole")
	if err != nil || !known {
		return false, err
	}
	for _, k := range selves {
		if works, err := worksFor(r, k, provider); works || err != nil {
			return works, err
		}
	}
	return false, nil
}

// submittedBy reports whether a caller is who submitted a claim with a number.
func (d *decider) submittedBy(r fhir.Reader, who fhir.Caller, claim fhir.Key, n fhir.Node) (bool, error) {
	g, err := d.facts.Claim(r, n)
	if g == nil {
		return false, err
	}
	own := submissionOf(who, n, g)
	if own == nil {
		return false, nil
	}
	balances, err := r.Tally(fhir.Tally{Accounts: own.accounts()})
	for _, b := range balances {
		if b.Bucket == own.entries(claim)[0].Bucket {
			return true, nil
		}
	}
	return false, err
}

// whyWithdrawn says in a sentence why a claim is no longer active.
func (d *decider) whyWithdrawn(n fhir.Node) string {
	if by := r4.Target(n.Extension(profiles.ExtensionReplacedBy).Get("valueReference")); !by.IsZero() {
		return d.tongue.Say("The claim was replaced by %s.", by)
	}
	if why := wordsOf(n.Extension(profiles.ExtensionCancelReason).Get("valueCodeableConcept")); why != "" {
		return d.tongue.Say("The claim was withdrawn: %s.", strings.TrimRight(why, ". "))
	}
	return d.tongue.Say("The claim was withdrawn.")
}

// wordsOf gives the text of a CodeableConcept, else what its first coding says.
func wordsOf(concept fhir.Node) string {
	if text := concept.Get("text").Text(); text != "" {
		return text
	}
	first := concept.Get("coding").First()
	if display := first.Get("display").Text(); display != "" {
		return display
	}
	return first.Get("code").Text()
}
