package adjudication

import "slices"

// What the register and the facility's price lists say of a service: whether it
// is one, whether this facility gives it, and to whom.

// register refuses what the scheme's register of services does not know on the
// day. Source: openIMIS reason 1.
func register(t *trial) {
	tariff := t.line.Tariff
	if tariff == nil || tariff.Retired || !tariff.Valid.Contains(t.on) {
		t.deny(ReasonService, BearerProvider)
	}
}

// priceList refuses services that none of the facility's price lists has on the
// day. Source: openIMIS reason 2.
func priceList(t *trial) {
	if t.replacesWage() != nil {
		return
	}
	price := t.listed()
	switch {
	case price == nil:
		t.deny(ReasonPriceList, BearerProvider)
	case price.Currency != t.Currency:
		t.deny(ReasonCurrency, BearerProvider)
	}
}

// price gives the price of the line's service on the first of the facility's
// lists that has one on the day; a price without a list is for all facilities
// that have no better one.
func (t *trial) price() *Price { return t.priceFor(t.line.Tariff) }

// priceFor is price for any service of the register; nil has no price.
func (t *trial) priceFor(tariff *Tariff) *Price {
	if tariff == nil {
		return nil
	}
	for i := range t.Facility.PriceLists {
		l := &t.Facility.PriceLists[i]
		if t.day() < l.Valid.From || t.day() > l.Valid.To {
			continue
		}
		if p := t.priceOn(tariff, l.List); p != nil {
			return p
		}
	}
	if p := t.priceOn(tariff, Code{}); p != nil || !t.Facility.Anywhere {
		return p
	}
	return t.priceWhere(tariff, func(*Price) bool { return true })
}

func (t *trial) priceOn(tariff *Tariff, list Code) *Price {
	return t.priceWhere(tariff, func(p *Price) bool { return p.List == list })
}

// priceWhere gives the first price of the day that fits.
func (t *trial) priceWhere(tariff *Tariff, fits func(*Price) bool) *Price {
	prices := tariff.Prices
	for i := range prices {
		if p := &prices[i]; p.Valid.From <= t.day() && t.day() <= p.Valid.To && fits(p) {
			return p
		}
	}
	return nil
}

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

// patientCategory refuses services that are not for a patient of this sex or
// age. A sex or birth date that is not known fits no service that asks for one.
// Source: openIMIS reason 4.
func patientCategory(t *trial) {
	tariff := t.line.Tariff
	if t.line.Unsuitable || !suitsSex(tariff, t.Patient.Sex) || !t.suitsAge(tariff) {
		t.deny(ReasonPatient, BearerProvider)
	}
}

// suitsSex counts the sex "other" as male. Source: openIMIS reason 4.
func suitsSex(tariff *Tariff, sex Sex) bool {
	if sex == OtherSex {
		sex = Male
	}
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
