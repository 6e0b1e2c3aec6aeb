package dhis2

import (
	"strings"

	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A report is the numbers of a MeasureReport: of one data set, place and period.
type report struct {
	dataSet indicator.DataSet
	place   string // "Location/ward-7"
	period  indicator.Period
	numbers []number
	final   string // the day since which the numbers are final; "" where they may change
	updated string // meta.lastUpdated
}

// A number is one cell of a report.
type number struct {
	element indicator.Element
	cell    string // the code of the category option combo, without prefix
	options []string
	value   string // a decimal as it was written
	masked  bool   // hidden, since too few people stand behind it
}

// slot names the data set, place and period of a report: there is one report of each.
func (r report) slot() string {
	return indicator.ReportID(r.dataSet.Measure, r.place, r.period)
}

// readReport reads a MeasureReport; false where it is none of the package, or not
// complete, or not under its own id: what somebody has worked out and kept is no
// number of the scheme.
func readReport(pack *indicator.Package, n fhir.Node) (report, bool) {
	measure, _, _ := strings.Cut(n.Get("measure").Text(), "|")
	dataSet, known := pack.DataSet(measure[strings.LastIndexByte(measure, '/')+1:])
	period, calendar := indicator.PeriodOf(day(n.At("period", "start")), day(n.At("period", "end")))
	r := report{dataSet: dataSet, place: n.At("reporter", "reference").Text(), period: period, updated: n.At("meta", "lastUpdated").Text()}
	if !known || !calendar || r.place == "" || n.Get("status").Text() != "complete" || n.Get("id").Text() != r.slot() {
		return r, false
	}
	r.final = n.Extension(profiles.ExtensionIndicatorFinal).Get("valueDate").Text()
	for group := range n.Get("group").Each() {
		e, ok := pack.Element(group.Get("code").Code(indicator.SystemElement))
		if !ok || e.DataSet != dataSet.Code {
			continue
		}
		if e.Combo == indicator.DefaultCombo {
			r.add(e, indicator.DefaultCombo, nil, group)
			continue
		}
		for stratum := range strata(group) {
			if options, cell, ok := cellOf(pack, e.Combo, stratum); ok {
				r.add(e, cell, options, stratum)
			}
		}
	}
	return r, true
}

// day gives the day of a date or a moment.
func day(n fhir.Node) string {
	text := n.Text()
	return text[:min(len(text), len("2026-08-01"))]
}

// strata ranges over all strata of a group.
func strata(group fhir.Node) func(yield func(fhir.Node) bool) {
	return func(yield func(fhir.Node) bool) {
		for stratifier := range group.Get("stratifier").Each() {
			for stratum := range stratifier.Get("stratum").Each() {
				if !yield(stratum) {
					return
				}
			}
		}
	}
}

// cellOf gives the options of a stratum in the combo's order, and their cell.
func cellOf(pack *indicator.Package, combo string, stratum fhir.Node) (options []string, cell string, ok bool) {
	chosen := map[string]string{}
	for component := range stratum.Get("component").Each() {
		chosen[component.Get("code").Code(indicator.SystemCategory)] = component.Get("value").Code(indicator.SystemOption)
	}
	c, _ := pack.Combo(combo)
	for _, category := range c.Categories {
		options = append(options, chosen[category])
	}
	cell, ok = pack.CellOfOptions(combo, options...)
	return options, cell, ok
}

// add adds the number that stands in a group or a stratum, if one does.
func (r *report) add(e indicator.Element, cell string, options []string, n fhir.Node) {
	one := number{element: e, cell: cell, options: options}
	if e.Kind == indicator.Count {
		population := n.Get("population").First()
		one.value = population.Get("count").Text()
		one.masked = isMasked(population.Get("_count"))
	} else {
		score := n.Get("measureScore")
		one.value = score.Get("value").Text()
		one.masked = isMasked(score) || isMasked(score.Get("_value"))
	}
	if one.value != "" || one.masked {
		r.numbers = append(r.numbers, one)
	}
}

func isMasked(n fhir.Node) bool {
	return n.Extension(indicator.DataAbsentReason).Get("valueCode").Text() == indicator.Masked
}
