package invoice

import "bima/fhir"

// A sum is what the lines of an invoice come to.
type sum struct {
	net, tax fhir.Amount
	currency string
	lines    int
}

// checkTotals adds up the lines. Net is base and surcharges less deductions and
// discounts; gross is net and taxes. An amount is that of the whole component:
// its factor is already in it. Source: R4 Invoice.lineItem.priceComponent.
func checkTotals(n fhir.Node) error {
	gross, err := money(n.Get("totalGross"), "Invoice.totalGross")
	if err != nil {
		return err
	}
	net, err := money(n.Get("totalNet"), "Invoice.totalNet")
	if err != nil {
		return err
	}
	if net.Currency != gross.Currency {
		return refuse("Invoice.totalNet", "the totals are in two currencies, %s and %s", net.Currency, gross.Currency)
	}
	s := sum{currency: gross.Currency}
	for line := range n.Get("lineItem").Each() {
		if err := s.line(line); err != nil {
			return err
		}
	}
	switch {
	case s.lines == 0:
		return nil
	case s.net != net.Value:
		return refuse("Invoice.totalNet", "the lines come to %s, the total says %s", s.net, net.Value)
	case s.net+s.tax != gross.Value:
		return refuse("Invoice.totalGross", "net %s and taxes %s come to %s, the total says %s", s.net, s.tax, s.net+s.tax, gross.Value)
	}
	return nil
}

func (s *sum) line(line fhir.Node) error {
	at := -1
	for c := range line.Get("priceComponent").Each() {
		at++
		if !c.Get("amount").Exists() {
			continue
		}
		m, err := money(c.Get("amount"), component(s.lines, at))
		if err != nil {
			return err
		}
		if m.Currency != s.currency {
			return refuse(component(s.lines, at), "the amount is in %s, the total in %s", m.Currency, s.currency)
		}
		s.add(c.Get("type").Text(), m.Value)
	}
	s.lines++
	return nil
}

// add takes an amount in. Deductions and discounts lower the sum, however the
// sender signs them.
func (s *sum) add(kind string, a fhir.Amount) {
	switch kind {
	case "base", "surcharge":
		s.net += a
	case "deduction", "discount":
		s.net -= max(a, -a)
	case "tax":
		s.tax += a
	}
}
