package resttest

import (
	_ "embed" // for the golden list
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
)

// WithoutExample lists the search parameters for which no example resource has
// a value, one "Type.code" a line.
//
//go:embed testdata/parameters-without-example.txt
var WithoutExample string

// A probe is a search parameter with a search that finds an example by it, and
// one that does not.
type probe struct {
	param     *r4.SearchParam
	example   example
	hit, miss string // the query but for the code, "=ge2020-01-01"
}

// ends is when a Subscription ends, as its examples say.
var ends = regexp.MustCompile(`"end"\s*:\s*"2021-01-01T00:00:00Z",`)

// testParameters asserts one hit and one miss for every search parameter of R4
// that an example has a value for.
func testParameters(t *testing.T, base string) {
	probes, without := probesOf(t, base)
	if got := strings.Join(without, "\n") + "\n"; got != WithoutExample {
		t.Errorf("parameters without an example have changed; testdata/parameters-without-example.txt should be:\n%s", got)
	}
	l := newTeller(base)
	stored := map[string]string{} // the ids of examples on the server
	for _, p := range probes {
		if stored[p.example.name] == "" {
			id, body := p.example.withID(t, l.words["run"])
			stored[p.example.name] = id
			// A Subscription whose time is over is turned off, and its status another one.
			text := ends.ReplaceAllString(string(body), "")
			response, answer := l.send(t, Scenario{Method: http.MethodPut, Path: "/" + p.example.typ + "/" + id, Body: text})
			if response.StatusCode != http.StatusCreated {
				t.Errorf("%s: %d %s", p.example.name, response.StatusCode, shortened(answer))
			}
		}
	}
	for _, p := range probes {
		t.Run(p.param.Base+"."+p.param.Code, func(t *testing.T) {
			t.Parallel()
			id := stored[p.example.name]
			path := "/" + p.param.Base + "?_id=" + id + "&" + p.param.Code
			l.step(t, Scenario{Name: "hit", Path: path + p.hit, WantStatus: 200, WantBody: Values{"entry[*].resource.id": id}})
			l.step(t, Scenario{Name: "miss", Path: path + p.miss, WantStatus: 200, WantBody: Values{"entry": Absent}})
		})
	}
}

// probesOf gives the probes, and the parameters no example has a value for.
func probesOf(t *testing.T, base string) (probes []probe, without []string) {
	t.Helper()
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	all := examples(t)
	for _, param := range r4.SearchParams() {
		if param.Base == "Resource" || param.Base == "DomainResource" {
			continue
		}
		if p := probeIn(registry, param, all); p != nil {
			probes = append(probes, *p)
		} else {
			without = append(without, param.Base+"."+param.Code)
		}
	}
	slices.Sort(without)
	return probes, without
}

// probeIn gives a probe of the first example that has a value for the parameter,
// or else of one to which such a value has been added; nil where none can have.
func probeIn(registry *search.Registry, param *r4.SearchParam, all []example) *probe {
	for _, added := range []bool{false, true} {
		for _, e := range all {
			if _, refused := refusedExamples[e.name]; e.typ != param.Base || refused && !added {
				continue
			}
			if added {
				body, ok := sampleFor(e, param)
				if !ok {
					continue
				}
				e.body, e.name, e.id = body, param.Base+"."+param.Code, strings.ToLower(param.Code)
			}
			doc, err := fhir.Parse(e.body)
			if err != nil {
				continue
			}
			if hit, miss := probeOf(param, registry.Extract(doc.Root())); hit != "" {
				return &probe{param, e, hit, miss}
			}
		}
	}
	return nil
}

// probeOf gives the two searches from the first row of the parameter; "" where
// there is none.
func probeOf(param *r4.SearchParam, rows *fhir.Index) (hit, miss string) {
	code := param.Code
	for _, row := range rows.Tokens {
		if row.Param == code {
			return value(token(row)), value("urn:none|none")
		}
	}
	for _, row := range rows.Strings {
		if row.Param == code && row.Normal != "" {
			return value(escaped(row.Exact)), value("zzqqzzqq")
		}
	}
	for _, row := range rows.References {
		if row.Param == code && row.Key.ID != "" {
			return value(row.Key.String()), value(row.Key.Type + "/none-at-all")
		}
		if row.Param == code {
			return value(escaped(row.URL)), value("http://none.example/nothing")
		}
	}
	for _, row := range rows.URIs {
		if row.Param == code {
			return value(escaped(row.URI)), value("urn:none:nothing")
		}
	}
	return probeOfRange(param, rows)
}

func probeOfRange(param *r4.SearchParam, rows *fhir.Index) (hit, miss string) {
	code := param.Code
	for _, row := range rows.Dates {
		if row.Param == code {
			hit, miss = dates(row.From, row.To)
			return value(hit), value(miss)
		}
	}
	for _, row := range rows.Numbers {
		if row.Param == code {
			hit, miss = numbers(row.Low, row.High)
			return value(hit), value(miss)
		}
	}
	for _, row := range rows.Quantities {
		if row.Param == code {
			hit, miss = numbers(row.Low, row.High)
			unit := ""
			if row.Code != "" {
				unit = "|" + escaped(row.System) + "|" + escaped(row.Code)
			}
			return value(hit + unit), value(miss + unit)
		}
	}
	for _, row := range rows.Composites {
		if row.Param == code && len(param.Components) == 2 {
			second := secondPart(param.Components[1].Definition, row)
			first, none := token(row.First), "urn:none|none"
			if kindOf(param.Components[0].Definition) == "reference" {
				first, none = escaped(row.First.Code), row.First.Code+"-none"
			}
			return value(first + "$" + second), value(none + "$" + second)
		}
	}
	return "", ""
}

// secondPart gives the second part of a composite as a search writes it.
func secondPart(definition string, row fhir.CompositeRow) string {
	kind := kindOf(definition)
	hit, _ := numbers(row.Low, row.High)
	switch {
	case kind == "date":
		hit, _ = dates(int64(row.Low), int64(row.High))
		return hit
	case kind == "quantity" && row.Second.Code != "":
		return hit + "|" + token(row.Second)
	case kind == "quantity" || kind == "number":
		return hit
	case row.Text != "":
		return escaped(row.Text)
	}
	return token(row.Second)
}

// kindOf gives the kind of the search parameter of a canonical URL.
func kindOf(definition string) string {
	for _, param := range r4.SearchParams() {
		if param.URL == definition {
			return param.Kind
		}
	}
	return ""
}

func value(text string) string { return "=" + url.QueryEscape(text) }

func token(row fhir.TokenRow) string { return escaped(row.System) + "|" + escaped(row.Code) }

// escaped writes a text so that nothing in it separates. Source: R4 search#escaping.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace(text)
}

// dates gives a comparison that an interval of microseconds meets, whatever the
// time zone, and one that it does not.
func dates(from, to int64) (hit, miss string) {
	const day = 24 * time.Hour
	if from != math.MinInt64 {
		return "ge" + time.UnixMicro(from).UTC().Add(-day).Format(time.DateOnly), "lt1000-01-01"
	}
	return "le" + time.UnixMicro(to).UTC().Add(day).Format(time.DateOnly), "gt2999-01-01"
}

// numbers does the same for an interval of numbers.
func numbers(low, high float64) (hit, miss string) {
	const far = 1000
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	if low > -math.MaxFloat64 {
		return "ge" + number(low), fmt.Sprintf("lt%s", number(low-far))
	}
	return "le" + number(high), "gt" + number(high+far)
}
