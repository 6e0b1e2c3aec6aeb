package adjudication

// careType refuses in-patient care by an out-patient facility, and services of
// the kind of care that the facility does not give. Source: openIMIS reason 10.
func careType(t *trial) {
	gives, needs := t.Facility.Care, t.line.Tariff.Care
	wrong := gives == CareOutpatient && (t.stay() || t.Visit == Inpatient || needs == CareInpatient) ||
		gives == CareInpatient && needs == CareOutpatient
	if wrong {
		t.deny(ReasonCareType, BearerProvider)
	}
}
