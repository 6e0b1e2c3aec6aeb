package feedback

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Days is how long there is to answer, under products that don't say; 0 is 14.
	Days int
}

const daysDefault = 14

// detailFeedback tells refusals of this module from others.
const detailFeedback fhir.Detail = "feedback"

// Module gives the module of feedback.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Days == 0 {
		s.Days = daysDefault
	}
	return fhir.Module{
		Name: "feedback",
		Rules: []fhir.Rule{
			{Types: []string{"InsurancePlan", "Organization"}, Check: checkTerms},
			{Types: []string{"Communication"}, Check: check},
		},
		Reactions: []fhir.Reaction{
			{Name: "feedback", Types: []string{"Communication"}, React: s.react},
			{Name: "feedback of withdrawn claims", Types: []string{"Claim"}, React: withdrawn},
		},
		Operations: []fhir.Operation{
			{
				Code: "request-feedback", Types: []string{"Claim"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/Claim-request-feedback", Handle: s.request,
			},
			{
				Code: "bypass", Types: []string{"CommunicationRequest"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/CommunicationRequest-bypass", Handle: s.bypass,
			},
			{
				Code: "feedback", Types: []string{"Organization"}, Instance: true,
				Definition: profiles.Canonical + "/OperationDefinition/Organization-feedback", Handle: figures,
			},
		},
		Daily: []fhir.Daily{{Name: "feedback-selection", Work: s.draw}, {Name: "feedback-deadlines", Work: s.deadlines}},
	}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailFeedback, expression, format, args...)
}
