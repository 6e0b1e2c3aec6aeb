package group

import (
	"context"
	"errors"
	"time"

	"bima/fhir"
)

// bury ends the memberships of who has died, on the day of death where it is
// known, else today. A family whose head died is led by his spouse, or else by
// its eldest; one of which nobody is left is closed.
func (s Settings) bury(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Before == nil || deceased(c.Node) == "" {
			continue
		}
		if doc, err := fhir.Parse(c.Before.Body); err != nil || deceased(doc.Root()) != "" {
			continue
		}
		if err := s.buryOne(tx, c.Key, s.dayOfDeath(tx, c.Node)); err != nil {
			return err
		}
	}
	return nil
}

// dayOfDeath gives the day on which a person died, where it is known, else today.
// A moment is of the day it is in the scheme.
func (s Settings) dayOfDeath(tx fhir.Tx, patient fhir.Node) string {
	told := patient.Get("deceasedDateTime")
	d, err := fhir.ParseDateTime(told.Text())
	switch {
	case err != nil || d.Precision < fhir.PrecisionDay:
		return s.today(tx.Now())
	case d.Precision == fhir.PrecisionDay:
		return day(told)
	}
	return s.today(d.First)
}

func (s Settings) buryOne(tx fhir.Tx, person fhir.Key, last string) error {
	if err := tx.Lock(person.String()); err != nil {
		return err
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Group"}, Where: memberOf([]fhir.Key{person}), Limit: familiesMax})
	if err != nil {
		return err
	}
	for _, found := range page.Resources {
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return err
		}
		if !isFamily(doc.Root()) || !active(doc.Root()) || find(members(doc.Root(), ""), person) < 0 {
			continue
		}
		f, err := s.open(tx, found.Key, "Group")
		if err != nil {
			return err
		}
		f.list = members(f.root, "") // also whose last day is over
		m := f.list[find(f.list, person)]
		if m.end != "" && m.end < last {
			continue
		}
		if err := f.part(tx, m, last); err != nil {
			return err
		}
	}
	return nil
}

// part lets a member leave, finds a head where he was it, and saves the family.
func (f *family) part(tx fhir.Tx, m member, last string) error {
	if m.head && len(f.list) > 1 {
		var rest []member
		for _, other := range f.list {
			if other.at != m.at {
				rest = append(rest, other)
			}
		}
		next, err := heir(tx, rest)
		if err != nil {
			return err
		}
		f.lead(next, nil)
		m.head = false
	}
	f.leave(m, last)
	return f.save(tx)
}

// pagesMax bounds the daily work: two million families.
const (
	pageSize = 200
	pagesMax = 10_000
)

// end marks as inactive who left his family before a day, as his period said
// before.
func (s Settings) end(ctx context.Context, server fhir.Server, morning time.Time) error {
	today := morning.In(s.zone())
	query := &fhir.Query{
		Types: []string{"Group"}, Limit: pageSize,
		Where: fhir.Match{
			Param: fhir.Param{Code: "member-until", Kind: fhir.ParamDate},
			Value: fhir.DateValue{Prefix: fhir.PrefixLess, From: today.UnixMicro(), To: today.AddDate(0, 0, 1).UnixMicro()},
		},
	}
	var failed error
	for range pagesMax {
		var page *fhir.Page
		err := server.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(query)
			return err
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, found := range page.Resources {
			failed = errors.Join(failed, server.Commit(ctx, func(tx fhir.Tx) error {
				return s.endOf(tx, found.Key, today.Format(time.DateOnly))
			}))
		}
		if query.After = page.Next; query.After == "" {
			break
		}
	}
	return failed
}

// endOf marks those as inactive whose last day in a family is before a day.
func (s Settings) endOf(tx fhir.Tx, k fhir.Key, today string) error {
	f, err := s.open(tx, k, "Group")
	if err != nil {
		return nil //nolint:nilerr // a family that was closed or deleted meanwhile has nobody to leave it
	}
	f.list = members(f.root, "")
	for {
		over := -1
		for i, m := range f.list {
			if m.end != "" && m.end < today {
				over = i
				break
			}
		}
		if over < 0 {
			return nil
		}
		if err := f.part(tx, f.list[over], f.list[over].end); err != nil {
			return err
		}
		if f, err = s.open(tx, k, "Group"); err != nil {
			return nil //nolint:nilerr // the last one left, and the family is closed
		}
		f.list = members(f.root, "")
	}
}
