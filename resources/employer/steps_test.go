package employer_test

import (
	"fmt"
	"strings"

	"bima/fhir"
)

// number gives an Invoice a control number, as whoever hands these out does.
func (l *teller) number(invoice, control string) error {
	r, err := l.Engine.Read(l.Context(), fhir.Key{Type: "Invoice", ID: l.find("Invoice", invoice)})
	if err != nil {
		return err
	}
	named := fmt.Sprintf(`"value":%q}`, invoice)
	return l.Try(strings.Replace(string(r.Body), named, named+`,{"system":"https://bima.example/fhir/id/control-number","value":"`+control+`"}`, 1))
}

// receive books money that came with a control number.
func (l *teller) receive(day, control, amount string) error {
	l.seq++
	_, err := l.Engine.Call(l.Context(), "receive", fhir.Key{Type: "PaymentReconciliation"}, "", fmt.Appendf(nil, `{"resourceType":"Parameters","parameter":[{"name":"amount","valueMoney":{"value":%s,"currency":"KES"}},{"name":"date","valueDate":%q},{"name":"reference","valueIdentifier":{"system":"urn:bank","value":"B-%d"}},{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/control-number","value":%q}}]}`,
		amount, day, l.seq, control), false)
	return err
}

// employ puts an employee under another plan, or plans with + between, by hand.
func (l *teller) employ(name, plans string) error {
	r, err := l.Engine.Read(l.Context(), fhir.Key{Type: "Group", ID: "staff"})
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return err
	}
	e, group := fhir.NewEdit(doc), doc.Root()
	for m := range group.Get("member").Each() {
		job := m.Extension(ext + "employment")
		if m.At("entity", "reference").Text() != "Patient/"+name || !job.Exists() {
			continue
		}
		text := fmt.Sprintf(`{"extension":[{"url":"income",%q:%s}`, "valueMoney", job.Extension("income").Get("valueMoney").Raw())
		for plan := range strings.SplitSeq(plans, "+") {
			text += fmt.Sprintf(`,{"url":"plan","valueString":%q}`, plan)
		}
		e.Replace(job, []byte(text+`],"url":"`+ext+`employment"}`))
	}
	return l.Try(string(e.Bytes()))
}
