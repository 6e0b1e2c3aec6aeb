package fhir

// Profiles hold resources against profiles, beyond what R4 itself asks.
type Profiles interface {
	// Check gives what of a resource does not meet a profile, named by its
	// canonical URL with or without |version; known is false where there is no
	// such profile here. Source: R4 profiling.
	Check(n Node, profile string) (issues []Issue, known bool)
}
