package eligibility

import (
	"context"
	"errors"
	"strings"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

const requestType = "CoverageEligibilityRequest"

// Module makes the module of eligibility. base is the absolute URL of [base], so
// that references by it are understood; with "" only relative references and
// business identifiers are.
func Module(base string) fhir.Module {
	a := &answerer{base: strings.TrimSuffix(base, "/"), facts: facts.New(base)}
	return fhir.Module{
		Name:      "eligibility",
		Reactions: []fhir.Reaction{{Name: "answer eligibility", Types: []string{requestType}, React: a.react}},
		Operations: []fhir.Operation{{
			Code: "submit", Types: []string{requestType}, Type: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/eligibility-submit",
			Handle:     a.submit,
		}},
	}
}

// An answerer answers requests. It keeps the plans and tariffs it compiled.
type answerer struct {
	base  string // the absolute URL of [base], "" where it is not known
	facts *facts.Facts
}

// react answers the active requests of a transaction.
func (a *answerer) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Node.Get("status").Text() != "active" {
			continue
		}
		if err := a.answer(tx, c.Key, c.Node); err != nil {
			return err
		}
	}
	return nil
}

// responseKey gives the answer to a request: it bears the same id.
func responseKey(request fhir.Key) fhir.Key {
	return fhir.Key{Type: "CoverageEligibilityResponse", ID: request.ID}
}

func (a *answerer) answer(tx fhir.Tx, k fhir.Key, n fhir.Node) error {
	inquiry, err := a.gather(tx, n)
	if err != nil {
		return err
	}
	inquiry.Case = adjudication.Priced(inquiry.Case)
	standings := make([]adjudication.Standing, len(inquiry.Members))
	for i := range standings {
		standings[i] = adjudication.Stand(&inquiry.Case, i)
	}
	key := responseKey(k)
	body := answer.EligibilityResponse(answer.Eligibility{
		ID: key.ID, Key: k, Node: n, Facts: inquiry, Standings: standings,
		Decision: adjudication.Adjudicate(inquiry.Case), Created: tx.Now(),
	})
	_, err = tx.Update(&fhir.Resource{Key: key, Body: body}, 0)
	return err
}

// gather reads the facts. A plan that does not compile is told as an error of the
// answer: the question itself is in order.
func (a *answerer) gather(r fhir.Reader, n fhir.Node) (*facts.Inquiry, error) {
	inquiry, err := a.facts.Inquiry(r, n)
	var broken *facts.Undecidable
	if errors.As(err, &broken) {
		return &facts.Inquiry{Case: adjudication.Case{Problems: []adjudication.Problem{{Kind: fhir.IssueProcessing, Expression: requestType, Text: broken.Error()}}}}, nil
	}
	return inquiry, err
}
