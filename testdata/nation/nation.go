// Package nation draws a synthetic national scheme of any size: places, facilities,
// families, policies, contributions and claims, as FHIR resources one a line. Its
// door is Generate; `bima generate` writes what it draws to files.
//
// The same options draw the same bytes. What is drawn is skewed as real schemes
// are: a few surnames, villages, facilities and diagnoses account for most, claims
// follow the rainy seasons, and some persons are ill much more often than others.
// The product, the tariffs and the codes are the demo scheme's, so everything can
// be loaded and decided. All persons are invented.
package nation

import (
	"fmt"
	"math/rand/v2"
)

// Options say what to draw.
type Options struct {
	Persons int    // how many persons are members of families; 1 to 50,000,000
	Seed    uint64 // the same seed draws the same scheme
}

// personsMax bounds Options.Persons: a small country.
const personsMax = 50_000_000

// A Write takes one resource, as one line of JSON without its end. What it is
// given is overwritten afterwards.
type Write func(resourceType string, line []byte) error

// Types gives the resource types that Generate draws, in the order to load them.
func Types() []string {
	return []string{
		"CodeSystem", "Organization", "Location", "Practitioner", "PractitionerRole", "ChargeItemDefinition", "InsurancePlan",
		"Patient", "Group", "Contract", "Coverage", "Invoice", "PaymentReconciliation", "PaymentNotice", "RiskAssessment", "Observation", "Claim",
	}
}

// Generate draws a scheme and gives its resources to write, family by family: it
// keeps no more than one family in memory. It fails only where the options are
// out of bounds or write does.
func Generate(o Options, write Write) error {
	if o.Persons < 1 || o.Persons > personsMax {
		return fmt.Errorf("a scheme has 1 to %d persons, not %d", personsMax, o.Persons)
	}
	base, err := readScheme()
	if err != nil {
		return err
	}
	n := newNation(o, base, write)
	n.shared()
	n.places()
	n.put("InsurancePlan", "%s", base.product)
	for drawn, number := 0, 1; drawn < o.Persons && n.err == nil; number++ {
		f := n.family(number, o.Persons-drawn)
		drawn += len(f.persons)
		n.members(f)
		n.claims(f)
	}
	return n.err
}

// A nation is one drawing.
type nation struct {
	random    *rand.Rand
	base      *base
	districts []district
	villages  []village
	claim     int // the last claim's number
	write     Write
	line      []byte
	err       error // the first of write
}

func newNation(o Options, b *base, write Write) *nation {
	n := &nation{random: rand.New(rand.NewPCG(o.Seed, uint64(o.Persons))), base: b, write: write}
	n.settle(o.Persons)
	return n
}

// put gives one resource to write. After an error it does nothing.
func (n *nation) put(resourceType, format string, args ...any) {
	if n.err != nil {
		return
	}
	n.line = fmt.Appendf(n.line[:0], format, args...)
	n.err = n.write(resourceType, n.line)
}

// chance reports true in so many of a hundred cases.
func (n *nation) chance(percent int) bool { return n.random.IntN(100) < percent }

// skewed draws an index below count, of which the first few come most often: each
// is drawn about as often as all from twice its place on.
func (n *nation) skewed(count int) int {
	x := n.random.Float64()
	return min(int(x*x*x*float64(count)), count-1)
}
