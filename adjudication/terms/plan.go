package terms

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/profiles"
)

// majorityYears is the age of an adult in a plan that does not say.
const majorityYears = 18

// CompilePlan makes a Plan of an InsurancePlan. The issues are errors for
// parameters that contradict themselves, such as a share of 120 %, and warnings
// for what the decision does not go by; with any error the Plan is nil. Sets of services
// are left empty; see CompilePlanWith.
func CompilePlan(n fhir.Node) (*adjudication.Plan, []fhir.Issue) { return CompilePlanWith(n, nil) }

// CompilePlanWith is CompilePlan with the services of the sets that the InsurancePlan
// names. One that is not among them is an error.
func CompilePlanWith(n fhir.Node, sets Sets) (*adjudication.Plan, []fhir.Issue) {
	c := &planCompiler{sets: sets, plan: &adjudication.Plan{
		Name:          n.Get("name").Text(),
		AgeOfMajority: majorityYears,
		Services:      map[adjudication.Code]*adjudication.Cover{},
		Categories:    map[adjudication.Code]*adjudication.Cover{},
		All:           &adjudication.Cover{},
		Tracks:        tracks(n),
	}}
	c.parameters(n)
	c.rules(n)
	for i, coverage := range Indexed(n.Get("coverage")) {
		for j, benefit := range Indexed(coverage.Get("benefit")) {
			c.benefit(benefit, fmt.Sprintf("InsurancePlan.coverage[%d].benefit[%d]", i, j))
		}
	}
	for i, plan := range Indexed(n.Get("plan")) {
		for j, cost := range Indexed(plan.Get("specificCost")) {
			for k, benefit := range Indexed(cost.Get("benefit")) {
				c.costs(benefit, fmt.Sprintf("InsurancePlan.plan[%d].specificCost[%d].benefit[%d]", i, j, k))
			}
		}
	}
	c.compare()
	c.review(n)
	if fhir.Failed(c.issues) {
		return nil, c.issues
	}
	return c.plan, c.issues
}

// A planCompiler is one run of CompilePlan.
type planCompiler struct {
	plan   *adjudication.Plan
	issues []fhir.Issue
	said   map[string]string // what was said, and where
	placed []placed
	sets   Sets                           // nil where none were given
	found  map[string]*adjudication.Cover // of sets, by their URLs
}

func (c *planCompiler) wrong(at, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Expression: at, Diagnostics: fmt.Sprintf(format, args...),
	})
}

// overlooked tells of what is passed over though it says something. A product that is
// written is refused for it; one that was sold goes on deciding.
func (c *planCompiler) overlooked(at, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{
		Severity: fhir.SeverityWarning, Code: fhir.IssueBusinessRule, Expression: at, Diagnostics: fmt.Sprintf(format, args...),
	})
}

func (c *planCompiler) ignored(at, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{
		Severity: fhir.SeverityWarning, Code: fhir.IssueNotSupported, Expression: at, Diagnostics: fmt.Sprintf(format, args...),
	})
}

// parameters reads what holds for the whole plan.
func (c *planCompiler) parameters(n fhir.Node) {
	if e := Extension(n, profiles.ExtensionAgeOfMajority); e.Exists() {
		years, ok := Amount(e.Get("valueUnsignedInt"))
		if !ok || years < 0 || years > 150*OneUnit {
			c.wrong("InsurancePlan.extension('"+profiles.ExtensionAgeOfMajority+"')", "the age of majority is a number of years up to 150")
		}
		c.plan.AgeOfMajority = int(years / OneUnit)
	}
	c.plan.HospitalSetting = Extension(n, profiles.ExtensionCeilingScope).Get("valueCode").Text() == "hospital"
}

// Indexed gives the elements of an element that may repeat.
func Indexed(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for e := range n.Each() {
		list = append(list, e)
	}
	return list
}

// A target is what an entry of a plan is about.
type target struct {
	cover *adjudication.Cover
	name  string            // in buckets and explanations; "" for all benefits
	when  adjudication.When // in- or out-patient benefits only
	whole bool              // it describes the policy itself, not what is covered
}

// target finds the Covers an entry fills. A code that is no category of
// openIMIS may be a service or a scheme's own category: both find it.
func (c *planCompiler) target(benefit fhir.Node, at string) (t target, ok bool) {
	if e := Extension(benefit, profiles.ExtensionServiceSet); e.Exists() {
		return c.set(benefit.Get("type"), e.Get("valueCanonical").Text(), at)
	}
	codes := Codings(benefit.Get("type"))
	if len(codes) == 0 {
		c.ignored(at+".type", "the entry has no coded type, so nothing is decided by it")
		return t, false
	}
	code := codes[0]
	switch code.System {
	case SystemInsurancePlanType:
		return target{cover: &adjudication.Cover{}, whole: true}, true
	case profiles.SystemBenefit:
		if say, known := qualifierCodes[code]; known {
			var q qualifier
			say(&q)
			return target{cover: c.plan.All, when: q.when}, true
		}
	}
	t = target{cover: &adjudication.Cover{}, name: code.String()}
	if have := c.plan.Categories[code]; have != nil {
		t.cover = have
	}
	c.plan.Categories[code] = t.cover
	if code.System != profiles.SystemOpenIMISServiceKind {
		c.plan.Services[code] = t.cover
	}
	return t, true
}

// tracks reports whether a product only records what is done.
func tracks(n fhir.Node) bool {
	return slices.ContainsFunc(Indexed(n.Get("type")), func(concept fhir.Node) bool {
		return concept.Code(profiles.SystemProductKind) == "tracking"
	})
}

// review compiles which claims of the product a person must see.
func (c *planCompiler) review(n fhir.Node) {
	rules, issues := selection.Compile(n)
	c.plan.Review, c.issues = rules, append(c.issues, issues...)
}
