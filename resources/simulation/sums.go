package simulation

import (
	"cmp"
	"maps"
	"slices"

	"bima/adjudication"
)

// A Cell says of which part of the claims a Sum is.
type Cell struct {
	Currency string // ISO 4217
	By       By     // what divides the claims; ByNothing is all of them
	Value    string // the category of services or the level of facilities; "" for what has none
}

// A By is what divides the sums.
type By uint8

// What divides the sums.
const (
	ByNothing By = iota
	ByCategory
	ByLevel
)

// A Sum is what was decided on some lines, before and after.
type Sum struct {
	Lines         int
	Before, After Figures
}

// Sums hold a Sum for each part of the claims.
type Sums map[Cell]*Sum

// Cells gives the parts in order: by currency, all first, and then by value.
func (s Sums) Cells() []Cell {
	return slices.SortedFunc(maps.Keys(s), func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.By, b.By), cmp.Compare(a.Value, b.Value))
	})
}

func (s Sums) add(c Cell, before, after Figures) {
	sum := s[c]
	if sum == nil {
		sum = &Sum{}
		s[c] = sum
	}
	sum.Lines++
	sum.Before.add(before)
	sum.After.add(after)
}

// count adds the lines of a claim to the sums. The two decisions are of the same
// lines; where the claim was changed since, of those of either.
func (r *run) count(h *hearing, after settled, level string) {
	for i := range max(len(h.before.lines), len(after.lines)) {
		var was, is Figures
		currency := ""
		if i < len(h.before.lines) {
			was, currency = h.before.lines[i].figures(), h.before.lines[i].currency
		}
		if i < len(after.lines) {
			is, currency = after.lines[i].figures(), after.lines[i].currency
		}
		for _, c := range []Cell{
			{Currency: currency},
			{Currency: currency, By: ByCategory, Value: category(h.gathered.Case.Lines, i)},
			{Currency: currency, By: ByLevel, Value: level},
		} {
			r.result.Sums.add(c, was, is)
		}
	}
}

// category gives the category of a line's service, as its tariff has it.
func category(lines []adjudication.Line, i int) string {
	if i >= len(lines) || lines[i].Tariff == nil || len(lines[i].Tariff.Categories) == 0 {
		return ""
	}
	return lines[i].Tariff.Categories[0].Code
}
