package dhis2

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"bima/fhir"
	"bima/profiles/indicator"
)

// A telling is what DHIS2 is told of one data set, place and month: numbers, or that
// those it was told are none.
type telling struct {
	payload
	place  string
	back   bool // whether numbers are taken back
	reopen bool // whether the data set was said to be complete, and is not
}

// tellings gives what an event is to DHIS2: of a report that is complete its numbers,
// of one that is so no more, or of another place or month than before, that those are
// none which it told. A version that is not kept any more is nothing: a later one is
// told.
func (c *client) tellings(ctx context.Context, codes *catalogue, e fhir.Event, version *fhir.Resource) (all []telling, err error) {
	if version == nil && e.Kind != fhir.EventDelete {
		return nil, nil
	}
	now, told, err := reportOf(codes.pack, version)
	if err != nil {
		return nil, err
	}
	old, err := c.version(ctx, e.Key, e.Version-1)
	if err != nil {
		return nil, err
	}
	before, was, err := reportOf(codes.pack, old)
	if err != nil {
		return nil, err
	}
	same := told && was && now.slot() == before.slot()
	if was && !same && before.period.Months == 1 {
		held, err := c.held(ctx, codes, e.Key, e.Version-1, before)
		if err != nil {
			return nil, err
		}
		all = append(all, telling{payload: c.set.back(held), place: before.place, back: true, reopen: before.final != ""})
	}
	if !told || now.period.Months != 1 {
		return all, nil
	}
	if !same {
		before = report{}
	}
	if anew(now, before) {
		if before, err = c.held(ctx, codes, e.Key, e.Version-1, now); err != nil {
			return nil, err
		}
	}
	one := telling{payload: c.set.payload(now, before), place: now.place, reopen: before.final != "" && now.final == ""}
	if len(one.DataValues) > 0 || one.reopen {
		all = append(all, one)
	}
	return all, nil
}

// anew reports whether a number is hidden of which the version before says nothing:
// then an earlier one may have told it.
func anew(now, before report) bool {
	said := map[string]bool{}
	for _, n := range before.numbers {
		said[n.element.Code+" "+n.cell] = true
	}
	for _, n := range now.numbers {
		if n.masked && !said[n.element.Code+" "+n.cell] {
			return true
		}
	}
	return false
}

// held gives the numbers that DHIS2 holds of a report's place and month after the
// versions up to one: those that were told and not taken back. A cell that has
// vanished is held as 0.
func (c *client) held(ctx context.Context, codes *catalogue, k fhir.Key, last int64, of report) (report, error) {
	held := of
	held.numbers, held.final = nil, ""
	at := map[string]int{}
	for v := int64(1); v <= last; v++ {
		stored, err := c.version(ctx, k, v)
		if err != nil {
			return held, err
		}
		one, ok, err := reportOf(codes.pack, stored)
		if err != nil {
			return held, err
		}
		held.final = one.final
		if !ok || one.slot() != of.slot() {
			held.numbers, held.final = nil, ""
			clear(at)
			continue
		}
		for _, n := range one.numbers {
			key := n.element.Code + " " + n.cell
			i, known := at[key]
			switch {
			case known:
				held.numbers[i] = n
			case !n.masked:
				at[key] = len(held.numbers)
				held.numbers = append(held.numbers, n)
			}
		}
	}
	var told []number
	for _, n := range held.numbers {
		if !n.masked {
			told = append(told, n)
		}
	}
	held.numbers = told
	return held, nil
}

// version reads a version of a report; nil where there is none.
func (c *client) version(ctx context.Context, k fhir.Key, version int64) (found *fhir.Resource, err error) {
	if version < 1 {
		return nil, nil
	}
	err = c.call.Server.View(ctx, func(r fhir.Reader) error {
		found, err = r.ReadVersion(k, version)
		if fhir.HasIssue(err, fhir.IssueNotFound) {
			found, err = nil, nil
		}
		return err
	})
	return found, err
}

// tell tells DHIS2, and what became of it.
func (c *client) tell(ctx context.Context, codes *catalogue, t *telling) (j judgement, err error) {
	if t.OrgUnit = c.unit(codes, t.place); t.OrgUnit == "" && t.back {
		t.OrgUnit, err = c.former(ctx, t.place)
	}
	if err != nil {
		return j, err
	}
	if t.OrgUnit == "" {
		return judgement{trouble: fmt.Sprintf("nothing was sent: what %s is to DHIS2 is not known", t.place)}, nil
	}
	// That it goes on to be called complete keeps no number from being right.
	opened := judgement{}
	if t.reopen && c.set.complete {
		if opened, err = c.reopen(ctx, t.payload); err != nil {
			return j, err
		}
	}
	if len(t.DataValues) == 0 {
		return opened, nil
	}
	if j, err = c.post(ctx, t.payload, false); err != nil {
		return j, err
	}
	if j.trouble != "" && t.CompleteDate != "" {
		// Releases up to 2.42 complete a data set though they refuse some of its values.
		opened, err = c.reopen(ctx, t.payload)
	}
	return j.and(opened.trouble), err
}

// and adds another trouble to that of a judgement.
func (j judgement) and(trouble string) judgement {
	if j.trouble != "" && trouble != "" {
		trouble = j.trouble + "; " + trouble
	}
	j.trouble = cmp.Or(trouble, j.trouble)
	return j
}

// former gives what a place was to DHIS2 that is none of ours any more, by the last
// version of it.
func (c *client) former(ctx context.Context, place string) (name string, err error) {
	typ, id, _ := strings.Cut(place, "/")
	err = c.call.Server.View(ctx, func(r fhir.Reader) error {
		page, err := r.History(&fhir.HistoryQuery{Type: typ, ID: id, Limit: formerMost})
		if err != nil {
			return err
		}
		for _, v := range page.Resources {
			if v.Deleted {
				continue
			}
			doc, err := fhir.Parse(v.Body)
			if err != nil {
				return err
			}
			of := map[string][]fhir.Node{typ: {doc.Root()}}
			for _, u := range units(of["Location"], of["Organization"]) {
				name = c.set.unit(u)
				return nil
			}
		}
		return nil
	})
	return name, err
}

// formerMost bounds the versions among which a place's last name is looked for.
const formerMost = 20

// reopen has DHIS2 know that a data set is not complete for a place and a month. It
// may be told so twice. Source: DHIS2 web API, completeDataSetRegistrations.
func (c *client) reopen(ctx context.Context, p payload) (j judgement, err error) {
	body, err := json.Marshal(map[string]any{"completeDataSetRegistrations": []any{map[string]any{
		"dataSet": p.DataSet, "period": p.Period, "organisationUnit": p.OrgUnit, "attributeOptionCombo": p.AttributeOptionCombo, "completed": false,
	}}})
	if err != nil {
		return j, err
	}
	q := c.set.query(false)
	q.Del("async")
	status, answer, err := c.ask(ctx, http.MethodPost, "completeDataSetRegistrations", q, body)
	if err != nil {
		return j, err
	}
	s, message, ok := readSummary(answer)
	if err := transport(status, message, ok); err != nil {
		return j, err
	}
	if s.Status != "SUCCESS" || len(s.Conflicts) > 0 {
		j.trouble = fmt.Sprintf("DHIS2 goes on to say that %s is complete for %s in %s: %s", p.DataSet, p.OrgUnit, p.Period, words(s))
	}
	return j, nil
}

// reportKey gives the key of the report of a data set, a place and a month.
func reportKey(d indicator.DataSet, u *unit, p indicator.Period) fhir.Key {
	return fhir.Key{Type: "MeasureReport", ID: indicator.ReportID(d.Measure, u.key, p)}
}
