package reindex

import (
	"context"
	"maps"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/search"
)

// A cause is why the parameters in force are read again.
type cause uint8

const (
	starting  cause = iota // the process begins
	following              // another process says that they have changed
	changing               // this process has changed them, and tells the others
)

// refresh puts in force what is stored now. Before it does, what the index lacks
// of it is marked as incomplete, so that no search can answer short. At the start
// all parameters are compared with what the index was made by; later only those
// that change here, since a process of another version may have others built in.
func (x *Indexer) refresh(ctx context.Context, why cause) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	before, err := x.state(ctx)
	if err != nil {
		return err
	}
	next, err := x.read(ctx)
	if err != nil {
		return err
	}
	made, err := x.madeBy(ctx)
	if err != nil {
		return err
	}
	now := x.inForce.Load()
	lacking, changed := made.lack(next.prints()), now.registry.Diff(next.registry)
	if why != starting {
		lacking = lacking.among(changed)
	}
	if err := x.ask(ctx, lacking); err != nil {
		return err
	}
	if err := x.drop(ctx, now, next, why); err != nil {
		return err
	}
	for _, c := range changed {
		x.store.Redefine(c.Type, []string{c.Code})
	}
	x.inForce.Store(next)
	x.engine.SetSearch(next.registry)
	x.generation = before.Generation
	if why == changing {
		return x.announce(ctx)
	}
	return nil
}

// announce tells the other processes that what is in force has changed. Where one
// of them announced something at the same time, this one has to look again.
func (x *Indexer) announce(ctx context.Context) error {
	return x.amend(ctx, func(s *state) error {
		if s.Generation == x.generation {
			x.generation++
		}
		s.Generation++
		return nil
	})
}

// madeBy reads what the index was made by. What was stored before anything was
// noted was indexed by the first release.
func (x *Indexer) madeBy(ctx context.Context) (fingerprints, error) {
	made, version, err := readNote[fingerprints](ctx, x.store, printNote)
	if err != nil || version > 0 {
		return *made, err
	}
	built := maps.Clone(x.builtIn.prints())
	for typ, first := range printsBut(x.builtIn.registry, beyondFirst) {
		if empty, err := x.empty(ctx, typ); err != nil {
			return nil, err
		} else if !empty {
			built[typ] = first
		}
	}
	err = amendNote(ctx, x.store, printNote, func(f *fingerprints) error {
		if *f == nil {
			*f = built
		}
		built = *f
		return nil
	})
	return built, err
}

// empty reports whether the database has no resources of a type.
func (x *Indexer) empty(ctx context.Context, typ string) (empty bool, _ error) {
	err := x.store.View(ctx, func(r fhir.Reader) error {
		page, err := r.Search(&fhir.Query{Types: []string{typ}, Limit: 1})
		if err == nil {
			empty = len(page.Resources) == 0
		}
		return err
	})
	return empty, err
}

// ask marks as incomplete what the index lacks, and has it made, a task a type.
func (x *Indexer) ask(ctx context.Context, lacking fingerprints) error {
	if len(lacking) == 0 {
		return nil
	}
	s, err := x.state(ctx)
	if err != nil {
		return err
	}
	for _, t := range s.Tasks {
		lacking.without(t)
	}
	// A task that ended since lacking was computed noted what it made before it
	// went, so in this order nothing is made twice.
	made, err := x.madeBy(ctx)
	if err != nil {
		return err
	}
	if lacking = made.lack(lacking); len(lacking) == 0 {
		return nil
	}
	for _, typ := range slices.Sorted(maps.Keys(lacking)) {
		if err := x.store.Building(ctx, typ, slices.Sorted(maps.Keys(lacking[typ])), true); err != nil {
			return err
		}
	}
	now, err := x.now(ctx)
	if err != nil {
		return err
	}
	if err := x.amend(ctx, func(s *state) error {
		for _, typ := range slices.Sorted(maps.Keys(lacking)) {
			t := newTask(typ, slices.Sorted(maps.Keys(lacking[typ])), now)
			t.Prints = lacking[typ]
			s.add(t)
		}
		return nil
	}); err != nil {
		return err
	}
	return x.wake(ctx)
}

// drop has the rows taken out of what is no longer in force, a task a type, and
// forgets that the index was made by it: from now on nobody keeps them.
func (x *Indexer) drop(ctx context.Context, now, next *definitions, why cause) error {
	if now.registry == next.registry || why == following {
		return nil
	}
	gone := now.prints().beyond(next.prints())
	if len(gone) == 0 {
		return nil
	}
	asked, err := x.now(ctx)
	if err != nil {
		return err
	}
	if err := x.amend(ctx, func(s *state) error {
		for _, typ := range slices.Sorted(maps.Keys(gone)) {
			s.add(newTask(typ, slices.Sorted(maps.Keys(gone[typ])), asked))
		}
		return nil
	}); err != nil {
		return err
	}
	if err := amendNote(ctx, x.store, printNote, func(f *fingerprints) error {
		f.remove(gone)
		return nil
	}); err != nil {
		return err
	}
	return x.wake(ctx)
}

// now gives the time of the database's clock, by which versions are stored.
func (x *Indexer) now(ctx context.Context) (now time.Time, _ error) {
	err := x.store.Update(ctx, func(w fhir.Writer) error {
		now = w.Now()
		return nil
	})
	return now, err
}

// wake has somebody work.
func (x *Indexer) wake(ctx context.Context) error {
	return x.store.Update(ctx, func(w fhir.Writer) error { return w.Enqueue(job) })
}

// fingerprints are definitions by concrete type and code, such as what the index
// was made by.
type fingerprints map[string]map[string]string

func (f fingerprints) set(typ, code, print string) {
	if f[typ] == nil {
		f[typ] = map[string]string{}
	}
	f[typ][code] = print
}

// lack gives those wanted that f has not, or otherwise.
func (f fingerprints) lack(wanted fingerprints) fingerprints {
	out := fingerprints{}
	for typ, codes := range wanted {
		for code, print := range codes {
			if f[typ][code] != print {
				out.set(typ, code, print)
			}
		}
	}
	return out
}

// beyond gives the codes of f that other has in no way.
func (f fingerprints) beyond(other fingerprints) fingerprints {
	out := fingerprints{}
	for typ, codes := range f {
		for code, print := range codes {
			if other[typ][code] == "" {
				out.set(typ, code, print)
			}
		}
	}
	return out
}

// among gives those that have changed.
func (f fingerprints) among(changed []search.Changed) fingerprints {
	out := fingerprints{}
	for _, c := range changed {
		if print := f[c.Type][c.Code]; print != "" {
			out.set(c.Type, c.Code, print)
		}
	}
	return out
}

func (f fingerprints) remove(gone fingerprints) {
	for typ, codes := range gone {
		for code := range codes {
			delete(f[typ], code)
		}
	}
}

// without takes out what a task makes already.
func (f fingerprints) without(t *task) {
	for code, print := range t.Prints {
		if f[t.Type][code] == print {
			delete(f[t.Type], code)
		}
	}
	if len(f[t.Type]) == 0 {
		delete(f, t.Type)
	}
}
