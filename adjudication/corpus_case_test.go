package adjudication_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// A caseParser reads a case of the corpus: one fact a line, in any order that
// names things before they are used.
//
//	claim TZS AMB 2026-09-14..2026-09-16 referred made 2026-09-17 today 2026-09-18
//	patient female 1990-03-01
//	facility hospital out anywhere contract 2026-01-01.. suspended 2026-03-01..2026-03-31 lists HOSPITAL@..2026-06-30 DISPENSARY
//	service S-310 price HOSPITAL 90000 in TZS from 2026-01-01 category S female child ages 5..60 care in every 180 days valid 2026-01-01..
//	plan DHP TZS majority 18 hospital-setting tracks
//	plan DHP S-310 covered | share 20 AMB | unit-maximum 70000 EMER | waiting 6 months adult | authorise IMP | quantity 2 individual year adult
//	plan DHP all ceiling 600000 family year | deductible 5000 individual year | visits 4 individual pregnancy
//	plan DHP set:CHRONIC=S-310,S-320 covered | visits 12 individual year
//	policy A plan DHP 2026-01-10..2026-12-31 member 2026-02-01.. order 1 renewal stopped members 6 waiting-from 2026-01-01 use-from 2026-01-01
//	earlier Contract/A benefit 2026-03-01 550000
//	earlier Patient/p visit|category:S 2026-03-01 1
//	line 1 S-310 1 x 100000 on 2026-09-14
//
// What a scheme may ask beyond that is read in corpus_rules_test.go and
// corpus_payers_test.go.
type caseParser struct {
	t       testing.TB
	c       adjudication.Case
	plans   map[string]*adjudication.Plan
	tariffs map[string]*adjudication.Tariff
	parts   map[string][]adjudication.Part // of the packages
	ledger  []fhir.Entry
}

func parseCase(t testing.TB, text string) adjudication.Case {
	t.Helper()
	p := &caseParser{t: t, plans: map[string]*adjudication.Plan{}, tariffs: map[string]*adjudication.Tariff{}, parts: map[string][]adjudication.Part{}}
	p.c.Posts = true
	p.c.Patient.Account = "Patient/p"
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		read, ok := map[string]func([]string){
			"claim": p.claim, "patient": p.patient, "facility": p.facility, "service": p.service,
			"plan": p.plan, "policy": p.policy, "earlier": p.earlier, "line": p.line,
			"reserved": p.reserved, "other-paid": func(w []string) { p.c.OtherPaid = p.amount(w[0]) }, "accident": p.accident, "wage": p.wage,
			"problem": func(w []string) {
				p.c.Problems = append(p.c.Problems, adjudication.Problem{Expression: w[0], Text: strings.Join(w[1:], " ")})
			},
		}[words[0]]
		if !ok {
			t.Fatalf("the case says %q, which is no fact", words[0])
		}
		read(words[1:])
	}
	if p.c.Inquiry {
		p.c = adjudication.Priced(p.c)
	}
	for _, tally := range p.c.Tallies(fhir.Key{}) {
		p.c.Learn(tally, answer(p.ledger, tally))
	}
	return p.c
}

// answer sums a ledger as fhir.Reader.Tally does.
func answer(ledger []fhir.Entry, t fhir.Tally) []fhir.Balance {
	var sums []fhir.Balance
	for _, e := range ledger {
		if !slices.Contains(t.Accounts, e.Account) || (t.From != 0 || t.To != 0) && (e.Day < t.From || e.Day >= t.To) {
			continue
		}
		sums = append(sums, fhir.Balance{Account: e.Account, Bucket: e.Bucket, Value: e.Value, LastDay: e.Day})
	}
	return sums
}

func service(code string) adjudication.Code { return adjudication.Code{Code: code} }

// category gives openIMIS's category of a letter, or one of the scheme's own,
// "scheme:physio".
func category(code string) adjudication.Code {
	if own, ok := strings.CutPrefix(code, "scheme:"); ok {
		return adjudication.Code{System: "https://scheme.example/kinds", Code: own}
	}
	return adjudication.Code{System: profiles.SystemOpenIMISServiceKind, Code: code}
}

func (p *caseParser) amount(s string) fhir.Amount {
	p.t.Helper()
	a, err := fhir.ParseAmount(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// reason reads why a reviewer refuses or cuts: a code of adjustment-reason, as no
// other is taken of him.
func (p *caseParser) reason(s string) adjudication.Reason {
	p.t.Helper()
	reason, ok := adjudication.ReasonOf(s)
	if !ok {
		p.t.Fatalf("the reviewer says %q, which is no reason", s)
	}
	return reason
}

func (p *caseParser) number(s string) int {
	p.t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *caseParser) day(s string) adjudication.Day {
	p.t.Helper()
	d, err := time.Parse("2006-01-02", s)
	if err != nil {
		p.t.Fatal(err)
	}
	return adjudication.DayOf(d)
}

func (p *caseParser) period(s string) adjudication.Period {
	p.t.Helper()
	from, to, ranged := strings.Cut(s, "..")
	if !ranged {
		to = from
	}
	period := adjudication.Always()
	if from != "" {
		period.From = p.day(from)
	}
	if to != "" {
		period.To = p.day(to)
	}
	return period
}

func (p *caseParser) claim(w []string) {
	p.c.Currency = strings.Trim(w[0], "-")
	p.c.Visit = map[string]adjudication.Visit{"AMB": adjudication.Ambulatory, "EMER": adjudication.Emergency, "IMP": adjudication.Inpatient}[w[1]]
	if w[2] != "undated" {
		p.c.Treatment, p.c.Dated = p.period(w[2]), true
	}
	p.c.Referred = slices.Contains(w, "referred")
	p.c.Duplicate = slices.Contains(w, "duplicate")
	p.c.Inquiry = slices.Contains(w, "inquiry")
	p.c.Reserves = slices.Contains(w, "reserves")
	p.c.Posts = !p.c.Inquiry && !p.c.Reserves && !slices.Contains(w, "estimate")
	if i := slices.Index(w, "today"); i > 0 {
		p.c.Today, p.c.Clocked = p.day(w[i+1]), true
	}
	if i := slices.Index(w, "made"); i > 0 {
		p.c.Claimed, p.c.Made, p.c.Stamped = p.day(w[i+1]), p.day(w[i+1]), true
	}
	p.presenceRules(w)
}

var sexes = map[string]adjudication.Sex{"female": adjudication.Female, "male": adjudication.Male, "other": adjudication.OtherSex}

func (p *caseParser) patient(w []string) {
	p.c.Patient.Sex = sexes[w[0]]
	if len(w) > 1 {
		p.c.Patient.Born, p.c.Patient.HasBirth = p.day(w[1]), true
	}
	p.patientRules(w)
}

var cares = map[string]adjudication.Care{"in": adjudication.CareInpatient, "out": adjudication.CareOutpatient}

func (p *caseParser) facility(w []string) {
	for i, word := range w {
		switch word {
		case "hospital":
			p.c.Facility.Hospital = true
		case "in", "out":
			p.c.Facility.Care = cares[word]
		case "anywhere":
			p.c.Facility.Anywhere = true
		case "level":
			p.c.Facility.Levels = append(p.c.Facility.Levels, service(w[i+1]))
		case "contract":
			contract := p.period(w[i+1])
			p.c.Facility.Contract = &contract
		case "suspended":
			p.c.Facility.Suspended = append(p.c.Facility.Suspended, p.period(w[i+1]))
		case "lists":
			for _, word := range w[i+1:] {
				list, days, dated := strings.Cut(word, "@")
				listing := adjudication.Listing{List: service(list), Valid: adjudication.Always()}
				if dated {
					listing.Valid = p.period(days)
				}
				p.c.Facility.PriceLists = append(p.c.Facility.PriceLists, listing)
			}
			return
		}
	}
}

func (p *caseParser) service(w []string) {
	tariff := &adjudication.Tariff{Service: service(w[0]), Valid: adjudication.Always()}
	p.tariffs[w[0]] = tariff
	tariffRules(tariff, w)
	p.packaged(w[0], w)
	for i := 1; i < len(w); i++ {
		switch w[i] {
		case "price":
			tariff.Prices = append(tariff.Prices, adjudication.Price{List: service(strings.Trim(w[i+1], "-")), Amount: p.amount(w[i+2]), Currency: "TZS", Valid: adjudication.Always()})
			i += 2
		case "in":
			tariff.Prices[len(tariff.Prices)-1].Currency = w[i+1]
			i++
		case "valid":
			tariff.Valid = p.period(w[i+1])
			i++
		case "ages":
			from, to, _ := strings.Cut(w[i+1], "..")
			tariff.AgeFrom, tariff.AgeTo = p.number(cmp.Or(from, "0")), p.number(cmp.Or(to, "0"))
			i++
		case "from", "to":
			if last := &tariff.Prices[len(tariff.Prices)-1]; w[i] == "from" {
				last.Valid.From = p.day(w[i+1])
			} else {
				last.Valid.To = p.day(w[i+1])
			}
			i++
		case "category":
			tariff.Categories = append(tariff.Categories, category(w[i+1]))
			i++
		case "female", "male":
			tariff.Sexes = append(tariff.Sexes, sexes[w[i]])
		case "adult", "child":
			tariff.Ages = append(tariff.Ages, ages[w[i]])
		case "care":
			tariff.Care = cares[w[i+1]]
			i++
		case "every":
			tariff.FrequencyDays = p.number(w[i+1])
			i++
		case "retired":
			tariff.Retired = true
		}
	}
}

var ages = map[string]adjudication.Age{"adult": adjudication.Adult, "child": adjudication.Child}

func (p *caseParser) plan(w []string) {
	plan := p.plans[w[0]]
	if plan == nil {
		plan = &adjudication.Plan{Name: w[0], Currency: strings.Trim(w[1], "-"), AgeOfMajority: 18, All: &adjudication.Cover{}}
		plan.Services, plan.Categories = map[adjudication.Code]*adjudication.Cover{}, map[adjudication.Code]*adjudication.Cover{}
		plan.HospitalSetting, plan.Tracks = slices.Contains(w, "hospital-setting"), slices.Contains(w, "tracks")
		if i := slices.Index(w, "majority"); i > 0 {
			plan.AgeOfMajority = p.number(w[i+1])
		}
		p.planRules(plan, w)
		p.planPayers(plan, w)
		p.plans[w[0]] = plan
		return
	}
	cover, target := plan.All, ""
	switch kind, code, isCategory := strings.Cut(w[1], ":"); {
	case kind == "set":
		cover, target = p.set(plan, code)
	case isCategory:
		cover, target = entry(plan.Categories, category(code)), category(code).String()
		_ = kind
	case w[1] != "all":
		cover, target = entry(plan.Services, service(w[1])), w[1]
	}
	for rule := range strings.SplitSeq(strings.Join(w[2:], " "), "|") {
		if w := strings.Fields(rule); !coverRule(plan, cover, w) && !p.wageRule(plan, cover, w) {
			p.rule(cover, target, w)
		}
	}
}

// set gives what a plan says on a set of services, "CHRONIC=S-1,S-2".
func (p *caseParser) set(plan *adjudication.Plan, words string) (*adjudication.Cover, string) {
	name, services, _ := strings.Cut(words, "=")
	cover := &adjudication.Cover{}
	if plan.Sets == nil {
		plan.Sets = map[adjudication.Code][]*adjudication.Cover{}
	}
	for _, s := range codes(services) {
		plan.Sets[s] = append(plan.Sets[s], cover)
	}
	plan.Listed = append(plan.Listed, adjudication.ServiceSet{URL: name, Cover: cover})
	return cover, name
}

func entry(m map[adjudication.Code]*adjudication.Cover, c adjudication.Code) *adjudication.Cover {
	if m[c] == nil {
		m[c] = &adjudication.Cover{}
	}
	return m[c]
}

func (p *caseParser) rule(cover *adjudication.Cover, target string, w []string) {
	switch w[0] {
	case "covered":
		cover.Covered = true
	case "authorise":
		cover.Authorised = append(cover.Authorised, adjudication.Authorisation{When: when(w[1:], false)})
	case "own":
		cover.Origin = adjudication.OriginOwn
	case "relative":
		cover.Origin = adjudication.OriginRelative
	case "exempt":
		cover.Exempt = append(cover.Exempt, adjudication.Exemption{When: when(w[1:], true)})
	case "waiting":
		waiting := adjudication.Waiting{When: when(w[2:], false)}
		if i := slices.Index(w, "days"); i > 0 {
			waiting.Days = p.number(w[i-1])
		}
		if len(w) < 3 || w[2] != "days" {
			waiting.Months = p.number(w[1])
		}
		cover.Waiting = append(cover.Waiting, waiting)
	case "share":
		cover.Shares = append(cover.Shares, adjudication.Term{Value: p.amount(w[1]), When: when(w[2:], false)})
	case "share-maximum":
		cover.ShareMaximum = append(cover.ShareMaximum, adjudication.Term{Value: p.amount(w[1]), When: when(w[2:], false)})
	case "unit-maximum":
		cover.UnitMaximum = append(cover.UnitMaximum, adjudication.Term{Value: p.amount(w[1]), When: when(w[2:], false)})
	case "copay":
		per := map[string]adjudication.Per{"line": adjudication.PerLine, "unit": adjudication.PerUnit, "claim": adjudication.PerTreatment}[w[2]]
		cover.Copays = append(cover.Copays, adjudication.Copay{Amount: p.amount(w[1]), Per: per, When: when(w[3:], false)})
	case "quantity":
		cover.Quantities = append(cover.Quantities, p.limit("use", target, w))
	case "visits":
		cover.Visits = append(cover.Visits, p.limit("visit", target, w))
	case "ceiling":
		cover.Ceilings = append(cover.Ceilings, p.limit("benefit", target, w))
	case "deductible":
		cover.Deductibles = append(cover.Deductibles, p.limit("deductible", target, w))
	default:
		p.t.Fatalf("the plan says %q, which is no rule", w[0])
	}
}

// when reads a condition; of money, AMB and IMP mean the setting.
func when(w []string, money bool) (c adjudication.When) {
	for _, word := range w {
		switch word {
		case "AMB":
			if money {
				c.Setting = adjudication.SettingOutpatient
			} else {
				c.Visit = adjudication.Ambulatory
			}
		case "IMP":
			if money {
				c.Setting = adjudication.SettingInpatient
			} else {
				c.Visit = adjudication.Inpatient
			}
		case "EMER":
			c.Visit = adjudication.Emergency
		case "referred":
			c.Referred = true
		case "adult", "child":
			c.Age = ages[word]
		}
		if group, ok := strings.CutPrefix(word, "group:"); ok {
			c.Group = group
		}
	}
	return c
}

func (p *caseParser) limit(counts, target string, w []string) adjudication.Limit {
	l := adjudication.Limit{Maximum: p.amount(w[1]), Scope: adjudication.ScopeIndividual, Target: target}
	money := counts == "benefit" || counts == "deductible"
	l.When = when(w[2:], money)
	for i, word := range w {
		switch word {
		case "treatment":
			l.Scope = adjudication.ScopeTreatment
		case "family":
			l.Scope = adjudication.ScopeFamily
		case "extra":
			l.Extra = adjudication.Extra{Threshold: p.number(w[i+1]), Amount: p.amount(w[i+2]), Maximum: p.amount(w[i+3])}
		}
		if span, ok := map[string]adjudication.TimeSpan{
			"year": adjudication.SpanYear, "day": adjudication.SpanDay,
			"pregnancy": adjudication.SpanPregnancy, "lifetime": adjudication.SpanLifetime,
		}[word]; ok {
			l.Span = span
		}
	}
	switch when := l.When; {
	case money:
		l.Bucket = adjudication.BucketOf(counts, target, when)
	case counts == "visit":
		when.Age = adjudication.AnyAge
		l.Bucket, l.Shared = adjudication.BucketOf(counts, target, when), adjudication.BucketOf("visits", target, adjudication.When{})
	default:
		l.Bucket = adjudication.BucketOf(counts, target, adjudication.When{})
	}
	return l
}

func (p *caseParser) policy(w []string) {
	policy := adjudication.Policy{
		Name: w[0], Account: "Contract/" + w[0], Member: "Contract/" + w[0] + "|Patient/p",
		Plan: p.plans[w[2]], Policy: p.period(w[3]), WaitingFrom: adjudication.FirstDay,
	}
	policy.Covered = policy.Policy
	for i, word := range w {
		switch word {
		case "member":
			policy.Covered = p.period(w[i+1])
		case "order":
			policy.Order = p.number(w[i+1])
		case "members":
			policy.Members = p.number(w[i+1])
		case "waiting-from":
			policy.WaitingFrom = p.day(w[i+1])
		case "use-from":
			policy.UseFrom = p.day(w[i+1])
		case "groups":
			policy.Groups = strings.Split(w[i+1], ",")
		case "renewal":
			policy.Renewal = true
		case "stopped":
			policy.Stopped = true
		}
	}
	p.c.Policies = append(p.c.Policies, policy)
}

func (p *caseParser) earlier(w []string) {
	p.ledger = append(p.ledger, fhir.Entry{Account: w[0], Bucket: strings.Replace(w[1], "category:", categorySystem, 1), Day: p.day(w[2]), Value: int64(p.amount(w[3]))})
}

// categorySystem is what the corpus writes as "category:".
const categorySystem = profiles.SystemOpenIMISServiceKind + "|"

func (p *caseParser) line(w []string) {
	price := p.amount(w[4])
	l := adjudication.Line{
		Sequence: p.number(w[0]), Service: service(w[1]), Quantity: p.amount(w[2]), UnitPrice: price,
		Tariff: p.tariffs[w[1]], Served: p.c.Treatment,
	}
	asked, ok := price.Times(l.Quantity.Decimal())
	if !ok {
		p.t.Fatal("the line asks too much")
	}
	l.Asked = asked
	for i, word := range w {
		switch word {
		case "on":
			l.Served = p.period(w[i+1])
		case "net":
			l.Asked = p.amount(w[i+1])
		case "in":
			l.Currency = w[i+1]
		case "review-quantity":
			q := p.amount(w[i+1])
			l.Review = cmp.Or(l.Review, &adjudication.Review{})
			l.Review.Quantity = &q
		case "review-price":
			q := p.amount(w[i+1])
			l.Review = cmp.Or(l.Review, &adjudication.Review{})
			l.Review.Price = &q
		case "authorised":
			l.Authorised = true
		case "for":
			l.Diagnoses = codes(w[i+1])
		case "unsuitable":
			l.Unsuitable = true
		case "review-rejected":
			l.Review = &adjudication.Review{Rejected: true}
		case "review-reason":
			l.Review = &adjudication.Review{Rejected: true, Reason: p.reason(w[i+1])}
		case "review-because":
			l.Review = cmp.Or(l.Review, &adjudication.Review{})
			l.Review.Reason = p.reason(w[i+1])
		case "review-note":
			l.Review = cmp.Or(l.Review, &adjudication.Review{})
			l.Review.Note = strings.ReplaceAll(w[i+1], "_", " ")
		}
	}
	p.linePayers(&l, w)
	p.c.Lines = append(p.c.Lines, l)
}
