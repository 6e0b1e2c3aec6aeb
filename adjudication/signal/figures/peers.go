package figures

import (
	"cmp"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/adjudication/signal/visit"
	"bima/fhir"
)

// Peers are the usual figures that one claim is compared with.
type Peers struct {
	facility, level map[string]int64
	services        map[string]map[string]int64
	days            map[string]int64 // lines or visits of the claim's day, by account
	practitioners   []fhir.Key
	places          map[fhir.Key]int // facilities of a practitioner on the day
}

// Ask reads what one claim is compared with: two sums of the ledger, whatever the
// size of the scheme.
func Ask(r fhir.Reader, v *visit.Visit, facility fhir.Key, level string, practitioners []fhir.Key) (*Peers, error) {
	p := &Peers{
		facility: map[string]int64{}, level: map[string]int64{}, services: map[string]map[string]int64{},
		days: map[string]int64{}, practitioners: practitioners, places: map[fhir.Key]int{},
	}
	own, peers := accountUsual+facility.String(), accountUsual+levelOf(level)
	accounts := []string{own, peers}
	for _, code := range v.Services {
		if p.services[code] == nil {
			p.services[code] = map[string]int64{}
			accounts = append(accounts, accountUsual+serviceOf(code))
		}
	}
	balances, err := r.Tally(fhir.Tally{Accounts: accounts})
	if err != nil {
		return nil, err
	}
	for _, b := range balances {
		switch code, service := strings.CutPrefix(b.Account, accountUsual+serviceOf("")); {
		case service:
			p.services[code][b.Bucket] = b.Value
		case b.Account == own:
			p.facility[b.Bucket] = b.Value
		default:
			p.level[b.Bucket] = b.Value
		}
	}
	return p, p.ofDay(r, v.Days.To, facility)
}

// ofDay reads what was counted of the day of a visit.
func (p *Peers) ofDay(r fhir.Reader, day adjudication.Day, facility fhir.Key) error {
	who := map[string]fhir.Key{}
	for _, k := range append([]fhir.Key{facility}, p.practitioners...) {
		if !k.IsZero() {
			who[account(k.String())] = k
		}
	}
	var accounts []string
	for a := range who {
		accounts = append(accounts, a)
	}
	balances, err := r.Tally(fhir.Tally{Accounts: accounts, From: day, To: day + 1})
	for _, b := range balances {
		switch what, _, _ := strings.Cut(b.Bucket, "|"); what {
		case bucketLines, bucketVisits:
			p.days[b.Account] = b.Value
		case bucketAt:
			p.places[who[b.Account]]++
		}
	}
	return err
}

// Mean gives the mean amount of the facility's claims of a class, of how many,
// and that of its peers.
func (p *Peers) Mean(currency, class string) (mean, claims int64, peers Spread) {
	class = name(currency, class)
	return p.facility[name(usualMean, class)], p.facility[name(usualClaims, class)],
		Spread{N: p.level[name(usualPeers, class)], Median: p.level[name(usualMean, class)], MAD: p.level[name(usualMeanMAD, class)]}
}

// High gives the amount that 99 of 100 claims of the peers do not exceed, and of how
// many claims that is.
func (p *Peers) High(currency, class string) (amount fhir.Amount, claims int64) {
	class = name(currency, class)
	return fhir.Amount(p.level[name(usualHigh, class)]), p.level[name(usualClaims, class)]
}

// Dear gives the share of the facility's lines that are dear, in ten-thousandths,
// of how many lines, that of its peers, and the amount above which a line is dear.
func (p *Peers) Dear(currency string) (share, lines int64, peers Spread, from fhir.Amount) {
	return p.facility[name(usualDear, currency)], p.facility[name(usualLines, currency)],
		Spread{N: p.level[name(usualPeers, currency)], Median: p.level[name(usualDear, currency)], MAD: p.level[name(usualDearMAD, currency)]},
		fhir.Amount(p.level[name(usualDearFrom, currency)])
}

// Day gives the lines of the facility on the day, and what is usual there.
func (p *Peers) Day(facility fhir.Key) (lines int64, usual Spread) {
	return p.days[account(facility.String())], Spread{N: p.facility[usualDays], Median: p.facility[usualDay], MAD: p.facility[usualDayMAD]}
}

// Practitioner gives the visits to a practitioner on the day, and at how many
// facilities they were.
func (p *Peers) Practitioner(k fhir.Key) (visits int64, facilities int) {
	return p.days[account(k.String())], p.places[k]
}

// Weekends gives how many of the facility's out-patient visits were at a weekend.
func (p *Peers) Weekends() (weekend, visits int64) {
	return p.facility[usualWeekend], p.facility[usualVisits]
}

// Quantity gives the quantity that 99 of 100 lines of a service do not exceed, the
// median, and of how many lines that is.
func (p *Peers) Quantity(code string) (high, median fhir.Amount, lines int64) {
	s := p.services[code]
	return fhir.Amount(s[usualHigh]), fhir.Amount(s[usualMean]), s[usualCount]
}

// A Membership is a package that a service is a part of.
type Membership struct {
	Package string // its code, "system|code"
	Fixed   bool   // it has a price of its own
	Parts   int    // how many services it is made of
}

// Packages gives the packages that a service is a part of.
func (p *Peers) Packages(code string) []Membership {
	var list []Membership
	for bucket, parts := range p.services[code] {
		if rest, ok := strings.CutPrefix(bucket, usualPart+"|"); ok {
			kind, code, _ := strings.Cut(rest, "|")
			list = append(list, Membership{Package: code, Fixed: kind == kindFixed, Parts: int(parts)})
		}
	}
	slices.SortFunc(list, func(a, b Membership) int { return cmp.Compare(a.Package, b.Package) })
	return list
}
