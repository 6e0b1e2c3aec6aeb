package learned

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"bima/adjudication"
)

// facilitiesShown is how many facilities a report names.
const facilitiesShown = 30

// weightsShown is how many weights it does.
const weightsShown = 15

// Markdown writes what a model does, for the people who decide whether it is
// switched on.
func (l *Lesson) Markdown() string {
	var b strings.Builder
	m, e := l.Model, &l.Test
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Learned model for claims\n")
	line("Learned from %d reviewed claims, %d of them cut by the reviewer (%s to %s).", m.Trained.Claims, m.Trained.Cut, m.Trained.From, m.Trained.To)
	line("Tested on the %d claims reviewed after them, %d cut (%s to %s), which it had not seen.\n", e.Claims, e.Cut, adjudication.WriteDay(e.From), adjudication.WriteDay(e.To))
	line("**AUC %.3f**: so often a claim that was cut has the higher score of two (0.5 is chance, 1 is always).\n", e.AUC)
	line("## What choosing claims by score would give\n")
	line("| score from | claims chosen | of them cut | precision | recall |\n|---:|---:|---:|---:|---:|")
	for _, t := range e.Thresholds {
		line("| %d | %d (%.0f %%) | %d | %.0f %% | %.0f %% |", t.Score, t.Selected, 100*ratio(t.Selected, e.Claims), t.Right, 100*t.Precision(), 100*t.Recall())
	}
	line("\nPrecision: of the claims chosen, how many the officers had cut. Recall: of the claims the officers had cut, how many are chosen.\n")
	line("## Whether scores mean what they say\n")
	line("| score | claims | mean score | were cut |\n|---|---:|---:|---:|")
	for _, bin := range e.Calibration {
		line("| %d to %d | %d | %.0f | %.0f %% |", bin.From, bin.From+9+bin.From/90, bin.Claims, bin.Mean, 100*ratio(bin.Cut, bin.Claims))
	}
	line("\n## By the officers' reasons\n")
	line("| reason | claims | of them with a score of %d or more |\n|---|---:|---:|", even)
	for _, r := range e.Reasons {
		line("| %s | %d | %d (%.0f %%) |", cmp.Or(r.Reason, "cut without a reason"), r.Claims, r.Found, 100*ratio(r.Found, r.Claims))
	}
	line("\n## By facility\n")
	line("The model does not know which facility claims. Where its mean score is far above what officers cut, it is unjust to that facility: do not switch it on before you know why.\n")
	line("| facility | claims | officers cut | mean score |\n|---|---:|---:|---:|")
	for _, f := range e.Facilities[:min(len(e.Facilities), facilitiesShown)] {
		name := "not known"
		if !f.Facility.IsZero() {
			name = f.Facility.String()
		}
		line("| %s | %d | %.0f %% | %.0f |", name, f.Claims, 100*ratio(f.Cut, f.Claims), f.Mean)
	}
	line("\n## What weighs most\n")
	line("| feature | weight |\n|---|---:|")
	weights := slices.Clone(m.Features)
	slices.SortStableFunc(weights, func(a, b Weight) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	for _, w := range weights[:min(len(weights), weightsShown)] {
		line("| %s | %+.2f |", strings.ReplaceAll(w.Name, "|", " "), w.Weight)
	}
	line("\nA weight is what the feature adds to the log-odds: of a number for each standard deviation above its mean, of a service, diagnosis or kind of visit where the claim has it.")
	return b.String()
}
