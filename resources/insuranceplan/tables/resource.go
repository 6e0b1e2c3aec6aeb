package tables

import "encoding/json"

// What an InsurancePlan holds that tables can say, in R4's order. Decimals stay as
// they are written.

type insurancePlan struct {
	ResourceType   string       `json:"resourceType"`
	ID             string       `json:"id,omitempty"`
	Extension      []extension  `json:"extension,omitempty"`
	Identifier     []identifier `json:"identifier,omitempty"`
	Status         string       `json:"status,omitempty"`
	Type           []concept    `json:"type,omitempty"`
	Name           string       `json:"name,omitempty"`
	Alias          []string     `json:"alias,omitempty"`
	Period         *period      `json:"period,omitempty"`
	OwnedBy        *reference   `json:"ownedBy,omitempty"`
	AdministeredBy *reference   `json:"administeredBy,omitempty"`
	CoverageArea   []reference  `json:"coverageArea,omitempty"`
	Coverage       []coverage   `json:"coverage,omitempty"`
	Plan           []plan       `json:"plan,omitempty"`
}

type extension struct {
	URL                  string      `json:"url"`
	Extension            []extension `json:"extension,omitempty"`
	ValueCode            string      `json:"valueCode,omitempty"`
	ValueString          string      `json:"valueString,omitempty"`
	ValueBoolean         *bool       `json:"valueBoolean,omitempty"`
	ValueUnsignedInt     json.Number `json:"valueUnsignedInt,omitempty"`
	ValuePositiveInt     json.Number `json:"valuePositiveInt,omitempty"`
	ValueCanonical       string      `json:"valueCanonical,omitempty"`
	ValueDecimal         json.Number `json:"valueDecimal,omitempty"`
	ValueReference       *reference  `json:"valueReference,omitempty"`
	ValueDuration        *quantity   `json:"valueDuration,omitempty"`
	ValueMoney           *money      `json:"valueMoney,omitempty"`
	ValueCoding          *coding     `json:"valueCoding,omitempty"`
	ValueRange           *ages       `json:"valueRange,omitempty"`
	ValueCodeableConcept *concept    `json:"valueCodeableConcept,omitempty"`
	ValueExpression      *expression `json:"valueExpression,omitempty"`
}

type identifier struct {
	Use    string `json:"use,omitempty"`
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
}

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// one gives the only coding of a concept; false where it has none or several.
func (c concept) one() (coding, bool) {
	if len(c.Coding) != 1 {
		return coding{}, false
	}
	return c.Coding[0], true
}

type period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

type reference struct {
	Reference string `json:"reference,omitempty"`
}

type quantity struct {
	Value  json.Number `json:"value,omitempty"`
	Unit   string      `json:"unit,omitempty"`
	System string      `json:"system,omitempty"`
	Code   string      `json:"code,omitempty"`
}

type money struct {
	Value    json.Number `json:"value,omitempty"`
	Currency string      `json:"currency,omitempty"`
}

type ages struct {
	Low  *quantity `json:"low,omitempty"`
	High *quantity `json:"high,omitempty"`
}

type expression struct {
	Description string `json:"description,omitempty"`
	Name        string `json:"name,omitempty"`
	Language    string `json:"language,omitempty"`
	Expression  string `json:"expression,omitempty"`
}

type coverage struct {
	Type    concept     `json:"type"`
	Network []reference `json:"network,omitempty"`
	Benefit []benefit   `json:"benefit,omitempty"`
}

type benefit struct {
	Extension []extension `json:"extension,omitempty"`
	Type      concept     `json:"type"`
	Limit     []limit     `json:"limit,omitempty"`
}

type limit struct {
	Extension []extension `json:"extension,omitempty"`
	Value     *quantity   `json:"value,omitempty"`
	Code      *concept    `json:"code,omitempty"`
}

type plan struct {
	Extension    []extension    `json:"extension,omitempty"`
	Identifier   []identifier   `json:"identifier,omitempty"`
	GeneralCost  []generalCost  `json:"generalCost,omitempty"`
	SpecificCost []specificCost `json:"specificCost,omitempty"`
}

type generalCost struct {
	Type      *concept    `json:"type,omitempty"`
	GroupSize json.Number `json:"groupSize,omitempty"`
	Cost      *money      `json:"cost,omitempty"`
	Comment   string      `json:"comment,omitempty"`
}

type specificCost struct {
	Category concept       `json:"category"`
	Benefit  []planBenefit `json:"benefit,omitempty"`
}

type planBenefit struct {
	Extension []extension `json:"extension,omitempty"`
	Type      concept     `json:"type"`
	Cost      []planCost  `json:"cost,omitempty"`
}

type planCost struct {
	Extension  []extension `json:"extension,omitempty"`
	Type       concept     `json:"type"`
	Qualifiers []concept   `json:"qualifiers,omitempty"`
	Value      *quantity   `json:"value,omitempty"`
}
