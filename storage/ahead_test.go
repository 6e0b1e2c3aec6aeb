package storage_test

import (
	"strings"
	"testing"

	"bima/fhir"
)

func TestReadingAheadGivesWhatReadingManyGives(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), t.Context()
			put := func(w fhir.Writer, k fhir.Key) {
				t.Helper()
				err := w.Put(fhir.Version{
					Resource: &fhir.Resource{Key: k, Version: 1, Updated: w.Now(), Body: []byte(`{"resourceType":"` + k.Type + `"}`)},
					Index:    &fhir.Index{},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			patient, policy, claim := fhir.Key{Type: "Patient", ID: "p"}, fhir.Key{Type: "Contract", ID: "c"}, fhir.Key{Type: "Claim", ID: "x"}
			if err := s.Update(ctx, func(w fhir.Writer) error {
				put(w, patient)
				put(w, policy)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			own := -trips(t, s)
			own += trips(t, s)
			var went float64
			err := s.Update(ctx, func(w fhir.Writer) error {
				put(w, claim) // not sent yet
				went = -trips(t, s)
				read := w.(fhir.Ahead).ReadAhead([]fhir.Key{patient, policy, claim, patient, {Type: "Contract", ID: "none"}})
				none := w.(fhir.Ahead).ReadAhead(nil)
				if _, err := w.ReadMany([]fhir.Key{policy}); err != nil {
					t.Fatal(err)
				}
				if got := named(read()); got != "Claim/x Contract/c Patient/p" {
					t.Errorf("asked after others it gives %q", got)
				}
				went += trips(t, s)
				if got := named(none()); got != "" {
					t.Errorf("of nothing it gives %q", got)
				}
				if got := named(w.(fhir.Ahead).ReadAhead([]fhir.Key{patient})()); got != "Patient/p" {
					t.Errorf("asked at once it gives %q", got)
				}
				w.(fhir.Ahead).ReadAhead([]fhir.Key{patient}) // that nobody asks for
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if name == "postgres" && went-own != 1 {
				t.Errorf("it went %.0f times to the database, want once", went-own)
			}
		})
	}
}

func named(list []*fhir.Resource, err error) string {
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, r := range list {
		all = append(all, r.Key.String())
	}
	return strings.Join(all, " ")
}
