package review

import (
	"context"
	"errors"
	"time"

	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
)

// request is Claim/[id]/$request-review: a person wants to see the claim, whatever
// the product says.
func (m module) request(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, err := parameters(in)
	if err != nil {
		return nil, err
	}
	var task fhir.Key
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		who, err := m.acting(tx, tx.Caller(), asked, m.today(tx.Now()))
		if err != nil {
			return err
		}
		why, err := needed(asked, "reason", "say why a person should see the claim")
		if err != nil {
			return err
		}
		claim, err := m.requested(tx, who, on)
		if err != nil {
			return err
		}
		reason := selection.Reason{Name: "manual", Text: why}
		if c := value(asked, "specialty"); c.Get("code").Exists() {
			reason.Specialty = selection.Code{System: c.Get("system").Text(), Code: c.Get("code").Text()}
		}
		body, err := m.byHand(tx, on, claim, reason)
		if err != nil {
			return err
		}
		stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body})
		if err == nil {
			task = stored.Key
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	response, err := answerTask(ctx, s, task)
	if err == nil {
		response.Status, response.Location = 201, task
	}
	return response, err
}

// requested gives a claim that may be sent to review: active, decided, and neither
// paid nor under review.
func (m module) requested(tx fhir.Tx, who reviewer, on fhir.Key) (fhir.Node, error) {
	if err := tx.Lock(on.String()); err != nil {
		return fhir.Node{}, err
	}
	claim, err := fhir.Tree(tx, on)
	if err != nil {
		return claim, err
	}
	if !claim.Exists() {
		return claim, fhir.Errorf(fhir.IssueNotFound, "", "there is no %s", on)
	}
	if err := reviewable(tx, on, claim, "Claim.status"); err != nil {
		return claim, err
	}
	return claim, who.asksFor(tx, claim)
}

// asksFor refuses who works for the facility that made a claim.
func (w reviewer) asksFor(r fhir.Reader, claim fhir.Node) error {
	theirs, err := w.worksFor(r, r4.Target(claim.Get("provider")))
	if err == nil && theirs {
		err = forbid("%s works for the facility that made the claim; somebody else asks for its review", w.role)
	}
	return err
}

// reviewable refuses, at an element, the review of a claim that is not active, is
// paid, or is under review.
func reviewable(r fhir.Reader, on fhir.Key, claim fhir.Node, at string) error {
	response, err := fhir.Tree(r, fhir.Key{Type: "ClaimResponse", ID: on.ID})
	if err != nil {
		return err
	}
	switch use := claim.Get("use").Text(); {
	case claim.Get("status").Text() != "active" || use == "predetermination":
		return refuse(at, "%s is %s, a %s: only active claims and preauthorizations are reviewed", on, claim.Get("status").Text(), use)
	case response.Get("payment").Exists():
		return refuse(at, "%s is paid; what is to be recovered is no review's", on)
	}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: partsOpen, After: after, Where: fhir.All{match("focus", on), coded("code", systemTask, selection.Review)}})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			if isOpen(doc.Root()) {
				return conflict("%s is under review already, by %s", on, resource.Key)
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// byHand writes the Task of a review that a person asks for.
func (m module) byHand(tx fhir.Tx, on fhir.Key, claim fhir.Node, reason selection.Reason) ([]byte, error) {
	asked, err := m.about(tx, on, claim)
	if err != nil {
		return nil, err
	}
	asked.Reasons, asked.Now = []selection.Reason{reason}, tx.Now().In(m.Zone)
	if asked.Areas, err = facts.Areas(tx, asked.Facility); err != nil {
		return nil, err
	}
	return asked.Task()
}

// about says which facility made a claim, and on which terms it is reviewed.
func (m module) about(r fhir.Reader, on fhir.Key, claim fhir.Node) (selection.Asked, error) {
	asked := selection.Asked{Claim: on, Node: claim, Days: m.Days}
	g, err := m.facts.Claim(r, claim)
	var undecidable *facts.Undecidable
	if err != nil && !errors.As(err, &undecidable) || g == nil {
		return asked, err
	}
	asked.Facility = g.Provider
	for i := range g.Case.Policies {
		if plan := g.Case.Policies[i].Plan; plan != nil && plan.Review != nil {
			asked.Within(plan.Review.Terms, g.Case.Currency)
		}
	}
	return asked, nil
}

// at gives a moment as FHIR has it.
func (m module) at(t time.Time) string { return t.In(m.Zone).Format(selection.Moment) }
