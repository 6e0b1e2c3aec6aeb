package facts

import (
	"slices"
	"strings"
	"time"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/fhir/path"
)

// compilePlans gives each policy with a pin its plan. Pinned versions that were
// compiled before need no reading at all.
func (f *Facts) compilePlans(r fhir.Reader, pins []pin, policies []adjudication.Policy) error {
	var current []fhir.Key
	for i, p := range pins {
		switch {
		case p.key.IsZero():
		case f.supposed != nil && f.supposed.products[p.key]:
			policies[i].Plan = f.supposed.plan
		case p.version == 0:
			current = append(current, p.key)
		default:
			plan, err := f.pinnedPlan(r, p)
			if err != nil {
				return err
			}
			policies[i].Plan = plan
		}
	}
	if len(current) == 0 {
		return nil
	}
	list, err := r.ReadMany(current)
	if err != nil {
		return err
	}
	for _, resource := range list {
		plan, err := f.plan(r, resource)
		if err != nil {
			return err
		}
		for i, p := range pins {
			if p.key == resource.Key && p.version == 0 {
				policies[i].Plan = plan
			}
		}
	}
	return nil
}

func (f *Facts) pinnedPlan(r fhir.Reader, p pin) (*adjudication.Plan, error) {
	if plan, ok, err := f.kept(r, versioned(p)); ok || err != nil {
		return plan, err
	}
	resource, err := r.ReadVersion(p.key, p.version)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return f.plan(r, resource)
}

// plan compiles a version of an InsurancePlan, once.
func (f *Facts) plan(r fhir.Reader, resource *fhir.Resource) (*adjudication.Plan, error) {
	at := versioned{resource.Key, resource.Version}
	if plan, ok, err := f.kept(r, at); ok || err != nil {
		return plan, err
	}
	n, err := parse(resource)
	if err != nil {
		return nil, err
	}
	urls := terms.ServiceSets(n)
	sets, of, err := serviceSets(r, urls)
	if err != nil {
		return nil, err
	}
	plan, issues := terms.CompilePlanWith(n, sets)
	if plan == nil {
		return nil, &Undecidable{Key: resource.Key, Issues: issues}
	}
	if settled(r, resource) && !slices.ContainsFunc(of, func(set *fhir.Resource) bool { return !settled(r, set) }) {
		f.plans.keep(at, compiled{plan, urls, versionsOf(of)})
	}
	return plan, nil
}

// A compiled is a plan with the sets of services that it names, and the versions of
// them that it was compiled with.
type compiled struct {
	plan *adjudication.Plan
	urls []string
	sets []versioned
}

// kept gives the plan of a version that was compiled before. One that names sets of
// services holds as long as they are those that it was compiled with.
func (f *Facts) kept(r fhir.Reader, at versioned) (*adjudication.Plan, bool, error) {
	have, ok := f.plans.has(at)
	if !ok || len(have.urls) == 0 {
		return have.plan, ok, nil
	}
	found, err := setsNamed(r, have.urls)
	if err != nil || !slices.Equal(versionsOf(found), have.sets) {
		return nil, false, err
	}
	return have.plan, true, nil
}

// setsPage is how many versions of a set of services are read at a time.
const setsPage = 20

// setsNamed gives for each canonical URL the ValueSet in use that it means: of the
// version that it names, else the one stored last. Those that are not there are left out.
func setsNamed(r fhir.Reader, urls []string) ([]*fhir.Resource, error) {
	var found []*fhir.Resource
	for _, canonical := range urls {
		best, err := setNamed(r, canonical)
		if err != nil {
			return nil, err
		}
		if best != nil {
			found = append(found, best)
		}
	}
	return found, nil
}

func setNamed(r fhir.Reader, canonical string) (best *fhir.Resource, _ error) {
	url, version, _ := strings.Cut(canonical, "|")
	where := fhir.All{
		fhir.Match{Param: fhir.Param{Code: "url", Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: url}},
		fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true}},
	}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"ValueSet"}, Limit: setsPage, After: after, Where: where})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			n, err := parse(resource)
			if err != nil {
				return nil, err
			}
			if (version == "" || n.Get("version").Text() == version) && (best == nil || resource.Updated.After(best.Updated)) {
				best = resource
			}
		}
		if after = page.Next; after == "" {
			return best, nil
		}
	}
}

func versionsOf(list []*fhir.Resource) (versions []versioned) {
	for _, resource := range list {
		versions = append(versions, versioned{resource.Key, resource.Version})
	}
	return versions
}

// serviceSets gives the services of the sets that a plan names, and the ValueSets.
func serviceSets(r fhir.Reader, urls []string) (terms.Sets, []*fhir.Resource, error) {
	found, err := setsNamed(r, urls)
	if err != nil {
		return nil, nil, err
	}
	sets := terms.Sets{}
	for _, resource := range found {
		n, err := parse(resource)
		if err != nil {
			return nil, nil, err
		}
		services, err := terms.ServicesOf(n)
		if err != nil {
			return nil, nil, &Undecidable{Key: resource.Key, Issues: fhir.OutcomeOf(err).Issues}
		}
		for _, canonical := range urls {
			if url, version, _ := strings.Cut(canonical, "|"); url == n.Get("url").Text() && (version == "" || version == n.Get("version").Text()) {
				sets[canonical] = services
			}
		}
	}
	return sets, found, nil
}

// PlanOf compiles an InsurancePlan with the sets of services that it names, as they are
// stored now. The issues are those of terms.CompilePlan; it fails with an *Undecidable
// where a set can't be decided by.
func PlanOf(r fhir.Reader, n fhir.Node) (*adjudication.Plan, []fhir.Issue, error) {
	sets, _, err := serviceSets(r, terms.ServiceSets(n))
	if err != nil {
		return nil, nil, err
	}
	plan, issues := terms.CompilePlanWith(n, sets)
	return plan, issues, nil
}

// settling is how old a version must be to be kept: one written in this
// transaction, or in one that commits together with it, may yet be undone, and
// another then bear its number.
const settling = 2 * time.Second

func settled(r fhir.Reader, resource *fhir.Resource) bool {
	tx, writes := r.(fhir.Tx)
	return !writes || resource.Updated.Add(settling).Before(tx.Now())
}

// A tariff is a compiled ChargeItemDefinition with the codes it is found by.
type tariff struct {
	*adjudication.Tariff
	codes      []adjudication.Code
	parts      []adjudication.Part // of a package
	conditions []*path.Expression  // all must be true of a line
}

// tariffsAsked bounds the codes of one search, tariffsEach the versions of one
// service that may be in the register.
const (
	tariffsAsked = 50
	tariffsEach  = 8
)

// register gives the tariffs of services: those kept whose stamp still holds, and
// the others from the register. The stamps are read first: what changes between
// is found again under its new one. Along with them it reads the sums of other
// accounts.
func (f *Facts) register(r fhir.Reader, services []adjudication.Code, all fhir.Tally) ([]*tariff, []fhir.Balance, error) {
	if len(services)+len(all.Accounts) == 0 {
		return nil, nil, nil
	}
	current, others, err := stamps(r, services, all)
	if err != nil {
		return nil, nil, err
	}
	var found []*tariff
	var missing []adjudication.Code
	for i, service := range services {
		if have, ok := f.tariffs.get(service, current[i]); ok {
			found = append(found, have...)
		} else {
			missing = append(missing, service)
		}
	}
	read, err := readTariffs(r, missing)
	if err != nil {
		return nil, others, err
	}
	for i, service := range services {
		if current[i] == 0 || !slices.Contains(missing, service) {
			continue
		}
		var own []*tariff
		for _, t := range read {
			if t.names(service) {
				own = append(own, t)
			}
		}
		f.tariffs.put(service, current[i], own)
	}
	return append(found, read...), others, nil
}

// readTariffs reads and compiles the tariffs of services.
func readTariffs(r fhir.Reader, services []adjudication.Code) ([]*tariff, error) {
	var found []*tariff
	for len(services) > 0 {
		n := min(len(services), tariffsAsked)
		var codes fhir.Any
		for _, s := range services[:n] {
			for _, param := range []string{"code", "identifier"} { // see terms.ServiceCodes
				codes = append(codes, fhir.Match{
					Param: fhir.Param{Code: param, Kind: fhir.ParamToken},
					Value: fhir.TokenValue{System: s.System, Code: s.Code, AnySystem: s.System == ""},
				})
			}
		}
		page, err := r.Search(&fhir.Query{Types: []string{"ChargeItemDefinition"}, Where: codes, Limit: n * tariffsEach})
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			t, err := tariffOf(resource)
			if err != nil {
				return nil, err
			}
			found = append(found, t)
		}
		services = services[n:]
	}
	return found, nil
}

// tariffOf compiles a ChargeItemDefinition.
func tariffOf(resource *fhir.Resource) (*tariff, error) {
	n, err := parse(resource)
	if err != nil {
		return nil, err
	}
	compiled, issues := terms.CompileTariff(n)
	if compiled == nil {
		return nil, &Undecidable{Key: resource.Key, Issues: issues}
	}
	where, issues := conditions(n, compiled)
	if len(issues) > 0 {
		return nil, &Undecidable{Key: resource.Key, Issues: issues}
	}
	_, parts := terms.Package(n)
	return &tariff{Tariff: compiled, codes: terms.ServiceCodes(n), parts: parts, conditions: where}, nil
}

// choose gives the tariff of a service for its days: one in use before one that
// is not, one that holds on the days before one that does not. Of equals the
// first found, which is the newest.
func choose(found []*tariff, service adjudication.Code, served adjudication.Period) *tariff {
	var best *tariff
	rank := -1
	for _, t := range found {
		if !t.names(service) {
			continue
		}
		n := 0
		if !t.Retired {
			n++
		}
		if t.Valid.Contains(served) {
			n += 2
		}
		if n > rank {
			best, rank = t, n
		}
	}
	return best
}

// names reports whether the tariff is of a service; a code without a system is
// that of any.
func (t *tariff) names(service adjudication.Code) bool {
	for _, c := range t.codes {
		if c == service || service.System == "" && c.Code == service.Code {
			return true
		}
	}
	return false
}
