package figures

import (
	"cmp"
	"slices"
	"strings"

	"bima/fhir"
)

// A Level is what claims of one class come to at the facilities of one level.
type Level struct {
	Code     string // the level of care; "" of facilities without one
	Currency string
	Class    string // "out" or "in"
	Claims   int64
	Means    Spread // of the facilities' means, Amounts
	Beyond   []Member
}

// A Member is a facility whose mean is conspicuous among its peers.
type Member struct {
	Facility fhir.Key
	Claims   int64
	Mean     fhir.Amount
}

// Levels gives the levels that usual figures tell of, each with the facilities
// that are conspicuous there.
func Levels(list []Usual) []Level {
	var levels []Level
	facilities := map[string][]Usual{}
	for _, u := range list {
		if !u.Facility.IsZero() {
			facilities[u.Level] = append(facilities[u.Level], u)
		}
	}
	for _, u := range list {
		code, is := strings.CutPrefix(u.Source.ID, accountUsual+levelOf(""))
		if !is {
			continue
		}
		have := u.values()
		for bucket, claims := range have {
			class, is := strings.CutPrefix(bucket, usualClaims+"|")
			if !is {
				continue
			}
			l := Level{Code: code, Claims: claims, Means: Spread{N: have[name(usualPeers, class)], Median: have[name(usualMean, class)], MAD: have[name(usualMeanMAD, class)]}}
			l.Currency, l.Class, _ = strings.Cut(class, "|")
			l.Beyond = l.beyond(class, facilities[code])
			levels = append(levels, l)
		}
	}
	slices.SortFunc(levels, func(a, b Level) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Class, b.Class))
	})
	return levels
}

// beyond gives the conspicuous facilities, the dearest first.
func (l *Level) beyond(class string, facilities []Usual) []Member {
	var list []Member
	for _, u := range facilities {
		own := u.values()
		if mean, claims := own[name(usualMean, class)], own[name(usualClaims, class)]; l.Means.Conspicuous(mean, claims) {
			list = append(list, Member{Facility: u.Facility, Claims: claims, Mean: fhir.Amount(mean)})
		}
	}
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(b.Mean, a.Mean), cmp.Compare(a.Facility.ID, b.Facility.ID))
	})
	return list
}

// values gives the figures by their buckets.
func (u *Usual) values() map[string]int64 {
	values := make(map[string]int64, len(u.Entries))
	for _, e := range u.Entries {
		values[e.Bucket] = e.Value
	}
	return values
}
