package storage_test

import (
	"context"
	"testing"

	"bima/fhir"
	"bima/storage/storagetest"
)

// A version is made from what the one before was; on PostgreSQL somebody may
// revise that one meanwhile, which changes no version number.
func TestAnUpdateOfWhatWasRevisedMeanwhileComesTooLate(t *testing.T) {
	s := open(t, storagetest.Postgres(t))
	asha := fhir.Key{Type: "Patient", ID: "asha"}
	put := func(w fhir.Writer, version int64) error {
		return w.Put(fhir.Version{Expect: version - 1, Index: &fhir.Index{}, Before: &fhir.Index{}, Resource: &fhir.Resource{
			Key: asha, Version: version, Updated: w.Now(), Body: []byte(`{"tag":"old"}`),
		}})
	}
	if err := s.Update(context.Background(), func(w fhir.Writer) error { return put(w, 1) }); err != nil {
		t.Fatal(err)
	}
	revise := func(w fhir.Writer) error {
		return w.(fhir.Reviser).Revise(&fhir.Resource{Key: asha, Version: 1, Body: []byte(`{"tag":"new"}`)}, &fhir.Index{}, &fhir.Index{})
	}
	for _, c := range []struct {
		name  string
		write func(fhir.Writer) error
	}{
		{"an update", func(w fhir.Writer) error { return put(w, 2) }},
		{"another revision", revise},
	} {
		err := s.Update(context.Background(), func(w fhir.Writer) error {
			if _, err := w.Read(asha); err != nil {
				return err
			}
			if err := s.Update(context.Background(), revise); err != nil {
				t.Error(err)
			}
			return c.write(w)
		})
		if !fhir.HasIssue(err, fhir.IssueConflict) {
			t.Errorf("%s made from what the version was: got %v, want a conflict", c.name, err)
		}
	}
	err := s.Update(context.Background(), func(w fhir.Writer) error {
		current, err := w.Read(asha)
		if err == nil && string(current.Body) != `{"tag":"new"}` {
			t.Errorf("the version is %s", current.Body)
		}
		if err != nil {
			return err
		}
		return put(w, 2)
	})
	if err != nil {
		t.Errorf("an update made from what it is now: %v", err)
	}
}
