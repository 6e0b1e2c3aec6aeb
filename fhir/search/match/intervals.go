package match

import (
	"math"

	"bima/fhir"
)

// compareDates compares the half-open interval of a row with that of the value.
// Source: R4 search#prefix.
func compareDates(v fhir.DateValue, from, to int64) (holds, known bool) {
	inside := from >= v.From && to <= v.To
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		return inside, true
	case fhir.PrefixNotEqual:
		return !inside, true
	case fhir.PrefixGreater:
		return to > v.To, true
	case fhir.PrefixLess:
		return from < v.From, true
	case fhir.PrefixGreaterEqual:
		return inside || to > v.To, true
	case fhir.PrefixLessEqual:
		return inside || from < v.From, true
	case fhir.PrefixStartsAfter:
		return from >= v.To, true
	case fhir.PrefixEndsBefore:
		return to <= v.From, true
	case fhir.PrefixApproximate:
		return from < v.To && to > v.From, true
	case fhir.PrefixIncludes:
		return from <= v.From && to >= v.To, true
	}
	return false, false
}

// approximately is how far "ap" reaches: a tenth of the value.
const approximately = 0.1

// compareNumbers compares the closed interval of a row, a point but for a Range,
// with the value: eq and ne with the numbers that round to what was asked for,
// the others with that number itself. Source: R4 search#number.
func compareNumbers(v fhir.NumberValue, low, high float64) (holds, known bool) {
	inside := low >= v.Low && high < v.High
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		return inside, true
	case fhir.PrefixNotEqual:
		return !inside, true
	case fhir.PrefixGreater:
		return high > v.Value, true
	case fhir.PrefixLess:
		return low < v.Value, true
	case fhir.PrefixGreaterEqual:
		return high >= v.Value, true
	case fhir.PrefixLessEqual:
		return low <= v.Value, true
	case fhir.PrefixStartsAfter:
		return low > v.Value, true
	case fhir.PrefixEndsBefore:
		return high < v.Value, true
	case fhir.PrefixApproximate:
		reach := math.Abs(v.Value) * approximately
		return low <= math.Max(v.High, v.Value+reach) && high >= math.Min(v.Low, v.Value-reach), true
	}
	return false, false
}

// earthRadiusKilometres is the mean radius. Source: IUGG, R1 of WGS 84.
const earthRadiusKilometres = 6371.0088

// isNear compares the great circle between two places, by the haversine.
func isNear(v fhir.NearValue, r *fhir.PositionRow) bool {
	const degree = math.Pi / 180
	lat1, lat2 := v.Latitude*degree, r.Latitude*degree
	a := square(math.Sin((lat2-lat1)/2)) +
		math.Cos(lat1)*math.Cos(lat2)*square(math.Sin((r.Longitude-v.Longitude)*degree/2))
	return 2*earthRadiusKilometres*math.Asin(math.Sqrt(math.Min(a, 1))) <= v.Kilometres
}

func square(x float64) float64 { return x * x }
