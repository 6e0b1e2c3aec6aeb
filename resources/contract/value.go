package contract

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/parameters"
)

// A household is how many of each kind a policy is paid for. Other relatives are
// never part of the lump sum. Source: openIMIS, relationship 7.
type household struct{ adults, children, otherChildren, otherAdults int }

func (h household) size() int { return h.adults + h.children + h.otherChildren + h.otherAdults }

// householdOf counts members by their age on a day; who has no birth date is an
// adult.
func (p *product) householdOf(list []member, on day) household {
	var h household
	for _, m := range list {
		adult := m.adult(on, p.majority)
		switch {
		case m.other && adult:
			h.otherAdults++
		case m.other:
			h.otherChildren++
		case adult:
			h.adults++
		default:
			h.children++
		}
	}
	return h
}

// cut leaves at most so many, in the order adults, children, other children,
// other adults: later groups lose first. Source: openIMIS, max_members.
func (h household) cut(most int) household {
	left := most
	for _, n := range []*int{&h.adults, &h.children, &h.otherChildren, &h.otherAdults} {
		*n = min(*n, left)
		left -= *n
	}
	return h
}

// A line is one kind of cost of a contribution.
type line struct {
	kind     string // of insurance-plan-general-cost-type
	text     string
	quantity int
	amount   fhir.Amount
}

// A valuation is what a policy costs and why.
type valuation struct {
	lines    []line
	percent  fhir.Decimal // of the discount
	discount fhir.Amount
	total    fhir.Amount
	counted  household // who it is for
}

// sum adds up the lines.
func (v *valuation) sum() (sum fhir.Amount) {
	for _, l := range v.lines {
		sum += l.amount
	}
	return sum
}

// isFee reports whether a cost is for joining, not for cover.
func isFee(kind string) bool {
	switch kind {
	case costRegistrationLump, costRegistrationFee, costAssemblyLump, costAssemblyFee:
		return true
	}
	return false
}

// value works out what a household pays under the terms.
//
// Source: openIMIS, policy value, with its defects corrected: other relatives
// are told from the rest; without a lump sum every member pays his premium; and
// the discount for enrolling early needs no more than that the plan has cycles.
func (p *product) value(h household, t terms, registration bool) valuation {
	if p.membersMax > 0 {
		h = h.cut(p.membersMax)
	}
	v := valuation{counted: h}
	p.contributions(&v, h)
	p.perHead(&v, costAssemblyLump, costAssemblyFee, "General assembly", h.size())
	if registration {
		p.perHead(&v, costRegistrationLump, costRegistrationFee, "Registration", h.size())
	}
	p.reduce(&v, t)
	v.total = v.sum() - v.discount
	return v
}

// contributions adds lump sum and premiums.
func (p *product) contributions(v *valuation, h household) {
	adults, children, beyond := h.adults, h.children, ""
	if p.costs[costLump] > 0 {
		p.add1(v, costLump, "Family", 1)
		adults, children = 0, 0
		if p.threshold > 0 {
			adults = max(0, h.adults-p.threshold)
			children = max(0, h.children+h.adults-adults-p.threshold)
		}
		beyond = fmt.Sprintf(" beyond the first %d members", p.threshold)
	}
	p.add1(v, costAdult, "Adults"+beyond, adults)
	p.add1(v, costChild, "Children"+beyond, children)
	p.add1(v, costAdult, "Other relatives, adults", h.otherAdults)
	p.add1(v, costChild, "Other relatives, children", h.otherChildren)
}

// perHead adds a cost of the whole policy or else one for each member.
func (p *product) perHead(v *valuation, lump, fee, text string, size int) {
	if p.costs[lump] > 0 {
		p.add1(v, lump, text, 1)
		return
	}
	p.add1(v, fee, text+", each member", size)
}

// add1 adds a line of so many times a cost, unless it comes to nothing.
func (p *product) add1(v *valuation, kind, text string, quantity int) {
	if amount := p.costs[kind] * fhir.Amount(quantity); amount > 0 {
		v.lines = append(v.lines, line{kind: kind, text: text, quantity: quantity, amount: amount})
	}
}

// reduce takes off the largest discount that the terms earn, rounded to what the
// currency is paid in.
func (p *product) reduce(v *valuation, t terms) {
	for _, d := range p.discounts {
		last, ok := p.add(t.start, d.before, -1)
		if d.stage != t.stage || d.stage == stageEnrolment && len(p.cycles) == 0 || !ok || t.enrolled > last {
			continue
		}
		off, fits := v.sum().Percent(d.percent)
		if off = off.Round(fhir.MinorUnits(p.currency)); fits && off > v.discount {
			v.discount, v.percent = off, d.percent
		}
	}
}

// fit covers no more members than the plan does: those its value counts, in the
// order adults, children, other children, other adults, of which later ones lose
// first. Who names members names no more than that. Source: openIMIS,
// max_members, which counts no more and leaves open who is covered.
func (o *offer) fit() error {
	most, list := o.product.membersMax, o.holder.members
	if most == 0 || len(list) <= most {
		return nil
	}
	if o.named {
		return refuse(parameters.Expression("member"), "the plan covers %d members at most, and %d are named", most, len(list))
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b member) int { return o.rank(a) - o.rank(b) })
	o.holder.members = list[:most]
	return nil
}

// rank gives the place of a member's group in that order; the head is first.
func (o *offer) rank(m member) int {
	adult := m.adult(o.terms.enrolled, o.product.majority)
	switch {
	case m.head:
		return 0
	case m.other && adult:
		return 4
	case m.other:
		return 3
	case adult:
		return 1
	}
	return 2
}
