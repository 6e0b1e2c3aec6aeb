// Package invoice says what an invoice of the scheme is: what is due for a
// policy, or what a facility asks, line by line, and that it adds up.
//
// Its door is Module. What need not be paid is waived by a line of the invoice,
// with who decided it and why. What has been paid on an invoice is payment's to
// know.
package invoice

import (
	"context"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailInvoice tells what is wrong with an invoice from other refusals.
const detailInvoice fhir.Detail = "invoice"

// Settings are what a scheme may choose.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
}

// today gives the day of a transaction in the scheme's time zone.
func (s Settings) today(tx fhir.Tx) string {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	return tx.Now().In(zone).Format(time.DateOnly)
}

// Module gives the rules of invoices: those of the scheme add up, are in one
// currency, are due no earlier than they are dated, and leave no more to pay than
// they ask. It waives what need not be paid, and every day lets waivers lapse
// whose last day is over.
func Module(s Settings) fhir.Module {
	return fhir.Module{
		Name:  "invoice",
		Rules: []fhir.Rule{{Types: []string{"Invoice"}, Check: check}},
		Operations: []fhir.Operation{{
			Code: "waive", Types: []string{"Invoice"}, Instance: true, Affects: true, Handle: s.waive,
			Definition: profiles.Canonical + "/OperationDefinition/invoice-waive",
		}},
		Daily: []fhir.Daily{{Name: "waiver-lapse", Work: s.lapse}},
		Unique: []fhir.Identifier{
			{Type: "Invoice", System: profiles.IdentifierInvoice},
			{Type: "Invoice", System: profiles.IdentifierControlNumber},
		},
	}
}

// ours reports whether an Invoice is one of the scheme: it has its number or
// names a policy.
func ours(n fhir.Node) bool {
	return n.Identifier(profiles.IdentifierInvoice) != "" || n.Extension(profiles.ExtensionInvoiceContract).Exists()
}

func check(ctx context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !ours(c.Node) {
		return nil
	}
	if err := checkTotals(c.Node); err != nil {
		return err
	}
	if err := checkWaivers(ctx, c); err != nil {
		return err
	}
	if err := checkBalance(c.Node); err != nil {
		return err
	}
	due, date := c.Node.Extension(profiles.ExtensionInvoiceDue).Get("valueDate").Text(), c.Node.Get("date").Text()
	if before(due, date) {
		return refuse(extension(profiles.ExtensionInvoiceDue), "the invoice is due on %s, before its date %s", due, date)
	}
	return nil
}

// checkWaivers lets only accountants waive, also by hand, and wants to know why
// and who decided.
func checkWaivers(ctx context.Context, c fhir.Change) error {
	had := 0
	if c.Before != nil {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		had = len(waivers(doc.Root()))
	}
	has := waivers(c.Node)
	caller, _ := fhir.CallerOf(ctx)
	if len(has) != had && !caller.Has(fhir.RoleAccountant) {
		return fhir.Errorf(fhir.IssueForbidden, "Invoice.lineItem", "%s may not waive contributions; that is for the role %s", caller.Name, fhir.RoleAccountant)
	}
	for _, line := range has {
		what := line.Get("chargeItemCodeableConcept")
		if what.Code(profiles.SystemWaiverReason) == "" && what.Get("text").Text() == "" {
			return refuse("Invoice.lineItem.chargeItem", "a waiver says why: a code of %s, or a text", profiles.SystemWaiverReason)
		}
	}
	return nil
}

// waivers gives the lines that waive something.
func waivers(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for line := range n.Get("lineItem").Each() {
		if line.Extension(profiles.ExtensionWaiver).Exists() {
			list = append(list, line)
		}
	}
	return list
}

// before compares the days of two dates as written; false where one is missing.
func before(a, b string) bool {
	n := min(len(a), len(b), len("2026-01-31"))
	return a[:n] < b[:n]
}

// checkBalance holds the balance against the total.
func checkBalance(n fhir.Node) error {
	balance := n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney")
	if !balance.Exists() {
		return nil
	}
	left, err := money(balance, extension(profiles.ExtensionInvoiceBalance))
	if err != nil {
		return err
	}
	gross, err := money(n.Get("totalGross"), "Invoice.totalGross")
	if err != nil {
		return err
	}
	switch {
	case left.Currency != gross.Currency:
		return refuse(extension(profiles.ExtensionInvoiceBalance), "the balance is in %s, the total in %s", left.Currency, gross.Currency)
	case left.Value < 0 || left.Value > gross.Value:
		return refuse(extension(profiles.ExtensionInvoiceBalance), "a balance lies between 0 and the total of %s", gross.Value)
	}
	return nil
}

func extension(url string) string { return "Invoice.extension('" + url + "')" }

// money reads a Money with a currency.
func money(n fhir.Node, expression string) (fhir.Money, error) {
	if !n.Exists() {
		return fhir.Money{}, refuse(expression, "an invoice of the scheme says this amount")
	}
	value, err := fhir.ParseAmount(n.Get("value").Text())
	if err != nil {
		return fhir.Money{}, refuse(expression, "%.40q is not an amount with at most four decimals", n.Get("value").Text())
	}
	currency := n.Get("currency").Text()
	if currency == "" {
		return fhir.Money{}, refuse(expression, "an amount of money names its currency")
	}
	return fhir.Money{Value: value, Currency: currency}, nil
}

func component(line, at int) string {
	return fmt.Sprintf("Invoice.lineItem[%d].priceComponent[%d].amount", line, at)
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailInvoice, expression, format, args...)
}
