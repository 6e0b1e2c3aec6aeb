package fhir

// A PositionRow is a place on the globe, in degrees of WGS 84.
type PositionRow struct {
	Param               string
	Latitude, Longitude float64
}

// A NearValue is a place and how far from it others may be. Source: R4
// location#search (near).
type NearValue struct {
	Latitude, Longitude float64 // degrees of WGS 84
	Kilometres          float64 // along a great circle
}

func (NearValue) value() {}
