package measure

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"bima/fhir"
)

// A walk counts the claims of all facilities at once. It goes along all answers and
// beside them along all claims, from the oldest on: so an answer comes near its claim,
// and the database reads its file straight on. An answer whose claim does not come
// with it waits; of too many that wait the claims are looked up. Either way a claim is
// as the walk's snapshot has it, so that the way bears on the time alone.
type walk struct {
	*scheme
	ctx     context.Context // ended where a job has failed
	world   world
	jobs    chan<- job
	reading []*pageRead // pages that are being read, in their order

	answers, claims stream
	waiting         map[string][]decision // answers by the ids of their claims
	spare           map[string]submission // claims whose answers have not come
	most            int                   // of how many claims answers wait, and how many claims are spare
	apart           bool                  // whether answers come in another order than claims, which then are all looked up
}

// A job is done by one of several goroutines, each of which has books of its own.
type job func(*books) error

// A stream is all resources of a type.
type stream struct {
	query fhir.Query
	pick  *fhir.Picker
	ended bool
}

// A pageRead is a page of answers or of claims. Nothing of it is read before done is
// closed.
type pageRead struct {
	done    chan struct{}
	answers []decision
	claims  []submission
	held    map[string][]decision // what waits for these claims, where they were looked up
}

// A counted is an answer with its claim and the person it is for.
type counted struct {
	submission
	decision
	person
}

// claimBytes is about what a claim takes that waits for its answer, or an answer that
// waits for its claim.
const claimBytes = 1 << 10

// walk counts all claims into books of some facilities.
func (s *scheme) walk(ctx context.Context, r fhir.Reader, wanted map[fhir.Key][]month) (*books, error) {
	group, ctx := errgroup.WithContext(ctx)
	jobs := make(chan job, readingMax)
	all := make([]*books, runtime.GOMAXPROCS(0))
	for i := range all {
		all[i] = booksOf(wanted)
		group.Go(func() error {
			for do := range jobs {
				if err := do(all[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	stream := func(typ string, pick *fhir.Picker) stream {
		return stream{query: fhir.Query{Types: []string{typ}, Limit: s.page, Oldest: true}, pick: pick}
	}
	w := &walk{
		scheme: s, ctx: ctx, world: world{Reader: r}, jobs: jobs, answers: stream("ClaimResponse", ofAnswer), claims: stream("Claim", ofClaim),
		waiting: map[string][]decision{}, spare: map[string]submission{}, most: s.Held / claimBytes,
	}
	err := w.run()
	close(jobs)
	if failed := group.Wait(); failed != nil {
		err = failed // where the walk only saw that something has
	}
	if err != nil {
		return nil, err
	}
	for _, some := range all[1:] {
		for facility, b := range some.of {
			all[0].of[facility].plus(b)
		}
	}
	payments := is("direction", "out")
	return all[0], each(r, "PaymentReconciliation", payments, func(p stored) error {
		s.payout(p.node, all[0])
		return nil
	})
}

// readingMax is how many pages are being read while the next is fetched.
const readingMax = 4

func (w *walk) run() error {
	for !w.answers.ended || !w.claims.ended {
		for _, from := range []*stream{&w.answers, &w.claims} {
			if err := w.fetch(from); err != nil {
				return err
			}
		}
		if err := w.join(readingMax); err != nil {
			return err
		}
	}
	if err := w.join(0); err != nil {
		return err
	}
	if err := w.lookUp(); err != nil {
		return err
	}
	return w.join(0)
}

// do has a job done.
func (w *walk) do(j job) error {
	select {
	case w.jobs <- j:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// fetch fetches the next page of a stream and has it read.
func (w *walk) fetch(from *stream) error {
	if from.ended {
		return nil
	}
	page, err := w.world.Search(&from.query)
	if err != nil {
		return err
	}
	from.query.After = page.Next
	from.ended = page.Next == ""
	return w.read(page.Resources, from == &w.answers, nil)
}

// read has a page of answers, or else of claims, read.
func (w *walk) read(page []*fhir.Resource, answers bool, held map[string][]decision) error {
	of := &pageRead{done: make(chan struct{}), held: held}
	w.reading = append(w.reading, of)
	return w.do(func(*books) (err error) {
		if answers {
			of.answers, err = w.decisions(page)
		} else {
			of.claims, err = w.submissions(page)
		}
		close(of.done)
		return err
	})
}

// join brings answers and claims of pages together, until only so many are being read.
func (w *walk) join(left int) error {
	for len(w.reading) > left {
		next := w.reading[0]
		w.reading = w.reading[1:]
		select {
		case <-next.done:
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
		if err := w.count(w.pairs(next)); err != nil {
			return err
		}
		if len(w.spare) > w.most { // answers come in another order
			clear(w.spare)
			w.apart, w.claims.ended = true, true
		}
		if len(w.waiting) > w.most {
			if err := w.lookUp(); err != nil {
				return err
			}
		}
	}
	return nil
}

// pairs gives the answers whose claims are known by a page, and keeps what is left.
func (w *walk) pairs(of *pageRead) (list []counted) {
	for _, a := range of.answers {
		if c, there := w.spare[a.request.ID]; there {
			delete(w.spare, a.request.ID)
			list = append(list, counted{submission: c, decision: a})
		} else {
			w.waiting[a.request.ID] = append(w.waiting[a.request.ID], a)
		}
	}
	from := w.waiting
	if of.held != nil {
		from = of.held
	}
	for _, c := range of.claims {
		answers, there := from[c.id]
		for _, a := range answers {
			list = append(list, counted{submission: c, decision: a})
		}
		if delete(from, c.id); !there && !w.apart {
			w.spare[c.id] = c
		}
	}
	return list
}

// lookUp looks up the claims of all answers that wait.
func (w *walk) lookUp() error {
	keys := make([]fhir.Key, 0, len(w.waiting))
	for id := range w.waiting {
		keys = append(keys, fhir.Key{Type: "Claim", ID: id})
	}
	for some := range slices.Chunk(keys, w.page) {
		found, err := w.world.many(some)
		if err != nil {
			return err
		}
		held := make(map[string][]decision, len(some))
		for _, k := range some {
			held[k.ID] = w.waiting[k.ID]
		}
		if err := w.read(found, false, held); err != nil {
			return err
		}
	}
	clear(w.waiting)
	return nil
}

// count has answers with their claims counted.
func (w *walk) count(list []counted) error {
	persons := make([]fhir.Key, len(list))
	for i, one := range list {
		persons[i] = one.patient
	}
	if err := w.recall(w.world, persons); err != nil {
		return err
	}
	for i := range list {
		list[i].person = w.personOf(list[i].patient)
	}
	return w.do(func(into *books) error {
		for _, one := range list {
			w.pair(one.submission, one.decision, one.person, into)
		}
		return nil
	})
}
