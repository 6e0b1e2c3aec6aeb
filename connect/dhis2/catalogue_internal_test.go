package dhis2

import (
	"testing"

	"bima/fhir"
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
