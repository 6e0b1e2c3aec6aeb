// Package account tells what was asked for, what was paid and what is owed, as of
// any day: of one family, person or organisation line by line ($statement), and
// of all who owe ($arrears).
//
// Its door is Module. It only reads: an account is what Invoices and
// PaymentReconciliations say, each of whose lines and details has its day.
package account

import (
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// Settings are what a scheme may choose.
type Settings struct {
	Zone *time.Location   // decides every day; nil is UTC
	Now  func() time.Time // the clock of the scheme; nil is the machine's
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// today gives the day in the scheme's time zone.
func (s Settings) today() string {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	return now().In(s.zone()).Format(time.DateOnly)
}

// Module gives the operations that tell what is owed.
func Module(s Settings) fhir.Module {
	return fhir.Module{
		Name: "account",
		Operations: []fhir.Operation{
			{
				Code: "statement", Types: []string{"Group", "Patient", "Organization"}, Instance: true, Handle: s.statement,
				Definition: profiles.Canonical + "/OperationDefinition/account-statement",
			},
			{
				Code: "arrears", Types: []string{"Invoice"}, Type: true, Handle: s.arrears,
				Definition: profiles.Canonical + "/OperationDefinition/invoice-arrears",
			},
		},
	}
}

const (
	systemPaymentStatus = "http://terminology.hl7.org/CodeSystem/paymentstatus"
	systemPaymentType   = "http://terminology.hl7.org/CodeSystem/payment-type"
)

// target gives the resource of this server that a Reference names; zero where it
// names none.
func target(reference fhir.Node) fhir.Key { return r4.Local(reference.Get("reference").Text()) }

func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// amountOf reads the value of a Money that the server holds; 0 where there is
// none.
func amountOf(n fhir.Node) fhir.Amount {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	if err != nil {
		return 0
	}
	return value
}

// day gives the day of a date or dateTime as written.
func day(text string) string { return text[:min(len(text), len(time.DateOnly))] }

func reference(code string, k fhir.Key) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}}
}
