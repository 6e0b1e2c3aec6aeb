package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles/indicator"
)

// A question is what an operation was asked.
type question struct {
	*scheme
	sets   []indicator.DataSet
	from   adjudication.Day
	to     adjudication.Day
	dated  bool
	place  fhir.Key
	period indicator.Period
}

// parameters reads the values of Parameters by their names.
func parameters(in *fhir.Resource) (map[string]string, error) {
	values := map[string]string{}
	if in == nil || len(in.Body) == 0 {
		return values, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	if typ := doc.Root().Get("resourceType").Text(); typ != "Parameters" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the operation takes a Parameters, not %.60q", typ)
	}
	for p := range doc.Root().Get("parameter").Each() {
		for m := range p.All() {
			if strings.HasPrefix(m.Name(), "value") {
				text := m.Text()
				if m.Kind() == fhir.KindObject {
					text = m.Get("reference").Text()
				}
				values[p.Get("name").Text()] = text
			}
		}
	}
	return values, nil
}

// parameter gives the expression of a parameter, for an Outcome.
func parameter(name string) string { return "Parameters.parameter.where(name = '" + name + "')" }

// ask reads a question.
func (c *counter) ask(r fhir.Reader, on fhir.Key, values map[string]string) (q question, err error) {
	if q.scheme, err = c.scheme(r); err != nil {
		return q, err
	}
	q.sets = q.pkg.DataSets
	name := on.ID
	if name == "" {
		name = values["measure"]
	}
	if name != "" {
		name = name[strings.LastIndex(name, "/")+1:]
		name, _, _ = strings.Cut(name, "|")
		d, ok := q.pkg.DataSet(name)
		if !ok {
			return q, fhir.Errorf(fhir.IssueNotFound, parameter("measure"), "%.80q is no measure that is counted here; they are hf-enrol, hf-fin and hf-claim", name)
		}
		q.sets = []indicator.DataSet{d}
	}
	for _, end := range []struct {
		name string
		day  *adjudication.Day
	}{{"periodStart", &q.from}, {"periodEnd", &q.to}} {
		text := values[end.name]
		if text == "" {
			continue
		}
		d, err := fhir.ParseDate(text)
		if err != nil {
			return q, fhir.Errorf(fhir.IssueValue, parameter(end.name), "%.40q is not a day, such as 2026-01-31", text)
		}
		*end.day = adjudication.DayOf(d.First)
		if end.name == "periodEnd" {
			*end.day = adjudication.DayOf(d.Interval(time.UTC).To) - 1
		} else {
			q.dated = true
		}
	}
	for _, name := range []string{"subject", "reporter"} {
		if text := values[name]; text != "" {
			q.place = fhir.ParseReference(text, r4.IsResource).Key
			if q.place.Type != "Location" && q.place.Type != "Organization" {
				return q, fhir.Errorf(fhir.IssueNotSupported, parameter(name), "the numbers are of places: a Location, or the Organization of a facility, not %.80q", text)
			}
		}
	}
	return q, nil
}

// evaluate is Measure/$evaluate-measure and Measure/[id]/$evaluate-measure: the
// numbers of a month, a quarter or a year as they are now, of one place or of all.
// Nothing is stored.
func (c *counter) evaluate(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	values, err := parameters(in)
	if err != nil {
		return nil, err
	}
	var body []byte
	err = s.View(ctx, func(r fhir.Reader) error {
		q, err := c.ask(r, on, values)
		if err == nil {
			err = q.check(values)
		}
		if err == nil {
			err = q.permit(r, caller)
		}
		if err == nil {
			body, err = q.answer(ctx, r)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	typ := "MeasureReport"
	if strings.HasPrefix(string(body), `{"resourceType":"Bundle"`) {
		typ = "Bundle"
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: typ}, Body: body}}, nil
}

// check refuses what can't be evaluated.
func (q *question) check(values map[string]string) error {
	if len(q.sets) != 1 {
		return fhir.Errorf(fhir.IssueRequired, parameter("measure"), "say which measure: hf-enrol, hf-fin or hf-claim")
	}
	for _, name := range []string{"periodStart", "periodEnd"} {
		if values[name] == "" {
			return fhir.Errorf(fhir.IssueRequired, parameter(name), "say the first and the last day of the period, as periodStart and periodEnd")
		}
	}
	switch kind := values["reportType"]; kind {
	case "", "summary", "population":
	default:
		return fhir.Errorf(fhir.IssueNotSupported, parameter("reportType"), "only summary reports are made: the numbers name no person, so there is no %.40q", kind)
	}
	if values["practitioner"] != "" {
		return fhir.Errorf(fhir.IssueNotSupported, parameter("practitioner"), "the numbers are of places, not of practitioners; name one as subject")
	}
	var ok bool
	if q.period, ok = indicator.PeriodOf(adjudication.WriteDay(q.from), adjudication.WriteDay(q.to)); !ok {
		return fhir.Errorf(fhir.IssueNotSupported, parameter("periodEnd"), "a period is a month, a quarter or a year of the calendar, such as 2026-01-01 to 2026-01-31; %s to %s is none",
			adjudication.WriteDay(q.from), adjudication.WriteDay(q.to))
	}
	return nil
}

// answer counts and spells one report, or a Bundle of those of all places.
func (q *question) answer(ctx context.Context, r fhir.Reader) ([]byte, error) {
	if !q.place.IsZero() {
		if _, err := r.Read(q.place); err != nil {
			return nil, err
		}
		body, _, err := q.one(r, unit{q.sets[0].Code, q.place}, nil)
		return body, err
	}
	units, err := q.units(r, q.sets[0])
	if err != nil {
		return nil, err
	}
	var books map[unit]book
	if q.sets[0].Code != setClaims {
		wanted := map[unit][]month{}
		for _, u := range units {
			wanted[u] = q.months()
		}
		if books, _, err = q.everybody(ctx, r, wanted); err != nil {
			return nil, err
		}
	}
	out := []byte(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for _, u := range units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		body, any, err := q.one(r, u, books)
		if err != nil {
			return nil, err
		}
		if !any {
			continue
		}
		if out[len(out)-1] == '}' {
			out = append(out, ',')
		}
		out = append(append(append(out, `{"resource":`...), body...), '}')
	}
	out = append(out, `]}`...)
	if strings.HasSuffix(string(out), `"entry":[]}`) {
		out = []byte(`{"resourceType":"Bundle","type":"collection"}`)
	}
	return out, nil
}

// months gives the months of the period; of a year that is not over those so far, as
// what there is at its end is what there is now.
func (q *question) months() (list []month) {
	first := monthAt(q.period)
	for m := first; m < first+month(q.period.Months); m++ {
		list = append(list, m)
	}
	if today := monthOf(adjudication.DayOf(q.Now().In(q.Zone))); q.period.Months > 1 && first <= today {
		list = list[:min(len(list), int(today-first)+1)]
	}
	return list
}

// one spells the report of one place, which is counted where books has it not; any
// reports whether there is anything to tell.
func (q *question) one(r fhir.Reader, u unit, books map[unit]book) (body []byte, any bool, err error) {
	months := q.months()
	b, counted := books[u]
	if !counted {
		if b, err = q.count(r, u, months); err != nil {
			return nil, false, err
		}
	}
	sheets := make([]sheet, len(months))
	for i, m := range months {
		sheets[i] = b[m]
	}
	of := subject{q.sets[0], u.place, q.period}
	before, there, err := q.tells(r, of)
	if err != nil {
		return nil, false, err
	}
	numbers := sum(sheets, q.stock)
	return q.report(of, numbers, before.cells, q.Now()), there || len(numbers) > 0, nil
}

// recount is Measure/$recount and Measure/[id]/$recount.
func (c *counter) recount(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleAdministrator) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "what is counted anew is told to everybody who is sent the numbers; that is for the role %s", fhir.RoleAdministrator)
	}
	values, err := parameters(in)
	if err != nil {
		return nil, err
	}
	again := values["again"] == "true"
	if again && values["periodStart"] == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, parameter("periodStart"), "say of which months the reports are to be told again")
	}
	ctx = fhir.Unhurried(ctx)
	if values["periodStart"] == "" {
		done, err := c.refresh(ctx, s)
		if err != nil {
			return nil, err
		}
		return done.answer()
	}
	find := func(r fhir.Reader, from progress, _ time.Time) (*changes, progress, error) {
		q, err := c.ask(r, on, values)
		if err != nil {
			return nil, from, err
		}
		what, err := q.chosen(r)
		return what, from, err
	}
	var stood map[fhir.Key]int64
	if again {
		if stood, err = standing(ctx, s, find); err != nil {
			return nil, err
		}
	}
	done, err := c.restateAll(ctx, s, false, find)
	if err == nil {
		done.again, err = tellAgain(ctx, s, stood)
	}
	if err != nil {
		return nil, err
	}
	return done.answer()
}

// recountMonths is the longest period that is counted anew at once, in months.
const recountMonths = 60

// chosen gives the units and months that are asked for.
func (q *question) chosen(r fhir.Reader) (*changes, error) {
	what := &changes{scheme: q.scheme, units: map[unit]map[month]bool{}}
	to := max(q.to, q.from)
	var months []month
	for m := monthOf(q.from); m <= monthOf(to); m++ {
		months = append(months, m)
	}
	if len(months) > recountMonths {
		return nil, fhir.Errorf(fhir.IssueTooCostly, parameter("periodEnd"), "count at most %d months at a time", recountMonths)
	}
	for _, d := range q.sets {
		if !q.place.IsZero() {
			if (q.place.Type == "Organization") == (d.Unit == indicator.Facility) {
				what.mark(d.Code, q.place, months...)
			}
			continue
		}
		units, err := q.units(r, d)
		if err != nil {
			return nil, err
		}
		for _, u := range units {
			what.mark(u.set, u.place, months...)
		}
	}
	return what, nil
}

// answer tells what a count came to.
func (d result) answer() (*fhir.Response, error) {
	text := fmt.Sprintf("%d places were counted, and %d reports are others now", d.units, d.reports)
	if d.again > 0 {
		text += fmt.Sprintf("; %d are told again as they were", d.again)
	}
	body, err := json.Marshal(object{"resourceType": "OperationOutcome", "issue": []object{{
		"severity": "information", "code": "informational", "diagnostics": text,
	}}})
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "OperationOutcome"}, Body: body}}, err
}
