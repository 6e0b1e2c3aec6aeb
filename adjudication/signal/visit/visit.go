// Package visit reads of a Claim what claims are compared and counted by: when it
// was, who claims, who treated, and what is asked. It reads the Claim alone, so
// that a version of it always gives the same.
package visit

import (
	"slices"
	"strconv"
	"time"

	"bima/adjudication"
	"bima/fhir"
)

// A Visit is what a Claim says of itself.
type Visit struct {
	Key           fhir.Key // ID is "" where the Claim was not stored
	Days          adjudication.Period
	Dated         bool
	Stay          bool // it went over more than one day, or says that it is a stay
	Emergency     bool
	Provider      fhir.Node // Claim.provider
	Currency      string    // of the first amount
	Asked         fhir.Amount
	Lines         []Line    // not more than 500
	Services      []string  // the codes of all lines, sorted
	Practitioners []Treater // not more than 20
}

// A Line is one item.
type Line struct {
	At       string   // its expression, "Claim.item[0]"
	Codes    []string // "system|code"
	Days     adjudication.Period
	Asked    fhir.Amount // 0 where it names no amount, or in another currency
	Quantity fhir.Amount // ten-thousandths of a unit; 1 where it names none
}

// A Treater is who treated, and how many lines of the claim are theirs.
type Treater struct {
	Who   fhir.Node // a Reference
	Lines int
}

const (
	// linesMax bounds the lines that are looked at.
	linesMax = 500
	// treatersMax bounds the members of the care team that are.
	treatersMax = 20
)

// Read reads a Claim. Days are those written, in whatever zone.
func Read(claim fhir.Node) Visit {
	v := Visit{Key: fhir.Key{Type: "Claim", ID: claim.Get("id").Text()}, Provider: claim.Get("provider")}
	v.Days, v.Dated = readDays(claim.Get("billablePeriod"))
	billed := v.Dated
	for item := range claim.Get("item").Each() {
		if len(v.Lines) == linesMax {
			break
		}
		v.line(item, billed)
	}
	for i := range v.Lines {
		if v.Lines[i].Days == (adjudication.Period{}) {
			v.Lines[i].Days = v.Days
		}
	}
	v.Stay = v.Days.To > v.Days.From
	for kind := range claim.At("subType", "coding").Each() {
		switch kind.Get("code").Text() {
		case "IMP":
			v.Stay = true
		case "EMER", "E":
			v.Emergency = true
		}
	}
	slices.Sort(v.Services)
	v.treaters(claim)
	return v
}

// line reads an item.
func (v *Visit) line(item fhir.Node, billed bool) {
	one := Line{At: "Claim.item[" + strconv.Itoa(len(v.Lines)) + "]", Codes: Codes(item.Get("productOrService")), Quantity: fhir.Units(1)}
	if q, err := fhir.ParseAmount(item.At("quantity", "value").Text()); err == nil {
		one.Quantity = q
	}
	v.ask(&one, item)
	days, ok := readDays(item.Get("servicedPeriod"))
	if day, single := adjudication.ReadDay(item.Get("servicedDate").Text()); single {
		days, ok = adjudication.Period{From: day, To: day}, true
	}
	switch {
	case ok && !v.Dated:
		v.Days, v.Dated = days, true
	case ok && !billed:
		v.Days = adjudication.Period{From: min(v.Days.From, days.From), To: max(v.Days.To, days.To)}
	}
	one.Days = days
	v.Lines = append(v.Lines, one)
	v.Services = append(v.Services, one.Codes...)
}

// askedMax bounds an amount that is counted: ten billion units.
const askedMax = fhir.Amount(10_000_000_000) * 10_000

// ask reads what a line asks for: its total, else unit price × quantity.
func (v *Visit) ask(one *Line, item fhir.Node) {
	money := item.Get("net")
	asked, err := fhir.ParseAmount(money.Get("value").Text())
	if err != nil {
		money = item.Get("unitPrice")
		price, err := fhir.ParseAmount(money.Get("value").Text())
		if err != nil {
			return
		}
		var ok bool
		if asked, ok = price.Times(one.Quantity.Decimal()); !ok {
			return
		}
	}
	currency := money.Get("currency").Text()
	if v.Currency == "" {
		v.Currency = currency
	}
	if asked < 0 || asked > askedMax || currency != v.Currency {
		return
	}
	one.Asked = asked
	v.Asked += asked
}

// treaters reads the care team, and whose the lines are: of those they name, else
// of the only one there is, who may be the provider.
func (v *Visit) treaters(claim fhir.Node) {
	number := map[string]int{}
	for member := range claim.Get("careTeam").Each() {
		if len(v.Practitioners) == treatersMax {
			break
		}
		number[member.Get("sequence").Text()] = len(v.Practitioners)
		v.Practitioners = append(v.Practitioners, Treater{Who: member.Get("provider")})
	}
	if len(v.Practitioners) == 0 {
		v.Practitioners = []Treater{{Who: v.Provider}}
	}
	i := 0
	for item := range claim.Get("item").Each() {
		if i++; i > linesMax {
			return
		}
		named := item.Get("careTeamSequence")
		if !named.Exists() && len(v.Practitioners) == 1 {
			v.Practitioners[0].Lines++
		}
		for n := range named.Each() {
			if at, ok := number[n.Text()]; ok {
				v.Practitioners[at].Lines++
			}
		}
	}
}

// Class gives the class of visit amounts are compared within: "in" for a stay,
// "out" for the others.
func (v *Visit) Class() string {
	if v.Stay {
		return "in"
	}
	return "out"
}

// Weekend reports whether all of it was on a Saturday or Sunday.
func (v *Visit) Weekend() bool {
	weekday := adjudication.Date(v.Days.To).Weekday()
	return v.Dated && v.Days.From == v.Days.To && (weekday == time.Saturday || weekday == time.Sunday)
}

// readDays reads a Period; one end stands for the other.
func readDays(n fhir.Node) (adjudication.Period, bool) {
	from, starts := adjudication.ReadDay(n.Get("start").Text())
	to, ends := adjudication.ReadLastDay(n.Get("end").Text())
	switch {
	case !starts && !ends:
		return adjudication.Period{}, false
	case !ends:
		to = from
	case !starts:
		from = to
	}
	return adjudication.Period{From: from, To: to}, true
}

// Codes gives the codes of a CodeableConcept as "system|code".
func Codes(concept fhir.Node) []string {
	var codes []string
	for c := range concept.Get("coding").Each() {
		if code := c.Get("code").Text(); code != "" {
			codes = append(codes, adjudication.Code{System: c.Get("system").Text(), Code: code}.String())
		}
	}
	return codes
}
