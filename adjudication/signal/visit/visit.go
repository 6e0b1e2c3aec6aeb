package signal

import (
	"slices"
	"strconv"

	"bima/adjudication"
	"bima/fhir"
)

// A visit is what a Claim says of itself, as far as claims are compared.
type visit struct {
	id       string
	key      fhir.Key
	days     adjudication.Period
	dated    bool
	stay     bool   // it went over more than one day
	provider party  // who claims
	lines    []line // not more than linesMax
	services []string
}

// A line is one item.
type line struct {
	at    string // its expression, "Claim.item[0]"
	codes []string
	days  adjudication.Period
	asked fhir.Amount
}

// A party is who a Reference means, as it stands there.
type party struct{ reference, identifier string }

// linesMax bounds the lines of a claim that are compared with others.
const linesMax = 500

// readVisit reads a Claim. Days are those written, in whatever zone.
func readVisit(claim fhir.Node) visit {
	v := visit{id: claim.Get("id").Text(), provider: readParty(claim.Get("provider"))}
	v.key = fhir.Key{Type: "Claim", ID: v.id}
	v.days, v.dated = readDays(claim.Get("billablePeriod"))
	billed := v.dated
	i := 0
	for item := range claim.Get("item").Each() {
		if i == linesMax {
			break
		}
		one := line{at: "Claim.item[" + strconv.Itoa(i) + "]", codes: codesOf(item.Get("productOrService"))}
		i++
		one.asked, _ = fhir.ParseAmount(item.At("net", "value").Text())
		days, ok := readDays(item.Get("servicedPeriod"))
		if day, single := adjudication.ReadDay(item.Get("servicedDate").Text()); single {
			days, ok = adjudication.Period{From: day, To: day}, true
		}
		switch {
		case !ok:
			days = v.days
		case !v.dated:
			v.days, v.dated = days, true
		case !billed:
			v.days = adjudication.Period{From: min(v.days.From, days.From), To: max(v.days.To, days.To)}
		}
		one.days = days
		v.lines = append(v.lines, one)
		v.services = append(v.services, one.codes...)
	}
	v.stay = v.days.To > v.days.From
	slices.Sort(v.services)
	return v
}

// readDays reads a Period; one end stands for the other.
func readDays(n fhir.Node) (adjudication.Period, bool) {
	from, starts := adjudication.ReadDay(n.Get("start").Text())
	to, ends := adjudication.ReadLastDay(n.Get("end").Text())
	switch {
	case starts && !ends:
		to = from
	case ends && !starts:
		from = to
	}
	return adjudication.Period{From: from, To: to}, starts || ends
}

// readParty reads a Reference.
func readParty(n fhir.Node) party {
	p := party{reference: n.Get("reference").Text()}
	if value := n.At("identifier", "value").Text(); value != "" {
		p.identifier = n.At("identifier", "system").Text() + "|" + value
	}
	return p
}

// codesOf gives the codes of a CodeableConcept as "system|code".
func codesOf(concept fhir.Node) []string {
	var codes []string
	for c := range concept.Get("coding").Each() {
		if code := c.Get("code").Text(); code != "" {
			codes = append(codes, adjudication.Code{System: c.Get("system").Text(), Code: code}.String())
		}
	}
	return codes
}

// shares reports whether two lists have a code in common.
func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(code string) bool { return slices.Contains(b, code) })
}

// gap gives the days between two periods, 0 where they touch or overlap.
func gap(a, b adjudication.Period) adjudication.Day {
	return max(0, a.From-b.To, b.From-a.To)
}

// overlaps reports whether two periods have a day in common.
func overlaps(a, b adjudication.Period) bool { return a.From <= b.To && b.From <= a.To }
