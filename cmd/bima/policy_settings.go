package main

import (
	"time"

	"bima/cmd/bima/house"
	"bima/resources/attachment"
	"bima/resources/claim"
	"bima/resources/review"
)

// policyFlags are what a scheme may choose of its policies. Whoever works the
// days of a scheme has to be told the same as its server: a settings file is read
// by both.
type policyFlags struct {
	PolicyCalendar    string `help:"The calendar of plans that name none: gregorian or bikram-sambat." enum:"gregorian,bikram-sambat" default:"gregorian" env:"BIMA_POLICY_CALENDAR"`
	RenewalPromptDays int    `help:"How many days before a policy ends its renewal is called to mind." default:"14" env:"BIMA_RENEWAL_PROMPT_DAYS"`
	RenewalPhotoAdult int    `help:"How many months old the photo of an adult may be at a renewal." default:"60" env:"BIMA_RENEWAL_PHOTO_ADULT"`
	RenewalPhotoChild int    `help:"How many months old the photo of a child may be at a renewal." default:"12" env:"BIMA_RENEWAL_PHOTO_CHILD"`
	NewbornDays       int    `help:"How many days a newborn is covered under the family's policy before he is added to it; -1 is none." default:"90" env:"BIMA_NEWBORN_DAYS"`
	ArrearsDays       int    `help:"How many days after the last day to pay a policy in force is suspended for what is owed." default:"0" env:"BIMA_ARREARS_DAYS"`
	EmployerDueDays   int    `help:"How many days after the end of a month an employer's contributions are due, where his contract does not say." default:"15" env:"BIMA_EMPLOYER_DUE_DAYS"`
	EmployerGraceDays int    `help:"How many days after that the cover of his employees is suspended." default:"30" env:"BIMA_EMPLOYER_GRACE_DAYS"`
	claimFlags
	measureFlags
}

// choose writes what the scheme has chosen.
func (f policyFlags) choose(s *house.Scheme) {
	p := &s.Policies
	p.Calendar, p.PromptDays, p.NewbornDays, p.ArrearsDays = f.PolicyCalendar, f.RenewalPromptDays, f.NewbornDays, f.ArrearsDays
	p.PhotoMonthsAdult, p.PhotoMonthsChild = f.RenewalPhotoAdult, f.RenewalPhotoChild
	s.Employers.DueDays, s.Employers.GraceDays = f.EmployerDueDays, f.EmployerGraceDays
	s.Measures = f.measures()
	s.Claims, s.Attachments, s.Reviews = f.claims(), f.attachments(), f.reviews()
}

// claimFlags are what a scheme may choose of its claims.
type claimFlags struct {
	ClaimLanguage    string        `help:"The language in which decisions are told: en, fr, pt or sw." enum:"en,fr,pt,sw" default:"en" env:"BIMA_CLAIM_LANGUAGE"`
	ClaimCorrections int           `help:"How often a rejected claim may be submitted again in place of the one before; 0 does not count." default:"0" env:"BIMA_CLAIM_CORRECTIONS"`
	AppealLevels     int           `help:"How often one may appeal against the decision on a claim; -1 is never." default:"2" env:"BIMA_APPEAL_LEVELS"`
	AppealDays       int           `help:"For how many days after a decision, or the answer to an appeal, one may appeal against it." default:"30" env:"BIMA_APPEAL_DAYS"`
	AppealAnswerDays int           `help:"In how many days the scheme answers an appeal." default:"30" env:"BIMA_APPEAL_ANSWER_DAYS"`
	AttachmentBytes  int           `help:"The size of an attachment of a claim at most." default:"5242880" env:"BIMA_ATTACHMENT_BYTES"`
	AttachmentTypes  []string      `name:"attachment-type" help:"A media type of attachments that is taken, besides none other than those named; by default PDF, JPEG, PNG, TIFF, text and Word. May be repeated." env:"BIMA_ATTACHMENT_TYPES" placeholder:"TYPE"`
	ReviewDays       int           `help:"How many days a review may take where the product does not say." default:"14" env:"BIMA_REVIEW_DAYS"`
	ReviewLock       time.Duration `help:"How long a review that somebody took is nobody else's." default:"12h" env:"BIMA_REVIEW_LOCK"`
	Clamd            string        `help:"The ClamAV daemon that scans attachments of claims before they are stored, as host:3310 or the path of its socket; without one nothing is scanned." env:"BIMA_CLAMD" placeholder:"ADDR"`
}

// claims gives what the scheme has chosen of claims.
func (f claimFlags) claims() claim.Settings {
	return claim.Settings{
		Corrections: f.ClaimCorrections, Language: f.ClaimLanguage,
		Appeals: claim.Appeals{Levels: f.AppealLevels, Within: f.AppealDays, Answer: f.AppealAnswerDays},
	}
}

// reviews gives what it has chosen of their reviews.
func (f claimFlags) reviews() review.Settings {
	return review.Settings{Days: f.ReviewDays, Lock: f.ReviewLock}
}

// attachments gives what it has chosen of their attachments.
func (f claimFlags) attachments() attachment.Settings {
	s := attachment.Settings{MaxBytes: f.AttachmentBytes, Types: f.AttachmentTypes}
	if f.Clamd != "" {
		s.Scanner = attachment.Clamd{Addr: f.Clamd}
	}
	return s
}
