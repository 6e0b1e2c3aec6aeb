package employer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/parameters"
)

// errTried ends the transaction of a declaration that is only tried.
var errTried = errors.New("employer: only tried")

// A declaration is one table on its way.
type declaration struct {
	settings Settings
	contract *contract
	month    month
	dry      bool
	today    day
	reading  *reading
	billed   *billed
	staff    *staff
	latest   bool                   // no later month is declared
	asks     map[entry]contribution // what the table comes to
	order    []entry                // of asks, by rows
	joined   int
	left     []fhir.Key
	changed  []fhir.Key  // Invoices made or changed
	net      fhir.Amount // what that adds to what was asked
}

// declare is Contract/[id]/$declare.
func (s Settings) declare(ctx context.Context, server fhir.Server, k fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := officer(ctx); err != nil {
		return nil, err
	}
	d := &declaration{settings: s}
	rows, err := d.input(in)
	if err != nil {
		return nil, err
	}
	var out *fhir.Resource
	err = server.Commit(mark(ctx), func(tx fhir.Tx) error {
		d.reset()
		if err := d.run(tx, k, rows); err != nil {
			return err
		}
		if !d.dry {
			return nil
		}
		var err error
		if out, err = d.answer(tx); err == nil {
			err = errTried
		}
		return err
	})
	if errors.Is(err, errTried) {
		return &fhir.Response{Resource: out}, nil
	}
	if err != nil {
		return nil, err
	}
	err = server.View(ctx, func(r fhir.Reader) (err error) {
		out, err = d.answer(r)
		return err
	})
	return &fhir.Response{Resource: out}, err
}

// reset forgets what an earlier attempt of the transaction found.
func (d *declaration) reset() {
	d.asks, d.order, d.joined, d.left, d.changed, d.net = map[entry]contribution{}, nil, 0, nil, nil, 0
}

// input reads the parameters.
func (d *declaration) input(in *fhir.Resource) ([]row, error) {
	f, err := parameters.Of(in)
	if err == nil {
		err = f.Only("period", "table", "dry-run")
	}
	if err != nil {
		return nil, err
	}
	if d.dry, err = f.Flag("dry-run"); err != nil {
		return nil, err
	}
	text := f.Value("period").Text()
	parsed, err := fhir.ParseDate(text)
	if err != nil || parsed.Precision != fhir.PrecisionMonth {
		return nil, fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "period is the month declared, such as 2026-03; %.40q is none", text)
	}
	first, _ := adjudication.ReadDay(text)
	d.month = monthOf(first)
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(f.Value("table").Text()), ""))
	if err != nil || len(data) == 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("table"), "send the table as base64Binary")
	}
	return readTable(data)
}

// run does all that a declaration does, in its transaction.
func (d *declaration) run(tx fhir.Tx, k fhir.Key, rows []row) error {
	c, err := d.settings.locked(tx, k)
	if err != nil {
		return err
	}
	d.contract, d.today = c, d.settings.today(tx.Now())
	if d.billed, err = billedOf(tx, k); err != nil {
		return err
	}
	if err := d.mayDeclare(); err != nil {
		return err
	}
	plans, err := c.plans(tx)
	if err != nil {
		return err
	}
	d.reading = &reading{reader: tx, contract: c, plans: plans, month: d.month}
	if err := d.reading.understand(rows); err != nil {
		return err
	}
	if len(d.reading.problems) > 0 {
		if d.dry {
			return nil
		}
		return d.refused()
	}
	if d.staff, err = staffOf(tx, c.employer); err != nil {
		return err
	}
	d.value()
	d.compare()
	for _, step := range []func(fhir.Tx) error{d.keepStaff, d.bill, d.cover} {
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}

// mayDeclare refuses months that are not declared now.
func (d *declaration) mayDeclare() error {
	c, at := d.contract, parameters.Expression("period")
	last, had := d.billed.last()
	d.latest = !had || d.month.first >= last.first
	switch {
	case c.is(stateDraft, stateOffered, stateCountered):
		return refuse(stateExpression, "the contract is %s: nobody has agreed to it yet; $submit and $approve it first", c.state)
	case c.is(stateCancelled):
		return refuse(stateExpression, "the contract was cancelled before it came into force; make a new one")
	case d.month.last < c.start || d.month.first > c.end:
		return refuse(at, "the contract is from %s to %s", adjudication.WriteDay(c.start), adjudication.WriteDay(c.end))
	case d.month.first > d.today:
		return refuse(at, "%s has not begun; a month is declared from its first day on", d.month)
	case !had && d.month.first != c.start:
		return refuse(at, "months are declared one after the other: declare %s first", monthOf(c.start))
	case had && d.month.first > last.next().first:
		return refuse(at, "months are declared one after the other: declare %s first", last.next())
	}
	return nil
}

// problemsMax bounds how many problems an outcome tells of.
const problemsMax = 200

// refused tells what is wrong with each row.
func (d *declaration) refused() error {
	var issues []fhir.Issue
	for _, p := range d.reading.problems {
		if len(issues) == problemsMax {
			break
		}
		issues = append(issues, fhir.Issue{
			Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Detail: detailEmployer, Expression: parameters.Expression("table"),
			Diagnostics: fmt.Sprintf("row %d, %s: %s; %s", p.row, p.column, p.message, p.wayOut),
		})
	}
	return &fhir.Outcome{Issues: issues}
}

// value works out what the table comes to.
func (d *declaration) value() {
	for _, r := range d.reading.rows {
		for _, p := range r.plans {
			at := entry{r.person, p.code}
			d.asks[at] = p.contribution(r.income)
			d.order = append(d.order, at)
		}
	}
}

// compare finds who joined and who left since the month before.
func (d *declaration) compare() {
	now := map[fhir.Key]bool{}
	for _, r := range d.reading.rows {
		now[r.person] = true
	}
	before := d.billed.persons(d.month.before())
	if d.latest {
		// Who was declared of this month before, and is no longer, has left as well.
		for k := range d.billed.persons(d.month) {
			before[k] = true
		}
	}
	for k := range now {
		if !before[k] {
			d.joined++
		}
	}
	for k := range before {
		if !now[k] {
			d.left = append(d.left, k)
		}
	}
	slices.SortFunc(d.left, func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
}

// keepStaff writes who works for the employer now, and what he earns; of a month
// that was declared before a later one only the money changes.
func (d *declaration) keepStaff(tx fhir.Tx) error {
	if !d.latest {
		return nil
	}
	at := map[fhir.Key]*employee{}
	for _, m := range d.staff.members {
		if m.active {
			at[m.person] = m
		}
	}
	fresh := map[fhir.Key]bool{}
	for _, r := range d.reading.rows {
		m := at[r.person]
		if m == nil {
			m = &employee{person: r.person, active: true, from: adjudication.WriteDay(d.month.first)}
			at[r.person], d.staff.members = m, append(d.staff.members, m)
		}
		if !fresh[r.person] {
			m.plans, fresh[r.person] = nil, true
		}
		d.employ(m, r)
	}
	for _, k := range d.left {
		if m := at[k]; m != nil {
			m.active = false
			if last := adjudication.WriteDay(d.month.before().last); last >= m.from {
				m.until = last // else he was declared by mistake
			}
		}
	}
	return d.staff.write(tx, d.contract.employer)
}

// employ takes over what a row says of an employee.
func (d *declaration) employ(m *employee, r *declared) {
	for _, p := range r.plans {
		m.plans = append(m.plans, p.code)
	}
	if r.row.get(columnIncome) != "" {
		m.income = fhir.Money{Value: r.income, Currency: r.plans[0].currency}
	}
	if r.staffNo != "" {
		m.number = r.staffNo
	}
	if r.from != 0 {
		m.from = adjudication.WriteDay(r.from)
	}
	if r.to != 0 {
		m.until = adjudication.WriteDay(r.to)
		m.active = r.to > d.today
	}
}
