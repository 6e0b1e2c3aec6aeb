package employer

import (
	"encoding/json"
	"fmt"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// amend is Contract/[id]/$amend: it makes the draft that follows a contract.
func (s Settings) amend(tx fhir.Tx, c *contract, f parameters.Form) (*contract, error) {
	if !c.is(stateActive, stateSuspended, stateExpired) {
		return nil, c.wrongState("amended or renewed", "active, suspended or expired")
	}
	from, until, err := c.successorDays(f)
	if err != nil {
		return nil, err
	}
	all, err := billedOf(tx, c.key)
	if err != nil {
		return nil, err
	}
	if last, had := all.last(); had && from <= last.last {
		return nil, refuse(parameters.Expression("from"), "%s is declared already; an amendment begins after it", last)
	}
	if open, err := c.successor(tx); err != nil || open != nil {
		if err == nil {
			err = fhir.Detailf(fhir.IssueDuplicate, detailEmployer, "Contract", "%s follows this contract already and is %s; change that one, or delete it", open.number, open.state)
		}
		return nil, err
	}
	number, err := c.freeNumber(tx)
	if err != nil {
		return nil, err
	}
	body, err := c.copyAs(number, from, until)
	if err != nil {
		return nil, err
	}
	stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Contract"}, Body: body})
	if err != nil {
		return nil, err
	}
	return &contract{key: stored.Key}, nil
}

// successorDays reads when the new contract is to be in force.
func (c *contract) successorDays(f parameters.Form) (from, until day, err error) {
	text, err := f.Day("from", "")
	if err != nil {
		return 0, 0, err
	}
	from, ok := adjudication.ReadDay(text)
	at := parameters.Expression("from")
	switch {
	case !ok:
		return 0, 0, fhir.Errorf(fhir.IssueRequired, at, "say from which day the new contract is in force")
	case from <= c.start || from > c.end+1:
		return 0, 0, refuse(at, "an amendment begins after %s, with a month, and a renewal on %s", adjudication.WriteDay(c.start), adjudication.WriteDay(c.end+1))
	case c.is(stateExpired) && from != c.end+1:
		return 0, 0, refuse(at, "the contract is over; a renewal begins on %s", adjudication.WriteDay(c.end+1))
	}
	otherwise := c.end
	if from == c.end+1 {
		otherwise = c.end + (c.end - c.start) + 1
		if months := monthsOf(c.start, c.end); months > 0 {
			otherwise = addMonths(from, months) - 1
		}
	}
	if text, err = f.Day("until", adjudication.WriteDay(otherwise)); err != nil {
		return 0, 0, err
	}
	until, _ = adjudication.ReadDay(text)
	if until < from {
		return 0, 0, refuse(parameters.Expression("until"), "the contract ends before it begins")
	}
	return from, until, nil
}

// monthsOf counts the months of a period that is of whole months; 0 where it is not.
func monthsOf(start, end day) int {
	if monthOf(start).first != start || monthOf(end).last != end {
		return 0
	}
	n := 0
	for m := monthOf(start); m.first <= end; m = m.next() {
		n++
	}
	return n
}

// addMonths gives the first day of the month that comes some months later.
func addMonths(first day, months int) day {
	m := monthOf(first)
	for range months {
		m = m.next()
	}
	return m.first
}

// successor gives the contract that is to follow this one and has not ended; nil
// where there is none.
func (c *contract) successor(r fhir.Reader) (found *contract, err error) {
	err = each(r, "Contract", refers("subject", c.employer), func(k fhir.Key, n fhir.Node) error {
		other := Settings{}.contractOf(k, n)
		if isContract(n) && other.predecessor == c.key && !other.is(stateCancelled, stateTerminated, "") && n.Get("status").Text() != "entered-in-error" {
			found = other
		}
		return nil
	})
	return found, err
}

// amendmentsMax bounds how often one contract is amended or renewed.
const amendmentsMax = 200

// freeNumber gives the number of the contract with the next free suffix, -2 and on.
func (c *contract) freeNumber(r fhir.Reader) (string, error) {
	base := c.number
	if before, _, amended := strings.Cut(c.number, "/"); amended {
		base = before
	}
	for n := 2; n <= amendmentsMax; n++ {
		number := fmt.Sprintf("%s/%d", base, n)
		_, taken, err := r.Owner(fhir.UniqueKey{Type: "Contract", Name: profiles.IdentifierPolicy, Value: number})
		if err != nil || !taken {
			return number, err
		}
	}
	return "", fhir.Errorf(fhir.IssueTooCostly, "Contract.identifier", "the contract %s was amended %d times; make a new one", base, amendmentsMax)
}

// copyAs spells the draft of the contract that follows.
func (c *contract) copyAs(number string, from, until day) ([]byte, error) {
	var tree map[string]any
	if err := json.Unmarshal(c.node.Raw(), &tree); err != nil {
		return nil, err
	}
	delete(tree, "id")
	delete(tree, "meta")
	before := datatype.To(c.key)
	extensions := []any{
		extension{URL: profiles.ExtensionPolicyState, ValueCode: stateDraft},
		extension{URL: profiles.ExtensionContractPredecessor, ValueReference: &before},
	}
	if terms := c.node.Extension(profiles.ExtensionEmployerTerms); terms.Exists() {
		extensions = append(extensions, rawJSON(terms.Raw()))
	}
	tree["extension"], tree["status"] = extensions, status[stateDraft]
	tree["identifier"] = []identifier{datatype.Number(profiles.IdentifierPolicy, number)}
	tree["applies"] = datatype.Between(adjudication.WriteDay(from), adjudication.WriteDay(until))
	terms, _ := tree["term"].([]any)
	for _, term := range terms {
		if t, ok := term.(map[string]any); ok {
			delete(t, "asset")
			delete(t, "applies")
		}
	}
	return datatype.JSON(tree), nil
}

// replace lets an amendment begin in place of the contract it amends, once its
// first day has come: cover goes on under it, with what was waited and used. A
// renewal begins when it is paid.
func (s Settings) replace(tx fhir.Tx, c *contract, today day) error {
	if c.predecessor.IsZero() || !c.is(stateReady) || c.start > today {
		return nil
	}
	before, err := s.under(tx, c.predecessor)
	if err != nil || before == nil || c.start > before.end {
		return err
	}
	if !before.is(stateActive) {
		return refuse(stateExpression, "the contract it amends, %s, is %s; it must be active: pay its arrears first", before.key, before.state)
	}
	plans, err := c.plans(tx)
	if err != nil {
		return err
	}
	covers, err := before.covers(tx)
	if err != nil {
		return err
	}
	staff, err := staffOf(tx, c.employer)
	if err != nil {
		return err
	}
	ended := before.end
	if err := before.become(tx, stateAmended, before.until(c.start-1)); err != nil {
		return err
	}
	if err := c.become(tx, stateActive, nil); err != nil {
		return err
	}
	carried := map[fhir.Key]bool{}
	for _, old := range covers {
		k, from, err := c.takeOver(tx, ended, old, staff.planFor(old, plans))
		if err != nil {
			return err
		}
		// What a person used is one account, however many covers he has.
		if k.IsZero() || carried[old.person] {
			continue
		}
		carried[old.person] = true
		if err := carryUse(tx, before.key, c.key, old.person, from, k); err != nil {
			return err
		}
	}
	return nil
}

// takeOver ends a cover under the old contract, and goes on with it under a plan of
// this one, nil where it has none of the product; of who leaves before the old
// contract would have ended, to that day. It gives the Coverage with its first day.
func (c *contract) takeOver(tx fhir.Tx, ended day, old *cover, p *plan) (fhir.Key, day, error) {
	until := old.to
	if err := old.end(tx, c.start-1); err != nil || p == nil || until < c.start {
		return fhir.Key{}, 0, err
	}
	b := beginning{contract: c, plan: p, person: old.person, from: max(c.start, old.from), to: c.end, waiting: old.waitingFrom()}
	if until < ended {
		b.to = min(b.to, until)
	}
	k, err := b.begin(tx)
	return k, b.from, err
}

// carryUse lets what an employee has used under the old contract stand in the
// accounts of the new one, as of its first day.
func carryUse(tx fhir.Tx, before, now, person fhir.Key, from day, coverage fhir.Key) error {
	household := "|" + person.String()
	accounts := map[string]string{
		before.String() + household:             now.String() + household,
		before.String() + household + household: now.String() + household + household,
	}
	var asked []string
	for old := range accounts {
		asked = append(asked, old)
	}
	used, err := tx.Tally(fhir.Tally{Accounts: asked})
	if err != nil || len(used) == 0 {
		return err
	}
	var entries []fhir.Entry
	for _, u := range used {
		entries = append(entries, fhir.Entry{Account: accounts[u.Account], Bucket: u.Bucket, Day: from, Value: u.Value})
	}
	return tx.Post(coverage, entries)
}
