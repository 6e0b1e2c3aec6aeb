package dhis2

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bima/connect/dhis2/object"
	"bima/fhir"
	"bima/profiles/indicator"
)

// A shelf is a server without places, which counts how often it is searched.
type shelf struct {
	fhir.Reader
	searched int
}

func (s *shelf) History(*fhir.HistoryQuery) (*fhir.Page, error) { return &fhir.Page{}, nil }

func (s *shelf) Search(*fhir.Query) (*fhir.Page, error) {
	s.searched++
	return &fhir.Page{}, nil
}

// Anybody may ask for the package with any prefix: that reads nothing anew, and keeps
// no more than a few.
func TestAPrefixIsNoReasonToReadPlacesAgain(t *testing.T) {
	l, s := &library{}, &shelf{}
	for _, prefix := range []string{"", "A_", "B_", "C_", "D_", "E_", "F_", "G_", "H_", "I_", "A_", ""} {
		c, err := l.from(s, prefix)
		if err != nil {
			t.Fatal(err)
		}
		if _, known := c.named("dataSets", prefix+"HF_CLAIM"); !known || c.prefix != prefix {
			t.Errorf("with %q the data set is not there", prefix)
		}
	}
	if s.searched != len(sources) || len(l.kept) > keptMost {
		t.Errorf("%d searches, want %d; %d are kept", s.searched, len(sources), len(l.kept))
	}
}

// DHIS2 wants the names of options to be unique, and two products may have one.
func TestOptionsOfProductsOfOneNameHaveTheirOwn(t *testing.T) {
	var plans []indicator.Plan
	for _, id := range []string{"a", "b", "c"} {
		plans = append(plans, indicator.Plan{ID: id, Product: "P-" + id, Name: "The same" + strings.Repeat(" long", 60), Status: "active"})
	}
	pack, err := indicator.New(indicator.Options{Products: indicator.Products(plans)})
	if err != nil {
		t.Fatal(err)
	}
	c := (&catalogue{pack: pack, lists: map[string][]object.Object{}}).with("NHIF_")
	for _, member := range []string{"name", "shortName"} {
		known := map[string]bool{}
		for _, o := range c.lists["categoryOptions"] {
			text := object.Text(o, member)
			if known[text] {
				t.Errorf("two options have the %s %s", member, text)
			}
			known[text] = true
		}
	}
}

// A database that is away is no defect of ours: who asks may ask again.
func TestWhatFailsIsSaidAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		after  string
	}{
		"a database that is away": {fhir.Errorf(fhir.IssueNoStore, "", "The database can't be reached.").Because(errors.New("dial")), http.StatusServiceUnavailable, "5"},
		"one that takes too long": {fhir.Errorf(fhir.IssueTimeout, "", "It took too long."), http.StatusServiceUnavailable, "5"},
		"a defect":                {errors.New("a secret of ours"), http.StatusInternalServerError, ""},
		"what is not there":       {faultf(http.StatusNotFound, "E1005", "no such thing"), http.StatusNotFound, ""},
	} {
		w := httptest.NewRecorder()
		one := &call{front: &front{}, w: w, r: httptest.NewRequest(http.MethodGet, Path+"/me", nil)}
		one.fail(c.err)
		if w.Code != c.status || w.Header().Get("Retry-After") != c.after || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: HTTP %d, Retry-After %q: %s", name, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
}
