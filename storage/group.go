package storage

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir"
)

// groupMax bounds the transactions that share one commit.
const groupMax = 128

// groupWriter is SQLite's one writer. It begins a transaction, lets every waiting
// Update run in turn within a savepoint of its own, commits once, and only then
// answers all of them: what an fsync costs is shared by whoever waited for it.
// Updates run on the goroutines of their callers, strictly one at a time.
type groupWriter struct {
	lite    *lite
	queue   chan *turn
	quit    chan struct{}
	done    chan struct{}
	closing sync.Once
}

// A turn is one Update waiting for the writer.
type turn struct {
	state atomic.Int32 // turnWaiting, then turnTaken or turnLeft
	begin chan *group  // nil: the group could not begin
	ran   chan bool    // whether it is part of the group
	end   chan error   // how the commit went
}

const (
	turnWaiting int32 = iota
	turnTaken         // the writer gave the turn
	turnLeft          // the caller gave up waiting
)

// A group is the transaction shared by several Updates.
type group struct {
	tx      *sql.Tx
	conn    *textsLate
	pending map[paramName]param // numbers made but not committed
	broken  error               // the database ended the transaction by itself
	failed  error               // the group could not begin
}

func startGroupWriter(d *lite) *groupWriter {
	g := &groupWriter{
		lite: d, queue: make(chan *turn, groupMax),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	go g.run()
	return g
}

// stop lets those that wait finish, and ends the writer.
func (g *groupWriter) stop() {
	g.closing.Do(func() { close(g.quit) })
	<-g.done
}

// idlePause is how long nobody must have written for the writer to checkpoint.
// While somebody does, SQLite checkpoints by itself at a length of the log.
const idlePause = time.Second

func (g *groupWriter) run() {
	defer close(g.done)
	idle := time.NewTimer(idlePause)
	defer idle.Stop()
	for {
		select {
		case t := <-g.queue:
			g.commit(t)
			idle.Reset(idlePause)
		case <-idle.C:
			g.tidy()
		case <-g.quit:
			for {
				select {
				case t := <-g.queue:
					g.commit(t)
				default:
					return
				}
			}
		}
	}
}

// mergeStep is how many pages of the index of texts are merged before the writer
// looks whether somebody waits.
const mergeStep = 128

// tidy does what is better done while nobody writes: it merges the pieces of the
// index of texts as long as there are some of a size, and moves the write-ahead
// log into the database.
func (g *groupWriter) tidy() {
	log := g.lite.store.log
	for len(g.queue) == 0 {
		var before, after int64
		err := g.lite.write.QueryRow("SELECT total_changes()").Scan(&before)
		if err == nil {
			_, err = g.lite.write.Exec("INSERT INTO sp_text (sp_text, rank) VALUES ('merge', $1)", mergeStep)
		}
		if err == nil {
			err = g.lite.write.QueryRow("SELECT total_changes()").Scan(&after)
		}
		if err != nil {
			log.Warn("merging the index of texts", "error", err)
			break
		}
		if after-before < 2 { // there was nothing to merge. Source: FTS5, "the merge command"
			break
		}
	}
	if err := g.lite.checkpoint("PASSIVE"); err != nil {
		log.Warn("moving the write-ahead log into the database", "error", err)
	}
}

// commit runs one group, beginning with t.
func (g *groupWriter) commit(t *turn) {
	shared, release, err := g.begin()
	if err != nil {
		shared = &group{failed: err}
	}
	var members []*turn
	for count := 0; t != nil; count++ {
		if t.state.CompareAndSwap(turnWaiting, turnTaken) {
			t.begin <- shared
			if <-t.ran {
				members = append(members, t)
			}
		}
		t = nil
		if count < groupMax && shared.failed == nil && shared.broken == nil {
			select {
			case t = <-g.queue:
			default:
			}
		}
	}
	if shared.failed == nil {
		err = g.finish(shared, len(members) > 0)
		release()
	}
	for _, m := range members {
		m.end <- err
	}
}

func (g *groupWriter) finish(shared *group, any bool) error {
	switch {
	case shared.broken != nil:
		_ = shared.tx.Rollback()
		return fhir.Errorf(fhir.IssueTransient, "", "Another write broke the transaction this one shared; try again.").Because(shared.broken)
	case !any:
		return shared.tx.Rollback()
	}
	err := shared.conn.flush()
	if err == nil {
		err = shared.tx.Commit()
	}
	if err != nil {
		_ = shared.tx.Rollback()
		return err
	}
	for _, p := range shared.pending {
		g.lite.store.registry.add(p)
	}
	return nil
}

// begin takes the one connection, waiting its turn behind River's and gorm's.
func (g *groupWriter) begin() (*group, func(), error) {
	ctx := context.Background()
	held, err := g.lite.write.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	var raw *liteConn
	err = held.Raw(func(c any) error {
		raw = c.(*writeConn).raw
		return nil
	})
	if err == nil {
		var tx *sql.Tx
		if tx, err = held.BeginTx(ctx, nil); err == nil {
			release := func() { _ = held.Close() }
			return &group{tx: tx, conn: &textsLate{liteConn: raw}, pending: map[paramName]param{}}, release, nil
		}
	}
	_ = held.Close()
	return nil, nil, err
}

// update waits for a turn, runs write in it, and waits for the commit.
func (g *groupWriter) update(ctx context.Context, floor time.Time, write func(*writer) error) error {
	t := &turn{begin: make(chan *group, 1), ran: make(chan bool, 1), end: make(chan error, 1)}
	select {
	case <-g.quit:
		return errClosed
	default:
	}
	select {
	case g.queue <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.done:
		return errClosed
	}
	var shared *group
	select {
	case shared = <-t.begin:
	case <-g.done:
		return errClosed
	case <-ctx.Done():
		if t.state.CompareAndSwap(turnWaiting, turnLeft) {
			return ctx.Err()
		}
		shared = <-t.begin
	}
	if err := g.member(ctx, t, shared, floor, write); err != nil {
		return err
	}
	return <-t.end
}

// member runs write within the group. However write ends, by a panic or by
// runtime.Goexit of a test too, the writer goes on.
func (g *groupWriter) member(ctx context.Context, t *turn, shared *group, floor time.Time, write func(*writer) error) (err error) {
	if shared.failed != nil {
		t.ran <- false
		return shared.failed
	}
	joined := false
	names := &liteNumbers{registry: g.lite.store.registry, group: shared}
	texts := shared.conn.mark()
	defer func() {
		shared.conn.on(context.Background())
		if !joined {
			names.forget()
			shared.conn.undo(texts)
			_, undo := shared.conn.exec("ROLLBACK TO member")
			if undo == nil {
				_, undo = shared.conn.exec("RELEASE member")
			}
			shared.broken = undo
		}
		t.ran <- joined
	}()
	if _, err := shared.conn.on(ctx).exec("SAVEPOINT member"); err != nil {
		return err
	}
	w := newWriter(session{began: time.Now(), ctx: ctx, store: g.lite.store, conn: shared.conn, names: names})
	w.tx = shared.tx
	w.clock, w.floor = g.clock(), floor
	if err := write(w); err != nil {
		return err
	}
	if _, err := shared.conn.on(context.Background()).exec("RELEASE member"); err != nil {
		return err
	}
	joined = true
	return nil
}

func (g *groupWriter) clock() func() (time.Time, error) {
	now := g.lite.store.now
	if now == nil {
		now = time.Now
	}
	return func() (time.Time, error) { return now(), nil }
}

// liteNumbers is the numbering of an Update: numbers it makes are known to the
// group at once and to the rest after the commit.
type liteNumbers struct {
	registry *registry
	group    *group
	made     []paramName
}

func (n *liteNumbers) number(typ, code string) (int32, error) {
	number, ok, err := n.known(typ, code)
	if ok || err != nil {
		return number, err
	}
	r, err := n.group.conn.query("INSERT INTO registry (type, code) VALUES ($1, $2) RETURNING id", typ, code)
	if err := each(r, err, func(r rows) error { return r.Scan(&number) }); err != nil {
		return 0, err
	}
	name := paramName{typ, code}
	n.made = append(n.made, name)
	n.group.pending[name] = param{number: number, typ: typ, code: code}
	return number, nil
}

func (n *liteNumbers) known(typ, code string) (int32, bool, error) {
	if p, ok := n.registry.find(typ, code); ok {
		return p.number, true, nil
	}
	if p, ok := n.group.pending[paramName{typ, code}]; ok {
		return p.number, true, nil
	}
	p, ok, err := lookup(n.group.conn, typ, code)
	return p.number, ok, err
}

func (n *liteNumbers) bearing(code string) ([]param, error) { return bearing(n.group.conn, code) }

func (n *liteNumbers) typeName(number int32) (string, error) {
	if name, ok := n.registry.typeName(number); ok {
		return name, nil
	}
	p, err := lookupNumber(n.group.conn, number)
	return p.typ, err
}

// forget drops the numbers that the savepoint takes back.
func (n *liteNumbers) forget() {
	for _, name := range n.made {
		delete(n.group.pending, name)
	}
}
