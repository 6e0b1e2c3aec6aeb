package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
)

// A Question is what to simulate. The zero value decides all claims once more
// under the rules that are in force.
type Question struct {
	// Plan is the changed product, compiled; nil leaves each policy the version it
	// bought.
	Plan *adjudication.Plan
	// Products are the InsurancePlans of which policies bought any version: Plan
	// takes their place, and only claims that they may cover are decided. Empty is
	// all.
	Products []fhir.Key
	// Tariffs are changed ChargeItemDefinitions; each takes the place of the one of
	// its id, and comes before others of its service.
	Tariffs []*fhir.Resource
	// From and To are the first and the last day of Claim.created, "2026-01-31"; ""
	// leaves the end open.
	From, To string
	Limit    int            // claims to decide at most, the first in order; 0 is ClaimsMax
	Zone     *time.Location // of From and To; nil is UTC
	Base     string         // the absolute URL of [base]
}

// ClaimsMax is how many claims one simulation decides at most. Each takes some 500
// bytes of memory until the end.
const ClaimsMax = 2_000_000

// pageSize is how many claims are read at once.
const pageSize = 256

// A Sink hears of a simulation while it runs. Its functions may be nil.
type Sink struct {
	Change   func(Change) error // a claim that would be decided otherwise
	Progress func(done, all int)
}

// A Result is what a simulation found.
type Result struct {
	Selected int  // claims of the period that there are
	Decided  int  // claims decided once more
	Changed  int  // of these, those that would be decided otherwise
	Waiting  int  // claims that are not decided yet, or withdrawn: left out
	Others   int  // claims that no policy of the product may cover: left out
	Failed   int  // claims that can't be decided under these rules: left out, and each told as a Change
	Cut      bool // there are more claims of the period, and of the product, than were asked for
	Sums     Sums // of the claims decided once more
}

// Run decides the claims of the period once more. It only reads, and everything
// from the one state that r shows. It stops when ctx ends.
func (q Question) Run(ctx context.Context, r fhir.Reader, sink Sink) (Result, error) {
	line, err := q.queue(ctx, r)
	if err != nil {
		return Result{}, err
	}
	result := Result{Selected: line.selected, Waiting: line.waiting, Sums: Sums{}}
	reader := newReader(r, line, q.Tariffs)
	run := &run{
		Question: q, sink: sink, line: line, reader: reader, facts: facts.New(q.Base, q.Zone), result: &result,
		products: map[fhir.Key]bool{},
	}
	for _, k := range q.Products {
		run.products[k] = true
	}
	if q.Plan != nil {
		run.facts.Suppose(q.Plan, run.products)
	}
	for from := 0; from < len(line.claims) && !result.Cut; from += pageSize {
		if err := stopped(ctx); err != nil {
			return result, err
		}
		to := min(from+pageSize, len(line.claims))
		if err := run.page(from, to); err != nil {
			return result, err
		}
		if sink.Progress != nil {
			sink.Progress(to, len(line.claims))
		}
	}
	return result, nil
}

// stopped tells that time is over, and how to have more of it.
func stopped(ctx context.Context) error {
	if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		return fhir.Errorf(fhir.IssueTimeout, "", "the simulation was not finished in the time a request has; ask with Prefer: respond-async, take a shorter period, or use bima simulate").Because(err)
	} else if err != nil {
		return err
	}
	return nil
}

// A Change is a claim that would be decided otherwise, or could not be.
type Change struct {
	Claim    fhir.Key
	Created  string // Claim.created
	Facility string // "Organization/facility-1"; "" where it is not known
	Level    string // of the facility; "" where it has none
	Currency string
	Before   Figures
	After    Figures
	Line     int    // the sequence of the first line that differs; 0 for none
	Reason   string // the first reason that differs, a code of adjustment-reason
	Gone     bool   // it was the reason before, and is none now
	Text     string // in words
	Failed   bool   // it can't be decided under these rules; Text says why
}

// Figures are what is paid for claims.
type Figures struct {
	Benefit fhir.Amount // what the scheme pays
	Member  fhir.Amount // what members owe
}

func (f *Figures) add(other Figures) {
	f.Benefit += other.Benefit
	f.Member += other.Member
}

// describe says a reason in words.
func describe(code string, gone bool) string {
	text := code
	if reason, ok := adjudication.ReasonOf(code); ok {
		text = reason.Text()
	}
	if gone {
		return fmt.Sprintf("No longer: %s", text)
	}
	return text
}
