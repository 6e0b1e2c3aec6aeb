package interaction

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/bundle"
	"bima/fhir/interaction/scoped"
)

// A run is one attempt at a transaction inside the store's.
type run struct {
	*transaction
	tx      *tx
	keys    []fhir.Key       // by job, as far as they are known
	found   []*fhir.Resource // by job: what its condition found
	links   *bundle.Meanings
	replies []reply
}

// run performs the entries in R4's order, whatever their order in the Bundle:
// deletes, creates, updates and patches, reads. Source: R4 http#trules.
func (t *transaction) run(tx *tx, o BundleOptions) ([]reply, error) {
	r := &run{
		transaction: t, tx: tx, keys: slices.Clone(t.keys), found: make([]*fhir.Resource, len(t.jobs)),
		replies: make([]reply, len(t.jobs)),
	}
	r.links = &bundle.Meanings{Entries: t.entries, Keys: r.keys, Found: map[string]fhir.Key{}}
	if names := t.locks(); len(names) > 0 {
		if err := tx.Lock(names...); err != nil {
			return nil, err
		}
	}
	steps := []func() error{r.deletes, r.resolve, r.prefetch, r.writes, r.react, r.calls, func() error { return r.reads(o) }, r.verify}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for i := range r.replies {
		r.replies[i].resource = tx.journal.last(r.replies[i].resource)
	}
	return r.replies, nil
}

// each calls do for the entries of the methods, and says of an error which entry
// it is of.
func (r *run) each(do func(*job) error, methods ...string) error {
	for _, j := range r.jobs {
		if slices.Contains(methods, j.method) {
			if err := do(j); err != nil {
				return j.at(err)
			}
		}
	}
	return nil
}

func (r *run) deletes() error {
	return r.each(func(j *job) error {
		keys := []fhir.Key{j.key}
		if j.only != nil {
			found, err := r.tx.deletable(j.only)
			if err != nil {
				return err
			}
			keys = keys[:0]
			for _, f := range found {
				keys = append(keys, f.Key)
			}
		}
		reply := reply{status: 204}
		for _, k := range keys {
			result, err := r.tx.write(step{key: k, method: fhir.MethodDelete, when: j.when, follows: j.only != nil})
			if err != nil {
				return err
			}
			reply.resource, r.keys[j.index] = result.Resource, k
		}
		r.replies[j.index] = reply
		return nil
	}, "DELETE")
}

// resolve finds what the conditional entries are about. A create on the same
// condition as an earlier one is that one; an update that would create on it, too,
// is refused, for both are of one resource.
func (r *run) resolve() error {
	creates, news := make(map[string]int), make(map[string]int)
	err := r.each(func(j *job) error {
		if j.there != nil {
			r.found[j.index] = j.there
		}
		if j.only == nil {
			return nil
		}
		if first, again := creates[j.only.lock]; again && j.method == "POST" {
			r.keys[j.index], r.found[j.index] = r.keys[first], r.found[first]
			return nil
		}
		found, err := r.tx.find(j.only)
		if err != nil {
			return err
		}
		r.found[j.index], r.keys[j.index] = found, j.key
		if found != nil {
			r.keys[j.index] = found.Key
		}
		if j.method == "POST" {
			creates[j.only.lock] = j.index
		}
		if first, again := news[j.only.lock]; again {
			return fhir.Errorf(fhir.IssueInvalid, "", "entry %d creates by the same condition, %.200q; a transaction writes each resource once", first, j.only.text)
		}
		if found == nil {
			news[j.only.lock] = j.index
		}
		return r.upserts(j)
	}, "POST", "PUT", "PATCH")
	if err != nil {
		return err
	}
	return distinct(r.jobs, r.writtenKeys())
}

// upserts gives a conditional update that found nothing its key.
func (r *run) upserts(j *job) error {
	if r.found[j.index] != nil || j.method == "POST" {
		return nil
	}
	if j.method == "PATCH" {
		return fhir.Errorf(fhir.IssueNotFound, "", "nothing matches %.200q, so there is nothing to patch", j.only.text)
	}
	key := fhir.Key{Type: j.target.key.Type, ID: j.node.Get("id").Text()}
	if key.ID == "" {
		key.ID = r.engine.newID()
	}
	r.keys[j.index] = key
	return nil
}

// writtenKeys gives the keys of the entries that write: not those of creates
// that found their resource there.
func (r *run) writtenKeys() []fhir.Key {
	keys := slices.Clone(r.keys)
	seen := make(map[string]bool)
	for i, j := range r.jobs {
		if j.there != nil {
			keys[i] = fhir.Key{}
		}
		if j.method != "POST" || j.only == nil {
			continue
		}
		if r.found[i] != nil || seen[j.only.lock] {
			keys[i] = fhir.Key{}
		}
		seen[j.only.lock] = true
	}
	return keys
}

// prefetch reads what the updates will replace, all at once.
func (r *run) prefetch() error {
	var keys []fhir.Key
	for i, j := range r.jobs {
		if j.method == "PUT" && !r.keys[i].IsZero() {
			keys = append(keys, r.keys[i])
		}
	}
	if len(keys) < 2 {
		return nil
	}
	current, err := r.tx.Writer.ReadMany(keys)
	if err != nil {
		return err
	}
	r.tx.known = make(map[fhir.Key]*fhir.Resource, len(current))
	for _, c := range current {
		r.tx.known[c.Key] = c
	}
	return nil
}

// writes does the creates, then the updates and patches. Entries with conditional
// references come after the others of both, so that these may name what the same
// transaction writes.
func (r *run) writes() error {
	for _, conditional := range []bool{false, true} {
		do := func(j *job) error {
			if (len(j.refers) > 0) != conditional || j.called != nil || j.reads() {
				return nil
			}
			return r.write(j)
		}
		if err := r.each(do, "POST"); err != nil {
			return err
		}
		if err := r.each(do, "PUT", "PATCH"); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) write(j *job) error {
	key, found := r.keys[j.index], r.found[j.index]
	var result *Result
	var err error
	switch {
	case j.method == "POST" && found != nil:
		result = &Result{Resource: found, Private: private(r.tx.caller, key)}
	case j.method == "POST" && j.only != nil && key != j.key:
		current, err := r.tx.Read(key) // written by the earlier create on the same condition
		if err != nil {
			return err
		}
		result = &Result{Resource: current, Private: private(r.tx.caller, key)}
	case j.method == "PATCH":
		result, err = r.tx.patch(key, j.patch, foreseen{}, j.when)
	default:
		result, err = r.put(j, key)
	}
	if err != nil {
		return err
	}
	reply := reply{status: 200, resource: result.Resource, issues: j.issues, created: result.Created, private: result.Private}
	if result.Created {
		reply.status = 201
	}
	r.replies[j.index] = reply
	return nil
}

// put creates or updates with the draft of the entry.
func (r *run) put(j *job, key fhir.Key) (*Result, error) {
	d, err := r.draft(j)
	if err != nil {
		return nil, err
	}
	if j.method == "POST" {
		return r.tx.write(step{key: key, method: fhir.MethodCreate, draft: d, fresh: true})
	}
	s := step{key: key, method: fhir.MethodUpdate, draft: d, when: j.when}
	if j.only != nil {
		if s, err = upsert(d, r.found[j.index], key); err != nil {
			return nil, err
		}
		s.when = s.when.and(j.when)
	}
	return r.tx.write(s)
}

// draft gives the draft of an entry; where a link could not be known beforehand,
// now that it can.
func (r *run) draft(j *job) (*draft, error) {
	if j.draft != nil {
		return j.draft, nil
	}
	rw := r.links.Rewriting(j.node, restBase(j.fullURL))
	if len(rw.Queries) > 0 {
		if err := r.tx.matchEach(j.refers, r.links.Found); err != nil {
			return nil, err
		}
		rw = r.links.Rewriting(j.node, restBase(j.fullURL))
	}
	if err := refused(rw.Issues); err != nil {
		return nil, err
	}
	return r.engine.linked(j.node, rw)
}

// react shows the changes to the Reactions. What one of them refuses is told as of
// the entry, where only one is of the type it speaks of.
func (r *run) react() error {
	err := r.tx.react()
	o, ok := err.(*fhir.Outcome)
	if !ok {
		return err
	}
	moved := &fhir.Outcome{}
	for _, issue := range o.Issues {
		issues := []fhir.Issue{issue}
		if j := r.only(issue.Expression); j != nil {
			issues = within(issues, j.path()+".resource", j.path())
		}
		moved.Issues = append(moved.Issues, issues...)
	}
	return moved.Because(err)
}

// only gives the one entry that writes a resource of the type with which an
// expression begins, nil where none or several do.
func (r *run) only(expression string) *job {
	end := strings.IndexAny(expression, ".[")
	if end < 0 {
		end = len(expression)
	}
	var found *job
	for i, j := range r.jobs {
		if j.reads() || j.called != nil || r.keys[i].Type != expression[:end] {
			continue
		}
		if found != nil {
			return nil
		}
		found = j
	}
	return found
}

// calls runs the operations that were posted, after the writes of the others.
func (r *run) calls() error {
	return r.each(func(j *job) error {
		if j.called == nil {
			return nil
		}
		return r.call(j)
	}, "POST")
}

func (r *run) call(j *job) error {
	body := j.body
	if len(body) > 0 && j.target.operation != validateCode {
		doc, err := fhir.Parse(body)
		if err != nil {
			return err
		}
		body = r.links.Rewriting(doc.Root(), restBase(j.fullURL)).Bytes()
	}
	in, err := r.engine.input(j.target.operation, j.target.query, body, j.reads())
	if err != nil {
		return err
	}
	r.replies[j.index], err = called(handle(r.tx.ctx, nested{r.tx}, j.called, j.target.key, in))
	if err == nil {
		err = r.tx.journal.broken
	}
	return err
}

// reads does what only reads, on the final state.
func (r *run) reads(o BundleOptions) error {
	answers := r.engine.allowance()
	veil, err := r.tx.veil()
	if err != nil {
		return err
	}
	reader := scoped.Reader(veil.Reader(r.tx), r.tx.caller.Grant)
	return r.each(func(j *job) (err error) {
		if err := answers.left(j.entry); err != nil {
			return err
		}
		switch {
		case !j.reads():
		case j.called != nil:
			err = r.call(j)
		default:
			r.replies[j.index], err = r.engine.fetch(r.tx.ctx, reader, j.entry, o)
		}
		r.replies[j.index].bare = j.method == "HEAD"
		if err == nil {
			err = answers.take(j.entry, &r.replies[j.index])
		}
		return err
	}, "GET", "HEAD", "POST")
}
