package dhis2

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"bima/connect/dhis2/object"
	"bima/profiles/indicator"
)

// The types of indicators, by what their quotient is multiplied with.
const (
	typePercent = "HF_PERCENT"
	typeNumber  = "HF_NUMBER"
)

// A term is a data element, of all cells or those with an option.
type term struct{ element, option string }

// ratios are the indicators: a sum of terms over another.
var ratios = []struct {
	code, name, kind string
	over, under      []term
}{
	{"HF_IND_COVERAGE", "Coverage rate", typePercent, []term{{element: indicator.EnrPersonsActive}}, []term{{element: Population}}},
	{"HF_IND_POOR", "Share of the poor", typePercent, []term{{indicator.EnrPersonsActive, "HF_POV_POOR"}}, []term{{element: indicator.EnrPersonsActive}}},
	{"HF_IND_RENEWAL", "Renewal rate", typePercent, []term{{indicator.EnrPolStart, "HF_NEWREN_RENEW"}}, []term{{element: indicator.EnrPolDue}}},
	{"HF_IND_REJECTION", "Rejection rate", typePercent, []term{{element: indicator.ClmRejCnt}}, []term{{element: indicator.ClmRejCnt}, {element: indicator.ClmApprCnt}}},
	{"HF_IND_COST", "Average cost of a claim", typeNumber, []term{{element: indicator.ClmApprAmt}}, []term{{element: indicator.ClmApprCnt}}},
	{"HF_IND_RATIO", "Claims ratio", typePercent, []term{{element: indicator.ClmApprAmt}}, []term{{element: indicator.FinContribAmt}}},
	{"HF_IND_DAYS", "Mean days to decide", typeNumber, []term{{element: indicator.ClmTATDays}}, []term{{element: indicator.ClmTATCnt}}},
	{"HF_IND_USE", "Use per insured", typeNumber, []term{{element: indicator.ClmSubCnt}}, []term{{element: indicator.EnrPersonsActive}}},
	{"HF_IND_COLLECTION", "Collection rate", typePercent, []term{{element: indicator.FinContribAmt}}, []term{{element: indicator.FinContribDueAmt}}},
}

// writeIndicators writes the indicators and their types.
func (c *catalogue) writeIndicators() {
	c.add("indicatorTypes", typePercent, "HF Per cent", object.Object{"factor": 100, "number": false})
	c.add("indicatorTypes", typeNumber, "HF Number", object.Object{"factor": 1, "number": true})
	for _, r := range ratios {
		c.add("indicators", r.code, "HF "+r.name, object.Object{
			"indicatorType": c.ref(indicator.ObjectOther, r.kind), "annualized": false,
			"numerator": c.expression(r.over), "numeratorDescription": describe(r.over),
			"denominator": c.expression(r.under), "denominatorDescription": describe(r.under),
		})
	}
}

// expression writes a sum as DHIS2 does: #{element} or #{element.combo}.
func (c *catalogue) expression(sum []term) string {
	var parts []string
	for _, t := range sum {
		uid := c.uid(indicator.ObjectElement, t.element)
		if t.option == "" {
			parts = append(parts, "#{"+uid+"}")
			continue
		}
		e, _ := c.pack.Element(t.element)
		for cell := range c.pack.Cells(e.Combo) {
			if slices.ContainsFunc(cell.Options, func(o indicator.Option) bool { return o.Code == t.option }) {
				parts = append(parts, "#{"+uid+"."+c.uid(indicator.ObjectCell, cell.Code)+"}")
			}
		}
	}
	return strings.Join(parts, "+")
}

// describe names a sum in codes.
func describe(sum []term) string {
	var parts []string
	for _, t := range sum {
		parts = append(parts, strings.TrimSuffix(t.element+" "+t.option, " "))
	}
	return strings.Join(parts, " + ")
}

// operand is a data element of DHIS2 by its UID, or one and a category option combo.
var operand = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{10}(\.[A-Za-z][A-Za-z0-9]{10})?$`)

// divideBy has indicators divide by a population that the ministry has already, and
// leaves out ours; "" leaves the file as it is.
func (c *catalogue) divideBy(file object.Object, theirs string) {
	if theirs == "" {
		return
	}
	ours := "#{" + c.uid(indicator.ObjectElement, Population) + "}"
	for plural, list := range file {
		objects, ok := list.([]any)
		if !ok {
			continue
		}
		kept := []any{}
		for _, one := range objects {
			o, _ := one.(object.Object)
			if object.Text(o, "code") == c.code(Population) {
				continue
			}
			if plural == "indicators" && object.Text(o, "denominator") == ours {
				o = maps.Clone(o)
				o["denominator"], o["denominatorDescription"] = "#{"+theirs+"}", "Population"
			}
			kept = append(kept, o)
		}
		file[plural] = kept
	}
}
