package stu3_test

import (
	"net/http"
	"strings"
	"testing"

	"bima/connect/connecttest"
)

// What the parsers of the module insuranceclaims, run as they are, fell into.

// openmrsImportsFew imports people as other writers of R4 describe them.
func openmrsImportsFew(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	for id, rest := range map[string]string{
		"few-1": `"address":[{"city":"Mtoni","line":["Plot 1"]},{"use":"billing","text":"Box 7"}],"name":[{"family":"Ng","given":["Ana"],"prefix":["Dr"]}]`,
		"few-2": `"name":[{"text":"Neema Mdoe"}]`,
	} {
		body := `{"resourceType":"Patient","id":"` + id + `","identifier":[{"system":"http://x.example/number","value":"` + id + `-n"}],"gender":"female",` + rest + `}`
		if a := w.Do(http.MethodPut, "/fhir/Patient/"+id, nil, []byte(body)); a.Status != http.StatusCreated {
			t.Fatalf("HTTP %d: %s", a.Status, a.Body)
		}
		n := c.call(http.MethodGet, "Patient//"+id, nil, http.StatusOK)
		if err := readPatient(n); err != nil {
			t.Errorf("%s: %v in %s", id, err, n.Raw())
		}
		if id == "few-1" && (n.Get("address").First().At("city").Text() != "Mtoni" || n.Get("address").First().Get("line").First().Text() != "Plot 1") {
			t.Errorf("an address is %s", n.Get("address").Raw())
		}
	}
}

// openmrsFloats claims at prices that OpenMRS keeps in 32 bits; nobody explained an
// item, nor the claim.
func openmrsFloats(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	claim := string(claimOf("f-1", "070100004020", "SGR-H01", "D-101", "12.550000190734863"))
	claim = strings.Replace(claim, `"item":[{`, `"information":[{"category":{"text":"guarantee_id"}},{"sequence":2,"category":{"text":"explanation"},"valueString":"Fever"},
		{"sequence":3,"category":{"text":"item_explanation"}}],"item":[{"informationLinkId":[3],`, 1)
	n := c.call(http.MethodPost, "Claim/", []byte(claim), http.StatusCreated)
	if err := readClaimResponse(n, 1); err != nil {
		t.Error(err)
	}
	price := n.Get("item").First().Get("adjudication").First().At("amount", "value").Text()
	if word := n.At("outcome", "text").Text(); word != "valuated" || price != "12.55" {
		t.Errorf("%s at %s: %s", word, price, n.Raw())
	}
	id := n.Get("id").Text()
	if stored := parsed(t, c.stored("Claim/"+id)); stored.Get("item").First().At("unitPrice", "value").Text() != "12.55" || stored.At("total", "value").Text() != "12.55" ||
		!strings.Contains(string(stored.Raw()), "Claim.item.unitPrice = 12.55 for 12.550000190734863") {
		t.Errorf("stored %s", stored.Raw())
	}
	echo := c.call(http.MethodGet, "Claim/"+id, nil, http.StatusOK)
	if err := readClaim(echo); err != nil || echo.Get("information").Len() != 1 || echo.Get("item").First().Get("informationLinkId").Exists() {
		t.Errorf("%v: the echo is %s", err, echo.Raw())
	}
	n = c.call(http.MethodPost, "Claim/", claimOf("f-2", "070100004020", "SGR-H01", "D-101", "12.55"), http.StatusCreated)
	if other := n.Get("item").First().Get("adjudication").First().At("amount", "value").Text(); other != price {
		t.Errorf("the price in decimals is %s", other)
	}
}
