package employer_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/resources/employer"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// The stories in testdata are lives of employers' contracts that a domain expert
// can check by hand: each tells its arithmetic above. After each step stands, with
// two spaces before it, all that it changed.
//
//	# a comment
//	plan FS-A employee 3% employer 5% floor 100000 ceiling 1000000
//	plan FS-B employee 2000 employer 3000
//	plan FS-C of FS-A employee 1000         another of the product of FS-A
//	staff asha baraka                       who is in the group at first
//	contract 2026-01-01..2026-12-31 cover declared due 15 grace 30
//	2026-02-02: declare 2026-01             followed by rows: "| asha FS-A 250000"

var update = flag.Bool("update", false, "write what happens into the stories; then read the difference")

var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
					t.Parallel()
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					got := newTeller(t, open(t)).tell(string(text))
					if *update && name == "sqlite" {
						if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
							t.Fatal(err)
						}
						return
					}
					if diff := cmp.Diff(string(text), got); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
				})
			}
		})
	}
}

// A teller tells one story.
type teller struct {
	*resourcestest.World
	t      testing.TB
	clock  *resourcestest.Clock
	daily  []fhir.Daily
	out    strings.Builder
	people []string
	terms  []string
	plans  map[string][]string // of each product
	state  map[string]string   // what stood after the last step
	seq    int
}

func newTeller(t testing.TB, dsn string) *teller {
	l := &teller{t: t, clock: &resourcestest.Clock{}, state: map[string]string{}, plans: map[string][]string{}}
	l.clock.Set(t, "2025-12-01")
	modules := house.Modules(resourcestest.Base)
	if !slices.ContainsFunc(modules, func(m fhir.Module) bool { return m.Name == "employer" }) {
		modules = append(modules, employer.Module(employer.Settings{}))
	}
	for _, m := range modules {
		l.daily = append(l.daily, m.Daily...)
	}
	l.World = resourcestest.Timed(t, dsn, l.clock, modules...)
	l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`,
		`{"resourceType":"Organization","id":"mill","name":"Sagara Mill","identifier":[{"system":"https://bima.example/fhir/id/employer","value":"E-1"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"bus"}]}]}`)
	return l
}

func (l *teller) tell(story string) string {
	lines := strings.Split(strings.TrimRight(story, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "  ") {
			continue
		}
		fmt.Fprintln(&l.out, line)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "plan":
			l.plan(words[1:])
		case words[0] == "staff":
			l.staff(words[1:])
		case words[0] == "contract":
			l.contract(words[1:])
		case words[0] != "|":
			var rows []string
			for ; i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|"); i++ {
				fmt.Fprintln(&l.out, lines[i+1])
				rows = append(rows, lines[i+1])
			}
			l.step(strings.TrimSuffix(words[0], ":"), words[1:], rows)
		}
	}
	return l.out.String()
}

const ext = "https://bima.example/fhir/StructureDefinition/"

// covered and ceiling are what every plan here pays: the service S, up to 1,000 a
// year for each household.
const (
	covered = `"coverage":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]},"benefit":[{"type":{"coding":[{"system":"urn:s","code":"S"}]}}]}],`
	ceiling = `"specificCost":[{"category":{"text":"all"},"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"benefit"}]},"qualifiers":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"family"}]},{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-term","code":"annual"}]}],"value":{"value":1000,"system":"urn:iso:std:iso:4217","code":"KES"}}]}]}],`
)

func (l *teller) plan(w []string) {
	var parts []string
	product, first, limit := strings.ToLower(w[0]), 1, ceiling
	if w[1] == "of" {
		product, first, limit = strings.ToLower(w[2]), 3, ""
	}
	for i := first; i+1 < len(w); i += 2 {
		value := fmt.Sprintf(`"valueMoney":{"value":%s,"currency":"KES"}`, w[i+1])
		if percent, ok := strings.CutSuffix(w[i+1], "%"); ok {
			value = `"valueDecimal":` + percent
		}
		parts = append(parts, fmt.Sprintf(`{"url":%q,%s}`, w[i], value))
	}
	l.plans[product] = append(l.plans[product], fmt.Sprintf(`{`+limit+`"extension":[{"url":"%semployment-contribution","extension":[%s]}],"identifier":[{"system":"https://bima.example/fhir/id/product-plan","value":%q}]}`, ext, strings.Join(parts, ","), w[0]))
	l.Put(fmt.Sprintf(`{"resourceType":"InsurancePlan","id":%q,"status":"active","name":%q,`+covered+`"plan":[%s]}`, product, product, strings.Join(l.plans[product], ",")))
	l.terms = append(l.terms, fmt.Sprintf(`{"identifier":{"system":"https://bima.example/fhir/id/product-plan","value":%q},"offer":{"topic":{"reference":"InsurancePlan/%s"}}}`, w[0], product))
}

func (l *teller) person(name string) {
	if slices.Contains(l.people, name) {
		return
	}
	l.people = append(l.people, name)
	l.Put(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"identifier":[{"system":"https://bima.example/fhir/id/national-id","value":%q}],"name":[{"family":%q}],"gender":"female","birthDate":"1990-01-01"}`, name, name, name))
}

func (l *teller) staff(names []string) {
	var members []string
	for _, name := range names {
		l.person(name)
		members = append(members, fmt.Sprintf(`{"entity":{"reference":"Patient/%s"},"period":{"start":"2025-06-01"}}`, name))
	}
	l.Put(`{"resourceType":"Group","id":"staff","type":"person","actual":true,"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/group-kind","code":"employees"}]},"managingEntity":{"reference":"Organization/mill"},"member":[` + strings.Join(members, ",") + `]}`)
}

func (l *teller) contract(w []string) {
	start, end, _ := strings.Cut(w[0], "..")
	var terms []string
	for i := 1; i+1 < len(w); i += 2 {
		if w[i] == "cover" {
			terms = append(terms, fmt.Sprintf(`{"url":"cover","valueCode":%q}`, w[i+1]))
		} else {
			terms = append(terms, fmt.Sprintf(`{"url":%q,"valueUnsignedInt":%s}`, w[i], w[i+1]))
		}
	}
	more := ""
	if terms != nil {
		more = fmt.Sprintf(`,{"url":"%semployer-terms","extension":[%s]}`, ext, strings.Join(terms, ","))
	}
	l.Put(fmt.Sprintf(`{"resourceType":"Contract","id":"ec1","extension":[{"url":"%spolicy-state","valueCode":"draft"}%s],"identifier":[{"system":"https://bima.example/fhir/id/policy","value":"EC-1"}],"status":"negotiable",
		"applies":{"start":%q,"end":%q},"subject":[{"reference":"Organization/mill"}],"authority":[{"reference":"Organization/scheme"}],"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/contract-kind","code":"employer"}]},"term":[%s]}`,
		ext, more, start, end, strings.Join(l.terms, ",")))
	l.changes()
}

// step does what the story says on a day, and tells what changed.
func (l *teller) step(day string, w, rows []string) {
	l.clock.Set(l.t, day)
	if err := l.do(day, w, rows); err != nil {
		for _, issue := range fhir.OutcomeOf(err).Issues {
			fmt.Fprintf(&l.out, "  refused: %s: %s\n", issue.Expression, issue.Diagnostics)
		}
	}
	l.changes()
}

func (l *teller) do(day string, w, rows []string) error {
	on := "ec1"
	if i := slices.Index(w, "on"); i > 0 {
		on, w = l.find("Contract", w[i+1]), w[:i]
	}
	switch w[0] {
	case "declare":
		return l.declare(on, w, rows)
	case "pay":
		return l.pay(day, w[1], w[2])
	case "work":
		return l.work(day)
	case "number":
		return l.number(w[1], w[2])
	case "receive":
		return l.receive(day, w[1], w[2])
	case "employ":
		return l.employ(w[1], w[2])
	case "counter":
		return l.call(on, "counter", `{"name":"reason","valueString":"`+strings.Join(w[1:], " ")+`"}`)
	case "terminate":
		return l.call(on, "terminate", `{"name":"date","valueDate":"`+w[1]+`"}`)
	case "amend":
		return l.call(on, "amend", `{"name":"from","valueDate":"`+w[1]+`"}`)
	}
	return l.call(on, w[0], "")
}

func (l *teller) call(on, code, parameters string) error {
	body := ""
	if parameters != "" {
		body = `{"resourceType":"Parameters","parameter":[` + parameters + `]}`
	}
	_, err := l.Engine.Call(l.Context(), code, fhir.Key{Type: "Contract", ID: on}, "", []byte(body), false)
	return err
}

// declare sends a table, and tells what a try would come to.
func (l *teller) declare(on string, w, rows []string) error {
	var table strings.Builder
	table.WriteString("national_id,plan,income,from,to\n")
	for _, r := range rows {
		cells := append(strings.Fields(r)[1:], "", "", "", "")
		if !strings.Contains(cells[0], "nobody") {
			l.person(cells[0])
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], "-")
		}
		table.WriteString(strings.Join(cells[:5], ",") + "\n")
	}
	parameters := `{"name":"period","valueDate":"` + w[1] + `"},{"name":"table","valueBase64Binary":"` + base64.StdEncoding.EncodeToString([]byte(table.String())) + `"}`
	if !slices.Contains(w, "dry") {
		return l.call(on, "declare", parameters)
	}
	body := `{"resourceType":"Parameters","parameter":[` + parameters + `,{"name":"dry-run","valueBoolean":true}]}`
	out, err := l.Engine.Call(l.Context(), "declare", fhir.Key{Type: "Contract", ID: on}, "", []byte(body), false)
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(out.Resource.Body)
	if err != nil {
		return err
	}
	for p := range doc.Root().Get("parameter").Each() {
		switch name := p.Get("name").Text(); name {
		case "report":
			report, _ := base64.StdEncoding.DecodeString(p.Get("valueBase64Binary").Text())
			for line := range strings.Lines(string(report)) {
				l.out.WriteString("  would: " + line)
			}
		case "total", "correction":
			fmt.Fprintf(&l.out, "  would: %s %s\n", name, p.At("valueMoney", "value").Text())
		}
	}
	return nil
}

func (l *teller) pay(day, invoice, amount string) error {
	l.seq++
	return l.Try(fmt.Sprintf(`{"resourceType":"PaymentNotice","id":"pay-%d","status":"active","request":{"reference":"Invoice/%s"},"created":"%sT12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"RE-%d"}},"paymentDate":%q,"recipient":{"reference":"Organization/scheme"},"amount":{"value":%s,"currency":"KES"}}`,
		l.seq, l.find("Invoice", invoice), day, l.seq, day, amount))
}

func (l *teller) work(day string) error {
	first, err := time.Parse(time.DateOnly, day)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, d := range l.daily {
		if err := d.Work(fhir.WithCaller(l.Context(), fhir.System()), l.Engine, first); err != nil {
			return err
		}
	}
	return nil
}

// find gives the id of what bears a number.
func (l *teller) find(typ, number string) string {
	for _, n := range l.Search(typ, "_count=100") {
		if n.Get("identifier").First().Get("value").Text() == number {
			return n.Get("id").Text()
		}
	}
	return number
}

// changes tells what stands now and did not before.
func (l *teller) changes() {
	now := map[string]string{}
	for _, n := range l.Search("Contract", "_count=100") {
		line := fmt.Sprintf("is %s, status %s, %s to %s", n.Extension(ext+"policy-state").Get("valueCode").Text(), n.Get("status").Text(), n.At("applies", "start").Text(), n.At("applies", "end").Text())
		if since := n.Extension(ext + "contract-suspension").Get("valueDate").Text(); since != "" {
			line += ", suspended from " + since
		}
		for term := range n.Get("term").Each() {
			if net := term.Get("asset").First().Get("valuedItem").First().At("net", "value").Text(); net != "" {
				line += ", " + term.At("identifier", "value").Text() + " " + net + " a month"
			}
		}
		now["1 contract "+n.Get("identifier").First().Get("value").Text()] = line
	}
	for _, n := range l.Search("Invoice", "_count=100") {
		number := n.Get("identifier").First().Get("value").Text()
		now["2 invoice "+number] = fmt.Sprintf("asks %s, left %s, %s, due %s", n.At("totalGross", "value").Text(), n.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(), n.Get("status").Text(), n.Extension(ext+"invoice-due").Get("valueDate").Text())
		for line := range n.Get("lineItem").Each() {
			of := line.Extension(ext + "contribution-of")
			text := ""
			for c := range line.Get("priceComponent").Each() {
				text += fmt.Sprintf(", %s %s", c.Get("code").Get("coding").First().Get("code").Text(), c.At("amount", "value").Text())
			}
			now[fmt.Sprintf("3 invoice %s line %02s", number, line.Get("sequence").Text())] = strings.TrimPrefix(of.Extension("employee").At("valueReference", "reference").Text(), "Patient/") + " " + of.Extension("plan").Get("valueString").Text() + text
		}
	}
	for _, n := range l.Search("Coverage", "_count=100") {
		now["4 cover of "+strings.TrimPrefix(n.At("beneficiary", "reference").Text(), "Patient/")+" by "+n.Get("class").First().Get("value").Text()+" in "+n.Get("identifier").First().Get("value").Text()] = fmt.Sprintf("%s, %s to %s, waits from %s", n.Extension(ext+"coverage-state").Get("valueCode").Text(), n.At("period", "start").Text(), n.At("period", "end").Text(), n.Extension(ext+"coverage-waiting-from").Get("valueDate").Text())
	}
	for _, n := range l.Search("Group", "_count=100") {
		for m := range n.Get("member").Each() {
			job := m.Extension(ext + "employment")
			line := "employed"
			if m.Get("inactive").Text() == "true" {
				line = "left"
			}
			line += " " + m.At("period", "start").Text() + " to " + m.At("period", "end").Text() + ", earns " + job.Extension("income").At("valueMoney", "value").Text()
			now["5 "+strings.TrimPrefix(m.At("entity", "reference").Text(), "Patient/")+" from "+m.At("period", "start").Text()] = line
		}
	}
	for _, n := range l.Search("PaymentReconciliation", "_count=100") {
		var credit fhir.Amount
		for d := range n.Get("detail").Each() {
			if a, err := fhir.ParseAmount(d.At("amount", "value").Text()); err == nil && d.Get("type").Get("coding").First().Get("code").Text() == "advance" {
				credit += a
			}
		}
		if credit != 0 {
			now["6 credit"] = credit.String()
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if l.state[key] != now[key] {
			_, name, _ := strings.Cut(key, " ")
			fmt.Fprintf(&l.out, "  %s: %s\n", name, now[key])
		}
	}
	l.state = now
}
