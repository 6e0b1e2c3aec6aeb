package stu3

import (
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// The ClaimResponse of STU3, as far as the clients read it.
type (
	s3Adjudication struct {
		Category concept     `json:"category"`
		Reason   *concept    `json:"reason,omitempty"`
		Amount   *money      `json:"amount,omitempty"`
		Value    json.Number `json:"value,omitempty"`
	}
	s3ResponseItem struct {
		SequenceLinkID int              `json:"sequenceLinkId"`
		NoteNumber     []int            `json:"noteNumber"`
		Adjudication   []s3Adjudication `json:"adjudication"`
	}
	s3AddedItem struct {
		SequenceLinkID []int   `json:"sequenceLinkId"`
		Service        concept `json:"service"`
	}
	s3Error struct {
		Code concept `json:"code"`
	}
	s3Payment struct {
		AdjustmentReason *concept `json:"adjustmentReason,omitempty"`
		Date             string   `json:"date,omitempty"`
		Amount           *money   `json:"amount,omitempty"`
	}
	s3Note struct {
		Number int    `json:"number"`
		Text   string `json:"text"`
	}
	s3ClaimResponse struct {
		ResourceType        string           `json:"resourceType"`
		ID                  string           `json:"id"`
		Identifier          []identifier     `json:"identifier"`
		Status              string           `json:"status"`
		Patient             *reference       `json:"patient,omitempty"`
		Created             string           `json:"created,omitempty"`
		RequestProvider     *reference       `json:"requestProvider,omitempty"`
		RequestOrganization *reference       `json:"requestOrganization,omitempty"`
		Request             reference        `json:"request"`
		Outcome             concept          `json:"outcome"`
		Disposition         string           `json:"disposition,omitempty"`
		Item                []s3ResponseItem `json:"item,omitempty"`
		AddItem             []s3AddedItem    `json:"addItem,omitempty"`
		Error               []s3Error        `json:"error,omitempty"`
		TotalCost           *money           `json:"totalCost,omitempty"`
		TotalBenefit        *money           `json:"totalBenefit"`
		Payment             *s3Payment       `json:"payment,omitempty"`
		ProcessNote         []s3Note         `json:"processNote,omitempty"`
	}
)

// claimResponse makes the answer to a claim of its decision, which is absent where
// nobody has decided it yet. It bears the id of the claim, and the same numbers.
func claimResponse(id string, claim, response fhir.Node) *s3ClaimResponse {
	state := stateOf(claim, response)
	currency := claimCurrency(claim, response)
	r := &s3ClaimResponse{
		ResourceType: "ClaimResponse", ID: id, Identifier: numbers(id, claim), Status: "active",
		Patient: told(claim.Get("patient"), "Patient"), Created: offset(response.Get("created").Text()),
		RequestProvider: providerOf(claim), RequestOrganization: told(claim.Get("provider"), "Organization"),
		Request: reference{Reference: "Claim/" + id}, Outcome: concept{Coding: []coding{{Code: stateNumbers[state]}}, Text: state},
		Disposition: response.Get("disposition").Text(), TotalBenefit: newMoney("0", currency),
	}
	if status := claim.Get("status").Text(); status != "active" && status != "" {
		r.Status = status
	}
	for t := range response.Get("total").Each() {
		for c := range t.At("category", "coding").Each() {
			switch value := numberOf(t.At("amount", "value")); {
			case value == "":
			case c.Get("code").Text() == "submitted":
				r.TotalCost = newMoney(value, currency)
			case c.Get("code").Text() == "benefit":
				r.TotalBenefit = newMoney(value, currency)
			}
		}
	}
	r.Error = failures(response, state)
	r.lines(claim, response, state, currency)
	r.Payment = payment(response, state, currency)
	return r
}

// offset writes a time in UTC by numbers: clients in Python before 3.11 fail on Z.
func offset(at string) string {
	if utc, ok := strings.CutSuffix(at, "Z"); ok {
		return utc + "+00:00"
	}
	return at
}

// claimCurrency gives the currency of a claim: of its decision, or of its total.
func claimCurrency(claim, response fhir.Node) string {
	for t := range response.Get("total").Each() {
		if currency := t.At("amount", "currency").Text(); currency != "" {
			return currency
		}
	}
	return claim.At("total", "currency").Text()
}

// lines answers each line of the claim, in its order, also where there is no
// decision: clients find the answers by their positions, and the code of what was
// claimed by addItem, as openIMIS told it. Each has one note, for they take the
// number of a note from every line or from none.
func (r *s3ClaimResponse) lines(claim, response fhir.Node, state, currency string) {
	decisions := map[string]fhir.Node{}
	for item := range response.Get("item").Each() {
		decisions[item.Get("itemSequence").Text()] = item
	}
	notes := map[string]string{}
	for n := range response.Get("processNote").Each() {
		notes[n.Get("number").Text()] = n.Get("text").Text()
	}
	for item := range claim.Get("item").Each() {
		position := len(r.Item) + 1
		line := s3ResponseItem{SequenceLinkID: position, NoteNumber: []int{position}}
		if sequence := positiveOf(item.Get("sequence")); sequence > 0 {
			line.SequenceLinkID = sequence
		}
		decision := decisions[item.Get("sequence").Text()]
		var words []string
		line.Adjudication, words = r.adjudicate(item, decision, state, currency)
		for n := range decision.Get("noteNumber").Each() {
			if text := notes[n.Text()]; text != "" {
				words = append(words, text)
			}
		}
		if len(words) == 0 {
			words = []string{"-"}
		}
		r.Item = append(r.Item, line)
		if service := conceptOf(item.Get("productOrService")); len(service.Coding) > 0 {
			r.AddItem = append(r.AddItem, s3AddedItem{[]int{line.SequenceLinkID}, concept{Coding: []coding{{Code: service.Coding[0].Code}}}})
		}
		r.ProcessNote = append(r.ProcessNote, s3Note{position, strings.Join(words, "; ")})
	}
}

// adjudicate tells what became of a line: passed or rejected, the quantity and the
// price of a unit that are approved. One that waits is passed as it was claimed, as
// long as nobody says otherwise; one of a claim that can't be decided is rejected
// for what is wrong with the claim.
func (r *s3ClaimResponse) adjudicate(item, decision fhir.Node, state, currency string) (list []s3Adjudication, words []string) {
	general := func(reason string, value, price json.Number) s3Adjudication {
		return s3Adjudication{Category: concept{Text: "general"}, Reason: &concept{Text: reason}, Value: value, Amount: newMoney(price, currency)}
	}
	if !decision.Exists() && state != "rejected" {
		value, price := numberOf(item.At("quantity", "value")), numberOf(item.At("unitPrice", "value"))
		return []s3Adjudication{general("passed", or(value, "1"), or(price, "0"))}, nil
	}
	number, words := rejection(decision)
	if approved, ok := step(decision, "approved-quantity"); ok {
		value := or(numberOf(approved.Get("value")), "0")
		return []s3Adjudication{general("passed", value, unitPrice(decision, value, currency))}, words
	}
	list = []s3Adjudication{general("rejected", "0", "0")}
	if !decision.Exists() && len(r.Error) > 0 && len(r.Error[0].Code.Coding) > 0 {
		number = r.Error[0].Code.Coding[0].Code
	}
	if number != "" {
		list = append(list, s3Adjudication{Category: concept{Text: "rejected_reason"}, Reason: &concept{Coding: []coding{{Code: number}}}})
	}
	return list, words
}

// or gives a number, or another where there is none.
func or(value, otherwise json.Number) json.Number {
	if value == "" {
		return otherwise
	}
	return value
}

// unitPrice gives what is approved for one unit: what the scheme recognises of the
// line, before the patient's shares, by the quantity.
func unitPrice(decision fhir.Node, approved json.Number, currency string) json.Number {
	eligible, _ := step(decision, "eligible")
	whole, err := fhir.ParseDecimal(string(numberOf(eligible.At("amount", "value"))))
	if err != nil {
		return "0"
	}
	units, err := fhir.ParseDecimal(string(approved))
	if err != nil || units.Sign() <= 0 {
		return "0"
	}
	price := whole.Rat()
	price.Quo(price, units.Rat())
	amount, err := fhir.ParseAmount(price.FloatString(fhir.MinorUnits(currency)))
	if err != nil {
		return "0"
	}
	return json.Number(amount.String())
}

// failures tells why a claim is rejected: the number of the reason first, where
// openIMIS has one.
func failures(response fhir.Node, state string) (list []s3Error) {
	if state != "rejected" {
		return nil
	}
	add := func(number, text string) {
		c := concept{Text: text}
		if number != "" {
			c.Coding = []coding{{Code: number}}
		}
		list = append(list, s3Error{c})
	}
	person := ""
	for tag := range response.At("meta", "tag").Each() {
		if tag.Get("system").Text() == profiles.SystemDataQuality && tag.Get("code").Text() == "unknown-patient" {
			person = personInvalid
		}
	}
	for e := range response.Get("error").Each() {
		number := person
		for c := range e.At("code", "coding").Each() {
			if number == "" {
				number = c.Get("code").Text()
			}
		}
		add(number, e.At("code", "text").Text())
	}
	for item := range response.Get("item").Each() {
		if number, words := rejection(item); len(list) == 0 && number != "" {
			add(number, strings.Join(words, "; "))
		}
	}
	return list
}

// personInvalid is openIMIS's number for a person who is not insured.
const personInvalid = "7"

// payment tells when the claim was paid or, as openIMIS did while it is not, decided;
// clients keep it as the day on which it was processed.
func payment(response fhir.Node, state, currency string) *s3Payment {
	p := &s3Payment{}
	if text := response.Get("disposition").Text(); text != "" {
		p.AdjustmentReason = &concept{Text: text}
	}
	date := response.Get("created").Text()
	if paid := response.Get("payment"); paid.Exists() {
		date = paid.Get("date").Text()
		if value := numberOf(paid.At("amount", "value")); value != "" {
			p.Amount = newMoney(value, currency)
		}
	}
	if state != "entered" && state != "checked" && len(date) >= dateLength {
		p.Date = date[:dateLength]
	}
	if *p == (s3Payment{}) {
		return nil
	}
	return p
}
