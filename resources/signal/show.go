package signal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/learned"
	"bima/adjudication/signal"
	"bima/fhir"
	"bima/profiles"
)

// A desk shows reports.
type desk struct {
	facts  *facts.Facts
	models *learned.Models
}

// signals is Claim/[id]/$signals.
func (d *desk) signals(ctx context.Context, s fhir.Server, on fhir.Key, _ *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleReviewer) && !caller.Has(fhir.RoleAuditor) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "%s may not see the signals of claims; that is for the roles %s and %s", caller.Name, fhir.RoleReviewer, fhir.RoleAuditor)
	}
	var body []byte
	err := s.View(ctx, func(r fhir.Reader) error {
		report, opinion, err := d.look(r, on)
		if err == nil {
			body, err = spell(report, opinion)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// look gathers a claim as its decision does, and looks at it.
func (d *desk) look(r fhir.Reader, on fhir.Key) (report signal.Report, opinion *learned.Opinion, err error) {
	stored, err := r.Read(on)
	if err != nil {
		return report, nil, err
	}
	if stored.Deleted {
		return report, nil, fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted", on)
	}
	doc, err := fhir.Parse(stored.Body)
	if err != nil {
		return report, nil, err
	}
	g, decision, err := d.decide(r, on, doc.Root())
	if err != nil {
		return report, nil, err
	}
	if report, err = signal.Look(r, doc.Root(), g, decision); err != nil {
		return report, nil, err
	}
	opinion, err = d.models.Opinion(r, doc.Root(), g, decision)
	return report, opinion, err
}

// decide decides a claim as if for the first time, and writes nothing; the
// decision is nil where it can't be.
func (d *desk) decide(r fhir.Reader, on fhir.Key, claim fhir.Node) (*facts.Claim, *adjudication.Decision, error) {
	g, err := d.facts.Claim(r, claim)
	if err == nil {
		_, err = d.facts.Learn(r, g, on)
	}
	var waits *facts.Undecidable
	if errors.As(err, &waits) {
		return g, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	decision, err := adjudicate(g.Case)
	return g, decision, err
}

// adjudicate decides a Case. A broken promise in the rules must not hide what the
// claim itself says.
func adjudicate(c adjudication.Case) (decision *adjudication.Decision, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			decision, err = nil, nil
		}
	}()
	d := adjudication.Adjudicate(c)
	return &d, nil
}

type object = map[string]any

func part(name, kind string, value any) object { return object{"name": name, kind: value} }

// spell writes a report and an opinion as Parameters.
func spell(report signal.Report, opinion *learned.Opinion) ([]byte, error) {
	parameters := []object{part("score", "valueInteger", report.Score)}
	for _, s := range report.Signals {
		parameters = append(parameters, object{"name": "signal", "part": []object{
			part("code", "valueCoding", object{"system": profiles.SystemSignal, "code": s.Code}),
			part("points", "valueInteger", s.Points),
			part("expression", "valueString", s.Expression),
			part("text", "valueString", s.Text),
		}})
	}
	if opinion != nil {
		parts := []object{
			part("score", "valueInteger", opinion.Score),
			part("model", "valueReference", object{"reference": opinion.Model.String()}),
		}
		for _, c := range opinion.Contributions {
			parts = append(parts, object{"name": "contribution", "part": []object{
				part("feature", "valueString", c.Feature),
				part("points", "valueDecimal", json.Number(fmt.Sprintf("%.1f", math.Round(10*c.Points)/10))),
				part("text", "valueString", c.Text),
			}})
		}
		parameters = append(parameters, object{"name": "opinion", "part": parts})
	}
	return json.Marshal(object{"resourceType": "Parameters", "parameter": parameters})
}
