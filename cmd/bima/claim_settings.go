package main

import (
	"bima/resources/attachment"
	"bima/resources/claim"
)

// claimFlags are what a scheme may choose of its claims.
type claimFlags struct {
	ClaimLanguage    string   `help:"The language in which decisions are told: en, fr or sw." enum:"en,fr,sw" default:"en" env:"BIMA_CLAIM_LANGUAGE"`
	ClaimCorrections int      `help:"How often a rejected claim may be submitted again in place of the one before; 0 does not count." default:"0" env:"BIMA_CLAIM_CORRECTIONS"`
	AppealLevels     int      `help:"How often one may appeal against the decision on a claim; -1 is never." default:"2" env:"BIMA_APPEAL_LEVELS"`
	AppealDays       int      `help:"For how many days after a decision, or the answer to an appeal, one may appeal against it." default:"30" env:"BIMA_APPEAL_DAYS"`
	AppealAnswerDays int      `help:"In how many days the scheme answers an appeal." default:"30" env:"BIMA_APPEAL_ANSWER_DAYS"`
	AttachmentBytes  int      `help:"The size of an attachment of a claim at most." default:"5242880" env:"BIMA_ATTACHMENT_BYTES"`
	AttachmentTypes  []string `name:"attachment-type" help:"A media type of attachments that is taken, besides none other than those named; by default PDF, JPEG, PNG, TIFF, text and Word. May be repeated." env:"BIMA_ATTACHMENT_TYPES" placeholder:"TYPE"`
	Clamd            string   `help:"The ClamAV daemon that scans attachments of claims before they are stored, as host:3310 or the path of its socket; without one nothing is scanned." env:"BIMA_CLAMD" placeholder:"ADDR"`
}

// claims gives what the scheme has chosen of claims.
func (f claimFlags) claims() claim.Settings {
	return claim.Settings{
		Corrections: f.ClaimCorrections, Language: f.ClaimLanguage,
		Appeals: claim.Appeals{Levels: f.AppealLevels, Within: f.AppealDays, Answer: f.AppealAnswerDays},
	}
}

// attachments gives what it has chosen of their attachments.
func (f claimFlags) attachments() attachment.Settings {
	s := attachment.Settings{MaxBytes: f.AttachmentBytes, Types: f.AttachmentTypes}
	if f.Clamd != "" {
		s.Scanner = attachment.Clamd{Addr: f.Clamd}
	}
	return s
}
