package chargeitem

import (
	"context"
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// condition gives the FHIRPath that says what a price's list and period say.
// %context is the ChargeItem that is priced; a claim's line is read as one whose
// performingOrganization is the provider and whose occurrence is the day of
// service. Source: R4 ChargeItemDefinition.propertyGroup.applicability.
func (p price) condition() string {
	var text strings.Builder
	text.WriteString("%context.performingOrganization.resolve().extension.where(url = '" + profiles.ExtensionPriceList + "').value.code = '")
	text.WriteString(escape(p.list.Get("code").Text()))
	text.WriteString("'")
	if start := p.period.Get("start").Text(); start != "" {
		text.WriteString(" and %context.occurrence >= @" + start)
	}
	if end := p.period.Get("end").Text(); end != "" {
		text.WriteString(" and %context.occurrence <= @" + end)
	}
	return text.String()
}

// escape writes a text as the inside of a FHIRPath string.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)
}

// react asks of others what a tariff can't answer alone, and writes the conditions
// that are missing: a group without one would always apply to a tool that knows R4
// only.
func react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		if err := others(tx, c); err != nil {
			return err
		}
		edited, body, err := complete(c.Node)
		if err != nil {
			return err
		}
		if !edited {
			continue
		}
		if _, err := tx.Update(&fhir.Resource{Key: c.Key, Body: body}, 0); err != nil {
			return err
		}
	}
	return nil
}

func complete(definition fhir.Node) (edited bool, body []byte, err error) {
	e := fhir.NewEdit(definition.Document())
	for _, p := range prices(definition) {
		if p.node.Get("applicability").Exists() {
			continue
		}
		expression, err := json.Marshal(p.condition())
		if err != nil {
			return false, nil, err
		}
		e.Set(p.node, "applicability", []byte(`[{"language":"text/fhirpath","expression":`+string(expression)+`}]`))
		edited = true
	}
	if !edited {
		return false, nil, nil
	}
	return true, e.Bytes(), nil
}
