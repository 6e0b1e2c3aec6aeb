package simulation

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"bima/fhir"
)

// A queue holds the claims of the period in the order in which they were decided.
type queue struct {
	claims   []turn           // all of the period
	places   map[uint64]int32 // by hash of the id, the index in claims
	seed     maphash.Seed
	selected int
	waiting  int
	from     string // the first day of the period; "" where it is open
}

// A turn is one claim of a queue.
type turn struct {
	id      string
	decided int64 // microseconds since 1970
	made    int32 // the greater, the earlier it came in
}

// queue finds the claims that were made in the period and are decided.
func (q Question) queue(ctx context.Context, r fhir.Reader) (*queue, error) {
	where, err := q.where()
	if err != nil {
		return nil, err
	}
	line := &queue{from: q.From, places: map[uint64]int32{}, seed: maphash.MakeSeed()}
	for after := ""; ; {
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		page, err := r.Search(&fhir.Query{Types: []string{"Claim"}, Where: where, Limit: 2 * pageSize, After: after})
		if err != nil {
			return nil, err
		}
		if err := line.add(r, page.Resources); err != nil {
			return nil, err
		}
		if after = page.Next; after == "" {
			break
		}
		if len(line.claims) > ClaimsMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "more than %d claims are of this period; take a shorter one", ClaimsMax)
		}
	}
	line.sort()
	if err := line.untie(r); err != nil {
		return nil, err
	}
	for i, t := range line.claims {
		line.places[line.hash(t.id)] = int32(i)
	}
	return line, nil
}

func (l *queue) sort() {
	slices.SortFunc(l.claims, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.decided, b.decided), cmp.Compare(b.made, a.made))
	})
}

// untie puts claims that were decided in one millisecond into the order in which their
// answers were written: side by side on PostgreSQL, one may have waited for another that
// came in later. Of more than a page of them the order in which they came in is left.
func (l *queue) untie(r fhir.Reader) error {
	var tied fhir.IDs
	from := 0
	for i := 0; i < len(l.claims); {
		end := i + 1
		for end < len(l.claims) && l.claims[end].decided == l.claims[i].decided {
			end++
		}
		if n := end - i; n > 1 && n <= pageSize {
			if len(tied)+n > 2*pageSize {
				if err := l.rank(r, tied, l.claims[from:i]); err != nil {
					return err
				}
				tied, from = tied[:0], i
			}
			for ; i < end; i++ {
				tied = append(tied, l.claims[i].id)
			}
		}
		i = end
	}
	if err := l.rank(r, tied, l.claims[from:]); err != nil {
		return err
	}
	l.sort()
	return nil
}

// rank notes in which order the answers to some claims were written first; among are
// the turns that have them.
func (l *queue) rank(r fhir.Reader, ids fhir.IDs, among []turn) error {
	if len(ids) == 0 {
		return nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"ClaimResponse"}, Where: slices.Clone(ids), Limit: len(ids)})
	if err != nil {
		return err
	}
	made := make(map[string]int32, len(ids))
	for i, response := range page.Resources {
		made[response.ID] = int32(i)
	}
	for i := range among {
		if rank, ok := made[among[i].id]; ok {
			among[i].made = rank
		}
	}
	return nil
}

// where selects claims for payment by the day on which they were made.
func (q Question) where() (fhir.Criterion, error) {
	zone := q.Zone
	if zone == nil {
		zone = time.UTC
	}
	where := fhir.All{fhir.Match{Param: fhir.Param{Code: "use", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "claim"}}}
	for _, end := range []struct {
		day    string
		prefix fhir.Prefix
	}{{q.From, fhir.PrefixGreaterEqual}, {q.To, fhir.PrefixLessEqual}} {
		if end.day == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, end.day, zone)
		if err != nil {
			return nil, fhir.Errorf(fhir.IssueValue, "", "%.40q is not a day, such as 2026-01-31", end.day)
		}
		where = append(where, fhir.Match{
			Param: fhir.Param{Code: "created", Kind: fhir.ParamDate},
			Value: fhir.DateValue{Prefix: end.prefix, From: day.UnixMicro(), To: day.AddDate(0, 0, 1).UnixMicro()},
		})
	}
	return where, nil
}

// add takes in a page of claims, the newest first.
func (l *queue) add(r fhir.Reader, found []*fhir.Resource) error {
	keys := make([]fhir.Key, len(found))
	for i, claim := range found {
		keys[i] = responseKey(claim.Key)
	}
	responses, err := r.ReadMany(keys)
	if err != nil {
		return err
	}
	decided := make(map[string]int64, len(responses))
	for _, response := range responses {
		doc, err := fhir.Parse(response.Body)
		if err != nil {
			return err
		}
		if n := doc.Root(); n.Get("status").Text() == "active" && n.Get("outcome").Text() != "queued" {
			decided[response.ID] = decidedAt(n, response)
		}
		doc.Release()
	}
	for _, claim := range found {
		l.selected++
		at, ok := decided[claim.ID]
		if !ok {
			l.waiting++
			continue
		}
		l.claims = append(l.claims, turn{strings.Clone(claim.ID), at, int32(l.selected)})
	}
	return nil
}

// decidedAt tells when the decision that a response holds was made, which is its
// creation date to the second: of a version that was written within it, to the
// millisecond.
func decidedAt(n fhir.Node, response *fhir.Resource) int64 {
	created, err := fhir.ParseDateTime(n.Get("created").Text())
	if err != nil || !response.Updated.After(created.First) || response.Updated.Before(created.First.Add(time.Second)) {
		return response.Updated.UnixMicro()
	}
	return created.First.UnixMicro()
}

func (l *queue) hash(id string) uint64 { return maphash.String(l.seed, id) }

// at gives the place in time of what was decided then by a claim that is not in
// the queue: before the first that was decided at that time or later. tied tells
// that one was decided at that very time.
func (l *queue) at(decided int64) (place int32, tied bool) {
	i, tied := slices.BinarySearchFunc(l.claims, decided, func(t turn, decided int64) int { return cmp.Compare(t.decided, decided) })
	return before(i), tied
}

// after gives the place behind all that was decided at a time.
func (l *queue) after(decided int64) int32 {
	i, _ := l.at(decided + 1)
	return i
}

// Places in time are twice the index in the queue and one more; what lies between
// two of its claims has the even number between.
func before(i int) int32 { return int32(2 * i) }
func during(i int) int32 { return int32(2*i + 1) }

func responseKey(claim fhir.Key) fhir.Key { return fhir.Key{Type: "ClaimResponse", ID: claim.ID} }
