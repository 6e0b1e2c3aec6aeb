package figures

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// The accounts of the usual figures that follow from the sums, and their buckets.
const (
	accountUsual = "usual|"

	usualPeers    = "peers"     // facilities: "peers|TZS|out"
	usualMean     = "mean"      // of a facility the mean amount of a claim, of a level the median of those
	usualMeanMAD  = "mean-mad"  // of a level
	usualClaims   = "claims"    // claims
	usualHigh     = "high"      // the amount, or quantity, that 99 of 100 do not exceed
	usualDearFrom = "dear-from" // the amount above which a line is dear: the dearest tenth
	usualDear     = "dear"      // the share of dear lines in ten-thousandths; of a level the median
	usualDearMAD  = "dear-mad"  // of a level
	usualLines    = "lines"     // lines
	usualDay      = "day"       // the median of the lines of a day
	usualDayMAD   = "day-mad"   //
	usualDays     = "days"      // days with any
	usualVisits   = "visits"    // out-patient visits of one day
	usualWeekend  = "weekend"   // those at a weekend
	usualCount    = "count"     // lines of a service
	usualPart     = "part"      // parts of a package the service is in: "part|fixed|system|code"
)

const (
	// dearPercent is where dear lines begin: of the lines of facilities of a level
	// nine tenths do not ask for more.
	dearPercent = 90
	// highPercent is what is high: of a hundred 99 are not above.
	highPercent = 99
	// oneShare is a share of all.
	oneShare = 10_000
)

// A Facility is what was counted of one facility.
type Facility struct {
	Key   fhir.Key
	Level string // its level of care, a code; "" where it has none

	claims, asked map[string]int64     // by currency and class
	totals        map[string]histogram // by currency and class
	lines         map[string]histogram // by currency
	days          []int64              // lines of each day with any
	visits        int64
	weekend       int64
}

// FacilityAccount names the account in which a facility is counted.
func FacilityAccount(k fhir.Key) string { return account(k.String()) }

// ReadFacility makes a Facility of the balances of its account, told apart.
func ReadFacility(k fhir.Key, level string, balances []fhir.Balance) Facility {
	f := Facility{
		Key: k, Level: level, claims: map[string]int64{}, asked: map[string]int64{},
		totals: map[string]histogram{}, lines: map[string]histogram{},
	}
	for _, b := range balances {
		what, rest, _ := strings.Cut(b.Bucket, "|")
		switch what {
		case bucketClaims:
			f.claims[rest] += b.Value
		case bucketAsked:
			f.asked[rest] += b.Value
		case bucketTotal:
			into(f.totals, rest, b.Value)
		case bucketLine:
			into(f.lines, rest, b.Value)
		case bucketLines:
			f.days = append(f.days, b.Value)
		case bucketDays:
			f.visits += b.Value
		case bucketWeekend:
			f.weekend += b.Value
		}
	}
	return f
}

// into counts a bucket that ends in a size.
func into(by map[string]histogram, bucket string, value int64) {
	at := strings.LastIndexByte(bucket, '|')
	size, err := strconv.Atoi(bucket[at+1:])
	if err != nil || at < 0 {
		return
	}
	if by[bucket[:at]] == nil {
		by[bucket[:at]] = histogram{}
	}
	by[bucket[:at]][size] += value
}

// Empty reports whether nothing was counted.
func (f *Facility) Empty() bool { return len(f.claims) == 0 }

// A Usual is the usual figures of a facility, a level or a service, as they are
// kept: all of a source.
type Usual struct {
	Source   fhir.Key
	Entries  []fhir.Entry
	Facility fhir.Key // zero of a level or service
	Level    string   // of the facility
}

func usualOf(of string, entries map[string]int64) Usual {
	u := Usual{Source: fhir.Key{Type: "Basic", ID: accountUsual + of}}
	for bucket, value := range entries {
		if value != 0 {
			u.Entries = append(u.Entries, fhir.Entry{Account: accountUsual + of, Bucket: bucket, Value: value})
		}
	}
	slices.SortFunc(u.Entries, func(a, b fhir.Entry) int { return cmp.Compare(a.Bucket, b.Bucket) })
	return u
}

func levelOf(level string) string { return "level|" + level }

// facilityClaimsMin is how many claims a facility must have to count as a peer.
const facilityClaimsMin = 10

// Compare gives the usual figures of facilities, and of each of their levels.
func Compare(facilities []Facility) []Usual {
	var list []Usual
	levels := map[string][]*Facility{}
	for i := range facilities {
		f := &facilities[i]
		levels[f.Level] = append(levels[f.Level], f)
	}
	for level, members := range levels {
		entries := map[string]int64{}
		own := make([]map[string]int64, len(members))
		for i, f := range members {
			own[i] = f.usual()
		}
		compareMeans(members, own, entries)
		compareDear(members, own, entries)
		list = append(list, usualOf(levelOf(level), entries))
		for i, f := range members {
			u := usualOf(f.Key.String(), own[i])
			u.Facility, u.Level = f.Key, level
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b Usual) int { return cmp.Compare(a.Source.ID, b.Source.ID) })
	return list
}

// usual gives what is usual at one facility.
func (f *Facility) usual() map[string]int64 {
	days := spreadOf(f.days)
	return map[string]int64{
		usualDay: days.Median, usualDayMAD: days.MAD, usualDays: days.N,
		usualVisits: f.visits, usualWeekend: f.weekend,
	}
}

// compareMeans compares what a claim comes to on average.
func compareMeans(members []*Facility, own []map[string]int64, level map[string]int64) {
	means, totals := map[string][]int64{}, map[string]histogram{}
	for i, f := range members {
		for class, claims := range f.claims {
			if claims <= 0 {
				continue
			}
			mean := f.asked[class] / claims
			own[i][name(usualClaims, class)], own[i][name(usualMean, class)] = claims, mean
			if claims >= facilityClaimsMin {
				means[class] = append(means[class], mean)
			}
			pool(totals, class, f.totals[class])
		}
	}
	for class, values := range means {
		s := spreadOf(values)
		level[name(usualPeers, class)], level[name(usualMean, class)], level[name(usualMeanMAD, class)] = s.N, s.Median, s.MAD
	}
	for class, h := range totals {
		level[name(usualClaims, class)] = h.total()
		level[name(usualHigh, class)] = int64(About(h.quantile(highPercent)))
	}
}

// compareDear compares how many of the lines are dear.
func compareDear(members []*Facility, own []map[string]int64, level map[string]int64) {
	pooled := map[string]histogram{}
	for _, f := range members {
		for currency, h := range f.lines {
			pool(pooled, currency, h)
		}
	}
	for currency, all := range pooled {
		from := all.quantile(dearPercent)
		var shares []int64
		for i, f := range members {
			n := f.lines[currency].total()
			if n <= 0 {
				continue
			}
			share := oneShare * f.lines[currency].above(from) / n
			own[i][name(usualDear, currency)], own[i][name(usualLines, currency)] = share, n
			if n >= facilityClaimsMin {
				shares = append(shares, share)
			}
		}
		s := spreadOf(shares)
		level[name(usualDearFrom, currency)] = int64(About(from))
		level[name(usualPeers, currency)], level[name(usualDear, currency)], level[name(usualDearMAD, currency)] = s.N, s.Median, s.MAD
	}
}

func pool(by map[string]histogram, of string, h histogram) {
	if by[of] == nil {
		by[of] = histogram{}
	}
	for size, count := range h {
		by[of][size] += count
	}
}

// ServiceAccount names the account in which a service, "system|code", is counted.
func ServiceAccount(code string) string { return account(serviceOf(code)) }

// The kinds of packages in a bucket: whether one has a price of its own.
const (
	kindFixed    = "fixed"
	kindItemised = "itemised"
)

// A Package is a service made of others.
type Package struct {
	Code  string // "system|code"
	Fixed bool   // it has a price of its own
	Parts []string
}

// Service gives the usual figures of a service, from the balances of its account
// and the packages it is a part of.
func Service(code string, balances []fhir.Balance, packages []Package) Usual {
	h := map[string]histogram{}
	for _, b := range balances {
		into(h, b.Bucket, b.Value)
	}
	entries := map[string]int64{}
	if sizes := h[bucketSize]; sizes.total() > 0 {
		entries[usualCount] = sizes.total()
		entries[usualHigh] = int64(About(sizes.quantile(highPercent)))
		entries[usualMean] = int64(About(sizes.quantile(50)))
	}
	for _, p := range packages {
		kind := kindItemised
		if p.Fixed {
			kind = kindFixed
		}
		entries[name(usualPart, kind, p.Code)] = int64(len(p.Parts))
	}
	return usualOf(serviceOf(code), entries)
}

// Write writes usual figures, those that are others than before.
func Write(tx fhir.Tx, list []Usual) error {
	accounts := make([]string, len(list))
	for i, u := range list {
		accounts[i] = u.Source.ID
	}
	balances, err := tx.Tally(fhir.Tally{Accounts: accounts})
	if err != nil {
		return err
	}
	have := map[string][]fhir.Entry{}
	for _, b := range balances {
		have[b.Account] = append(have[b.Account], fhir.Entry{Account: b.Account, Bucket: b.Bucket, Value: b.Value})
	}
	for _, u := range list {
		slices.SortFunc(have[u.Source.ID], func(a, b fhir.Entry) int { return cmp.Compare(a.Bucket, b.Bucket) })
		if slices.Equal(have[u.Source.ID], u.Entries) {
			continue
		}
		if err := tx.Post(u.Source, u.Entries); err != nil {
			return err
		}
	}
	return nil
}
