package measure

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles/indicator"
)

// A subject is what a report is of.
type subject struct {
	set    indicator.DataSet
	unit   fhir.Key
	period indicator.Period
}

func (s subject) key() fhir.Key {
	return fhir.Key{Type: "MeasureReport", ID: indicator.ReportID(s.set.Measure, s.unit.String(), s.period)}
}

// A writer spells a MeasureReport.
type writer struct {
	b        []byte
	pkg      *indicator.Package
	currency string
	small    int64 // numbers of fewer events are hidden
}

// report spells a report of a sheet. Cells that were reported before and hold
// nothing now are 0.
func (s *scheme) report(of subject, numbers sheet, before map[cell]bool, now time.Time) []byte {
	w := &writer{pkg: s.pkg, currency: s.currency, small: int64(s.SmallCells), b: make([]byte, 0, 4096)}
	w.b = append(w.b, `{"resourceType":"MeasureReport"`...)
	w.text(`,"id":`, of.key().ID)
	w.text(`,"status":"complete","type":"summary","measure":`, of.set.URL())
	w.text(`,"date":`, now.UTC().Format(time.RFC3339))
	w.text(`,"reporter":{"reference":`, of.unit.String())
	w.text(`},"period":{"start":`, of.period.First())
	w.text(`,"end":`, of.period.Last())
	w.b = append(w.b, `},"group":[`...)
	for i, e := range s.pkg.Of(of.set.Code) {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.group(e, s.cells(e, numbers, before), numbers)
	}
	w.b = append(w.b, `]}`...)
	return w.b
}

// cells gives the cells of an element that are shown, in their order.
func (s *scheme) cells(e indicator.Element, numbers sheet, before map[cell]bool) []cell {
	var list []cell
	for k := range numbers {
		if k.element == e.Code {
			list = append(list, k)
		}
	}
	for k := range before {
		if _, there := numbers[k]; !there && k.element == e.Code {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, cell.compare)
	return list
}

// text writes a name and a text, which needs no escapes.
func (w *writer) text(name, text string) {
	w.b = append(w.b, name...)
	w.b = strconv.AppendQuote(w.b, text)
}

// coded writes a CodeableConcept.
func (w *writer) coded(name, system, code string) {
	w.text(name+`{"coding":[{"system":`, system)
	w.text(`,"code":`, code)
	w.b = append(w.b, `}]}`...)
}

// group writes one element: its sum, and its cells.
func (w *writer) group(e indicator.Element, cells []cell, numbers sheet) {
	var total value
	for _, k := range cells {
		total.count += numbers[k].count
		total.sum += numbers[k].sum
	}
	hidden := w.hidden(cells, numbers)
	w.coded(`{"code":`, indicator.SystemElement, e.Code)
	w.value(e, total, len(hidden) > 0)
	if e.Combo != indicator.DefaultCombo && len(cells) > 0 {
		combo, _ := w.pkg.Combo(e.Combo)
		w.coded(`,"stratifier":[{"code":[`, indicator.SystemCombo, combo.Code)
		w.b = append(w.b, `],"stratum":[`...)
		for i, k := range cells {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.stratum(e, combo, k, numbers[k], hidden[k])
		}
		w.b = append(w.b, `]}]`...)
	}
	w.b = append(w.b, '}')
}

func (w *writer) stratum(e indicator.Element, combo indicator.Combo, k cell, v value, hide bool) {
	w.b = append(w.b, `{"component":[`...)
	for i, category := range combo.Categories {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.coded(`{"code":`, indicator.SystemCategory, category)
		w.coded(`,"value":`, indicator.SystemOption, category+"_"+k.options[i])
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
	w.value(e, v, hide)
	w.b = append(w.b, '}')
}

// mask is what stands in the place of a number that is hidden.
const mask = `"extension":[{"url":"` + indicator.DataAbsentReason + `","valueCode":"` + indicator.Masked + `"}]`

// value writes the population and the score of a value.
func (w *writer) value(e indicator.Element, v value, hide bool) {
	w.coded(`,"population":[{"code":`, indicator.SystemPopulation, "initial-population")
	if hide {
		w.b = append(w.b, `,"_count":{`+mask+`}`...)
	} else {
		w.b = strconv.AppendInt(append(w.b, `,"count":`...), v.count, 10)
	}
	w.b = append(w.b, `}]`...)
	if e.Kind == indicator.Count {
		return
	}
	unit, system, number := w.currency, indicator.SystemCurrency, fhir.Amount(v.sum).String()
	if e.Kind == indicator.Days {
		unit, system, number = "d", indicator.SystemUCUM, strconv.FormatInt(v.sum, 10)
	}
	w.b = append(w.b, `,"measureScore":{`...)
	if hide {
		w.b = append(w.b, mask...)
	} else {
		w.b = append(append(w.b, `"value":`...), number...)
	}
	if unit != "" {
		w.text(`,"unit":`, unit)
		w.text(`,"system":`, system)
		w.text(`,"code":`, unit)
	}
	w.b = append(w.b, '}')
}

// hidden gives the cells of an element that are hidden: those of few events, and
// where that is one only, so that the sum of others would tell it, the next.
func (w *writer) hidden(cells []cell, numbers sheet) map[cell]bool {
	hidden := map[cell]bool{}
	next := -1
	for i, k := range cells {
		switch n := numbers[k].count; {
		case n == 0:
		case n < w.small:
			hidden[k] = true
		case next < 0 || n < numbers[cells[next]].count:
			next = i
		}
	}
	if len(hidden) == 1 && next >= 0 {
		hidden[cells[next]] = true
	}
	return hidden
}

// A told is what a stored report tells.
type told struct {
	numbers sheet
	cells   map[cell]bool
	hidden  bool // whether any number is hidden, so that others cannot be made of it
	group   []byte
	version int64 // of the report
}

// tells reads a stored report; ok is false where there is none.
func (s *scheme) tells(r fhir.Reader, of subject) (t told, ok bool, err error) {
	report, err := r.Read(of.key())
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && report.Deleted {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	doc, err := fhir.Parse(report.Body)
	if err != nil {
		return t, false, err
	}
	t = s.read(doc.Root())
	t.version = report.Version
	return t, true, nil
}

// read reads a report.
func (s *scheme) read(n fhir.Node) told {
	t := told{numbers: sheet{}, cells: map[cell]bool{}, group: n.Get("group").Raw()}
	for g := range n.Get("group").Each() {
		e, known := s.pkg.Element(g.Get("code").Code(indicator.SystemElement))
		if !known {
			continue
		}
		if e.Combo == indicator.DefaultCombo {
			t.add(cell{element: e.Code}, e, g)
			continue
		}
		for stratum := range g.Get("stratifier").First().Get("stratum").Each() {
			k, i := cell{element: e.Code}, 0
			for c := range stratum.Get("component").Each() {
				if i < len(k.options) {
					k.options[i] = strings.TrimPrefix(c.Get("value").Code(indicator.SystemOption), c.Get("code").Code(indicator.SystemCategory)+"_")
					i++
				}
			}
			t.add(k, e, stratum)
		}
	}
	return t
}

// add reads the value of a cell.
func (t *told) add(k cell, e indicator.Element, n fhir.Node) {
	t.cells[k] = true
	count := n.Get("population").First().Get("count")
	if !count.Exists() {
		t.hidden = true
		return
	}
	v := value{}
	v.count, _ = strconv.ParseInt(count.Text(), 10, 64)
	if amount, err := fhir.ParseAmount(n.At("measureScore", "value").Text()); err == nil && e.Kind != indicator.Count {
		v.sum = int64(amount)
		if e.Kind == indicator.Days {
			v.sum /= int64(fhir.Units(1))
		}
	}
	if v != (value{}) {
		t.numbers[k] = v
	}
}
