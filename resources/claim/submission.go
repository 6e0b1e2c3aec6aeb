package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// A submission names what must be claimed once only: a number of a facility. The
// number is a ledger account, and each claim that bears it a bucket of it with its
// submitter. A claim that is withdrawn goes on bearing it, so that a late retry is
// not paid.
type submission struct {
	number    string // the account
	submitter string
	bears     int64 // how the claim bears it
}

// How a claim bears its number: the first that does owns it, a second is denied as a
// duplicate, and one that is withdrawn leaves it to others that name it.
const (
	bearsOwn int64 = iota + 1
	bearsSecond
	bearsWithdrawn
)

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
	return &submission{number: strings.Join(parts, "|"), submitter: caller.Identity, bears: bearsOwn}
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
	return []fhir.Entry{{Account: s.number, Bucket: claim.ID + "|" + s.submitter, Value: s.bears}}
}

// check looks for another claim of the number. The submitter who posts it again gets
// an error that tells whether it is the same claim once more, or another one under the
// same number. One that was put under an id of the client's own, or that another
// submitter sends for the facility, is kept, and denied as a duplicate. A claim that
// bears the number already keeps its first submitter, whoever changes it.
func (s *submission) check(tx fhir.Tx, p *pending, balances []fhir.Balance) error {
	if s == nil {
		return nil
	}
	var others []bearer
	for _, b := range balances {
		id, submitter, ok := strings.Cut(b.Bucket, "|")
		switch {
		case !ok || b.Account != s.number || id == p.corrects().ID:
		case id != p.key.ID:
			others = append(others, bearer{fhir.Key{Type: "Claim", ID: id}, submitter, b.Value})
		case b.Value == bearsOwn:
			s.submitter = submitter
			return nil
		default:
			s.submitter = submitter
		}
	}
	slices.SortFunc(others, func(a, b bearer) int { return cmp.Compare(a.bears, b.bears) })
	if p.posted {
		if err := s.repeated(tx, p, others); err != nil {
			return err
		}
	}
	if len(others) > 0 && others[0].bears == bearsOwn {
		p.gathered.Case.Duplicate, s.bears = true, bearsSecond
	}
	return nil
}

// sequenced are the lists of a Claim whose entries are named by their sequence.
var sequenced = []string{"careTeam", "supportingInfo", "diagnosis", "procedure", "insurance", "item"}

// numbered is the Rule that no two entries of a list bear one sequence: what a
// reviewer, an appeal or another insurer says of it would be of both. Source: R4
// Claim.item.sequence ("a number to uniquely identify item entries").
func numbered(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if status := c.Node.Get("status").Text(); c.After == nil || slices.Contains(withdrawnStates, status) {
		return nil
	}
	for _, list := range sequenced {
		seen, i := map[string]int{}, 0
		for entry := range c.Node.Get(list).Each() {
			sequence := entry.Get("sequence").Text()
			if first, twice := seen[sequence]; twice {
				return fhir.Detailf(fhir.IssueInvalid, detailClaim, fmt.Sprintf("Claim.%s[%d].sequence", list, i),
					"Claim.%s[%d] bears the sequence %s already; give each its own", list, first, sequence)
			}
			seen[sequence] = i
			i++
		}
	}
	return nil
}

// withdrawnStates are those of claims that are no more.
var withdrawnStates = []string{"cancelled", "entered-in-error"}

// A bearer is a claim that bears a number.
type bearer struct {
	claim     fhir.Key
	submitter string
	bears     int64
}

// repeated refuses what its submitter posted before. Where a claim names the one that
// it corrects, those that were withdrawn are over.
func (s *submission) repeated(tx fhir.Tx, p *pending, others []bearer) (other error) {
	for _, b := range others {
		if b.submitter != s.submitter || b.bears == bearsWithdrawn && !p.corrects().IsZero() {
			continue
		}
		err := repeats(tx, b.claim, p)
		if fhir.HasIssue(err, fhir.IssueDuplicate) || !fhir.HasIssue(err, fhir.IssueConflict) {
			return err
		}
		if other == nil {
			other = err
		}
	}
	return other
}

// repeats compares with a claim that bears the number already. The same content
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
	before, wayOut := doc.Root(), "give this claim its own number, or update that one"
	differing := fhir.Differences(before, p.node)
	if status := before.Get("status").Text(); status != "active" {
		wayOut = fmt.Sprintf("it is %s: name it as corrected by Claim.related, or give this claim its own number", status)
		differing = slices.DeleteFunc(differing, func(name string) bool {
			return name == "status" || name == "extension" && sameBut(before, p.node, profiles.ExtensionCancelReason, profiles.ExtensionReplacedBy)
		})
	}
	if len(differing) > 0 {
		return fhir.Errorf(fhir.IssueConflict, "Claim.identifier[0]",
			"%s of this facility bears the number %.60q already and differs in %s; %s",
			k, number, strings.Join(differing, ", "), wayOut)
	}
	return fhir.Errorf(fhir.IssueDuplicate, "Claim.identifier[0]",
		"this claim, number %.60q, was submitted before as %s; its decision is %s", number, k, responseKey(k)).Because(fhir.Existing{Key: k})
}

// sameBut reports whether two resources have the same extensions, but for some.
func sameBut(a, b fhir.Node, urls ...string) bool {
	list := func(n fhir.Node) (all []fhir.Node) {
		for e := range n.Get("extension").Each() {
			if !slices.Contains(urls, e.Get("url").Text()) {
				all = append(all, e)
			}
		}
		return all
	}
	return slices.EqualFunc(list(a), list(b), fhir.Same)
}

// bore gives what a claim that is no longer active leaves in the ledger: that it
// bore its number.
func (d *decider) bore(tx fhir.Tx, c fhir.Change) ([]fhir.Entry, error) {
	if c.After == nil {
		return nil, nil
	}
	before, err := treeBefore(c)
	if err != nil {
		return nil, err
	}
	g, err := d.facts.Claim(tx, before)
	if g == nil {
		return nil, err
	}
	s := submissionOf(tx.Caller(), before, g)
	if s == nil {
		return nil, nil
	}
	balances, err := tx.Tally(fhir.Tally{Accounts: s.accounts()})
	if err != nil {
		return nil, err
	}
	for _, b := range balances {
		if id, submitter, _ := strings.Cut(b.Bucket, "|"); id == c.ID {
			s.submitter, s.bears = submitter, bearsWithdrawn
			return s.entries(c.Key), nil
		}
	}
	return nil, nil
}
