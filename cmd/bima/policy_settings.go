package main

import "bima/cmd/bima/house"

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
}

// choose writes what the scheme has chosen.
func (f policyFlags) choose(s *house.Scheme) {
	p := &s.Policies
	p.Calendar, p.PromptDays, p.NewbornDays, p.ArrearsDays = f.PolicyCalendar, f.RenewalPromptDays, f.NewbornDays, f.ArrearsDays
	p.PhotoMonthsAdult, p.PhotoMonthsChild = f.RenewalPhotoAdult, f.RenewalPhotoChild
	s.Employers.DueDays, s.Employers.GraceDays = f.EmployerDueDays, f.EmployerGraceDays
}
