package kenyaemr

import (
	"net/http"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// The states of a claim, in the words that the client compares in lower case.
const (
	statePending  = "pending"
	stateQueued   = "queued"
	stateApproved = "approved"
	stateRejected = "rejected"
	stateReturned = "returned back"
	statePriced   = "sent-for-payment-processing"
	statePaid     = "payment-completed"
)

// status is ClaimResponse?claim=: a searchset with the ClaimResponse, the Claim and
// a Task. The client takes the state from the Task's output, what is approved from
// Claim.total, and the time from Claim.created.
func (f *front) status(w http.ResponseWriter, r *http.Request) {
	id := dialect.Target("Claim/" + r.URL.Query().Get("claim")).ID
	bundle := dialect.Object{
		"resourceType": "Bundle", "type": "searchset", "total": number(0),
		"link": []any{dialect.Object{"relation": "self", "url": f.gate.Base() + "/ClaimResponse?claim=" + id}},
	}
	if !fhir.ValidID(id) {
		refuse(w, r, fhir.Errorf(fhir.IssueValue, "", "claim is the id of a claim, as the receipt named it"))
		return
	}
	claim := f.gate.Ask(r, connect.Question{Path: "Claim/" + id})
	switch {
	case claim.Status == http.StatusNotFound || claim.Status == http.StatusGone:
		answer(w, r, http.StatusOK, dialect.Write(bundle))
		return
	case !claim.OK():
		hand(w, r, claim)
		return
	}
	response := f.gate.Ask(r, connect.Question{Path: "ClaimResponse/" + id})
	if !response.OK() && response.Status != http.StatusNotFound {
		hand(w, r, response)
		return
	}
	state := stateOf(claim.Node(), response.Node())
	entries := []any{f.entry("match", "Claim", id, f.claimAs(claim, response))}
	if response.OK() {
		entries = append([]any{f.entry("match", "ClaimResponse", id, f.responseAs(response, state))}, entries...)
		entries[1].(dialect.Object)["search"] = dialect.Object{"mode": "include"}
	}
	entries = append(entries, f.entry("include", "Task", id, f.taskOf(id, state)))
	bundle["total"], bundle["entry"] = number(1), entries
	answer(w, r, http.StatusOK, dialect.Write(bundle))
}

// stateOf says how far a claim is.
func stateOf(claim, response fhir.Node) string {
	if claim.Get("status").Text() != "active" {
		return stateReturned
	}
	switch outcome := response.Get("outcome").Text(); {
	case !response.Exists():
		return statePending
	case outcome == "queued":
		return stateQueued
	case outcome == "error" || !accepted(response):
		return stateRejected
	case response.Get("payment").Exists():
		return statePaid
	case outcome == "partial":
		return statePriced
	}
	return stateApproved
}

// accepted reports whether a line is: only of those a quantity is approved.
func accepted(response fhir.Node) bool {
	for item := range response.Get("item").Each() {
		for a := range item.Get("adjudication").Each() {
			if a.Get("category").Code(profiles.SystemAdjudication) == "approved-quantity" {
				return true
			}
		}
	}
	return false
}

// claimAs gives the Claim as the client reads it: its total is what is approved,
// and created has a time, without which the client's parser fails.
func (f *front) claimAs(claim, response *connect.Answer) dialect.Object {
	c := dialect.ObjectOf(claim.Node())
	total := dialect.Object{"value": number(0)}
	for t := range response.Node().Get("total").Each() {
		if t.Get("category").Code(hl7+"adjudication") == "benefit" {
			total = dialect.ObjectOf(t.Get("amount"))
		}
	}
	c["total"] = total
	if day, err := time.Parse(time.DateOnly, dialect.Text(c, "created")); err == nil {
		c["created"] = day.Format(time.RFC3339)
	}
	return c
}

// responseAs gives the ClaimResponse with its state as the exchange has it. The
// client shows the notes as what the approver says: where there are none, that is
// the disposition, or a clerk would not learn why nothing is paid.
func (f *front) responseAs(response *connect.Answer, state string) dialect.Object {
	o := dialect.ObjectOf(response.Node())
	dialect.Extend(o, f.gate.Base()+"/StructureDefinition/claim-state-extension", "valueCodeableConcept", f.stateConcept(state))
	if text := dialect.Text(o, "disposition"); text != "" && len(dialect.Each(o, "processNote")) == 0 {
		o["processNote"] = []any{dialect.Object{"number": number(1), "type": "display", "text": text}}
	}
	return o
}

// taskOf gives the Task whose output says the state. It is not stored.
func (f *front) taskOf(id, state string) dialect.Object {
	return dialect.Object{
		"resourceType": "Task", "id": id, "status": "completed", "intent": "order",
		"focus": dialect.Object{"reference": "Claim/" + id},
		"output": []any{dialect.Object{
			"type": dialect.Object{"text": "state of the claim"}, "valueCodeableConcept": f.stateConcept(state),
		}},
	}
}

// stateConcept names a state. The client compares code and display alike.
func (f *front) stateConcept(state string) dialect.Object {
	return dialect.Concept(f.gate.Base()+"/CodeSystem/claim-state", state, state)
}

func (f *front) entry(mode, typ, id string, resource dialect.Object) dialect.Object {
	return dialect.Object{
		"fullUrl": f.gate.Base() + "/" + typ + "/" + id, "resource": resource,
		"search": dialect.Object{"mode": mode},
	}
}
