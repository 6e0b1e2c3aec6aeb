package learned

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"bima/adjudication"
)

// What it takes to learn. Below, a model would be of chance.
const (
	// examplesMin is how many reviewed claims there must be.
	examplesMin = 200
	// eachMin is how many of those that are learned from must be cut, and how many
	// approved; of those that are tested a third of that.
	eachMin = 30
	// testShare is the share of the claims, the latest reviewed, on which a model
	// that has not seen them is tested: one in so many.
	testShare = 4
	// seldom is how many claims must have a service or a diagnosis for it to be a
	// feature.
	seldom = 10
	// codesMax bounds the features that are services and diagnoses.
	codesMax = 400
)

// holds are the strengths tried for holding weights back; which is best is tried
// on the latest of the claims that are learned from.
var holds = []float64{1, 3, 10, 30, 100}

// A Lesson is a model with how it did on claims it had not seen.
type Lesson struct {
	Model *Model
	Test  Evaluation
}

// Train learns a model from examples. It fails with a sentence for the operator
// where there are too few. The same examples always give the same model.
func Train(examples []Example) (*Lesson, error) {
	all := slices.Clone(examples)
	slices.SortStableFunc(all, func(a, b Example) int {
		return cmp.Or(cmp.Compare(a.Reviewed, b.Reviewed), cmp.Compare(a.Claim.ID, b.Claim.ID))
	})
	if len(all) < examplesMin {
		return nil, fmt.Errorf("%d reviewed claims are too few to learn from: at least %d are needed", len(all), examplesMin)
	}
	cut := len(all) - len(all)/testShare
	known, later := all[:cut], all[cut:]
	for _, part := range []struct {
		of   string
		list []Example
		min  int
	}{{"to learn from", known, eachMin}, {"to test on", later, eachMin / 3}} {
		if n := countCut(part.list); n < part.min || len(part.list)-n < part.min {
			return nil, fmt.Errorf("of the %d claims %s reviewers cut %d: at least %d must be cut and as many approved", len(part.list), part.of, n, part.min)
		}
	}
	v := vocabularyOf(known)
	model := v.train(known, v.hold(known))
	model.Trained = Trained{
		Claims: len(known), Cut: countCut(known),
		From: adjudication.WriteDay(known[0].Reviewed), To: adjudication.WriteDay(known[len(known)-1].Reviewed),
	}
	return &Lesson{Model: model, Test: Evaluate(model, later)}, nil
}

func countCut(list []Example) (n int) {
	for i := range list {
		if list[i].Cut {
			n++
		}
	}
	return n
}

// A vocabulary is the features that a model may weigh, with how they are scaled.
type vocabulary struct {
	features []Weight // without weights
	column   map[string]int
}

// vocabularyOf takes the numbers that differ between claims, and the services and
// diagnoses that are not seldom, the commonest first.
func vocabularyOf(list []Example) *vocabulary {
	sums, squares, times := map[string]float64{}, map[string]float64{}, map[string]int{}
	for i := range list {
		for _, f := range list[i].Features {
			sums[f.Name] += f.Value
			squares[f.Name] += f.Value * f.Value
			times[f.Name]++
		}
	}
	var numbers, codes []Weight
	n := float64(len(list))
	for name, sum := range sums {
		w := Weight{Name: name, Mean: sum / n, Scale: 1}
		if binary(name) {
			if times[name] >= seldom && times[name] <= len(list)-seldom {
				codes = append(codes, w)
			}
			continue
		}
		w.Scale = math.Sqrt(math.Max(0, squares[name]/n-w.Mean*w.Mean))
		if w.Scale > 1e-6 {
			numbers = append(numbers, w)
		}
	}
	slices.SortFunc(numbers, func(a, b Weight) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(codes, func(a, b Weight) int {
		return cmp.Or(cmp.Compare(times[b.Name], times[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	v := &vocabulary{features: append(numbers, codes[:min(len(codes), codesMax)]...), column: map[string]int{}}
	for i, w := range v.features {
		v.column[w.Name] = i
	}
	return v
}

// matrix gives the claims as rows. Numbers are centred and scaled; what is true of
// a claim or not is 1 or nothing, and centred afterwards, so that rows stay short.
func (v *vocabulary) matrix(list []Example) (x matrix, y []bool) {
	x.columns = len(v.features)
	for i := range list {
		values := valuesOf(list[i].Features)
		var row []entry
		for j, w := range v.features {
			value := values[w.Name].Value
			if !binary(w.Name) {
				value = (value - w.Mean) / w.Scale
			}
			if value != 0 {
				row = append(row, entry{j, value})
			}
		}
		x.rows, y = append(x.rows, row), append(y, list[i].Cut)
	}
	return x, y
}

// hold chooses how strongly weights are held back: what does best on the latest
// quarter after learning from the rest.
func (v *vocabulary) hold(list []Example) float64 {
	cut := len(list) - len(list)/testShare
	x, y := v.matrix(list[:cut])
	tx, ty := v.matrix(list[cut:])
	best, least := holds[0], math.Inf(1)
	for _, l2 := range holds {
		w := fit(x, y, l2)
		sum := 0.0
		for i := range tx.rows {
			sum += logLoss(tx.odds(i, w), ty[i])
		}
		if sum < least {
			best, least = l2, sum
		}
	}
	return best
}

// weightDigits is to how many decimals a weight is kept, so that the same model
// has the same text on every machine.
const weightDigits = 1e6

// train fits the weights and writes them as a model.
func (v *vocabulary) train(list []Example, l2 float64) *Model {
	x, y := v.matrix(list)
	w := fit(x, y, l2)
	m := &Model{Format: formatOne, Intercept: w[x.columns]}
	for j, f := range v.features {
		f.Weight, f.Mean, f.Scale = rounded(w[j]), rounded(f.Mean), math.Max(rounded(f.Scale), 1/weightDigits)
		if binary(f.Name) {
			m.Intercept += f.Weight * f.Mean
		}
		m.Features = append(m.Features, f)
	}
	m.Intercept = rounded(m.Intercept)
	return m
}

func rounded(x float64) float64 { return math.Round(x*weightDigits) / weightDigits }
