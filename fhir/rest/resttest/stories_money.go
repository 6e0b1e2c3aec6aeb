package resttest

// moneyStories tell how contributions come in, are receipted, given back and
// accounted for.
func moneyStories() []Story {
	return []Story{contributionStory(), bounceStory(), payersStory(), cashStory(), statementStory(), unknownMoneyStory()}
}

const (
	moneyExt      = "https://bima.example/fhir/StructureDefinition/"
	receiptSystem = "https://bima.example/fhir/id/receipt"
)

// owing enrols a family and asks it for contributions, each an id, its last day to
// pay and an amount; the id is the control number, too.
func owing(name string, bills ...[3]string) []Scenario {
	steps := []Scenario{{Name: "there is a family", Method: "POST", Path: "/Group/$enrol", Body: enrolled(name), WantStatus: 200}}
	for _, b := range bills {
		steps = append(steps, Scenario{
			Name: "it is asked for " + b[2], Method: "PUT", Path: "/Invoice/{run}-" + b[0], Body: billed(name, b[0], b[1], b[2], ""), WantStatus: 201,
			WantBody: Values{"status": "issued"},
		})
	}
	return steps
}

// billed is an Invoice of a family, with more elements.
func billed(family, id, due, amount, more string) string {
	return `{"resourceType":"Invoice","id":"{run}-` + id + `","identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"{run}-` + id + `"},{"system":"https://bima.example/fhir/id/control-number","value":"{run}-` + id + `"}],` +
		`"extension":[{"url":"` + moneyExt + `invoice-due","valueDate":"` + due + `"}],"status":"issued","subject":{"reference":"Group/{run}-` + family + `"},` + more + `"date":"2026-01-02","issuer":{"display":"Scheme"},` +
		`"lineItem":[{"sequence":1,"chargeItemCodeableConcept":{"text":"Contribution"},"priceComponent":[{"type":"base","amount":{"value":` + amount + `,"currency":"TZS"}}]}],` +
		`"totalNet":{"value":` + amount + `,"currency":"TZS"},"totalGross":{"value":` + amount + `,"currency":"TZS"}}`
}

func parametersOf(list string) string {
	return `{"resourceType":"Parameters","parameter":[` + list + `]}`
}

// came are the parameters of $receive: an amount on a day, for a control number,
// with more of them.
func came(amount, on, control, more string) string {
	return parametersOf(`{"name":"amount","valueMoney":{"value":` + amount + `,"currency":"TZS"}},{"name":"date","valueDate":"` + on + `"},` +
		`{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/control-number","value":"{run}-` + control + `"}}` + more)
}

// byMobile names the transaction of a provider of mobile money.
func byMobile(transaction string) string {
	return `,{"name":"reference","valueIdentifier":{"system":"urn:mobile","value":"{run}-` + transaction + `"}}`
}

// inCash is a PaymentNotice of cash on an Invoice, with more elements.
func inCash(id, invoice, on, amount, more string) string {
	return `{"resourceType":"PaymentNotice","id":"{run}-` + id + `","status":"active",` + more + `"request":{"reference":"Invoice/{run}-` + invoice + `"},"created":"` + on + `","paymentDate":"` + on + `",` +
		`"payment":{"identifier":{"system":"urn:receipts","value":"{run}-` + id + `"}},"recipient":{"display":"Scheme"},"amount":{"value":` + amount + `,"currency":"TZS"}}`
}

func left(invoice, status, balance string) Scenario {
	return Scenario{
		Name: balance + " is left of " + invoice, Path: "/Invoice/{run}-" + invoice, WantStatus: 200,
		WantBody: Values{"status": status, "extension[1].valueMoney.value": balance},
	}
}

// 75,000 are asked for: 30,000 by mobile phone, 20,000 in cash and 40,000 through a
// bank are 15,000 too much, of which 12,000 pay the next and 3,000 are given back.
func contributionStory() Story {
	return Story{"contributions come in", append(
		owing("pay", [3]string{"p1", "2026-01-31", "75000"}),
		Scenario{
			Name: "a part by mobile phone", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: came("30000", "2026-01-10", "p1", byMobile("t1")), WantStatus: 201,
			WantBody: Values{"parameter[0].name": "payment", "parameter[1].name": "notice", "parameter[1].resource.amount.value": "30000", "parameter[1].resource.identifier[0].system": receiptSystem},
			Keep:     Values{"m1": "parameter[0].resource.id", "n1": "parameter[1].resource.id"},
		},
		left("p1", "issued", "45000"),
		Scenario{
			Name: "the provider tells it again", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: came("30000", "2026-01-10", "p1", byMobile("t1")), WantStatus: 200,
			WantBody: Values{"parameter[0].resource.id": "{m1}", "parameter[1].resource.id": "{n1}"},
		},
		Scenario{
			Name: "and with another amount", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: came("31000", "2026-01-10", "p1", byMobile("t1")), WantStatus: 409,
			WantBody: Values{"issue[0].expression[0]": "Parameters.parameter.where(name = 'amount')"},
		},
		left("p1", "issued", "45000"),
		Scenario{Name: "cash with a receipt", Method: "POST", Path: "/PaymentNotice", Body: inCash("c1", "p1", "2026-01-15", "20000", ""), WantStatus: 201, Keep: Values{"c1": "id"}},
		Scenario{Name: "the officer's device sends it again", Method: "POST", Path: "/PaymentNotice", Body: inCash("c1", "p1", "2026-01-15", "20000", ""), WantStatus: 200, WantBody: Values{"id": "{c1}"}},
		Scenario{Name: "the receipt with another amount", Method: "POST", Path: "/PaymentNotice", Body: inCash("c1", "p1", "2026-01-15", "21000", ""), WantStatus: 409, WantBody: Values{"issue[0].diagnostics": "*amount*"}},
		left("p1", "issued", "25000"),
		Scenario{
			Name: "too much through a bank", Method: "POST", Path: "/PaymentReconciliation/$receive", WantStatus: 201,
			Body: came("40000", "2026-01-20", "p1", byMobile("b1")+`,{"name":"method","valueCode":"B"}`), Keep: Values{"m2": "parameter[0].resource.id"},
			WantBody: Values{"parameter[0].resource.detail[0].amount.value": "25000", "parameter[0].resource.detail[1].amount.value": "15000"},
		},
		left("p1", "balanced", "0"),
		Scenario{Name: "the next is paid out of it", Method: "PUT", Path: "/Invoice/{run}-p2", Body: billed("pay", "p2", "2026-06-30", "12000", ""), WantStatus: 201, WantBody: Values{"status": "balanced"}},
		Scenario{Name: "more than is left can't be given back", Method: "POST", Path: "/PaymentReconciliation/{m2}/$refund", Body: parametersOf(`{"name":"amount","valueMoney":{"value":3001,"currency":"TZS"}}`), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "payment"}},
		Scenario{Name: "the rest is given back", Method: "POST", Path: "/PaymentReconciliation/{m2}/$refund", Body: parametersOf(`{"name":"method","valueCode":"B"}`), WantStatus: 201, WantBody: Values{"parameter[1].name": "refund", "parameter[1].resource.paymentAmount.value": "3000"}},
		Scenario{Name: "there is nothing more to give back", Method: "POST", Path: "/PaymentReconciliation/{m2}/$refund", Body: parametersOf(`{"name":"method","valueCode":"B"}`), WantStatus: 422},
		Scenario{Name: "a payment of nothing", Method: "POST", Path: "/PaymentNotice", Body: inCash("c0", "p1", "2026-01-15", "0", ""), WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "PaymentNotice.amount"}},
		Scenario{Name: "a payment that counts stays", Method: "DELETE", Path: "/PaymentNotice/{c1}", WantStatus: 422},
	)}
}

// A cheque of 75,000 bounces: its receipt says so, and 75,000 are owed again.
func bounceStory() Story {
	cheque := inCash("q1", "r1", "2026-01-10", "75000", "")
	return Story{"a payment is receipted and taken back", append(
		owing("bounce", [3]string{"r1", "2026-01-31", "75000"}),
		Scenario{Name: "it is paid", Method: "PUT", Path: "/PaymentNotice/{run}-q1", Body: cheque, WantStatus: 201, WantBody: Values{"identifier[0].system": receiptSystem}, Keep: Values{"number": "identifier[0].value"}},
		left("r1", "balanced", "0"),
		Scenario{Name: "the receipt is printed", Path: "/PaymentNotice/{run}-q1/$receipt", WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf", "ETag": "*"}, WantText: "%PDF-"},
		Scenario{Name: "for who takes FHIR only", Path: "/PaymentNotice/{run}-q1/$receipt", Header: Values{"Accept": "application/fhir+json"}, WantStatus: 200, WantBody: Values{"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERi0*"}},
		Scenario{Name: "in French", Path: "/PaymentNotice/{run}-q1/$receipt?language=fr", WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf"}},
		Scenario{Name: "not in Latin", Path: "/PaymentNotice/{run}-q1/$receipt?language=la", WantStatus: 400},
		Scenario{
			Name: "it is kept", Method: "POST", Path: "/PaymentNotice/{run}-q1/$receipt", Body: parametersOf(`{"name":"language","valueCode":"sw"}`), WantStatus: 201,
			WantBody: Values{"resourceType": "DocumentReference", "identifier[0].value": "{number}", "status": "current", "content[0].attachment.language": "sw", "subject.reference": "Group/{run}-bounce"},
			Keep:     Values{"document": "id", "file": "content[0].attachment.url"},
		},
		Scenario{Name: "once", Method: "POST", Path: "/PaymentNotice/{run}-q1/$receipt", Body: parametersOf(`{"name":"language","valueCode":"sw"}`), WantStatus: 200, WantBody: Values{"id": "{document}", "meta.versionId": "1"}},
		Scenario{Name: "the file", Path: "/{file}", Header: Values{"Accept": "application/pdf"}, WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf"}, WantText: "%PDF-"},
		Scenario{Name: "found by its number", Path: "/DocumentReference?identifier=" + receiptSystem + "|{number}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		Scenario{Name: "sent again without its number", Method: "PUT", Path: "/PaymentNotice/{run}-q1", Body: cheque, WantStatus: 200, WantBody: Values{"identifier[0].value": "{number}"}},
		Scenario{Name: "it bounces", Method: "PATCH", Path: "/PaymentNotice/{run}-q1", Header: Values{"Content-Type": "application/json-patch+json"}, Body: `[{"op":"replace","path":"/status","value":"cancelled"}]`, WantStatus: 200},
		left("r1", "issued", "75000"),
		Scenario{
			Name: "the receipt says so", Method: "POST", Path: "/PaymentNotice/{run}-q1/$receipt", Body: parametersOf(`{"name":"language","valueCode":"sw"}`), WantStatus: 201,
			WantBody: Values{"relatesTo[0].code": "replaces", "relatesTo[0].target.reference": "DocumentReference/{document}", "description": "*IMEBATILISHWA*", "identifier[0].value": "{number}"},
		},
		Scenario{Name: "the first is superseded", Path: "/DocumentReference/{document}", WantStatus: 200, WantBody: Values{"status": "superseded"}},
		Scenario{Name: "the number stays", Method: "DELETE", Path: "/PaymentNotice/{run}-q1", WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "receipt"}},
		Scenario{Name: "nothing brings it back", Method: "PUT", Path: "/PaymentNotice/{run}-q1", Body: cheque, WantStatus: 422},
	)}
}

// The household owes 45,000 and the government 30,000 for one family; half of what
// the household owes is waived: 45,000 − 22,500 = 22,500.
func payersStory() Story {
	const byOrganization = `"recipient":{"reference":"Organization/{run}-gov"},`
	steps := owing("two", [3]string{"h1", "2026-01-31", "45000"})
	return Story{"several pay, some need not, some pay ahead", append(
		steps,
		Scenario{Name: "there is a payer", Method: "PUT", Path: "/Organization/{run}-gov", Body: `{"resourceType":"Organization","id":"{run}-gov","name":"Government"}`, WantStatus: 201},
		Scenario{Name: "it owes a share", Method: "PUT", Path: "/Invoice/{run}-s1", Body: billed("two", "s1", "2026-01-31", "30000", byOrganization), WantStatus: 201},
		Scenario{
			Name: "half is waived", Method: "POST", Path: "/Invoice/{run}-h1/$waive", WantStatus: 200,
			Body:     parametersOf(`{"name":"percentage","valueDecimal":50},{"name":"reason","valueCodeableConcept":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/waiver-reason","code":"poverty"}]}},{"name":"until","valueDate":"2999-12-31"}`),
			WantBody: Values{"totalGross.value": "22500", "lineItem#": "2"},
		},
		Scenario{Name: "nobody says why", Method: "POST", Path: "/Invoice/{run}-h1/$waive", Body: parametersOf(`{"name":"percentage","valueDecimal":50}`), WantStatus: 400},
		Scenario{
			Name: "the household pays its own by the family's number", Method: "POST", Path: "/PaymentReconciliation/$receive", WantStatus: 201,
			Body:     parametersOf(`{"name":"amount","valueMoney":{"value":25000,"currency":"TZS"}},{"name":"date","valueDate":"2026-01-20"},{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/family","value":"{run}-two"}}`),
			WantBody: Values{"parameter[0].resource.detail[0].amount.value": "22500", "parameter[0].resource.detail[1].amount.value": "2500"},
		},
		left("h1", "balanced", "0"), left("s1", "issued", "30000"),
		Scenario{
			Name: "the government pays", Method: "POST", Path: "/PaymentReconciliation/$receive", WantStatus: 201,
			Body:     came("30000", "2026-02-20", "s1", byMobile("f1")+`,{"name":"method","valueCode":"F"},{"name":"payer","valueReference":{"reference":"Organization/{run}-gov"}}`),
			WantBody: Values{"parameter[1].resource.extension[1].valueReference.reference": "Organization/{run}-gov"},
		},
		left("s1", "balanced", "0"),
		Scenario{Name: "found by who paid", Path: "/PaymentNotice?payer=Organization/{run}-gov&payment-date=2026-02-20", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		Scenario{Name: "on another day nothing is", Path: "/PaymentNotice?payer=Organization/{run}-gov&payment-date=2026-02-21", WantStatus: 200, WantBody: Values{"entry#": "0"}},
		Scenario{
			Name: "cash is paid ahead", Method: "POST", Path: "/PaymentNotice", WantStatus: 201,
			Body:     `{"resourceType":"PaymentNotice","meta":{"profile":["` + moneyExt + `payment-notice"]},"status":"active","extension":[{"url":"` + moneyExt + `payer","valueReference":{"reference":"Group/{run}-two"}}],"created":"2026-03-01","paymentDate":"2026-03-01","payment":{"identifier":{"system":"urn:receipts","value":"{run}-a1"}},"recipient":{"display":"Scheme"},"amount":{"value":10000,"currency":"TZS"}}`,
			WantBody: Values{"identifier[0].system": receiptSystem, "request": Absent}, Keep: Values{"ahead": "id"},
		},
		Scenario{Name: "it has a receipt", Path: "/PaymentNotice/{ahead}/$receipt", WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf"}},
		Scenario{Name: "it pays what comes: 14,000 − 2,500 − 10,000", Method: "PUT", Path: "/Invoice/{run}-h2", Body: billed("two", "h2", "2026-06-30", "14000", ""), WantStatus: 201},
		left("h2", "issued", "1500"),
		Scenario{
			Name: "paid ahead by nobody", Method: "POST", Path: "/PaymentNotice", WantStatus: 422,
			Body: `{"resourceType":"PaymentNotice","status":"active","extension":[{"url":"` + moneyExt + `payer","valueReference":{"reference":"Organization/{run}-nobody"}}],"created":"2026-03-01","paymentDate":"2026-03-01","payment":{"display":"cash"},"recipient":{"display":"Scheme"},"amount":{"value":10000,"currency":"TZS"}}`,
		},
	)}
}

// An officer may hold 50,000: 40,000 he takes, 20,000 more he may not before he
// has brought 30,000 to the bank: 40,000 − 30,000 + 20,000 = 30,000.
func cashStory() Story {
	by := func(number string) string {
		text := `"provider":{"reference":"PractitionerRole/{run}-officer"},`
		if number != "" {
			text += `"identifier":[{"system":"` + receiptSystem + `","value":"{run}-` + number + `"}],`
		}
		return text
	}
	brings := func(slip, amount string) string {
		return `{"resourceType":"PaymentReconciliation","extension":[{"url":"` + moneyExt + `payment-direction","valueCode":"deposit"}],"status":"active","created":"2026-01-12","paymentDate":"2026-01-12","requestor":{"reference":"PractitionerRole/{run}-officer"},"paymentIdentifier":{"system":"urn:bank","value":"{run}-` + slip + `"},"paymentAmount":{"value":` + amount + `,"currency":"TZS"}}`
	}
	return Story{"an officer takes cash and brings it to the bank", append(
		owing("cash", [3]string{"o1", "2026-01-31", "75000"}),
		Scenario{Name: "there is an officer", Method: "PUT", Path: "/PractitionerRole/{run}-officer", Body: `{"resourceType":"PractitionerRole","id":"{run}-officer","extension":[{"url":"` + moneyExt + `cash-limit","valueMoney":{"value":50000,"currency":"TZS"}}]}`, WantStatus: 201},
		Scenario{
			Name: "he is given a receipt book", Method: "POST", Path: "/SupplyDelivery", WantStatus: 201,
			Body: `{"resourceType":"SupplyDelivery","meta":{"profile":["` + moneyExt + `receipt-book-issue"]},"status":"in-progress","receiver":[{"reference":"PractitionerRole/{run}-officer"}],"extension":[{"url":"` + moneyExt + `receipt-book","extension":[{"url":"series","valueString":"{run}-K-"},{"url":"first","valuePositiveInt":1},{"url":"last","valuePositiveInt":50}]}]}`,
		},
		Scenario{
			Name: "another book can't have its numbers", Method: "POST", Path: "/SupplyDelivery", WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "receipt"},
			Body: `{"resourceType":"SupplyDelivery","receiver":[{"reference":"PractitionerRole/{run}-officer"}],"extension":[{"url":"` + moneyExt + `receipt-book","extension":[{"url":"series","valueString":"{run}-K-"},{"url":"first","valuePositiveInt":50},{"url":"last","valuePositiveInt":60}]}]}`,
		},
		Scenario{Name: "he takes cash", Method: "POST", Path: "/PaymentNotice", Body: inCash("k1", "o1", "2026-01-10", "40000", by("K-02")), WantStatus: 201},
		Scenario{Name: "a number that is not in the book", Method: "POST", Path: "/PaymentNotice", Body: inCash("k2", "o1", "2026-01-10", "1000", by("K-51")), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "receipt", "issue[0].expression[0]": "PaymentNotice.identifier"}},
		Scenario{Name: "more than he may hold", Method: "POST", Path: "/PaymentNotice", Body: inCash("k3", "o1", "2026-01-11", "20000", by("")), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "cash", "issue[0].diagnostics": "*60000*50000*"}},
		Scenario{Name: "more than he has can't be brought", Method: "POST", Path: "/PaymentReconciliation", Body: brings("s0", "40001"), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "cash"}},
		Scenario{Name: "he brings a part", Method: "POST", Path: "/PaymentReconciliation", Body: brings("s1", "30000"), WantStatus: 201, WantBody: Values{"detail[0].amount.value": "30000"}, Keep: Values{"slip": "id"}},
		Scenario{Name: "the same slip again", Method: "POST", Path: "/PaymentReconciliation", Body: brings("s1", "30000"), WantStatus: 200, WantBody: Values{"id": "{slip}"}},
		Scenario{Name: "now he takes it", Method: "POST", Path: "/PaymentNotice", Body: inCash("k3", "o1", "2026-01-13", "20000", by("")), WantStatus: 201},
		Scenario{Name: "what he holds", Path: "/PractitionerRole/{run}-officer/$cash", WantStatus: 200, WantBody: Values{
			"parameter[0].name": "cash", "parameter[0].part[0].valueMoney.value": "30000", "parameter[0].part[2].valueMoney.value": "20000",
			"parameter[1].name": "receipt", "parameter[1].part[3].valueMoney.value": "10000", "parameter[2].part[3].valueMoney.value": "20000",
			"parameter[3].name": "book", "parameter[3].part[4].valueUnsignedInt": "1", "parameter[3].part[5].name": "missing", "parameter[3].part[5].valuePositiveInt": "1",
		}},
		Scenario{Name: "what he brought", Path: "/PaymentReconciliation?requestor=PractitionerRole/{run}-officer&direction=deposit", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "{slip}"}},
		Scenario{Name: "a deposit that is booked stays", Method: "DELETE", Path: "/PaymentReconciliation/{slip}", WantStatus: 422},
	)}
}

// 60,000 due at the end of January and 40,000 at the end of June; 25,000 are paid
// on 10 February: on 1 March 35,000 are overdue for 29 days.
func statementStory() Story {
	return Story{"who owes what on a day", append(
		owing("owe", [3]string{"e1", "2026-01-31", "60000"}, [3]string{"e2", "2026-06-30", "40000"}),
		Scenario{Name: "a part is paid", Method: "POST", Path: "/PaymentNotice", Body: inCash("e3", "e1", "2026-02-10", "25000", ""), WantStatus: 201},
		Scenario{Name: "the statement of a day", Path: "/Group/{run}-owe/$statement?asOf=2026-03-01", WantStatus: 200, WantBody: Values{
			"parameter[1].name": "account", "parameter[1].part[0].valueMoney.value": "100000", "parameter[1].part[1].valueMoney.value": "25000",
			"parameter[1].part[2].valueMoney.value": "75000", "parameter[1].part[4].valueMoney.value": "35000", "parameter[1].part[5].valueBoolean": "false",
		}},
		Scenario{Name: "before it was due it was up to date", Path: "/Group/{run}-owe/$statement?asOf=2026-01-31", WantStatus: 200, WantBody: Values{"parameter[1].part[5].valueBoolean": "true", "parameter[1].part[2].valueMoney.value": "100000"}},
		Scenario{Name: "arrears of a day", Path: "/Invoice/$arrears?asOf=2026-03-01&subject=Group/{run}-owe", WantStatus: 200, WantBody: Values{
			"parameter[1].name": "total", "parameter[1].part[0].valueMoney.value": "35000", "parameter[1].part[2].valueMoney.value": "35000",
			"parameter[2].part[0].valueReference.reference": "Invoice/{run}-e1", "parameter[2].part[3].valueUnsignedInt": "29",
		}},
		Scenario{Name: "arrears before the payment", Path: "/Invoice/$arrears?asOf=2026-02-09&subject=Group/{run}-owe", WantStatus: 200, WantBody: Values{"parameter[1].part[0].valueMoney.value": "60000"}},
		Scenario{Name: "who owes, by search", Path: "/Group?_id={run}-owe&_has:Invoice:subject:unpaid-due=lt2026-03-01", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		Scenario{Name: "what is owed, by search", Path: "/Invoice?subject=Group/{run}-owe&unpaid-due=lt2026-03-01&_sort=due", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "{run}-e1"}},
		Scenario{Name: "the rest is paid", Method: "POST", Path: "/PaymentNotice", Body: inCash("e4", "e1", "2026-03-02", "35000", ""), WantStatus: 201},
		Scenario{Name: "nobody owes any more", Path: "/Group?_id={run}-owe&_has:Invoice:subject:unpaid-due=lt2026-03-01", WantStatus: 200, WantBody: Values{"entry#": "0"}},
		Scenario{Name: "but on that day they did", Path: "/Invoice/$arrears?asOf=2026-03-01&subject=Group/{run}-owe", WantStatus: 200, WantBody: Values{"parameter[1].part[0].valueMoney.value": "35000"}},
		Scenario{Name: "a year is no day", Path: "/Group/{run}-owe/$statement?asOf=2026", WantStatus: 400},
		Scenario{Name: "of nobody", Path: "/Group/{run}-nobody/$statement", WantStatus: 404},
	)}
}

// Money for a number nobody bears is kept until somebody finds out whose it is.
func unknownMoneyStory() Story {
	return Story{"money of nobody known", append(
		owing("found", [3]string{"u1", "2026-01-31", "50000"}),
		Scenario{
			Name: "it comes", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: came("50000", "2026-01-10", "nobody", byMobile("x1")), WantStatus: 201,
			WantBody: Values{"parameter[1].name": "task", "parameter[1].resource.status": "requested"}, Keep: Values{"money": "parameter[0].resource.id", "task": "parameter[1].resource.id"},
		},
		Scenario{
			Name: "for nobody again", Method: "POST", Path: "/PaymentReconciliation/{money}/$allocate", WantStatus: 404,
			Body: parametersOf(`{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/family","value":"{run}-nobody"}}`),
		},
		Scenario{
			Name: "it is allocated", Method: "POST", Path: "/PaymentReconciliation/{money}/$allocate", WantStatus: 200,
			Body:     parametersOf(`{"name":"for","valueIdentifier":{"system":"https://bima.example/fhir/id/control-number","value":"{run}-u1"}}`),
			WantBody: Values{"parameter[1].name": "notice", "parameter[1].resource.identifier[0].system": receiptSystem},
		},
		left("u1", "balanced", "0"),
		Scenario{
			Name: "a number of no invoice", Method: "POST", Path: "/PaymentNotice", WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "PaymentNotice.request"},
			Body: `{"resourceType":"PaymentNotice","status":"active","request":{"identifier":{"system":"https://bima.example/fhir/id/control-number","value":"{run}-none"}},"created":"2026-01-20","paymentDate":"2026-01-20","payment":{"display":"cash"},"recipient":{"display":"Scheme"},"amount":{"value":10,"currency":"TZS"}}`,
		},
		Scenario{
			Name: "by the number of the invoice, too much", Method: "POST", Path: "/PaymentNotice", WantStatus: 201, WantBody: Values{"request.reference": "Invoice/{run}-u1"},
			Body: `{"resourceType":"PaymentNotice","status":"active","request":{"identifier":{"system":"https://bima.example/fhir/id/control-number","value":"{run}-u1"}},"created":"2026-01-20","paymentDate":"2026-01-20","payment":{"display":"cash"},"recipient":{"display":"Scheme"},"amount":{"value":10,"currency":"TZS"}}`,
		},
		Scenario{Name: "nobody needs to look any more", Path: "/Task/{task}", WantStatus: 200, WantBody: Values{"status": "completed"}},
		Scenario{Name: "cash without a word", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: parametersOf(`{"name":"amount","valueMoney":{"value":1,"currency":"TZS"}}`), WantStatus: 400},
		Scenario{Name: "tomorrow's money", Method: "POST", Path: "/PaymentReconciliation/$receive", Body: came("1", "2999-01-01", "u1", byMobile("x2")), WantStatus: 422},
	)}
}
