package profiles

// What is said of unusual claims, and of models learned from reviewed ones.
const (
	SystemSignal       = Canonical + "/CodeSystem/signal"               // what is unusual in a claim
	SystemLearnedModel = Canonical + "/CodeSystem/learned-model"        // what a learned model is for
	ProfileClaimModel  = Canonical + "/StructureDefinition/claim-model" // Library: a learned model
)
