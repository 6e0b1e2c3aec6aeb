package cash_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/cash"
	"bima/resources/invoice"
	"bima/resources/payment"
	"bima/resources/receipt"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

const ext = "https://bima.example/fhir/StructureDefinition/"

var databases = map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}

func world(t testing.TB, dsn string) *resourcestest.World {
	clock := &resourcestest.Clock{}
	clock.Set(t, "2026-03-31")
	w := resourcestest.Timed(t, dsn, clock, invoice.Module(invoice.Settings{}), payment.Module(payment.Settings{}), receipt.Module(receipt.Settings{}), cash.Module())
	w.Put(`{"resourceType":"Group","id":"f","type":"person","actual":true}`)
	for _, id := range []string{"i", "j", "k"} {
		w.Put(fmt.Sprintf(`{"resourceType":"Invoice","id":%q,"identifier":[{"system":"https://bima.example/fhir/id/invoice","value":"IV-%s"}],"status":"issued","subject":{"reference":"Group/f"},
		"date":"2026-01-02","totalNet":{"value":900000,"currency":"TZS"},"totalGross":{"value":900000,"currency":"TZS"}}`, id, id))
	}
	return w
}

// officer is a role with a limit in shillings.
func officer(id, limit string) string {
	return `{"resourceType":"PractitionerRole","id":"` + id + `","extension":[{"url":"` + ext + `cash-limit","valueMoney":{"value":` + limit + `,"currency":"TZS"}}]}`
}

// took is a contribution that an officer took, with more elements.
func took(officer, id, on, amount, more string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentNotice","id":%q,%s"status":"active","request":{"reference":"Invoice/i"},"created":%q,"paymentDate":%q,
	"provider":{"reference":"PractitionerRole/%s"},"payment":{"identifier":{"system":"urn:r","value":%q}},"recipient":{"display":"scheme"},"amount":{"value":%s,"currency":"TZS"}}`, id, more, on, on, officer, id, amount)
}

func brings(officer, id, on, amount, more string) string {
	return fmt.Sprintf(`{"resourceType":"PaymentReconciliation","id":%q,"extension":[{"url":"%spayment-direction","valueCode":"deposit"}],"status":"active","created":%q,"paymentDate":%q,
	"requestor":{"reference":"PractitionerRole/%s"},"paymentIdentifier":{"system":"urn:bank","value":%q},%s"paymentAmount":{"value":%s,"currency":"TZS"}}`, id, ext, on, on, officer, id, more, amount)
}

// holds tells $cash in words: what is held and may be, the payments not deposited,
// the books.
func holds(t *testing.T, w *resourcestest.World, officer string) string {
	t.Helper()
	response, err := w.Engine.Call(w.Context(), "cash", fhir.Key{Type: "PractitionerRole", ID: officer}, "", nil, true)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.Parse(response.Resource.Body)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for p := range doc.Root().Get("parameter").Each() {
		words := []string{p.Get("name").Text()}
		for part := range p.Get("part").Each() {
			switch name := part.Get("name").Text(); name {
			case "payment", "reference":
			default:
				words = append(words, name+" "+part.At("valueMoney", "value").Text()+part.Get("valueDate").Text()+part.Get("valueString").Text()+part.Get("valuePositiveInt").Text()+part.Get("valueUnsignedInt").Text())
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return strings.Join(all, "; ")
}

func TestCash(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w := world(t, dsn(t))
			t.Run("limit and deposit", func(t *testing.T) { limits(t, w) })
			t.Run("what is taken back and given back", func(t *testing.T) { backs(t, w) })
			t.Run("deposits that can't be", func(t *testing.T) { deposits(t, w) })
			t.Run("receipt books", func(t *testing.T) { books(t, w) })
		})
	}
}

// He may hold 100,000: 60,000 and 40,000 he may take, 1 more he may not. He brings
// 70,000: all of the first and 10,000 of the second, and 30,000 of it are left.
func limits(t *testing.T, w *resourcestest.World) {
	w.Put(officer("a", "100000"))
	w.Put(took("a", "a1", "2026-03-01", "60000", ""))
	w.Put(took("a", "a2", "2026-03-02", "40000", ""))
	if got, want := holds(t, w, "a"), "cash held 100000 limit 100000 left 0; receipt date 2026-03-01 number R2026-000001 amount 60000; receipt date 2026-03-02 number R2026-000002 amount 40000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.Refused(took("a", "a3", "2026-03-03", "1", "")); got != "PaymentNotice.amount" {
		t.Errorf("more than he may hold is refused at %q", got)
	}
	w.Put(took("a", "a3", "2026-03-03", "5000", `"extension":[{"url":"`+ext+`payment-method","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/contract-premium-type","code":"M"}]}}],`))
	if got := w.Refused(brings("a", "d0", "2026-03-04", "100001", "")); got != "PaymentReconciliation.paymentAmount" {
		t.Errorf("more than he holds is refused at %q", got)
	}
	w.Put(brings("a", "d1", "2026-03-04", "70000", ""))
	if got, want := holds(t, w, "a"), "cash held 30000 limit 100000 left 70000; receipt date 2026-03-02 number R2026-000002 amount 30000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	d := w.Get("PaymentReconciliation/d1").Get("detail")
	if d.Len() != 2 || d.First().At("amount", "value").Text() != "60000" || d.First().Next().At("amount", "value").Text() != "10000" {
		t.Errorf("the deposit is of %s", d.Raw())
	}
	w.Put(brings("a", "d1", "2026-03-04", "70000", ""))
	if got := w.Get("PaymentReconciliation/d1").Get("detail").Len(); got != 2 {
		t.Errorf("sent again, the deposit has %d details", got)
	}
	w.Put(strings.Replace(brings("a", "d1", "2026-03-04", "70000", ""), `"active"`, `"cancelled"`, 1))
	if got, want := holds(t, w, "a"), "cash held 100000 limit 100000 left 0; receipt date 2026-03-01 number R2026-000001 amount 60000; receipt date 2026-03-02 number R2026-000002 amount 40000"; got != want {
		t.Errorf("a deposit that never was: got %s, want %s", got, want)
	}
}

// 20,000 that turn out to be none are not held; what is deposited can't bounce, and
// what he gives back he holds no longer.
func backs(t *testing.T, w *resourcestest.World) {
	w.Put(officer("b", "500000"))
	w.Put(took("b", "b1", "2026-03-01", "20000", ""))
	w.Put(took("b", "b2", "2026-03-02", "30000", ""))
	w.Put(strings.Replace(took("b", "b1", "2026-03-01", "20000", ""), `"active"`, `"cancelled"`, 1))
	if got := holds(t, w, "b"); !strings.HasPrefix(got, "cash held 30000 ") {
		t.Errorf("after one is taken back: %s", got)
	}
	w.Put(brings("b", "d2", "2026-03-05", "30000", ""))
	if got := w.Refused(strings.Replace(took("b", "b2", "2026-03-02", "30000", ""), `"active"`, `"cancelled"`, 1)); got != "PaymentReconciliation.detail" {
		t.Errorf("money in the bank is taken back, or refused at %q", got)
	}
	w.Put(`{"resourceType":"Group","id":"g","type":"person","actual":true}`)
	ahead := strings.Replace(took("b", "b3", "2026-03-06", "8000", `"extension":[{"url":"`+ext+`payer","valueReference":{"reference":"Group/g"}}],`), `"request":{"reference":"Invoice/i"},`, "", 1)
	w.Put(ahead)
	m := w.Search("PaymentReconciliation", "identifier=urn:r|b3")[0].Get("id").Text()
	_, err := w.Engine.Call(w.Context(), "refund", fhir.Key{Type: "PaymentReconciliation", ID: m}, "", []byte(`{"resourceType":"Parameters","parameter":[
		{"name":"amount","valueMoney":{"value":3000,"currency":"TZS"}},{"name":"method","valueCode":"C"},{"name":"officer","valueReference":{"reference":"PractitionerRole/b"}}]}`), false)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := holds(t, w, "b"), "cash held 5000 limit 500000 left 495000; receipt date 2026-03-06 number R2026-000006 amount 5000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func deposits(t *testing.T, w *resourcestest.World) {
	w.Put(officer("c", "500000"), took("c", "c1", "2026-03-01", "9000", ""))
	m := w.Search("PaymentReconciliation", "identifier=urn:r|c1")[0].Get("id").Text()
	of := func(payment, amount string) string {
		return `"detail":[{"type":{"text":"cash"},"request":{"reference":"` + payment + `"},"amount":{"value":` + amount + `,"currency":"TZS"}}],`
	}
	for name, c := range map[string]struct{ body, want string }{
		"nobody brings it":                     {strings.Replace(brings("c", "d3", "2026-03-02", "9000", ""), `"requestor":{"reference":"PractitionerRole/c"},`, "", 1), "PaymentReconciliation.requestor"},
		"nothing is brought":                   {brings("c", "d3", "2026-03-02", "0", ""), "PaymentReconciliation.paymentAmount"},
		"the details come to less":             {brings("c", "d3", "2026-03-02", "9000", of("PaymentReconciliation/"+m, "8000")), "PaymentReconciliation.detail"},
		"a detail is of an invoice":            {brings("c", "d3", "2026-03-02", "9000", of("Invoice/i", "9000")), "PaymentReconciliation.detail[0].request"},
		"more of a payment than it is of":      {brings("c", "d3", "2026-03-02", "9001", of("PaymentReconciliation/"+m, "9001")), "PaymentReconciliation.detail"},
		"of another's payment":                 {brings("a", "d3", "2026-03-02", "9000", of("PaymentReconciliation/"+m, "9000")), "PaymentReconciliation.detail"},
		"a limit without currency":             {`{"resourceType":"PractitionerRole","id":"c","extension":[{"url":"` + ext + `cash-limit","valueMoney":{"value":1}}]}`, "PractitionerRole.extension('" + ext + "cash-limit')"},
		"in a currency of which he holds none": {strings.Replace(brings("c", "d3", "2026-03-02", "1", ""), `"TZS"`, `"KES"`, 1), "PaymentReconciliation.paymentAmount"},
	} {
		if got := w.Refused(c.body); got != c.want {
			t.Errorf("%s: refused at %q, want %q", name, got, c.want)
		}
	}
	w.Put(brings("c", "d3", "2026-03-02", "9000", of("PaymentReconciliation/"+m, "9000")))
	if got := w.Refused(brings("c", "d3", "2026-03-02", "8000", "")); got != "PaymentReconciliation.paymentAmount" {
		t.Errorf("another amount is refused at %q", got)
	}
	if got, want := holds(t, w, "c"), "cash held 0 limit 500000 left 500000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func book(id, officer, series string, first, last int) string {
	return fmt.Sprintf(`{"resourceType":"SupplyDelivery","id":%q,"status":"in-progress","receiver":[{"reference":"PractitionerRole/%s"}],"extension":[{"url":"%sreceipt-book","extension":[
	{"url":"series","valueString":%q},{"url":"first","valuePositiveInt":%d},{"url":"last","valuePositiveInt":%d}]}]}`, id, officer, ext, series, first, last)
}

func numbered(number string) string {
	return `"identifier":[{"system":"https://bima.example/fhir/id/receipt","value":"` + number + `"}],`
}

// A book of KIL-001 to KIL-100: of the first four the third is missing.
func books(t *testing.T, w *resourcestest.World) {
	w.Put(officer("x", "500000"), officer("y", "500000"))
	w.Put(book("kb", "x", "KIL-", 1, 100))
	for name, c := range map[string]struct{ body, want string }{
		"numbers of another book":      {book("kc", "y", "KIL-", 100, 199), "SupplyDelivery.extension('" + ext + "receipt-book')"},
		"a series that ends in digits": {book("kc", "y", "KIL1", 1, 9), "SupplyDelivery.extension('" + ext + "receipt-book')"},
		"from the last to the first":   {book("kc", "y", "MOR-", 9, 1), "SupplyDelivery.extension('" + ext + "receipt-book')"},
		"another's number":             {took("y", "y1", "2026-03-01", "10", numbered("KIL-005")), "PaymentNotice.provider"},
		"a number of no book":          {took("x", "x9", "2026-03-01", "10", numbered("KIL-200")), "PaymentNotice.identifier"},
		"a number written otherwise":   {took("x", "x9", "2026-03-01", "10", numbered("KIL-5")), "PaymentNotice.identifier"},
	} {
		if got := w.Refused(c.body); got != c.want {
			t.Errorf("%s: refused at %q, want %q", name, got, c.want)
		}
	}
	w.Put(book("kc", "y", "KIL-", 101, 199))
	for _, n := range []string{"001", "002", "004"} {
		w.Put(took("x", "x"+n, "2026-03-01", "10", numbered("KIL-"+n)))
	}
	w.Put(took("y", "y1", "2026-03-01", "10", numbered("KIL-101")), took("x", "x5", "2026-03-01", "10", numbered("OTHER-1")))
	if got := holds(t, w, "x"); !strings.HasSuffix(got, "; book series KIL- first 1 last 100 used 3 missing 3") {
		t.Errorf("his book is %s", got)
	}
	w.Put(strings.Replace(took("x", "x003", "2026-03-01", "10", numbered("KIL-003")), `"active"`, `"entered-in-error"`, 1))
	if got := holds(t, w, "x"); !strings.HasSuffix(got, "; book series KIL- first 1 last 100 used 4") {
		t.Errorf("after the spoiled one is told, his book is %s", got)
	}
	if err := w.Try(took("x", "x6", "2026-03-02", "11", numbered("KIL-002"))); fhir.OutcomeOf(err).Issues[0].Detail != fhir.DetailUnique {
		t.Errorf("a number used twice: %v", err)
	}
	if got := w.Refused(book("kb", "y", "KIL-", 1, 100)); got != "SupplyDelivery.extension('"+ext+"receipt-book')" {
		t.Errorf("a used book given to another is refused at %q", got)
	}
	if _, err := w.Engine.Delete(w.Context(), fhir.Key{Type: "SupplyDelivery", ID: "kb"}, ""); !fhir.HasIssue(err, fhir.IssueBusinessRule) {
		t.Errorf("a used book was deleted: %v", err)
	}
	w.Put(strings.Replace(book("kb", "x", "KIL-", 1, 100), "in-progress", "completed", 1))
	w.Put(`{"resourceType":"SupplyDelivery","id":"nets","status":"completed"}`)
	ctx := fhir.WithCaller(w.Context(), fhir.Caller{Name: "o", Identity: "o", Roles: []fhir.Role{fhir.RoleEnrolmentOfficer}, Entity: fhir.Key{Type: "PractitionerRole", ID: "y"}})
	if _, err := w.Engine.Call(ctx, "cash", fhir.Key{Type: "PractitionerRole", ID: "x"}, "", nil, true); !fhir.HasIssue(err, fhir.IssueForbidden) {
		t.Errorf("an officer looks at another's cash: %v", err)
	}
}

// He may hold 50,000, and twenty families pay him 5,000 each at once: ten can.
func TestTheLimitHoldsWhenManyPayAtOnce(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			w := world(t, dsn(t))
			w.Put(officer("o", "50000"))
			var mu sync.Mutex
			var group sync.WaitGroup
			taken := 0
			for i := range 20 {
				group.Go(func() {
					id := fmt.Sprintf("n%d", i)
					body := strings.Replace(took("o", id, "2026-03-01", "5000", ""), "Invoice/i", "Invoice/"+string("ijk"[i%3]), 1)
					_, err := w.Engine.Update(w.Context(), fhir.Key{Type: "PaymentNotice", ID: id}, interaction.Write{Body: []byte(body)})
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						taken++
					} else if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if got := holds(t, w, "o"); taken != 10 || !strings.HasPrefix(got, "cash held 50000 limit 50000 left 0;") {
				t.Errorf("%d were taken; %s", taken, got)
			}
		})
	}
}
