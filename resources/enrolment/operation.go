package enrolment

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// familiesTogether is how many families are enrolled in one transaction, unless
// one of them is refused: then each is by itself.
const familiesTogether = 50

// A table under way.
type enrolling struct {
	Settings
	ctx    context.Context
	server fhir.Server
	source string
	dry    bool
	today  string
	seen   map[string]int // insurance numbers of the table, by row
	report report
}

// enrolTable is Group/$enrol-table.
func (s Settings) enrolTable(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	e := &enrolling{Settings: s, ctx: ctx, server: server, seen: map[string]int{}}
	table, err := e.input(in)
	if err != nil {
		return nil, err
	}
	if e.dry {
		e.ctx = context.WithValue(ctx, dryRun{}, true)
	}
	if err := e.run(table); err != nil {
		return nil, err
	}
	body, err := e.report.parameters()
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// input reads the parameters, or a Binary that is the table.
func (e *enrolling) input(in *fhir.Resource) (*Table, error) {
	missing := fhir.Errorf(fhir.IssueRequired, parameters.Expression("table"), "send the table: Parameters with a base64Binary named table, or a Binary")
	if in == nil {
		return nil, missing
	}
	text, err := e.given(in, "table")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, missing
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("table"), "the table is not base64")
	}
	return Read(bytes.NewReader(data))
}

// given reads what is to be enrolled, base64, and how: Parameters with a value of a
// name, or a Binary.
func (e *enrolling) given(in *fhir.Resource, name string) (text string, err error) {
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return "", err
	}
	if doc.Root().Get("resourceType").Text() == "Binary" {
		return doc.Root().Get("data").Text(), nil
	}
	form, err := parameters.Of(in)
	if err == nil {
		err = form.Only(name, "dry-run", "source")
	}
	if err != nil {
		return "", err
	}
	e.source = form.Value("source").Text()
	e.dry, err = form.Flag("dry-run")
	return form.Value(name).Text(), err
}

func (e *enrolling) run(table *Table) error {
	var households []*household
	err := e.server.Commit(e.ctx, func(tx fhir.Tx) error {
		e.today = tx.Now().AddDate(0, 0, 1).Format(time.DateOnly) // a day may have begun elsewhere
		e.seen, households = map[string]int{}, nil
		h := &homes{reader: tx, village: e.village(), known: map[string]home{}}
		for _, f := range table.Families {
			one, err := e.understand(f, h)
			if err != nil {
				return err
			}
			households = append(households, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var good []*household
	for _, one := range households {
		if len(one.problems) > 0 {
			e.report.refuse(one)
			continue
		}
		if good = append(good, one); len(good) == familiesTogether {
			if err := e.enrol(good); err != nil {
				return err
			}
			good = nil
		}
	}
	return e.enrol(good)
}

// understand reads the rows of a family, and holds them against each other.
func (e *enrolling) understand(f Family, homes *homes) (*household, error) {
	one := &household{family: f, problems: map[int][]problem{}}
	heads := 0
	note := func(row Row, p ...problem) {
		if len(p) > 0 {
			one.problems[row.Number] = append(one.problems[row.Number], p...)
		}
	}
	for _, row := range f.Rows {
		p, wrong := f.read(row, e.today)
		note(row, wrong...)
		var err error
		if p.home, err = homes.of(row); err != nil {
			return nil, err
		}
		if p.home.problem != "" {
			note(row, problem{p.home.problemColumn, p.home.problem, p.home.wayOut})
		}
		if e.VillageRequired && row.get(columnVillage) == "" {
			note(row, problem{columnVillage, "the village is missing", "fill it in"})
		}
		if number := row.get(columnNumber); number != "" {
			if first := e.seen[number]; first != 0 {
				note(row, problem{columnNumber, fmt.Sprintf("row %d has the number %s too", first, number), "give each person a number of his own"})
			}
			e.seen[number] = row.Number
		}
		if p.head {
			if heads++; heads > 1 {
				note(row, problem{columnRelationship, "the family has another head", "say what the one is to the other (relationship), or give the other family another code"})
			}
		}
		one.persons = append(one.persons, p)
	}
	if heads == 0 && f.Rows[0].get(columnHead) == "" {
		note(f.Rows[0], problem{columnRelationship, "the family has no head", "write head in the relationship of one of its rows"})
	}
	return one, nil
}

// enrol enrols some families, together where that is possible.
func (e *enrolling) enrol(list []*household) error {
	if len(list) == 0 {
		return nil
	}
	there, err := e.existing(list)
	if err != nil {
		return err
	}
	took := func(list []*household) {
		for _, one := range list {
			e.report.took(one, there, e.dry)
		}
	}
	return inTurn(e, list, (*household).entries, took, e.report.refused)
}

// inTurn enrols units together, and one by one where that is refused, and tells
// what became of them.
func inTurn[U any](e *enrolling, list []U, entries func(U) []any, took func([]U), refused func(U, *fhir.Outcome)) error {
	var all []any
	for _, one := range list {
		all = append(all, entries(one)...)
	}
	err := e.send(all)
	if err == nil || errors.Is(err, errDryRun) {
		took(list)
		return nil
	}
	if e.ctx.Err() != nil {
		return err
	}
	if len(list) > 1 {
		for _, one := range list {
			if err := inTurn(e, []U{one}, entries, took, refused); err != nil {
				return err
			}
		}
		return nil
	}
	o := fhir.OutcomeOf(err)
	if o.Issues[0].Code == fhir.IssueException {
		return err
	}
	refused(list[0], o)
	return nil
}

// send calls Group/$enrol.
func (e *enrolling) send(entries []any) error {
	bundle := map[string]any{"resourceType": "Bundle", "type": "collection", "entry": entries}
	parts := []any{map[string]any{"name": "resource", "resource": bundle}}
	if e.source != "" {
		parts = append(parts, map[string]any{"name": "source", "valueString": e.source})
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Parameters", "parameter": parts})
	if err != nil {
		return err
	}
	_, err = e.server.Operation(e.ctx, "enrol", fhir.Key{Type: "Group"}, &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body})
	return err
}

// existing says which persons were there before.
func (e *enrolling) existing(list []*household) (map[int]bool, error) {
	there := map[int]bool{}
	err := e.server.View(e.ctx, func(r fhir.Reader) error {
		var ids []fhir.Key
		rows := map[fhir.Key]int{}
		for _, one := range list {
			for _, p := range one.persons {
				number := p.row.get(columnNumber)
				if number == "" {
					k := fhir.Key{Type: "Patient", ID: p.id()}
					ids, rows[k] = append(ids, k), p.row.Number
					continue
				}
				_, known, err := r.Owner(fhir.UniqueKey{Type: "Patient", Name: profiles.IdentifierInsuranceNumber, Value: number})
				if err != nil {
					return err
				}
				there[p.row.Number] = known
			}
		}
		if len(ids) == 0 {
			return nil
		}
		found, err := r.ReadMany(ids)
		for _, f := range found {
			there[rows[f.Key]] = true
		}
		return err
	})
	return there, err
}
