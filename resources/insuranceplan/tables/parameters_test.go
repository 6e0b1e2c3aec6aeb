package tables_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every extension of a product is in the page that tells where each parameter
// lives, and one of the five products has it: so tables can say it.
func TestEveryParameterIsToldAndFitsTables(t *testing.T) {
	page, err := os.ReadFile("../../../profiles/input/pagecontent/product.md")
	if err != nil {
		t.Fatal(err)
	}
	var products strings.Builder
	for _, p := range five(t) {
		products.Write(p.Body)
	}
	// Only a product with versions has one before it.
	without := map[string]bool{"product-predecessor": true}
	files, err := filepath.Glob("../../../profiles/definitions/StructureDefinition-*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	told := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var definition struct {
			URL     string
			Context []struct{ Expression string }
		}
		if err := json.Unmarshal(text, &definition); err != nil {
			t.Fatal(err)
		}
		if len(definition.Context) == 0 || !strings.HasPrefix(definition.Context[0].Expression, "InsurancePlan") {
			continue
		}
		told++
		id := filepath.Base(definition.URL)
		if !strings.Contains(string(page), "`"+id+"`") {
			t.Errorf("product.md does not tell of %s", id)
		}
		if !without[id] && !strings.Contains(products.String(), `"`+definition.URL+`"`) {
			t.Errorf("no table says %s", id)
		}
	}
	if told < 15 {
		t.Errorf("only %d extensions are of products", told)
	}
}
