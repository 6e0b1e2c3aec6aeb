package facts

import (
	"hash/fnv"
	"slices"
	"sync"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// The tariffs of a service are kept under a stamp: the sum of a hash of each of
// them, which the ledger keeps per service. One look at the stamps of a claim's
// services tells whether what was compiled still holds, on every process and
// within every transaction; what never got a stamp is read each time.

// stampBits bounds a hash, so that the sum of many fits.
const stampBits = 48

// Stamp notes a change of a ChargeItemDefinition in the ledger. The module of
// claims calls it for each one, before it decides.
func Stamp(tx fhir.Tx, c fhir.Change) error {
	if c.After == nil {
		return tx.Post(c.Key, nil)
	}
	h := fnv.New64a()
	if _, err := h.Write(c.After.Body); err != nil {
		return err
	}
	value := int64(h.Sum64()>>(64-stampBits)) + 1
	var entries []fhir.Entry
	for _, code := range terms.ServiceCodes(c.Node) {
		if code.Code != "" {
			entries = append(entries, fhir.Entry{Account: stampAccount(code), Bucket: "stamp", Value: value})
		}
	}
	return tx.Post(c.Key, entries)
}

func stampAccount(code adjudication.Code) string { return "tariff|" + code.String() }

// stamps reads the stamps of services, 0 for those without, and with them the
// sums of all.
func stamps(r fhir.Reader, services []adjudication.Code, all fhir.Tally) (values []int64, others []fhir.Balance, _ error) {
	at := make(map[string]int, len(services))
	all.Accounts = slices.Grow(all.Accounts, len(services))
	for i, s := range services {
		account := stampAccount(s)
		at[account] = i
		all.Accounts = append(all.Accounts, account)
	}
	balances, err := r.Tally(all)
	if err != nil {
		return nil, nil, err
	}
	values = make([]int64, len(services))
	for _, b := range balances {
		if i, ok := at[b.Account]; ok {
			values[i] += b.Value
		} else {
			others = append(others, b)
		}
	}
	return values, others, nil
}

// A shelf keeps the tariffs of each service under its stamp. It is safe for
// concurrent use.
type shelf struct {
	mu       sync.RWMutex
	services map[adjudication.Code]stamped
}

type stamped struct {
	stamp   int64
	tariffs []*tariff
}

func (s *shelf) get(service adjudication.Code, stamp int64) ([]*tariff, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	have, ok := s.services[service]
	return have.tariffs, ok && stamp != 0 && have.stamp == stamp
}

func (s *shelf) put(service adjudication.Code, stamp int64, tariffs []*tariff) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.services == nil || len(s.services) >= cacheMax {
		s.services = make(map[adjudication.Code]stamped)
	}
	s.services[service] = stamped{stamp, tariffs}
}
