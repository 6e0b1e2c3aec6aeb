package learned

import (
	"errors"
	"fmt"
	"strings"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// An Example is a claim that a person has reviewed.
type Example struct {
	Claim    fhir.Key
	Facility fhir.Key         // zero where it is not known
	Reviewed adjudication.Day // when the review was completed
	Features []Feature
	Cut      bool // the reviewer rejected a line, or approved less of one
	Reasons  []adjudication.Reason
}

const (
	// examplesMax is how many reviewed claims are learned from, the latest ones.
	examplesMax = 50_000
	// gatherPage is how many reviews are read at a time.
	gatherPage = 200
)

// Gather reads the reviewed claims of a scheme: those with a completed review that
// was not bypassed. Their features are those they had when they were first
// decided, before the reviewer's word; claims that can't be decided are left out.
func Gather(r fhir.Reader, f *facts.Facts) ([]Example, error) {
	token := func(code, system, value string) fhir.Criterion {
		return fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: system, Code: value, AnySystem: system == ""}}
	}
	q := fhir.Query{Types: []string{"Task"}, Limit: gatherPage, Where: fhir.All{token("code", profiles.SystemTask, "medical-review"), token("status", "", "completed")}}
	var list []Example
	seen := map[fhir.Key]bool{}
	for {
		page, err := r.Search(&q)
		if err != nil {
			return nil, err
		}
		for _, task := range page.Resources {
			k, err := focus(task)
			if err != nil {
				return nil, err
			}
			if seen[k] || k.Type != "Claim" {
				continue
			}
			seen[k] = true
			e, ok, err := example(r, f, k)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
			if e.Reviewed = adjudication.DayOf(task.Updated); ok {
				list = append(list, e)
			}
		}
		if q.After = page.Next; q.After == "" || len(list) >= examplesMax {
			return list[:min(len(list), examplesMax)], nil
		}
	}
}

// focus gives what a Task is about.
func focus(task *fhir.Resource) (fhir.Key, error) {
	doc, err := fhir.Parse(task.Body)
	if err != nil {
		return fhir.Key{}, err
	}
	defer doc.Release()
	typ, id, _ := strings.Cut(doc.Root().At("focus", "reference").Text(), "/")
	return fhir.Key{Type: strings.Clone(typ), ID: strings.Clone(id)}, nil
}

// example reads one claim and what its reviewer said.
func example(r fhir.Reader, f *facts.Facts, k fhir.Key) (e Example, ok bool, err error) {
	claim, err := fhir.Tree(r, k)
	if err != nil || !claim.Exists() || claim.Get("status").Text() != "active" {
		return e, false, err
	}
	g, err := f.Claim(r, claim)
	if err == nil {
		_, err = f.Learn(r, g, k)
	}
	var waits *facts.Undecidable
	if errors.As(err, &waits) || err == nil && len(g.Case.Problems) > 0 {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	d := adjudication.Adjudicate(g.Case)
	e.Claim, e.Features = k, Features(claim, g, &d)
	e.Facility, _ = g.Facility()
	review, err := f.Review(r, k, g)
	if errors.As(err, &waits) || err == nil && (review.Done.IsZero() || review.Bypassed) {
		return e, false, nil
	}
	for i := range g.Case.Lines {
		if l := &g.Case.Lines[i]; lowered(l) {
			e.Cut = true
			e.Reasons = append(e.Reasons, l.Review.Reason)
		}
	}
	return e, err == nil, err
}

// lowered reports whether the reviewer allowed less of a line than it asks for.
func lowered(l *adjudication.Line) bool {
	w := l.Review
	if w == nil {
		return false
	}
	price := l.UnitPrice
	if price == 0 {
		price = l.Asked
	}
	return w.Rejected || w.Quantity != nil && *w.Quantity < l.Quantity || w.Price != nil && *w.Price < price
}
