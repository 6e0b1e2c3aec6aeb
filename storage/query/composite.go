package query

import (
	"bima/fhir"
	"bima/storage/index"
)

// composite writes both parts of one occurrence.
func (p *Planner) composite(v fhir.CompositeValue, t string) error {
	p.Add("(")
	p.token(v.First, t+".sys1", t+".code1")
	p.Add(") AND (")
	err := p.second(v.Second, t)
	p.Add(")")
	return err
}

// occurrence writes that each part of one occurrence has a row that compares with
// its value. Source: R4 search#composite.
func (p *Planner) occurrence(v fhir.OccurrenceValue, t string) error {
	p.Add(t, ".sys1 = ", p.Arg(index.Hash(fhir.PartSystem(0))), " AND (")
	if err := p.second(v.Parts[0], t); err != nil {
		return err
	}
	p.Add(")")
	for i, part := range v.Parts[1:] {
		u := p.Alias("t")
		p.Add(" AND EXISTS (SELECT 1 FROM sp_composite ", u, " WHERE ", u, ".part = 0 AND ", u, ".rid = ", t, ".rid AND ", u, ".sp = ", t, ".sp AND ",
			u, ".code1 = ", t, ".code1 AND ", u, ".sys1 = ", p.Arg(index.Hash(fhir.PartSystem(i+1))), " AND (")
		if err := p.second(part, u); err != nil {
			return err
		}
		p.Add("))")
	}
	return nil
}

func (p *Planner) second(v fhir.Value, t string) error {
	switch v := v.(type) {
	case fhir.TokenValue:
		p.token(v, t+".sys2", t+".code2")
	case fhir.StringValue:
		p.starts(t+".txt", t+".txt", index.Clip(v.Text))
	case fhir.DateValue:
		return p.interval(t+".lo", t+".hi", v)
	case fhir.NumberValue:
		return p.number(t+".lo", t+".hi", v)
	case fhir.SpanValue:
		if err := p.number(t+".lo", t+".lo", v.From); err != nil {
			return err
		}
		p.Add(" AND ")
		return p.number(t+".hi", t+".hi", v.To)
	case fhir.QuantityValue:
		if err := p.number(t+".lo", t+".hi", v.NumberValue); err != nil || v.AnyUnit {
			return err
		}
		unit := fhir.TokenValue{System: v.System, Code: v.Code, AnySystem: v.System == "", AnyCode: v.Code == ""}
		p.Add(" AND ")
		p.token(unit, t+".sys2", t+".code2")
	default:
		return fhir.Errorf(fhir.IssueNotSupported, "", "A composite parameter can't have a second part like this.")
	}
	return nil
}
