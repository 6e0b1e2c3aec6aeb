package simulation

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bima/adjudication/facts"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// listedDefault and listedMax are how many changed claims an answer lists.
	listedDefault, listedMax = 1000, 100_000
	// tariffsMax is how many changed tariffs one simulation takes.
	tariffsMax = 1000
	// versionsMax bounds the InsurancePlans of one product.
	versionsMax = 1000
)

// read reads what InsurancePlan/$simulate was given.
func (s Settings) read(r fhir.Reader, on fhir.Key, in *fhir.Resource) (q Question, a *answerer, err error) {
	f, err := parameters.Of(in)
	if err != nil {
		return q, nil, err
	}
	if err := f.Only("plan", "version", "tariff", "period", "limit", "listed"); err != nil {
		return q, nil, err
	}
	q = Question{Zone: s.zone(), Base: s.Base}
	if q.From, q.To, err = period(f); err != nil {
		return q, nil, err
	}
	if q.Limit, err = count(f, "limit", 0, ClaimsMax); err != nil {
		return q, nil, err
	}
	listed, err := count(f, "listed", listedDefault, listedMax)
	if err != nil {
		return q, nil, err
	}
	if err := q.product(r, on, f); err != nil {
		return q, nil, err
	}
	for i, p := range indexed(f.Root().Get("parameter")) {
		if p.Get("name").Text() != "tariff" {
			continue
		}
		if err := q.Tariff(p.Get("resource"), fmt.Sprintf("Parameters.parameter[%d].resource", i)); err != nil {
			return q, nil, err
		}
	}
	a, err = newAnswerer(listed)
	return q, a, err
}

// product reads the product and how it is changed: by a resource, or by one of its
// versions that are stored.
func (q *Question) product(r fhir.Reader, on fhir.Key, f parameters.Form) error {
	var keys []fhir.Key
	if on.ID != "" {
		switch stored, err := r.Read(on); {
		case err != nil:
			return err
		case stored.Deleted:
			return fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted; ask at InsurancePlan/$simulate, with one of its versions as version", on)
		}
		keys = []fhir.Key{on}
	}
	for i, p := range indexed(f.Root().Get("parameter")) {
		at := fmt.Sprintf("Parameters.parameter[%d]", i)
		switch name := p.Get("name").Text(); {
		case name != "plan" && name != "version":
			continue
		case q.Plan != nil:
			return fhir.Errorf(fhir.IssueInvalid, at, "give one changed product, as plan or as version")
		case name == "plan":
			if err := q.Change(r, p.Get("resource"), at+".resource", keys...); err != nil {
				return err
			}
		default:
			n, k, err := version(r, p.Get("valueReference"), at+".valueReference")
			if err != nil {
				return err
			}
			if err := q.Change(r, n, at+".valueReference", append(keys, k)...); err != nil {
				return err
			}
		}
	}
	if q.Plan != nil || len(keys) == 0 {
		return nil
	}
	n, err := fhir.Tree(r, keys[0])
	if err != nil {
		return err
	}
	q.Products, err = products(r, n, keys)
	return err
}

// version reads a stored version of a product.
func version(r fhir.Reader, ref fhir.Node, at string) (fhir.Node, fhir.Key, error) {
	literal := fhir.ParseReference(ref.Get("reference").Text(), r4.IsResource)
	if literal.Type != "InsurancePlan" || literal.ID == "" {
		return fhir.Node{}, fhir.Key{}, fhir.Errorf(fhir.IssueValue, at, "version refers to an InsurancePlan of this server, such as InsurancePlan/health-plan/_history/2")
	}
	number, err := strconv.ParseInt(literal.Version, 10, 64)
	var found *fhir.Resource
	if literal.Version == "" {
		found, err = r.Read(literal.Key)
	} else if err == nil {
		found, err = r.ReadVersion(literal.Key, number)
	}
	if err != nil || found.Deleted {
		return fhir.Node{}, fhir.Key{}, fhir.Errorf(fhir.IssueNotFound, at, "there is no %.100q", literal.URL)
	}
	doc, err := fhir.Parse(found.Body)
	if err != nil {
		return fhir.Node{}, fhir.Key{}, err
	}
	return doc.Root(), literal.Key, nil
}

// Change makes the Question one of a changed product: for policies that bought it
// in any version, and InsurancePlans that count as it besides. It refuses, as
// business rules, what no claim can be decided by; at is where the InsurancePlan
// stands in what was asked.
func (q *Question) Change(r fhir.Reader, n fhir.Node, at string, besides ...fhir.Key) error {
	if n.Get("resourceType").Text() != "InsurancePlan" {
		return fhir.Errorf(fhir.IssueInvalid, at, "the changed product is an InsurancePlan, not %.60q", n.Get("resourceType").Text())
	}
	plan, issues, err := facts.PlanOf(r, n)
	if err != nil {
		return err
	}
	if plan == nil {
		return refused(issues, "InsurancePlan", at)
	}
	keys := besides
	if id := n.Get("id").Text(); fhir.ValidID(id) {
		keys = append(keys, fhir.Key{Type: "InsurancePlan", ID: id})
	}
	if q.Products, err = products(r, n, keys); err != nil {
		return err
	}
	if len(q.Products) == 0 {
		return fhir.Errorf(fhir.IssueBusinessRule, at, "it is not clear which product is changed: give the InsurancePlan the id of a stored one or the product's identifier (%s), or ask at InsurancePlan/[id]", profiles.IdentifierProduct)
	}
	q.Plan = plan
	return nil
}

// refused gives the errors of a product or tariff that does not compile, each at
// its element of what was asked.
func refused(issues []fhir.Issue, typ, at string) error {
	o := &fhir.Outcome{}
	for _, issue := range issues {
		if issue.Severity == fhir.SeverityError {
			issue.Expression = at + strings.TrimPrefix(issue.Expression, typ)
			o.Issues = append(o.Issues, issue)
		}
	}
	return o
}

// products gives those of some InsurancePlans that are stored, and all others that
// bear the same product's identifier.
func products(r fhir.Reader, n fhir.Node, keys []fhir.Key) ([]fhir.Key, error) {
	stored, err := r.ReadMany(keys)
	if err != nil {
		return nil, err
	}
	var list []fhir.Key
	add := func(found []*fhir.Resource) {
		for _, p := range found {
			if !slices.Contains(list, p.Key) {
				list = append(list, p.Key)
			}
		}
	}
	add(stored)
	number := n.Identifier(profiles.IdentifierProduct)
	if number == "" {
		return list, nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: versionsMax, Where: fhir.Match{
		Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
		Value: fhir.TokenValue{System: profiles.IdentifierProduct, Code: number},
	}})
	if err != nil {
		return nil, err
	}
	add(page.Resources)
	return list, nil
}

// Tariff adds a changed ChargeItemDefinition; at is where it stands.
func (q *Question) Tariff(n fhir.Node, at string) error {
	if n.Get("resourceType").Text() != "ChargeItemDefinition" {
		return fhir.Errorf(fhir.IssueInvalid, at, "a changed tariff is a ChargeItemDefinition, not %.60q", n.Get("resourceType").Text())
	}
	if tariff, issues := terms.CompileTariff(n); tariff == nil {
		return refused(issues, "ChargeItemDefinition", at)
	}
	if len(q.Tariffs) >= tariffsMax {
		return fhir.Errorf(fhir.IssueTooCostly, at, "at most %d tariffs are changed at once", tariffsMax)
	}
	id := cmp.Or(n.Get("id").Text(), fmt.Sprintf("changed-%d", len(q.Tariffs)+1))
	q.Tariffs = append(q.Tariffs, &fhir.Resource{Key: fhir.Key{Type: "ChargeItemDefinition", ID: id}, Body: slices.Clone(n.Raw())})
	return nil
}

// period reads the days on which claims were made.
func period(f parameters.Form) (from, to string, err error) {
	p := f.Value("period")
	ends := [2]string{}
	for i, name := range []string{"start", "end"} {
		text := p.Get(name).Text()
		if text == "" {
			continue
		}
		d, err := fhir.ParseDateTime(text)
		if err != nil || d.Precision < fhir.PrecisionDay {
			return "", "", fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "the period is of days, such as 2026-01-31; %.40q is none", text)
		}
		ends[i] = text[:len("2026-01-31")]
	}
	if ends[0] != "" && ends[1] != "" && ends[0] > ends[1] {
		return "", "", fhir.Errorf(fhir.IssueValue, parameters.Expression("period"), "the period ends before it begins")
	}
	return ends[0], ends[1], nil
}

// count reads a number from 1 to a greatest one.
func count(f parameters.Form, name string, otherwise, most int) (int, error) {
	v := f.Value(name)
	if !v.Exists() {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v.Text())
	if err != nil || n < 1 || n > most {
		return 0, fhir.Errorf(fhir.IssueValue, parameters.Expression(name), "%s is a number from 1 to %d, not %.40q", name, most, v.Text())
	}
	return n, nil
}

func indexed(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for e := range n.Each() {
		list = append(list, e)
	}
	return list
}
