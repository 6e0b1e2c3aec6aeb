package facts

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
)

// What a preauthorization keeps free is written twice into the ledger: as use, in
// the accounts it would be used in, and in an account of its own, which tells what
// was reserved there. What a claim consumes of it stands in a second account of
// the preauthorization, among the entries of the claim. What is left, reserved
// less consumed, is what counts as use.

// ReservedAccount gives the ledger account of what a preauthorization reserved.
func ReservedAccount(request fhir.Key) string { return "reserved|" + request.String() }

// ConsumedAccount gives the ledger account of what claims took of it.
func ConsumedAccount(request fhir.Key) string { return "consumed|" + request.String() }

// Memo gives the bucket, in either account, that stands for a bucket of another
// account on a day.
func Memo(account, bucket string, day adjudication.Day) string {
	return fmt.Sprintf("%d %s %s", day, url.PathEscape(account), bucket)
}

// ReadMemo is the way back from Memo.
func ReadMemo(memo string) (account, bucket string, day adjudication.Day, ok bool) {
	parts := strings.SplitN(memo, " ", 3)
	if len(parts) != 3 {
		return "", "", 0, false
	}
	if _, err := fmt.Sscan(parts[0], &day); err != nil {
		return "", "", 0, false
	}
	account, err := url.PathUnescape(parts[1])
	return account, parts[2], day, err == nil
}

// reservations gives the accounts that say what a claim may take, and those that
// say what claims have taken of a preauthorization.
func (g *Claim) reservations(source fhir.Key) []string {
	if g.Case.Reserves && !source.IsZero() {
		return []string{ConsumedAccount(source)}
	}
	var accounts []string
	for _, k := range g.Authorised {
		accounts = append(accounts, ReservedAccount(k), ConsumedAccount(k))
	}
	return accounts
}

// reserved notes in the Case what it may take.
func (g *Claim) reserved(sums []fhir.Balance, source fhir.Key) {
	if g.Case.Reserves {
		g.Case.Reserved = memos(source, ConsumedAccount(source), sums, nil)
		return
	}
	for _, k := range g.Authorised {
		g.Case.Reserved = append(g.Case.Reserved, Left(k, sums)...)
	}
}

// Left gives what is left of a preauthorization, by the sums of its two accounts,
// the earliest day first, and of the quantities agreed to also those of which nothing
// is left. It is nothing where nothing was reserved.
func Left(request fhir.Key, sums []fhir.Balance) []adjudication.Reserved {
	consumed := map[string]int64{}
	for _, b := range sums {
		if b.Account == ConsumedAccount(request) {
			consumed[b.Bucket] += b.Value
		}
	}
	return memos(request, ReservedAccount(request), sums, consumed)
}

// memos reads one of the accounts of a preauthorization, less what is given.
func memos(request fhir.Key, of string, sums []fhir.Balance, less map[string]int64) []adjudication.Reserved {
	var list []adjudication.Reserved
	for _, b := range sums {
		if b.Account != of {
			continue
		}
		account, bucket, day, ok := ReadMemo(b.Bucket)
		one := adjudication.Reserved{Source: request, Account: account, Bucket: bucket, Day: day, Value: max(0, b.Value-less[b.Bucket])}
		if ok && (one.Value > 0 || one.Agreed()) {
			list = append(list, one)
		}
	}
	slices.SortStableFunc(list, func(a, b adjudication.Reserved) int { return cmp.Compare(a.Day, b.Day) })
	return list
}
