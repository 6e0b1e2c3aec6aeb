package facts

import (
	"fmt"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// claimLines reads what is claimed: the dates, the class of encounter, the
// lines and their currency. A line without a date is of the whole treatment.
func claimLines(n fhir.Node, c *adjudication.Case) {
	whole, billed := span(n.Get("billablePeriod"))
	dated := billed
	var undated []int
	c.Currency = n.At("total", "currency").Text()
	i := 0
	for item := range n.Get("item").Each() {
		served, ok := servedOn(item)
		switch {
		case !ok:
			undated = append(undated, i)
		case !billed:
			whole = widen(whole, served, dated)
			dated = true
		}
		l := adjudication.Line{Sequence: sequence(item, i), Served: served}
		if codes := terms.Codings(item.Get("productOrService")); len(codes) > 0 {
			l.Service = codes[0]
		}
		if problem := money(item, &l, fmt.Sprintf("Claim.item[%d]", i)); problem != nil {
			c.Problems = append(c.Problems, *problem)
		}
		if c.Currency == "" {
			c.Currency = l.Currency
		}
		c.Lines = append(c.Lines, l)
		i++
	}
	for _, i := range undated {
		c.Lines[i].Served = whole
	}
	c.Treatment, c.Dated = whole, dated
	c.Claimed, c.Stamped = claimedBy(n.Get("created"))
	c.Made, _ = terms.FirstDay(n.Get("created"))
	c.Visit, c.Referred = terms.VisitOf(n.Get("subType"), whole.To > whole.From)
	c.Referred = c.Referred || n.Get("referral").Exists()
}

// adoptCurrency takes the currency of the first plan for a claim that names no
// money at all.
func adoptCurrency(c *adjudication.Case) {
	for i := range c.Policies {
		if p := c.Policies[i].Plan; c.Currency == "" && p != nil {
			c.Currency = p.Currency
		}
	}
}

// adoptPriceCurrency takes the currency of the prices where no plan has one either:
// a plan of shares and quantities names no money.
func adoptPriceCurrency(c *adjudication.Case) {
	for i := range c.Lines {
		if tariff := c.Lines[i].Tariff; c.Currency == "" && tariff != nil && len(tariff.Prices) > 0 {
			c.Currency = tariff.Prices[0].Currency
		}
	}
}

func sequence(item fhir.Node, i int) int {
	if s, ok := terms.Amount(item.Get("sequence")); ok && s > 0 {
		return int(s / terms.OneUnit)
	}
	return i + 1
}

// span reads a Period of treatment; one end stands for the other where it is
// missing. A Period without either is none.
func span(n fhir.Node) (adjudication.Period, bool) {
	from, hasFrom := terms.FirstDay(n.Get("start"))
	to, hasTo := terms.LastDay(n.Get("end"))
	switch {
	case hasFrom && !hasTo:
		to = from
	case hasTo && !hasFrom:
		from = to
	}
	return adjudication.Period{From: from, To: to}, hasFrom || hasTo
}

// servedOn reads Claim.item.serviced[x].
func servedOn(item fhir.Node) (adjudication.Period, bool) {
	if day, ok := terms.FirstDay(item.Get("servicedDate")); ok {
		return adjudication.Period{From: day, To: day}, true
	}
	return span(item.Get("servicedPeriod"))
}

func widen(whole, p adjudication.Period, dated bool) adjudication.Period {
	if !dated {
		return p
	}
	return adjudication.Period{From: min(whole.From, p.From), To: max(whole.To, p.To)}
}

// money reads quantity, unit price and total of an item. A missing quantity is 1,
// a missing total is unit price × quantity × factor, and that of an item with
// neither is what its details come to.
func money(item fhir.Node, l *adjudication.Line, at string) *adjudication.Problem {
	problem := func(element, said string) *adjudication.Problem {
		p := adjudication.ProblemOf(fhir.IssueValue, at+"."+element, said, l.Sequence)
		return &p
	}
	l.Quantity = terms.OneUnit
	if q := item.At("quantity", "value"); q.Exists() {
		value, ok := terms.Amount(q)
		if !ok || value < 0 || value > terms.AmountMax/1000 {
			return problem("quantity", sayQuantity)
		}
		l.Quantity = value
	}
	price, net := item.Get("unitPrice"), item.Get("net")
	for _, m := range []fhir.Node{price, net} {
		if currency := m.Get("currency").Text(); currency != "" {
			if l.Currency != "" && l.Currency != currency {
				return problem("net", sayCurrencies)
			}
			l.Currency = currency
		}
	}
	var ok bool
	if price.Exists() {
		if l.UnitPrice, ok = factored(price, item.Get("factor")); !ok {
			return problem("unitPrice", sayUnitPrice)
		}
	}
	if !net.Exists() && !price.Exists() {
		return detailed(item, l, at)
	}
	if _, counts := terms.Amount(net.Get("value")); !net.Exists() || !counts && price.Exists() {
		if l.Asked, ok = l.UnitPrice.Times(l.Quantity.Decimal()); !ok || l.Asked > terms.AmountMax {
			return problem("unitPrice", sayTotalTooLarge)
		}
		return nil
	}
	if l.Asked, ok = terms.Amount(net.Get("value")); !ok || l.Asked < 0 {
		return problem("net", sayTotal)
	}
	return nil
}

// Money gives the quantity, unit price, total and currency of an item of a Claim, as it
// is decided by them; of one that can't be counted what could be read.
func Money(item fhir.Node) adjudication.Line {
	var l adjudication.Line
	money(item, &l, "")
	return l
}

// factored reads a unit price times its factor.
func factored(price, factor fhir.Node) (fhir.Amount, bool) {
	value, ok := terms.Amount(price.Get("value"))
	if !ok || value < 0 {
		return 0, false
	}
	if !factor.Exists() {
		return value, true
	}
	f, err := fhir.ParseDecimal(factor.Text())
	if err != nil || f.Sign() < 0 {
		return 0, false
	}
	product, ok := value.Times(f)
	return product, ok && product <= terms.AmountMax
}

// today gives the day on which a claim is decided; where nothing is written, as in a
// simulation, that on which it was stored last.
func today(r fhir.Reader, claim fhir.Node) (adjudication.Day, bool) {
	if tx, writes := r.(fhir.Tx); writes {
		return adjudication.DayOf(tx.Now().UTC()), true
	}
	return terms.LastDay(claim.At("meta", "lastUpdated"))
}

// claimedBy gives the last day on which a claim may have been made, wherever that
// was: with a time the day after too, for the zone of the facility may be ahead of
// the one that the time is written in.
func claimedBy(created fhir.Node) (adjudication.Day, bool) {
	day, ok := terms.LastDay(created)
	if len(created.Text()) > terms.DateLength {
		day++
	}
	return day, ok
}
