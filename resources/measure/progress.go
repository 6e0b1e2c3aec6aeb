package measure

import (
	"context"

	"bima/fhir"
)

// A progress is how far the reports are up to date: with all versions up to done,
// in a month, and with the scheme of a fingerprint.
type progress struct {
	done   int64 // microseconds since 1970
	month  month
	scheme int64
	turn   int64 // how often something was counted and told here
}

const (
	progressAccount = "indicators-progress"
	bucketDone      = "done"
	bucketMonth     = "month"
	bucketScheme    = "scheme"
	bucketTurn      = "turn"
)

func readProgress(r fhir.Reader) (p progress, err error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{progressAccount}})
	for _, b := range balances {
		switch b.Bucket {
		case bucketDone:
			p.done = b.Value
		case bucketMonth:
			p.month = month(b.Value)
		case bucketScheme:
			p.scheme = b.Value
		case bucketTurn:
			p.turn = b.Value
		}
	}
	return p, err
}

// follow puts a progress in the place of the one it began with; ok is false where
// that is no longer the one.
func (p progress) follow(ctx context.Context, s fhir.Server, from progress) (ok bool, err error) {
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		if err := tx.Lock(progressAccount); err != nil {
			return err
		}
		now, err := readProgress(tx)
		if ok = err == nil && now == from; !ok {
			return err
		}
		p.turn = from.turn + 1
		return p.post(tx)
	})
	return ok, err
}

func (p progress) post(tx fhir.Tx) error {
	return tx.Post(fhir.Key{Type: "Basic", ID: progressAccount}, []fhir.Entry{
		{Account: progressAccount, Bucket: bucketDone, Value: p.done},
		{Account: progressAccount, Bucket: bucketMonth, Value: int64(p.month)},
		{Account: progressAccount, Bucket: bucketScheme, Value: p.scheme},
		{Account: progressAccount, Bucket: bucketTurn, Value: p.turn},
	})
}
