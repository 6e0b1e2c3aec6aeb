package dhis2_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"bima/connect/connecttest"
)

// shown asks the façade for values by their codes.
func shown(t *testing.T, w *connecttest.World, query string) map[string]string {
	t.Helper()
	a := w.Do(http.MethodGet, "/dhis2/api/dataValueSets.json?idScheme=CODE&"+query, nil, nil)
	var set struct {
		DataValues []struct{ DataElement, Period, OrgUnit, CategoryOptionCombo, AttributeOptionCombo, Value string }
	}
	if err := json.Unmarshal(a.Body, &set); err != nil || a.Status != http.StatusOK {
		t.Fatalf("%s: HTTP %d, %v: %.500s", query, a.Status, err, a.Body)
	}
	values := map[string]string{}
	for _, v := range set.DataValues {
		values[v.DataElement+" "+v.Period+" "+v.OrgUnit+" "+v.CategoryOptionCombo+" "+v.AttributeOptionCombo] = v.Value
	}
	return values
}
