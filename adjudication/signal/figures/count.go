package figures

import (
	"math/bits"
	"strconv"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/signal/visit"
	"bima/fhir"
)

// Parties are the resources of this server that a claim's references mean.
type Parties struct {
	Facility      fhir.Key   // the Organization that claims; zero where it is not known
	Practitioners []fhir.Key // one for each of Visit.Practitioners; zero where not known
}

// The buckets of an account. What is counted by currency and class has them in
// its name: "claims|TZS|out".
const (
	bucketClaims  = "claims"  // claims
	bucketAsked   = "asked"   // the sum asked, an Amount
	bucketTotal   = "total"   // claims by the size of what they ask: "total|TZS|out|131"
	bucketLine    = "line"    // lines by the size of what they ask
	bucketLines   = "lines"   // lines, by the day
	bucketDays    = "days"    // out-patient visits of one day that are no emergency
	bucketWeekend = "weekend" // those of them at a weekend
	bucketVisits  = "visits"  // visits of one day to a practitioner, by the day
	bucketAt      = "at"      // those at a facility: "at|Organization/f"
	bucketSize    = "size"    // lines of a service by quantity: "size|113"
)

// account gives the ledger account in which what somebody or something did is
// counted.
func account(of string) string { return "figures|" + of }

// serviceOf names a service, "service|system|code".
func serviceOf(code string) string { return "service|" + code }

// Count gives what a claim counts for: the entries of its accounts, several of
// which may be of one account, bucket and day. Days of counts by the month are
// the first of it. A claim that is not active, is no claim for payment, or is not
// dated counts for nothing.
func Count(claim fhir.Node, who func(visit.Visit) (Parties, error)) ([]fhir.Entry, error) {
	if claim.Get("status").Text() != "active" || claim.Get("use").Text() != "claim" {
		return nil, nil
	}
	v := visit.Read(claim)
	if !v.Dated {
		return nil, nil
	}
	parties, err := who(v)
	if err != nil {
		return nil, err
	}
	var c counter
	c.month = monthOf(v.Days.To)
	if !parties.Facility.IsZero() {
		c.facility(&v, account(parties.Facility.String()))
	}
	c.treaters(&v, parties)
	c.services(&v)
	return c.entries, nil
}

// A counter gathers entries.
type counter struct {
	month   adjudication.Day
	entries []fhir.Entry
}

func (c *counter) add(account, bucket string, day adjudication.Day, value int64) {
	c.entries = append(c.entries, fhir.Entry{Account: account, Bucket: bucket, Day: day, Value: value})
}

func (c *counter) facility(v *visit.Visit, account string) {
	class := name(v.Currency, v.Class())
	c.add(account, name(bucketClaims, class), c.month, 1)
	c.add(account, name(bucketAsked, class), c.month, int64(v.Asked))
	c.add(account, name(bucketTotal, class, strconv.Itoa(Size(v.Asked))), c.month, 1)
	for i := range v.Lines {
		c.add(account, name(bucketLine, v.Currency, strconv.Itoa(Size(v.Lines[i].Asked))), c.month, 1)
		c.add(account, bucketLines, v.Lines[i].Days.To, 1)
	}
	if !v.Stay && !v.Emergency {
		c.add(account, bucketDays, c.month, 1)
		if v.Weekend() {
			c.add(account, bucketWeekend, c.month, 1)
		}
	}
}

func (c *counter) treaters(v *visit.Visit, parties Parties) {
	for i, k := range parties.Practitioners {
		if k.IsZero() || v.Practitioners[i].Lines == 0 || v.Days.To > v.Days.From {
			continue
		}
		c.add(account(k.String()), bucketVisits, v.Days.To, 1)
		if !parties.Facility.IsZero() {
			c.add(account(k.String()), name(bucketAt, parties.Facility.String()), v.Days.To, 1)
		}
	}
}

func (c *counter) services(v *visit.Visit) {
	for i := range v.Lines {
		for _, code := range v.Lines[i].Codes {
			c.add(account(serviceOf(code)), name(bucketSize, strconv.Itoa(Size(v.Lines[i].Quantity))), c.month, 1)
		}
	}
}

func name(parts ...string) string { return strings.Join(parts, "|") }

// monthOf gives the first day of a day's month.
func monthOf(d adjudication.Day) adjudication.Day {
	at := adjudication.Date(d)
	return adjudication.DayOf(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC))
}

// after gives the first day of the month some months on.
func after(month adjudication.Day, months int) adjudication.Day {
	return adjudication.DayOf(adjudication.Date(month).AddDate(0, months, 0))
}

const (
	// sizeBits is how many binary digits of a value its Size keeps after the first:
	// eight sizes to each doubling, so that one is an eighth of it wide at most.
	sizeBits = 3
	sizes    = 1 << sizeBits
)

// Size gives the class of size of a value that is not below 0: 0 for less than 8,
// and then eight to each doubling.
func Size(a fhir.Amount) int {
	n := bits.Len64(uint64(max(0, a)))
	if n <= sizeBits {
		return 0
	}
	return (n-sizeBits-1)*sizes + int(a>>(n-sizeBits-1))&(sizes-1) + 1
}

// SizeFrom gives the least value of a class of size.
func SizeFrom(size int) fhir.Amount {
	if size <= 0 {
		return 0
	}
	size--
	return fhir.Amount(sizes|size&(sizes-1)) << (size / sizes)
}

// About gives the roundest value of a class of size, for people to read.
func About(size int) fhir.Amount {
	from, to := SizeFrom(size), SizeFrom(size+1)
	for step := fhir.Amount(1_000_000_000_000_000_000); step > 1; step /= 10 {
		if round := (from + step - 1) / step * step; from <= round && round < to {
			return round
		}
	}
	return from
}
