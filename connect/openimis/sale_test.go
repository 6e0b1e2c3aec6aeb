package openimis_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"bima/fhir"
)

// benefits gives what an item of an answer about cover tells, by openIMIS's names.
func benefits(item fhir.Node) map[string]string {
	found := map[string]string{}
	for b := range item.Get("benefit").Each() {
		value := b.Get("allowedUnsignedInt").Text()
		if value == "" {
			value = b.At("allowedMoney", "value").Text()
		}
		found[b.At("type", "coding").First().Get("code").Text()] = value
	}
	return found
}

// state gives the state of a policy.
func state(c client, id string) string {
	policy := c.w.Node(c.do(http.MethodGet, "/fhir/Contract/"+id, nil))
	return policy.Extension("https://bima.example/fhir/StructureDefinition/policy-state").Get("valueCode").Text()
}

// count gives how many a search finds.
func count(c client, search string) string {
	return c.w.Node(c.do(http.MethodGet, "/fhir/"+search+"&_total=accurate&_count=0", nil)).Get("total").Text()
}

// sold sends a policy twice: the second time it is there.
func sold(c client, replace ...string) fhir.Node {
	c.Helper()
	first := c.post("Contract/", "openimis/contract.json", replace...)
	again := c.do(http.MethodPost, base+"Contract/", c.vector("openimis/contract.json", replace...))
	if again.Status != http.StatusOK || c.w.Node(again).Get("id").Text() != first.Get("id").Text() {
		c.Errorf("sent again: HTTP %d %s", again.Status, again.Body)
	}
	return first
}

func policySold(c client) {
	policy := sold(c, `"Idle"`, `"active"`)
	id := policy.Get("id").Text()
	if coded(policy, "UUID") != id || coded(policy, "Code") == "" || !strings.Contains(string(policy.Raw()), "Group/family-40") {
		c.Errorf("%s", policy.Raw())
	}
	if got := state(c, id); got != "active" {
		c.Errorf("the policy is %s", got)
	}
	if got := count(c, "PaymentReconciliation?requestor:missing=true&payment-issuer:missing=true&identifier=RE-184"); got != "1" {
		c.Errorf("the premium was received %s times", got)
	}
	if got := count(c, "Coverage?beneficiary=Patient/patient-40-1"); got != "1" {
		c.Errorf("%s memberships of one policy", got)
	}
	if got := count(c, "Coverage?beneficiary=Patient/patient-40-3"); got != "0" {
		c.Errorf("who is not named has %s memberships", got)
	}
	// Another year, agreed on the same day, is another policy.
	next := c.do(http.MethodPost, base+"Contract/", c.vector("openimis/contract.json", `"usePeriod": [{"start": "2026-03-02", "end": "2027-03-01"}]`, `"usePeriod": [{"start": "2027-03-02", "end": "2028-03-01"}]`, "RE-184", "RE-185"))
	if next.Status == http.StatusOK || c.w.Node(next).Get("id").Text() == id {
		c.Errorf("the policy of another year: HTTP %d %s", next.Status, next.Body)
	}
	n := c.post("CoverageEligibilityRequest/", "openimis/eligibility.json", "Patient/070100001018", "Patient/patient-40-1")
	if got := benefits(n.Get("insurance").First().Get("item").First()); got["total_deduction"] != "5000" || got["total_ceiling"] == "" {
		c.Errorf("what is left of a new policy: %v", got)
	}
}

// The family of a person is covered; it is paid later, once.
func policyPaid(c client) {
	policy := sold(c, "Group/family-40", "Patient/patient-34-1", `"Group"`, `"Patient"`, "patient-40-", "patient-34-", "contract-premium\"", "other\"")
	id := policy.Get("id").Text()
	if got := state(c, id); got != "offered" {
		c.Errorf("before it is paid the policy is %s", got)
	}
	invoice := c.w.Node(c.do(http.MethodGet, "/fhir/Invoice?subject=Group/family-34&status=issued&_count=5", nil)).Get("entry").First().At("resource", "id").Text()
	paid := c.post("PaymentNotice/", "openimis/payment-notice.json", "THE-INVOICE", invoice)
	again := c.do(http.MethodPost, base+"PaymentNotice/", c.vector("openimis/payment-notice.json", "THE-INVOICE", invoice))
	if again.Status != http.StatusOK || c.w.Node(again).Get("id").Text() != paid.Get("id").Text() {
		c.Errorf("paid again: HTTP %d %s", again.Status, again.Body)
	}
	if got := state(c, id); got != "active" {
		c.Errorf("when it is paid the policy is %s", got)
	}
	more := c.do(http.MethodPost, base+"PaymentNotice/", c.vector("openimis/payment-notice.json", "THE-INVOICE", invoice, "60000", "50000"))
	if more.Status != http.StatusConflict {
		c.Errorf("the payment with another amount: HTTP %d %s", more.Status, more.Body)
	}
	for range 2 {
		back := c.do(http.MethodPost, base+"PaymentNotice/", c.vector("openimis/payment-notice.json", "THE-INVOICE", invoice, `"active"`, `"cancelled"`))
		if back.Status != http.StatusOK || c.w.Node(back).Get("status").Text() != "cancelled" {
			c.Errorf("taken back: HTTP %d %s", back.Status, back.Body)
		}
	}
	if got := state(c, id); got == "active" {
		c.Errorf("when the payment is taken back the policy is %s", got)
	}
}

func policyRefused(c client) {
	for _, x := range []struct {
		name, method, path, file string
		replace                  []string
		status                   int
		says                     string
	}{
		{"no such family", "POST", "Contract/", "contract", []string{"Group/family-40", "Group/none"}, 404, "subject"},
		{"no such plan", "POST", "Contract/", "contract", []string{`"DHP"`, `"X"`}, 404, "InsurancePlan"},
		{"no first day", "POST", "Contract/", "contract", []string{`"start"`, `"end"`}, 400, ""},
		{"a renewal", "POST", "Contract/", "contract", []string{`{"text": "Offered"}`, `{"text": "Renewed"}`}, 422, "$renew"},
		{"an expired one", "POST", "Contract/", "contract", []string{"Idle", "Expired"}, 422, "not Expired"},
		{"a day to come", "POST", "Contract/", "contract", []string{"2026-03-02", "2099-03-02", "family-40", "family-33", "patient-40", "patient-33"}, 422, "to come"},
		{"the fee for a photo", "POST", "Contract/", "contract", []string{`"C"}]}}`, `"P"}]}}`}, 400, "photo"},
		{"a policy that is replaced", "PUT", "Contract/policy-01/", "contract", nil, 405, "$renew"},
		{"a decision that is replaced", "PUT", "ClaimResponse/x/", "contract", []string{`"Contract"`, `"ClaimResponse"`}, 405, "$reprocess"},
		{"a membership that is made", "POST", "Coverage/", "contract", []string{`"Contract"`, `"Coverage"`}, 405, "Contract/"},
		{"no such invoice", "POST", "PaymentNotice/", "payment-notice", nil, 404, "invoice"},
		{"an unknown status", "POST", "PaymentNotice/", "payment-notice", []string{"THE-INVOICE", "invoice-01", `"active"`, `"draft"`}, 400, "entered-in-error"},
		{"an unknown payment status", "POST", "PaymentNotice/", "payment-notice", []string{"THE-INVOICE", "invoice-01", `"cleared"`, `"lost"`}, 400, "cleared"},
		{"a payment of what is none", "POST", "PaymentNotice/", "payment-notice", []string{`"type": "Invoice"`, `"type": "Claim"`}, 400, "Bill"},
		{"a payment without a name", "POST", "PaymentNotice/", "payment-notice", []string{"THE-INVOICE", "invoice-01", `{"reference": "PaymentReconciliation/bank-778"}`, `{"display": "x"}`}, 400, "payment"},
		{"taking back what never came", "POST", "PaymentNotice/", "payment-notice", []string{"THE-INVOICE", "invoice-01", `"active"`, `"cancelled"`, "bank-778", "bank-0"}, 404, "take back"},
	} {
		a := c.do(x.method, base+x.path, c.vector("openimis/"+x.file+".json", x.replace...))
		text := c.w.Node(a).Get("issue").First().At("details", "text").Text()
		if a.Status != x.status || text == "" || !strings.Contains(text, x.says) {
			c.Errorf("%s: HTTP %d %s, want %d with %q", x.name, a.Status, a.Body, x.status, x.says)
		}
	}
}

// pagesFollow reads pages in their order, and one alone: each resource once.
func pagesFollow(c client) {
	seen := map[string]int{}
	page := 1
	for ; ; page++ {
		b := c.get("Patient/?_count=9&page-offset=" + strconv.Itoa(page))
		for e := range b.Get("entry").Each() {
			seen[e.At("resource", "id").Text()]++
		}
		if b.Get("total").Text() == "" {
			c.Fatalf("page %d tells no total: %s", page, b.Raw())
		}
		if !strings.Contains(string(b.Get("link").Raw()), `"next"`) {
			break
		}
	}
	if total := count(c, "Patient?_lastUpdated=ge2000-01-01"); strconv.Itoa(len(seen)) != total || page < 10 {
		c.Errorf("%d patients on %d pages, want %s", len(seen), page, total)
	}
	for id, n := range seen {
		if n != 1 {
			c.Errorf("%s is on %d pages", id, n)
		}
	}
	inOrder, alone := c.get("Patient/?_count=9&page-offset=7"), c.get("Patient/?_count=9&page-offset=7&_lastUpdated=ge2000-01-01T00:00:00")
	for i, e := 0, inOrder.Get("entry").First(); e.Exists(); i, e = i+1, e.Next() {
		if other := alone.Get("entry").First(); i == 0 && other.At("resource", "id").Text() != e.At("resource", "id").Text() {
			c.Errorf("page 7 alone begins with %s, in order with %s", other.At("resource", "id").Text(), e.At("resource", "id").Text())
		}
	}
	if b := c.get("Patient/?_count=9&page-offset=900&_lastUpdated=ge2001-01-01T00:00:00"); b.Get("entry").Exists() || b.Get("total").Text() != c.get("Patient/?_count=1").Get("total").Text() {
		c.Errorf("a page beyond the last: %s", b.Raw())
	}
	far := c.do(http.MethodGet, base+"Patient/?_count=10&page-offset=5000", nil)
	if text := c.w.Node(far).Get("issue").First().At("details", "text").Text(); far.Status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "one after another") {
		c.Errorf("a page very far on: HTTP %d %s", far.Status, far.Body)
	}
}

// eachType asks for each type that openIMIS's CapabilityStatement lists.
func eachType(c client) {
	for _, typ := range []string{
		"ActivityDefinition", "ClaimResponse", "CommunicationRequest", "Coverage", "InsurancePlan", "Invoice", "Location", "Medication", "Organization",
		"Practitioner", "PractitionerRole", "Claim", "Contract", "Group", "Patient", "Subscription", "PaymentNotice",
	} {
		b := c.get(typ + "/?_count=2")
		if b.Get("type").Text() != "searchset" || b.Get("total").Text() == "" {
			c.Errorf("%s: %.300s", typ, b.Raw())
		}
		for e := range b.Get("entry").Each() {
			id := e.At("resource", "id").Text()
			if r := c.get(typ + "/" + id + "/"); r.Get("resourceType").Text() != typ || r.Get("id").Text() != id {
				c.Errorf("%s: %.300s", typ, r.Raw())
			}
		}
		a := c.do(http.MethodPost, base+typ+"/", []byte(fmt.Sprintf(`{"resourceType":%q,"strange":1}`, typ)))
		if issue := c.w.Node(a).Get("issue").First(); a.Status < 400 || a.Status >= 500 || issue.At("details", "text").Text() == "" {
			c.Errorf("a strange %s: HTTP %d %s", typ, a.Status, a.Body)
		}
	}
}
