// Package cash minds the cash that officers take for the scheme: how much each
// holds and may hold, what he brought to the bank, and the books of paper receipts
// that were issued to him.
//
// Its door is Module. What an officer holds is counted in the ledger of the store,
// in the transaction that books the money: a payment in cash that he took adds to
// it, a deposit and what he gives back take from it, each of the payments it is of.
package cash

import (
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// The refusals of this package.
const (
	detailCash    fhir.Detail = "cash"    // what an officer holds or brings
	detailReceipt fhir.Detail = "receipt" // books and their numbers
)

// Module gives the rules of cash and receipt books, and the operation that tells
// what an officer holds.
func Module() fhir.Module {
	return fhir.Module{
		Name: "cash",
		Rules: []fhir.Rule{
			{Types: []string{"PaymentReconciliation"}, Check: checkDeposit},
			{Types: []string{"SupplyDelivery"}, Check: checkBook},
			{Types: []string{"PractitionerRole"}, Check: checkLimit},
		},
		Reactions: []fhir.Reaction{
			{Name: "receipt-book", Types: []string{"SupplyDelivery", "PaymentNotice"}, React: reactBooks},
			{Name: "cash", Types: []string{"PaymentReconciliation"}, React: react},
		},
		Operations: []fhir.Operation{{
			Code: "cash", Types: []string{"PractitionerRole"}, Instance: true, Handle: tell,
			Definition: profiles.Canonical + "/OperationDefinition/officer-cash",
		}},
	}
}

// cashCode is openIMIS's code of what is paid in cash.
const cashCode = "C"

// systemPaymentType is HL7's.
const systemPaymentType = "http://terminology.hl7.org/CodeSystem/payment-type"

func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// amountOf reads the value of a Money; false where it has none, or more than four
// decimals.
func amountOf(money fhir.Node) (fhir.Amount, bool) {
	a, err := fhir.ParseAmount(money.Get("value").Text())
	return a, err == nil
}

// dayNumber gives the days since 1970-01-01 of a date as written; 0 where it is
// none.
func dayNumber(date string) int32 {
	t, err := time.Parse(time.DateOnly, date[:min(len(date), len(time.DateOnly))])
	if err != nil {
		return 0
	}
	return int32(t.Unix() / (24 * 60 * 60))
}

type referenceJSON struct {
	Reference string `json:"reference"`
}

type moneyJSON struct {
	Value    json.RawMessage `json:"value"`
	Currency string          `json:"currency,omitempty"`
}

func moneyOf(a fhir.Amount, currency string) moneyJSON {
	return moneyJSON{json.RawMessage(a.String()), currency}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailCash, expression, format, args...)
}

func refuseReceipt(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailReceipt, expression, format, args...)
}
