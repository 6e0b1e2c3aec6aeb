package measure

import "bima/fhir"

// A progress is how far the reports are up to date: with all versions up to done,
// in a month, and with the scheme of a fingerprint.
type progress struct {
	done   int64 // microseconds since 1970
	month  month
	scheme int64
}

const (
	progressAccount = "indicators-progress"
	bucketDone      = "done"
	bucketMonth     = "month"
	bucketScheme    = "scheme"
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
		}
	}
	return p, err
}

func (p progress) post(tx fhir.Tx) error {
	return tx.Post(fhir.Key{Type: "Basic", ID: progressAccount}, []fhir.Entry{
		{Account: progressAccount, Bucket: bucketDone, Value: p.done},
		{Account: progressAccount, Bucket: bucketMonth, Value: int64(p.month)},
		{Account: progressAccount, Bucket: bucketScheme, Value: p.scheme},
	})
}
