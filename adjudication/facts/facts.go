package facts

import (
	"fmt"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// Facts reads Cases and keeps what it compiled. It is safe for concurrent use.
type Facts struct {
	base    string // the absolute URL of [base], so that references by it are our own
	zone    *time.Location
	plans   cache[compiled]
	tariffs shelf
	held    held
	codes   glossary

	supposed *supposition
}

// A supposition has policies that bought some products be decided by another plan.
type supposition struct {
	plan     *adjudication.Plan
	products map[fhir.Key]bool
}

// Suppose has the policies that bought some products, in whatever version, be decided
// by another plan, and asked what that asks. It is called before all else.
func (f *Facts) Suppose(plan *adjudication.Plan, products map[fhir.Key]bool) {
	f.supposed = &supposition{plan, products}
}

// New makes a Facts for a server whose [base] has the absolute URL base; with ""
// only relative references and identifiers are resolved. zone is the scheme's, by
// which a moment is of a day; nil is UTC.
func New(base string, zone *time.Location) *Facts {
	if zone == nil {
		zone = time.UTC
	}
	return &Facts{base: strings.TrimSuffix(base, "/"), zone: zone}
}

// day gives the day of a date, or of a moment by the scheme's clock.
func (f *Facts) day(n fhir.Node) (adjudication.Day, bool) {
	if at, err := time.Parse(time.RFC3339, n.Text()); err == nil {
		return adjudication.DayOf(at.In(f.zone)), true
	}
	return terms.FirstDay(n)
}

// An Undecidable is why a case can't be decided for now though everybody in it
// is known: a plan or tariff that does not compile. It asks for a person.
type Undecidable struct {
	Key    fhir.Key // the resource at fault
	Issues []fhir.Issue
}

// Error names the resource and what is wrong with it.
func (u *Undecidable) Error() string {
	parts := make([]string, len(u.Issues))
	for i, issue := range u.Issues {
		parts[i] = issue.String()
	}
	return fmt.Sprintf("%s can't be decided by: %s", u.Key, strings.Join(parts, "; "))
}

// parse gives the tree of a stored resource.
func parse(r *fhir.Resource) (fhir.Node, error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return fhir.Node{}, fmt.Errorf("the stored %s version %d is no JSON: %w", r.Key, r.Version, err)
	}
	return doc.Root(), nil
}

// readAll reads resources in one go, as trees by key. What is not there is absent.
func readAll(r fhir.Reader, keys []fhir.Key) (map[fhir.Key]stored, error) {
	if len(keys) == 0 {
		return map[fhir.Key]stored{}, nil
	}
	return trees(r.ReadMany(keys))
}

// readAhead is readAll along with what is asked of the reader next, where it can.
func readAhead(r fhir.Reader, keys []fhir.Key) func() (map[fhir.Key]stored, error) {
	ahead, ok := r.(fhir.Ahead)
	if !ok || len(keys) == 0 {
		return func() (map[fhir.Key]stored, error) { return readAll(r, keys) }
	}
	read := ahead.ReadAhead(keys)
	return func() (map[fhir.Key]stored, error) { return trees(read()) }
}

func trees(list []*fhir.Resource, err error) (map[fhir.Key]stored, error) {
	if err != nil {
		return nil, err
	}
	found := make(map[fhir.Key]stored, len(list))
	for _, resource := range list {
		node, err := parse(resource)
		if err != nil {
			return nil, err
		}
		found[resource.Key] = stored{Resource: resource, node: node}
	}
	return found, nil
}

// A stored is a resource with its tree.
type stored struct {
	*fhir.Resource
	node fhir.Node
}

// The code systems of HL7 and CARIN that answers use.
const (
	SystemAdjudicationHL7    = "http://terminology.hl7.org/CodeSystem/adjudication"
	SystemAdjudicationCARIN  = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
	SystemAdjudicationReason = "http://terminology.hl7.org/CodeSystem/adjudication-reason"
)
