package dhis2test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bima/connect/dhis2/object"
)

// The media types of data value sets.
const (
	mediaJSON = "application/json"
	mediaXML  = "application/xml"
	mediaADX  = "application/adx+xml"
	mediaCSV  = "application/csv"
)

var errMedia = errors.New("media type")

// readValues reads the payload in the format its Content-Type says.
func (x *exchange) readValues() (*valueSet, error) {
	switch x.media() {
	case mediaJSON:
		return readJSON(x.body)
	case mediaCSV:
		return x.readCSV()
	case mediaXML:
		return readXML(x.body)
	case mediaADX:
		return readADX(x.body)
	}
	return nil, errMedia
}

// readCSV reads rows of dataelement, period, orgunit, categoryoptioncombo,
// attributeoptioncombo and value. From 2.43 on the header must be there.
func (x *exchange) readCSV() (*valueSet, error) {
	rows, err := csv.NewReader(bytes.NewReader(x.body)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the body is no CSV: %w", err)
	}
	header := len(rows) > 0 && len(rows[0]) > 0 && strings.EqualFold(rows[0][0], "dataelement")
	if !header && x.mode == V243 {
		return nil, errors.New("the CSV has no header")
	}
	set := &valueSet{DataSet: x.r.URL.Query().Get("dataSet")}
	for n, row := range rows {
		if n == 0 && header {
			continue
		}
		if len(row) < 6 {
			return nil, fmt.Errorf("row %d has %d columns", n+1, len(row))
		}
		set.DataValues = append(set.DataValues, value{
			DataElement: row[0], Period: row[1], OrgUnit: row[2], CategoryOptionCombo: row[3], AttributeOptionCombo: row[4], Value: &row[5],
		})
	}
	return set, nil
}

// readXML reads DXF 2.
func readXML(body []byte) (*valueSet, error) {
	var doc struct {
		XMLName      xml.Name `xml:"http://dhis2.org/schema/dxf/2.0 dataValueSet"`
		DataSet      string   `xml:"dataSet,attr"`
		Period       string   `xml:"period,attr"`
		OrgUnit      string   `xml:"orgUnit,attr"`
		CompleteDate string   `xml:"completeDate,attr"`
		Attribute    string   `xml:"attributeOptionCombo,attr"`
		Values       []struct {
			DataElement string  `xml:"dataElement,attr"`
			Period      string  `xml:"period,attr"`
			OrgUnit     string  `xml:"orgUnit,attr"`
			Combo       string  `xml:"categoryOptionCombo,attr"`
			Attribute   string  `xml:"attributeOptionCombo,attr"`
			Value       *string `xml:"value,attr"`
		} `xml:"dataValue"`
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("the body is no data value set of XML: %w", err)
	}
	set := &valueSet{DataSet: doc.DataSet, Period: doc.Period, OrgUnit: doc.OrgUnit, CompleteDate: doc.CompleteDate, AttributeOptionCombo: doc.Attribute}
	for _, v := range doc.Values {
		set.DataValues = append(set.DataValues, value{
			DataElement: v.DataElement, Period: v.Period, OrgUnit: v.OrgUnit, CategoryOptionCombo: v.Combo, AttributeOptionCombo: v.Attribute, Value: v.Value,
		})
	}
	return set, nil
}

// readADX reads IHE's ADX: options stand by their categories. What is said of groups
// is that of the last, which is enough for files of one.
func readADX(body []byte) (*valueSet, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	set, group := &valueSet{}, map[string]string{}
	root := false
	for {
		token, err := d.Token()
		if err == io.EOF && root {
			return set, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the body is no ADX: %w", err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes := map[string]string{}
		for _, a := range e.Attr {
			attributes[a.Name.Local] = a.Value
		}
		if e.Name.Space != "urn:ihe:qrph:adx:2015" {
			return nil, fmt.Errorf("%s is not of ADX's namespace", e.Name.Local)
		}
		switch e.Name.Local {
		case "adx":
			if root = attributes["exported"] != ""; !root {
				return nil, errors.New("adx has no attribute exported")
			}
		case "group":
			if group = attributes; group["orgUnit"] == "" || group["period"] == "" {
				return nil, errors.New("group needs orgUnit and period")
			}
			set.DataSet, set.OrgUnit, set.Period = group["dataSet"], group["orgUnit"], adxPeriod(group["period"])
			set.CompleteDate, set.AttributeOptionCombo = group["completeDate"], group["attributeOptionCombo"]
		case "dataValue":
			v, err := adxValue(group, attributes)
			if err != nil {
				return nil, err
			}
			set.DataValues = append(set.DataValues, v)
		}
	}
}

func adxValue(group, attributes map[string]string) (value, error) {
	text := attributes["value"]
	if attributes["dataElement"] == "" || text == "" {
		return value{}, errors.New("dataValue needs dataElement and value")
	}
	v := value{
		DataElement: attributes["dataElement"], Period: adxPeriod(group["period"]), OrgUnit: group["orgUnit"],
		CategoryOptionCombo: attributes["categoryOptionCombo"], AttributeOptionCombo: group["attributeOptionCombo"], Value: &text,
	}
	for name, option := range attributes {
		if slices.Contains([]string{"dataElement", "value", "categoryOptionCombo"}, name) {
			continue
		}
		if v.options == nil {
			v.options = map[string]string{}
		}
		v.options[name] = option
	}
	return v, nil
}

// adxPeriod gives "202608" of "2026-08-01/P1M".
func adxPeriod(text string) string {
	start, length, _ := strings.Cut(text, "/")
	digits := strings.ReplaceAll(start, "-", "")
	if len(digits) != 8 {
		return text
	}
	switch length {
	case "P1D":
		return digits
	case "P1M":
		return digits[:6]
	case "P3M":
		return fmt.Sprintf("%sQ%d", digits[:4], (int(digits[4]-'0')*10+int(digits[5]-'0')-1)/3+1)
	case "P1Y":
		return digits[:4]
	}
	return text
}

// byOptions finds the category option combo of a data element by options.
func (i *importing) byOptions(options map[string]string, element object.Object) (object.Object, string) {
	var ids []string
	for category, code := range options {
		o := i.find("categoryOptions", code, i.schemeOption)
		if o == nil || i.find("categories", category, i.schemeCategory) == nil {
			return nil, category + "=" + code
		}
		ids = append(ids, object.Text(o, "id"))
	}
	slices.Sort(ids)
	for _, cell := range i.objects["categoryOptionCombos"] {
		have := object.Refs(cell, "categoryOptions")
		slices.Sort(have)
		if i.ofElement(cell, element) && slices.Equal(have, ids) {
			return cell, ""
		}
	}
	return nil, strings.Join(ids, "+")
}
