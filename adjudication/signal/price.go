package signal

import (
	"fmt"

	"bima/adjudication"
	"bima/fhir"
)

const (
	// roundLines is how many lines of a claim must have a round price.
	roundLines = 2
	// roundDigits is how many digits a round price has before its zeros.
	roundDigits = 2
)

// prices notes prices that look made up: round ones, of services whose prices in
// the register are none.
func (l *look) prices() {
	lines := l.facts.Case.Lines
	first, n := -1, 0
	for i := range lines {
		if inventedPrice(&lines[i], l.facts.Case.Currency) {
			if n++; first < 0 {
				first = i
			}
		}
	}
	if n >= roundLines {
		l.add(roundPrices, fmt.Sprintf("Claim.item[%d].unitPrice", first), fmt.Sprintf("%s ask for a round price, such as %s, which is none of the register's prices for the service.",
			count(n, "line"), adjudication.Say(lines[first].UnitPrice, l.facts.Case.Currency)))
	}
}

// inventedPrice reports whether the price asked is round and all prices that the
// register has for the service are not.
func inventedPrice(one *adjudication.Line, currency string) bool {
	if one.Tariff == nil || one.UnitPrice <= 0 || digits(one.UnitPrice) > roundDigits {
		return false
	}
	prices := 0
	for _, p := range one.Tariff.Prices {
		if p.Currency != currency {
			continue
		}
		if digits(p.Amount) <= roundDigits {
			return false
		}
		prices++
	}
	return prices > 0
}

// digits counts the digits of an amount before its last zeros: 2 of 15,000.
func digits(a fhir.Amount) int {
	if a <= 0 {
		return 0
	}
	for a%10 == 0 {
		a /= 10
	}
	n := 0
	for ; a > 0; a /= 10 {
		n++
	}
	return n
}
