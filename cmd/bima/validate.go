package main

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/validate"
)

// validateCommand checks resources in files.
type validateCommand struct {
	Files []string `arg:"" help:"Resources as JSON; - is standard input."`
	Quiet bool     `help:"Print nothing; only the exit status tells." short:"q"`
}

// Run prints one OperationOutcome a file and fails when one has an error.
func (c validateCommand) Run(s streams) error {
	failed := false
	for _, name := range c.Files {
		text, err := readInput(name, s.in)
		if err != nil {
			return err
		}
		_, issues := validate.Resource(text, validate.Options{})
		failed = failed || fhir.Failed(issues)
		if c.Quiet {
			continue
		}
		if len(issues) == 0 {
			issues = slices.Insert(issues, 0, fhir.Issue{
				Severity: fhir.SeverityInformation, Code: fhir.IssueInformational, Diagnostics: name + " is valid FHIR R4.",
			})
		}
		if _, err := fmt.Fprintf(s.out, "%s\n", interaction.OutcomeJSON(issues)); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}
