package payment

import "bima/fhir"

// foundMax bounds how many resources are looked at that refer to another.
const foundMax = 500

// find gives the resources of a type that refer to one by a search parameter.
func (b *book) find(typ, param string, of fhir.Key) ([]*fhir.Resource, error) {
	page, err := b.tx.Search(&fhir.Query{
		Types: []string{typ}, Limit: foundMax,
		Where: fhir.Match{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: of}},
	})
	if err != nil {
		return nil, err
	}
	return page.Resources, nil
}

type taskJSON struct {
	ResourceType string      `json:"resourceType"`
	Status       string      `json:"status"`
	Intent       string      `json:"intent"`
	Code         concept     `json:"code"`
	Description  string      `json:"description"`
	Focus        *reference  `json:"focus"`
	AuthoredOn   string      `json:"authoredOn"`
	Input        []inputJSON `json:"input,omitempty"`
}

type inputJSON struct {
	Type       concept    `json:"type"`
	ValueMoney *moneyJSON `json:"valueMoney,omitempty"`
}
