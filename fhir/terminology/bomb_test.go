package terminology_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
)

// Each of these value sets takes in the one before ten times: there are ten to
// the nineteenth ways from the last to the first.
func TestValueSetsThatTakeInEachOtherOverAndOver(t *testing.T) {
	c := newClinic(t, `{"resourceType":"Patient","id":"p","meta":{"tag":[{"system":"urn:bomb","code":"a"}]}}`,
		`{"resourceType":"Patient","id":"q","meta":{"tag":[{"system":"urn:bomb","code":"z"}]}}`)
	include := `{"system":"urn:bomb","concept":[{"code":"a"}]}`
	for i := range 20 {
		c.put(fmt.Sprintf(`{"resourceType":"ValueSet","id":"bomb%d","url":"urn:bomb:%d","status":"active","compose":{"include":[%s]}}`, i, i, include))
		one := fmt.Sprintf(`{"valueSet":["urn:bomb:%d"]}`, i)
		include = one
		for range 9 {
			include += "," + one
		}
	}
	for code, want := range map[string]bool{"a": true, "z": false} {
		err := c.engine.View(c.ctx, func(r fhir.Reader) error {
			has, err := c.service.Contains(r, "urn:bomb:19", "urn:bomb", code)
			if has != want {
				t.Errorf("%s: got %v, want %v", code, has, want)
			}
			return err
		})
		if err != nil {
			t.Errorf("whether it has %s: %v", code, err)
		}
	}
	page, err := c.engine.Search(c.ctx, "Patient", "_tag:in="+url.QueryEscape("urn:bomb:19"), interaction.SearchOptions{})
	if err != nil || !strings.Contains(string(page), `"id":"p"`) || strings.Contains(string(page), `"id":"q"`) {
		t.Errorf("a search by it: %v %s", err, page)
	}
	err = c.engine.View(c.ctx, func(r fhir.Reader) error {
		tokens, err := c.service.Codes(r, "urn:bomb:19")
		if len(tokens) != 1 || tokens[0].Code != "a" {
			t.Errorf("its codes are %v, want a", tokens)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	_, err = c.engine.Operation(c.ctx, "expand", fhir.Key{Type: "ValueSet", ID: "bomb19"}, nil)
	if !fhir.HasIssue(err, fhir.IssueTooCostly) {
		t.Errorf("its expansion: got %v, want it refused as too costly", err)
	}
}
