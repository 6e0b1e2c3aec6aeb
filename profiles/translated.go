package profiles

// What façades for clients of other servers store; see docs/connect-stu3.md.
const (
	// ExtensionTranslated marks what was sent in another tongue, and names what was
	// filled in.
	ExtensionTranslated = Canonical + "/StructureDefinition/translated" // Claim, CoverageEligibilityRequest: tongue, said, filled

	// IdentifierPeerClaim is the number by which a client's own system knows a
	// claim, for ever and nowhere else (type ACSN).
	IdentifierPeerClaim = Canonical + "/id/peer-claim" // Claim
)
