package adjudication

// register refuses what the scheme's register of services does not know on the
// day. Source: openIMIS reason 1.
func register(t *trial) {
	tariff := t.line.Tariff
	if tariff == nil || tariff.Retired || !tariff.Valid.Contains(t.line.Served) {
		t.deny(ReasonService, BearerProvider)
	}
}

// priceList refuses services that none of the facility's price lists has on the
// day. Source: openIMIS reason 2.
func priceList(t *trial) {
	price := t.price()
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
func (t *trial) price() *Price {
	for _, list := range t.Facility.PriceLists {
		if p := t.priceOn(list); p != nil {
			return p
		}
	}
	if p := t.priceOn(Code{}); p != nil || !t.Facility.Anywhere {
		return p
	}
	return t.priceWhere(func(*Price) bool { return true })
}

func (t *trial) priceOn(list Code) *Price {
	return t.priceWhere(func(p *Price) bool { return p.List == list })
}

// priceWhere gives the first price of the day that fits.
func (t *trial) priceWhere(fits func(*Price) bool) *Price {
	prices := t.line.Tariff.Prices
	for i := range prices {
		if p := &prices[i]; p.Valid.From <= t.day() && t.day() <= p.Valid.To && fits(p) {
			return p
		}
	}
	return nil
}
