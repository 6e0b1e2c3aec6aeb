package interaction

import (
	"context"
	"net/http"
	"sync"

	"bima/fhir"
)

// batchWorkers is how many entries of a batch are under way at once, so that the
// store can commit them in groups.
const batchWorkers = 8

// Bundle performs a batch or a transaction and gives the Bundle of responses, in
// the order of the requests. A batch always succeeds as a whole; a transaction
// that can't be done all is an error that names the entries at fault, and then
// nothing was done. Source: R4 http#transaction.
func (e *Engine) Bundle(ctx context.Context, body []byte, o BundleOptions) ([]byte, error) {
	e = e.pinned()
	if _, err := callerOf(ctx); err != nil {
		return nil, err
	}
	r, err := e.bundle(body)
	if err != nil {
		return nil, outcome(err)
	}
	ctx = e.remembering(ctx)
	if r.kind == fhir.BundleTransaction {
		answer, err := e.transact(ctx, r, o)
		return answer, outcome(err)
	}
	return e.responses(fhir.BundleBatchResponse, e.batch(ctx, r, o), o), nil
}

// batch performs each entry by itself, in the order of methods that transactions
// have. Entries of one method run side by side, as far as they are about
// different resources.
func (e *Engine) batch(ctx context.Context, r *request, o BundleOptions) []reply {
	replies := make([]reply, len(r.entries))
	answers := e.allowance()
	for _, methods := range [][]string{{"DELETE"}, {"POST"}, {"PUT", "PATCH"}, {"GET", "HEAD"}} {
		sideBySide(queues(r.entries, methods), func(en *entry) {
			var reply reply
			err := answers.left(en)
			if err == nil {
				reply, err = e.perform(ctx, en, o)
			}
			if err == nil {
				err = answers.take(en, &reply)
			}
			if err != nil {
				reply = e.fault(en, err)
			}
			replies[en.index] = reply
		})
	}
	for i, en := range r.entries {
		if replies[i].status == 0 {
			replies[i] = failure(en.err)
		}
	}
	return replies
}

// fault is the reply of an entry that failed. Its cause goes to the log here, for
// the transport sees a batch that went well.
func (e *Engine) fault(en *entry, err error) reply {
	err = en.at(err)
	if status := Status(err); status >= http.StatusInternalServerError {
		e.log.Error("batch entry failed", "entry", en.index, "method", en.method, "url", en.target.url, "error", causeOf(err))
	}
	return failure(err)
}

// causeOf gives the text of an error that its Outcome keeps from the client.
func causeOf(err error) string {
	type unwrapper interface{ Unwrap() error }
	for {
		u, ok := err.(unwrapper)
		if !ok || u.Unwrap() == nil {
			return err.Error()
		}
		err = u.Unwrap()
	}
}

// queues gathers the well-formed entries of the methods; those about the same
// resource stand in one queue, in their order.
func queues(entries []*entry, methods []string) [][]*entry {
	var all [][]*entry
	place := make(map[string]int)
	for _, en := range entries {
		if en.err != nil || en.method != methods[0] && en.method != methods[len(methods)-1] {
			continue
		}
		about := en.target.url
		if en.method == "POST" {
			about = en.write.IfNoneExist
		}
		i, known := place[about]
		if !known || about == "" {
			i = len(all)
			all = append(all, nil)
			place[about] = i
		}
		all[i] = append(all[i], en)
	}
	return all
}

// sideBySide works through the queues, several at a time.
func sideBySide(queues [][]*entry, do func(*entry)) {
	slots := make(chan struct{}, batchWorkers)
	var group sync.WaitGroup
	for _, queue := range queues {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			for _, en := range queue {
				do(en)
			}
		})
	}
	group.Wait()
}

// perform does one entry of a batch as the interaction it is.
func (e *Engine) perform(ctx context.Context, en *entry, o BundleOptions) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	w, t := en.write, &en.target
	w.Body = en.body
	switch {
	case t.operation != "":
		return called(e.Call(ctx, t.operation, t.key, t.query, en.body, en.method == "GET" || en.method == "HEAD"))
	case t.search:
		body, err := e.Search(ctx, t.key.Type, t.query, SearchOptions{Lenient: o.Lenient})
		return reply{status: http.StatusOK, body: body}, err
	case en.method == "POST":
		return written(e.Create(ctx, t.key.Type, w))
	case en.method == "PUT" && t.key.ID != "":
		return written(e.Update(ctx, t.key, w))
	case en.method == "PUT":
		return written(e.UpdateConditional(ctx, t.key.Type, t.query, w))
	case en.method == "PATCH":
		return e.patchEntry(ctx, en)
	case en.method == "DELETE" && t.key.ID != "":
		result, err := e.Delete(ctx, t.key, w.IfMatch)
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusNoContent, resource: result.Resource}, nil
	case en.method == "DELETE":
		_, err := e.DeleteConditional(ctx, t.key.Type, t.query)
		return reply{status: http.StatusNoContent}, err
	}
	var answer reply
	err := e.View(ctx, func(r fhir.Reader) (err error) {
		answer, err = e.fetch(ctx, r, en, o)
		return err
	})
	answer.bare = en.method == "HEAD"
	return answer, err
}

func (e *Engine) patchEntry(ctx context.Context, en *entry) (reply, error) {
	p, when, err := e.patch(en)
	if err != nil {
		return reply{}, err
	}
	if en.target.key.ID != "" {
		return written(e.patchKey(ctx, en.target.key, p, when))
	}
	return written(e.patchMatch(ctx, en.target.key.Type, en.target.query, p, when))
}

// written gives the reply to a write.
func written(result *Result, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	r := reply{status: http.StatusOK, resource: result.Resource, created: result.Created, issues: result.Issues, private: result.Private}
	if result.Created {
		r.status = http.StatusCreated
	}
	return r, nil
}

// called gives the reply to an operation.
func called(response *fhir.Response, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	r := reply{status: response.Status}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if response.Resource != nil {
		r.body = response.Resource.Body
	}
	return r, nil
}
