package review

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A line is one item as it was claimed.
type line struct {
	sequence string
	quantity fhir.Amount // ten-thousandths of a unit
	price    fhir.Amount // of a unit
	currency string
}

// A word is what a reviewer says of one line.
type word struct {
	at       string // where he says it, for refusals
	sequence string
	reject   bool
	quantity *fhir.Amount
	price    *fhir.Amount
	currency string // of price; "" is the line's
	reason   string
	note     string
}

// claimed reads the lines of a claim.
func claimed(claim fhir.Node) []line {
	var list []line
	for item := range claim.Get("item").Each() {
		l := line{sequence: item.Get("sequence").Text(), quantity: fhir.Units(1), currency: item.At("net", "currency").Text()}
		if q, err := fhir.ParseAmount(item.At("quantity", "value").Text()); err == nil {
			l.quantity = q
		}
		if c := item.At("unitPrice", "currency").Text(); c != "" {
			l.currency = c
		}
		if price, err := fhir.ParseAmount(item.At("unitPrice", "value").Text()); err == nil {
			l.price = factored(price, item.Get("factor"))
		} else if net, err := fhir.ParseAmount(item.At("net", "value").Text()); err == nil && l.quantity > 0 {
			l.price = each(net, l.quantity)
		} else if parts := facts.Money(item); err != nil && l.quantity > 0 { // what its details come to
			l.price, l.currency = each(parts.Asked, l.quantity), parts.Currency
		}
		if l.currency == "" {
			l.currency = claim.At("total", "currency").Text()
		}
		list = append(list, l)
	}
	return list
}

// factored gives a unit price times its factor, rounded up as in each.
func factored(price fhir.Amount, factor fhir.Node) fhir.Amount {
	f, err := fhir.ParseDecimal(factor.Text())
	if err != nil || f.Sign() < 0 {
		return price
	}
	product, ok := price.Times(f)
	if !ok {
		return math.MaxInt64
	}
	return product
}

// each gives what one unit comes to, no less than was claimed; what is more than an
// Amount holds is the most it does.
func each(net, quantity fhir.Amount) fhir.Amount {
	n, q := big.NewInt(int64(net)), big.NewInt(int64(quantity))
	n.Mul(n, big.NewInt(int64(fhir.Units(1)))).Add(n, q).Sub(n, big.NewInt(1)).Div(n, q)
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return fhir.Amount(n.Int64())
}

// plus adds, up to the most an Amount holds.
func plus(a, b fhir.Amount) fhir.Amount {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// judge refuses words that the claim gives no room for: on lines it does not have,
// of more than was claimed, and rejections without a reason. Of the others it gives
// the sums that they let through.
func judge(lines []line, words []word) (sums, error) {
	var issues []fhir.Issue
	wrong := func(at, format string, args ...any) {
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Detail: detailReview, Expression: at, Diagnostics: fmt.Sprintf(format, args...),
		})
	}
	said := map[string]word{}
	for _, w := range words {
		i := slices.IndexFunc(lines, func(l line) bool { return l.sequence == w.sequence })
		if i < 0 {
			wrong(w.at, "the claim has no line %.20q", w.sequence)
			continue
		}
		if _, twice := said[w.sequence]; twice {
			wrong(w.at, "line %s is decided twice; leave one out", w.sequence)
		}
		said[w.sequence] = w
		w.check(lines[i], wrong)
	}
	if len(issues) > 0 {
		return nil, &fhir.Outcome{Issues: issues}
	}
	through := sums{}
	for _, l := range lines {
		w := said[l.sequence]
		if w.reject {
			continue
		}
		quantity, price := l.quantity, l.price
		if w.quantity != nil {
			quantity = *w.quantity
		}
		if w.price != nil {
			price = *w.price
		}
		amount, ok := price.Times(quantity.Decimal())
		if !ok {
			amount = math.MaxInt64 // more than any limit
		}
		through[l.currency] = plus(through[l.currency], amount)
	}
	return through, nil
}

// sums are amounts by their currencies; "" is that of lines which name none.
type sums map[string]fhir.Amount

// in gives the sum in a currency. Lines that name none are of the plan's, which is
// that of its limits.
func (s sums) in(currency string) fhir.Amount {
	if currency == "" {
		return s[""]
	}
	return plus(s[currency], s[""])
}

// check refuses a word that a line gives no room for.
func (w word) check(l line, wrong func(at, format string, args ...any)) {
	_, known := adjudication.ReasonOf(w.reason)
	switch {
	case w.reject && !known:
		wrong(w.at, "line %s is rejected without a reason of %s, such as %s; name one", l.sequence, profiles.SystemAdjustmentReason, adjudication.ReasonReviewer)
	case w.reason != "" && !known:
		wrong(w.at, "%.40q is no reason of %s", w.reason, profiles.SystemAdjustmentReason)
	}
	if q := w.quantity; q != nil && (*q <= 0 || *q > l.quantity) {
		wrong(w.at, "%s of line %s were claimed: more than 0 and no more than that can be approved; to approve nothing, reject the line", l.quantity, l.sequence)
	}
	if p := w.price; p != nil && (*p < 0 || *p > l.price) {
		wrong(w.at, "%s %s were claimed for a unit of line %s: no more than that can be approved", l.price, l.currency, l.sequence)
	}
	if w.currency != "" && l.currency != "" && w.currency != l.currency {
		wrong(w.at, "line %s is claimed in %s, not in %.10q", l.sequence, l.currency, w.currency)
	}
}

// wordsOf reads the words of an operation: its parameters line.
func wordsOf(asked fhir.Node) ([]word, error) {
	var list []word
	i := -1
	for p := range asked.Get("parameter").Each() {
		i++
		if p.Get("name").Text() != "line" {
			continue
		}
		w := word{
			at: fmt.Sprintf("Parameters.parameter[%d]", i), sequence: value(p, "sequence").Text(),
			reject: value(p, "reject").Text() == "true", reason: value(p, "reason").Text(), note: value(p, "note").Text(),
			currency: value(p, "price").Get("currency").Text(),
		}
		if c := value(p, "reason").Get("code"); c.Exists() {
			w.reason = c.Text()
		}
		price := value(p, "price")
		if price.Get("value").Exists() {
			price = price.Get("value")
		}
		var err error
		if w.quantity, err = number(value(p, "quantity"), w.at); err != nil {
			return nil, err
		}
		if w.price, err = number(price, w.at); err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// number reads an amount; nil where there is none.
func number(n fhir.Node, at string) (*fhir.Amount, error) {
	if !n.Exists() {
		return nil, nil
	}
	a, err := fhir.ParseAmount(n.Text())
	if err != nil {
		return nil, refuse(at, "%.40q is no number with at most four decimals", n.Text())
	}
	return &a, nil
}

// draftWords reads the words of a completed Task: the draft ClaimResponse that its
// output refers to. Without one nothing was said: all lines are approved.
func draftWords(task fhir.Node) ([]word, error) {
	var list []word
	for output := range task.Get("output").Each() {
		ref := output.At("valueReference", "reference").Text()
		i := -1
		for contained := range task.Get("contained").Each() {
			i++
			if contained.Get("resourceType").Text() != "ClaimResponse" || ref != "#"+contained.Get("id").Text() {
				continue
			}
			j := -1
			for item := range contained.Get("item").Each() {
				j++
				w, err := draftWord(item, fmt.Sprintf("Task.contained[%d].item[%d]", i, j))
				if err != nil {
					return nil, err
				}
				list = append(list, w)
			}
		}
	}
	return list, nil
}

func draftWord(item fhir.Node, at string) (w word, err error) {
	w = word{at: at, sequence: item.Get("itemSequence").Text()}
	for a := range item.Get("adjudication").Each() {
		switch a.Get("category").Code(profiles.SystemAdjudication) {
		case "denied":
			w.reject = true
		case "approved-quantity":
			w.quantity, err = number(a.Get("value"), at)
		case "approved-price":
			w.price, err = number(a.At("amount", "value"), at)
			w.currency = a.At("amount", "currency").Text()
		}
		if code := a.Get("reason").Code(profiles.SystemAdjustmentReason); code != "" {
			w.reason = code
		}
		if err != nil {
			return w, err
		}
	}
	return w, nil
}

// draft writes words as a draft ClaimResponse. Lines without a word are approved as
// they are.
func draft(claim fhir.Node, words []word, created string) object {
	var items, notes []object
	for _, w := range words {
		var adjudications []object
		reason := func(a object) object {
			if w.reason != "" {
				a["reason"] = coding(profiles.SystemAdjustmentReason, w.reason)
			}
			return a
		}
		if w.reject {
			adjudications = append(adjudications, reason(object{"category": coding(profiles.SystemAdjudication, "denied")}))
		}
		if w.price != nil && !w.reject {
			amount := object{"value": rawNumber(*w.price)}
			if w.currency != "" {
				amount["currency"] = w.currency
			}
			adjudications = append(adjudications, reason(object{"category": coding(profiles.SystemAdjudication, "approved-price"), "amount": amount}))
		}
		if w.quantity != nil && !w.reject {
			adjudications = append(adjudications, reason(object{"category": coding(profiles.SystemAdjudication, "approved-quantity"), "value": rawNumber(*w.quantity)}))
		}
		if len(adjudications) == 0 {
			adjudications = append(adjudications, object{"category": coding(systemAdjudication, "eligible")})
		}
		item := object{"itemSequence": rawText(w.sequence), "adjudication": adjudications}
		if w.note != "" {
			notes = append(notes, object{"number": len(notes) + 1, "type": "display", "text": w.note})
			item["noteNumber"] = []int{len(notes)}
		}
		items = append(items, item)
	}
	d := object{
		"resourceType": "ClaimResponse", "id": "words", "status": "draft", "use": claim.Get("use").Text(), "outcome": "partial",
		"type": raw(claim.Get("type")), "patient": raw(claim.Get("patient")), "created": created, "insurer": object{"display": "The scheme"},
	}
	if insurer := claim.Get("insurer"); insurer.Exists() {
		d["insurer"] = raw(insurer)
	}
	if len(items) > 0 {
		d["item"] = items
	}
	if len(notes) > 0 {
		d["processNote"] = notes
	}
	return d
}

// systemAdjudication is HL7's code system of the categories of adjudication.
const systemAdjudication = "http://terminology.hl7.org/CodeSystem/adjudication"

// claimOf reads the claim that a Task is about.
func claimOf(r fhir.Reader, task fhir.Node) (fhir.Node, error) {
	k := r4.Target(task.Get("focus"))
	n, err := fhir.Tree(r, k)
	if err == nil && (k.Type != "Claim" || !n.Exists()) {
		err = noClaim()
	}
	return n, err
}

func noClaim() error { return refuse("Task.focus", "a review is of a Claim of this server") }
