package indicator

import (
	"iter"
	"strings"
)

// DefaultCombo is DHIS2's combo of no category: a number that is not told apart.
const DefaultCombo = "default"

// The codes of the combos.
const (
	ComboSAP  = "HF_CC_SAP"
	ComboProd = "HF_CC_PROD"
	ComboNRP  = "HF_CC_NRP"
	ComboPSP  = "HF_CC_PSP"
	ComboPRPA = "HF_CC_PRPA"
	ComboChan = "HF_CC_CHAN"
	ComboCSA  = "HF_CC_CSA"
	ComboSTC  = "HF_CC_STC"
	ComboRej  = "HF_CC_REJ"
	ComboCP   = "HF_CC_CP"
	ComboDSA  = "HF_CC_DSA"
	ComboDXG  = "HF_CC_DXG"
	ComboSL   = "HF_CC_SL"
)

// comboPrefix begins the codes of combos, cellPrefix those of cells.
const (
	comboPrefix = "HF_CC_"
	cellPrefix  = "HFC_"
)

// A Combo is the categories that an element is told apart by.
type Combo struct {
	Code       string
	Name       string
	Categories []string // codes, in the order of a cell's options
}

// combos are the combos in their order.
func combos() []Combo {
	return []Combo{
		{ComboSAP, "Sex, age and poverty", []string{Sex, Age, Poverty}},
		{ComboProd, "Product", []string{Product}},
		{ComboNRP, "New or renewed, and product", []string{NewRenew, Product}},
		{ComboPSP, "State of payment and poverty", []string{PayState, Poverty}},
		{ComboPRPA, "Product and who paid", []string{Product, Payer}},
		{ComboChan, "How it was paid", []string{Channel}},
		{ComboCSA, "Kind of care, sex and age", []string{Care, Sex, Age}},
		{ComboSTC, "Stage and kind of care", []string{Stage, Care}},
		{ComboRej, "Why nothing is paid", []string{Rejection}},
		{ComboCP, "Kind of care and poverty", []string{Care, Poverty}},
		{ComboDSA, "Diagnosis, sex and age", []string{Diagnosis, Sex, AgeUnder5}},
		{ComboDXG, "Diagnosis", []string{Diagnosis}},
		{ComboSL, "Kind of service and result", []string{Service, Line}},
	}
}

// A Cell is one category option combo: an option of each category of a combo.
type Cell struct {
	Code    string // "HFC_SAP_F_00_05_POOR"
	Combo   string
	Options []Option // in the order of the combo's categories
}

// CellCode gives the code of the cell of a combo with options by their suffixes,
// in the order of its categories; DHIS2's own "default" for DefaultCombo.
func CellCode(combo string, suffixes ...string) string {
	if combo == DefaultCombo {
		return DefaultCombo
	}
	return cellPrefix + strings.TrimPrefix(combo, comboPrefix) + "_" + strings.Join(suffixes, "_")
}

// CellOfOptions gives the code of the cell of a combo with options by their whole
// codes, such as a MeasureReport's strata name them, or false where a code is not
// of the combo's category in that place.
func (p *Package) CellOfOptions(combo string, options ...string) (code string, ok bool) {
	if combo == DefaultCombo {
		return DefaultCombo, len(options) == 0
	}
	c, ok := p.Combo(combo)
	if !ok || len(options) != len(c.Categories) {
		return "", false
	}
	suffixes := make([]string, len(options))
	for i, option := range options {
		if suffixes[i], ok = strings.CutPrefix(option, c.Categories[i]+"_"); !ok {
			return "", false
		}
	}
	return CellCode(combo, suffixes...), true
}

// Cells gives all cells of a combo; of DefaultCombo none.
func (p *Package) Cells(combo string) iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		if c, ok := p.Combo(combo); ok {
			p.each(c, nil, yield)
		}
	}
}

// each gives the cells that begin with the chosen options.
func (p *Package) each(c Combo, chosen []Option, yield func(Cell) bool) bool {
	if len(chosen) == len(c.Categories) {
		cell := Cell{Combo: c.Code, Options: append([]Option(nil), chosen...)}
		suffixes := make([]string, len(chosen))
		for i, o := range chosen {
			suffixes[i] = o.Suffix
		}
		cell.Code = CellCode(c.Code, suffixes...)
		return yield(cell)
	}
	for _, o := range p.byCode[c.Categories[len(chosen)]].Options {
		if !p.each(c, append(chosen, o), yield) {
			return false
		}
	}
	return true
}
