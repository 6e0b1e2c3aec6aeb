package sampling

import (
	"context"
	"time"

	"bima/adjudication"
	"bima/adjudication/workplace"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

func focusOf(task fhir.Node) fhir.Key { return r4.Target(task.Get("focus")) }

// decide is List/[id]/$decide-sampling: the second person's word.
func (s Settings) decide(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	f, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := f.Only("approve", "note", "by"); err != nil {
		return nil, err
	}
	if !f.Value("approve").Exists() {
		return nil, fhir.Detailf(fhir.IssueRequired, detailSampling, parameters.Expression("approve"), "say whether the deduction is taken off the rest: true or false")
	}
	approve, err := f.Flag("approve")
	if err != nil {
		return nil, err
	}
	note := f.Value("note").Text()
	if !approve && note == "" {
		return nil, fhir.Detailf(fhir.IssueRequired, detailSampling, parameters.Expression("note"), "say why it is not taken off; the reviewers read it")
	}
	// The List is the server's own: callers can't write one.
	err = server.Commit(fhir.WithCaller(ctx, fhir.System()), func(tx fhir.Tx) error {
		if err := tx.Lock(on.String()); err != nil {
			return err
		}
		stored, err := tx.Read(on)
		if err != nil {
			return err
		}
		of, err := open(on, stored)
		if err != nil {
			return err
		}
		by, err := acting(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := of.may(tx, by, approve); err != nil {
			return err
		}
		if err := s.stranger(tx, by, of.facility); err != nil {
			return err
		}
		state := stateRefused
		if approve {
			state = stateApproved
		}
		if err := s.conclude(tx, on, state, by, note); err != nil {
			return err
		}
		return of.write(tx, asState(state, min(batch, len(of.of(kindRest))))...)
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, on, 200)
}

// may refuses a decision that is too soon, too late, or one's own.
func (s *sample) may(r fhir.Reader, by string, approve bool) error {
	drew, err := holder(r, s.by)
	if err != nil {
		return err
	}
	decides, err := holder(r, by)
	if err != nil {
		return err
	}
	switch {
	case s.state == stateReviewing:
		return refuse("List", "reviews of the sample are open; when the last has ended, a Task asks for the decision")
	case s.state != stateReviewed:
		return refuse("List", "the sample is %s already", s.state)
	case decides == drew:
		return fhir.Detailf(fhir.IssueForbidden, detailSampling, "", "%s drew the sample; somebody else decides on it", by)
	case approve && !s.rated:
		return refuse(parameters.Expression("approve"), "no claim of the sample was reviewed to an end, so there is no rate; refuse it, and every claim is reviewed")
	}
	return nil
}

// stranger refuses who works for a facility, in whatever role, or for what it is a part of.
func (s Settings) stranger(tx fhir.Tx, by string, facility fhir.Key) error {
	who := fhir.ParseReference(by, r4.IsResource)
	if !who.Relative() {
		return nil
	}
	workplaces, err := workplace.Of(tx, who.Key, adjudication.DayOf(tx.Now().In(s.Zone)))
	if err != nil {
		return err
	}
	theirs, err := workplace.Among(tx, workplaces, facility)
	if err == nil && theirs {
		err = fhir.Detailf(fhir.IssueForbidden, detailSampling, "", "%s works for %s; somebody else draws its samples and decides on them", by, facility)
	}
	return err
}

// holder gives who it is that acts: of a role the person who has it, of all others
// the text itself.
func holder(r fhir.Reader, by string) (string, error) {
	who := fhir.ParseReference(by, r4.IsResource)
	if !who.Relative() {
		return by, nil
	}
	person, err := workplace.Holder(r, who.Key)
	if err != nil || person.IsZero() {
		return by, err
	}
	return person.String(), nil
}

// conclude completes the Task that asks for the decision.
func (s Settings) conclude(tx fhir.Tx, list fhir.Key, state, by, note string) error {
	page, err := tx.Search(&fhir.Query{Types: []string{"Task"}, Limit: 10, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "focus", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: list}},
		fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: "approval"}},
	}})
	if err != nil {
		return err
	}
	now := tx.Now().In(s.Zone).Format(time.RFC3339)
	for _, task := range page.Resources {
		doc, err := fhir.Parse(task.Body)
		if err != nil {
			return err
		}
		n := doc.Root()
		if !isOpen(n) {
			continue
		}
		edit := fhir.NewEdit(doc)
		edit.Set(n, "status", spell("completed"))
		edit.Set(n, "businessStatus", spell(coding(profiles.SystemSampling, state)))
		edit.Set(n, "lastModified", spell(now))
		annotation := object{"authorString": by, "time": now, "text": state}
		if note != "" {
			annotation["text"] = note
		}
		edit.Set(n, "note", spell([]object{annotation}))
		if _, err := tx.Update(&fhir.Resource{Key: task.Key, Body: edit.Bytes()}, 0); err != nil {
			return err
		}
	}
	return nil
}
