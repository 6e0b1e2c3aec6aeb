package contract_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

// The stories in testdata are lives of policies that a domain expert can check
// by hand. A story says who the family is, what the plan is, and what is done on
// which day; after each step stands all that it changed.
//
//	family                          one person a line: name, sex, born, relation to the head
//	plan NAME                       one parameter a line
//	day: what is done               then, indented, what changed
//
// What care costs is 10,000 a visit and 100,000 an operation.

var update = flag.Bool("update", false, "write what happens into the stories")

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
					t.Parallel()
					retell(t, open(t), file)
				})
			}
		})
	}
}

var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

// retell tells a story on a database and compares; with -update it is written
// down as SQLite has it.
func retell(t *testing.T, dsn, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := tell(t, dsn, string(text))
	if *update && strings.HasPrefix(dsn, "sqlite:") {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := diff.Diff(string(text), got); d != "" {
		t.Errorf("the story goes otherwise (-want +got):\n%s", d)
	}
}

// A teller tells one story.
type teller struct {
	*resourcestest.World
	t      *testing.T
	clock  *resourcestest.Clock
	daily  []fhir.Daily
	out    strings.Builder
	shown  map[string]string // what stands of each resource
	names  map[string]string // of resources made, "Contract/…" → "policy 1"
	family []string
	seq    int
	paid   map[string]string // the payments sent, by id
}

func newTeller(t *testing.T, dsn string) *teller { return newTellerIn(t, dsn, house.Scheme{}) }

// newTellerIn is newTeller of a scheme that has chosen otherwise.
func newTellerIn(t *testing.T, dsn string, scheme house.Scheme) *teller {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2025-01-01")
	modules := house.Modules(resourcestest.Base, scheme)
	l := &teller{t: t, clock: clock, shown: map[string]string{}, names: map[string]string{}, paid: map[string]string{}}
	l.World = resourcestest.Timed(t, dsn, clock, modules...)
	for _, m := range modules {
		l.daily = append(l.daily, m.Daily...)
	}
	return l
}

func tell(t *testing.T, dsn, story string) string {
	l := newTeller(t, dsn)
	l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`, `{"resourceType":"Organization","id":"state","name":"State"}`)
	if strings.Contains(story, "covers ") {
		l.Put(careGiven()...)
	}
	part := ""
	var block []string
	flush := func() {
		l.set(part, block)
		block = nil
	}
	for _, line := range strings.Split(strings.TrimRight(story, "\n"), "\n") {
		word, _, _ := strings.Cut(line, " ")
		switch {
		case len(line) > 11 && line[4] == '-' && line[10] == ':':
			flush()
			part = ""
			l.step(line[:10], strings.TrimSpace(line[11:]))
			continue
		case word == "family" || word == "plan":
			flush()
			part = line
		case part != "" && strings.HasPrefix(line, "  "):
			block = append(block, strings.TrimSpace(line))
		case strings.HasPrefix(line, "  "):
			continue // what happened last time
		default:
			flush()
			part = ""
		}
		fmt.Fprintln(&l.out, line)
	}
	flush()
	return l.out.String()
}

// set stores the family or a plan.
func (l *teller) set(part string, lines []string) {
	word, name, _ := strings.Cut(part, " ")
	switch word {
	case "family":
		for i, line := range lines {
			l.person(strings.Fields(line), i == 0)
		}
		l.group()
	case "plan":
		l.Put(plan(l.t, name, lines))
	}
}

var relations = map[string]string{"spouse": "8", "child": "4", "parent": "2", "other": "7"}

// person stores a person: name, sex, birth date, relation.
func (l *teller) person(f []string, head bool) {
	if len(f) < 4 {
		l.t.Fatalf("a person is: name sex born relation; not %q", f)
	}
	l.Put(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"gender":%q,"birthDate":%q,"photo":[{"contentType":"image/png","url":"http://photo.example/1","creation":"2024-06-01"}]}`, f[0], f[1], f[2]))
	member := fmt.Sprintf(`{"entity":{"reference":"Patient/%s"},"extension":[{"url":"%sgroup-relationship","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":%q}]}}]}`, f[0], ext, relations[f[3]])
	if head {
		member = fmt.Sprintf(`{"entity":{"reference":"Patient/%s"},"extension":[{"url":"%sgroup-head","valueBoolean":true}]}`, f[0], ext)
	}
	l.family = append(l.family, member)
}

func (l *teller) group() {
	l.Put(fmt.Sprintf(`{"resourceType":"Group","id":"f","identifier":[{"system":"https://bima.example/fhir/id/family","value":"FAM-1"}],"active":true,"type":"person","actual":true,"member":[%s]}`, strings.Join(l.family, ",")))
}

const ext = "https://bima.example/fhir/StructureDefinition/"

// step does what a line says and tells what changed.
func (l *teller) step(day, what string) {
	fmt.Fprintf(&l.out, "%s: %s\n", day, what)
	l.clock.Set(l.t, day)
	if err := l.do(day, strings.Fields(what)); err != nil {
		issue := fhir.OutcomeOf(err).Issues[0]
		fmt.Fprintf(&l.out, "  refused: %s\n", l.rename(fmt.Sprintf("%s (%s, %s)", issue.Diagnostics, issue.Code, issue.Expression)))
	}
	l.changes()
}

func (l *teller) do(day string, f []string) error {
	switch f[0] {
	case "offer":
		return l.call("offer", "", append([]string{"subject=Group/f", "plan=InsurancePlan/" + f[1]}, f[2:]...))
	case "offer-alone":
		return l.call("offer", "", append([]string{"subject=Patient/" + f[1], "plan=InsurancePlan/" + f[2]}, f[3:]...))
	case "activate", "suspend", "renew", "cancel", "add-member":
		return l.call(f[0], l.id("policy "+f[1]), f[2:])
	case "pay":
		return l.pay(day, f[1], f[2:])
	case "work":
		return l.work(day)
	case "joins":
		l.person(f[1:], false)
		l.group()
	case "leaves":
		return l.leave(day, f[1])
	case "dies":
		return l.Try(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"gender":"male","birthDate":"1980-01-01","deceasedDateTime":%q}`, f[1], day))
	case "closed":
		return l.Try(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":false,"gender":"male","birthDate":"1980-01-01"}`, f[1]))
	case "bounced":
		return l.Try(strings.Replace(l.paid["pay-"+f[1]], `"active"`, `"cancelled"`, 1))
	case "claim":
		return l.claim(day, f[1], f[2], f[3])
	default:
		l.t.Fatalf("what is %q?", f)
	}
	return nil
}

// leave takes a person out of the family on a day.
func (l *teller) leave(day, who string) error {
	for i, m := range l.family {
		if strings.Contains(m, "Patient/"+who+`"`) {
			l.family[i] = strings.TrimSuffix(m, "}") + `,"inactive":true,"period":{"end":"` + day + `"}}`
		}
	}
	l.group()
	return nil
}

// id gives the id of a resource by the name it has in the story.
func (l *teller) id(name string) string {
	for key, n := range l.names {
		if n == name {
			_, id, _ := strings.Cut(key, "/")
			return id
		}
	}
	l.t.Fatalf("the story has no %s yet", name)
	return ""
}

// call runs an operation with parameters given as name=value.
func (l *teller) call(code, id string, params []string) error {
	var list []string
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		switch {
		case name == "payer":
			share := strings.Split(value, ":")
			until := ""
			if len(share) > 2 {
				until = fmt.Sprintf(`,{"name":"until","valueDate":%q}`, share[2])
			}
			list = append(list, fmt.Sprintf(`{"name":"payer","part":[{"name":"party","valueReference":{"reference":%q}},{"name":"percentage","valueDecimal":%s}%s]}`, share[0], share[1], until))
		case strings.Contains(value, "/"):
			list = append(list, fmt.Sprintf(`{"name":%q,"valueReference":{"reference":%q}}`, name, value))
		case value == "true":
			list = append(list, fmt.Sprintf(`{"name":%q,"valueBoolean":true}`, name))
		default:
			list = append(list, fmt.Sprintf(`{"name":%q,"valueDate":%q}`, name, value))
		}
	}
	body := `{"resourceType":"Parameters"}`
	if len(list) > 0 {
		body = `{"resourceType":"Parameters","parameter":[` + strings.Join(list, ",") + `]}`
	}
	_, err := l.Engine.Call(l.Context(), code, fhir.Key{Type: "Contract", ID: id}, "", []byte(body), false)
	return err
}

// pay pays an amount on the invoice of a number: "pay 50000 1 enforce", or with
// "on=2026-01-10" where it was paid on another day than it is told of.
func (l *teller) pay(day, amount string, f []string) error {
	l.seq++
	action := ""
	for _, more := range f[1:] {
		if on, another := strings.CutPrefix(more, "on="); another {
			day = on
			continue
		}
		action = fmt.Sprintf(`"extension":[{"url":"%spayment-action","valueCode":%q}],`, ext, more)
	}
	id := fmt.Sprintf("pay-%d", l.seq)
	l.paid[id] = fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,%s"status":"active","request":{"reference":"Invoice/%s"},"created":"%sT12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"RE-%d"}},"paymentDate":%q,"recipient":{"reference":"Organization/scheme"},"amount":{"value":%s,"currency":"TZS"}}`,
		id, action, l.id("invoice "+f[0]), day, l.seq, day, amount)
	return l.Try(l.paid[id])
}

// work does the daily work of a day.
func (l *teller) work(day string) error {
	first, err := time.Parse(time.DateOnly, day)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx := fhir.WithCaller(l.Context(), fhir.System())
	for _, d := range l.daily {
		if err := d.Work(ctx, l.Engine, first); err != nil {
			return err
		}
	}
	return nil
}

// changes tells what stands otherwise than after the last step.
func (l *teller) changes() {
	for _, typ := range []string{"Contract", "Coverage", "Invoice", "PaymentReconciliation", "ClaimResponse", "Task"} {
		list := l.Search(typ, "_count=1000&_sort=_lastUpdated,_id")
		slices.SortStableFunc(list, func(a, b fhir.Node) int {
			number := func(n fhir.Node) string { return n.Get("identifier").First().Get("value").Text() }
			return cmp.Or(l.order(a)-l.order(b), strings.Compare(number(a), number(b)))
		})
		for _, n := range list {
			key := typ + "/" + n.Get("id").Text()
			if _, known := l.names[key]; !known {
				l.names[key] = l.name(typ, n)
			}
		}
		for _, n := range list {
			key := typ + "/" + n.Get("id").Text()
			if now := l.rename(show(typ, n)); now != l.shown[key] {
				l.shown[key] = now
				fmt.Fprintf(&l.out, "  %s: %s\n", l.names[key], now)
			}
		}
	}
}

// order gives a fixed order to what one step makes.
func (l *teller) order(n fhir.Node) int {
	if n.Get("resourceType").Text() == "Coverage" {
		return slices.IndexFunc(l.family, func(m string) bool {
			return strings.Contains(m, n.At("beneficiary", "reference").Text()+`"`)
		})
	}
	return 0
}

func (l *teller) name(typ string, n fhir.Node) string {
	kind := map[string]string{"Contract": "policy", "Coverage": "member", "Invoice": "invoice", "PaymentReconciliation": "money", "ClaimResponse": "claim", "Task": "task"}[typ]
	if typ == "Coverage" {
		return strings.TrimPrefix(n.At("beneficiary", "reference").Text(), "Patient/") + " in " + l.names[n.Get("contract").First().Get("reference").Text()]
	}
	count := 1
	for key := range l.names {
		if strings.HasPrefix(key, typ+"/") {
			count++
		}
	}
	return fmt.Sprintf("%s %d", kind, count)
}

// rename writes the names of the story for ids.
func (l *teller) rename(text string) string {
	for key, name := range l.names {
		text = strings.ReplaceAll(text, key, name)
		if claim, ok := strings.CutPrefix(key, "ClaimResponse/"); ok {
			text = strings.ReplaceAll(text, "Claim/"+claim, name)
		}
	}
	return text
}
