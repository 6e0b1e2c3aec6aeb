package dhis2

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// unasked are the parameters that change a DHIS2's answer and that none of ours is
// made by, by address; "" is the lists. A client that relied on one would be misled.
var unasked = map[string][]string{
	"dataValueSets": {"attributeCombo", "attributeOptions", "unfoldOptionCombos", "excludeDefaultCoc", "excludeDefaultAoc"},
	"analytics/dataValueSet": {
		"startDate", "endDate", "aggregationType", "measureCriteria", "preAggregationMeasureCriteria", "approvalLevel", "userOrgUnit", "timeField", "orgUnitField",
	},
	"": {"parent", "memberObject", "memberCollection"},
}

// foreign refuses what unasked names, unless it is said to be as it is anyway.
func foreign(path string, q url.Values) error {
	names, ok := unasked[path]
	if !ok {
		names = unasked[""]
	}
	for _, name := range names {
		switch value := q.Get(name); value {
		case "", "false", "DEFAULT":
		default:
			return faultf(http.StatusConflict, "E2034", "Filter not supported: `%s=%.40s`; leave %s out", name, value, name)
		}
	}
	return nil
}

// packed gives an answer compressed, as compression=gzip or zip asks for, with the
// end of its file's name.
func packed(how, name string, text []byte) ([]byte, string, error) {
	var out bytes.Buffer
	switch strings.ToLower(how) {
	case "", "none":
		return text, "", nil
	case "gzip":
		z := gzip.NewWriter(&out)
		_, err := z.Write(text)
		if err == nil {
			err = z.Close()
		}
		return out.Bytes(), ".gz", err
	case "zip":
		z := zip.NewWriter(&out)
		file, err := z.Create(name)
		if err == nil {
			_, err = io.Copy(file, bytes.NewReader(text))
		}
		if err == nil {
			err = z.Close()
		}
		return out.Bytes(), ".zip", err
	}
	return nil, "", faultf(http.StatusBadRequest, "", "compression is none, gzip or zip, not %.20q", how)
}

// file answers with numbers, as a file where that or compression was asked for.
func (c *call) file(format, media string, text []byte) error {
	q := c.r.URL.Query()
	ending := "." + strings.ReplaceAll(format, "+", ".")
	name := "dataValues" + ending
	if given := q.Get("attachment"); given != "" {
		name = strings.TrimSuffix(strings.TrimSuffix(given, ".gz"), ".zip")
	}
	text, more, err := packed(q.Get("compression"), name, text)
	if err == nil {
		if more != "" {
			c.attach(name + more)
		}
		c.send(http.StatusOK, media, text)
	}
	return err
}
