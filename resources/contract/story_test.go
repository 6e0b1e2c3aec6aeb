package contract_test

import (
	"bytes"
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

var update = flag.Bool("update", false, "write what happens into the stories")

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stories: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := tell(t, storagetest.SQLite(t), string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := diff.Diff(string(text), got); d != "" {
				t.Errorf("the story goes otherwise (-want +got):\n%s", d)
			}
		})
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
}

func newTeller(t *testing.T, dsn string) *teller {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2025-01-01")
	modules := house.Modules(resourcestest.Base)
	l := &teller{t: t, clock: clock, shown: map[string]string{}, names: map[string]string{}}
	l.World = resourcestest.Timed(t, dsn, clock, modules...)
	for _, m := range modules {
		l.daily = append(l.daily, m.Daily...)
	}
	return l
}

func tell(t *testing.T, dsn, story string) string {
	l := newTeller(t, dsn)
	l.Put(`{"resourceType":"Organization","id":"scheme","name":"Scheme"}`, `{"resourceType":"Organization","id":"state","name":"State"}`)
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

// plan spells an InsurancePlan of one parameter a line.
func plan(t *testing.T, name string, lines []string) string {
	t.Helper()
	const openimis = "https://openimis.github.io/openimis_fhir_r4_ig"
	extensions, parts, limits, costs := []string{}, []string{}, []string{}, []string{}
	from, to, number := "2020-01-01", "", strings.ToUpper(name)
	duration := func(n, unit string) string {
		return fmt.Sprintf(`{"value":%s,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}`, n, unit, unit)
	}
	limit := func(code, quantity string) string {
		return fmt.Sprintf(`{"value":%s,"code":{"coding":[{"system":%q,"code":%q}]}}`, quantity, openimis+"/CodeSystem/insurance-plan-coverage-benefit-limit", code)
	}
	for _, line := range lines {
		f := strings.Fields(line)
		switch f[0] {
		case "majority":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%sage-of-majority","valueUnsignedInt":%s}`, ext, f[1]))
		case "instalments":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-max-installments","valueUnsignedInt":%s}`, openimis, f[1]))
		case "calendar":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%scycle-calendar","valueCode":%q}`, ext, f[1]))
		case "cycle":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-start_cycle","valueString":%q}`, openimis, f[1]))
		case "converts":
			extensions = append(extensions, fmt.Sprintf(`{"url":"%s/StructureDefinition/insurance-plan-conversion","valueReference":{"reference":"InsurancePlan/%s"}}`, openimis, f[1]))
		case "sold":
			from, to = f[1], strings.Join(f[2:], "")
		case "product":
			number = f[1]
		case "length":
			limits = append(limits, limit("period", duration(f[1], f[2])))
		case "members":
			limits = append(limits, limit("memberCount", duration(f[1], "{member}")))
		case "discount":
			parts = append(parts, fmt.Sprintf(`{"url":"%scontribution-discount","extension":[{"url":"stage","valueCode":%q},{"url":"percentage","valueDecimal":%s},{"url":"before","valueDuration":%s}]}`, ext, f[1], f[2], duration(f[3], f[4])))
		case "administration", "grace-enrolment", "grace-renewal", "grace-payment", "recurrence":
			parts = append(parts, fmt.Sprintf(`{"url":"%scontribution-period","extension":[{"url":"kind","valueCode":%q},{"url":"duration","valueDuration":%s}]}`, ext, f[0], duration(f[1], f[2])))
		default:
			size := ""
			if len(f) > 2 {
				size = `"groupSize":` + f[2] + `,`
			}
			costs = append(costs, fmt.Sprintf(`{"type":{"coding":[{"system":%q,"code":%q}]},%s"cost":{"value":%s,"currency":"TZS"}}`, openimis+"/CodeSystem/insurance-plan-general-cost-type", f[0], size, f[1]))
		}
	}
	period := fmt.Sprintf(`{"start":%q`, from)
	if to != "" {
		period += fmt.Sprintf(`,"end":%q`, to)
	}
	optional := func(name string, list []string) string {
		if len(list) == 0 {
			return ""
		}
		return `,"` + name + `":[` + strings.Join(list, ",") + `]`
	}
	medical := `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	return fmt.Sprintf(`{"resourceType":"InsurancePlan","id":%q%s,"identifier":[{"system":"https://bima.example/fhir/id/product","value":%q}],"status":"active","name":%q,"period":%s},
		"ownedBy":{"reference":"Organization/scheme"},"administeredBy":{"reference":"Organization/scheme"},
		"coverage":[{"type":%s,"benefit":[{"type":%s%s}]}],"plan":[{"identifier":[{"system":"https://bima.example/fhir/id/product-plan","value":"x"}]%s%s}]}`,
		name, optional("extension", extensions), number, "Plan "+name, period, medical, medical, optional("limit", limits), optional("extension", parts), optional("generalCost", costs))
}

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
			party, percent, _ := strings.Cut(value, ":")
			list = append(list, fmt.Sprintf(`{"name":"payer","part":[{"name":"party","valueReference":{"reference":%q}},{"name":"percentage","valueDecimal":%s}]}`, party, percent))
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

// pay pays an amount on the invoice of a number: "pay 50000 1 enforce".
func (l *teller) pay(day, amount string, f []string) error {
	l.seq++
	action := ""
	if len(f) > 1 {
		action = fmt.Sprintf(`"extension":[{"url":"%spayment-action","valueCode":%q}],`, ext, f[1])
	}
	return l.Try(fmt.Sprintf(`{"resourceType":"PaymentNotice","id":"pay-%d",%s"status":"active","request":{"reference":"Invoice/%s"},"created":"%sT12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"RE-%d"}},"paymentDate":%q,"recipient":{"reference":"Organization/scheme"},"amount":{"value":%s,"currency":"TZS"}}`,
		l.seq, action, l.id("invoice "+f[0]), day, l.seq, day, amount))
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
	for _, typ := range []string{"Contract", "Coverage", "Invoice", "PaymentReconciliation", "Task"} {
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
	kind := map[string]string{"Contract": "policy", "Coverage": "member", "Invoice": "invoice", "PaymentReconciliation": "money", "Task": "task"}[typ]
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
	}
	return text
}

// show tells what matters of a resource in one line, or a few.
func show(typ string, n fhir.Node) string {
	extension := func(name, value string) string { return n.Extension(ext + name).Get(value).Text() }
	span := func(p fhir.Node) string { return p.Get("start").Text() + " to " + p.Get("end").Text() }
	var b bytes.Buffer
	switch typ {
	case "Contract":
		fmt.Fprintf(&b, "%s (%s), %s", extension("policy-state", "valueCode"), n.Get("status").Text(), span(n.Get("applies")))
		if grace := extension("policy-grace", "valueDate"); grace != "" {
			fmt.Fprintf(&b, ", without a gap if paid by %s", grace)
		}
		for p := range n.Get("term").First().Get("asset").First().Get("typeReference").Each() {
			fmt.Fprintf(&b, " %s", strings.TrimPrefix(p.Get("reference").Text(), "Patient/"))
		}
	case "Coverage":
		fmt.Fprintf(&b, "%s, %s", extension("coverage-state", "valueCode"), span(n.Get("period")))
		if from := extension("coverage-waiting-from", "valueDate"); from != "" {
			fmt.Fprintf(&b, ", waits from %s", from)
		}
	case "Invoice":
		fmt.Fprintf(&b, "%s, due %s, left %s of %s", n.Get("status").Text(), extension("invoice-due", "valueDate"), n.Extension(ext+"invoice-balance").At("valueMoney", "value").Text(), n.At("totalGross", "value").Text())
		for i := range n.Get("lineItem").Each() {
			p := i.Get("priceComponent").First()
			fmt.Fprintf(&b, "\n    %s %s %s (%s)", p.Get("type").Text(), p.Get("factor").Text(), p.At("amount", "value").Text(), i.At("chargeItemCodeableConcept", "text").Text())
		}
	case "PaymentReconciliation":
		fmt.Fprintf(&b, "%s %s, %s", extension("payment-direction", "valueCode"), n.Get("status").Text(), n.At("paymentAmount", "value").Text())
		for d := range n.Get("detail").Each() {
			fmt.Fprintf(&b, ", %s on %s", d.At("amount", "value").Text(), d.At("request", "reference").Text())
		}
	case "Task":
		fmt.Fprintf(&b, "%s %s, %s", n.Get("code").Get("coding").First().Get("code").Text(), n.Get("status").Text(), n.At("focus", "reference").Text())
		if end := n.At("restriction", "period", "end").Text(); end != "" {
			fmt.Fprintf(&b, ", by %s", end)
		}
		for i := range n.Get("input").Each() {
			fmt.Fprintf(&b, ", %s %s", i.At("type", "text").Text(), i.At("valueReference", "reference").Text())
		}
	}
	return b.String()
}
