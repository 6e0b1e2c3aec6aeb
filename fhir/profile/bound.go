package profile

import (
	"strconv"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
)

// A bound is the least or the most an element may be. Source: R4
// elementdefinition, minValue[x] and maxValue[x].
type bound struct {
	value fhir.Node
	typ   string // "Integer", "Date", "Quantity" and so on
}

// between checks a value against minValue[x] and maxValue[x]. What can't be
// compared, such as quantities of different units, is let pass.
func (w *walker) between(v value, e *element) {
	if !v.node.Exists() {
		return
	}
	if b := e.least; b.value.Exists() && b.compare(v.node) < 0 {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants at least %s", e.name, show(v.node), w.plan.name, show(b.value))
	}
	if b := e.most; b.value.Exists() && b.compare(v.node) > 0 {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants at most %s", e.name, show(v.node), w.plan.name, show(b.value))
	}
}

// compare gives -1 where a value is surely below the bound, 1 where it is surely
// above, else 0.
func (b bound) compare(n fhir.Node) int {
	switch b.typ {
	case "Integer", "PositiveInt", "UnsignedInt", "Decimal":
		return compareNumbers(n, b.value)
	case "Quantity":
		for _, name := range []string{"system", "code"} {
			if n.Get(name).Text() != b.value.Get(name).Text() {
				return 0
			}
		}
		return compareNumbers(n.Get("value"), b.value.Get("value"))
	case "Time":
		return compareTexts(n.Text(), b.value.Text())
	}
	return compareMoments(n.Text(), b.value.Text())
}

func compareNumbers(a, b fhir.Node) int {
	x, err := fhir.ParseDecimal(a.Text())
	if err != nil {
		return 0
	}
	y, err := fhir.ParseDecimal(b.Text())
	if err != nil {
		return 0
	}
	return x.Cmp(y)
}

func compareTexts(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareMoments compares dates and times, which may be partial: only what lies
// wholly on one side of the other is less or more.
func compareMoments(a, b string) int {
	x, err := fhir.ParsePartialDateTime(a)
	if err != nil {
		return 0
	}
	y, err := fhir.ParsePartialDateTime(b)
	if err != nil {
		return 0
	}
	i, j := x.Interval(time.UTC), y.Interval(time.UTC)
	switch {
	case !i.To.After(j.From):
		return -1
	case !j.To.After(i.From):
		return 1
	}
	return 0
}

func text(n int) string {
	if n == r4.Unbounded {
		return "*"
	}
	return strconv.Itoa(n)
}
