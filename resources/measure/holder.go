package measure

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// holders are some of those who hold policies, of one type and place, with their
// policies and what is asked of them.
type holders struct {
	list     []stored
	known    map[fhir.Key]bool
	policies []policy
	byKey    map[fhir.Key]policy
	bills    []bill
	byBill   map[fhir.Key]bill
}

// A bill is an Invoice for contributions that is not withdrawn.
type bill struct {
	key, policy, holder fhir.Key
	gross, left         int64
}

// holders reads who holds policies at a place, some at a time: families, persons
// by themselves, and employers.
func (s *scheme) holders(r fhir.Reader, p place, do func(*holders) error) error {
	for _, typ := range []string{"Group", "Patient", "Organization"} {
		err := s.residents(r, typ, p, func(list []stored) error {
			h := &holders{list: list, known: map[fhir.Key]bool{}, byKey: map[fhir.Key]policy{}, byBill: map[fhir.Key]bill{}}
			ids := make([]string, len(list))
			for i, one := range list {
				ids[i], h.known[one.Key] = one.ID, true
			}
			if err := s.readPolicies(r, h, typ, ids); err != nil {
				return err
			}
			if typ != "Group" && len(h.policies) == 0 {
				return nil
			}
			if err := s.readBills(r, h, typ, ids); err != nil {
				return err
			}
			return do(h)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scheme) readPolicies(r fhir.Reader, h *holders, typ string, ids []string) error {
	return each(r, "Contract", refersToAny("subject", typ, ids), func(c stored) error {
		p, ok, err := s.policy(r, c)
		if ok && h.known[p.holder] {
			h.policies = append(h.policies, p)
			h.byKey[p.key] = p
		}
		return err
	})
}

func (s *scheme) readBills(r fhir.Reader, h *holders, typ string, ids []string) error {
	return each(r, "Invoice", refersToAny("subject", typ, ids), func(i stored) error {
		status := i.node.Get("status").Text()
		b := bill{
			key: keep(i.Key), holder: keep(r4.Target(i.node.Get("subject"))),
			policy: keep(r4.Target(i.node.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))),
		}
		if !h.known[b.holder] || i.node.Get("type").Code(profiles.SystemOpenIMISInvoiceType) != "contribution" && b.policy.IsZero() {
			return nil
		}
		if status == "issued" || status == "balanced" {
			gross, ours := s.amount(i.node.Get("totalGross"))
			left, known := s.amount(i.node.Extension(profiles.ExtensionInvoiceBalance).Get("valueMoney"))
			if !known && status == "issued" {
				left = gross
			}
			if ours {
				b.gross, b.left = gross, left
			}
			h.bills = append(h.bills, b)
		}
		h.byBill[b.key] = b // of one that is withdrawn what was paid still counts
		return nil
	})
}

// paid gives the option of HF_PAYST of a family on a day, as is known now.
func (h *holders) paid(own []policy, on adjudication.Day) string {
	state := "NOPOL"
	for _, p := range own {
		waits := p.state == "offered" || p.state == "ready" || p.state == "draft"
		switch {
		case p.inForce && p.days.covers(on):
			return h.paidOf(p, "PAID")
		case waits && p.agreed.covers(on):
			state = h.paidOf(p, "UNPAID")
		}
	}
	return state
}

// paidOf gives how far a policy is paid; without a bill it is what is said.
func (h *holders) paidOf(p policy, without string) string {
	var gross, left int64
	billed := false
	for _, b := range h.bills {
		if b.policy == p.key {
			billed, gross, left = true, gross+b.gross, left+b.left
		}
	}
	switch {
	case !billed:
		return without
	case left <= 0:
		return "PAID"
	case left < gross:
		return "PARTIAL"
	}
	return "UNPAID"
}

// key gives the resource an extension refers to.
func key(n fhir.Node, url string) fhir.Key {
	return r4.Target(n.Extension(url).Get("valueReference"))
}
