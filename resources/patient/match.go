package patient

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/resources/patient/match"
)

const (
	// matchesDefault and matchesMax are how many persons are answered.
	matchesDefault, matchesMax = 10, 100
	// blockMax bounds how many persons one way of looking finds, and with it how
	// many are compared: five times as many.
	blockMax = 200
	// gradeURL is HL7's extension that says how sure a match is.
	gradeURL = "http://hl7.org/fhir/StructureDefinition/match-grade"
)

func (s Settings) matchOperation() fhir.Operation {
	return fhir.Operation{
		Code: "match", Types: []string{"Patient"}, Type: true,
		Definition: "http://hl7.org/fhir/OperationDefinition/Patient-match", Handle: s.match,
	}
}

// A wanted is what $match was asked.
type wanted struct {
	node    fhir.Node
	certain bool
	count   int
}

// A candidate is a person who may be the one.
type candidate struct {
	resource *fhir.Resource
	score    float64
	grade    match.Grade
}

// match is Patient/$match. Source: R4 patient-operation-match.
func (s Settings) match(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	w, err := wantedIn(in)
	if err != nil {
		return nil, err
	}
	var list []candidate
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		list, err = alike(r, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	if w.certain {
		list = slices.DeleteFunc(list, func(c candidate) bool { return c.grade != match.Certain })
		if len(list) > 1 {
			list = nil // several that are certain are none
		}
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: s.found(list, w.count)}}, nil
}

func wantedIn(in *fhir.Resource) (*wanted, error) {
	missing := fhir.Errorf(fhir.IssueRequired, parameters.Expression("resource"), "send the Patient to look for in a parameter named resource")
	if in == nil {
		return nil, missing
	}
	w := &wanted{count: matchesDefault}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	if doc.Root().Get("resourceType").Text() == "Patient" {
		w.node = doc.Root()
		return w, nil
	}
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only("resource", "onlyCertainMatches", "count")
	}
	if err != nil {
		return nil, err
	}
	for _, p := range form.All("resource") {
		w.node = p.Get("resource")
	}
	if w.node.Get("resourceType").Text() != "Patient" {
		return nil, missing
	}
	if w.certain, err = form.Flag("onlyCertainMatches"); err != nil {
		return nil, err
	}
	if count := form.Value("count"); count.Exists() {
		n, err := strconv.Atoi(count.Text())
		if err != nil || n < 1 {
			return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("count"), "count is a whole number of 1 or more, not %.40q", count.Text())
		}
		w.count = min(n, matchesMax)
	}
	return w, nil
}

// alike gives who may be the person, the most alike first.
func alike(r fhir.Reader, w *wanted) ([]candidate, error) {
	asked := personOf(w.node)
	seen := map[fhir.Key]bool{{Type: "Patient", ID: w.node.Get("id").Text()}: true}
	var list []candidate
	for _, where := range blocks(asked) {
		page, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Where: where, Limit: blockMax})
		if err != nil {
			return nil, err
		}
		for _, found := range page.Resources {
			if seen[found.Key] {
				continue
			}
			seen[found.Key] = true
			doc, err := fhir.Parse(found.Body)
			if err != nil {
				return nil, err
			}
			if replaced(doc.Root()) {
				continue
			}
			score, grade := match.Compare(asked, personOf(doc.Root()))
			if grade != match.CertainlyNot {
				list = append(list, candidate{found, score, grade})
			}
			doc.Release()
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		if a.score != b.score {
			if a.score > b.score {
				return -1
			}
			return 1
		}
		return strings.Compare(a.resource.ID, b.resource.ID)
	})
	return list, nil
}

// replaced reports whether another record has taken the place of this one.
func replaced(patient fhir.Node) bool {
	for link := range patient.Get("link").Each() {
		if link.Get("type").Text() == "replaced-by" {
			return true
		}
	}
	return false
}

// personOf gives what a Patient is compared by.
func personOf(patient fhir.Node) match.Person {
	p := match.Person{Birth: strings.Clone(patient.Get("birthDate").Text()), Sex: strings.Clone(patient.Get("gender").Text())}
	if village := villageOf(patient); !village.IsZero() {
		p.Village = village.String()
	}
	for name := range patient.Get("name").Each() {
		var parts []string
		for given := range name.Get("given").Each() {
			parts = append(parts, given.Text())
		}
		whole := strings.TrimSpace(strings.Join(parts, " ") + " " + name.Get("family").Text())
		if whole == "" {
			whole = strings.Clone(name.Get("text").Text())
		}
		if whole != "" && len(p.Names) < namesMax {
			p.Names = append(p.Names, whole)
		}
	}
	for t := range patient.Get("telecom").Each() {
		if system := t.Get("system").Text(); (system == "phone" || system == "sms") && len(p.Phones) < namesMax {
			p.Phones = append(p.Phones, strings.Clone(t.Get("value").Text()))
		}
	}
	for i := range patient.Get("identifier").Each() {
		if value := i.Get("value").Text(); value != "" && len(p.Identifiers) < identifiersMax {
			p.Identifiers = append(p.Identifiers, match.Identifier{System: strings.Clone(i.Get("system").Text()), Value: strings.Clone(value)})
		}
	}
	return p
}

const (
	// namesMax and identifiersMax bound how many of each a person is compared by.
	namesMax, identifiersMax = 5, 20
)

// blocks gives the ways by which persons are found who are worth comparing: by
// their numbers, by phone, by birth date, by name and about the same age, by name
// and village.
func blocks(p match.Person) []fhir.Criterion {
	var list []fhir.Criterion
	if tokens := tokensOf(p); len(tokens) > 0 {
		list = append(list, tokens)
	}
	name := beginnings(p.Names)
	birth := births(p.Birth)
	if len(birth) > 0 && len(name) > 0 {
		list = append(list, fhir.All{birth, name})
	}
	if len(birth) > 0 {
		list = append(list, birth)
	}
	if year := yearsAround(p.Birth); len(name) > 0 && year != nil {
		list = append(list, fhir.All{year, name})
	}
	if len(name) > 0 && p.Village != "" {
		_, id, _ := strings.Cut(p.Village, "/")
		list = append(list, fhir.All{fhir.Match{
			Param: fhir.Param{Code: "village", Kind: fhir.ParamReference},
			Value: fhir.ReferenceValue{Key: fhir.Key{Type: "Location", ID: id}},
		}, name})
	}
	if len(name) > 0 && p.Birth == "" && p.Village == "" {
		list = append(list, name)
	}
	return list
}

func tokensOf(p match.Person) fhir.Any {
	var any fhir.Any
	for _, i := range p.Identifiers {
		any = append(any, fhir.Match{Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: i.System, Code: i.Value}})
	}
	for _, phone := range p.Phones {
		any = append(any, fhir.Match{Param: fhir.Param{Code: "phone", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: phone, AnySystem: true}})
	}
	return any
}

func beginnings(names []string) fhir.Any {
	var any fhir.Any
	for _, prefix := range match.Prefixes(names) {
		any = append(any, fhir.Match{Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: prefix, Mode: fhir.StringStarts}})
	}
	return any
}

// births asks for a birth date, and for it with day and month swapped.
func births(birth string) fhir.Any {
	day, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return nil
	}
	any := fhir.Any{born(day, day.AddDate(0, 0, 1))}
	if swapped, err := time.Parse(time.DateOnly, birth[:5]+birth[8:]+birth[4:7]); err == nil && !swapped.Equal(day) {
		any = append(any, born(swapped, swapped.AddDate(0, 0, 1)))
	}
	return any
}

// yearsAround asks for births in a year, the one before and the one after.
func yearsAround(birth string) fhir.Criterion {
	if len(birth) < 4 {
		return nil
	}
	year, err := time.Parse("2006", birth[:4])
	if err != nil {
		return nil
	}
	return born(year.AddDate(-1, 0, 0), year.AddDate(2, 0, 0))
}

func born(from, to time.Time) fhir.Criterion {
	return fhir.Match{
		Param: fhir.Param{Code: "birthdate", Kind: fhir.ParamDate},
		Value: fhir.DateValue{Prefix: fhir.PrefixEqual, From: from.UnixMicro(), To: to.UnixMicro()},
	}
}

// found writes the searchset.
func (s Settings) found(list []candidate, count int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"resourceType":"Bundle","type":"searchset","total":%d`, len(list))
	for i, c := range list[:min(len(list), count)] {
		separator := ","
		if i == 0 {
			separator = `,"entry":[`
		}
		b.WriteString(separator + "{")
		if s.Base != "" {
			fmt.Fprintf(&b, `"fullUrl":%q,`, s.Base+"/"+c.resource.Key.String())
		}
		fmt.Fprintf(&b, `"resource":%s,"search":{"extension":[{"url":%q,"valueCode":%q}],"mode":"match","score":%s}}`,
			c.resource.Body, gradeURL, c.grade, strconv.FormatFloat(c.score, 'f', 3, 64))
	}
	if len(list) > 0 {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.Bytes()
}
