package employer

import (
	"fmt"
	"slices"
	"strings"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// coveragesMax bounds how many Coverages of one person are looked at.
const coveragesMax = 200

// systemClass tells what a Coverage.class is.
const systemClass = "http://terminology.hl7.org/CodeSystem/coverage-class"

// lastDay stands for an open end.
const lastDay = day(1<<31 - 1)

// A cover is a Coverage as it is stored.
type cover struct {
	key      fhir.Key
	node     fhir.Node
	contract fhir.Key
	person   fhir.Key
	product  fhir.Key
	plan     string // its code
	from, to day
	inForce  bool // its status is active
}

func coverOf(k fhir.Key, n fhir.Node) *cover {
	c := &cover{
		key: k, node: n, person: r4.Target(n.Get("beneficiary")), inForce: n.Get("status").Text() == "active", to: lastDay,
		product:  r4.Target(n.Extension(profiles.ExtensionCoverageInsurancePlan).Get("valueReference")),
		contract: r4.Target(n.Get("contract").First()),
	}
	for class := range n.Get("class").Each() {
		if class.Get("type").Code(systemClass) == "plan" {
			c.plan = class.Get("value").Text()
		}
	}
	c.from, _ = adjudication.ReadDay(n.At("period", "start").Text())
	if end, ok := adjudication.ReadLastDay(n.At("period", "end").Text()); ok {
		c.to = end
	}
	return c
}

// waitingFrom gives the day waiting periods count from.
func (c *cover) waitingFrom() day {
	if from, ok := adjudication.ReadDay(c.node.Extension(profiles.ExtensionCoverageWaitingFrom).Get("valueDate").Text()); ok {
		return from
	}
	return c.from
}

// covers gives the Coverages of a contract that are in use, by person and product.
func (c *contract) covers(r fhir.Reader) ([]*cover, error) {
	var list []*cover
	err := each(r, "Coverage", refers("contract", c.key), func(k fhir.Key, n fhir.Node) error {
		if one := coverOf(k, n); one.inForce {
			list = append(list, one)
		}
		return nil
	})
	slices.SortFunc(list, func(a, b *cover) int { return strings.Compare(a.key.ID, b.key.ID) })
	return list, err
}

// end ends a cover with a day; one that would begin after it is cancelled.
func (c *cover) end(tx fhir.Tx, last day) error {
	if c.to <= last {
		return nil
	}
	e := fhir.NewEdit(c.node.Document())
	if c.from > last {
		e.Set(c.node, "status", datatype.JSON("cancelled"))
		e.SetExtension(c.node, profiles.ExtensionCoverageState, "valueCode", datatype.JSON("cancelled"))
	} else {
		e.Set(c.node.Get("period"), "end", datatype.JSON(adjudication.WriteDay(last)))
	}
	_, err := tx.Update(&fhir.Resource{Key: c.key, Body: e.Bytes()}, 0)
	return err
}

// endCover ends all cover under the contract.
func (c *contract) endCover(tx fhir.Tx, last day) error {
	all, err := c.covers(tx)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := one.end(tx, last); err != nil {
			return err
		}
	}
	return nil
}

// A beginning is who is to be covered under which plan, from when to when.
type beginning struct {
	contract *contract
	plan     *plan
	person   fhir.Key
	from, to day
	waiting  day // 0 where it is to be found
}

// begin covers a person, unless the same product covers him already: then from the
// day after that, if there is one.
func (b beginning) begin(tx fhir.Tx) (fhir.Key, error) {
	if err := tx.Lock(b.person.String()); err != nil {
		return fhir.Key{}, err
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: refers("beneficiary", b.person)})
	if err != nil {
		return fhir.Key{}, err
	}
	var others []*cover
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return fhir.Key{}, err
		}
		if c := coverOf(resource.Key, n); c.inForce && c.product == b.plan.product {
			others = append(others, c)
		}
	}
	slices.SortFunc(others, func(x, y *cover) int { return int(x.from) - int(y.from) })
	waiting := b.from
	for _, o := range others {
		if o.from <= b.from && o.to >= b.from-1 {
			waiting = o.waitingFrom()
			b.from = max(b.from, min(o.to, lastDay-1)+1)
		} else if o.from > b.from {
			b.to = min(b.to, o.from-1)
		}
	}
	if b.waiting == 0 {
		b.waiting = min(waiting, b.from)
	}
	if b.from > b.to {
		return fhir.Key{}, nil
	}
	person, err := fhir.Tree(tx, b.person)
	if err != nil {
		return fhir.Key{}, err
	}
	number, err := b.freeNumber(tx)
	if err != nil {
		return fhir.Key{}, err
	}
	stored, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Coverage"}, Body: b.spell(number, person.Identifier(profiles.IdentifierInsuranceNumber))})
	if err != nil {
		return fhir.Key{}, err
	}
	return stored.Key, nil
}

// coveredBy gives the cover that a person has by a plan's product on a day or later:
// under that plan, else under another.
func coveredBy(covers []*cover, person fhir.Key, p *plan, on day) (found *cover) {
	for _, c := range covers {
		if c.person == person && c.product == p.product && c.to >= on && (found == nil || c.plan == p.code) {
			found = c
		}
	}
	return found
}

// move lets a cover go on under another plan of its product from a day on, without a
// gap and with what was waited, to a last day. What was used is counted for contract
// and person, so it stays.
func (c *contract) move(tx fhir.Tx, old *cover, now *plan, from, last day) error {
	b := beginning{
		contract: c, plan: now, person: old.person,
		from: max(old.from, from), to: min(old.to, last), waiting: old.waitingFrom(),
	}
	if err := old.end(tx, b.from-1); err != nil {
		return err
	}
	_, err := b.begin(tx)
	return err
}

// freeNumber gives the number of the Coverage: of contract, person, plan and first
// day, with a suffix where one that began so was cancelled.
func (b beginning) freeNumber(r fhir.Reader) (string, error) {
	base := fmt.Sprintf("%s-%s-%s-%s", b.contract.number, b.person.ID, b.plan.code, adjudication.WriteDay(b.from))
	number := base
	for n := 2; ; n++ {
		_, taken, err := r.Owner(fhir.UniqueKey{Type: "Coverage", Name: profiles.IdentifierMembership, Value: number})
		if err != nil || !taken {
			return number, err
		}
		number = fmt.Sprintf("%s-%d", base, n)
	}
}

type coverageJSON struct {
	ResourceType string       `json:"resourceType"`
	Extension    []extension  `json:"extension"`
	Identifier   []identifier `json:"identifier"`
	Status       string       `json:"status"`
	Type         concept      `json:"type"`
	PolicyHolder reference    `json:"policyHolder"`
	Subscriber   reference    `json:"subscriber"`
	SubscriberID string       `json:"subscriberId,omitempty"`
	Beneficiary  reference    `json:"beneficiary"`
	Relationship concept      `json:"relationship"`
	Period       period       `json:"period"`
	Payor        []rawJSON    `json:"payor"`
	Class        []classJSON  `json:"class"`
	Contract     []reference  `json:"contract"`
}

type classJSON struct {
	Type  concept `json:"type"`
	Value string  `json:"value"`
}

// spell writes the Coverage with its number, of a person with an insurance number.
func (b beginning) spell(number, insured string) []byte {
	plan := b.plan.pin()
	return datatype.JSON(coverageJSON{
		ResourceType: "Coverage",
		Extension: []extension{
			{URL: profiles.ExtensionCoverageState, ValueCode: "active"},
			{URL: profiles.ExtensionCoverageWaitingFrom, ValueDate: adjudication.WriteDay(b.waiting)},
			{URL: profiles.ExtensionCoverageInsurancePlan, ValueReference: &plan},
		},
		Identifier: []identifier{datatype.Number(profiles.IdentifierMembership, number)},
		Status:     "active", Type: datatype.Of("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HIP"),
		PolicyHolder: datatype.To(b.contract.employer), Subscriber: datatype.To(b.person), SubscriberID: insured, Beneficiary: datatype.To(b.person),
		Relationship: datatype.Of("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
		Period:       datatype.Between(adjudication.WriteDay(b.from), adjudication.WriteDay(b.to)), Payor: []rawJSON{b.contract.insurer.Raw()},
		Class: []classJSON{
			{datatype.Of(systemClass, "plan"), b.plan.code}, {datatype.Of(systemClass, "group"), b.contract.number},
		},
		Contract: []reference{datatype.To(b.contract.key)},
	})
}
