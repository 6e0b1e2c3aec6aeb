package query

import (
	"bima/fhir"
	"bima/storage/index"
)

// near writes that a place is within a distance. Places are points of a sphere,
// so a cube round the centre bounds them for the index, and the straight distance
// decides: it grows with the one along the great circle.
func (p *Planner) near(v fhir.NearValue, t string) {
	at := index.Sphere(v.Latitude, v.Longitude)
	reach := index.Chord(v.Kilometres) + rounding
	for i, axis := range []string{".z", ".x", ".y"} {
		at := []float64{at[2], at[0], at[1]}[i]
		p.Add(t, axis, " >= ", p.Arg(at-reach), " AND ", t, axis, " <= ", p.Arg(at+reach), " AND ")
	}
	square := func(axis string, at float64) {
		from := p.Arg(at)
		p.Add("(", t, axis, " - ", from, ") * (", t, axis, " - ", from, ")")
	}
	square(".x", at[0])
	p.Add(" + ")
	square(".y", at[1])
	p.Add(" + ")
	square(".z", at[2])
	p.Add(" <= ", p.Arg(reach*reach))
}

// rounding is what the arithmetic of a point may be off, less than a hundredth of
// a millimetre on the globe.
const rounding = 1e-12
