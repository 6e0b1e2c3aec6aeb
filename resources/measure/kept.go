package measure

import (
	"hash/fnv"
	"maps"
	"strings"

	"bima/fhir"
)

// Beside the report of a facility's month is kept, in the ledger and in the same
// transaction, what it does not tell: the numbers it hides; and a sum over what it
// tells, by which a report is known that somebody else has written. What was counted
// is thereby known exactly, and what changes can be taken away and added.

const (
	keptAccount = "indicators|"
	bucketSum   = "sum"
	bucketCount = "count|"
	bucketValue = "value|"
)

func (s subject) account() string { return keptAccount + s.key().ID }

// keepsBeside gives what is kept beside a report that tells the numbers.
func (s subject) keepsBeside(t told, numbers sheet) []fhir.Entry {
	entries := []fhir.Entry{{Account: s.account(), Bucket: bucketSum, Value: sumOf(t.group)}}
	for k, v := range numbers {
		if t.numbers[k] == v {
			continue
		}
		name := strings.Join(append([]string{k.element}, k.options[:]...), "|")
		entries = append(entries, fhir.Entry{Account: s.account(), Bucket: bucketCount + name, Value: v.count},
			fhir.Entry{Account: s.account(), Bucket: bucketValue + name, Value: v.sum})
	}
	return entries
}

// sumOf gives a sum over the group of a report.
func sumOf(group []byte) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write(group)
	return int64(sum.Sum64() >> 1)
}

// beside reads what is kept beside a report.
func (s subject) beside(r fhir.Reader) (map[string]int64, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{s.account()}})
	kept := map[string]int64{}
	for _, b := range balances {
		kept[b.Bucket] = b.Value
	}
	return kept, err
}

// same reports whether entries are what is kept.
func same(entries []fhir.Entry, kept map[string]int64) bool {
	if len(entries) != len(kept) {
		return false
	}
	for _, e := range entries {
		if v, there := kept[e.Bucket]; !there || v != e.Value {
			return false
		}
	}
	return true
}

// counted gives the numbers a report was made of. They are not known where it was
// made by an older release, by $recount or by somebody else.
func (s *scheme) counted(r fhir.Reader, of subject) (numbers sheet, known bool, err error) {
	t, there, err := s.tells(r, of)
	if err != nil || !there {
		return nil, false, err
	}
	return t.counted(r, of)
}

func (t told) counted(r fhir.Reader, of subject) (numbers sheet, known bool, err error) {
	kept, err := of.beside(r)
	if sum, there := kept[bucketSum]; err != nil || !there || sum != sumOf(t.group) {
		return nil, false, err
	}
	numbers = maps.Clone(t.numbers)
	for bucket, v := range kept {
		name, counts := strings.CutPrefix(bucket, bucketCount)
		if !counts {
			continue
		}
		parts := strings.Split(name, "|")
		k := cell{element: parts[0]}
		copy(k.options[:], parts[1:])
		numbers.put(k, value{v, kept[bucketValue+name]})
	}
	return numbers, true, nil
}
