package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/learned"
	"bima/fhir"
)

// A decider decides claims. It keeps the plans and tariffs it compiled.
type decider struct {
	facts      *facts.Facts
	models     learned.Models
	zone       *time.Location // nil is UTC
	reviewDays int            // 0 is the default

	corrections int // how often a claim may be corrected; 0 does not count
	appeals     Appeals
	explains    waker
	tongue      adjudication.Tongue // of the answers
}

// A pending is a claim on the way to its decision.
type pending struct {
	key       fhir.Key
	node      fhir.Node
	renewed   bool        // it was decided before
	posted    bool        // the server gave it its id
	submitted *submission // nil for a claim without a number
	gathered  *facts.Claim
	waits     *facts.Undecidable // why it can't be decided for now
	tongue    adjudication.Tongue

	correction *correction    // of a new one that takes the place of another; nil where it does not
	review     facts.Review   // of one that was decided before
	sums       []fhir.Balance // of the ledger, besides the use so far

	// Of one that is decided anew:
	trigger  fhir.Key             // what made it; zero where time did
	asked    fhir.Key             // the Task by which somebody asked for it
	why      string               // a sentence; "" is what the trigger says
	earlier  fhir.Node            // the response there is
	left     []fhir.Key           // preauthorizations that it or its version before names
	days     *adjudication.Period // of a preauthorization: when what it agrees to may be given
	answered bool                 // whether the answer is another one
	answer   fhir.Node            // that
}

// react decides the claims of a transaction together, so that it takes all its
// locks at once, and frees what claims that are no longer active had used.
func (d *decider) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	var claims []*pending
	for _, c := range changes {
		if c.After == nil || c.Node.Get("status").Text() != "active" {
			if err := d.release(tx, c); err != nil {
				return err
			}
			continue
		}
		p := &pending{key: c.Key, node: c.Node, renewed: c.Before != nil, posted: c.Method == fhir.MethodCreate}
		if p.renewed {
			p.trigger = c.Key
			var err error
			if p.left, err = d.leaves(tx, c.Before); err != nil {
				return err
			}
			if p.earlier, err = fhir.Tree(tx, responseKey(c.Key)); err != nil {
				return err
			}
			if err := supersedeChanged(tx, c); err != nil {
				return err
			}
		}
		claims = append(claims, p)
	}
	return d.decide(tx, claims)
}

// reconsider decides a stored claim anew, as it stands. It gives nil where there
// is nothing to decide: no such claim, or one that is not active.
func (d *decider) reconsider(tx fhir.Tx, claim, trigger fhir.Key, why string) (*pending, error) {
	p, err := d.standing(tx, claim)
	if err != nil || p == nil {
		return nil, err
	}
	p.trigger, p.why = trigger, why
	return p, d.decide(tx, []*pending{p})
}

// standing gives a stored claim as it stands, to be decided anew; nil where there
// is nothing to decide.
func (d *decider) standing(r fhir.Reader, claim fhir.Key) (*pending, error) {
	n, err := fhir.Tree(r, claim)
	if err != nil || n.Get("status").Text() != "active" {
		return nil, err
	}
	earlier, err := fhir.Tree(r, responseKey(claim))
	if err != nil {
		return nil, err
	}
	return &pending{key: claim, node: n, renewed: true, earlier: earlier}, nil
}

// decide gathers, locks, and then decides one claim after the other: each sees
// what those before it used.
func (d *decider) decide(tx fhir.Tx, claims []*pending) error {
	var locks []string
	for _, p := range claims {
		if err := d.gather(tx, p); err != nil {
			return err
		}
		for _, name := range p.locks() {
			if !slices.Contains(locks, name) {
				locks = append(locks, name)
			}
		}
	}
	if len(locks) > 0 {
		if err := tx.Lock(locks...); err != nil {
			return err
		}
	}
	for _, p := range claims {
		stands, err := p.stands(tx)
		if err == nil && stands {
			err = d.conclude(tx, p)
		}
		if err != nil {
			return err
		}
	}
	if len(claims) == 0 {
		return nil
	}
	return d.explains.wake(tx)
}

// stands reports, under the lock, whether a claim that is decided anew is the one
// that was read: if not, who changed it meanwhile has decided it. The answer there
// is is read again, for it may have been paid meanwhile.
func (p *pending) stands(tx fhir.Tx) (bool, error) {
	if !p.renewed {
		return true, nil
	}
	n, err := fhir.Tree(tx, p.key)
	if err != nil || n.At("meta", "versionId").Text() != p.node.At("meta", "versionId").Text() {
		return false, err
	}
	p.earlier, err = fhir.Tree(tx, responseKey(p.key))
	return err == nil, err
}

// gather reads the facts. A plan that does not compile makes the claim wait.
func (d *decider) gather(tx fhir.Tx, p *pending) error {
	g, err := d.facts.Claim(tx, p.node)
	if err != nil && !errors.As(err, &p.waits) {
		return err
	}
	p.gathered, p.tongue = g, d.tongue
	p.submitted = submissionOf(tx.Caller(), p.node, g)
	if !p.earlier.Exists() {
		if p.correction, err = d.correctionOf(tx, p.node); err != nil {
			return err
		}
	}
	if p.renewed {
		// What it took may be of an agreement that does not hold for it any more.
		named, err := d.facts.Authorizations(tx, p.node)
		if err != nil {
			return err
		}
		p.left = append(p.left, named...)
	}
	if p.renewed && p.waits == nil {
		if p.review, err = d.facts.Review(tx, p.key, g); err != nil && !errors.As(err, &p.waits) {
			return err
		}
	}
	return nil
}

func (p *pending) locks() []string {
	names := append(append(p.gathered.Locks(), p.submitted.accounts()...), p.reservations()...)
	if k := p.corrects(); !k.IsZero() {
		names = append(names, k.String())
	}
	if p.renewed {
		names = append(names, p.key.String())
	}
	return names
}

// conclude decides one claim under the locks, and writes what follows.
func (d *decider) conclude(tx fhir.Tx, p *pending) error {
	if p.renewed {
		// What it took goes back first, or it would have that beside what it left free.
		if err := settle(tx, p.touched(), p.key); err != nil {
			return err
		}
		if len(p.gathered.Merged) > 0 {
			if err := d.takeBack(tx, p.key, p.node); err != nil {
				return err
			}
		}
	}
	if err := d.learn(tx, p); err != nil {
		return err
	}
	if err := d.replace(tx, p); err != nil {
		return err
	}
	if p.waits != nil {
		return queue(tx, p, p.waits)
	}
	decision, err := adjudicate(p.gathered.Case)
	if err != nil {
		return queue(tx, p, err)
	}
	waiting, err := d.awaits(tx, p, decision)
	if waiting == "" && err == nil {
		waiting, err = d.selected(tx, p, &decision)
	}
	if err != nil {
		return err
	}
	if waiting != "" {
		return hold(tx, p, waiting)
	}
	entries, err := d.uses(tx, p, &decision)
	if err != nil {
		return err
	}
	if err := post(tx, p, entries); err != nil {
		return err
	}
	return respond(tx, p, decision, "")
}

// learn completes the facts, and asks who bears the claim's number. A claim that
// was decided before bears it itself, so of that one it is asked apart.
func (d *decider) learn(tx fhir.Tx, p *pending) error {
	accounts := p.submitted.accounts()
	var own []fhir.Balance
	if p.renewed && len(accounts) > 0 {
		var err error
		if own, err = tx.Tally(fhir.Tally{Accounts: accounts}); err != nil {
			return err
		}
		accounts = nil
	}
	others, err := d.facts.Learn(tx, p.gathered, p.key, p.reviewAccounts(accounts)...)
	if err != nil && !errors.As(err, &p.waits) {
		return err
	}
	p.sums = others
	return p.submitted.check(tx, p, append(own, others...))
}

// post writes what the claim used, and its number. A new claim that has neither
// has nothing to replace.
func post(tx fhir.Tx, p *pending, entries []fhir.Entry) error {
	entries = append(entries, p.submitted.entries(p.key)...)
	if len(entries) == 0 && !p.renewed {
		return nil
	}
	if err := tx.Post(p.key, entries); err != nil {
		return err
	}
	return settle(tx, p.touched(), fhir.Key{})
}

// adjudicate decides a Case. A broken promise in the rules must not lose the
// claim: it waits for a person instead.
func adjudicate(c adjudication.Case) (d adjudication.Decision, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the rules failed on this claim: %v", broken)
		}
	}()
	return adjudication.Adjudicate(c), nil
}
