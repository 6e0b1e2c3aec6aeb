package sampling

import (
	"context"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Days is how long a review may take; 0 is 14.
	Days int
}

const daysDefault = 14

// detailSampling tells refusals of this module from others.
const detailSampling fhir.Detail = "sampling"

// Module gives the module of claim sampling.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Days == 0 {
		s.Days = daysDefault
	}
	return fhir.Module{
		Name:  "sampling",
		Rules: []fhir.Rule{{Types: []string{"List"}, Check: check}},
		Reactions: []fhir.Reaction{
			{Name: "samples", Types: []string{"List"}, React: s.settle},
			{Name: "reviews of samples", Types: []string{"Task"}, React: s.reviewed},
		},
		Operations: []fhir.Operation{
			{
				Code: "sample", Types: []string{"Claim"}, Type: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/Claim-sample", Handle: s.sample,
			},
			{
				Code: "extrapolation", Types: []string{"List"}, Instance: true,
				Definition: profiles.Canonical + "/OperationDefinition/List-extrapolation", Handle: s.extrapolation,
			},
			{
				Code: "decide-sampling", Types: []string{"List"}, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/List-decide-sampling", Handle: s.decide,
			},
		},
		Workers: []fhir.Worker{{Kind: jobSettle, Work: s.goOn}},
	}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailSampling, expression, format, args...)
}

// check keeps callers from writing what the operations write: an approval is asked
// for by them alone.
func check(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	was := fhir.Node{}
	if c.Before != nil {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		was = doc.Root()
	}
	if !isSample(was) && !isSample(c.Node) {
		return nil
	}
	if caller, _ := fhir.CallerOf(ctx); caller.IsSystem() {
		return nil
	}
	return refuse("List.extension", "a sample of claims is drawn by Claim/$sample and decided by List/[id]/$decide-sampling, and not changed by hand")
}

// acting gives who acts, as text that stays the same: the role that an administrator
// names, what the caller acts as, or his own name.
func acting(ctx context.Context, r fhir.Reader, f parameters.Form) (string, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleReviewer) {
		return "", fhir.Detailf(fhir.IssueForbidden, detailSampling, "", "%s may not review claims; that is for the role %s", caller.Name, fhir.RoleReviewer)
	}
	by := f.Value("by")
	switch {
	case !by.Exists() && !caller.Entity.IsZero():
		return caller.Entity.String(), nil
	case !by.Exists():
		return caller.Identity, nil
	case !caller.Has(fhir.RoleAdministrator) && r4.Target(by) != caller.Entity:
		return "", fhir.Detailf(fhir.IssueForbidden, detailSampling, parameters.Expression("by"), "only an administrator names another than himself")
	}
	k := r4.Target(by)
	n, err := fhir.Tree(r, k)
	if err == nil && (k.Type != "PractitionerRole" || !n.Exists()) {
		err = refuse(parameters.Expression("by"), "by is a PractitionerRole of this server")
	}
	return k.String(), err
}

// answer gives a resource as it is after a commit.
func answer(ctx context.Context, server fhir.Server, k fhir.Key, status int) (*fhir.Response, error) {
	response := &fhir.Response{Status: status}
	if status == 201 {
		response.Location = k
	}
	err := server.View(ctx, func(r fhir.Reader) (err error) {
		response.Resource, err = r.Read(k)
		return err
	})
	return response, err
}
