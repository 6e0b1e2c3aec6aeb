package facts

import (
	"strings"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/adjudication/terms"
	"bima/fhir"
)

// The ledger keeps, for each day and main diagnosis, how much was granted and for
// how many claims, so that averages need no look at the claims themselves.
const (
	BucketApproved = "approved" // ten-thousandths of the currency
	BucketClaims   = "claims"   // how many
)

// DiagnosisAccount gives the account of a main diagnosis in a currency.
func DiagnosisAccount(c selection.Code, currency string) string {
	parts := []string{"diagnosis", c.System, c.Code, currency}
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "|", "%7C")
	}
	return strings.Join(parts, "|")
}

// MainDiagnosis gives the coded diagnosis that a claim is about: the one typed
// principal, else the one with the lowest sequence; zero where none is coded.
func MainDiagnosis(claim fhir.Node) selection.Code {
	var main selection.Code
	var first fhir.Amount
	for d := range claim.Get("diagnosis").Each() {
		codes := terms.Codings(d.Get("diagnosisCodeableConcept"))
		if len(codes) == 0 || codes[0].Code == "" {
			continue
		}
		sequence, _ := terms.Amount(d.Get("sequence"))
		for t := range d.Get("type").Each() {
			if terms.CodeOf(t, systemDiagnosisType) == "principal" {
				return selection.Code(codes[0])
			}
		}
		if main == (selection.Code{}) || sequence < first {
			main, first = selection.Code(codes[0]), sequence
		}
	}
	return main
}

// systemDiagnosisType is HL7's code system of what a diagnosis is to a claim.
const systemDiagnosisType = "http://terminology.hl7.org/CodeSystem/ex-diagnosistype"

// ComplaintAccount gives the account of what patients said against a facility: its
// entries are of the bucket BucketClaims, one for each answer, on the day it came.
func ComplaintAccount(facility fhir.Key) string { return "complaint|" + facility.String() }

// daysOfMonth is a month where months are counted back from a day.
const daysOfMonth = 30

// Complaints counts the answers of patients against a facility in the months
// before a day, of thirty days each, and on it.
func Complaints(r fhir.Reader, facility fhir.Key, today adjudication.Day, months int) (int, error) {
	balances, err := r.Tally(fhir.Tally{Accounts: []string{ComplaintAccount(facility)}, From: today - adjudication.Day(months*daysOfMonth), To: today + 1})
	count := 0
	for _, b := range balances {
		if b.Bucket == BucketClaims {
			count += int(b.Value)
		}
	}
	return count, err
}
