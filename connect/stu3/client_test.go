package stu3_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// What the clients' parsers ask of an answer, as they fail: an exception on a list
// that is empty, on one that is too long, on a word that is not of an enumeration.

// typed gives the value of the one identifier of a type.
func typed(n fhir.Node, code string) (string, error) {
	var values []string
	for i := range n.Get("identifier").Each() {
		if slices.ContainsFunc(slices.Collect(i.At("type", "coding").Each()), func(c fhir.Node) bool { return c.Get("code").Text() == code }) {
			values = append(values, i.Get("value").Text())
		}
	}
	if len(values) != 1 || values[0] == "" {
		return "", fmt.Errorf("identifiers of type %s: %q, want exactly one", code, values)
	}
	return values[0], nil
}

// idOf gives the part of a reference after the first slash, as the module does.
func idOf(n fhir.Node, element string) (string, error) {
	text := n.At(element, "reference").Text()
	_, id, ok := strings.Cut(text, "/")
	if !ok || id == "" || strings.HasPrefix(id, "/") {
		return "", fmt.Errorf("%s %q is no relative reference", element, text)
	}
	return id, nil
}

var outcomeWords = []string{"REJECTED", "ENTERED", "CHECKED", "PROCESSED", "VALUATED"}

var plainDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// readClaimResponse reads a ClaimResponse to a claim of some items.
func readClaimResponse(n fhir.Node, items int) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, code := range []string{"ACSN", "MR"} {
		if _, err := typed(n, code); err != nil {
			faults = append(faults, err)
		}
	}
	for _, element := range []string{"patient", "request"} {
		if _, err := idOf(n, element); err != nil {
			faults = append(faults, err)
		}
	}
	if n.Get("resourceType").Text() != "ClaimResponse" || n.Get("id").Text() == "" {
		fault("no id of a ClaimResponse")
	}
	if word := strings.ToUpper(n.At("outcome", "text").Text()); !slices.Contains(outcomeWords, word) {
		fault("outcome.text %q", word)
	}
	if date := n.At("payment", "date"); date.Exists() && !plainDate.MatchString(date.Text()) {
		fault("payment.date %q is no date", date.Text())
	}
	if n.At("totalBenefit", "value").Kind() != fhir.KindNumber {
		fault("no totalBenefit.value")
	}
	if got := n.Get("item").Len(); got != items {
		fault("%d items, want %d", got, items)
	}
	coded := map[string]bool{}
	for a := range n.Get("addItem").Each() {
		coded[a.Get("sequenceLinkId").First().Text()] = a.At("service", "coding").First().Get("code").Text() != ""
	}
	for i := range n.Get("item").Each() {
		if link := i.Get("sequenceLinkId").Text(); !coded[link] {
			fault("no addItem says what item %s is", link)
		}
	}
	notes := n.Get("processNote").Len()
	for i := range n.Get("item").Each() {
		faults = append(faults, readItem(i, notes)...)
	}
	return errors.Join(faults...)
}

func readItem(item fhir.Node, notes int) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if got := item.Get("noteNumber").Len(); notes > 0 && got != 1 {
		fault("%d noteNumbers", got)
	}
	general := 0
	for a := range item.Get("adjudication").Each() {
		text := a.At("category", "text")
		if text.Text() == "" {
			fault("a category without a text")
		}
		if text.Text() != "general" {
			continue
		}
		general++
		if word := a.At("reason", "text").Text(); word != "passed" && word != "rejected" {
			fault("general reason.text %q", word)
		}
		if a.Get("value").Kind() != fhir.KindNumber || a.At("amount", "value").Kind() != fhir.KindNumber {
			fault("general without value or amount")
		}
	}
	if general != 1 {
		fault("%d general adjudications", general)
	}
	reasons := 0
	for a := range item.Get("adjudication").Each() {
		if a.At("category", "text").Text() != "rejected_reason" {
			continue
		}
		if reasons++; a.At("reason", "coding").First().Get("code").Text() == "" {
			fault("rejected_reason without a code")
		}
	}
	if item.Get("adjudication").First().At("reason", "text").Text() == "rejected" && reasons == 0 {
		fault("rejected for no reason")
	}
	return faults
}

// readClaim reads the echo of a claim.
func readClaim(n fhir.Node) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, code := range []string{"ACSN", "MR"} {
		if _, err := typed(n, code); err != nil {
			faults = append(faults, err)
		}
	}
	for _, element := range []string{"patient", "facility", "enterer"} {
		if _, err := idOf(n, element); err != nil {
			faults = append(faults, err)
		}
	}
	if n.At("type", "text").Text() == "" || n.At("billablePeriod", "start").Text() == "" || n.Get("created").Text() == "" {
		fault("no type.text, billablePeriod or created")
	}
	if n.At("total", "value").Kind() != fhir.KindNumber {
		fault("no total.value")
	}
	said := map[string]int{}
	for i := range n.Get("information").Each() {
		if i.Get("valueString").Text() == "" {
			fault("information without a value: %s", i.Raw())
		}
		said[i.Get("sequence").Text()]++
	}
	for i := range n.Get("item").Each() {
		if i.At("service", "text").Text() == "" || i.At("quantity", "value").Kind() != fhir.KindNumber {
			fault("an item without service.text or quantity.value")
		}
		for link := range i.Get("informationLinkId").Each() {
			if said[link.Text()] != 1 {
				fault("informationLinkId %s leads to %d informations", link.Text(), said[link.Text()])
			}
		}
	}
	return errors.Join(faults...)
}

var contractReference = regexp.MustCompile(`^Contract/[^/]+/\d{4}-\d\d-\d\d( 23:59:59)?$`)

// readEligibility reads an EligibilityResponse.
func readEligibility(n fhir.Node) error {
	insurance := n.Get("insurance").First()
	if text := insurance.At("contract", "reference").Text(); !contractReference.MatchString(text) {
		return fmt.Errorf("contract %q", text)
	}
	balance := insurance.Get("benefitBalance").First()
	financial := balance.Get("financial").First()
	switch {
	case financial.At("allowedMoney", "value").Kind() != fhir.KindNumber:
		return errors.New("no allowedMoney")
	case financial.At("usedMoney", "value").Kind() != fhir.KindNumber:
		return errors.New("no usedMoney")
	case balance.At("category", "text").Text() == "": // Nepal's client fails without one
		return errors.New("no text of the category")
	case balance.At("term", "coding").First().Get("code").Text() == "":
		return errors.New("no term")
	case financial.At("type", "coding").First().Get("code").Text() == "":
		return errors.New("no type")
	}
	return nil
}

// readPatient reads a Patient that is imported.
func readPatient(n fhir.Node) error {
	if _, err := typed(n, "ACSN"); err != nil {
		return err
	}
	for i := range n.Get("identifier").Each() {
		switch {
		case i.Get("use").Text() == "":
			return errors.New("an identifier without use is null")
		case i.Get("system").Exists():
			return errors.New("no type of identifier has the name of a system")
		}
	}
	for a := range n.Get("address").Each() {
		if use := a.Get("use").Text(); use == "" || use == "billing" {
			return fmt.Errorf("an address of the use %q, which is null", use)
		}
	}
	name := n.Get("name").First()
	switch {
	case name.Get("family").Text() == "" || name.Get("given").Len() == 0:
		return errors.New("no family or given name")
	case n.Get("active").Text() != "true":
		return errors.New("imported as voided")
	case n.Get("deceasedDateTime").Exists():
		return errors.New("deceasedDateTime is read as a boolean")
	}
	return nil
}

// Each trap that a client falls into is seen by what reads for it here, or the
// replays would prove nothing.
func TestTheClientsFallIntoEachTrap(t *testing.T) {
	response := func(n fhir.Node) error { return readClaimResponse(n, 4) }
	for _, c := range []struct {
		name, file string
		read       func(fhir.Node) error
		old, new   string
	}{
		{"two ACSN", "openmrs/claim-response.json", response, `"code": "MR"`, `"code": "ACSN"`},
		{"no MR", "openmrs/claim-response.json", response, `"code": "MR"`, `"code": "XX"`},
		{"an absolute reference", "openmrs/claim-response.json", response, `"Patient/070100001018"`, `"http://x/Patient/1"`},
		{"an outcome of R4", "openmrs/claim-response.json", response, `"text": "valuated"`, `"text": "complete"`},
		{"a date with a time", "openmrs/claim-response.json", response, `"date": "2026-03-15"`, `"date": "2026-03-15T00:00:00Z"`},
		{"an item too many", "openmrs/claim-response.json", func(n fhir.Node) error { return readClaimResponse(n, 3) }, "", ""},
		{"an item too few", "openmrs/claim-response.json", func(n fhir.Node) error { return readClaimResponse(n, 5) }, "", ""},
		{"a reason of another word", "openmrs/claim-response.json", response, `"text": "passed"`, `"text": "accepted"`},
		{"a category without text", "bahmni/claim-response.json", response, `{"text": "rejected_reason"}`, `{"coding": [{"code": "rejected_reason"}]}`},
		{"an item without a note", "openmrs/claim-response.json", response, `"noteNumber": [3], `, ``},
		{"an item with two notes", "openmrs/claim-response.json", response, `"noteNumber": [3]`, `"noteNumber": [3, 4]`},
		{"no total", "openmrs/claim-response.json", response, `"totalBenefit": {"value": 70920,`, `"totalBenefit": {`},
		{"an echo without a kind of visit", "openmrs/claim-echo.json", readClaim, `"type": {"text": "Consultation externe – été"}`, `"type": {"coding": []}`},
		{"an echo without a quantity", "openmrs/claim-echo.json", readClaim, `"quantity": {"value": 20}`, `"quantity": {}`},
		{"an echo without a code", "openmrs/claim-echo.json", readClaim, `"text": "D-101"`, `"id": "D-101"`},
		{"an echo whose link leads nowhere", "openmrs/claim-echo.json", readClaim, `"informationLinkId": [6]`, `"informationLinkId": [7]`},
		{"an expiry that is no day", "openmrs/eligibility-response.json", readEligibility, `/2026-12-31"`, `/2026-12-31T23:59:59"`},
		{"a category of cover without text", "openmrs/eligibility-response.json", readEligibility, `, "text": "all"`, ``},
		{"a balance without what is used", "openmrs/eligibility-response.json", readEligibility, `"usedMoney"`, `"usedUnsignedInt"`},
		{"an item that no addItem codes", "openmrs/claim-response.json", response, `"sequenceLinkId": [2]`, `"sequenceLinkId": [1]`},
		{"a rejection without a reason", "bahmni/claim-response.json", response, `"text": "rejected_reason"`, `"text": "other"`},
		{"a reason without a code", "bahmni/claim-response.json", response, `{"text": "rejected_reason"}, "reason": {"coding": [{"code"`, `{"text": "rejected_reason"}, "reason": {"coding": [{"system"`},
		{"an echo of information without a value", "openmrs/claim-echo.json", readClaim, `"valueString": "three days"`, `"id": "three"`},
		{"an identifier without use", "openmrs/patient.json", readPatient, `"use": "official", "type"`, `"type"`},
		{"an identifier with a system", "openmrs/patient.json", readPatient, `"value": "070100001018"`, `"system": "http://x", "value": "070100001018"`},
		{"an address without use", "openmrs/patient.json", readPatient, `"use": "home", `, ``},
		{"a patient without ACSN", "openmrs/patient.json", readPatient, `"code": "ACSN"`, `"code": "SB"`},
		{"a patient who is voided", "openmrs/patient.json", readPatient, `"active": true`, `"active": false`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := string(golden(t, c.file))
			if err := c.read(parsed(t, []byte(text))); err != nil && c.old != "" {
				t.Fatalf("what is right is refused: %v", err)
			}
			if c.old != "" && !strings.Contains(text, c.old) {
				t.Fatalf("%s has no %s", c.file, c.old)
			}
			if c.read(parsed(t, []byte(strings.Replace(text, c.old, c.new, 1)))) == nil {
				t.Error("nobody falls into it")
			}
		})
	}
}
