package signal

// A sign is a kind of signal: its code in the CodeSystem signal, and its points.
// The points say how seldom an honest claim shows the sign; docs/signals.md tells
// them to the claims manager, and a test holds the two together.
type sign struct {
	code   string
	points int
}

// The signs in what one claim says of itself.
var (
	afterDeath   = sign{"after-death", 60}
	beforeBirth  = sign{"before-birth", 40}
	diagnosisSex = sign{"diagnosis-sex", 40}
	diagnosisAge = sign{"diagnosis-age", 25}
)

// The signs in the person's other claims.
var (
	overlap        = sign{"overlapping-admission", 50}
	duringStay     = sign{"visit-during-admission", 25}
	duplicate      = sign{"duplicate-elsewhere", 40}
	duplicateSent  = sign{"duplicate-elsewhere", 15} // of a patient who was referred
	repeated       = sign{"repeated-claim", 30}
	manyFacilities = sign{"many-facilities", 20}
)
