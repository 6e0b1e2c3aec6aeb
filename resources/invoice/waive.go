package invoice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// A waiver is a decision that a part of an Invoice need not be paid.
type waiver struct {
	reason  json.RawMessage // a CodeableConcept
	decider json.RawMessage // a Reference
	until   string          // the last day to pay the rest; "" where it holds for good
}

// waive is Invoice/[id]/$waive.
func (s Settings) waive(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleAccountant) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "%s may not waive contributions; that is for the role %s", caller.Name, fhir.RoleAccountant)
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	asked := doc.Root()
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		n, err := issued(tx, on)
		if err != nil {
			return err
		}
		w, err := s.waiverOf(tx, asked)
		if err != nil {
			return err
		}
		amount, err := amountWaived(n, asked)
		if err != nil {
			return err
		}
		_, err = tx.Update(&fhir.Resource{Key: on, Body: s.line(tx, n, amount, w)}, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	response := &fhir.Response{}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		response.Resource, err = r.Read(on)
		return err
	})
	return response, err
}

// issued reads an Invoice of which something is left to pay, under the lock of
// its account.
func issued(tx fhir.Tx, k fhir.Key) (fhir.Node, error) {
	n, err := read(tx, k)
	if err != nil {
		return n, err
	}
	account := r4.Target(n.Get("subject"))
	if account.IsZero() {
		account = k
	}
	if err := tx.Lock(account.String()); err != nil {
		return n, err
	}
	if n, err = read(tx, k); err != nil {
		return n, err
	}
	if !ours(n) || n.Get("status").Text() != "issued" {
		return n, refuse("Invoice.status", "%s is %s: only what is issued and not paid can be waived", k, n.Get("status").Text())
	}
	return n, nil
}

// waiverOf reads who decided, why, and until when.
func (s Settings) waiverOf(tx fhir.Tx, asked fhir.Node) (w waiver, err error) {
	reason := value(asked, "reason")
	if reason.Code(profiles.SystemWaiverReason) == "" && reason.Get("text").Text() == "" {
		return w, fhir.Errorf(fhir.IssueRequired, parameter("reason"), "say why: a code of %s, a text, or both", profiles.SystemWaiverReason)
	}
	w.reason = bytes.Clone(reason.Raw())
	if decider := value(asked, "decider"); decider.Exists() {
		w.decider = bytes.Clone(decider.Raw())
	} else if entity := tx.Caller().Entity; entity.Type == "Practitioner" || entity.Type == "PractitionerRole" || entity.Type == "Organization" {
		w.decider = datatype.JSON(map[string]string{"reference": entity.String()})
	} else {
		w.decider = datatype.JSON(map[string]string{"display": tx.Caller().Name})
	}
	if until := value(asked, "until"); until.Exists() {
		w.until = until.Text()
		if d, err := fhir.ParseDate(w.until); err != nil || d.Precision != fhir.PrecisionDay {
			return w, fhir.Errorf(fhir.IssueValue, parameter("until"), "until is a day, as 2026-01-31; %.40q is none", w.until)
		}
		if w.until < s.today(tx) {
			return w, refuse(parameter("until"), "the waiver would have lapsed on %s, before today", w.until)
		}
	}
	return w, nil
}

// amountWaived gives what is taken off: an amount, per cent of the total, or all
// that is left; never more than is left.
func amountWaived(n, asked fhir.Node) (fhir.Money, error) {
	gross, err := money(n.Get("totalGross"), "Invoice.totalGross")
	if err != nil {
		return gross, err
	}
	left := gross
	if balance := n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney"); balance.Exists() {
		if left, err = money(balance, extension(profiles.ExtensionInvoiceBalance)); err != nil {
			return left, err
		}
	}
	amount := left
	switch percentage := value(asked, "percentage"); {
	case value(asked, "amount").Exists():
		if amount, err = money(value(asked, "amount"), parameter("amount")); err != nil {
			return amount, err
		}
	case percentage.Exists():
		share, err := fhir.ParseDecimal(percentage.Text())
		part, fits := gross.Value.Percent(share)
		if err != nil || !fits {
			return amount, fhir.Errorf(fhir.IssueValue, parameter("percentage"), "%.40q is no percentage", percentage.Text())
		}
		amount.Value = part.Round(fhir.MinorUnits(gross.Currency))
	}
	if amount.Currency != gross.Currency || amount.Value <= 0 || amount.Value > left.Value {
		return amount, refuse(parameter("amount"), "%s %s are left to pay; waive more than 0 and no more than that", left.Value, left.Currency)
	}
	return amount, nil
}

// line adds the line of a waiver and lowers the totals.
func (s Settings) line(tx fhir.Tx, n fhir.Node, amount fhir.Money, w waiver) []byte {
	var until string
	if w.until != "" {
		until = fmt.Sprintf(`,{"url":"until","valueDate":%q}`, w.until)
	}
	extensions := fmt.Appendf(nil, `{"url":%q,"valueDate":%q},{"url":%q,"extension":[{"url":"decider","valueReference":%s}%s]}`,
		profiles.ExtensionLineDate, s.today(tx), profiles.ExtensionWaiver, w.decider, until)
	return withLine(n, extensions, w.reason, "deduction", fhir.Money{Value: -amount.Value, Currency: amount.Currency})
}

// withLine gives the Invoice with one more line, which totals and balance count.
func withLine(n fhir.Node, extensions, what []byte, kind string, amount fhir.Money) []byte {
	list := n.Get("lineItem")
	line := fmt.Appendf(nil, `{"extension":[%s],"sequence":%d,"chargeItemCodeableConcept":%s,"priceComponent":[{"type":%q,"amount":%s}]}`,
		extensions, lines(n)+1, what, kind, spellMoney(amount))
	e := fhir.NewEdit(n.Document())
	if list.Exists() {
		e.Append(list, line)
	} else {
		e.Set(n, "lineItem", fmt.Appendf(nil, `[{"sequence":1,"chargeItemCodeableConcept":{"text":"Contribution"},"priceComponent":[{"type":"base","amount":%s}]},%s]`, n.Get("totalNet").Raw(), line))
	}
	for _, name := range []string{"totalNet", "totalGross"} {
		if total, err := money(n.Get(name), "Invoice."+name); err == nil {
			e.Set(n, name, spellMoney(fhir.Money{Value: total.Value + amount.Value, Currency: total.Currency}))
		}
	}
	if balance := n.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney"); balance.Exists() {
		if left, err := money(balance, ""); err == nil {
			e.Replace(balance, spellMoney(fhir.Money{Value: left.Value + amount.Value, Currency: left.Currency}))
		}
	}
	return e.Bytes()
}

// lines counts the lines; an Invoice without any gets one with its total.
func lines(n fhir.Node) int {
	if list := n.Get("lineItem"); list.Exists() {
		return list.Len()
	}
	return 1
}

// value gives the value[x] of a parameter; absent where there is none.
func value(parameters fhir.Node, name string) fhir.Node {
	for p := range parameters.Get("parameter").Each() {
		if p.Get("name").Text() != name {
			continue
		}
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				return m
			}
		}
	}
	return fhir.Node{}
}

func parameter(name string) string { return "Parameters.parameter.where(name = '" + name + "')" }

func spellMoney(m fhir.Money) []byte {
	return fmt.Appendf(nil, `{"value":%s,"currency":%s}`, m.Value, datatype.JSON(m.Currency))
}

func read(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	resource, err := r.Read(k)
	if err != nil {
		return fhir.Node{}, err
	}
	if resource.Deleted {
		return fhir.Node{}, fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", k)
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}
