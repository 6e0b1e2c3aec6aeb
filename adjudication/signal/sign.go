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

// The signs in the amounts and services of the claim.
var (
	roundPrices      = sign{"round-prices", 10}
	unbundled        = sign{"unbundled", 30}
	insteadOfPackage = sign{"instead-of-package", 20}
)

// The signs in the figures of the facility, of its peers, and of the practitioner.
var (
	practitionerDay    = sign{"practitioner-day", 30}
	practitionerPlaces = sign{"practitioner-places", 25}
	facilityDay        = sign{"facility-day", 20}
	amountHigh         = sign{"amount-high", 20}
	quantityHigh       = sign{"quantity-high", 20}
	dearClaims         = sign{"dear-claims", 15}
	dearServices       = sign{"dear-services", 15}
	unusualWeekend     = sign{"unusual-weekend", 5}
)

// Catalogue gives every kind of signal, each by its code and points. A code with
// other points under some condition is there twice.
func Catalogue() []Signal {
	var list []Signal
	for _, s := range []sign{
		afterDeath, beforeBirth, diagnosisSex, diagnosisAge,
		overlap, duringStay, duplicate, duplicateSent, repeated, manyFacilities,
		roundPrices, unbundled, insteadOfPackage,
		practitionerDay, practitionerPlaces, facilityDay, amountHigh, quantityHigh, dearClaims, dearServices, unusualWeekend,
	} {
		list = append(list, Signal{Code: s.code, Points: s.points})
	}
	return list
}
