package enrolment

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// RegisterHeader names the columns of the report of a register.
var RegisterHeader = []string{"line", "resource", "identifier", "status", "element", "message", "way_out"}

const (
	// linesMax bounds a register that is sent at once: a village.
	linesMax = 5000
	// typeLines is the media type of a register. Source: FHIR Bulk Data.
	typeLines = "application/fhir+ndjson"
)

// A line is one resource of a register.
type registerLine struct {
	number int
	node   fhir.Node // absent where it can't be read
	wrong  problem
}

// A unit is what is enrolled or refused as a whole.
type unit []*registerLine

func (u unit) entries() []any {
	var list []any
	for _, l := range u {
		list = append(list, map[string]any{"resource": json.RawMessage(l.node.Raw())})
	}
	return list
}

// enrolRegister is Group/$enrol-register.
func (s Settings) enrolRegister(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	e := &enrolling{Settings: s, ctx: ctx, server: server}
	text, err := e.registerIn(in)
	if err != nil {
		return nil, err
	}
	if e.dry {
		e.ctx = context.WithValue(ctx, dryRun{}, true)
	}
	units, err := readRegister(text)
	if err != nil {
		return nil, err
	}
	r := &registerReport{dry: e.dry}
	var good []unit
	for _, u := range units {
		if r.unfit(u) {
			continue
		}
		if good = append(good, u); len(good) == familiesTogether {
			if err := e.register(good, r); err != nil {
				return nil, err
			}
			good = nil
		}
	}
	if err := e.register(good, r); err != nil {
		return nil, err
	}
	body, err := r.parameters()
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// registerIn reads the parameters, or a Binary that is the register.
func (e *enrolling) registerIn(in *fhir.Resource) ([]byte, error) {
	missing := fhir.Errorf(fhir.IssueRequired, parameters.Expression("register"), "send the register: Parameters with a base64Binary named register, or a Binary of type %s", typeLines)
	if in == nil {
		return nil, missing
	}
	text, err := e.given(in, "register")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, missing
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("register"), "the register is not base64")
	}
	return data, nil
}

// readRegister reads the lines, and puts those together that belong together.
func readRegister(text []byte) ([]unit, error) {
	var lines []*registerLine
	units, ids := NewUnits(), map[string]int{}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(lines) == linesMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, parameters.Expression("register"), "the register has more than %d lines; send a part of it at a time", linesMax)
		}
		l := &registerLine{number: number}
		lines = append(lines, l)
		l.read(line, ids)
		units.Add(l.node)
	}
	if len(lines) == 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("register"), "the register is empty")
	}
	var list []unit
	for _, places := range units.All() {
		u := make(unit, len(places))
		for i, at := range places {
			u[i] = lines[at]
		}
		list = append(list, u)
	}
	return list, nil
}

// read reads one line; ids are those of lines before, each with its line.
func (l *registerLine) read(text []byte, ids map[string]int) {
	doc, err := fhir.Parse(text)
	if err != nil {
		l.wrong = problem{"", "the line is no JSON", "write one resource on each line"}
		return
	}
	l.node = doc.Root()
	typ, id := l.node.Get("resourceType").Text(), l.node.Get("id").Text()
	if typ != "Patient" && typ != "Group" {
		l.wrong = problem{"resourceType", fmt.Sprintf("%.40q is neither a person (Patient) nor a family (Group)", typ), "leave it out, and load it by itself"}
		return
	}
	if first := ids[typ+"/"+id]; first != 0 && id != "" {
		l.wrong = problem{"id", fmt.Sprintf("line %d has the id %s too", first, id), "leave one of the two out"}
		return
	}
	ids[typ+"/"+id] = l.number
}

// register enrols some units, together where that is possible.
func (e *enrolling) register(list []unit, r *registerReport) error {
	if len(list) == 0 {
		return nil
	}
	there, err := e.stored(slices.Concat(list...))
	if err != nil {
		return err
	}
	took := func(list []unit) {
		for _, l := range slices.Concat(list...) {
			r.took(l, there[l])
		}
	}
	return inTurn(e, list, unit.entries, took, r.refused)
}

// stored says which persons and families were there before.
func (e *enrolling) stored(lines []*registerLine) (map[*registerLine]bool, error) {
	there := map[*registerLine]bool{}
	err := e.server.View(e.ctx, func(r fhir.Reader) error {
		by := map[fhir.Key]*registerLine{}
		var keys []fhir.Key
		for _, l := range lines {
			typ := l.node.Get("resourceType").Text()
			if id := l.node.Get("id").Text(); id != "" {
				k := fhir.Key{Type: typ, ID: id}
				keys, by[k] = append(keys, k), l
			}
			system := profiles.IdentifierInsuranceNumber
			if typ == "Group" {
				system = profiles.IdentifierFamily
			}
			number := l.node.Identifier(system)
			if number == "" {
				continue
			}
			_, known, err := r.Owner(fhir.UniqueKey{Type: typ, Name: system, Value: number})
			if err != nil {
				return err
			}
			there[l] = known
		}
		found, err := r.ReadMany(keys)
		for _, f := range found {
			there[by[f.Key]] = true
		}
		return err
	})
	return there, err
}

// A registerReport says what became of each line.
type registerReport struct {
	dry                         bool
	rows                        [][]string
	enrolled, unchanged, refuse int
}

func (r *registerReport) add(l *registerLine, status string, wrong problem) {
	k := l.node.Get("resourceType").Text()
	if id := l.node.Get("id").Text(); id != "" {
		k += "/" + id
	}
	number := l.node.Identifier(profiles.IdentifierInsuranceNumber)
	if number == "" {
		number = l.node.Get("identifier").First().Get("value").Text()
	}
	r.rows = append(r.rows, []string{strconv.Itoa(l.number), k, number, status, wrong.column, wrong.says, wrong.wayOut})
}

func (r *registerReport) took(l *registerLine, there bool) {
	switch {
	case there:
		r.unchanged++
		r.add(l, StatusUnchanged, problem{})
	case r.dry:
		r.enrolled++
		r.add(l, StatusWould, problem{})
	default:
		r.enrolled++
		r.add(l, StatusEnrolled, problem{})
	}
}

// unfit refuses a unit of which a line is none of a register.
func (r *registerReport) unfit(u unit) bool {
	at := slices.IndexFunc(u, func(l *registerLine) bool { return l.wrong.says != "" })
	if at < 0 {
		return false
	}
	for _, l := range u {
		r.refuse++
		if l.wrong.says == "" {
			l.wrong = asWhole(u[at].number)
		}
		r.add(l, StatusRefused, l.wrong)
	}
	return true
}

func asWhole(number int) problem {
	return problem{"", fmt.Sprintf("a family is enrolled as a whole, and line %d is wrong", number), fmt.Sprintf("correct line %d", number)}
}

// refused notes a unit that was refused.
func (r *registerReport) refused(u unit, o *fhir.Outcome) {
	first := u[0].number
	said := map[int]bool{}
	for _, issue := range o.Issues {
		at, element := entryOf(issue.Expression, len(u))
		if at = max(at, 0); !said[at] {
			r.refuse++
		}
		if len(said) == 0 {
			first = u[at].number
		}
		said[at] = true
		rule, wayOut, _ := strings.Cut(issue.Diagnostics, "; ")
		r.add(u[at], StatusRefused, problem{element, rule, wayOut})
	}
	for i, l := range u {
		if !said[i] {
			r.refuse++
			r.add(l, StatusRefused, asWhole(first))
		}
	}
}

// parameters writes the answer of the operation.
func (r *registerReport) parameters() ([]byte, error) {
	slices.SortStableFunc(r.rows, func(a, b []string) int {
		x, _ := strconv.Atoi(a[0])
		y, _ := strconv.Atoi(b[0])
		return x - y
	})
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(append([][]string{RegisterHeader}, r.rows...)); err != nil {
		return nil, err
	}
	return counted("lines", r.enrolled, r.unchanged, r.refuse, out.Bytes())
}
