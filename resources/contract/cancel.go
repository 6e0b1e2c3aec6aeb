package contract

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// cancel is Contract/[id]/$cancel: it withdraws a policy, or ends it with a day,
// and gives back what was paid for the days that are left.
func (s Settings) cancel(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error) {
	date, err := f.day("date", s.today(tx.Now()))
	if err != nil {
		return nil, err
	}
	never := slices.Contains([]string{stateDraft, stateOffered, "countered", stateReady}, p.state) || p.state == stateSuspended && !p.used
	if !never && p.state != stateActive && p.state != stateSuspended {
		return nil, p.wrongState("cancelled", "not in force yet, active or suspended")
	}
	never = never || date < p.from
	var made []*fhir.Resource
	switch {
	case never:
		if made, err = p.become(tx, stateCancelled, "cancelled", nil); err == nil {
			err = s.unrenew(tx, p)
		}
	case date > p.end:
		return nil, refuse(parameters.Expression("date"), "%s ends on %s, before the day given", p.key, adjudication.WriteDay(p.end))
	default:
		made, err = p.become(tx, stateTerminated, "terminated", new(datatype.Between(adjudication.WriteDay(p.from), adjudication.WriteDay(date))))
	}
	if err != nil {
		return nil, err
	}
	refunds, err := s.refund(tx, p, never, date, f.Value("reason").Text())
	return append(made, refunds...), err
}

// refund withdraws what is still asked, and makes the orders to give back what
// was paid: all of it where the policy never was in force; else, less fees for
// joining, the part of the days in force that are left after the last day.
//
//	(paid − fees) × days left ÷ days in force, rounded to what the currency is
//	paid in
func (s Settings) refund(tx fhir.Tx, p policy, never bool, last day, reason string) ([]*fhir.Resource, error) {
	bills, err := invoices(tx, p)
	if err != nil {
		return nil, err
	}
	var made []*fhir.Resource
	for _, b := range bills {
		if b.status == "issued" {
			withdrawn, err := b.withdraw(tx, reason)
			if err != nil {
				return nil, err
			}
			made = append(made, withdrawn)
		} else if b.status != "balanced" {
			continue
		}
		back := b.paid()
		if !never {
			whole := p.end - p.from + 1
			left := min(p.end-last, whole)
			back = proportion(max(0, back-b.fees()), int64(left), int64(whole), b.currency)
		}
		if back <= 0 {
			continue
		}
		order, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "PaymentReconciliation"}, Body: s.order(p, b, back, tx.Now())})
		if err != nil {
			return nil, err
		}
		made = append(made, order)
	}
	return made, nil
}

// unrenew lets the policy before be as it was where the one that followed it never
// begins.
func (s Settings) unrenew(tx fhir.Tx, p policy) error {
	before := target(p.node.Extension(profiles.ExtensionContractPredecessor).Get("valueReference"))
	if before.Type != "Contract" {
		return nil
	}
	q, err := under(tx, before)
	if err != nil || !q.ours || q.state != stateRenewed {
		return err
	}
	if q.end < s.today(tx.Now()) {
		_, err = q.become(tx, stateExpired, "terminated", nil)
	} else {
		_, err = q.become(tx, stateActive, "executed", nil)
	}
	return err
}

// withdraw cancels an Invoice that is not paid.
func (i invoice) withdraw(tx fhir.Tx, reason string) (*fhir.Resource, error) {
	e := fhir.NewEdit(i.node.Document())
	e.Set(i.node, "status", datatype.JSON("cancelled"))
	if reason != "" {
		e.Set(i.node, "cancelledReason", datatype.JSON(reason))
	}
	return tx.Update(&fhir.Resource{Key: i.key, Body: e.Bytes()}, 0)
}

// proportion gives amount × part ÷ whole, rounded half away from zero to what the
// currency is paid in.
func proportion(a fhir.Amount, part, whole int64, currency string) fhir.Amount {
	product := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(part))
	step := int64(1)
	for range 4 - fhir.MinorUnits(currency) {
		step *= 10
	}
	divisor := new(big.Int).Mul(big.NewInt(whole), big.NewInt(step))
	product.Mul(product, big.NewInt(2)).Add(product, divisor)
	product.Quo(product, new(big.Int).Mul(divisor, big.NewInt(2)))
	return fhir.Amount(product.Int64() * step)
}

type moneyJSON struct {
	ResourceType  string          `json:"resourceType"`
	Extension     []extension     `json:"extension"`
	Identifier    []identifier    `json:"identifier"`
	Status        string          `json:"status"`
	Created       string          `json:"created"`
	PaymentIssuer json.RawMessage `json:"paymentIssuer,omitempty"`
	Outcome       string          `json:"outcome"`
	Disposition   string          `json:"disposition"`
	PaymentDate   string          `json:"paymentDate"`
	PaymentAmount money           `json:"paymentAmount"`
	Detail        []detailJSON    `json:"detail"`
}

type detailJSON struct {
	Extension  []extension `json:"extension,omitempty"`
	Identifier identifier  `json:"identifier"`
	Type       concept     `json:"type"`
	Request    reference   `json:"request"`
	Date       string      `json:"date"`
	Payee      *reference  `json:"payee,omitempty"`
	Amount     money       `json:"amount"`
}

const systemPaymentType = "http://terminology.hl7.org/CodeSystem/payment-type"

// order spells a payment to be made: a PaymentReconciliation in draft, which an
// accountant makes active when the money has gone.
func (s Settings) order(p policy, b invoice, back fhir.Amount, now time.Time) []byte {
	today := adjudication.WriteDay(s.today(now))
	number := "RF-" + b.node.Identifier(profiles.IdentifierInvoice)
	d := detailJSON{
		Identifier: datatype.Number(profiles.IdentifierPaymentDetail, number+"-1"), Type: datatype.Of(systemPaymentType, "adjustment"),
		Request: datatype.To(b.key), Date: today, Amount: amount(back, b.currency),
	}
	payee := target(b.node.Get("recipient"))
	who := datatype.To(payee)
	if payee.Type == "Patient" || payee.Type == "Group" {
		d.Extension = []extension{{URL: profiles.ExtensionPayee, ValueReference: &who}}
	} else {
		d.Payee = &who
	}
	return datatype.JSON(moneyJSON{
		ResourceType: "PaymentReconciliation", Extension: []extension{{URL: profiles.ExtensionPaymentDirection, ValueCode: "out"}},
		Identifier: []identifier{datatype.Number(profiles.IdentifierPayment, number)}, Status: "draft", Created: now.In(s.zone()).Format(time.RFC3339),
		PaymentIssuer: b.node.Get("issuer").Raw(), Outcome: "queued", Disposition: fmt.Sprintf("Refund for %s, which was cancelled", p.key),
		PaymentDate: today, PaymentAmount: amount(back, b.currency), Detail: []detailJSON{d},
	})
}
