package fhir

// A Terminology knows value sets and code systems: R4's own, and those that are
// stored. Each method fails with an Outcome of IssueNotFound where it knows no
// such value set or code system, of IssueTooCostly where there are more codes
// than it lists, and of IssueNotSupported where only another server could know.
type Terminology interface {
	// Codes gives the codes of a value set, by its canonical URL, with or without
	// |version.
	Codes(r Reader, valueSet string) ([]TokenValue, error)
	// Subsumed gives the code and those below it, or with above those above it.
	Subsumed(r Reader, system, code string, above bool) ([]TokenValue, error)
	// Contains reports whether a value set has the code; of a code without a
	// system, whether it has it in any.
	Contains(r Reader, valueSet, system, code string) (bool, error)
}

// A TokenSetValue compares with each of many tokens, such as the codes of a value
// set.
type TokenSetValue struct{ Tokens []TokenValue }

// A ValueSetValue compares with the codes of a value set (:in, :not-in). No Store
// knows it: the server first makes it a TokenSetValue by a Terminology.
type ValueSetValue struct{ URL string }

// A SubsumedValue compares with a code and those below it, or above it (:below,
// :above). No Store knows it: the server first makes it a TokenSetValue by a
// Terminology.
type SubsumedValue struct {
	System, Code string
	Above        bool
}

func (TokenSetValue) value() {}
func (ValueSetValue) value() {}
func (SubsumedValue) value() {}

// Profiles hold resources against profiles, beyond what R4 itself asks.
type Profiles interface {
	// Check gives what of a resource does not meet a profile, named by its
	// canonical URL with or without |version; known is false where there is no
	// such profile here. Source: R4 profiling.
	Check(n Node, profile string) (issues []Issue, known bool)
}

// ClaimProfiles are Profiles that treat what a resource claims in meta.profile,
// and is to be refused for, otherwise than what somebody asks to have checked.
type ClaimProfiles interface {
	// CheckClaim is Check of a profile that a resource claims. What must not refuse
	// it, such as findings against a draft, is a warning.
	CheckClaim(n Node, profile string) (issues []Issue, known bool)
}

// ProfileExaminer are Profiles that follow what is stored, and so can tell what
// would come of storing a StructureDefinition.
type ProfileExaminer interface {
	// Examine gives errors where the definition could never be used as it is, and
	// warnings where it has no effect, or none yet.
	Examine(n Node) []Issue
	// Versions gives the versions in which a profile is known, by a canonical URL
	// with or without |version.
	Versions(profile string) []string
}
