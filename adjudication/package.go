package adjudication

import "bima/fhir"

// A Pricing says what a package of services is paid by. Source: openIMIS package
// types S, P and F.
type Pricing uint8

// The ways to price a service.
const (
	PricingSingle   Pricing = iota // it is no package
	PricingItemised                // part by part
	PricingFixed                   // all together, by the price of the package
)

// A Part is one of the services that a package is made of, as a line claims it.
type Part struct {
	Service  Code
	Tariff   *Tariff     // nil where the register does not know it
	Quantity fhir.Amount // in one package, ten-thousandths of a unit
	// Detailed says that the line tells what was given; Given is the quantity and
	// Asked what is asked for it.
	Detailed     bool
	Given, Asked fhir.Amount
}

// A contained is what a package of this claim holds of a service.
type contained struct {
	service  Code
	served   Period
	quantity fhir.Amount
}

// of gives how much of the part the package's price is for: what it holds, and of
// that no more than was given.
func (p *Part) of(packages fhir.Amount) fhir.Amount {
	most := portion(p.Quantity, packages, one, 4)
	if p.Detailed {
		return min(most, p.Given)
	}
	return most
}

// packaged reports whether a line is of a package.
func (l *Line) packaged() bool { return l.Tariff != nil && l.Tariff.Pricing != PricingSingle }

// packages cuts a package to its price: a fixed one to its own, whatever the plan
// pays by, and an itemised one to the prices of its parts, as many as were given
// and the package holds. What openIMIS does with an itemised package of which
// something else was given, to pay nothing, is corrected. Source: openIMIS
// package types F and P.
func packages(t *trial) {
	switch t.line.Tariff.Pricing {
	case PricingFixed:
		if price := t.price(); price != nil {
			t.lowerTo(t.times(price.Amount, t.out.Quantity), ReasonPackage, BearerProvider)
		}
	case PricingItemised:
		t.lowerTo(t.itemised(), ReasonPackage, BearerProvider)
	}
}

// itemised gives what the parts of a package are paid with together.
func (t *trial) itemised() (sum fhir.Amount) {
	for i := range t.line.Parts {
		sum += t.worth(&t.line.Parts[i])
	}
	return sum
}

// worth gives what a part of an itemised package is paid with: by the list, or what
// is asked for it where that is less.
func (t *trial) worth(p *Part) fhir.Amount {
	price := t.priceFor(p.Tariff)
	if price == nil || price.Currency != t.Currency {
		return 0
	}
	held := p.of(t.out.Quantity)
	value := t.times(price.Amount, held)
	switch {
	case p.Detailed && held < p.Given: // of what is asked for, what goes beyond the package is not
		return min(value, portion(p.Asked, held, p.Given, t.decimals))
	case p.Detailed:
		return min(value, p.Asked)
	}
	return value
}

// listed reports whether the price lists have what a line is paid by: a price of
// its service, or of a part of an itemised package.
func (t *trial) listed() *Price {
	if t.line.Tariff.Pricing != PricingItemised {
		return t.price()
	}
	for i := range t.line.Parts {
		if p := t.priceFor(t.line.Parts[i].Tariff); p != nil {
			return p
		}
	}
	return nil
}

// unbundling refuses a service that is part of a package claimed beside it: it is
// paid with the package. Beyond what the package holds it is a service like any
// other.
func unbundling(t *trial) {
	if t.line.packaged() {
		return
	}
	t.within = min(t.contained(), t.out.Quantity)
	switch {
	case t.within == 0:
	case t.within == t.out.Quantity:
		t.deny(ReasonUnbundled, BearerProvider)
	default:
		t.cutQuantity(t.out.Quantity-t.within, ReasonUnbundled, BearerProvider)
	}
}

// contained gives how much of the line's service the packages of the claim hold
// that no line before has been counted into.
func (t *trial) contained() (sum fhir.Amount) {
	for i := range t.holding {
		if t.isPart(&t.holding[i]) {
			sum += t.holding[i].quantity
		}
	}
	return sum
}

func (t *trial) isPart(c *contained) bool {
	return c.service == t.line.Service && c.served.From <= t.line.Served.To && t.line.Served.From <= c.served.To
}

// bundle notes what an accepted line holds, or takes from what others hold.
func (d *decider) bundle(t *trial) {
	if t.out.Denied != "" && t.out.Denied != ReasonUnbundled {
		return
	}
	if t.line.packaged() {
		for i := range t.line.Parts {
			p := &t.line.Parts[i]
			d.holding = append(d.holding, contained{p.Service, t.line.Served, p.of(t.out.Quantity)})
		}
		return
	}
	for i := range d.holding {
		if c := &d.holding[i]; t.within > 0 && t.isPart(c) {
			n := min(t.within, c.quantity)
			c.quantity -= n
			t.within -= n
		}
	}
}
