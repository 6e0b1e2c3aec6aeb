package index

import "math"

// Sphere gives the point of a sphere of radius 1 that a place on the globe is, in
// degrees. Two places are near each other if their points are: unlike degrees,
// points know neither antimeridian nor poles.
func Sphere(latitude, longitude float64) [3]float64 {
	lat, lon := latitude*math.Pi/180, longitude*math.Pi/180
	return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

// earthRadius is the mean radius in kilometres. Source: IUGG, R1 of WGS 84.
const earthRadius = 6371.0088

// Chord gives the straight distance between two points of the sphere that are so
// many kilometres apart on the globe; 2 where that is all of it.
func Chord(kilometres float64) float64 {
	angle := kilometres / earthRadius
	if !(angle > 0) {
		return 0
	}
	return 2 * math.Sin(math.Min(angle, math.Pi)/2)
}
