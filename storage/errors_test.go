package storage

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"bima/fhir"
)

func TestADatabaseThatGoesAwayIsNoFault(t *testing.T) {
	if err := outcome(fmt.Errorf("reading: %w", io.ErrUnexpectedEOF)); !fhir.HasIssue(err, fhir.IssueNoStore) {
		t.Errorf("a connection that ends in mid-sentence: got %v, want no-store", err)
	}
	zip, packed := pack(make([]byte, 1<<16))
	_, err := unpack(zip, packed[:len(packed)/2])
	if err == nil || fhir.HasIssue(outcome(err), fhir.IssueNoStore) {
		t.Errorf("half a body: got %v, want an error that is not of the connection", err)
	}
	if cause := errors.New("x"); outcome(cause) != cause {
		t.Error("another error did not stay as it was")
	}
}
