package main

import (
	"bima/fhir"
)

// show gives the columns of a resource as the table has them.
func (y *year) show(kind string, n fhir.Node) string {
	own := func(name, value string) string { return n.Extension(yearExt + name).Get(value).Text() }
	switch kind {
	case "Contract":
		applies, net := n.Get("applies"), n.Get("term").First().Get("asset").First().Get("valuedItem").First().Get("net")
		return told(own("policy-state", "valueCode"), applies.Get("start").Text(), applies.Get("end").Text(), "", plain(net))
	case "Coverage":
		return told(own("coverage-state", "valueCode"), n.At("period", "start").Text(), n.At("period", "end").Text(), own("coverage-waiting-from", "valueDate"))
	case "Invoice":
		return told(n.Get("status").Text(), n.Get("date").Text(), own("invoice-due", "valueDate"), "", plain(n.Get("totalGross")), plain(n.Extension(yearExt+"invoice-balance").Get("valueMoney")))
	case "PaymentReconciliation":
		var on fhir.Amount
		for d := range n.Get("detail").Each() {
			if d.Get("request").Exists() {
				on += y.amount(d.Get("amount"))
			}
		}
		return told(own("payment-direction", "valueCode")+" "+n.Get("status").Text(), n.Get("paymentDate").Text(), "", "", plain(n.Get("paymentAmount")), on.String())
	case "ClaimResponse":
		claim := y.send("GET", "/"+n.At("request", "reference").Text(), "")
		asked := y.amount(claim.Get("item").First().Get("net"))
		granted := ""
		if n.Get("outcome").Text() != "queued" {
			granted = total(n, "benefit")
		}
		return told(n.Get("outcome").Text(), claim.At("billablePeriod", "start").Text(), "", "", asked.String(), granted)
	case "Task":
		return y.task(n)
	}
	return ""
}

// task gives the columns of what waits for a person: of a recovery the sums of
// what had been granted and is granted now.
func (y *year) task(n fhir.Node) string {
	status := n.Get("status").Text()
	if n.Get("code").Get("coding").First().Get("code").Text() == "renewal" {
		return told(status, n.Get("authoredOn").Text(), n.At("restriction", "period", "end").Text())
	}
	var before, now fhir.Amount
	for i := range n.Get("input").Each() {
		change := i.Extension(yearExt + "redecision")
		before += y.amount(change.Extension("before").Get("valueMoney"))
		now += y.amount(change.Extension("now").Get("valueMoney"))
	}
	if before == 0 && now == 0 {
		return told(status)
	}
	return told(status, "", "", "", before.String(), now.String())
}

// total gives an amount of ClaimResponse.total.
func total(n fhir.Node, category string) string {
	for t := range n.Get("total").Each() {
		if t.Get("category").Get("coding").First().Get("code").Text() == category {
			return plain(t.Get("amount"))
		}
	}
	return ""
}

func plain(money fhir.Node) string { return money.Get("value").Text() }

func (y *year) amount(money fhir.Node) fhir.Amount {
	if !money.Exists() {
		return 0
	}
	a, err := fhir.ParseAmount(plain(money))
	if err != nil {
		y.t.Fatal(err)
	}
	return a
}
