package dhis2

import (
	"net/url"
)

// A payload is what is sent of one report: DHIS2's dataValueSet.
type payload struct {
	DataSet              string      `json:"dataSet"`
	Period               string      `json:"period"`
	OrgUnit              string      `json:"orgUnit"`
	CompleteDate         string      `json:"completeDate,omitempty"`
	AttributeOptionCombo string      `json:"attributeOptionCombo"`
	DataValues           []dataValue `json:"dataValues"`
}

// A dataValue is one value of it; DHIS2's values are texts.
type dataValue struct {
	DataElement         string `json:"dataElement"`
	CategoryOptionCombo string `json:"categoryOptionCombo"`
	Value               string `json:"value"`
	Deleted             bool   `json:"deleted,omitempty"`
}

// payload writes what is to be sent of a report. Cells that were in the version
// before and are not in this one are sent as 0, so that DHIS2 does not go on showing
// what they held; one that is hidden now is taken back.
func (s *settings) payload(now, before report) payload {
	p := payload{DataSet: s.dataSet(now.dataSet.Code), Period: now.period.String(), AttributeOptionCombo: s.attribute, DataValues: []dataValue{}}
	have, had := map[string]bool{}, map[string]bool{}
	for _, n := range before.numbers {
		had[n.element.Code+" "+n.cell] = !n.masked
	}
	for _, n := range now.numbers {
		key := n.element.Code + " " + n.cell
		have[key] = true
		switch {
		case !n.masked:
			p.DataValues = append(p.DataValues, s.value(n, n.value, false))
		case had[key]:
			p.DataValues = append(p.DataValues, s.value(n, "0", true))
		}
	}
	for _, n := range before.numbers {
		if !n.masked && !have[n.element.Code+" "+n.cell] {
			p.DataValues = append(p.DataValues, s.value(n, "0", false))
		}
	}
	if s.complete {
		p.CompleteDate = now.final
	}
	return p
}

// back writes what takes back all that was told of a report.
func (s *settings) back(held report) payload {
	p := payload{DataSet: s.dataSet(held.dataSet.Code), Period: held.period.String(), AttributeOptionCombo: s.attribute, DataValues: []dataValue{}}
	for _, n := range held.numbers {
		p.DataValues = append(p.DataValues, s.value(n, "0", true))
	}
	return p
}

func (s *settings) value(n number, text string, deleted bool) dataValue {
	return dataValue{DataElement: s.code(n.element.Code), CategoryOptionCombo: s.code(n.cell), Value: text, Deleted: deleted}
}

// query names all schemes: what DHIS2 takes for granted differs between releases.
func (s *settings) query(dryRun bool) url.Values {
	q := url.Values{
		"dataSetIdScheme": {"CODE"}, "dataElementIdScheme": {"CODE"}, "orgUnitIdScheme": {s.unitScheme},
		"categoryOptionComboIdScheme": {"CODE"}, "attributeOptionComboIdScheme": {"CODE"},
		"importStrategy": {"CREATE_AND_UPDATE"},
	}
	if dryRun {
		q.Set("dryRun", "true")
	}
	if s.async && !dryRun {
		q.Set("async", "true")
	}
	return q
}
