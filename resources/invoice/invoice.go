// Package invoice says what an invoice of the scheme is: what is due for a
// policy, or what a facility asks, line by line, and that it adds up.
//
// Its door is Module. What has been paid on an invoice is payment's to know.
package invoice

import (
	"context"
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// detailInvoice tells what is wrong with an invoice from other refusals.
const detailInvoice fhir.Detail = "invoice"

// Module gives the rules of invoices: those of the scheme add up, are in one
// currency, are due no earlier than they are dated, and leave no more to pay than
// they ask.
func Module() fhir.Module {
	return fhir.Module{
		Name:  "invoice",
		Rules: []fhir.Rule{{Types: []string{"Invoice"}, Check: check}},
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

func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !ours(c.Node) {
		return nil
	}
	if err := checkTotals(c.Node); err != nil {
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
