package cash

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// numbersMax is how many receipts a book may have; paper books have a hundred.
	numbersMax = 1000
	// booksMax bounds how many books of one series, or of one officer, are looked at.
	booksMax = 1000
	// digitsMax bounds the digits of a number.
	digitsMax = 9
)

// A book is the paper receipts that were issued to an officer.
type book struct {
	key         fhir.Key
	officer     fhir.Key
	series      string
	first, last int
	stands      bool // whether it was issued, and not by mistake
}

// bookOf reads a SupplyDelivery; ok is false where it is of something else.
func bookOf(k fhir.Key, n fhir.Node) (b book, ok bool) {
	e := n.Extension(profiles.ExtensionReceiptBook)
	if !e.Exists() {
		return b, false
	}
	b = book{key: k, officer: r4.Target(n.Get("receiver").First())}
	status := n.Get("status").Text()
	b.stands = status != "entered-in-error" && status != "abandoned"
	for part := range e.Get("extension").Each() {
		switch part.Get("url").Text() {
		case "series":
			b.series = part.Get("valueString").Text()
		case "first":
			b.first, _ = strconv.Atoi(part.Get("valuePositiveInt").Text())
		case "last":
			b.last, _ = strconv.Atoi(part.Get("valuePositiveInt").Text())
		}
	}
	return b, true
}

// checkBook asks what a book itself can answer.
func checkBook(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	b, ok := bookOf(c.Key, c.Node)
	if !ok {
		return nil
	}
	at := "SupplyDelivery.extension('" + profiles.ExtensionReceiptBook + "')"
	switch last := b.series; {
	case b.officer.Type != "PractitionerRole":
		return refuseReceipt("SupplyDelivery.receiver", "a receipt book is issued to an officer: name his PractitionerRole")
	case last == "" || last[len(last)-1] >= '0' && last[len(last)-1] <= '9':
		return refuseReceipt(at, "the series %.40q does not tell where the numbers begin: let it end with something else than a digit, as KIL-", b.series)
	case b.first < 1 || b.last < b.first:
		return refuseReceipt(at, "a book goes from its first number, 1 or more, to its last")
	case b.last-b.first >= numbersMax:
		return refuseReceipt(at, "a book has at most %d numbers; enter several", numbersMax)
	case len(strconv.Itoa(b.last)) > digitsMax:
		return refuseReceipt(at, "numbers have at most %d digits", digitsMax)
	}
	return nil
}

// reactBooks holds books against each other, and the numbers of receipts against
// the books.
func reactBooks(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		var err error
		if c.Type == "SupplyDelivery" {
			err = bookChanged(tx, c)
		} else if c.After != nil {
			err = numberUsed(tx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bookChanged refuses a book that has numbers of another, and one that goes, or
// becomes another's, after numbers of it were used.
func bookChanged(tx fhir.Tx, c fhir.Change) error {
	var before, after book
	if c.Before != nil {
		old, err := parse(c.Before)
		if err != nil {
			return err
		}
		before, _ = bookOf(c.Key, old)
	}
	if c.After != nil {
		after, _ = bookOf(c.Key, c.Node)
	}
	if before == after || before.series == "" && after.series == "" {
		return nil
	}
	var names []string
	for _, b := range []book{before, after} {
		if b.series != "" {
			names = append(names, "receipt-book|"+b.series)
		}
	}
	if err := tx.Lock(names...); err != nil {
		return err
	}
	used, err := before.used(tx)
	if err != nil {
		return err
	}
	if len(used) > 0 && before.stands && (after.series != before.series || after.officer != before.officer || !after.stands || after.first > used[0] || after.last < used[len(used)-1]) {
		return refuseReceipt("SupplyDelivery.extension('"+profiles.ExtensionReceiptBook+"')", "the receipt %s of the book %s is used; a book with used numbers stays, and stays its officer's: end it by the status completed", before.number(used[0]), c.Key)
	}
	return after.apart(tx)
}

// apart refuses numbers that are in another book of the series.
func (b book) apart(tx fhir.Tx) error {
	if b.series == "" || !b.stands {
		return nil
	}
	books, err := booksOfSeries(tx, b.series)
	if err != nil {
		return err
	}
	for _, other := range books {
		if other.key != b.key && other.first <= b.last && b.first <= other.last {
			return refuseReceipt("SupplyDelivery.extension('"+profiles.ExtensionReceiptBook+"')", "%s has numbers of these already: %s to %s of %s",
				other.key, other.number(other.first), other.number(other.last), other.officer)
		}
	}
	return nil
}

// number writes a number of the book.
func (b book) number(n int) string {
	return fmt.Sprintf("%s%0*d", b.series, len(strconv.Itoa(b.last)), n)
}

// account names the ledger account of the book's used numbers.
func (b book) account() string { return "receipt-book|" + b.key.String() }

// used gives the numbers of the book that are used, in order.
func (b book) used(r fhir.Reader) ([]int, error) {
	if b.series == "" {
		return nil, nil
	}
	balances, err := r.Tally(fhir.Tally{Accounts: []string{b.account()}})
	if err != nil {
		return nil, err
	}
	var list []int
	for _, balance := range balances {
		if n, err := strconv.Atoi(balance.Bucket); err == nil && balance.Value > 0 {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// booksOfSeries gives the books of a series that stand.
func booksOfSeries(r fhir.Reader, series string) ([]book, error) {
	return books(r, fhir.Match{Param: fhir.Param{Code: "receipt-series", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: series}})
}

// booksOf gives the books that were issued to an officer.
func booksOf(r fhir.Reader, officer fhir.Key) ([]book, error) {
	return books(r, fhir.Match{Param: fhir.Param{Code: "receiver", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: officer}})
}

func books(r fhir.Reader, where fhir.Criterion) ([]book, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"SupplyDelivery"}, Limit: booksMax, Where: where})
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "SupplyDelivery", "there are more than %d receipt books of this series or officer; begin another series", booksMax)
	}
	var list []book
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return nil, err
		}
		if b, ok := bookOf(resource.Key, n); ok && b.stands {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b book) int {
		if a.series != b.series {
			return strings.Compare(a.series, b.series)
		}
		return a.first - b.first
	})
	return list, nil
}

// split parts a receipt number into its series and its number; ok is false where
// it does not end with digits.
func split(number string) (series string, n int, ok bool) {
	end := len(strings.TrimRight(number, "0123456789"))
	n, err := strconv.Atoi(number[end:])
	return number[:end], n, err == nil && len(number)-end <= digitsMax
}

// numberUsed notes that a notice uses a number of a book, and refuses it to those
// to whom the book was not issued. Series of which there are no books are nobody's
// business.
func numberUsed(tx fhir.Tx, c fhir.Change) error {
	if c.Before == nil && c.After.Version > 1 {
		return nil // what the client wrote was looked at with the first version
	}
	number := c.Node.Identifier(profiles.IdentifierReceipt)
	series, n, ok := split(number)
	if !ok || series == "" {
		return nil
	}
	if c.Before != nil {
		if old, err := parse(c.Before); err != nil || old.Identifier(profiles.IdentifierReceipt) == number {
			return err
		}
	}
	list, err := booksOfSeries(tx, series)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := tx.Lock("receipt-book|" + series); err != nil {
		return err
	}
	if list, err = booksOfSeries(tx, series); err != nil || len(list) == 0 {
		return err
	}
	i := slices.IndexFunc(list, func(b book) bool { return b.first <= n && n <= b.last })
	if i < 0 {
		return refuseReceipt("PaymentNotice.identifier", "no book with the receipt %s was issued: the series %s has %s to %s", number, series, list[0].number(list[0].first), list[len(list)-1].number(list[len(list)-1].last))
	}
	officer := r4.Target(c.Node.Get("provider"))
	switch b := list[i]; {
	case number != b.number(n):
		return refuseReceipt("PaymentNotice.identifier", "write the number of the receipt as it is printed: %s", b.number(n))
	case b.officer != officer:
		return refuseReceipt("PaymentNotice.provider", "the receipt %s is in a book of %s; only he uses its numbers: name him as provider, or use a number of the own book", number, b.officer)
	default:
		return tx.Post(c.Key, []fhir.Entry{{Account: b.account(), Bucket: strconv.Itoa(n), Value: 1}})
	}
}
