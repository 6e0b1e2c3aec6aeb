package employer

import (
	"fmt"
	"math/big"

	"bima/adjudication/terms"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A plan is what a term of a contract asks for an employee who is in it.
type plan struct {
	code     string   // of the term, and of InsurancePlan.plan
	product  fhir.Key // the InsurancePlan
	version  int64    // the one that was bought
	currency string
	employee share
	employer share
	floor    *fhir.Amount // of income; nil is none
	ceiling  *fhir.Amount
}

// A share is per cent of income, or a fixed amount.
type share struct {
	percent fhir.Decimal
	fixed   fhir.Amount
	rated   bool // percent counts, not fixed
}

// of gives the share of an income, rounded half up to what the currency is paid
// in. An income is at most amountMax and a share at most all of it.
func (s share) of(income fhir.Amount, currency string) fhir.Amount {
	if !s.rated {
		return s.fixed
	}
	step := int64(1)
	for range 4 - fhir.MinorUnits(currency) {
		step *= 10
	}
	// Rounded once, from the exact product: floor(income × per cent / 100 / step + ½) × step.
	exact := new(big.Rat).Mul(big.NewRat(int64(income), 100*step), s.percent.Rat())
	exact.Add(exact, big.NewRat(1, 2))
	steps := new(big.Int).Div(exact.Num(), exact.Denom())
	return fhir.Amount(steps.Int64() * step)
}

// A contribution is what is asked for one employee under one plan in a month.
type contribution struct{ employee, employer fhir.Amount }

func (c contribution) total() fhir.Amount { return c.employee + c.employer }

func (c contribution) minus(other contribution) contribution {
	return contribution{c.employee - other.employee, c.employer - other.employer}
}

// needsIncome reports whether the plan asks for per cent of something.
func (p *plan) needsIncome() bool { return p.employee.rated || p.employer.rated }

// contribution works out what is asked for an income.
func (p *plan) contribution(income fhir.Amount) contribution {
	if p.floor != nil {
		income = max(income, *p.floor)
	}
	if p.ceiling != nil {
		income = min(income, *p.ceiling)
	}
	return contribution{p.employee.of(income, p.currency), p.employer.of(income, p.currency)}
}

// planOf reads the plan of a term, of the version that is pinned, or of the
// current one.
func planOf(r fhir.Reader, term fhir.Node, at string) (*plan, error) {
	p := &plan{code: term.At("identifier", "value").Text(), product: r4.Target(term.At("offer", "topic"))}
	if p.product.Type != "InsurancePlan" {
		return nil, refuse(at+".offer.topic", "a term is about an InsurancePlan of this server")
	}
	resource, err := p.bought(r, term)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
		return nil, refuse(at+".offer.topic", "there is no %s", p.product)
	}
	if err != nil {
		return nil, err
	}
	p.version = resource.Version
	n, err := parse(resource)
	if err != nil {
		return nil, err
	}
	if compiled, _ := terms.CompilePlan(n); compiled != nil {
		p.currency = compiled.Currency
	}
	for offered := range n.Get("plan").Each() {
		if p.named(offered) {
			return p, p.read(offered.Extension(profiles.ExtensionEmploymentContribution), at)
		}
	}
	return nil, refuse(at+".identifier", "%s has no plan %.40q; give the term the number of one (InsurancePlan.plan.identifier)", p.product, p.code)
}

// bought gives the version of the product that the term pins, else the current.
func (p *plan) bought(r fhir.Reader, term fhir.Node) (*fhir.Resource, error) {
	for asset := range term.Get("asset").Each() {
		for item := range asset.Get("valuedItem").Each() {
			if version := pinned(item.At("entityReference", "reference").Text(), p.product); version > 0 {
				return r.ReadVersion(p.product, version)
			}
		}
	}
	return r.Read(p.product)
}

func pinned(reference string, product fhir.Key) int64 {
	var version int64
	if _, err := fmt.Sscanf(reference, product.String()+"/_history/%d", &version); err != nil {
		return 0
	}
	return version
}

// pin names the very version that was bought.
func (p *plan) pin() reference {
	return reference{Reference: fmt.Sprintf("%s/_history/%d", p.product, p.version)}
}

func (p *plan) named(offered fhir.Node) bool {
	for id := range offered.Get("identifier").Each() {
		if id.Get("value").Text() == p.code && p.code != "" {
			return true
		}
	}
	return false
}

// read reads what the plan asks of whom.
func (p *plan) read(e fhir.Node, at string) error {
	if !e.Exists() {
		return refuse(at+".identifier", "the plan %s of %s does not say what is asked of employee and employer; give it the extension %s", p.code, p.product, profiles.ExtensionEmploymentContribution)
	}
	wrong := func(what string) error {
		return refuse(at+".offer.topic", "the plan %s of %s has %s that is no percentage from 0 to 100 and no amount of 0 or more in its one currency", p.code, p.product, what)
	}
	for _, s := range []struct {
		name string
		into *share
	}{{"employee", &p.employee}, {"employer", &p.employer}} {
		if said := e.Extension(s.name); said.Exists() && !p.share(said, s.into) {
			return wrong("a share of the " + s.name)
		}
	}
	for _, b := range []struct {
		name string
		into **fhir.Amount
	}{{"floor", &p.floor}, {"ceiling", &p.ceiling}} {
		if said := e.Extension(b.name); said.Exists() {
			value, ok := p.money(said.Get("valueMoney"))
			if !ok {
				return wrong("a " + b.name)
			}
			*b.into = &value
		}
	}
	if p.floor != nil && p.ceiling != nil && *p.floor > *p.ceiling {
		return wrong("a floor above its ceiling, and one of them")
	}
	return nil
}

func (p *plan) share(said fhir.Node, into *share) bool {
	if fixed := said.Get("valueMoney"); fixed.Exists() {
		var ok bool
		into.fixed, ok = p.money(fixed)
		return ok
	}
	percent, err := fhir.ParseDecimal(said.Get("valueDecimal").Text())
	hundred, _ := fhir.ParseDecimal("100")
	into.percent, into.rated = percent, true
	return err == nil && percent.Sign() >= 0 && percent.Cmp(hundred) <= 0
}

func (p *plan) money(n fhir.Node) (fhir.Amount, bool) {
	m, ok := moneyOf(n)
	if p.currency == "" {
		p.currency = m.Currency
	}
	return m.Value, ok && m.Value >= 0 && m.Currency == p.currency
}
