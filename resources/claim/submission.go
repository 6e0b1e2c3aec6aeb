package claim

import (
	"slices"
	"strings"

	"bima/adjudication/facts"
	"bima/fhir"
)

// A submission names what must be claimed once only: a number of a facility, by
// one submitter. It is a ledger account whose buckets are the claims that bear
// it, so that it is freed with them; "" for a claim without a number.
type submission string

// submissionOf makes it of the submitter, the facility and the first identifier.
func submissionOf(caller fhir.Caller, n fhir.Node, g *facts.Claim) submission {
	identifier := n.Get("identifier").First()
	value := identifier.Get("value").Text()
	if value == "" {
		return ""
	}
	facility := n.At("provider", "reference").Text()
	if g != nil && !g.Provider.IsZero() {
		facility = g.Provider.String()
	}
	parts := []string{"submission", caller.Identity, facility, identifier.Get("system").Text(), value}
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "|", "%7C")
	}
	return submission(strings.Join(parts, "|"))
}

// renumbered reports whether a change gives a claim its number: it is new or was
// not active, or its number or its facility is another one now.
func renumbered(c fhir.Change) (bool, error) {
	if c.Before == nil {
		return true, nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return false, err
	}
	before := doc.Root()
	return before.Get("status").Text() != "active" ||
		!same(before.Get("identifier"), c.Node.Get("identifier")) ||
		!same(before.Get("provider"), c.Node.Get("provider")), nil
}

// claim notes that the claim bears its number. A second claim of the same
// submission is refused; the error tells whether it is the same claim once more,
// or another one under the same number. The source of the entry is the
// ClaimResponse, so that a second decision leaves it alone.
func (s submission) claim(tx fhir.Tx, p *pending) error {
	if s == "" {
		return nil
	}
	source := responseKey(p.key)
	balances, err := tx.Tally(fhir.Tally{Accounts: []string{string(s)}, Except: source})
	if err != nil {
		return err
	}
	for _, b := range balances {
		id, ok := strings.CutPrefix(b.Bucket, "Claim/")
		if !ok || b.Value == 0 {
			continue
		}
		if err := repeats(tx, fhir.Key{Type: "Claim", ID: id}, p); err != nil {
			return err
		}
	}
	return tx.Post(source, []fhir.Entry{{Account: string(s), Bucket: p.key.String(), Value: 1}})
}

// A repetition is a claim that was submitted before as Key.
type repetition struct{ fhir.Key }

// Error names the claim that is there.
func (r *repetition) Error() string { return "the claim was submitted before as " + r.Key.String() }

// repeats compares with the claim that bears the number already.
func repeats(tx fhir.Tx, k fhir.Key, p *pending) error {
	earlier, err := tx.Read(k)
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(earlier.Body)
	if err != nil {
		return err
	}
	number := p.node.Get("identifier").First().Get("value").Text()
	if differing := differences(doc.Root(), p.node); len(differing) > 0 {
		return fhir.Errorf(fhir.IssueConflict, "Claim.identifier[0]",
			"%s of this facility bears the number %.60q already and differs in %s; give this claim its own number, or update that one",
			k, number, strings.Join(differing, ", "))
	}
	return fhir.Errorf(fhir.IssueDuplicate, "Claim.identifier[0]",
		"this claim, number %.60q, was submitted before as %s; its decision is %s", number, k, responseKey(k)).Because(&repetition{k})
}

// notCompared are the elements in which one claim sent twice may differ.
var notCompared = []string{"id", "meta", "text", "created", "implicitRules"}

// differences names the elements in which two claims differ.
func differences(a, b fhir.Node) []string {
	var names []string
	for _, pair := range [][2]fhir.Node{{a, b}, {b, a}} {
		for m := range pair[0].All() {
			name := m.Name()
			if !slices.Contains(notCompared, name) && !slices.Contains(names, name) && !same(m, pair[1].Get(m.Name())) {
				names = append(names, name)
			}
		}
	}
	return names
}

// same compares two values; members of objects in any order.
func same(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		for m := range a.All() {
			if !same(m, b.Get(m.Name())) {
				return false
			}
		}
		return true
	case fhir.KindArray:
		other := b.First()
		for e := range a.All() {
			if !same(e, other) {
				return false
			}
			other = other.Next()
		}
		return true
	}
	return a.Text() == b.Text()
}
