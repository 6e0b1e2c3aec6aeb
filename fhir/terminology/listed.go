package terminology

import (
	"encoding/json"

	"bima/fhir/r4"
)

// currencySystem is ISO 4217, whose codes R4's value set of currencies takes in.
const (
	currencySystem = "urn:iso:std:iso:4217"
	currencySet    = "http://hl7.org/fhir/ValueSet/currencies"
)

// listed gives a code system that R4 refers to without defining it, where its
// codes are among our tables; nil for any other.
func (s *Service) listed(c canonical) *held {
	if c.url != currencySystem || c.version != "" {
		return nil
	}
	h, err := s.compiled("CodeSystem "+c.url, currencies)
	if err != nil {
		panic("terminology: the table of currencies makes no code system: " + err.Error())
	}
	return h
}

func currencies() ([]byte, error) {
	type concept struct {
		Code    string `json:"code"`
		Display string `json:"display"`
	}
	var list []concept
	for _, c := range r4.ValueSetCodes(currencySet) {
		list = append(list, concept{c.Code, c.Display})
	}
	return json.Marshal(struct {
		ResourceType string    `json:"resourceType"`
		URL          string    `json:"url"`
		Name         string    `json:"name"`
		Status       string    `json:"status"`
		Content      string    `json:"content"`
		Concept      []concept `json:"concept"`
	}{"CodeSystem", currencySystem, "ISO4217", "active", "complete", list})
}
