package employer

import (
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// A problem is what is wrong with a row, and what helps.
type problem struct {
	row                     int
	column, message, wayOut string
}

// A declared is what a row declares.
type declared struct {
	row      row
	person   fhir.Key
	plans    []*plan
	income   fhir.Amount
	from, to day // 0 where they are not said
	staffNo  string
}

// A reading is the understanding of a table.
type reading struct {
	reader   fhir.Reader
	contract *contract
	plans    []*plan
	month    month
	rows     []*declared
	problems []problem
	seen     map[entry]int    // the row of each person and plan
	products map[bought]under // what is declared of each person and product
}

// A bought is a person under a product.
type bought struct{ person, product fhir.Key }

// An under is a row that declares somebody under a plan.
type under struct {
	row  int
	plan string
}

// An entry is a person under a plan.
type entry struct {
	person fhir.Key
	plan   string
}

func (g *reading) wrong(r row, column, wayOut, format string, args ...any) {
	g.problems = append(g.problems, problem{r.number, column, fmt.Sprintf(format, args...), wayOut})
}

// understand reads all rows, and finds everything wrong with them.
func (g *reading) understand(rows []row) error {
	g.seen, g.products = map[entry]int{}, map[bought]under{}
	for _, r := range rows {
		d := &declared{row: r, staffNo: r.get(columnStaff)}
		found, err := g.person(d)
		if err != nil {
			return err
		}
		g.plansOf(d)
		g.incomeOf(d)
		g.daysOf(d)
		if found {
			g.once(d)
		}
		g.rows = append(g.rows, d)
	}
	return g.alive()
}

// person finds whom a row is about.
func (g *reading) person(d *declared) (bool, error) {
	for _, by := range []struct{ column, system string }{
		{columnNumber, profiles.IdentifierInsuranceNumber}, {columnNational, profiles.IdentifierNational},
	} {
		value := d.row.get(by.column)
		if value == "" {
			continue
		}
		k, ok, err := g.reader.Owner(fhir.UniqueKey{Type: "Patient", Name: by.system, Value: value})
		if err != nil {
			return false, err
		}
		if !ok {
			g.wrong(d.row, by.column, "correct the number, or enrol the person first", "nobody has the number %s", value)
			return false, nil
		}
		if !d.person.IsZero() && d.person != k {
			g.wrong(d.row, by.column, "leave out the number that is wrong", "%s is the number of another person than %s", value, d.row.get(columnNumber))
			return false, nil
		}
		d.person = k
	}
	if d.person.IsZero() {
		g.wrong(d.row, columnNumber, "fill in "+columnNumber+" or "+columnNational, "the row names nobody")
	}
	return !d.person.IsZero(), nil
}

// named gives the column that names the person.
func (d *declared) named() string {
	if d.row.get(columnNumber) == "" {
		return columnNational
	}
	return columnNumber
}

// plansOf reads the plans of a row: those it names, or the only one there is.
func (g *reading) plansOf(d *declared) {
	named := strings.FieldsFunc(d.row.get(columnPlan), func(r rune) bool { return r == ' ' || r == '+' || r == '/' })
	if len(named) == 0 && len(g.plans) == 1 {
		d.plans = g.plans
		return
	}
	if len(named) == 0 {
		g.wrong(d.row, columnPlan, "name one of "+g.codes(), "the plan is missing")
	}
	for _, name := range named {
		i := slices.IndexFunc(g.plans, func(p *plan) bool { return strings.EqualFold(p.code, name) })
		if i < 0 {
			g.wrong(d.row, columnPlan, "name one of "+g.codes(), "the contract has no plan %.40s", name)
			continue
		}
		if !slices.Contains(d.plans, g.plans[i]) {
			d.plans = append(d.plans, g.plans[i])
		}
	}
}

func (g *reading) codes() string {
	var list []string
	for _, p := range g.plans {
		list = append(list, p.code)
	}
	return strings.Join(list, ", ")
}

// incomeOf reads what the person earned in the month.
func (g *reading) incomeOf(d *declared) {
	text := d.row.get(columnIncome)
	if text == "" {
		if slices.ContainsFunc(d.plans, (*plan).needsIncome) {
			g.wrong(d.row, columnIncome, "fill in what he earned in the month, 0 for nothing", "the income is missing")
		}
		return
	}
	income, err := fhir.ParseAmount(text)
	if err != nil || income < 0 || income > amountMax {
		g.wrong(d.row, columnIncome, "write a number as 250000 or 250000.50, without separators", "%.40s is no income", text)
		return
	}
	d.income = income
}

// daysOf reads when the person began to work, and when he ended.
func (g *reading) daysOf(d *declared) {
	for _, c := range []struct {
		column string
		into   *day
	}{{columnFrom, &d.from}, {columnTo, &d.to}} {
		text := d.row.get(c.column)
		if text == "" {
			continue
		}
		parsed, err := fhir.ParseDate(text)
		if err != nil || parsed.Precision != fhir.PrecisionDay {
			g.wrong(d.row, c.column, "write it as "+adjudication.WriteDay(g.month.first), "%.40s is no day", text)
			continue
		}
		*c.into, _ = adjudication.ReadDay(text)
	}
	switch {
	case d.from > g.month.last:
		g.wrong(d.row, columnFrom, "declare him in the month he begins", "he begins on %s, after the month", adjudication.WriteDay(d.from))
	case d.to != 0 && d.to < g.month.first:
		g.wrong(d.row, columnTo, "leave the row out", "he left on %s, before the month", adjudication.WriteDay(d.to))
	case d.to != 0 && d.to < d.from:
		g.wrong(d.row, columnTo, "correct one of the two", "he leaves before he begins")
	}
}

// once refuses a person who is declared twice under a plan, or under two plans of one
// product.
func (g *reading) once(d *declared) {
	for _, p := range d.plans {
		at := entry{d.person, p.code}
		if first := g.seen[at]; first != 0 {
			g.wrong(d.row, d.named(), "leave one of the rows out", "row %d declares the same person under %s", first, p.code)
			continue
		}
		g.seen[at] = d.row.number
		of := bought{d.person, p.product}
		if first := g.products[of]; first.row != 0 {
			g.wrong(d.row, columnPlan, "name one of the two, for the whole month", "row %d declares the same person under %s, which is of one product with %s; nobody is covered by one product twice", first.row, first.plan, p.code)
			continue
		}
		g.products[of] = under{d.row.number, p.code}
	}
}

// alive refuses persons who died before the month.
func (g *reading) alive() error {
	var keys []fhir.Key
	asked, gone := map[fhir.Key]bool{}, map[fhir.Key]string{}
	for _, d := range g.rows {
		if !d.person.IsZero() && !asked[d.person] {
			asked[d.person], keys = true, append(keys, d.person)
		}
	}
	for chunk := range slices.Chunk(keys, pageMax) {
		found, err := g.reader.ReadMany(chunk)
		if err != nil {
			return err
		}
		for _, resource := range found {
			n, err := parse(resource)
			if err != nil {
				return err
			}
			died, known := adjudication.ReadLastDay(n.Get("deceasedDateTime").Text())
			if known && died < g.month.first || n.Get("active").Text() == "false" {
				gone[resource.Key] = "died or left the register before the month"
			}
		}
	}
	for _, d := range g.rows {
		if why := gone[d.person]; why != "" {
			g.wrong(d.row, d.named(), "leave the row out, or correct the register", "the person %s", why)
		}
	}
	slices.SortStableFunc(g.problems, func(a, b problem) int { return a.row - b.row })
	return nil
}
