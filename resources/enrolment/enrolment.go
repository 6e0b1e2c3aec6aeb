// Package enrolment takes whole registers in: families from a CSV table, a row for
// each person, or from NDJSON of Patients and Groups, checked before anything is
// stored, a refusal for each row or line that can't be taken, and the same again
// without harm. It also holds addresses against the tree of places.
//
// Its doors are Module and, for the command line, Read and Units. What a family is it leaves
// to group, whose $enrol it calls; it must be the last module of a server, so that
// a dry run has been through all others.
package enrolment

import (
	"context"
	"errors"

	"bima/fhir"
	"bima/profiles"
)

// detailEnrolment and detailPlace tell what is wrong from other refusals.
const (
	detailEnrolment fhir.Detail = "enrolment"
	detailPlace     fhir.Detail = "place"
)

// Settings are what a scheme may choose. The zero value is a good default.
type Settings struct {
	// Village says which code of place a person lives in: the lowest level of the
	// tree; "" is V, as in openIMIS.
	Village string
	// VillageRequired refuses families whose address names no village.
	VillageRequired bool
}

func (s Settings) village() string {
	if s.Village == "" {
		return "V"
	}
	return s.Village
}

// Module gives the rule that addresses are in villages, Group/$enrol-table and
// Group/$enrol-register.
func (s Settings) Module() fhir.Module {
	return fhir.Module{
		Name: "enrolment",
		Reactions: []fhir.Reaction{
			{Name: "enrolment-village", Types: []string{"Patient", "Group"}, React: s.checkVillages},
			{Name: "enrolment-dry-run", Types: []string{"Patient", "Group"}, React: takeBack},
		},
		Operations: []fhir.Operation{
			{
				Code: "enrol-table", Types: []string{"Group"}, Type: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/Group-enrol-table", Handle: s.enrolTable,
			},
			{
				Code: "enrol-register", Types: []string{"Group"}, Type: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/Group-enrol-register", Handle: s.enrolRegister,
			},
		},
	}
}

type dryRun struct{}

// errDryRun takes back what a dry run has done.
var errDryRun = errors.New("a dry run keeps nothing")

// takeBack ends a dry run, when all modules have seen what it would change.
func takeBack(ctx context.Context, tx fhir.Tx, changes []fhir.Change) error {
	if ctx.Value(dryRun{}) == nil {
		return nil
	}
	// What is read includes what was written, so the store has looked at it by then.
	if _, err := tx.Search(&fhir.Query{Types: []string{changes[0].Type}, Where: fhir.IDs{changes[0].ID}, Limit: 1}); err != nil {
		return err
	}
	return fhir.Errorf(fhir.IssueInformational, "", "nothing is kept of a dry run").Because(errDryRun)
}
