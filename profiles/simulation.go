package profiles

// What a simulation of other rules is told by.
const (
	// MeasureSimulation is the Measure of a simulation's MeasureReport.
	MeasureSimulation = Canonical + "/Measure/simulation"
	// SystemSimulation names its groups and populations.
	SystemSimulation = Canonical + "/CodeSystem/simulation"
)
