package measure

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"bima/fhir"
)

// A pass is one go at what must be counted.
type pass struct {
	what     *changes
	from, to progress
	keeps    bool // what is counted is by to
	turn     int64
	census   *census // of all persons, where they were gone through; nil else
}

// A work is a facility whose reports may be others: what its numbers are, or by how
// much they are others.
type work struct {
	facility fhir.Key
	book     book
	by       bool
}

// onceMax is how many facilities have their reports stored in one transaction.
const onceMax = 8

// facilities counts the facilities, stores their reports that are others, and says
// how far all is counted. It gives a conflict where others did so meanwhile.
//
// Numbers that are added to and taken from must be those of the progress. So few
// reports are stored with it in one transaction; and before many are, it is said that
// all is to be counted from the beginning, lest a process that ends there leaves some
// that are ahead of it.
func (c *counter) facilities(ctx context.Context, s fhir.Server, p *pass) (done result, err error) {
	list, err := c.fromScratch(ctx, s, p)
	if err != nil {
		return done, err
	}
	for facility, by := range p.what.by {
		if !slices.ContainsFunc(list, func(w work) bool { return w.facility == facility }) {
			list = append(list, work{facility, by, true})
		}
	}
	p.turn = p.from.turn
	done.units = len(list)
	if len(list) <= onceMax {
		var all []revision
		err := s.View(ctx, func(r fhir.Reader) error {
			for _, one := range list {
				some, err := p.revised(r, one)
				if err != nil {
					return err
				}
				all = append(all, some...)
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done.reports = reportsIn(all)
		return done, p.put(ctx, s, all, &p.to)
	}
	begun := p.from
	if p.keeps {
		begun.done = 0
	}
	if err := p.put(ctx, s, nil, &begun); err != nil {
		return done, err
	}
	if done.reports, err = p.many(ctx, s, list); err != nil {
		return done, err
	}
	return done, p.put(ctx, s, nil, &p.to)
}

func reportsIn(list []revision) (n int) {
	for _, v := range list {
		if v.body != nil {
			n++
		}
	}
	return n
}

// put stores revisions, and a progress where there is one.
func (p *pass) put(ctx context.Context, s fhir.Server, list []revision, now *progress) error {
	err := alone(ctx, s, p.turn, func(tx fhir.Tx) error {
		if err := store(tx, list); err != nil || now == nil {
			return err
		}
		return now.post(tx, p.turn)
	})
	if err == nil && now != nil {
		p.turn++
	}
	return err
}

// many stores the reports of facilities, each facility's in transactions of their
// own, and gives how many.
func (p *pass) many(ctx context.Context, s fhir.Server, list []work) (reports int, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var lock sync.Mutex
	for _, one := range list {
		group.Go(func() error {
			var found []revision
			err := s.View(ctx, func(r fhir.Reader) (err error) {
				found, err = p.revised(r, one)
				return err
			})
			for some := range slices.Chunk(found, reportPage) {
				if err == nil {
					err = p.put(ctx, s, some, nil)
				}
			}
			lock.Lock()
			defer lock.Unlock()
			reports += reportsIn(found)
			return err
		})
	}
	return reports, group.Wait()
}

// revised gives what becomes of the reports of a facility.
func (p *pass) revised(r fhir.Reader, w work) ([]revision, error) {
	s := p.what.apart()
	b := w.book
	if w.by {
		set, _ := s.pkg.DataSet(setClaims)
		b = book{}
		for m, by := range w.book {
			numbers, known, err := s.counted(r, subject{set, w.facility, m.period()})
			if err == nil && !known {
				err = errOvertaken
			}
			if err != nil {
				return nil, err
			}
			numbers.plus(by)
			b[m] = numbers
		}
	}
	return s.revisions(r, unit{setClaims, w.facility}, b, p.keeps)
}

// fromScratch counts the facilities that are marked from their claims, as they are by
// the progress that the pass leads to.
func (c *counter) fromScratch(ctx context.Context, s fhir.Server, p *pass) ([]work, error) {
	wanted, months := map[fhir.Key][]month{}, map[month]bool{}
	for u, of := range p.what.units {
		if u.set == setClaims {
			wanted[u.place] = p.what.months(u)
			for m := range of {
				months[m] = true
			}
		}
	}
	size, err := c.survey(ctx, s, len(wanted), listOf(months))
	if err != nil {
		return nil, err
	}
	if p.census == nil {
		if p.census, err = c.census(ctx, s, size); err != nil {
			return nil, err
		}
	}
	from := &scratch{pass: p, months: listOf(months)}
	if size.walks() {
		return from.walk(ctx, s, wanted)
	}
	return from.each(ctx, s, wanted)
}

// A scratch is what facilities are counted with from their claims.
type scratch struct {
	*pass
	months []month
}

// snapshot gives the scheme for a snapshot, and by how much the numbers in it are
// others than those of the progress that the pass leads to.
func (f *scratch) snapshot(r fhir.Reader) (*scheme, map[fhir.Key]book, error) {
	scheme := f.what.apart()
	found, err := f.beyond(r)
	if err == nil {
		err = scheme.knows(r, f.census, found)
	}
	if err != nil {
		return nil, nil, err
	}
	ahead, err := f.ahead(r, found, f.months)
	return scheme, ahead, err
}

// walk counts all facilities at once.
func (f *scratch) walk(ctx context.Context, s fhir.Server, wanted map[fhir.Key][]month) (list []work, err error) {
	err = s.View(ctx, func(r fhir.Reader) error {
		scheme, ahead, err := f.snapshot(r)
		if err != nil {
			return err
		}
		all, err := scheme.walk(ctx, r, wanted)
		if err != nil {
			return err
		}
		for facility, b := range all.of {
			b.less(ahead[facility])
			list = append(list, work{facility: facility, book: b})
		}
		return nil
	})
	return list, err
}

// each counts facilities one by one.
func (f *scratch) each(ctx context.Context, s fhir.Server, wanted map[fhir.Key][]month) (list []work, err error) {
	waiting := make(chan fhir.Key, len(wanted))
	for facility := range wanted {
		waiting <- facility
	}
	close(waiting)
	var lock sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for range min(len(wanted), runtime.GOMAXPROCS(0)+1) { // one counts while another waits for the database
		group.Go(func() error {
			return s.View(ctx, func(r fhir.Reader) error {
				scheme, ahead, err := f.snapshot(r)
				if err != nil {
					return err
				}
				for facility := range waiting {
					b, err := scheme.count(r, unit{setClaims, facility}, wanted[facility])
					if err != nil {
						return err
					}
					b.less(ahead[facility])
					lock.Lock()
					list = append(list, work{facility: facility, book: b})
					lock.Unlock()
				}
				return nil
			})
		})
	}
	return list, group.Wait()
}

// beyond finds what a snapshot holds beyond the progress that a pass leads to: the
// snapshots that are counted from are taken one after the other, and others write
// meanwhile. Where what is counted is by no progress there is no need to know.
func (p *pass) beyond(r fhir.Reader) ([]changed, error) {
	if !p.keeps {
		return nil, nil
	}
	s := &search{from: p.to, until: p.to.done, most: changesMax, types: watched}
	all, err := s.run(r)
	if err == nil && !all {
		err = errOvertaken
	}
	return s.found, err
}

// ahead gives by how much the numbers of facilities in a snapshot are others for what
// it holds beyond.
func (p *pass) ahead(r fhir.Reader, found []changed, months []month) (map[fhir.Key]book, error) {
	by, err := p.what.differences(r, found, months)
	if errors.Is(err, errForgotten) || errors.Is(err, errMany) {
		err = errOvertaken
	}
	return by, err
}

func listOf(months map[month]bool) (list []month) {
	for m := range months {
		list = append(list, m)
	}
	return list
}
