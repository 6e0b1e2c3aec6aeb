package facts

import (
	"hash/fnv"
	"slices"
	"strings"
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
	value, err := stampOf(c.After.Body)
	if err != nil {
		return err
	}
	var entries []fhir.Entry
	for _, code := range terms.ServiceCodes(c.Node) {
		if code.Code != "" {
			entries = append(entries, fhir.Entry{Account: stampAccount(code), Bucket: "stamp", Value: value})
		}
	}
	return tx.Post(c.Key, entries)
}

// stampOf gives a hash of what is stored, 1 at least.
func stampOf(body []byte) (int64, error) {
	h := fnv.New64a()
	if _, err := h.Write(body); err != nil {
		return 0, err
	}
	return int64(h.Sum64()>>(64-stampBits)) + 1, nil
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

// StampCodes notes a change of a CodeSystem in the ledger, so that one look along with
// the stamps of services tells whether the codes that are kept still hold.
func StampCodes(tx fhir.Tx, c fhir.Change) error {
	if c.After == nil {
		return tx.Post(c.Key, nil)
	}
	value, err := stampOf(c.After.Body)
	if err != nil {
		return err
	}
	return tx.Post(c.Key, []fhir.Entry{{Account: codesAccount(c.Node.Get("url").Text()), Bucket: "stamp", Value: value}})
}

func codesAccount(system string) string { return "codes|" + system }

// A glossary keeps the codes of the code systems that diagnoses are of, under their
// stamps. It is safe for concurrent use.
type glossary struct {
	mu      sync.Mutex
	systems map[string]codes
}

// A codes is a code system. One that is not stored whole knows every code.
type codes struct {
	stamp int64
	whole bool
	has   map[string]bool
}

// systemsMax bounds the code systems of diagnoses that are kept, and those that one
// claim is asked about.
const systemsMax = 8

// diagnosisSystems gives the systems of the diagnoses of a claim.
func diagnosisSystems(diagnoses fhir.Node) (systems []string) {
	for d := range diagnoses.Each() {
		for _, code := range terms.Codings(d.Get("diagnosisCodeableConcept")) {
			if code.System != "" && !slices.Contains(systems, code.System) && len(systems) < systemsMax {
				systems = append(systems, code.System)
			}
		}
	}
	return systems
}

// unknownDiagnosis reports whether a diagnosis has a code that its code system, which
// is stored whole, does not have. stamps are balances with those of the systems.
func (f *Facts) unknownDiagnosis(r fhir.Reader, diagnoses fhir.Node, systems []string, stamps []fhir.Balance) (bool, error) {
	for _, system := range systems {
		at := slices.IndexFunc(stamps, func(b fhir.Balance) bool { return b.Account == codesAccount(system) })
		if at < 0 {
			continue
		}
		known, err := f.codes.of(r, system, stamps[at].Value)
		if err != nil {
			return false, err
		}
		for d := range diagnoses.Each() {
			for _, code := range terms.Codings(d.Get("diagnosisCodeableConcept")) {
				if code.System == system && known.whole && !known.has[code.Code] {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// of gives a code system: the one that is kept, where its stamp holds.
func (g *glossary) of(r fhir.Reader, system string, stamp int64) (codes, error) {
	g.mu.Lock()
	kept, ok := g.systems[system]
	g.mu.Unlock()
	if ok && kept.stamp == stamp {
		return kept, nil
	}
	read, err := readCodes(r, system)
	if err != nil {
		return codes{}, err
	}
	read.stamp = stamp
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.systems == nil || len(g.systems) >= systemsMax {
		g.systems = map[string]codes{}
	}
	g.systems[system] = read
	return read, nil
}

// readCodes reads all that is stored of a code system.
func readCodes(r fhir.Reader, system string) (codes, error) {
	all := codes{whole: true, has: map[string]bool{}}
	page, err := r.Search(&fhir.Query{Types: []string{"CodeSystem"}, Limit: systemsMax, Where: fhir.Match{
		Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: system},
	}})
	if err != nil {
		return all, err
	}
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return all, err
		}
		all.whole = all.whole && n.Get("content").Text() == "complete" && n.Get("caseSensitive").Text() != "false"
		all.add(n.Get("concept"))
	}
	all.whole = all.whole && page.Next == "" && len(all.has) > 0
	return all, nil
}

func (c codes) add(concepts fhir.Node) {
	for concept := range concepts.Each() {
		c.has[strings.Clone(concept.Get("code").Text())] = true
		c.add(concept.Get("concept"))
	}
}
