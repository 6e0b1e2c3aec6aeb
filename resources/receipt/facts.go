package receipt

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// Facts are what a receipt says.
type facts struct {
	notice, money fhir.Key
	number        string
	seen          [2]int64 // the versions of notice and money they were read from

	scheme    party  // who was paid
	payer     party  // who paid
	family    party  // whose contribution it is, where that is another
	date      string // of the payment
	method    string // B, C, M or F; "" where it is not known
	reference string // what a bank calls the transaction
	officer   party  // who took it
	currency  string
	amount    fhir.Amount
	lines     []line
	back      fhir.Amount // what was taken back of it
	backOn    string
	reason    string // bounced or misposted, where all of it was taken back
	made      string // when it was booked, an instant
	subject   fhir.Key
}

// A party is somebody with his number in the scheme.
type party struct{ name, number string }

// A line is what a part of the money was for.
type line struct {
	invoice string // its number; "" is credit
	policy  string
	amount  fhir.Amount
}

// reversed reports whether nothing of the money is left.
func (f *facts) reversed() bool { return f.reason != "" }

// gather reads what the receipt of a notice says.
func (s Settings) gather(r fhir.Reader, on fhir.Key) (*facts, error) {
	resource, err := r.Read(on)
	if err != nil {
		return nil, err
	}
	if resource.Deleted {
		return nil, fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", on)
	}
	notice, err := parse(resource)
	if err != nil {
		return nil, err
	}
	key, money, err := moneyOf(r, notice)
	if err != nil {
		return nil, err
	}
	if !money.Exists() || !ofContribution(notice) {
		return nil, refuse("PaymentNotice.payment", "%s is no contribution that was received, so there is no receipt for it", on)
	}
	f := &facts{notice: on, money: key, number: cmp.Or(numberOf(notice), numberOf(money)), seen: [2]int64{resource.Version, 0}}
	if f.number == "" {
		return nil, refuse("PaymentNotice.paymentStatus", "the money of %s has not come yet, so there is no receipt; there is one when its payment status is cleared", on)
	}
	if version, err := r.Read(key); err != nil {
		return nil, err
	} else {
		f.seen[1] = version.Version
	}
	g := &reader{r: r, facts: f, zone: s.zone()}
	return f, g.all(notice, money)
}

// A reader reads the facts of one receipt.
type reader struct {
	r    fhir.Reader
	zone *time.Location
	*facts
}

// booked gives the last day whose doings with the money are on its receipt.
func (g *reader) booked() string {
	made, err := time.Parse(time.RFC3339, g.made)
	if err != nil {
		return g.date
	}
	return max(made.In(g.zone).Format(time.DateOnly), g.date)
}

func (g *reader) all(notice, money fhir.Node) error {
	g.date, g.made = day(money.Get("paymentDate").Text()), money.Get("created").Text()
	g.currency = money.At("paymentAmount", "currency").Text()
	g.reference = money.At("paymentIdentifier", "value").Text()
	g.method = money.Extension(profiles.ExtensionPaymentMethod).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISPaymentMethod)
	if err := g.allotted(notice, money); err != nil {
		return err
	}
	switch status := notice.Get("status").Text(); {
	case status == "cancelled" || status == "entered-in-error":
		g.reason = cmp.Or(notice.Extension(profiles.ExtensionPaymentReversal).Get("valueCode").Text(), "bounced")
		if g.reason == misposted {
			return cmp.Or(g.mistaken(notice), g.people(notice, money))
		}
	case g.back > 0 && g.back >= g.amount:
		g.reason = "bounced"
	}
	return g.people(notice, money)
}

// misposted is why a payment was taken back whose money is there. Source: the code
// system payment-reversal.
const misposted = "misposted"

// mistaken puts in what was booked by mistake: the money is somewhere else by now.
func (g *reader) mistaken(notice fhir.Node) error {
	amount, err := fhir.ParseAmount(notice.At("amount", "value").Text())
	if err != nil {
		return err
	}
	l, err := g.line(r4.Target(notice.Get("request")), amount)
	g.lines, g.amount = []line{l}, amount
	return err
}

// people reads who paid whom, and who took the money.
func (g *reader) people(notice, money fhir.Node) (err error) {
	recipient := notice.Get("recipient")
	if g.scheme, err = g.name(recipient, r4.Target(recipient)); err != nil {
		return err
	}
	payer := notice.Extension(profiles.ExtensionPayer).Get("valueReference")
	if !payer.Exists() {
		payer = money.Extension(profiles.ExtensionPayer).Get("valueReference")
	}
	if g.payer, err = g.name(payer, r4.Target(payer)); err != nil {
		return err
	}
	invoice, err := fhir.Tree(g.r, r4.Target(notice.Get("request")))
	if err != nil {
		return err
	}
	of := invoice.Get("subject")
	if !of.Exists() {
		of = payer
	}
	g.subject = r4.Target(of)
	if g.family, err = g.name(of, g.subject); err != nil {
		return err
	}
	if g.payer == (party{}) || g.payer == g.family {
		g.payer, g.family = g.family, party{}
	}
	taken := notice.Get("provider")
	if !taken.Exists() {
		taken = money.Get("requestor")
	}
	g.officer, err = g.name(taken, r4.Target(taken))
	return err
}

// allotted reads what the money was for, as on the day it was booked: what becomes
// of it later has notices of its own. Where notices of it bear other numbers, their
// parts are on their own receipts.
func (g *reader) allotted(notice, money fhir.Node) error {
	alone := numberOf(notice) != "" && numberOf(notice) != numberOf(money)
	booked := g.booked()
	parts := map[fhir.Key]fhir.Amount{}
	var order []fhir.Key
	for d := range money.Get("detail").Each() {
		amount, err := fhir.ParseAmount(d.At("amount", "value").Text())
		if err != nil {
			continue
		}
		date := cmp.Or(day(d.Get("date").Text()), g.date)
		if d.Get("type").Code(systemPaymentType) == "adjustment" {
			if !d.Get("response").Exists() {
				g.back, g.backOn = g.back-amount, max(g.backOn, date)
			}
			continue
		}
		if date > booked {
			continue
		}
		k := r4.Target(d.Get("request"))
		if _, known := parts[k]; !known {
			order = append(order, k)
		}
		parts[k] += amount
	}
	own := r4.Target(notice.Get("request"))
	others, err := g.numberedApart(money, order)
	if err != nil {
		return err
	}
	for _, k := range order {
		if parts[k] <= 0 || alone && k != own || !alone && slices.Contains(others, k) {
			continue
		}
		l, err := g.line(k, parts[k])
		if err != nil {
			return err
		}
		g.lines = append(g.lines, l)
		g.amount += l.amount
	}
	return nil
}

// noticesMax bounds how many notices on one Invoice are looked at.
const noticesMax = 500

// numberedApart gives the Invoices whose notices of the same money bear receipt
// numbers of their own.
func (g *reader) numberedApart(money fhir.Node, invoices []fhir.Key) ([]fhir.Key, error) {
	var list []fhir.Key
	for _, k := range invoices {
		if k.Type != "Invoice" || len(invoices) < 2 {
			continue
		}
		page, err := g.r.Search(&fhir.Query{
			Types: []string{"PaymentNotice"}, Limit: noticesMax,
			Where: fhir.Match{Param: fhir.Param{Code: "request", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}},
		})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			n, err := parse(resource)
			if err != nil {
				return nil, err
			}
			if number := numberOf(n); number == "" || number == numberOf(money) {
				continue
			}
			if named, _, err := moneyOf(g.r, n); err != nil {
				return nil, err
			} else if named == g.money {
				list = append(list, k)
			}
		}
	}
	return list, nil
}

// line reads what an Invoice is; the zero Key is credit.
func (g *reader) line(k fhir.Key, amount fhir.Amount) (line, error) {
	l := line{amount: amount}
	invoice, err := fhir.Tree(g.r, k)
	if err != nil || !invoice.Exists() {
		return l, err
	}
	l.invoice = cmp.Or(invoice.Identifier(profiles.IdentifierInvoice), k.ID)
	policy, err := fhir.Tree(g.r, r4.Target(invoice.Extension(profiles.ExtensionInvoiceContract).Get("valueReference")))
	l.policy = policy.Identifier(profiles.IdentifierPolicy)
	return l, err
}

// name gives the name of whom a reference leads to: that of a family is its head's
// where it has none of its own.
func (g *reader) name(reference fhir.Node, k fhir.Key) (party, error) {
	n, err := fhir.Tree(g.r, k)
	if err != nil {
		return party{}, err
	}
	if !n.Exists() {
		return party{name: reference.Get("display").Text(), number: reference.At("identifier", "value").Text()}, nil
	}
	switch k.Type {
	case "Patient", "Practitioner":
		return party{humanName(n), n.Identifier(profiles.IdentifierInsuranceNumber)}, nil
	case "PractitionerRole":
		who := n.Get("practitioner")
		return g.name(who, r4.Target(who))
	case "Group":
		name := n.Get("name").Text()
		if name == "" {
			if name, err = g.head(n); err != nil {
				return party{}, err
			}
		}
		return party{name, n.Identifier(profiles.IdentifierFamily)}, nil
	}
	return party{name: cmp.Or(n.Get("name").Text(), reference.Get("display").Text(), k.ID)}, nil
}

// head gives the name of a family's head.
func (g *reader) head(family fhir.Node) (string, error) {
	for m := range family.Get("member").Each() {
		if m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() != "true" || m.Get("inactive").Text() == "true" {
			continue
		}
		n, err := fhir.Tree(g.r, r4.Target(m.Get("entity")))
		return humanName(n), err
	}
	return "", nil
}

// humanName gives the first name as it is written, or put together.
func humanName(n fhir.Node) string {
	name := n.Get("name").First()
	if text := name.Get("text").Text(); text != "" {
		return text
	}
	var words []string
	for given := range name.Get("given").Each() {
		words = append(words, given.Text())
	}
	return strings.TrimSpace(strings.Join(append(words, name.Get("family").Text()), " "))
}
