package receipt

import (
	"fmt"

	"bima/fhir"
)

const (
	// triesMax bounds how many numbers are tried before one is free: officers seldom
	// write numbers of a series ahead of it.
	triesMax = 1000
	// prefixDefault and digitsDefault make numbers such as R2026-000001.
	prefixDefault, digitsDefault = "R", 6
	digitsMax                    = 18
)

// A series counts the numbers with one prefix. How far it has come is in the
// ledger, and not in a resource: each payment changes it, and many at once would
// have to wait for each other's versions.
type series struct {
	prefix string
	last   int64
}

// bucketLast is the only bucket of a series' account.
const bucketLast = "last"

func (s *series) account() string { return "receipt-series|" + s.prefix }

// source is what the entry is posted for; there is no such resource.
func (s *series) source() fhir.Key { return fhir.Key{Type: "Basic", ID: s.account()} }

// prefix gives what the numbers of a transaction begin with.
func (g *giver) prefix() string {
	prefix := g.Prefix
	if prefix == "" {
		prefix = prefixDefault
	}
	if !g.Running {
		prefix += g.tx.Now().In(g.zone()).Format("2006-")
	}
	return prefix
}

// next gives the next number that nobody bears.
func (g *giver) next() (string, error) {
	if g.series == nil {
		if err := g.open(&series{prefix: g.prefix()}); err != nil {
			return "", err
		}
	}
	digits := min(g.Digits, digitsMax)
	if digits <= 0 {
		digits = digitsDefault
	}
	for range triesMax {
		g.series.last++
		number := fmt.Sprintf("%s%0*d", g.series.prefix, digits, g.series.last)
		_, taken, err := g.tx.Owner(numberKey(number))
		if err != nil || !taken {
			return number, err
		}
	}
	return "", refuse("PaymentNotice.identifier", "%d numbers that follow in the series %s are used already; choose another prefix in the settings", triesMax, g.series.prefix)
}

// open reads a series, under a lock that lasts to the end of the transaction.
func (g *giver) open(s *series) error {
	if err := g.tx.Lock(s.account()); err != nil {
		return err
	}
	balances, err := g.tx.Tally(fhir.Tally{Accounts: []string{s.account()}})
	if err != nil {
		return err
	}
	for _, b := range balances {
		s.last += b.Value
	}
	g.series = s
	return nil
}

// keep notes how far the series has come, with the transaction.
func (g *giver) keep() error {
	if g.series == nil {
		return nil
	}
	return g.tx.Post(g.series.source(), []fhir.Entry{{Account: g.series.account(), Bucket: bucketLast, Value: g.series.last}})
}
