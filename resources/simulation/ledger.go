package simulation

import (
	"maps"
	"slices"
	"strings"

	"bima/fhir"
)

// A ledger holds in memory what claims used, each entry with the place in time at
// which it was posted: asked at a claim's turn it tells what was used before it.
type ledger struct {
	base     fhir.Reader
	line     *queue
	accounts map[string][]posting
	numbers  map[string]int32 // of buckets
	buckets  []string
	times    map[uint64]int32 // when claims that are not in the queue were decided
}

// A posting is one entry.
type posting struct {
	source uint64
	value  int64
	at     int32
	bucket int32
	day    int32
}

func newLedger(base fhir.Reader, line *queue) *ledger {
	return &ledger{base: base, line: line, accounts: map[string][]posting{}, numbers: map[string]int32{}, times: map[uint64]int32{}}
}

// load brings accounts into memory that are not there yet, as they are stored.
func (l *ledger) load(accounts []string) error {
	var missing []string
	for _, a := range accounts {
		if _, there := l.accounts[a]; !there {
			l.accounts[a] = nil
			missing = append(missing, a)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	stored, err := l.base.Tally(fhir.Tally{Accounts: missing, Apart: true})
	if err != nil {
		return err
	}
	if err := l.date(stored); err != nil {
		return err
	}
	for _, b := range stored {
		l.add(b.Account, posting{
			source: l.line.hash(b.Source.ID), value: b.Value, at: l.place(b.Source), bucket: l.number(b.Bucket), day: b.LastDay,
		})
	}
	return nil
}

func (l *ledger) add(account string, p posting) { l.accounts[account] = append(l.accounts[account], p) }

// number interns the name of a bucket.
func (l *ledger) number(bucket string) int32 {
	n, known := l.numbers[bucket]
	if !known {
		n = int32(len(l.buckets))
		bucket = strings.Clone(bucket)
		l.numbers[bucket] = n
		l.buckets = append(l.buckets, bucket)
	}
	return n
}

// place gives the place in time of what a source used.
func (l *ledger) place(source fhir.Key) int32 {
	hash := l.line.hash(source.ID)
	if i, queued := l.line.places[hash]; queued && source.Type == "Claim" {
		return during(int(i))
	}
	return l.times[hash]
}

// date finds when the other claims that used something were decided. What has no
// decision counts as used from the beginning.
func (l *ledger) date(stored []fhir.Balance) error {
	var keys []fhir.Key
	for _, b := range stored {
		hash := l.line.hash(b.Source.ID)
		if _, queued := l.line.places[hash]; queued || b.Source.Type != "Claim" {
			continue
		}
		if _, known := l.times[hash]; !known {
			l.times[hash] = 0
			keys = append(keys, responseKey(b.Source))
		}
	}
	ties := map[fhir.Key]int64{}
	err := l.each(keys, func(k fhir.Key, n fhir.Node, response *fhir.Resource) {
		decided := decidedAt(n, response)
		place, tied := l.line.at(decided)
		if tied {
			ties[fhir.Key{Type: "Claim", ID: k.ID}] = decided
		}
		l.times[l.line.hash(k.ID)] = place
	})
	if err != nil {
		return err
	}
	// Of what was decided in one go with claims of the period, claims made before
	// it came first.
	return l.each(slices.Collect(maps.Keys(ties)), func(k fhir.Key, n fhir.Node, _ *fhir.Resource) {
		if n.Get("created").Text() >= l.line.from {
			l.times[l.line.hash(k.ID)] = l.line.after(ties[k])
		}
	})
}

// each shows resources, a page at a time.
func (l *ledger) each(keys []fhir.Key, show func(fhir.Key, fhir.Node, *fhir.Resource)) error {
	for len(keys) > 0 {
		n := min(len(keys), 2*pageSize)
		found, err := l.base.ReadMany(keys[:n])
		if err != nil {
			return err
		}
		for _, resource := range found {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			show(resource.Key, doc.Root(), resource)
			doc.Release()
		}
		keys = keys[n:]
	}
	return nil
}

// post replaces what a claim of the queue used.
func (l *ledger) post(accounts []string, i int, entries []fhir.Entry) {
	source := l.line.hash(l.line.claims[i].id)
	for _, a := range accounts {
		kept := l.accounts[a][:0]
		for _, p := range l.accounts[a] {
			if p.source != source {
				kept = append(kept, p)
			}
		}
		l.accounts[a] = kept
	}
	for _, e := range entries {
		l.add(e.Account, posting{source: source, value: e.Value, at: during(i), bucket: l.number(e.Bucket), day: e.Day})
	}
}

// tally sums what was used before the turn of a claim.
func (l *ledger) tally(t fhir.Tally, turn int) ([]fhir.Balance, error) {
	if err := l.load(t.Accounts); err != nil {
		return nil, err
	}
	var out []fhir.Balance
	for i, account := range t.Accounts {
		if slices.Contains(t.Accounts[:i], account) {
			continue
		}
		first := len(out)
		for _, p := range l.accounts[account] {
			if p.at >= during(turn) || (t.From != 0 || t.To != 0) && (p.day < t.From || p.day >= t.To) {
				continue
			}
			out = sum(out, first, account, l.buckets[p.bucket], p)
		}
	}
	return out, nil
}

// sum adds a posting to the Balance of its bucket.
func sum(out []fhir.Balance, first int, account, bucket string, p posting) []fhir.Balance {
	for i := first; i < len(out); i++ {
		if out[i].Bucket == bucket {
			out[i].Value += p.value
			out[i].LastDay = max(out[i].LastDay, p.day)
			return out
		}
	}
	return append(out, fhir.Balance{Account: account, Bucket: bucket, Value: p.value, LastDay: p.day})
}
