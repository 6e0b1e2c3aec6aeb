package adjudication

// quantityLimit cuts the quantity to what is left of the plan's limit, and
// refuses the line where nothing is left. Source: openIMIS reason 16.
func quantityLimit(t *trial) {
	if l := pick(t, func(c *Cover) []Limit { return c.Quantities }, limitWhen); l != nil {
		left := t.left(l, true)
		if left == 0 {
			t.deny(ReasonQuantity, BearerProvider)
			return
		}
		t.cutQuantity(left, ReasonQuantityCut, BearerProvider)
		t.take(l, t.out.Quantity, true)
	}
	if t.counted() {
		t.spend(spend{account: t.Patient.Account, bucket: useBucket(t.line.Service), day: t.day(), value: t.out.Quantity})
	}
}

// counted reports whether any rule asks how often the person had this service.
func (t *trial) counted() bool {
	if t.line.Tariff.FrequencyDays > 0 {
		return true
	}
	for i := range t.Policies {
		if p := t.Policies[i].Plan; p != nil && p.Services[t.line.Service] != nil && len(p.Services[t.line.Service].Quantities) > 0 {
			return true
		}
	}
	return false
}

func limitWhen(l *Limit) When { return l.When }
