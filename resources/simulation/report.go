package simulation

import (
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// systemCurrency is the system of currencies as units.
const systemCurrency = "urn:iso:std:iso:4217"

// MeasureReport spells what a simulation found as a MeasureReport: how many claims,
// and for each currency what the scheme pays and what members owe, before and
// after, by category of services and by level of facilities. Its period is that of
// the Question, or what the claims span.
func MeasureReport(q Question, result Result, at time.Time) ([]byte, error) {
	period := periodJSON{q.From, q.To}
	if period == (periodJSON{}) {
		period.End = at.Format(time.DateOnly)
	}
	report := reportJSON{
		ResourceType: "MeasureReport", Status: "complete", Type: "summary",
		Measure: profiles.MeasureSimulation, Date: at.UTC().Format(time.RFC3339), Period: period,
		Group: []groupJSON{{Code: code("claims"), Population: []populationJSON{
			{code("selected"), result.Selected},
			{code("decided"), result.Decided},
			{code("changed"), result.Changed},
			{code("waiting"), result.Waiting},
			{code("others"), result.Others},
			{code("failed"), result.Failed},
		}}},
	}
	for _, kind := range kinds {
		for _, c := range result.Sums.Cells() {
			if c.By == ByNothing {
				report.Group = append(report.Group, group(kind, c.Currency, result.Sums))
			}
		}
	}
	return json.Marshal(report)
}

// kinds are the groups of a report beside the claims themselves.
var kinds = []kind{
	{"benefit-before", func(s *Sum) fhir.Amount { return s.Before.Benefit }},
	{"benefit-after", func(s *Sum) fhir.Amount { return s.After.Benefit }},
	{"benefit-change", func(s *Sum) fhir.Amount { return s.After.Benefit - s.Before.Benefit }},
	{"member-before", func(s *Sum) fhir.Amount { return s.Before.Member }},
	{"member-after", func(s *Sum) fhir.Amount { return s.After.Member }},
	{"member-change", func(s *Sum) fhir.Amount { return s.After.Member - s.Before.Member }},
}

type kind struct {
	code string
	of   func(*Sum) fhir.Amount
}

// group spells one figure in one currency with its strata.
func group(k kind, currency string, sums Sums) groupJSON {
	g := groupJSON{Code: code(k.code)}
	strata := map[By]*stratifierJSON{ByCategory: {Code: []conceptJSON{*code("category")}}, ByLevel: {Code: []conceptJSON{*code("level")}}}
	for _, c := range sums.Cells() {
		if c.Currency != currency {
			continue
		}
		score := &quantityJSON{Value: json.RawMessage(k.of(sums[c]).String())}
		if currency != "" {
			score.Unit, score.System, score.Code = currency, systemCurrency, currency
		}
		if c.By == ByNothing {
			g.Score = score
			continue
		}
		value := conceptJSON{Text: c.Value}
		if c.Value == "" {
			value = *code("none")
		}
		strata[c.By].Stratum = append(strata[c.By].Stratum, stratumJSON{value, score})
	}
	g.Stratifier = []stratifierJSON{*strata[ByCategory], *strata[ByLevel]}
	return g
}

// code gives a code of the CodeSystem simulation.
func code(c string) *conceptJSON {
	return &conceptJSON{Coding: []codingJSON{{profiles.SystemSimulation, c}}}
}

type reportJSON struct {
	ResourceType string      `json:"resourceType"`
	Status       string      `json:"status"`
	Type         string      `json:"type"`
	Measure      string      `json:"measure"`
	Date         string      `json:"date"`
	Period       periodJSON  `json:"period"`
	Group        []groupJSON `json:"group"`
}

type periodJSON struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type groupJSON struct {
	Code       *conceptJSON     `json:"code"`
	Population []populationJSON `json:"population,omitempty"`
	Score      *quantityJSON    `json:"measureScore,omitempty"`
	Stratifier []stratifierJSON `json:"stratifier,omitempty"`
}

type populationJSON struct {
	Code  *conceptJSON `json:"code"`
	Count int          `json:"count"`
}

type stratifierJSON struct {
	Code    []conceptJSON `json:"code"`
	Stratum []stratumJSON `json:"stratum,omitempty"`
}

type stratumJSON struct {
	Value conceptJSON   `json:"value"`
	Score *quantityJSON `json:"measureScore"`
}

type conceptJSON struct {
	Coding []codingJSON `json:"coding,omitempty"`
	Text   string       `json:"text,omitempty"`
}

type codingJSON struct {
	System string `json:"system,omitempty"`
	Code   string `json:"code"`
}

type quantityJSON struct {
	Value  json.RawMessage `json:"value"`
	Unit   string          `json:"unit,omitempty"`
	System string          `json:"system,omitempty"`
	Code   string          `json:"code,omitempty"`
}
