package profiles

// What is said of unusual claims, and of models learned from reviewed ones.
const (
	SystemSignal       = Canonical + "/CodeSystem/signal"               // what is unusual in a claim
	SystemLearnedModel = Canonical + "/CodeSystem/learned-model"        // what a learned model is for
	MeasureSignalPeers = Canonical + "/Measure/signal-peers"            // MeasureReport: what facilities are compared with
	ProfileClaimModel  = Canonical + "/StructureDefinition/claim-model" // Library: a learned model
)
