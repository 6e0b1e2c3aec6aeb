package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bima/fhir"
	"bima/resources/account"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const ext = "https://bima.example/fhir/StructureDefinition/"

// databases are both that accounts are told from.
var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

func world(t testing.TB, dsn string) *resourcestest.World {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2026-12-31")
	w := resourcestest.Timed(t, dsn, clock, payment.Module(payment.Settings{}), invoice.Module(invoice.Settings{}), account.Module(account.Settings{Now: clock.Now}))
	w.Put(`{"resourceType":"Organization","id":"gov","name":"Government"}`)
	return w
}

// family makes a family of its own for a part of a test.
func family(w *resourcestest.World, id string) fhir.Key {
	w.Put(`{"resourceType":"Group","id":"` + id + `","type":"person","actual":true}`)
	return fhir.Key{Type: "Group", ID: id}
}

func bill(of fhir.Key, id, date, due, amount, more string) string {
	return fmt.Sprintf(`{"resourceType":"Invoice","id":%q,%s"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-%s"}],
	"extension":[{"url":"%sinvoice-due","valueDate":%q}],"status":"issued","subject":{"reference":%q},"date":%q,
	"totalNet":{"value":%s,"currency":"TZS"},"totalGross":{"value":%s,"currency":"TZS"}}`, id, more, id, ext, due, of, date, amount, amount)
}

func paid(id, invoice, on, amount, status string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,"status":%q,"request":{"reference":"Invoice/%s"},"created":"%sT10:00:00Z","paymentDate":%q,
	"payment":{"identifier":{"system":"urn:receipts","value":%q}},"recipient":{"reference":"Organization/gov"},"amount":{"value":%s,"currency":"TZS"}}`, id, status, invoice, on, on, id, amount)
}

type failing interface {
	Helper()
	Fatal(args ...any)
}

func call(t failing, w *resourcestest.World, code string, on fhir.Key, query string) fhir.Node {
	t.Helper()
	response, err := w.Engine.Call(w.Context(), code, on, query, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// told gives the parameters of a name, their parts in words. Ids that the server
// made are *.
func told(answer fhir.Node, name string) []string {
	var list []string
	for p := range answer.Get("parameter").Each() {
		if p.Get("name").Text() != name {
			continue
		}
		var words []string
		for part := range p.Get("part").Each() {
			for m := range part.All() {
				if !strings.HasPrefix(m.Name(), "value") {
					continue
				}
				text := m.Text()
				if m.Kind() == fhir.KindObject {
					text = m.Get("value").Text() + m.Get("reference").Text()
				}
				if strings.HasPrefix(text, "PaymentReconciliation/") {
					text = "PaymentReconciliation/*"
				}
				words = append(words, part.Get("name").Text()+" "+text)
			}
		}
		list = append(list, strings.Join(words, ", "))
	}
	return list
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAccounts(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w := world(t, dsn(t))
			t.Run("a statement is of its day", func(t *testing.T) { statements(t, w) })
			t.Run("what is waived, lapses, bounces and is cancelled has a line", func(t *testing.T) { kinds(t, w) })
			t.Run("an organisation's is of what it is to pay", func(t *testing.T) { organisation(t, w) })
			t.Run("arrears of a day", func(t *testing.T) { arrears(t, w) })
			t.Run("what is asked wrongly", func(t *testing.T) { refusals(t, w) })
		})
	}
}

// 75,000 due on 31 January, 40,000 paid on the 10th and 50,000 on 5 March: the
// 15,000 too much are credit.
func statements(t *testing.T, w *resourcestest.World) {
	f := family(w, "f")
	w.Put(bill(f, "a", "2026-01-02", "2026-01-31", "75000", ""))
	w.Put(paid("p1", "a", "2026-01-10", "40000", "active"))
	w.Put(paid("p2", "a", "2026-03-05", "50000", "active"))
	for _, c := range []struct{ asOf, want string }{
		{"2026-01-01", ""},
		{"2026-01-09", "asked 75000, paid 0, balance 75000, credit 0, overdue 0, upToDate true"},
		{"2026-01-31", "asked 75000, paid 40000, balance 35000, credit 0, overdue 0, upToDate true"},
		{"2026-02-01", "asked 75000, paid 40000, balance 35000, credit 0, overdue 35000, upToDate false"},
		{"2026-03-04", "asked 75000, paid 40000, balance 35000, credit 0, overdue 35000, upToDate false"},
		{"2026-03-05", "asked 75000, paid 90000, balance -15000, credit 15000, overdue 0, upToDate true"},
	} {
		if got := strings.Join(told(call(t, w, "statement", f, "asOf="+c.asOf), "account"), "; "); got != c.want {
			t.Errorf("on %s: got %s, want %s", c.asOf, got, c.want)
		}
	}
	compare(t, "on the last day", told(call(t, w, "statement", f, ""), "line"), []string{
		"date 2026-01-02, kind invoice, source Invoice/a, text IV-a, amount 75000, balance 75000",
		"date 2026-01-10, kind payment, source PaymentReconciliation/*, invoice Invoice/a, text p1, amount -40000, balance 35000",
		"date 2026-03-05, kind payment, source PaymentReconciliation/*, invoice Invoice/a, text p2, amount -50000, balance -15000",
		"date 2026-03-05, kind credit, source PaymentReconciliation/*, invoice Invoice/a, text p2, amount 15000, balance 0",
		"date 2026-03-05, kind credit, source PaymentReconciliation/*, text p2, amount -15000, balance -15000",
	})
}

// 60,000 of which 10,000 are waived; 20,000 are paid and bounce; another 7,000 are
// asked for by mistake and cancelled: 60,000 − 10,000 = 50,000 are owed.
func kinds(t *testing.T, w *resourcestest.World) {
	f := family(w, "kinds")
	w.Put(bill(f, "k1", "2026-02-01", "2026-02-28", "60000", ""), bill(f, "k2", "2026-02-02", "2026-02-28", "7000", ""))
	_, err := w.Engine.Call(w.Context(), "waive", fhir.Key{Type: "Invoice", ID: "k1"}, "", []byte(`{"resourceType":"Parameters","parameter":[
		{"name":"amount","valueMoney":{"value":10000,"currency":"TZS"}},{"name":"reason","valueCodeableConcept":{"text":"poor harvest"}}]}`), false)
	if err != nil {
		t.Fatal(err)
	}
	w.Put(paid("k3", "k1", "2026-02-10", "20000", "active"))
	w.Put(paid("k3", "k1", "2026-02-10", "20000", "cancelled"))
	w.Put(strings.Replace(bill(f, "k2", "2026-02-02", "2026-02-28", "7000", ""), `"issued"`, `"cancelled"`, 1))
	answer := call(t, w, "statement", f, "asOf=2027-01-01")
	compare(t, "the lines", told(answer, "line"), []string{
		"date 2026-02-01, kind invoice, source Invoice/k1, text IV-k1, amount 60000, balance 60000",
		"date 2026-02-02, kind invoice, source Invoice/k2, text IV-k2, amount 7000, balance 67000",
		"date 2026-02-10, kind payment, source PaymentReconciliation/*, invoice Invoice/k1, text k3, amount -20000, balance 47000",
		"date 2026-12-31, kind waiver, source Invoice/k1, text poor harvest, amount -10000, balance 37000",
		"date 2026-12-31, kind cancellation, source Invoice/k2, amount -7000, balance 30000",
		"date 2026-12-31, kind reversal, source PaymentReconciliation/*, invoice Invoice/k1, text k3, amount 20000, balance 50000",
	})
	compare(t, "the account", told(answer, "account"), []string{"asked 50000, paid 0, balance 50000, credit 0, overdue 50000, upToDate false"})
}

// The household owes 45,000 and the government 30,000, of which it has paid 10,000.
func organisation(t *testing.T, w *resourcestest.World) {
	f := family(w, "shared")
	w.Put(bill(f, "own", "2026-01-02", "2026-01-31", "45000", ""), bill(f, "share", "2026-01-02", "2026-01-31", "30000", `"recipient":{"reference":"Organization/gov"},`))
	w.Put(paid("p7", "share", "2026-01-15", "10000", "active"))
	for _, c := range []struct {
		of   fhir.Key
		want string
	}{
		{fhir.Key{Type: "Organization", ID: "gov"}, "asked 30000, paid 10000, balance 20000, credit 0, overdue 20000, upToDate false"},
		{f, "asked 75000, paid 10000, balance 65000, credit 0, overdue 65000, upToDate false"},
	} {
		compare(t, c.of.String(), told(call(t, w, "statement", c.of, "asOf=2026-03-01"), "account"), []string{c.want})
	}
}

func arrears(t *testing.T, w *resourcestest.World) {
	f := family(w, "owing")
	for i, due := range []string{"2026-01-31", "2026-02-28", "2026-03-31", "2026-05-31", "2026-12-31"} {
		w.Put(bill(f, fmt.Sprintf("i%d", i), "2026-01-02", due, fmt.Sprint(10_000*(i+1)), ""))
	}
	w.Put(`{"resourceType":"Organization","id":"ngo","name":"NGO"}`)
	w.Put(bill(f, "part", "2026-01-02", "2026-05-15", "700", `"recipient":{"reference":"Organization/ngo"},`))
	w.Put(paid("q0", "i0", "2026-03-01", "10000", "active"))
	w.Put(paid("q1", "i1", "2026-03-10", "5000", "active"))
	for _, c := range []struct{ name, query, total, want string }{
		{"nothing was due yet", "asOf=2026-01-31&subject=Group/owing", "", ""},
		{"one was, which was paid later", "asOf=2026-02-28&subject=Group/owing", "owed 10000, invoices 1, days1to30 10000, days31to60 0, days61to90 0, daysOver90 0", "i0"},
		{"on the day it was paid it is not", "asOf=2026-03-01&subject=Group/owing", "owed 20000, invoices 1, days1to30 20000, days31to60 0, days61to90 0, daysOver90 0", "i1"},
		{
			"20,000 − 5,000 for 93 days, 30,000 for 62, 40,000 for 1 and 700 for 17", "asOf=2026-06-01&subject=Group/owing",
			"owed 85700, invoices 4, days1to30 40700, days31to60 0, days61to90 30000, daysOver90 15000", "i1 i2 part i3",
		},
		{"30 days are the first part: due on 2 May", "asOf=2026-06-14&recipient=Organization/ngo", "owed 700, invoices 1, days1to30 700, days31to60 0, days61to90 0, daysOver90 0", "part"},
		{"31 days are the second", "asOf=2026-06-15&recipient=Organization/ngo", "owed 700, invoices 1, days1to30 0, days31to60 700, days61to90 0, daysOver90 0", "part"},
		{"in another currency", "asOf=2026-06-01&currency=KES", "", ""},
		{"of another family", "asOf=2026-06-01&subject=Group/g", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := call(t, w, "arrears", fhir.Key{Type: "Invoice"}, c.query)
			if got := strings.Join(told(answer, "total"), "; "); got != c.total {
				t.Errorf("the totals are %s, want %s", got, c.total)
			}
			if got := strings.Join(invoices(answer), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	t.Run("and found by search, today", func(t *testing.T) {
		// What family f owed is paid, and i0, which was due first, too.
		for query, want := range map[string]int{
			"_id=f,owing,kinds&_has:Invoice:subject:unpaid-due=lt2026-06-01": 2,
			"_id=owing&_has:Invoice:subject:unpaid-due=lt2026-02-01":         0,
		} {
			if got := len(w.Search("Group", query)); got != want {
				t.Errorf("%s finds %d, want %d", query, got, want)
			}
		}
	})
}

// invoices gives the ids of the Invoices of an answer.
func invoices(answer fhir.Node) []string {
	var ids []string
	for _, line := range told(answer, "invoice") {
		id, _, _ := strings.Cut(strings.TrimPrefix(line, "reference Invoice/"), ",")
		ids = append(ids, id)
	}
	return ids
}

func refusals(t *testing.T, w *resourcestest.World) {
	for _, c := range []struct {
		code, query string
		on          fhir.Key
		want        fhir.IssueType
	}{
		{"statement", "asOf=2026", fhir.Key{Type: "Group", ID: "f"}, fhir.IssueValue},
		{"statement", "", fhir.Key{Type: "Group", ID: "nobody"}, fhir.IssueNotFound},
		{"arrears", "_count=none", fhir.Key{Type: "Invoice"}, fhir.IssueValue},
		{"arrears", "subject=somebody", fhir.Key{Type: "Invoice"}, fhir.IssueValue},
	} {
		if _, err := w.Engine.Call(w.Context(), c.code, c.on, c.query, nil, true); !fhir.HasIssue(err, c.want) {
			t.Errorf("%s?%s: %v, want %s", c.code, c.query, err, c.want)
		}
	}
}

// Whatever happens to the invoices and payments of a family, on every day the last
// balance of its statement is what was asked less what was paid; by the end it is
// what the invoices leave to pay less the credit. What it is overdue by is what
// its arrears come to, page by page, and their ages.
func TestTheSumsMatchOnEveryDay(t *testing.T) {
	w := world(t, storagetest.SQLite(t))
	families := 0
	rapid.Check(t, func(r *rapid.T) {
		families++
		f := family(w, fmt.Sprintf("law%d", families))
		bills, notices := 0, map[string]string{}
		name := func(kind string, n int) string { return fmt.Sprintf("%s-%s%d", f.ID, kind, n) }
		for step := range rapid.IntRange(1, 8).Draw(r, "steps") {
			day := fmt.Sprintf("2026-%02d-%02d", 1+step, rapid.IntRange(1, 28).Draw(r, "day"))
			amount := fmt.Sprint(rapid.IntRange(1, 50).Draw(r, "thousands") * 1000)
			switch kind := rapid.IntRange(0, 4).Draw(r, "kind"); {
			case kind == 0 || bills == 0:
				w.Put(bill(f, name("i", bills), day, day, amount, ""))
				bills++
			case kind <= 2:
				id := name("n", step)
				notices[id] = paid(id, name("i", rapid.IntRange(0, bills-1).Draw(r, "on")), day, amount, "active")
				if err := w.Try(notices[id]); err != nil {
					r.Fatal(err)
				}
			case kind == 3 && len(notices) > 0:
				for at := range step {
					if body, there := notices[name("n", at)]; there {
						w.Put(strings.Replace(body, `"active"`, `"cancelled"`, 1))
						delete(notices, name("n", at))
						break
					}
				}
			}
		}
		for _, asOf := range []string{"2026-02-15", "2026-04-15", "2026-08-15", "2026-12-31"} {
			s := statementAdds(r, w, f, asOf)
			if owed := arrearsAdd(r, w, f, asOf); owed != s["overdue"] {
				r.Errorf("on %s arrears are %s, the statement says %s is overdue", asOf, owed, s["overdue"])
			}
		}
		endAdds(r, w, f)
	})
}

// endAdds holds the statement of the last day against what the invoices say.
func endAdds(r *rapid.T, w *resourcestest.World, f fhir.Key) {
	var left fhir.Amount
	for _, i := range w.Search("Invoice", "_count=100&subject="+f.String()) {
		value, _ := fhir.ParseAmount(i.Extension(ext+"invoice-balance").At("valueMoney", "value").Text())
		left += value
	}
	now := sums(call(r, w, "statement", f, ""))
	if now["balance"] != left-now["credit"] {
		r.Errorf("the balance is %s, the invoices leave %s, the credit is %s", now["balance"], left, now["credit"])
	}
	if now["credit"] < 0 {
		r.Errorf("the credit is %s", now["credit"])
	}
	if left > 0 && now["credit"] > 0 {
		r.Errorf("%s are owed though there is credit of %s", left, now["credit"])
	}
}

func sums(answer fhir.Node) map[string]fhir.Amount {
	m := map[string]fhir.Amount{}
	for _, line := range told(answer, "account") {
		for part := range strings.SplitSeq(line, ", ") {
			name, value, _ := strings.Cut(part, " ")
			m[name], _ = fhir.ParseAmount(value)
		}
	}
	return m
}

// statementAdds adds up the lines of a statement by itself.
func statementAdds(r *rapid.T, w *resourcestest.World, f fhir.Key, asOf string) map[string]fhir.Amount {
	answer := call(r, w, "statement", f, "asOf="+asOf)
	var asked, balance, last fhir.Amount
	for p := range answer.Get("parameter").Each() {
		if p.Get("name").Text() != "line" {
			continue
		}
		parts := map[string]string{}
		for part := range p.Get("part").Each() {
			parts[part.Get("name").Text()] = part.Get("valueCode").Text() + part.At("valueMoney", "value").Text()
		}
		amount, _ := fhir.ParseAmount(parts["amount"])
		balance += amount
		if parts["kind"] == "invoice" {
			asked += amount
		}
		last, _ = fhir.ParseAmount(parts["balance"])
	}
	s := sums(answer)
	if s["asked"] != asked || s["balance"] != balance || last != balance || s["asked"]-s["paid"] != s["balance"] {
		r.Errorf("on %s the lines come to %s asked and %s, the last says %s; the account says %v", asOf, asked, balance, last, s)
	}
	return s
}

// arrearsAdd adds up the pages of a family's arrears by itself, two invoices each.
func arrearsAdd(r *rapid.T, w *resourcestest.World, f fhir.Key, asOf string) (owed fhir.Amount) {
	query := "_count=2&asOf=" + asOf + "&subject=" + f.String()
	said, aged, after := fhir.Amount(0), fhir.Amount(0), ""
	for range 10 {
		answer := call(r, w, "arrears", fhir.Key{Type: "Invoice"}, query+after)
		said, aged, after = 0, 0, ""
		for p := range answer.Get("parameter").Each() {
			for part := range p.Get("part").Each() {
				value, _ := fhir.ParseAmount(part.At("valueMoney", "value").Text())
				switch name := part.Get("name").Text(); {
				case name == "owed":
					said = value
				case strings.HasPrefix(name, "days") && name != "days":
					aged += value
				case name == "balance":
					owed += value
				}
			}
			if p.Get("name").Text() == "next" {
				after = "&after=" + p.Get("valueString").Text()
			}
		}
		if after == "" {
			break
		}
	}
	if said != owed || aged != owed {
		r.Errorf("on %s the pages come to %s, the total says %s, the ages come to %s", asOf, owed, said, aged)
	}
	return owed
}

func BenchmarkArrears(b *testing.B) {
	w := world(b, storagetest.SQLite(b))
	f := family(w, "f")
	for at := range 10 {
		var all []string
		for i := range 100 {
			all = append(all, bill(f, fmt.Sprintf("i%d-%d", at, i), "2026-01-02", "2026-01-31", "75000", ""))
		}
		w.Put(all...)
	}
	b.ReportAllocs()
	for b.Loop() {
		call(b, w, "arrears", fhir.Key{Type: "Invoice"}, "asOf=2026-12-31")
	}
	b.ReportMetric(float64(time.Second)/float64(b.Elapsed())*1000*float64(b.N), "invoices/s")
}
