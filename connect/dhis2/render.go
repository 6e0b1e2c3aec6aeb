package dhis2

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"bima/connect/dhis2/object"
	"bima/profiles/indicator"
)

// The media types that numbers are given as.
const (
	mediaJSON = "application/json;charset=UTF-8"
	mediaXML  = "application/xml;charset=UTF-8"
	mediaADX  = "application/adx+xml;charset=UTF-8"
	mediaCSV  = "application/csv;charset=UTF-8"
)

// A shown value is one of an answer, by the names that were asked for.
type shownValue struct {
	DataElement, Period, OrgUnit, Combo, Attribute, Value, Updated string
	deleted                                                        bool
}

// schemes say by which names an answer shows things: their codes, or UIDs.
type schemes struct{ dataSet, element, unit, cell, attribute, category, option bool }

// schemesOf reads the schemes of an answer. DHIS2's own default is UIDs, of ADX codes.
func schemesOf(q url.Values, codes bool, names ...string) (s schemes, err error) {
	of := func(name string) bool {
		for _, n := range append([]string{name}, names...) {
			switch scheme := strings.ToUpper(q.Get(n)); scheme {
			case "":
			case "CODE":
				return true
			case "UID", "ID":
				return false
			default:
				err = faultf(http.StatusConflict, "E1101", "%s %.40s is not known here: things are named by UID or CODE", n, scheme)
			}
		}
		return codes
	}
	s = schemes{
		dataSet: of("dataSetIdScheme"), element: of("dataElementIdScheme"), unit: of("orgUnitIdScheme"),
		cell: of("categoryOptionComboIdScheme"), attribute: of("attributeOptionComboIdScheme"),
		category: of("categoryIdScheme"), option: of("categoryOptionIdScheme"),
	}
	return s, err
}

func (u *unit) shown(code bool) string {
	if code {
		return u.code
	}
	return u.uid
}

// shown gives the name of one of our objects.
func (c *catalogue) shown(kind indicator.Object, ours string, code bool) string {
	if code {
		return c.code(ours)
	}
	return c.uid(kind, ours)
}

// format gives the format of an answer: by the path's end, else by Accept.
func (c *call) formatOf() (string, error) {
	if asked := c.r.URL.Query().Get("format"); asked != "" {
		c.format = strings.ReplaceAll(asked, " ", "+") // a plus that nobody escaped
	}
	switch c.format {
	case "json", "xml", "csv", "adx+xml":
		return c.format, nil
	case "":
	default:
		return "", faultf(http.StatusNotAcceptable, "", "numbers are there as json, xml, csv and adx+xml, not as %.20s", c.format)
	}
	accept := c.r.Header.Get("Accept")
	for _, f := range []string{"adx+xml", "json", "csv", "xml"} {
		if strings.Contains(accept, "application/"+f) || f == "csv" && strings.Contains(accept, "text/csv") {
			return f, nil
		}
	}
	return "json", nil
}

// dataValueSets answers with the numbers of a selection.
func (c *call) dataValueSets() error {
	format, err := c.formatOf()
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	named, err := schemesOf(q, format == "adx+xml", "idScheme")
	if err != nil {
		return err
	}
	s, err := c.selection(q)
	if err != nil {
		return err
	}
	reports, err := c.load(s)
	if err != nil {
		return err
	}
	if format == "adx+xml" {
		if q.Get("includeDeleted") == "true" {
			return faultf(http.StatusConflict, "E2036", "Combination not supported: `includeDeleted` and ADX, which can't tell what is deleted; ask for json, xml or csv")
		}
		text, err := c.adx(s, reports, named)
		if err != nil {
			return err
		}
		return c.file(format, mediaADX, text)
	}
	head, all := c.head(s, reports, named), c.values(s, reports, named)
	if q.Get("includeDeleted") == "true" {
		gone, err := c.gone(s)
		if err != nil {
			return err
		}
		for _, v := range c.values(s, gone, named) {
			v.Value, v.deleted = "0", true
			all = append(all, v)
		}
	}
	return c.render(format, head, s.page(all))
}

// head gives what an answer about one data set, period and organisation unit says
// once. Releases from 2.43 on complete a data set only where all four are named there.
func (c *call) head(s *selection, reports []report, named schemes) object.Object {
	head := object.Object{}
	if len(s.sets) == 1 && s.elements == nil && len(s.periods) == 1 && len(s.units) == 1 {
		head["dataSet"] = c.catalogue.shown(indicator.ObjectDataSet, s.sets[0].Code, named.dataSet)
		head["period"] = s.periods[0].String()
		head["orgUnit"] = s.units[0].shown(named.unit)
		head["attributeOptionCombo"] = c.catalogue.shown(indicator.ObjectCell, indicator.DefaultCombo, named.attribute)
		if len(reports) == 1 && reports[0].final != "" {
			head["completeDate"] = reports[0].final
		}
	}
	return head
}

// values gives the numbers of reports, without those that are hidden.
func (c *call) values(s *selection, reports []report, named schemes) []shownValue {
	all := []shownValue{}
	for _, r := range reports {
		u := c.catalogue.byKey[r.place]
		at, _ := moment(r.updated)
		for _, n := range r.numbers {
			if n.masked || !s.has(n) {
				continue
			}
			all = append(all, shownValue{
				DataElement: c.catalogue.shown(indicator.ObjectElement, n.element.Code, named.element), Period: r.period.String(),
				OrgUnit: u.shown(named.unit), Combo: c.catalogue.shown(indicator.ObjectCell, n.cell, named.cell),
				Attribute: c.catalogue.shown(indicator.ObjectCell, indicator.DefaultCombo, named.attribute), Value: n.value, Updated: stamp(at),
			})
		}
	}
	return all
}

// storedBy is whom numbers are said to be of.
const storedBy = "bima"

// render answers with values in a format.
func (c *call) render(format string, head object.Object, values []shownValue) error {
	switch format {
	case "xml":
		return c.renderXML(head, values)
	case "csv":
		return c.renderCSV(values)
	}
	list := make([]any, len(values))
	for i, v := range values {
		o := object.Object{"dataElement": v.DataElement, "period": v.Period, "orgUnit": v.OrgUnit, "value": v.Value, "storedBy": storedBy, "followup": false}
		for name, text := range map[string]string{"categoryOptionCombo": v.Combo, "attributeOptionCombo": v.Attribute, "created": v.Updated, "lastUpdated": v.Updated} {
			if text != "" {
				o[name] = text
			}
		}
		if v.deleted {
			o["deleted"] = true
		}
		list[i] = o
	}
	head["dataValues"] = list
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	return c.file("json", mediaJSON, text)
}

func (c *call) renderXML(head object.Object, values []shownValue) error {
	type value struct {
		XMLName   xml.Name `xml:"dataValue"`
		Element   string   `xml:"dataElement,attr"`
		Period    string   `xml:"period,attr"`
		OrgUnit   string   `xml:"orgUnit,attr"`
		Combo     string   `xml:"categoryOptionCombo,attr,omitempty"`
		Attribute string   `xml:"attributeOptionCombo,attr,omitempty"`
		Value     string   `xml:"value,attr"`
		StoredBy  string   `xml:"storedBy,attr"`
		Created   string   `xml:"created,attr,omitempty"`
		Updated   string   `xml:"lastUpdated,attr,omitempty"`
		FollowUp  bool     `xml:"followUp,attr"`
		Deleted   bool     `xml:"deleted,attr,omitempty"`
	}
	doc := struct {
		XMLName   xml.Name `xml:"http://dhis2.org/schema/dxf/2.0 dataValueSet"`
		DataSet   string   `xml:"dataSet,attr,omitempty"`
		Period    string   `xml:"period,attr,omitempty"`
		OrgUnit   string   `xml:"orgUnit,attr,omitempty"`
		Attribute string   `xml:"attributeOptionCombo,attr,omitempty"`
		Final     string   `xml:"completeDate,attr,omitempty"`
		Values    []value
	}{
		DataSet: object.Text(head, "dataSet"), Period: object.Text(head, "period"), OrgUnit: object.Text(head, "orgUnit"),
		Attribute: object.Text(head, "attributeOptionCombo"), Final: object.Text(head, "completeDate"),
	}
	for _, v := range values {
		doc.Values = append(doc.Values, value{
			Element: v.DataElement, Period: v.Period, OrgUnit: v.OrgUnit, Combo: v.Combo, Attribute: v.Attribute,
			Value: v.Value, StoredBy: storedBy, Created: v.Updated, Updated: v.Updated, Deleted: v.deleted,
		})
	}
	text, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	return c.file("xml", mediaXML, append([]byte(xml.Header), text...))
}

// renderCSV answers with a header, which releases from 2.43 on ask for.
func (c *call) renderCSV(values []shownValue) error {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{
		"dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value", "storedby", "lastupdated", "comment", "followup", "deleted",
	}}
	for _, v := range values {
		rows = append(rows, []string{v.DataElement, v.Period, v.OrgUnit, v.Combo, v.Attribute, v.Value, storedBy, v.Updated, "", "false", map[bool]string{true: "true"}[v.deleted]})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return c.file("csv", mediaCSV, out.Bytes())
}
