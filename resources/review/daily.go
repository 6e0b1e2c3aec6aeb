package review

import (
	"context"
	"time"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// overdue is the code of the Task that tells a supervisor of a review.
const overdue = "review-overdue"

// laterAfter is how long after its day a review becomes more urgent still.
const laterAfter = 7 * 24 * time.Hour

// deadlines sees to reviews that have passed their day: they become more urgent and
// a supervisor is told. Locks that have run out are taken off.
func (m module) deadlines(ctx context.Context, s fhir.Server, day time.Time) error {
	var open fhir.Any
	for _, status := range openStates {
		open = append(open, coded("status", "", status))
	}
	day = day.In(m.Zone)
	late := fhir.Match{Param: fhir.Param{Code: "due", Kind: fhir.ParamDate}, Value: fhir.DateValue{
		Prefix: fhir.PrefixEndsBefore, From: day.UnixMicro(), To: day.AddDate(0, 0, 1).UnixMicro(),
	}}
	review := fhir.Any{coded("code", profiles.SystemTask, selection.Review), coded("code", profiles.SystemTask, secondOpinion)}
	for _, work := range []struct {
		where fhir.Criterion
		do    func(tx fhir.Tx, k fhir.Key, task fhir.Node) error
	}{
		{fhir.All{review, open, late}, func(tx fhir.Tx, k fhir.Key, task fhir.Node) error { return m.escalate(tx, k, task, day) }},
		{fhir.All{review, coded("status", "", "in-progress")}, m.unlock},
	} {
		keys, err := keysOf(ctx, s, work.where)
		if err != nil {
			return err
		}
		for _, k := range keys {
			err := s.Commit(ctx, func(tx fhir.Tx) error {
				if err := tx.Lock(k.String()); err != nil {
					return err
				}
				task, err := fhir.Tree(tx, k)
				if err != nil || !isOpen(task) {
					return err
				}
				return work.do(tx, k, task)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// keysOf gives the keys of all Tasks that match.
func keysOf(ctx context.Context, s fhir.Server, where fhir.Criterion) (keys []fhir.Key, err error) {
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{Types: []string{"Task"}, Where: where, Limit: queuePage, After: after})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			keys = append(keys, resource.Key)
		}
		if after = page.Next; after == "" {
			return keys, nil
		}
	}
}

// escalate raises the priority of a late review once, and once more a week later,
// and tells the supervisor the first time.
func (m module) escalate(tx fhir.Tx, k fhir.Key, task fhir.Node, day time.Time) error {
	due, err := fhir.ParseDateTime(task.At("restriction", "period", "end").Text())
	if err != nil {
		return nil
	}
	priority := "urgent"
	if day.Sub(due.First) > laterAfter {
		priority = "asap"
	}
	if task.Get("priority").Text() != priority {
		body, err := membersOf(task)
		if err != nil {
			return err
		}
		body.set("priority", priority)
		if _, err := tx.Update(&fhir.Resource{Key: k, Body: body.bytes()}, 0); err != nil {
			return err
		}
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Task"}, Limit: 1, Where: fhir.All{match("part-of", k), coded("code", profiles.SystemTask, overdue)}})
	if err != nil || len(page.Resources) > 0 {
		return err
	}
	return m.tell(tx, k, task)
}

// tell makes the supervisor's Task.
func (m module) tell(tx fhir.Tx, k fhir.Key, task fhir.Node) error {
	told := object{
		"resourceType": "Task", "status": "requested", "intent": "order", "priority": "urgent", "code": coding(profiles.SystemTask, overdue),
		"description": "The review of " + r4.Target(task.Get("focus")).String() + " was due on " + task.At("restriction", "period", "end").Text() + ": see to it.",
		"partOf":      []object{{"reference": k.String()}}, "performerType": []object{coding(profiles.SystemSchemeRole, supervisor)},
		"authoredOn": m.at(tx.Now()), "lastModified": m.at(tx.Now()),
	}
	for _, name := range []string{"focus", "for", "requester", "location", "extension", "groupIdentifier"} {
		if n := task.Get(name); n.Exists() {
			told[name] = raw(n)
		}
	}
	_, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: spell(told)})
	return err
}

// unlock gives a review back that was taken too long ago.
func (m module) unlock(tx fhir.Tx, k fhir.Key, task fhir.Node) error {
	if m.locked(task, tx.Now()) {
		return nil
	}
	body, err := membersOf(task)
	if err != nil {
		return err
	}
	freed(task, body)
	_, err = tx.Update(&fhir.Resource{Key: k, Body: body.bytes()}, 0)
	return err
}
