package learned

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// A Model is a logistic regression: the log-odds that a reviewer would cut a
// claim are Intercept plus the sum over the features of
// Weight × (value − Mean) / Scale.
type Model struct {
	Format    int      `json:"format"` // 1
	Intercept float64  `json:"intercept"`
	Features  []Weight `json:"features"`
	Trained   Trained  `json:"trained"`
}

// A Weight is what a model makes of a feature.
type Weight struct {
	Name   string  `json:"name"`
	Mean   float64 `json:"mean"`
	Scale  float64 `json:"scale"`
	Weight float64 `json:"weight"`
}

// Trained says what a model was learned from.
type Trained struct {
	Claims int    `json:"claims"` // reviewed claims it learned from
	Cut    int    `json:"cut"`    // those of them that were cut or rejected
	From   string `json:"from"`   // the day of the first review
	To     string `json:"to"`     // and of the last
}

const (
	// formatOne is the one format there is.
	formatOne = 1
	// weightsMax is how many features a model may have.
	weightsMax = 2_000
	// modelBytesMax is the largest model that is read: 2,000 features at 250 bytes.
	modelBytesMax = 512 << 10
	// nameMax is the longest name of a feature, in bytes.
	nameMax = 300
	// numberMax bounds every number of a model: beyond it a likelihood is 0 or 1.
	numberMax = 1e6
	// contributionsMax is how many features an opinion names.
	contributionsMax = 5
)

// ReadModel reads a model and refuses what is none, naming the fault.
func ReadModel(text []byte) (*Model, error) {
	if len(text) > modelBytesMax {
		return nil, fmt.Errorf("it is larger than %d bytes", modelBytesMax)
	}
	var m Model
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("it is no JSON of a model: %w", err)
	}
	if m.Format != formatOne {
		return nil, fmt.Errorf("its format is %d, known is %d", m.Format, formatOne)
	}
	if n := len(m.Features); n == 0 || n > weightsMax {
		return nil, fmt.Errorf("it has %d features; 1 to %d are allowed", n, weightsMax)
	}
	if !finite(m.Intercept) {
		return nil, fmt.Errorf("its intercept %g is out of range", m.Intercept)
	}
	seen := make(map[string]bool, len(m.Features))
	for i, w := range m.Features {
		switch {
		case w.Name == "" || len(w.Name) > nameMax || seen[w.Name]:
			return nil, fmt.Errorf("feature %d has no name, too long a one, or that of another", i+1)
		case !finite(w.Mean) || !finite(w.Weight) || !finite(w.Scale) || w.Scale < 1/numberMax:
			return nil, fmt.Errorf("feature %d (%s) has a number out of range; a scale is above 0", i+1, w.Name)
		}
		seen[w.Name] = true
	}
	return &m, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && math.Abs(x) <= numberMax }

// Likelihood gives the probability, 0 to 1, that a reviewer would cut the claim.
func (m *Model) Likelihood(x []Feature) float64 { return logistic(m.odds(x)) }

// odds gives the log-odds.
func (m *Model) odds(x []Feature) float64 {
	values := valuesOf(x)
	z := m.Intercept
	for i := range m.Features {
		z += m.Features[i].part(values)
	}
	return z
}

// part is what a feature adds to the log-odds; what a claim does not have is 0.
func (w *Weight) part(values map[string]Feature) float64 {
	return w.Weight * (values[w.Name].Value - w.Mean) / w.Scale
}

func valuesOf(x []Feature) map[string]Feature {
	values := make(map[string]Feature, len(x))
	for _, f := range x {
		values[f.Name] = f
	}
	return values
}

// Opinion gives the score of a claim and the features that matter most to it.
func (m *Model) Opinion(x []Feature) *Opinion {
	values, z := valuesOf(x), m.odds(x)
	o := &Opinion{Score: score(z)}
	for i := range m.Features {
		w := &m.Features[i]
		points := 100 * (logistic(z) - logistic(z-w.part(values)))
		says := values[w.Name].Says
		if says == "" {
			says = absent(w.Name)
		}
		o.Contributions = append(o.Contributions, Contribution{Feature: w.Name, Points: points, Text: sentence(says, points)})
	}
	slices.SortStableFunc(o.Contributions, func(a, b Contribution) int {
		return cmp.Compare(math.Abs(b.Points), math.Abs(a.Points))
	})
	o.Contributions = slices.DeleteFunc(o.Contributions[:min(contributionsMax, len(o.Contributions))], func(c Contribution) bool {
		return math.Abs(c.Points) < 0.5
	})
	return o
}

// sentence says what a feature does to the score.
func sentence(says string, points float64) string {
	verb := "raises"
	if points < 0 {
		verb = "lowers"
	}
	return fmt.Sprintf("%s%s, which %s the score by %.0f.", string(says[0]&^0x20), says[1:], verb, math.Abs(points))
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// score gives a likelihood in whole percent.
func score(z float64) int { return int(math.Round(100 * logistic(z))) }
