package employer

import (
	"context"
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// marked is the mark in a context that what is written is written by an operation
// of this package.
type marked struct{}

func mark(ctx context.Context) context.Context { return context.WithValue(ctx, marked{}, true) }

// checkContract asks what a contract of an employer is, and lets its state change
// by operations only. What was agreed is changed by an amendment.
func checkContract(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	var before *contract
	if c.Before != nil {
		n, err := parse(c.Before)
		if err != nil {
			return err
		}
		if isContract(n) {
			before = Settings{}.contractOf(c.Key, n)
		}
	}
	if c.After == nil {
		if before != nil && !before.is(stateDraft, stateCountered) {
			return refuse("Contract", "the contract is %s, so it can't be deleted; end it ($terminate)", before.state)
		}
		return nil
	}
	if !isContract(c.Node) {
		if before != nil {
			return refuse("Contract.type", "a contract of an employer stays one; make a new Contract")
		}
		return nil
	}
	now := Settings{}.contractOf(c.Key, c.Node)
	if ctx.Value(marked{}) == nil {
		if err := checkByHand(before, now); err != nil {
			return err
		}
	}
	return checkTerms(r, now)
}

// checkByHand holds what a caller writes against what the contract is.
func checkByHand(before, now *contract) error {
	switch {
	case now.node.Get("status").Text() == "entered-in-error" && (before == nil || before.is(stateDraft, stateCountered)):
		return nil
	case before == nil && !now.is(stateDraft):
		return refuse(stateExpression, "a contract of an employer begins as a draft, status negotiable; then $submit and $approve lead it on")
	case before != nil && before.state != now.state:
		return refuse(stateExpression, "the contract is %s, and becomes another by operations only: $submit, $counter, $approve, $declare, $amend, $terminate", before.state)
	case before != nil && !before.is(stateDraft, stateCountered):
		return refuse("Contract", "the contract is %s, so what it says stands; change it by an amendment ($amend)", before.state)
	}
	return nil
}

// checkTerms asks what the contract itself and its plans can answer.
func checkTerms(r fhir.Reader, c *contract) error {
	n := c.node
	switch {
	case n.Get("status").Text() == "entered-in-error":
		return nil
	case c.number == "":
		return refuse("Contract.identifier", "the contract has a number in the system %s", profiles.IdentifierPolicy)
	case n.Get("subject").Len() != 1 || c.employer.Type != "Organization":
		return refuse("Contract.subject", "the contract is with one employer: an Organization of this server")
	case r4.Target(c.insurer).Type != "Organization" || n.Get("authority").Len() != 1:
		return refuse("Contract.authority", "the contract names one insurer: an Organization of this server")
	case !n.At("applies", "start").Exists() || !n.At("applies", "end").Exists() || c.end < c.start:
		return refuse("Contract.applies", "the contract has a first and a last day, in this order")
	case c.start != monthOf(c.start).first:
		return refuse("Contract.applies.start", "the contract begins with a month: on %s or %s", adjudication.WriteDay(monthOf(c.start).first), adjudication.WriteDay(monthOf(c.start).next().first))
	}
	employer, err := fhir.Tree(r, c.employer)
	if err != nil {
		return err
	}
	if employer.Identifier(profiles.IdentifierEmployer) == "" {
		return refuse("Contract.subject", "%s is no employer: it has no number in the system %s", c.employer, profiles.IdentifierEmployer)
	}
	_, err = c.plans(r)
	return err
}

// isEmployees reports whether a Group is of those who work for an employer.
func isEmployees(n fhir.Node) bool {
	return n.Get("code").Code(profiles.SystemGroupKind) == "employees"
}

// checkEmployees asks what a group of employees is: persons, each in it once at a
// time, of an employer.
func checkEmployees(_ context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After == nil || !isEmployees(c.Node) {
		return nil
	}
	if c.Node.Get("type").Text() != "person" || c.Node.Get("actual").Text() != "true" {
		return refuse("Group.type", "employees are a Group of type person, and actual")
	}
	employer, err := fhir.Tree(r, r4.Target(c.Node.Get("managingEntity")))
	if err != nil {
		return err
	}
	if employer.Identifier(profiles.IdentifierEmployer) == "" {
		return refuse("Group.managingEntity", "employees work for an employer: an Organization with a number in the system %s", profiles.IdentifierEmployer)
	}
	seen := map[fhir.Key]bool{}
	i := -1
	for m := range c.Node.Get("member").Each() {
		i++
		k := r4.Target(m.Get("entity"))
		if m.Get("inactive").Text() == "true" || k.IsZero() {
			continue
		}
		if seen[k] {
			return refuse(fmt.Sprintf("Group.member[%d].entity", i), "%s is in the group already; where he has left and come back, set inactive on the earlier", k)
		}
		seen[k] = true
	}
	return nil
}
