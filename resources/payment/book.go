package payment

import (
	"context"
	"slices"
	"strings"

	"bima/fhir"
)

const (
	// noticesMax bounds how many notices on one Invoice are looked at; plans allow
	// a few instalments.
	noticesMax = 500
	// invoicesMax bounds how many Invoices one transaction settles, and how many of
	// one family or employer are looked at.
	invoicesMax = 1000
)

// A book is what one transaction does with money: each PaymentReconciliation is
// read once and kept as it is changed.
type book struct {
	tx       fhir.Tx
	settings Settings
	monies   map[fhir.Key]*movement
	queue    []fhir.Key        // the Invoices to settle, in a fixed order
	reversed map[fhir.Key]bool // the Invoices a payment was taken back from
}

func (s Settings) book(tx fhir.Tx) *book {
	return &book{tx: tx, settings: s, monies: map[fhir.Key]*movement{}, reversed: map[fhir.Key]bool{}}
}

// today gives the day of the transaction.
func (b *book) today() string { return b.settings.today(b.tx) }

// react does what follows from changes of payments and Invoices.
func (s Settings) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	b := s.book(tx)
	changes, err := b.numbered(changes)
	if err != nil {
		return err
	}
	if err := b.touched(changes); err != nil {
		return err
	}
	if err := b.lock(changes); err != nil {
		return err
	}
	for _, step := range []func(fhir.Change) error{b.restore, b.once, b.repeatedNotice, b.prepaid, b.takeBack, b.ordered, b.release} {
		for _, c := range changes {
			if err := step(c); err != nil {
				return err
			}
		}
	}
	return b.settle()
}

// enqueue notes an Invoice that is to be settled.
func (b *book) enqueue(k fhir.Key) {
	if k.Type == "Invoice" && !slices.Contains(b.queue, k) {
		b.queue = append(b.queue, k)
	}
}

// touched notes the Invoices that the changes are about, in a fixed order.
func (b *book) touched(changes []fhir.Change) error {
	about := func(typ string, n fhir.Node) {
		b.enqueue(target(n.Get("request")))
		if typ == "PaymentReconciliation" {
			for _, d := range details(n) {
				b.enqueue(d.request)
			}
		}
	}
	for _, c := range changes {
		if c.Type == "Invoice" {
			b.enqueue(c.Key)
			continue
		}
		if c.After != nil {
			about(c.Type, c.Node)
		}
		if c.Before != nil {
			old, err := parse(c.Before)
			if err != nil {
				return err
			}
			about(c.Type, old)
		}
	}
	slices.SortFunc(b.queue, func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// lock takes, in one order, the locks of the accounts that the Invoices are of
// and of the references that money is booked by.
func (b *book) lock(changes []fhir.Change) error {
	var names []string
	for _, k := range b.queue {
		n, err := fhir.Tree(b.tx, k)
		if err != nil {
			return err
		}
		if n.Exists() {
			names = append(names, accountOf(k, n).String())
		}
	}
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		if c.Type == "PaymentNotice" {
			owner, err := b.payerOf(noticeOf(c.Key, c.Node))
			if err != nil {
				return err
			}
			if !owner.IsZero() {
				names = append(names, owner.String())
			}
		}
		for _, reference := range []fhir.Node{c.Node.Get("paymentIdentifier"), c.Node.At("payment", "identifier")} {
			if reference.Get("value").Text() != "" {
				names = append(names, lockName(reference))
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return b.tx.Lock(names...)
}

// accountOf gives whose account an Invoice is on: it is the name of the lock, too.
func accountOf(k fhir.Key, invoice fhir.Node) fhir.Key {
	if subject := target(invoice.Get("subject")); !subject.IsZero() {
		return subject
	}
	return k
}

// ownerOf gives whose credit is what is paid too much on an Invoice: that of the
// organisation that is to pay it, else of the family or person it is for.
func ownerOf(invoice fhir.Node) fhir.Key {
	if recipient := target(invoice.Get("recipient")); recipient.Type == "Organization" {
		return recipient
	}
	return target(invoice.Get("subject"))
}

// money gives a PaymentReconciliation; nil where there is none.
func (b *book) money(k fhir.Key) (*movement, error) {
	if m, ok := b.monies[k]; ok {
		return m, nil
	}
	n, err := fhir.Tree(b.tx, k)
	if err != nil || !n.Exists() {
		return nil, err
	}
	m, err := movementOf(k, n)
	if err == nil {
		b.monies[k] = m
	}
	return m, err
}

// repeatedNotice looks for another notice of the same money on the same Invoice,
// where one is posted. The same content is that notice once more.
func (b *book) repeatedNotice(c fhir.Change) error {
	if c.Type != "PaymentNotice" || c.After == nil || c.Before != nil || c.Method != fhir.MethodCreate || c.After.Version > 1 {
		return nil
	}
	own := noticeOf(c.Key, c.Node)
	if !own.ours() || own.names() == "" || !own.counts {
		return nil
	}
	all, err := b.noticesLike(own)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.key != c.Key && other.counts && other.names() == own.names() {
			sent, err := parse(c.After)
			if err != nil {
				return err
			}
			return repeats(b.tx, other.key, sent, "PaymentNotice.payment", "this payment of "+own.of())
		}
	}
	return nil
}
