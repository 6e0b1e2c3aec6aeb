package signal

import (
	"fmt"
	"strings"

	"bima/adjudication"
	"bima/adjudication/signal/figures"
	"bima/fhir"
	"bima/profiles"
)

// What it takes for figures to say something: enough of them.
const (
	totalsMin = 200 // claims of the level
	servedMin = 100 // lines of a service
	// timesHigh is how many times what 99 of 100 do not exceed is conspicuous.
	timesHigh = 2
	// beyondDay is how many standard deviations above its usual day a facility's
	// day is conspicuous; epidemics have busy days too.
	beyondDay = 5
	daysMin   = 20 // days of the facility with any service
	dayMin    = 30 // lines of the day
	// visitsMax is how many patients one practitioner can see on a day: one every
	// six minutes for eight hours.
	visitsMax = 80
	// placesMax is at how many facilities one practitioner works on a day.
	placesMax = 2
	// weekendsMin is of how many visits is known how many are at weekends.
	weekendsMin = 200
	// weekendShare is from which share of visits on, one in so many, a facility is
	// open at weekends.
	weekendShare = 100
	// quantitiesMax bounds how many lines are noted for their quantity.
	quantitiesMax = 3
)

// peers compares the claim with the figures that are kept.
func (l *look) peers(r fhir.Reader) error {
	if !l.visit.Dated {
		return nil
	}
	facility, node := l.facts.Facility()
	treaters, err := figures.Treaters(r, &l.visit)
	if err != nil {
		return err
	}
	p, err := figures.Ask(r, &l.visit, facility, Level(node), treaters)
	if err != nil {
		return err
	}
	l.practitioners(p, treaters)
	l.facilityDay(p, facility)
	l.amount(p)
	l.dear(p)
	l.quantities(p)
	l.packages(p)
	l.weekend(p)
	return nil
}

// Level gives the level of care of a facility, a code; "" where it has none.
func Level(organization fhir.Node) string {
	return organization.Extension(profiles.ExtensionOpenIMISFacilityLevel).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISFacilityLevel)
}

func (l *look) money(a fhir.Amount) string { return adjudication.Say(a, l.visit.Currency) }

// practitioners notes days that nobody can have worked.
func (l *look) practitioners(p *figures.Peers, treaters []fhir.Key) {
	for i, k := range treaters {
		if k.IsZero() || l.visit.Stay {
			continue
		}
		at := "Claim.provider"
		if l.claim.Get("careTeam").Exists() {
			at = fmt.Sprintf("Claim.careTeam[%d].provider", i)
		}
		visits, places := p.Practitioner(k)
		if visits > visitsMax {
			l.add(practitionerDay, at, fmt.Sprintf("%d visits to this practitioner are claimed for %s; %d is one every six minutes for eight hours.",
				visits, adjudication.WriteDay(l.visit.Days.To), visitsMax))
		}
		if places > placesMax {
			l.add(practitionerPlaces, at, fmt.Sprintf("Claims have this practitioner at %d facilities on %s.", places, adjudication.WriteDay(l.visit.Days.To)))
		}
	}
}

// facilityDay notes a day on which the facility claims far more than usual.
func (l *look) facilityDay(p *figures.Peers, facility fhir.Key) {
	lines, usual := p.Day(facility)
	if usual.N >= daysMin && lines >= dayMin && usual.Beyond(lines) >= beyondDay {
		l.add(facilityDay, "Claim.provider", fmt.Sprintf("The facility claims %d services for %s; on half of its %d days it was %d or fewer.",
			lines, adjudication.WriteDay(l.visit.Days.To), usual.N, usual.Median))
	}
}

// amount notes a claim, and a facility, that asks for far more than its peers.
func (l *look) amount(p *figures.Peers) {
	high, claims := p.High(l.visit.Currency, l.visit.Class())
	if claims >= totalsMin && high > 0 && l.visit.Asked > timesHigh*high {
		l.add(amountHigh, "Claim.total", fmt.Sprintf("The claim asks for %s; of %d claims of facilities of this level 99 in 100 ask for about %s or less.",
			l.money(l.visit.Asked), claims, l.money(high)))
	}
	mean, n, peers := p.Mean(l.visit.Currency, l.visit.Class())
	if peers.Conspicuous(mean, n) && int64(l.visit.Asked) > peers.Median {
		l.add(dearClaims, "Claim.provider", fmt.Sprintf("A claim of this facility comes to %s on average (of %d); at half of %d facilities of its level it is %s or less, and half of them are within %s of that.",
			l.money(fhir.Amount(mean)), n, peers.N, l.money(fhir.Amount(peers.Median)), l.money(fhir.Amount(peers.MAD))))
	}
}

// dear notes a facility that gives dear services far more often than its peers,
// where this claim has one.
func (l *look) dear(p *figures.Peers) {
	share, lines, peers, from := p.Dear(l.visit.Currency)
	if from == 0 || !peers.Conspicuous(share, lines) {
		return
	}
	for i := range l.visit.Lines {
		if one := &l.visit.Lines[i]; figures.Size(one.Asked) > figures.Size(from) {
			l.add(dearServices, one.At, fmt.Sprintf("%s of this facility's %d lines ask for more than about %s; at half of %d facilities of its level it is %s or less.",
				percent(share), lines, l.money(from), peers.N, percent(peers.Median)))
			return
		}
	}
}

// quantities notes lines of far more units than others have.
func (l *look) quantities(p *figures.Peers) {
	noted := 0
	for i := range l.visit.Lines {
		one := &l.visit.Lines[i]
		for _, code := range one.Codes {
			high, median, lines := p.Quantity(code)
			if lines < servedMin || high == 0 || one.Quantity <= timesHigh*high || noted == quantitiesMax {
				continue
			}
			noted++
			l.add(quantityHigh, one.At+".quantity", fmt.Sprintf("The quantity is %s; of %d lines of this service 99 in 100 are of about %s or less, half of about %s or less.",
				adjudication.Say(one.Quantity, ""), lines, adjudication.Say(high, ""), adjudication.Say(median, "")))
			break
		}
	}
}

// packages notes parts of a package that are claimed beside it, or all of them
// instead of a package that has a price of its own.
func (l *look) packages(p *figures.Peers) {
	seen := map[string]map[string]bool{} // the parts claimed, by package
	for i := range l.visit.Lines {
		one := &l.visit.Lines[i]
		for _, code := range one.Codes {
			for _, m := range p.Packages(code) {
				if l.claims(m.Package) {
					l.add(unbundled, one.At, fmt.Sprintf("The service is part of the package %s, which the claim asks for too.", short(m.Package)))
					return
				}
				if seen[m.Package] == nil {
					seen[m.Package] = map[string]bool{}
				}
				seen[m.Package][code] = true
				if n := len(seen[m.Package]); m.Fixed && n > 1 && n == m.Parts {
					l.add(insteadOfPackage, one.At, fmt.Sprintf("The claim asks for all %d services of the package %s one by one.", n, short(m.Package)))
					return
				}
			}
		}
	}
}

// claims reports whether a line is of a service.
func (l *look) claims(code string) bool {
	for i := range l.visit.Lines {
		if shares(l.visit.Lines[i].Codes, []string{code}) {
			return true
		}
	}
	return false
}

// weekend notes a visit at a weekend to a facility that has hardly any.
func (l *look) weekend(p *figures.Peers) {
	weekend, visits := p.Weekends()
	if !l.visit.Stay && !l.visit.Emergency && l.visit.Weekend() && visits >= weekendsMin && weekend*weekendShare < visits {
		l.add(unusualWeekend, "Claim.billablePeriod", fmt.Sprintf("The visit was on %s, a weekend; so were %d of the facility's %d visits.",
			adjudication.WriteDay(l.visit.Days.To), weekend, visits))
	}
}

// percent writes ten-thousandths, "12.5 %".
func percent(share int64) string {
	return adjudication.Say(fhir.Amount(share)*100, "") + " %"
}

// short gives the code of "system|code".
func short(code string) string { return code[strings.LastIndexByte(code, '|')+1:] }
