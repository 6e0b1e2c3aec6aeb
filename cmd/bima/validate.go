package main

import (
	"fmt"
	"io"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/profile"
	"bima/fhir/terminology"
	"bima/fhir/validate"
	"bima/profiles"
)

// validateCommand checks resources in files.
type validateCommand struct {
	Files    []string `arg:"" help:"Resources as JSON or XML; - is standard input."`
	Profile  []string `help:"A profile to hold each resource against, besides those it claims. May be repeated." placeholder:"URL"`
	Packages []string `name:"package" help:"A package of profiles and terminology (.tgz) to know besides our own. May be repeated." placeholder:"FILE"`
	Quiet    bool     `help:"Print nothing; only the exit status tells." short:"q"`
}

// Run prints one OperationOutcome a file and fails when one has an error.
func (c validateCommand) Run(s streams) error {
	packages, err := readPackages(c.Packages)
	if err != nil {
		return err
	}
	definitions := append(profiles.Definitions(), packages...)
	terms := terminology.New(terminology.Options{Definitions: definitions})
	known, unusable := profile.New(profile.Options{Terminology: terms.Defined}, definitions...)
	for _, issue := range unusable {
		fmt.Fprintln(s.err, "bima:", issue)
	}
	failed := false
	for _, name := range c.Files {
		issues, err := c.check(name, s.in, known)
		if err != nil {
			return err
		}
		failed = failed || fhir.Failed(issues)
		if c.Quiet {
			continue
		}
		if len(issues) == 0 {
			issues = []fhir.Issue{{Severity: fhir.SeverityInformation, Code: fhir.IssueInformational, Diagnostics: name + " is valid FHIR R4."}}
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

// check gives what is wrong with the resource in a file: by R4's rules first, and
// where it meets those by its profiles.
func (c validateCommand) check(name string, in io.Reader, known fhir.Profiles) ([]fhir.Issue, error) {
	text, err := readInput(name, in)
	if err != nil {
		return nil, err
	}
	if text, err = asJSON(text); err != nil {
		return fhir.OutcomeOf(err).Issues, nil
	}
	doc, issues := validate.Resource(text, validate.Options{})
	if doc == nil || fhir.Failed(issues) {
		return issues, nil
	}
	for p := range doc.Root().At("meta", "profile").Each() {
		found, _ := known.Check(doc.Root(), p.Text())
		issues = append(issues, found...)
	}
	for _, p := range c.Profile {
		found, ok := known.Check(doc.Root(), p)
		if !ok {
			return nil, fmt.Errorf("the profile %s is not known; name a package that has it by --package", p)
		}
		issues = append(issues, found...)
	}
	return issues, nil
}
