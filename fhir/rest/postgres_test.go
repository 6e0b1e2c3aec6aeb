package rest_test

import (
	"os"
	"testing"

	"bima/fhir/rest"
	"bima/fhir/rest/resttest"
	"bima/storage/storagetest"
)

func TestSuiteOnPostgreSQL(t *testing.T) {
	if os.Getenv("BIMA_TEST_POSTGRES") == "" {
		t.Skip("BIMA_TEST_POSTGRES names no database; the suite of storage fails for want of it")
	}
	resttest.Run(t, func(t *testing.T) string { return serve(t, storagetest.Postgres(t), rest.Options{}) })
}
