package stu3

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"bima/connect"
	"bima/fhir"
	"bima/profiles"
)

// The EligibilityResponse of STU3, as far as the clients read it.
type (
	s3Financial struct {
		Type         concept `json:"type"`
		AllowedMoney *money  `json:"allowedMoney"`
		UsedMoney    *money  `json:"usedMoney"`
	}
	s3Balance struct {
		Category  concept       `json:"category"`
		Name      string        `json:"name,omitempty"`
		Unit      *concept      `json:"unit,omitempty"`
		Term      *concept      `json:"term,omitempty"`
		Financial []s3Financial `json:"financial"`
	}
	s3Insured struct {
		Coverage       *reference  `json:"coverage,omitempty"`
		Contract       reference   `json:"contract"`
		BenefitBalance []s3Balance `json:"benefitBalance"`
	}
	s3Eligibility struct {
		ResourceType string      `json:"resourceType"`
		ID           string      `json:"id"`
		Status       string      `json:"status"`
		Created      string      `json:"created,omitempty"`
		Request      reference   `json:"request"`
		Outcome      concept     `json:"outcome"`
		Disposition  string      `json:"disposition,omitempty"`
		InForce      bool        `json:"inforce"`
		Insurance    []s3Insured `json:"insurance"`
	}
)

// r4Question is a CoverageEligibilityRequest.
type r4Question struct {
	ResourceType string          `json:"resourceType"`
	Extension    []r4Extension   `json:"extension"`
	Status       string          `json:"status"`
	Purpose      []string        `json:"purpose"`
	Patient      reference       `json:"patient"`
	ServicedDate string          `json:"servicedDate,omitempty"`
	Created      string          `json:"created"`
	Insurer      json.RawMessage `json:"insurer"`
	Facility     *reference      `json:"facility,omitempty"`
}

// postEligibility is POST EligibilityRequest: whether a person is insured, to when,
// and what is left. Nobody who is not insured is answered as if he were, for the
// clients keep whatever is answered as a policy.
func postEligibility(c *call) (*reply, error) {
	body, err := c.read("EligibilityRequest")
	if err != nil {
		return nil, err
	}
	named := nameOf(body.Get("patient"), "Patient")
	if named.ID == "" {
		return nil, invalid("EligibilityRequest.patient", "The request names no patient")
	}
	facility := nameOf(body.Get("facility"), "Location")
	l := &lookup{}
	patient, place, asked := l.named("Patient", named.ID), l.named("Location", facility.ID), l.memberships(named.ID)
	if err := l.ask(c); err != nil {
		return nil, err
	}
	who := patient.party("")
	if !who.known() {
		return nil, refuse(http.StatusNotFound, fhir.IssueNotFound, "No insuree has the number "+shortened(named.ID, toldMax/2))
	}
	coverages := l.of(asked, who.key)
	question := c.question(who, place.party(facility.Display), coverages, dateOf(body.Get("servicedDate")))
	sent, err := json.Marshal(question)
	if err != nil {
		return nil, invalid("EligibilityRequest", "The request can't be read as JSON")
	}
	answer := c.gate.Ask(c.r, connect.Question{Method: http.MethodPost, Path: "CoverageEligibilityRequest/$submit", Body: sent})
	if !answer.OK() {
		return nil, relay(answer)
	}
	response := answer.Node()
	insured := insurances(response, coverages, c.endOfDay())
	if len(insured) == 0 {
		return nil, refuse(http.StatusNotFound, fhir.IssueNotFound, "The insuree "+shortened(named.ID, toldMax/2)+" has no policy: "+response.Get("disposition").Text())
	}
	id := response.Get("id").Text()
	said := &s3Eligibility{
		ResourceType: "EligibilityResponse", ID: id, Status: "active", Created: offset(response.Get("created").Text()),
		Request:     reference{Reference: "EligibilityRequest/" + strings.TrimPrefix(response.At("request", "reference").Text(), "CoverageEligibilityRequest/")},
		Outcome:     concept{Coding: []coding{{Code: response.Get("outcome").Text()}}, Text: response.Get("outcome").Text()},
		Disposition: response.Get("disposition").Text(), InForce: inForce(response.Get("insurance").First()), Insurance: insured,
	}
	for i := range response.Get("insurance").Each() {
		said.InForce = said.InForce || inForce(i)
	}
	return &reply{status: http.StatusCreated, body: said}, nil
}

// question makes the CoverageEligibilityRequest.
func (c *call) question(patient, place party, coverages []fhir.Node, on string) r4Question {
	q := r4Question{
		ResourceType: "CoverageEligibilityRequest", Status: "active", Purpose: []string{"benefits"}, Patient: patient.ref, ServicedDate: on,
		Created: c.settings.Now().Format(time.RFC3339), Insurer: json.RawMessage(`{"display":"The scheme"}`),
	}
	w := parties{coverages: coverages}
	if payor := w.coverage(&period{Start: q.Created}).Get("payor").First(); payor.Get("reference").Exists() {
		q.Insurer = json.RawMessage(payor.Raw())
	}
	if place.known() {
		q.Facility = &place.ref
	}
	q.Extension = []r4Extension{{URL: profiles.ExtensionTranslated, Extension: []r4Extension{
		{URL: "tongue", ValueCode: "stu3"},
		{URL: "filled", ValueString: "CoverageEligibilityRequest.status = active"},
		{URL: "filled", ValueString: "CoverageEligibilityRequest.purpose = benefits"},
		{URL: "filled", ValueString: "CoverageEligibilityRequest.created = " + q.Created},
		{URL: "filled", ValueString: "CoverageEligibilityRequest.insurer"},
	}}}
	return q
}

// inForce reports whether a membership of an answer is in force.
func inForce(insurance fhir.Node) bool { return insurance.Get("inforce").Text() == "true" }

// insurances tells of the memberships: those in force first, and of the others the
// last to end, for clients look at the first.
func insurances(response fhir.Node, coverages []fhir.Node, endOfDay string) (list []s3Insured) {
	known := map[string]fhir.Node{}
	for _, n := range coverages {
		known[keyOf(n)] = n
	}
	type entry struct {
		said    s3Insured
		inForce bool
		end     string
	}
	var entries []entry
	for i := range response.Get("insurance").Each() {
		key := i.At("coverage", "reference").Text()
		end := i.At("benefitPeriod", "end").Text()
		if end == "" {
			end = known[key].At("period", "end").Text()
		}
		policy := known[key].Get("contract").First().Get("reference").Text()
		if policy == "" {
			policy = strings.Replace(key, "Coverage/", "Contract/", 1)
		}
		said := s3Insured{Coverage: &reference{Reference: key}, Contract: reference{Reference: policy}, BenefitBalance: balances(i)}
		if len(end) >= dateLength {
			said.Contract.Reference += "/" + end[:dateLength] + endOfDay
		} else {
			said.Contract.Reference += "/" + endless + endOfDay
		}
		entries = append(entries, entry{said, inForce(i), end})
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.inForce != b.inForce {
			return map[bool]int{true: -1, false: 1}[a.inForce]
		}
		return strings.Compare(b.end, a.end)
	})
	for _, e := range entries {
		list = append(list, e.said)
	}
	return list
}

// endOfDay gives the time of the last day that is told to a client. Nepal's clients,
// who send Remote-User, read no day without one; the others are told the day alone,
// since OpenMRS reads times by a clock of twelve hours.
func (c *call) endOfDay() string {
	if c.r.Header.Get("Remote-User") != "" {
		return " 23:59:59"
	}
	return ""
}

// endless is the last day of a membership that does not end: clients need one.
const endless = "9999-12-31"

// balances tells of the limits in money, the ceiling of all care first. Clients read
// allowed and used of it, so it is there with both also where there is no ceiling.
func balances(insurance fhir.Node) []s3Balance {
	var ceilings, others []s3Balance
	currency := ""
	for item := range insurance.Get("item").Each() {
		for benefit := range item.Get("benefit").Each() {
			allowed, used := s3Money(benefit.Get("allowedMoney")), s3Money(benefit.Get("usedMoney"))
			if allowed == nil || !item.Get("category").Exists() {
				continue
			}
			currency = allowed.Code
			if used == nil {
				used = newMoney("0", allowed.Code)
			}
			typ := conceptOf(benefit.Get("type"))
			b := s3Balance{Category: worded(conceptOf(item.Get("category"))), Name: item.Get("description").Text(), Financial: []s3Financial{{typ, allowed, used}}}
			b.Unit, b.Term = coded(item.Get("unit")), coded(item.Get("term"))
			whole := item.Get("category").Code(profiles.SystemBenefit) == "all" && b.Name == ""
			if whole && typ.Coding[0].Code == "benefit" {
				ceilings = append(ceilings, b)
			} else {
				others = append(others, b)
			}
		}
	}
	if len(ceilings) == 0 {
		none := s3Balance{Category: worded(concept{Coding: []coding{{System: profiles.SystemBenefit, Code: "all"}}}), Name: "No ceiling"}
		none.Term = &concept{Coding: []coding{{System: profiles.SystemLimitTerm, Code: "policy"}}}
		none.Financial = []s3Financial{{concept{Coding: []coding{{Code: "benefit"}}}, newMoney("0", currency), newMoney("0", currency)}}
		ceilings = append(ceilings, none)
	}
	return append(ceilings, others...)
}

// worded gives a concept with a text: clients show that and look at no coding.
func worded(c concept) concept {
	if c.Text == "" && len(c.Coding) > 0 {
		c.Text = c.Coding[0].Code
		if display := c.Coding[0].Display; display != "" {
			c.Text = display
		}
	}
	return c
}

// coded gives a concept; nil where it says nothing.
func coded(n fhir.Node) *concept {
	c := conceptOf(n)
	if c.empty() {
		return nil
	}
	return &c
}
