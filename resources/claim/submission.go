package claim

import (
	"strings"

	"bima/adjudication/facts"
	"bima/fhir"
)

// A submission names what must be claimed once only: a number of a facility, by
// one submitter. The number is a ledger account, and each claim that bears it a
// bucket of it with its submitter, so that it is freed with the claim.
type submission struct {
	number    string // the account
	submitter string
}

// submissionAccount begins the account of each number.
const submissionAccount = "submission"

// submissionOf makes it of the submitter, the facility and the first identifier.
func submissionOf(caller fhir.Caller, n fhir.Node, g *facts.Claim) *submission {
	identifier := n.Get("identifier").First()
	value := identifier.Get("value").Text()
	if value == "" {
		return nil
	}
	facility := n.At("provider", "reference").Text()
	if !g.Provider.IsZero() {
		facility = g.Provider.String()
	}
	parts := []string{submissionAccount, facility, identifier.Get("system").Text(), value}
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "|", "%7C")
	}
	return &submission{number: strings.Join(parts, "|"), submitter: caller.Identity}
}

// accounts gives the account of the number, which is also the name of its lock.
func (s *submission) accounts() []string {
	if s == nil {
		return nil
	}
	return []string{s.number}
}

// entries notes that a claim bears the number.
func (s *submission) entries(claim fhir.Key) []fhir.Entry {
	if s == nil {
		return nil
	}
	return []fhir.Entry{{Account: s.number, Bucket: claim.ID + "|" + s.submitter, Value: 1}}
}

// check looks for another claim of the same submission. One that is posted is
// refused: the error tells whether it is the same claim once more, or another one
// under the same number. One that was put under an id of the client's own is
// kept, and denied as a duplicate. A claim that bears the number already keeps
// its first submitter, whoever changes it.
func (s *submission) check(tx fhir.Tx, p *pending, balances []fhir.Balance) error {
	if s == nil {
		return nil
	}
	for _, b := range balances {
		id, submitter, ok := strings.Cut(b.Bucket, "|")
		if ok && id == p.key.ID {
			s.submitter = submitter
			return nil
		}
	}
	for _, b := range balances {
		id, submitter, ok := strings.Cut(b.Bucket, "|")
		if !ok || b.Account != s.number || submitter != s.submitter || id == p.corrects().ID {
			continue
		}
		if p.posted {
			return repeats(tx, fhir.Key{Type: "Claim", ID: id}, p)
		}
		p.gathered.Case.Duplicate, p.submitted = true, nil
		return nil
	}
	return nil
}

// repeats compares with the claim that bears the number already. The same content
// is that claim once more; see fhir.Existing.
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
	if differing := fhir.Differences(doc.Root(), p.node); len(differing) > 0 {
		return fhir.Errorf(fhir.IssueConflict, "Claim.identifier[0]",
			"%s of this facility bears the number %.60q already and differs in %s; give this claim its own number, or update that one",
			k, number, strings.Join(differing, ", "))
	}
	return fhir.Errorf(fhir.IssueDuplicate, "Claim.identifier[0]",
		"this claim, number %.60q, was submitted before as %s; its decision is %s", number, k, responseKey(k)).Because(fhir.Existing{Key: k})
}
