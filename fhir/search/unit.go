package search

import (
	"math"
	"math/big"
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/path/ucum"
)

// ucumSystem is the system of UCUM's units. Source: R4 terminologies-systems.
const ucumSystem = "http://unitsofmeasure.org"

// A measure is a unit with the base units it is made of, "g1m-3". Quantities of
// one dimension compare once both are in base units.
type measure struct {
	unit      ucum.Unit
	dimension string
	shifted   bool // has a zero of its own, as degrees Celsius
}

// measuresMax bounds the units that are remembered: what clients may name has no
// end.
const measuresMax = 4096

// measures remembers units once they have been read, which takes longer than to
// look them up. It belongs to a Registry.
type measures struct {
	mu     sync.RWMutex
	byCode map[string]*measure // nil where the code names no unit known
}

// of gives the measure of a UCUM code, nil where it is none.
func (m *measures) of(code string) *measure {
	m.mu.RLock()
	known, ok := m.byCode[code]
	m.mu.RUnlock()
	if ok {
		return known
	}
	read := readMeasure(code)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byCode == nil {
		m.byCode = map[string]*measure{}
	}
	if len(m.byCode) < measuresMax {
		m.byCode[string([]byte(code))] = read
	}
	return read
}

func readMeasure(code string) *measure {
	if code == "" {
		return nil
	}
	unit, err := ucum.Parse(code)
	if err != nil {
		return nil
	}
	zero := unit.Base(new(big.Rat))
	return &measure{unit: unit, dimension: dimensionOf(unit), shifted: zero.Sign() != 0}
}

// dimensionOf names a dimension; pure numbers have one too.
func dimensionOf(unit ucum.Unit) string {
	if d := unit.Dimension(); d != "" {
		return d
	}
	return "1"
}

// base gives a decimal in base units, as the float64 nearest to its exact value,
// so that 5.4 mg and 0.0054 g are the same number.
func (m *measure) base(value *big.Rat) float64 {
	f, _ := m.unit.Base(value).Float64()
	return f
}

// canonical adds a quantity of UCUM in base units, for the searches that name a
// unit.
func (x *extraction) canonical(e *emitter, code string, n fhir.Node) {
	m := x.measures.of(code)
	if m == nil {
		return
	}
	exact, err := fhir.ParseDecimal(n.Get("value").Text())
	if err != nil {
		return
	}
	low, high := compared(m.base(exact.Rat()), textOf(n.Get("comparator")))
	x.Quantities = append(x.Quantities, fhir.QuantityRow{Param: e.ucum, Low: low, High: high, Code: m.dimension})
}

// measure gives the measure of a searched quantity, nil where the unit as written
// is to be compared: within composites, whose rows are as written, and where a
// tenth of a value in base units is no tenth of the value, as of 37 degrees
// Celsius.
func (c clause) measure(v fhir.QuantityValue) *measure {
	if v.System != ucumSystem || c.composite {
		return nil
	}
	m := c.query.registry.measures.of(v.Code)
	if m == nil || m.shifted && v.Prefix == fhir.PrefixApproximate {
		return nil
	}
	return m
}

// inBase converts a searched number, and the interval of what rounds to it.
func (c clause) inBase(m *measure, text string, n fhir.NumberValue) (fhir.NumberValue, bool) {
	_, text = cutPrefix(text)
	exact, err := fhir.ParseDecimal(strings.TrimPrefix(text, "+"))
	if err != nil {
		return n, false
	}
	half := halfDigit(exact).Rat()
	value := exact.Rat()
	in := fhir.NumberValue{Prefix: n.Prefix, Value: m.base(value)}
	in.Low = min(m.base(new(big.Rat).Sub(value, half)), in.Value)
	in.High = max(m.base(new(big.Rat).Add(value, half)), math.Nextafter(in.Value, math.Inf(1)))
	if n.Prefix == fhir.PrefixApproximate {
		margin := math.Abs(in.Value) / approximation
		in.Low, in.High = min(in.Low, in.Value-margin), max(in.High, in.Value+margin)
	}
	return in, true
}
