package stored

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"bima/fhir"
)

// Codes tell whether a value set has a code, by a terminology and by what is
// stored now. What was told is kept until a value set or code system changes, so
// that resources of the same codes ask the database once. They are safe for
// concurrent use.
type Codes struct {
	store Store
	terms fhir.Terminology
	alone bool
	log   *slog.Logger

	mu      sync.Mutex
	told    map[asked]answer
	changes int // how often told was forgotten

	mark string // of what is stored, as the census told it last; of Watch alone
}

type (
	asked  struct{ valueSet, system, code string }
	answer struct{ has, known bool }
)

// NewCodes makes Codes of a terminology. Alone says that no other process uses the
// database.
func NewCodes(store Store, terms fhir.Terminology, alone bool, log *slog.Logger) *Codes {
	if log == nil {
		log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return &Codes{store: store, terms: terms, alone: alone, log: log, told: map[asked]answer{}}
}

const (
	toldMax      = 10_000          // answers that are kept
	toldBytesMax = 500             // of a question that is kept
	askTime      = 3 * time.Second // how long one question may take
)

// Has is what profile.Options.Terminology asks for; system "" stands for any.
// known is false where the terminology can't tell, or can't in time.
func (c *Codes) Has(valueSet, system, code string) (has, known bool) {
	q := asked{valueSet, system, code}
	c.mu.Lock()
	a, ok := c.told[q]
	changes := c.changes
	c.mu.Unlock()
	if ok {
		return a.has, a.known
	}
	// Whoever holds a resource against a profile may hold a connection to the
	// database, too: were all taken, they would wait for each other.
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	err := c.store.View(ctx, func(r fhir.Reader) (err error) {
		a.has, err = c.terms.Contains(r, valueSet, system, code)
		return err
	})
	a.known = err == nil
	if ctx.Err() != nil || err != nil && !undecided(err) {
		c.log.Warn("it can't be told whether a code is of a value set", "valueSet", valueSet, "error", err, "cause", errors.Unwrap(err))
		return false, false
	}
	c.keep(q, a, changes)
	return a.has && a.known, a.known
}

// undecided reports whether a terminology said why it can't tell.
func undecided(err error) bool {
	for _, code := range []fhir.IssueType{fhir.IssueNotFound, fhir.IssueNotSupported, fhir.IssueTooCostly, fhir.IssueProcessing, fhir.IssueBusinessRule} {
		if fhir.HasIssue(err, code) {
			return true
		}
	}
	return false
}

// keep keeps an answer, where nothing has changed since the question.
func (c *Codes) keep(q asked, a answer, changes int) {
	if len(q.valueSet)+len(q.system)+len(q.code) > toldBytesMax {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes != changes {
		return
	}
	if len(c.told) >= toldMax {
		clear(c.told)
	}
	c.told[q] = a
}

// forget drops all answers.
func (c *Codes) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.told)
	c.changes++
}

// Module gives the part of the Codes in the server: what a transaction of this
// process changes is known before it is answered.
func (c *Codes) Module() fhir.Module {
	return fhir.Module{Name: "codes", Notices: []fhir.Notice{{Types: codeTypes, Tell: func(context.Context, []fhir.Key) { c.forget() }}}}
}

// codeTypes are what answers are made of.
var codeTypes = []string{"ValueSet", "CodeSystem"}

// Watch follows what other processes change, until ctx ends.
func (c *Codes) Watch(ctx context.Context) error {
	if c.alone {
		return nil
	}
	return watch(ctx, c.log, "the stored value sets of the database", c.follow)
}

// follow does what Watch does, once. Where it can't tell it forgets.
func (c *Codes) follow(ctx context.Context) error {
	mark := ""
	for _, typ := range codeTypes {
		one, err := c.store.Census(ctx, typ)
		if err != nil {
			c.forget()
			return err
		}
		mark += one + "; "
	}
	if mark != c.mark {
		c.forget()
	}
	c.mark = mark
	return nil
}
