package review

import (
	"time"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	Base string         // the absolute URL of [base], as for the module of claims
	// Lock is how long a review that was taken is nobody else's; 0 is twelve hours.
	Lock time.Duration
	// Days is how long a review may take that a person asks for, under products that
	// don't say; 0 is 14.
	Days int
	Now  func() time.Time // the scheme's clock, for questions; nil is the real one
}

const (
	lockDefault = 12 * time.Hour
	daysDefault = 14
)

// detailReview tells refusals of this module from others.
const detailReview fhir.Detail = "review"

// A module is the Settings with their defaults.
type module struct {
	Settings
	facts *facts.Facts
}

// Module makes the module of reviews.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Lock == 0 {
		s.Lock = lockDefault
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Days == 0 {
		s.Days = daysDefault
	}
	m := module{s, facts.New(s.Base, s.Zone)}
	on := func(code string, do act) fhir.Operation {
		return fhir.Operation{
			Code: code, Types: []string{"Task"}, Instance: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/task-" + code, Handle: m.handle(do),
		}
	}
	return fhir.Module{
		Name: "review",
		Rules: []fhir.Rule{
			{Types: []string{"Task"}, Check: m.check},
			{Types: []string{"Subscription"}, Check: m.unheard},
			{Types: []string{"PractitionerRole", "Organization", "Location"}, Check: m.stays},
		},
		Veils: []fhir.Veil{m.veil()},
		Reactions: []fhir.Reaction{
			{Name: "answers to reviewers", Types: []string{"Communication"}, React: m.answered},
			{Name: "reviews", Types: []string{"Task"}, React: m.react},
		},
		Operations: []fhir.Operation{
			on("claim", m.take), on("release", m.release), on("review", m.review), on("ask", m.ask),
			on("second-opinion", m.opine), on("bypass", m.bypass),
			{
				Code: "review-queue", Types: []string{"Task"}, Type: true,
				Definition: profiles.Canonical + "/OperationDefinition/task-review-queue", Handle: m.queue,
			},
			{
				Code: "request-review", Types: []string{"Claim"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/claim-request-review", Handle: m.request,
			},
		},
		Daily: []fhir.Daily{{Name: "review-deadlines", Work: m.deadlines}, {Name: "review-averages", Work: m.averages}},
	}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailReview, expression, format, args...)
}

func forbid(format string, args ...any) error {
	return fhir.Detailf(fhir.IssueForbidden, detailReview, "", format, args...)
}

func conflict(format string, args ...any) error {
	return fhir.Detailf(fhir.IssueConflict, detailReview, "Task.owner", format, args...)
}
