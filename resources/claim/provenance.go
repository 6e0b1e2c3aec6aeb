package claim

import (
	"encoding/json"
	"strconv"

	"bima/fhir"
)

// cause gives what made a claim be decided anew: zero where time did.
func (p *pending) cause() fhir.Key {
	if !p.asked.IsZero() {
		return p.asked
	}
	return p.trigger
}

// reason says why a claim was decided anew.
func (p *pending) reason() string {
	switch {
	case p.why != "":
		return p.why
	case p.trigger.IsZero():
		return "What the claim waited for is settled."
	}
	switch p.trigger.Type {
	case "Claim":
		return "The claim was changed."
	case "Task":
		return "The review of the claim ended."
	}
	return "Cover changed for days of the claim."
}

type (
	provenanceJSON struct {
		ResourceType string          `json:"resourceType"`
		Target       []referenceJSON `json:"target"`
		Recorded     string          `json:"recorded"`
		Reason       []concept       `json:"reason"`
		Activity     concept         `json:"activity"`
		Agent        []agentJSON     `json:"agent"`
		Entity       []entityJSON    `json:"entity,omitempty"`
	}
	agentJSON struct {
		Type       concept `json:"type"`
		Who        whoJSON `json:"who"`
		OnBehalfOf whoJSON `json:"onBehalfOf"`
	}
	whoJSON struct {
		Reference string `json:"reference,omitempty"`
		Display   string `json:"display,omitempty"`
	}
	entityJSON struct {
		Role string        `json:"role"`
		What referenceJSON `json:"what"`
	}
)

// attest records of a new version of a decision who caused it, by what and why:
// the server decides, on behalf of whoever asked for what made it.
func attest(tx fhir.Tx, decision *fhir.Resource, trigger fhir.Key, why string) error {
	p := provenanceJSON{
		ResourceType: "Provenance",
		Target:       []referenceJSON{{versioned(decision)}},
		Recorded:     tx.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		Reason:       []concept{{Text: why}},
		Activity:     concept{Coding: []coding{{"http://terminology.hl7.org/CodeSystem/v3-DataOperation", "UPDATE"}}},
		Agent: []agentJSON{{
			Type:       concept{Coding: []coding{{"http://terminology.hl7.org/CodeSystem/provenance-participant-type", "performer"}}},
			Who:        whoJSON{Display: "The scheme"},
			OnBehalfOf: caller(tx),
		}},
	}
	if !trigger.IsZero() {
		p.Entity = []entityJSON{{"source", referenceJSON{trigger.String()}}}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Provenance"}, Body: body})
	return err
}

// caller says who asked: as whom he acts, else under which name.
func caller(tx fhir.Tx) whoJSON {
	if k := tx.Caller().Entity; !k.IsZero() {
		return whoJSON{Reference: k.String()}
	}
	return whoJSON{Display: tx.Caller().Name}
}

// versioned names the version of a resource.
func versioned(r *fhir.Resource) string {
	return r.Key.String() + "/_history/" + strconv.FormatInt(r.Version, 10)
}
