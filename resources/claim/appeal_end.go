package claim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// abandon ends the appeal about a claim that is withdrawn.
func abandon(tx fhir.Tx, claim fhir.Key) error {
	history, err := tasksOf(tx, claim, fhir.Key{})
	if err != nil || history.open.IsZero() {
		return err
	}
	n, err := fhir.Tree(tx, history.open)
	if err != nil {
		return err
	}
	e := fhir.NewEdit(n.Document())
	e.Set(n, "status", []byte(`"cancelled"`))
	e.Set(n, "statusReason", []byte(`{"text":"The claim was withdrawn."}`))
	_, err = tx.Update(&fhir.Resource{Key: history.open, Body: e.Bytes()}, 0)
	return err
}

// overdue marks the appeals that were not answered in time.
func (d *decider) overdue(ctx context.Context, s fhir.Server, today time.Time) error {
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{Types: []string{"Task"}, Limit: waitingPage, After: after, Where: fhir.All{
				fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: codeAppeal}},
				fhir.Not{Criterion: fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "completed"}}},
			}})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			if err := s.Commit(ctx, func(tx fhir.Tx) error { return remind(tx, resource.Key, day(today)) }); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// remind marks one appeal, once.
func remind(tx fhir.Tx, task fhir.Key, today string) error {
	n, err := fhir.Tree(tx, task)
	if err != nil {
		return err
	}
	until := n.At("restriction", "period", "end").Text()
	if !slices.Contains(openTask, n.Get("status").Text()) || until == "" || until[:min(len(until), len(time.DateOnly))] >= today ||
		n.Get("businessStatus").Code(profiles.SystemAppealOutcome) == appealOverdue {
		return nil
	}
	e := fhir.NewEdit(n.Document())
	e.Set(n, "priority", []byte(`"urgent"`))
	if awaitsSecond(n) {
		_, err = tx.Update(&fhir.Resource{Key: task, Body: e.Bytes()}, 0)
		return err
	}
	e.Set(n, "businessStatus", fmt.Appendf(nil, `{"coding":[{"system":%q,"code":%q}]}`, profiles.SystemAppealOutcome, appealOverdue))
	_, err = tx.Update(&fhir.Resource{Key: task, Body: e.Bytes()}, 0)
	return err
}
