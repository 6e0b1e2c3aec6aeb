package openmrs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"bima/fhir"
)

// extLocation says where an identifier was given, in fhir2.
const extLocation = "http://fhir.openmrs.org/ext/patient/identifier#location"

// number writes the insurance number as an identifier of the patient, where the
// facility wants that and it is missing: with all identifiers that are there, each
// as it was read.
func (c *client) number(ctx context.Context, p *person, _ picture) (trouble string, err error) {
	if c.set.numberType == "" || p.number == "" {
		return "", nil
	}
	there, err := c.get(ctx, "Patient/"+p.uuid)
	if err != nil || bears(there, p.number) {
		return "", err
	}
	var list [][]byte
	for i := range there.Get("identifier").Each() {
		list = append(list, i.Raw())
	}
	ours := map[string]any{"type": map[string]string{"text": c.set.numberType}, "value": p.number}
	if c.set.numberLocation != "" {
		ours["extension"] = []any{map[string]any{"url": extLocation, "valueReference": map[string]string{"type": "Location", "reference": "Location/" + c.set.numberLocation}}}
	}
	added, err := json.Marshal(ours)
	if err != nil {
		return "", err
	}
	body := append([]byte(`{"identifier":[`), bytes.Join(append(list, added), []byte{','})...)
	if _, err := c.ask(ctx, http.MethodPatch, "Patient/"+p.uuid, mediaMerge, append(body, "]}"...)); err != nil {
		return "", err
	}
	if there, err = c.get(ctx, "Patient/"+p.uuid); err != nil {
		return "", err
	}
	if bears(there, p.number) {
		return "", c.settle(ctx, c.job("lost-value", "identifier "+c.set.numberType))
	}
	return "OpenMRS did not keep the identifier " + c.set.numberType, c.raise(ctx, job{code: "lost-value", about: "identifier " + c.set.numberType, text: fmt.Sprintf(
		"%s does not keep an identifier of the type %q: make an identifier type of this name there, or name the one that is there in %s.", c.set.base, c.set.numberType, c.set.endpoint,
	)})
}

// bears reports whether a Patient has an identifier of a value.
func bears(n fhir.Node, value string) bool {
	for i := range n.Get("identifier").Each() {
		if i.Get("value").Text() == value {
			return true
		}
	}
	return false
}
