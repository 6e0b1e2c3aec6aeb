// Package card makes membership cards: `$card` draws a person's card, or those of
// a family or a village, as PDF, PNG or SVG, with the insurance number as one QR
// code and a signed token as another, which a phone verifies without a
// connection. `$card-revoke` takes a lost card out of use.
//
// Its door is New; a Desk has the Module, and the open pages by which anybody
// verifies a card. That a card was issued is a DocumentReference of the person,
// current until it is revoked or replaced. Who is covered it asks Coverage; it
// never decides it.
package card

import (
	"context"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/resources/card/keys"
)

// detailCard tells what is wrong with cards from other refusals.
const detailCard fhir.Detail = "card"

// recordType is what records that a card was issued.
const recordType = "DocumentReference"

// Options complete a Desk.
type Options struct {
	Base     string         // the absolute URL of [base]
	Zone     *time.Location // the scheme's, of days; nil is UTC
	Keys     keys.Ring
	MakeKey  bool // whether a key is made when the first card needs one, as on a server for trying out
	Settings Settings
	Now      func() time.Time // of the list of revocations; nil is the clock
}

// A Desk issues cards and tells which are good. It is safe for concurrent use.
type Desk struct {
	Options
	issuer  string
	drawing chan struct{} // holds who draws many cards or reads a photo, so that memory is bounded
	revoked revoked
}

// drawingMax is how many answers are drawn at once.
const drawingMax = 4

// New gives a Desk.
func New(o Options) *Desk {
	o.Base = strings.TrimSuffix(o.Base, "/")
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	issuer := strings.TrimSuffix(o.Settings.Issuer, "/")
	if issuer == "" {
		issuer = strings.TrimSuffix(o.Base, "/fhir")
	}
	return &Desk{Options: o, issuer: issuer, drawing: make(chan struct{}, drawingMax)}
}

// Module gives the operations, and what takes cards out of use when a person dies
// or is covered no longer.
func (d *Desk) Module() fhir.Module {
	return fhir.Module{
		Name: "card",
		Operations: []fhir.Operation{
			{
				Code: "card", Types: []string{"Patient", "Group", "Location"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/card", Handle: d.post, Look: d.get,
			},
			{
				Code: "card-revoke", Types: []string{"Patient"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/card-revoke", Handle: d.revoke,
			},
		},
		Reactions: []fhir.Reaction{{Name: "card-ends-with-cover", Types: []string{"Patient", "Coverage"}, React: d.react}},
		Notices:   []fhir.Notice{{Types: []string{recordType}, Tell: d.forget}},
		Unique:    []fhir.Identifier{{Type: recordType, System: profiles.IdentifierCard}},
	}
}

// mayIssue refuses callers that don't handle cards.
func mayIssue(ctx context.Context) error {
	caller, ok := fhir.CallerOf(ctx)
	if !ok || !caller.Has(fhir.RoleEnrolmentOfficer) {
		return fhir.Errorf(fhir.IssueForbidden, "", "cards are printed and revoked by enrolment officers and administrators; a facility reads them by their QR codes")
	}
	return nil
}

func refuse(expression, format string, args ...any) *fhir.Outcome {
	return fhir.Detailf(fhir.IssueBusinessRule, detailCard, expression, format, args...)
}
