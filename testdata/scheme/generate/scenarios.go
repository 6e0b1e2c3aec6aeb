package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// scenarioCount is how many claims are made by hand; the README says what each
// is to show.
const scenarioCount = 20

// inForce gives the Coverage of a person on the family's last policy.
func inForce(f family, p person) string {
	terms := f.terms()
	if len(terms) == 0 {
		return ""
	}
	return terms[len(terms)-1].coverageID(p)
}

// of begins a claim for a member of a family.
func of(f family, member int, at int, visit, icd, from string) claim {
	p := f.persons[member-1]
	return claim{patient: p, coverage: inForce(f, p), facility: at, visit: visit, icd: icd, from: from}
}

// member finds the first member of a family that fits.
func member(f family, fits func(person) bool) int {
	i := slices.IndexFunc(f.persons, fits)
	if i < 0 {
		panic("generate: family " + f.code() + " has nobody for its scenario")
	}
	return i + 1
}

func isAdult(p person) bool { return p.adult("2026-01-01") }
func isWoman(p person) bool { return isAdult(p) && p.gender == "female" }
func isMan(p person) bool   { return isAdult(p) && p.gender == "male" }

// scenarios gives the claims that each show one rule.
func scenarios(families []family) []claim {
	family := func(number int) family { return families[number-1] }
	list := handWorked(family(1))

	// 2: paid in full but for the deductible and the share; 3: the same care again
	// for the same person, whose deductible is used up.
	list = append(list,
		of(family(2), 1, dispensary, "AMB", "B50.9", "2026-02-20").atList(order{"S-101", 1}, order{"S-202", 1}, order{"D-103", 24}),
		of(family(2), 1, dispensary, "AMB", "J06.9", "2026-03-30").atList(order{"S-101", 1}, order{"D-102", 15}))
	// 4: services the plan does not cover; 5: a service the dispensary's list has not.
	list = append(list,
		of(family(3), 1, hospital, "AMB", "H52.1", "2026-03-02").atList(order{"S-502", 1}, order{"S-503", 1}),
		of(family(3), 2, dispensary, "AMB", "K29.7", "2026-03-05").atList(order{"S-101", 1}, order{"S-212", 1}))
	// 6: a policy that ran out; 7: one that was never paid; 8: no policy at all.
	list = append(list,
		of(family(33), 1, dispensary, "AMB", "B50.9", "2026-03-12").atList(order{"S-101", 1}, order{"S-202", 1}),
		of(family(20), 1, healthCentre, "AMB", "A01.0", "2026-03-15").atList(order{"S-101", 1}, order{"S-201", 1}),
		of(family(40), 1, hospital, "AMB", "J06.9", "2026-03-16").atList(order{"S-101", 1}))
	list = append(list, unknown())
	list = append(list, waitingClaims(family(9), family(5))...)
	list = append(list, ceilingClaims(family(4))...)
	list = append(list, limitClaims(family(6), family(7), family(8))...)
	if len(list) != scenarioCount {
		panic("generate: the scenarios are not as many as scenarioCount says")
	}
	return list
}

// handWorked is the claim whose arithmetic the README shows.
func handWorked(f family) []claim {
	c := of(f, 1, hospital, "AMB", "L02.9", "2026-03-10")
	c.lines = []line{
		{"S-101", 1, shillings(5000)},
		{"S-201", 1, shillings(9000)},
		{"D-101", 20, shillings(40)},
		{"S-310", 1, shillings(90000)},
	}
	return []claim{c}
}

// unknown is a claim for a person the scheme does not know: its insurance number
// is well formed, but nobody's.
func unknown() claim {
	p := person{family: 99, number: 1, given: "Nobody", surname: "Unknown", gender: "female", born: "1990-01-01"}
	return claim{patient: p, facility: healthCentre, visit: "AMB", icd: "R50.9", from: "2026-03-20"}.atList(order{"S-101", 1}, order{"S-202", 1})
}

// waitingClaims: a hernia repair within the waiting period of a late joiner, and
// one of a renewed member, who has waited before.
func waitingClaims(late, renewed family) []claim {
	return []claim{
		of(late, member(late, isAdult), hospital, "IMP", "K40.9", "2026-07-06").stay(3, order{"S-311", 1}, order{"S-601", 3}),
		of(renewed, member(renewed, isAdult), hospital, "IMP", "K40.9", "2026-02-16").stay(3, order{"S-311", 1}, order{"S-601", 3}),
	}
}

// stay is atList for care over some nights.
func (c claim) stay(nights int, items ...order) claim {
	c.nights = nights
	return c.atList(items...)
}

// ceilingClaims: three hospital stays of one family use up its 600,000.
func ceilingClaims(f family) []claim {
	first, second := member(f, isAdult), len(f.persons)
	return []claim{
		of(f, first, hospital, "IMP", "K35.8", "2026-04-02").stay(4, order{"S-103", 1}, order{"S-313", 1}, order{"S-601", 4}, order{"D-109", 8}),
		of(f, second, hospital, "IMP", "J18.9", "2026-05-11").stay(5, order{"S-103", 1}, order{"S-601", 5}, order{"S-309", 4}, order{"D-109", 10}),
		of(f, 2, hospital, "IMP", "K35.8", "2026-08-19").stay(4, order{"S-103", 1}, order{"S-313", 1}, order{"S-601", 4}, order{"D-109", 8}),
	}
}

// limitClaims: more physiotherapy than the plan allows, in two claims; an eye
// examination twice within its frequency; an antenatal visit of a man; and a
// claim large enough for a reviewer.
func limitClaims(physio, eyes, large family) []claim {
	return []claim{
		of(physio, 1, healthCentre, "AMB", "M54.5", "2026-04-14").atList(order{"S-501", 4}),
		of(physio, 1, hospital, "AMB", "M54.5", "2026-05-20").atList(order{"S-501", 4}),
		of(eyes, 1, healthCentre, "AMB", "H10.9", "2026-04-21").atList(order{"S-502", 1}),
		of(eyes, 1, hospital, "AMB", "H10.9", "2026-06-02").atList(order{"S-502", 1}),
		of(eyes, member(eyes, isMan), dispensary, "AMB", "Z34.9", "2026-06-08").atList(order{"S-401", 1}),
		of(large, member(large, isWoman), hospital, "IMP", "O82", "2026-06-15").stay(6, order{"S-312", 1}, order{"S-601", 6}, order{"S-308", 2}, order{"S-208", 2}, order{"D-109", 12}),
	}
}

// drawn gives claims by lot, over the year to the middle of November.
func drawn(families []family, count int) []claim {
	r := rand.New(rand.NewPCG(2026, 2))
	first := time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC)
	const days = 270
	list := make([]claim, 0, count)
	for i := range count {
		f := families[r.IntN(len(families))]
		if len(f.terms()) == 0 {
			f = families[0]
		}
		from := first.AddDate(0, 0, i*days/count+r.IntN(3)).Format(time.DateOnly)
		list = append(list, draw(r, f, from))
	}
	return list
}

// draw gives a claim of one of a family: an episode that suits one of its
// members, at a facility that can treat it; now and then a price above the list.
func draw(r *rand.Rand, f family, from string) claim {
	for {
		e, p := episodes[r.IntN(len(episodes))], 1+r.IntN(len(f.persons))
		if !e.suits(f.persons[p-1]) {
			continue
		}
		at := max(e.level, f.nearest())
		if r.IntN(4) == 0 {
			at = hospital
		}
		c := of(f, p, at, e.visit, e.icd, from)
		c.nights = e.nights
		c = c.atList(e.items...)
		if r.IntN(7) == 0 {
			c.lines[0].each += c.lines[0].each / 5
		}
		return c
	}
}
