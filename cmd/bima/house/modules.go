package house

import (
	"time"

	"bima/fhir"
	"bima/resources/account"
	"bima/resources/attachment"
	"bima/resources/cash"
	"bima/resources/chargeitem"
	"bima/resources/claim"
	"bima/resources/contract"
	"bima/resources/coverage"
	"bima/resources/eligibility"
	"bima/resources/employer"
	"bima/resources/enrollmentrequest"
	"bima/resources/enrolment"
	"bima/resources/feedback"
	"bima/resources/group"
	"bima/resources/insuranceplan"
	"bima/resources/invoice"
	"bima/resources/measure"
	"bima/resources/model"
	"bima/resources/patient"
	"bima/resources/payment"
	"bima/resources/place"
	"bima/resources/receipt"
	"bima/resources/review"
	"bima/resources/sampling"
	"bima/resources/signal"
	"bima/resources/simulation"
	"bima/resources/worker"
)

// A Scheme is what a scheme may choose of its modules. Its zero value is a good
// default.
type Scheme struct {
	Policies  contract.Settings
	Persons   patient.Settings
	Families  group.Settings
	Enrolment enrolment.Settings
	Places    place.Settings
	Receipts  receipt.Settings
	Employers employer.Settings
	Claims    claim.Settings
	Reviews   review.Settings
	Measures  measure.Settings

	Attachments attachment.Settings // of claims

	// SubmitCreates has $submit answer 201, as the text of IHE FAIS says, and not
	// 200, as its features do.
	SubmitCreates bool

	now func() time.Time // the scheme's clock; nil is the real one
}

// scheme gives the scheme's choices with its zone.
func (p Plan) scheme() Scheme {
	s := p.Scheme
	s.Policies.Zone = p.Zone
	s.Persons.Zone, s.Persons.Base = p.Zone, p.Base
	s.Families.Zone = p.Zone
	s.Receipts.Zone, s.Employers.Zone, s.now = p.Zone, p.Zone, p.Now
	return s
}

// Modules gives the abilities of the scheme, in the order their rules are asked
// and their reactions run: what a payment activates, a claim of the same
// transaction finds active. base is our [base] URL: references below it are to
// our own resources. Without a Scheme each has its defaults.
func Modules(base string, chosen ...Scheme) []fhir.Module {
	var s Scheme
	if len(chosen) > 0 {
		s = chosen[0]
	}
	claims := s.Claims
	claims.Zone, claims.Base = s.Policies.Zone, base
	reviews := s.Reviews
	reviews.Zone, reviews.Base, reviews.Now = s.Policies.Zone, base, s.now
	if claims.ReviewDays == 0 {
		claims.ReviewDays = reviews.Days
	}
	measures := s.Measures
	measures.Zone, measures.Now = s.Policies.Zone, s.now
	modules := []fhir.Module{
		place.Module(s.Places),
		worker.Module(),
		s.Persons.Module(),
		s.Families.Module(),
		insuranceplan.Module(insuranceplan.Settings{Zone: s.Policies.Zone}),
		chargeitem.Module(),
		contract.Module(s.Policies),
		coverage.Settings{Zone: s.Policies.Zone}.Module(),
		invoice.Module(invoice.Settings{Zone: s.Policies.Zone}),
		payment.Module(payment.Settings{Zone: s.Policies.Zone}),
		receipt.Module(s.Receipts),
		cash.Module(),
		account.Module(account.Settings{Zone: s.Policies.Zone, Now: s.now}),
		employer.Module(s.Employers),
		eligibility.Settings{Zone: s.Policies.Zone, Base: base}.Module(),
		s.Attachments.Module(),
		claims.Module(),
		reviews.Module(),
		feedback.Settings{Zone: s.Policies.Zone}.Module(),
		sampling.Settings{Zone: s.Policies.Zone}.Module(),
		simulation.Settings{Zone: s.Policies.Zone, Base: base, Now: s.now}.Module(),
		model.Module(),
		signal.Settings{Zone: s.Policies.Zone, Base: base}.Module(),
		measures.Module(),
		enrollmentrequest.Settings{Zone: s.Policies.Zone, Base: base, Now: s.now}.Module(),
		s.Enrolment.Module(),
	}
	if s.SubmitCreates {
		return created(modules)
	}
	return modules
}
