package eligibility

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

const (
	requestType  = "CoverageEligibilityRequest"
	responseType = "CoverageEligibilityResponse"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides the day on which a question is asked; nil is UTC
	// Base is the absolute URL of [base], so that references by it are understood;
	// with "" only relative references and business identifiers are.
	Base string
}

// Module makes the module of eligibility with the default Settings; base is theirs.
func Module(base string) fhir.Module { return Settings{Base: base}.Module() }

// Module makes the module of eligibility.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	a := &answerer{base: strings.TrimSuffix(s.Base, "/"), zone: s.Zone, facts: facts.New(s.Base, s.Zone)}
	return fhir.Module{
		Name:      "eligibility",
		Rules:     []fhir.Rule{{Types: []string{responseType}, Check: own}},
		Reactions: []fhir.Reaction{{Name: "answer eligibility", Types: []string{requestType}, React: a.react}},
		Operations: []fhir.Operation{{
			Code: "submit", Types: []string{requestType}, Type: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/eligibility-submit",
			Handle:     a.submit,
		}},
	}
}

// own is the Rule on answers: the server writes them, and few others may, since an
// answer proves that a patient was there.
func own(ctx context.Context, _ fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if who.Has(fhir.RoleAdministrator) || who.Has(fhir.RoleIntegration) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not change %s: the server answers questions about eligibility; ask by %s/$submit", who.Name, c.Key, requestType)
}

// An answerer answers requests. It keeps the plans and tariffs it compiled.
type answerer struct {
	base  string // the absolute URL of [base], "" where it is not known
	zone  *time.Location
	facts *facts.Facts
}

// react answers the active requests of a transaction.
func (a *answerer) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Node.Get("status").Text() != "active" {
			continue
		}
		if err := a.answer(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// responseKey gives the answer to a request: it bears the same id.
func responseKey(request fhir.Key) fhir.Key {
	return fhir.Key{Type: responseType, ID: request.ID}
}

func (a *answerer) answer(tx fhir.Tx, c fhir.Change) error {
	inquiry, err := a.gather(tx, c.Node)
	if err != nil {
		return err
	}
	asked, err := firstAsked(tx, c)
	if err != nil {
		return err
	}
	inquiry.Case = adjudication.Priced(inquiry.Case)
	standings := make([]adjudication.Standing, len(inquiry.Members))
	for i := range standings {
		standings[i] = adjudication.Stand(&inquiry.Case, i)
	}
	key := responseKey(c.Key)
	body := answer.EligibilityResponse(answer.Eligibility{
		ID: key.ID, Key: c.Key, Node: c.Node, Facts: inquiry, Standings: standings,
		Decision: adjudication.Adjudicate(inquiry.Case), Created: asked, Day: adjudication.DayOf(asked.In(a.zone)),
	})
	_, err = tx.Update(&fhir.Resource{Key: key, Body: body}, 0)
	return err
}

// firstAsked gives when a question was asked: now, or, where it is put again for the
// same person, facility and days, when it was asked first. So who sends it again
// loses no visit code, and wins none.
func firstAsked(tx fhir.Tx, c fhir.Change) (time.Time, error) {
	if c.Before == nil {
		return tx.Now(), nil
	}
	before, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return time.Time{}, err
	}
	for _, element := range []string{"status", "patient", "provider", "servicedDate", "servicedPeriod", "created"} {
		if !bytes.Equal(before.Root().Get(element).Raw(), c.Node.Get(element).Raw()) {
			return tx.Now(), nil
		}
	}
	earlier, err := fhir.Tree(tx, responseKey(c.Key))
	if err != nil {
		return time.Time{}, err
	}
	if asked, err := time.Parse(time.RFC3339, earlier.Get("created").Text()); err == nil {
		return asked, nil
	}
	return tx.Now(), nil
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
