package dhis2

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"bima/profiles/indicator"
)

// nsADX is the namespace of IHE's Aggregate Data Exchange. Source: IHE QRPH ADX.
const nsADX = "urn:ihe:qrph:adx:2015"

// adx writes reports as ADX: a group for each of them, and options under the codes of
// their categories.
func (c *call) adx(s *selection, reports []report, named schemes) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	e := xml.NewEncoder(&out)
	attr := func(name, value string) xml.Attr { return xml.Attr{Name: xml.Name{Local: name}, Value: value} }
	start := func(name string, attrs ...xml.Attr) xml.StartElement {
		return xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs}
	}
	root := start("adx", attr("xmlns", nsADX), attr("exported", c.now().UTC().Format("2006-01-02T15:04:05Z")))
	err := e.EncodeToken(root)
	left, skip := s.limit, s.offset
	for _, r := range reports {
		group := start("group", attr("orgUnit", c.catalogue.byKey[r.place].shown(named.unit)), attr("period", isoPeriod(r.period)),
			attr("dataSet", c.catalogue.shown(indicator.ObjectDataSet, r.dataSet.Code, named.dataSet)),
			attr("attributeOptionCombo", c.catalogue.shown(indicator.ObjectCell, indicator.DefaultCombo, named.attribute)))
		if r.final != "" {
			group.Attr = append(group.Attr, attr("completeDate", r.final))
		}
		open := false
		for _, n := range r.numbers {
			if n.masked || !s.has(n) || err != nil || s.limit > 0 && left == 0 {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if !open {
				open, err = true, e.EncodeToken(group)
			}
			left--
			value := start("dataValue", attr("dataElement", c.catalogue.shown(indicator.ObjectElement, n.element.Code, named.element)))
			value.Attr = append(value.Attr, c.adxCell(n, named)...)
			value.Attr = append(value.Attr, attr("value", n.value))
			if err == nil {
				err = e.EncodeToken(value)
			}
			if err == nil {
				err = e.EncodeToken(value.End())
			}
		}
		if open && err == nil {
			err = e.EncodeToken(group.End())
		}
	}
	if err == nil {
		err = e.EncodeToken(root.End())
	}
	if err == nil {
		err = e.Flush()
	}
	return out.Bytes(), err
}

// adxCell gives the attributes that tell a cell: an option of each category, both by
// schemes of their own, or that it is the default one, without which DHIS2 may not
// find it.
func (c *call) adxCell(n number, named schemes) []xml.Attr {
	if n.cell == indicator.DefaultCombo {
		return []xml.Attr{{Name: xml.Name{Local: "categoryOptionCombo"}, Value: c.catalogue.shown(indicator.ObjectCell, n.cell, named.cell)}}
	}
	combo, _ := c.catalogue.pack.Combo(n.element.Combo)
	attrs := make([]xml.Attr, 0, len(n.options))
	for i, option := range n.options {
		attrs = append(attrs, xml.Attr{Name: xml.Name{Local: c.catalogue.shown(indicator.ObjectCategory, combo.Categories[i], named.category)}, Value: c.catalogue.shown(indicator.ObjectOption, option, named.option)})
	}
	return attrs
}

// isoPeriod writes a period as ADX does: its first day and its length.
func isoPeriod(p indicator.Period) string {
	if p.Months == 12 {
		return p.First() + "/P1Y"
	}
	return fmt.Sprintf("%s/P%dM", p.First(), p.Months)
}
