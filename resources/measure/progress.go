package measure

import (
	"context"
	"slices"
	"strings"
	"time"

	"bima/fhir"
)

// A progress is how far the reports are up to date: with all versions of before
// done and some later ones, in a month, and with the scheme of a fingerprint.
type progress struct {
	done   int64              // microseconds since 1970; 0 where all is to be counted from the beginning
	later  map[fhir.Key]int64 // the versions of done and after that are counted, too
	month  month
	scheme int64
	purged int64 // how many resources were purged wholly, of which no history tells
	turn   int64 // how often something was counted and told here
}

const (
	progressAccount = "indicators-progress"
	bucketDone      = "done"
	bucketMonth     = "month"
	bucketScheme    = "scheme"
	bucketPurged    = "purged"
	bucketTurn      = "turn"
	bucketForm      = "form"
	bucketLater     = "later|"

	// form is how what is kept is meant; what was kept in another is counted anew.
	form = 2
)

func readProgress(r fhir.Reader) (p progress, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{progressAccount}})
	kept := int64(0)
	p.later = map[fhir.Key]int64{}
	for _, b := range balances {
		switch b.Bucket {
		case bucketDone:
			p.done = b.Value
		case bucketMonth:
			p.month = month(b.Value)
		case bucketScheme:
			p.scheme = b.Value
		case bucketPurged:
			p.purged = b.Value
		case bucketTurn:
			p.turn = b.Value
		case bucketForm:
			kept = b.Value
		default:
			typ, id, _ := strings.Cut(strings.TrimPrefix(b.Bucket, bucketLater), "/")
			p.later[fhir.Key{Type: typ, ID: id}] = b.Value
		}
	}
	if kept != form {
		p.done = 0
	}
	return p, err
}

// purged gives how many resources were purged wholly whose changes bear on a number.
func purged(r fhir.Reader) (n int64, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{fhir.PurgedAccount}})
	for _, b := range balances {
		if slices.Contains(watched, b.Bucket) {
			n += b.Value
		}
	}
	return n, err
}

// moment gives the time by which a count that begins now tells what it has counted:
// a History that is asked for afterwards shows all versions of before it.
func moment(ctx context.Context, s fhir.Server) (at time.Time, err error) {
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		at = tx.Now()
		return nil
	})
	return at, err
}

// settle has the snapshot of a Reader hold all that was written before it. It is to
// be the first that is read: PostgreSQL shows what was begun first, but took longer,
// after what is younger.
func settle(r fhir.Reader) error {
	_, err := r.History(&fhir.HistoryQuery{Type: "ClaimResponse", Since: 1, Limit: 1})
	return err
}

// alone runs write in a transaction that nobody else counts in, where the progress is
// still at a turn. It gives a conflict where it is not.
func alone(ctx context.Context, s fhir.Server, turn int64, write func(fhir.Tx) error) error {
	return s.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(progressAccount); err != nil {
			return err
		}
		now, err := readProgress(tx)
		if err != nil {
			return err
		}
		if now.turn != turn {
			return errOvertaken
		}
		return write(tx)
	})
}

// errOvertaken says that others have counted meanwhile.
var errOvertaken = fhir.Errorf(fhir.IssueConflict, "", "the indicators are being counted by others again and again; ask once more when they have done")

// post puts a progress in the place of the one there is, as its next turn.
func (p *progress) post(tx fhir.Tx, turn int64) error {
	entries := []fhir.Entry{
		{Account: progressAccount, Bucket: bucketForm, Value: form},
		{Account: progressAccount, Bucket: bucketDone, Value: p.done},
		{Account: progressAccount, Bucket: bucketMonth, Value: int64(p.month)},
		{Account: progressAccount, Bucket: bucketScheme, Value: p.scheme},
		{Account: progressAccount, Bucket: bucketPurged, Value: p.purged},
		{Account: progressAccount, Bucket: bucketTurn, Value: turn + 1},
	}
	for k, version := range p.later {
		entries = append(entries, fhir.Entry{Account: progressAccount, Bucket: bucketLater + k.String(), Value: version})
	}
	return tx.Post(fhir.Key{Type: "Basic", ID: progressAccount}, entries)
}

// A changed is a resource that others have written since all was counted.
type changed struct {
	key     fhir.Key
	version int64 // the one that was counted; 0 where there was none
}

// errForgotten says that what was counted can't be known any more.
var errForgotten = fhir.Errorf(fhir.IssueNotFound, "", "a version that was counted is gone")

// before gives what was counted: nil where there was none, or it was deleted.
func (c changed) before(r fhir.Reader) (*fhir.Resource, error) {
	if c.version == 0 {
		return nil, nil
	}
	v, err := r.ReadVersion(c.key, c.version)
	if fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil, errForgotten
	}
	if err != nil || v.Deleted {
		return nil, err
	}
	return v, nil
}

// A search finds what was written since a progress.
type search struct {
	from  progress
	until int64 // microseconds; versions of then and after are noted in later
	most  int   // how many versions are gone through
	types []string
	later map[fhir.Key]int64
	found []changed
	seen  int
}

// run gives whether it went through all there are.
func (s *search) run(r fhir.Reader) (all bool, err error) {
	s.later = map[fhir.Key]int64{}
	for _, typ := range s.types {
		if err := s.typed(r, typ); err != nil {
			return false, err
		}
	}
	return s.seen <= s.most, nil
}

// typed goes through the versions of a type, the newest first.
func (s *search) typed(r fhir.Reader, typ string) error {
	q := fhir.HistoryQuery{Type: typ, Since: s.from.done, Limit: changePage}
	if s.from.done == 0 || s.seen > s.most {
		q.Since = s.until
	}
	at := map[fhir.Key]int{} // in found
	for {
		page, err := r.History(&q)
		if err != nil {
			return err
		}
		for _, v := range page.Resources {
			k := keep(v.Key)
			now := v.Updated.UnixMicro() >= s.until
			if _, noted := s.later[k]; !noted && now {
				s.later[k] = v.Version
			}
			if s.seen > s.most && !now {
				return nil
			}
			counted := s.from.later[k]
			if s.from.done == 0 || v.Version <= counted {
				continue
			}
			s.seen++
			i, known := at[k]
			if !known {
				i = len(s.found)
				at[k], s.found = i, append(s.found, changed{key: k})
			}
			s.found[i].version = max(v.Version-1, counted)
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}
