package adjudication

// frequency refuses a service that the same person had, on another claim, within
// the days that must lie between two uses, whichever came first.
// Source: openIMIS reason 5.
func frequency(t *trial) {
	if t.line.Tariff.FrequencyDays == 0 {
		return
	}
	account, bucket := t.Patient.Account, useBucket(t.line.Service)
	if t.usedBefore(account, bucket, frequencyWindow(t.line)) > 0 {
		t.deny(ReasonFrequency, BearerMember)
	}
}

// frequencyWindow gives the days in which an earlier or later use is too near.
func frequencyWindow(l *Line) Window {
	days := Day(l.Tariff.FrequencyDays)
	return Window{l.Served.To - days, l.Served.To + days + 1}
}
