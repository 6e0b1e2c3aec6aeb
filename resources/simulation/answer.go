package simulation

import (
	"bytes"
	"encoding/json"
	"time"

	"bima/fhir"
)

// An answerer gathers what InsurancePlan/$simulate answers.
type answerer struct {
	most   int // changed claims to list
	listed []parameter
	unsaid int // changed claims beyond those
	text   bytes.Buffer
	table  *Table
}

func newAnswerer(most int) (*answerer, error) {
	a := &answerer{most: most}
	var err error
	a.table, err = NewTable(&a.text)
	return a, err
}

func (a *answerer) sink() Sink {
	return Sink{Change: func(c Change) error {
		if len(a.listed) >= a.most {
			a.unsaid++
			return nil
		}
		a.listed = append(a.listed, changeOf(c))
		return a.table.Add(c)
	}}
}

// answer spells the Parameters.
func (a *answerer) answer(q Question, result Result, now time.Time) (*fhir.Response, error) {
	if err := a.table.End(); err != nil {
		return nil, err
	}
	report, err := MeasureReport(q, result, now)
	if err != nil {
		return nil, err
	}
	all := []parameter{
		number("selected", result.Selected), number("decided", result.Decided), number("changed", result.Changed),
		number("waiting", result.Waiting), number("others", result.Others), number("failed", result.Failed),
		{Name: "cut", ValueBoolean: &result.Cut},
		number("unlisted", a.unsaid),
	}
	for _, c := range result.Sums.Cells() {
		if c.By == ByNothing {
			sum := result.Sums[c]
			all = append(all, parameter{Name: "total", Part: figuresOf(c.Currency, sum.Before, &sum.After)})
		}
	}
	all = append(all, parameter{Name: "report", Resource: report}, parameter{Name: "table", ValueBase64: a.text.Bytes()})
	body, err := json.Marshal(struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter"`
	}{"Parameters", append(all, a.listed...)})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// changeOf spells a claim that would be decided otherwise.
func changeOf(c Change) parameter {
	after := &c.After
	if c.Failed {
		after = nil
	}
	parts := append([]parameter{{Name: "claim", ValueReference: &referenceJSON{c.Claim.String()}}}, figuresOf(c.Currency, c.Before, after)...)
	if c.Line > 0 {
		parts = append(parts, number("line", c.Line))
	}
	if c.Reason != "" {
		parts = append(parts, parameter{Name: "reason", ValueCode: c.Reason})
	}
	if c.Text != "" {
		parts = append(parts, parameter{Name: "text", ValueString: c.Text})
	}
	name := "change"
	if c.Failed {
		name = "failure"
	}
	return parameter{Name: name, Part: parts}
}

func figuresOf(currency string, before Figures, after *Figures) []parameter {
	list := []parameter{money("benefitBefore", before.Benefit, currency), money("memberBefore", before.Member, currency)}
	if after != nil {
		list = append(list, money("benefitAfter", after.Benefit, currency), money("memberAfter", after.Member, currency))
	}
	return list
}

// A parameter is one of the Parameters, or a part of one.
type parameter struct {
	Name           string          `json:"name"`
	ValueString    string          `json:"valueString,omitempty"`
	ValueCode      string          `json:"valueCode,omitempty"`
	ValueBoolean   *bool           `json:"valueBoolean,omitempty"`
	ValueUnsigned  *int            `json:"valueUnsignedInt,omitempty"`
	ValueMoney     *moneyJSON      `json:"valueMoney,omitempty"`
	ValueReference *referenceJSON  `json:"valueReference,omitempty"`
	ValueBase64    []byte          `json:"valueBase64Binary,omitempty"`
	Resource       json.RawMessage `json:"resource,omitempty"`
	Part           []parameter     `json:"part,omitempty"`
}

type moneyJSON struct {
	Value    json.RawMessage `json:"value"`
	Currency string          `json:"currency,omitempty"`
}

type referenceJSON struct {
	Reference string `json:"reference"`
}

func number(name string, n int) parameter { return parameter{Name: name, ValueUnsigned: &n} }

func money(name string, value fhir.Amount, currency string) parameter {
	return parameter{Name: name, ValueMoney: &moneyJSON{json.RawMessage(value.String()), currency}}
}
