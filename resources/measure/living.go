package measure

import (
	"context"
	"errors"
	"slices"
	"strings"

	"bima/fhir"
)

// holding are the types of those who live at a place and may hold a policy: families,
// persons by themselves, and employers.
var holding = []string{"Group", "Patient", "Organization"}

// living selects who may live at a place; of some it is another of that name.
func living(p place) fhir.Criterion {
	at := fhir.Any{refers("village", p.key)}
	if p.name != "" {
		at = append(at, named("address-city", p.name))
	}
	return at
}

// unit fills a residence with what is counted of one unit, by queries for its places.
func (h *residence) unit(r fhir.Reader, u unit) error {
	ids := map[string][]string{}
	of := h.ward
	if u.set == setFin {
		of = h.district
	}
	for _, p := range h.tree.within(u.place, of) {
		for _, typ := range holding {
			err := pages(r, typ, living(p), func(list []stored) error {
				found, err := h.reside(r, list)
				ids[typ] = append(ids[typ], found...)
				if err != nil || typ != "Patient" || u.set != setEnrol {
					return err
				}
				return h.cover(r, list, found)
			})
			if err != nil {
				return err
			}
		}
	}
	return h.means(r, u, ids)
}

// reside notes some of those who live here, and gives the ids of who is new.
func (h *residence) reside(r fhir.Reader, list []stored) (found []string, err error) {
	for _, one := range list {
		k := h.of(one.Key)
		if _, known := h.living[k]; known {
			continue
		}
		if err := h.lives(r, one); err != nil {
			return nil, err
		}
		if _, here := h.living[k]; here {
			found = append(found, strings.Clone(one.ID))
		}
	}
	return found, nil
}

// cover notes who some persons are, and their cover.
func (h *residence) cover(r fhir.Reader, list []stored, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	keys := make([]fhir.Key, len(ids))
	for i, id := range ids {
		keys[i] = fhir.Key{Type: "Patient", ID: id}
	}
	poverty, err := world{Reader: r}.poverty(keys)
	if err != nil {
		return err
	}
	for _, one := range list {
		h.people.list(one.Key, h.person(one.node, ""), poverty[one.Key])
	}
	return each(r, "Coverage", refersToAny("beneficiary", "Patient", ids), func(c stored) error { return h.coverage(r, c) })
}

// means notes the policies of who lives in a unit, what they are asked for them, and
// of a district what is paid.
func (h *residence) means(r fhir.Reader, u unit, ids map[string][]string) error {
	var bills []string
	for _, next := range []struct {
		typ, param string
		do         func(stored) error
	}{
		{"Contract", "subject", func(c stored) error { return h.contract(r, c, false) }},
		{"Invoice", "subject", func(i stored) error {
			if h.invoice(i) {
				bills = append(bills, strings.Clone(i.ID))
			}
			return nil
		}},
	} {
		for _, typ := range holding {
			if err := eachThatRefers(r, next.typ, next.param, typ, ids[typ], next.do); err != nil {
				return err
			}
		}
	}
	if u.set != setFin {
		return nil
	}
	if err := h.lack(r); err != nil {
		return err
	}
	pay := func(p stored) error { return h.payment(r, p) }
	if err := eachThatRefers(r, "PaymentReconciliation", "invoice", "Invoice", bills, pay); err != nil {
		return err
	}
	for _, typ := range holding {
		for _, param := range []string{"payer", "payee"} {
			if err := eachThatRefers(r, "PaymentReconciliation", param, typ, ids[typ], pay); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachThatRefers reads all of a type that refer to one of many, one by one; some more
// than once.
func eachThatRefers(r fhir.Reader, typ, param, to string, ids []string, do func(stored) error) error {
	for some := range slices.Chunk(ids, readPage) {
		where := refersToAny(param, to, some)
		if typ == "PaymentReconciliation" {
			where = fhir.All{is("direction", "in"), where}
		}
		if err := each(r, typ, where, do); err != nil {
			return err
		}
	}
	return nil
}

// everybody counts units of members and contributions by reading all that there is. It
// gives who all persons are, too; nothing where there are more than are held in memory.
func (s *scheme) everybody(ctx context.Context, r fhir.Reader, wanted map[unit][]month) (map[unit]book, *census, error) {
	for _, typ := range []string{"Patient", "Group"} {
		if n, err := howMany(r, typ, nil); err != nil || n > censusMax {
			return nil, nil, err
		}
	}
	select {
	case s.walks <- struct{}{}:
		defer func() { <-s.walks }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	h, books := s.residence(wanted)
	if err := h.all(ctx, r); err != nil {
		return nil, nil, err
	}
	h.count()
	return books, h.people, nil
}

// all fills a residence with what is counted of all places.
func (h *residence) all(ctx context.Context, r fhir.Reader) error {
	for _, next := range []struct {
		typ  string
		pick *fhir.Picker
		do   func(fhir.Reader, stored) error
	}{
		{"Group", ofHousehold, func(r fhir.Reader, g stored) error {
			h.people.family(g)
			return h.lives(r, g)
		}},
		{"Patient", ofResident, func(r fhir.Reader, p stored) error {
			h.people.list(p.Key, h.person(p.node, ""), "")
			return h.lives(r, p)
		}},
		{"Organization", ofOrganization, h.lives},
		{"Coverage", ofCoverage, h.coverage},
		{"Contract", ofContract, func(r fhir.Reader, c stored) error { return h.contract(r, c, false) }},
		{"Invoice", ofInvoice, func(_ fhir.Reader, i stored) error {
			h.invoice(i)
			return nil
		}},
		{"PaymentReconciliation", ofPayment, h.payment},
	} {
		if next.typ == "PaymentReconciliation" {
			if err := h.lack(r); err != nil {
				return err
			}
		}
		if err := h.stream(ctx, r, next.typ, next.pick, next.do); err != nil {
			return err
		}
	}
	return nil
}

// stream reads what is picked of all resources of a type, a page while the next is
// fetched. do is given no Reader then; what it wants one for it is given again.
func (h *residence) stream(ctx context.Context, r fhir.Reader, typ string, pick *fhir.Picker, do func(fhir.Reader, stored) error) error {
	var later []*fhir.Resource
	read := make(chan error, 1)
	read <- nil
	again := func() error {
		err := <-read
		if err == nil {
			err = eachOf(later, pick, func(one stored) error { return do(r, one) })
		}
		later = nil
		return err
	}
	err := resourcesOf(r, h.page, typ, nil, func(page []*fhir.Resource) error {
		err := again()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			read <- nil
			return err
		}
		go func() {
			read <- eachOf(page, pick, func(one stored) error {
				err := do(nil, one)
				if errors.Is(err, errLater) {
					later, err = append(later, one.Resource), nil
				}
				return err
			})
		}()
		return nil
	})
	if last := again(); err == nil {
		err = last
	}
	return err
}
