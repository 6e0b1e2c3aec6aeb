package adjudication

import "slices"

// patientCategory refuses services that are not for a patient of this sex or
// age. A sex or birth date that is not known fits no service that asks for one.
// Source: openIMIS reason 4.
func patientCategory(t *trial) {
	tariff := t.line.Tariff
	if t.line.Unsuitable || !suitsSex(tariff, t.Patient.Sex) || !t.suitsAge(tariff) {
		t.deny(ReasonPatient, BearerProvider)
	}
}

func suitsSex(tariff *Tariff, sex Sex) bool {
	return len(tariff.Sexes) == 0 || slices.Contains(tariff.Sexes, sex)
}

func (t *trial) suitsAge(tariff *Tariff) bool {
	if len(tariff.Ages) == 0 && tariff.AgeFrom == 0 && tariff.AgeTo == 0 {
		return true
	}
	years, known := t.Patient.age(t.day())
	return known &&
		(len(tariff.Ages) == 0 || slices.Contains(tariff.Ages, t.ageGroup())) &&
		years >= tariff.AgeFrom && (tariff.AgeTo == 0 || years <= tariff.AgeTo)
}
