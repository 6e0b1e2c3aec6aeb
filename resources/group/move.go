package group

import (
	"context"

	"bima/fhir"
	"bima/fhir/parameters"
)

// move is Group/id/$move.
func (s Settings) move(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only("person", "to", "date", "relationship", "head")
	}
	if err != nil {
		return nil, err
	}
	var to fhir.Key
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		person, err := form.Key(tx, "person", "Patient")
		if err != nil {
			return err
		}
		if to, err = form.Key(tx, "to", "Group"); err != nil {
			return err
		}
		return s.moveOne(tx, on, to, person, form)
	})
	if err != nil {
		return nil, err
	}
	return families(ctx, server, []fhir.Key{to, on}, nil)
}

func (s Settings) moveOne(tx fhir.Tx, from, to, person fhir.Key, form parameters.Form) error {
	if from == to {
		return refuse(parameters.Expression("to"), "%s is the family he is in", to)
	}
	old, err := s.open(tx, from, "Group")
	if err != nil {
		return err
	}
	next, err := s.open(tx, to, parameters.Expression("to"))
	if err != nil {
		return err
	}
	date, err := s.date(tx, form)
	if err != nil {
		return err
	}
	if err := old.depart(tx, []fhir.Key{person}, date, form); err != nil {
		return err
	}
	next.join(person, date, form.Value("relationship").Raw())
	if err := old.save(tx); err != nil {
		return err
	}
	return next.save(tx)
}

// date gives the first day of what is asked for. It is not in the future: what
// is to come is done on its day.
func (s Settings) date(tx fhir.Tx, form parameters.Form) (string, error) {
	today := s.today(tx.Now())
	date, err := form.Day("date", today)
	if err == nil && date > today {
		err = refuse(parameters.Expression("date"), "%s is in the future; do it on that day", date)
	}
	return date, err
}

// depart lets members leave on the day before a day. Where the head is among
// them, the form says who is head then, unless only one is left.
func (f *family) depart(tx fhir.Tx, persons []fhir.Key, date string, form parameters.Form) error {
	headLeaves := false
	for _, p := range persons {
		i := find(f.list, p)
		if i < 0 {
			return refuse(parameters.Expression("person"), "%s is not in the family %s", p, codeOf(f.root))
		}
		m := f.list[i]
		if m.start != "" && m.start > date {
			return refuse(parameters.Expression("date"), "%s came into the family on %s, after %s", p, m.start, date)
		}
		headLeaves = headLeaves || m.head
		f.leave(m, before(date))
	}
	given := form.Value("head").Exists()
	switch {
	case !headLeaves && given:
		return refuse(parameters.Expression("head"), "the head of the family %s stays; change him by $change-head", codeOf(f.root))
	case !headLeaves || len(f.list) == 0:
		return nil
	case len(f.list) == 1 && !given:
		f.lead(f.list[0], nil)
		return nil
	case !given:
		return refuse(parameters.Expression("head"), "the head leaves the family %s; name the member who is head from then on", codeOf(f.root))
	}
	k, err := form.Key(tx, "head", "Patient")
	if err != nil {
		return err
	}
	i := find(f.list, k)
	if i < 0 {
		return refuse(parameters.Expression("head"), "%s does not stay in the family %s", k, codeOf(f.root))
	}
	f.lead(f.list[i], nil)
	return nil
}

// changeHead is Group/id/$change-head.
func (s Settings) changeHead(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only("head", "relationship")
	}
	if err != nil {
		return nil, err
	}
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		k, err := form.Key(tx, "head", "Patient")
		if err != nil {
			return err
		}
		f, err := s.open(tx, on, "Group")
		if err != nil {
			return err
		}
		i := find(f.list, k)
		if i < 0 {
			return refuse(parameters.Expression("head"), "%s is not in the family %s", k, codeOf(f.root))
		}
		if f.list[i].head {
			return nil
		}
		f.lead(f.list[i], form.Value("relationship").Raw())
		return f.save(tx)
	})
	if err != nil {
		return nil, err
	}
	answer := &fhir.Response{}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		answer.Resource, err = r.Read(on)
		return err
	})
	return answer, err
}
