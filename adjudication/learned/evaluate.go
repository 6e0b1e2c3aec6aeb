package learned

import (
	"cmp"
	"slices"

	"bima/adjudication"
	"bima/fhir"
)

// An Evaluation is how a model did on claims it had not seen, against what the
// officers decided.
type Evaluation struct {
	Claims, Cut int
	From, To    adjudication.Day // of the reviews
	// AUC is how likely a claim that was cut has a higher score than one that was
	// approved: 0.5 is chance, 1 is always.
	AUC         float64
	Thresholds  []Threshold
	Calibration []Bin
	Reasons     []ReasonFound
	Facilities  []FacilityScore // those with the most claims first
}

// A Threshold is what choosing the claims from a score on would give.
type Threshold struct {
	Score    int
	Selected int // claims chosen
	Right    int // those of them that officers cut
	Missed   int // claims that officers cut, not chosen
}

// Precision gives how many of the chosen claims were cut, 0 where none is chosen.
func (t Threshold) Precision() float64 { return ratio(t.Right, t.Selected) }

// Recall gives how many of the claims that were cut are chosen.
func (t Threshold) Recall() float64 { return ratio(t.Right, t.Right+t.Missed) }

// A Bin is the claims whose scores are From to below From + 10.
type Bin struct {
	From, Claims, Cut int
	Mean              float64 // of their scores
}

// A ReasonFound is how many of the claims cut for a reason have a score of 50 or
// more. Reason "" is cut without one, and "approved" not cut at all.
type ReasonFound struct {
	Reason        string
	Claims, Found int
}

// A FacilityScore compares what a model says of a facility's claims with what
// officers did with them.
type FacilityScore struct {
	Facility    fhir.Key
	Claims, Cut int
	Mean        float64 // of the scores
}

// Useful reports whether the model tells claims apart well enough to be kept.
func (e *Evaluation) Useful() bool { return e.AUC >= usefulAUC }

const (
	// usefulAUC is from which AUC on a model is better than chance by enough.
	usefulAUC = 0.6
	// even is the score from which on a cut is more likely than not.
	even = 50
	// reasonApproved stands for claims that were not cut.
	reasonApproved = "approved"
)

// Evaluate compares a model with what officers decided.
func Evaluate(m *Model, list []Example) Evaluation {
	e := Evaluation{Claims: len(list), Cut: countCut(list), From: adjudication.LastDay, To: adjudication.FirstDay}
	scores, exact := make([]int, len(list)), make([]float64, len(list))
	for i := range list {
		exact[i] = m.odds(list[i].Features)
		scores[i] = score(exact[i])
		e.From, e.To = min(e.From, list[i].Reviewed), max(e.To, list[i].Reviewed)
	}
	e.AUC = areaUnder(exact, list)
	for at := 20; at <= 90; at += 10 {
		e.Thresholds = append(e.Thresholds, threshold(at, scores, list))
	}
	e.Calibration = calibration(scores, list)
	e.Reasons = reasons(scores, list)
	e.Facilities = byFacility(scores, list)
	return e
}

// areaUnder gives the AUC: ties count half.
func areaUnder(z []float64, list []Example) float64 {
	order := make([]int, len(z))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(z[a], z[b]) })
	below, sum, cut := 0.0, 0.0, 0.0
	for i := 0; i < len(order); {
		same, cuts := 0.0, 0.0
		first := z[order[i]]
		for ; i < len(order) && z[order[i]] == first; i++ {
			same++
			if list[order[i]].Cut {
				cuts++
			}
		}
		sum += cuts * (below + (same-cuts)/2)
		below += same - cuts
		cut += cuts
	}
	if cut == 0 || below == 0 {
		return 0.5
	}
	return sum / (cut * below)
}

func threshold(at int, scores []int, list []Example) Threshold {
	t := Threshold{Score: at}
	for i := range list {
		switch chosen := scores[i] >= at; {
		case chosen && list[i].Cut:
			t.Selected++
			t.Right++
		case chosen:
			t.Selected++
		case list[i].Cut:
			t.Missed++
		}
	}
	return t
}

func calibration(scores []int, list []Example) []Bin {
	bins := make([]Bin, 10)
	for i := range bins {
		bins[i].From = 10 * i
	}
	for i := range list {
		b := &bins[min(scores[i]/10, 9)]
		b.Claims++
		b.Mean += float64(scores[i])
		if list[i].Cut {
			b.Cut++
		}
	}
	for i := range bins {
		bins[i].Mean /= float64(max(1, bins[i].Claims))
	}
	return slices.DeleteFunc(bins, func(b Bin) bool { return b.Claims == 0 })
}

func reasons(scores []int, list []Example) []ReasonFound {
	found := map[string]*ReasonFound{}
	for i := range list {
		codes := []string{reasonApproved}
		if list[i].Cut {
			codes = nil
			for _, r := range list[i].Reasons {
				if !slices.Contains(codes, string(r)) {
					codes = append(codes, string(r))
				}
			}
		}
		for _, code := range codes {
			if found[code] == nil {
				found[code] = &ReasonFound{Reason: code}
			}
			found[code].Claims++
			if scores[i] >= even {
				found[code].Found++
			}
		}
	}
	var all []ReasonFound
	for _, r := range found {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b ReasonFound) int {
		return cmp.Or(cmp.Compare(b.Claims, a.Claims), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

func byFacility(scores []int, list []Example) []FacilityScore {
	of := map[fhir.Key]*FacilityScore{}
	for i := range list {
		k := list[i].Facility
		if of[k] == nil {
			of[k] = &FacilityScore{Facility: k}
		}
		of[k].Claims++
		of[k].Mean += float64(scores[i])
		if list[i].Cut {
			of[k].Cut++
		}
	}
	var all []FacilityScore
	for _, f := range of {
		f.Mean /= float64(f.Claims)
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b FacilityScore) int {
		return cmp.Or(cmp.Compare(b.Claims, a.Claims), cmp.Compare(a.Facility.ID, b.Facility.ID))
	})
	return all
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
