package employer

import (
	"context"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// detailEmployer tells what is wrong with employers and their contracts from other
// refusals.
const detailEmployer fhir.Detail = "employer"

// Settings are what a scheme may choose. The zero value is a good default.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// DueDays is how many days after the end of a month its contributions are due,
	// where the contract does not say; 0 is 15.
	DueDays int
	// GraceDays is how many days after that cover is suspended; 0 is 30.
	GraceDays int
}

func or(n, value int) int {
	if n == 0 {
		return value
	}
	return n
}

// today gives the day of a moment in the scheme's time zone.
func (s Settings) today(now time.Time) day {
	if s.Zone == nil {
		return adjudication.DayOf(now.UTC())
	}
	return adjudication.DayOf(now.In(s.Zone))
}

// Module gives the rules of employers and their contracts, the operations that
// lead a contract through its life and declare its months, what follows from the
// payment of a month, and the daily work: arrears, the end of contracts, and
// amendments that begin.
func Module(s Settings) fhir.Module {
	define := func(code string, handle handler) fhir.Operation {
		return fhir.Operation{
			Code: code, Types: []string{"Contract"}, Instance: true, Affects: true, Handle: handle,
			Definition: profiles.Canonical + "/OperationDefinition/employer-" + code,
		}
	}
	return fhir.Module{
		Name: "employer",
		Rules: []fhir.Rule{
			{Types: []string{"Contract"}, Check: checkContract},
			{Types: []string{"Group"}, Check: checkEmployees},
		},
		Operations: []fhir.Operation{
			define("submit", s.on(s.submit)),
			define("counter", s.on(s.counter)),
			define("approve", s.on(s.approve)),
			define("amend", s.on(s.amend)),
			define("terminate", s.on(s.terminate)),
			define("declare", s.declare),
		},
		Reactions: []fhir.Reaction{{Name: "employer-paid", Types: []string{"Invoice"}, React: s.paid}},
		Daily: []fhir.Daily{
			{Name: "employer-end", Work: s.end},
			{Name: "employer-amendment", Work: s.begin},
			{Name: "employer-arrears", Work: s.arrears},
		},
		Unique: []fhir.Identifier{{Type: "Organization", System: profiles.IdentifierEmployer}},
	}
}

// A handler does an operation; see fhir.Operation.
type handler = func(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error)

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailEmployer, expression, format, args...)
}

func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// pageMax is how many resources are read in one go.
const pageMax = 500

// each hands over all resources that match.
func each(r fhir.Reader, typ string, where fhir.Criterion, do func(fhir.Key, fhir.Node) error) error {
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{typ}, Where: where, Limit: pageMax, After: after})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			n, err := parse(resource)
			if err != nil {
				return err
			}
			if err := do(resource.Key, n); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// refers is the criterion of resources that refer to another by a parameter.
func refers(param string, to fhir.Key) fhir.Criterion {
	return fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: to}}
}
