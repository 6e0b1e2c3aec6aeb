package openimis

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

const (
	premium       = structure + "contract-premium"
	systemPremium = profiles.OpenIMIS + "/contract-premium" // of what premiums are known by, that came with a policy
	premiumsMax   = 20
)

// A sale is a Contract as openIMIS's clients send it: a policy, and what was paid.
type sale struct {
	*call
	sent     dialect.Object
	asset    dialect.Object
	subject  dialect.Object // a Reference
	plan     dialect.Object
	start    string // the first day of the policy
	day      string // of the agreement
	premiums []dialect.Object
}

// sell is POST Contract/: the policy is offered, the premiums with it are received,
// and one that is sent as active is put in force. What was done already is not done
// again, so that a client may send it once more after an answer was lost.
func (c *call) sell(sent dialect.Object) error {
	coin(sent, 0)
	s := sale{call: c, sent: sent}
	if err := s.read(); err != nil {
		return err
	}
	policy, failed := s.sold(false)
	status := http.StatusOK
	if policy == nil && failed == nil {
		a, ok := c.question("Contract/$offer", s.offer())
		if ok {
			status = http.StatusCreated
		}
		if ok || a.Status == http.StatusConflict { // it may begin with a cycle, on another day
			policy, failed = s.sold(true)
		}
		if policy == nil && failed == nil && !ok {
			failed = a
		}
	}
	if failed != nil {
		c.hand(failed)
		return nil
	}
	if policy == nil {
		return fhir.Errorf(fhir.IssueException, "", "the policy was made and can't be found")
	}
	id := dialect.Text(policy, "id")
	for i, p := range s.premiums {
		if a, ok := c.question("PaymentReconciliation/$receive", s.receipt(policy, p, i)); !ok {
			c.hand(a)
			return nil
		}
	}
	out, failed := c.policy(id)
	if failed == nil && dialect.Text(sent, "status") == "active" && !inForce(out) {
		if a, ok := c.question("Contract/"+id+"/$activate", []any{parameter("enforce", "valueBoolean", true)}); !ok {
			c.hand(a)
			return nil
		}
		out, failed = c.policy(id)
	}
	if failed != nil {
		c.hand(failed)
		return nil
	}
	page{call: c}.spell("Contract", out)
	c.write(status, out)
	return nil
}

// policy reads a Contract as it is now, or gives the answer of [base] that refuses it.
func (c *call) policy(id string) (dialect.Object, *connect.Answer) {
	a := c.gate.Ask(c.r, connect.Question{Path: "Contract/" + id})
	if !a.OK() {
		return nil, a
	}
	return dialect.ObjectOf(a.Node()), nil
}

// inForce reports whether nothing is left to be decided for a policy to be in force.
func inForce(policy dialect.Object) bool {
	switch dialect.At(dialect.Extension(policy, profiles.ExtensionPolicyState), "valueCode") {
	case "offered", "ready":
		return false
	}
	return true
}

// read finds out what is sold to whom.
func (s *sale) read() error {
	switch status := dialect.Text(s.sent, "status"); {
	case strings.EqualFold(status, "suspended"), strings.EqualFold(status, "expired"):
		return fhir.Errorf(fhir.IssueBusinessRule, "Contract.status", "a policy is made offered or active here, not %s; suspend or end it by Contract/[id]/$suspend or $cancel at /fhir", status)
	case strings.EqualFold(dialect.Text(s.sent, "legalState", "text"), "Renewed"):
		return fhir.Errorf(fhir.IssueBusinessRule, "Contract.legalState", "a policy is renewed by Contract/[id]/$renew at /fhir; send a new one as Offered")
	}
	s.asset = firstOf(firstOf(s.sent, "term"), "asset")
	item := firstOf(s.asset, "valuedItem")
	if s.subject = s.whom(firstOf(s.sent, "subject")); s.subject == nil {
		return fhir.Errorf(fhir.IssueNotFound, "Contract.subject", "subject[0] names no family or person by uuid or code that is known here, or the family can't be looked for")
	}
	if s.plan = s.party(dialect.Child(item, "entityReference"), nil); dialect.Text(s.plan, "reference") == "" {
		return fhir.Errorf(fhir.IssueNotFound, "Contract.term.asset.valuedItem.entityReference", "it names no InsurancePlan by uuid or code that is known here")
	}
	for _, name := range []string{"usePeriod", "period"} {
		if start := dialect.Text(firstOf(s.asset, name), "start"); s.start == "" {
			s.start = start[:min(len(start), len(time.DateOnly))]
		}
	}
	s.day = dialect.Text(firstOf(s.asset, "period"), "start")
	if s.day = s.day[:min(len(s.day), len(time.DateOnly))]; s.day == "" {
		s.day = s.start
	}
	if _, err := time.Parse(time.DateOnly, s.start); err != nil {
		return fhir.Errorf(fhir.IssueRequired, "Contract.term.asset.usePeriod", "a policy needs its first day: usePeriod.start, or period.start, as 2026-03-31")
	}
	for _, e := range dialect.Each(s.asset, "extension") {
		if dialect.Text(e, "url") != premium {
			continue
		}
		if code := dialect.Code(dialect.Child(dialect.Extension(e, "category"), "valueCodeableConcept"), ""); code == "P" {
			return fhir.Errorf(fhir.IssueNotSupported, "Contract.term.asset.extension", "the fee for a photo is no premium; write an Invoice for it at /fhir and pay that")
		}
		s.premiums = append(s.premiums, e)
	}
	if len(s.premiums) > premiumsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "Contract.term.asset.extension", "a policy comes with up to %d premiums", premiumsMax)
	}
	return nil
}

// whom gives whom a policy is for: of a person his family, where he is in one.
func (s *sale) whom(subject dialect.Object) dialect.Object {
	ref := s.party(subject, nil)
	target := dialect.Target(dialect.Text(ref, "reference"))
	switch target.Type {
	case "Group":
		return ref
	case "Patient":
		a := s.gate.Ask(s.r, connect.Question{Path: "Group?code:not=" + url.QueryEscape(profiles.SystemGroupKind+"|employees") + "&member=" + target.String() + "&_count=1"})
		if !a.OK() {
			return nil // nobody knows whether there is one
		}
		if family := a.Node().Get("entry").First().At("resource", "id").Text(); family != "" {
			return dialect.Object{"reference": "Group/" + family}
		}
		return ref
	}
	return nil
}

// sold gives the policy that was made of this sale before, nil where there is none;
// or the answer of [base], where it does not tell. It is known by its first day, or,
// where that may be another, by the day of the agreement.
func (s *sale) sold(moved bool) (policy dialect.Object, failed *connect.Answer) {
	query := "Contract?subject=" + url.QueryEscape(dialect.Text(s.subject, "reference")) + "&_count=1000"
	a := s.gate.Ask(s.r, connect.Question{Path: query})
	if !a.OK() {
		return nil, a
	}
	for e := range a.Node().Get("entry").Each() {
		o := dialect.ObjectOf(e.Get("resource"))
		plan := dialect.Target(dialect.Text(firstOf(firstOf(firstOf(o, "term"), "asset"), "valuedItem"), "entityReference", "reference"))
		if dialect.Text(o, "status") == "cancelled" || "InsurancePlan/"+plan.ID != dialect.Text(s.plan, "reference") {
			continue
		}
		if dialect.Text(firstOf(o, "term"), "applies", "start") == s.start || dialect.Text(o, "applies", "start") == s.start {
			return o, nil
		}
		if moved && policy == nil && dialect.Text(o, "issued") == s.day {
			policy = o
		}
	}
	return policy, nil
}

// offer gives the parameters of Contract/$offer.
func (s *sale) offer() []any {
	list := []any{
		parameter("subject", "valueReference", s.subject), parameter("plan", "valueReference", s.plan),
		parameter("date", "valueDate", s.day), parameter("start", "valueDate", s.start),
	}
	for _, member := range dialect.Each(s.asset, "typeReference") {
		list = append(list, parameter("member", "valueReference", s.party(member, nil)))
	}
	if author := s.party(dialect.Child(s.sent, "author"), nil); dialect.Text(author, "reference") != "" {
		list = append(list, parameter("author", "valueReference", author))
	}
	return list
}

// receipt gives the parameters of PaymentReconciliation/$receive for a premium that
// came with a policy. It is known by the policy and its receipt, so that it is
// received once.
func (s *sale) receipt(policy, p dialect.Object, i int) []any {
	number := dialect.Identifier(policy, profiles.IdentifierPolicy)
	amount := dialect.Child(dialect.Extension(p, "amount"), "valueMoney")
	if amount == nil {
		amount = dialect.Object{}
	}
	net := dialect.Child(firstOf(firstOf(firstOf(policy, "term"), "asset"), "valuedItem"), "net")
	fill(amount, "currency", dialect.Text(net, "currency"))
	known, paper := itoa(i+1), dialect.Text(dialect.Extension(p, "receipt"), "valueString")
	if paper != "" {
		known = paper
	}
	list := []any{
		parameter("amount", "valueMoney", amount),
		parameter("reference", "valueIdentifier", dialect.Object{"system": systemPremium, "value": number + "/" + known}),
		parameter("for", "valueIdentifier", dialect.Object{"system": profiles.IdentifierPolicy, "value": number}),
	}
	if day := dialect.Text(dialect.Extension(p, "date"), "valueDate"); day != "" {
		list = append(list, parameter("date", "valueDate", day))
	}
	if method := dialect.Code(dialect.Child(dialect.Extension(p, "type"), "valueCodeableConcept"), ""); method != "" {
		list = append(list, parameter("method", "valueCode", method))
	}
	if paper != "" {
		list = append(list, parameter("receipt", "valueString", paper))
	}
	return list
}

// parameter gives one of an operation's.
func parameter(name, kind string, value any) dialect.Object {
	return dialect.Object{"name": name, kind: value}
}

// question asks an operation of [base].
func (c *call) question(path string, list []any) (*connect.Answer, bool) {
	if failed := c.finder.Failed(); failed != nil {
		return failed, false
	}
	a := c.gate.Ask(c.r, connect.Question{
		Method: http.MethodPost, Path: path,
		Body: dialect.Write(dialect.Object{"resourceType": "Parameters", "parameter": list}),
	})
	return a, a.OK()
}
