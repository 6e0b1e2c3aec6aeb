package feedback

import (
	"context"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// deadlines closes what nobody answered by the day it was due, and looks again for
// whom to ask where there was nobody.
func (s Settings) deadlines(ctx context.Context, server fhir.Server, day time.Time) error {
	for after := ""; ; {
		var page *fhir.Page
		err := server.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{
				Types: []string{"CommunicationRequest"}, Limit: pageSize, After: after,
				Where: fhir.All{
					fhir.Match{Param: fhir.Param{Code: "category", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemCommunication, Code: "feedback"}},
					fhir.Any{token("status", "on-hold"), fhir.All{token("status", "active"), fhir.Match{
						Param: fhir.Param{Code: "occurrence", Kind: fhir.ParamDate},
						Value: fhir.DateValue{Prefix: fhir.PrefixLess, From: day.UnixMicro(), To: day.AddDate(0, 0, 1).UnixMicro()},
					}}},
				},
			})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			err := server.Commit(ctx, func(tx fhir.Tx) error { return s.due(tx, resource.Key, day) })
			if err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

func token(code, value string) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: value}}
}

// due works one request that is open.
func (s Settings) due(tx fhir.Tx, k fhir.Key, day time.Time) error {
	if err := tx.Lock(k.String()); err != nil {
		return err
	}
	n, err := fhir.Tree(tx, k)
	if err != nil || !isOpen(n) {
		return err
	}
	if due := n.Get("occurrenceDateTime").Text(); due != "" && due < day.Format(time.DateOnly) {
		return move(tx, k, n, "revoked", reason("unanswered", bypassed), nil)
	}
	if n.Get("status").Text() != "on-hold" {
		return nil
	}
	to, err := whoServes(tx, r4.Target(n.Get("subject")), day)
	if err != nil || to.IsZero() {
		return err
	}
	return move(tx, k, n, "active", reason("drawn", selected), object{"recipient": []object{{"reference": to.String()}}})
}

// withdrawn lets the requests go of claims that were withdrawn.
func withdrawn(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.Before == nil || c.After != nil && c.Node.Get("status").Text() == "active" {
			continue
		}
		k := requestKey(c.Key)
		n, err := fhir.Tree(tx, k)
		if err != nil {
			return err
		}
		if isOpen(n) {
			state := reason("bypassed", bypassed)
			state["text"] = "The claim was withdrawn."
			if err := move(tx, k, n, "revoked", state, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
