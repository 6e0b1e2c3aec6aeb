package measure

import (
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// Books are the books of facilities, as far as they are wanted.
type books struct {
	months []month
	of     map[fhir.Key]book
	only   fhir.Key // the one facility that is wanted; zero is all
}

func newBooks(months []month) *books { return &books{months: months, of: map[fhir.Key]book{}} }

// at gives the book of a facility, nil where it is not wanted.
func (l *books) at(facility fhir.Key) book {
	if facility.Type != "Organization" || !l.only.IsZero() && facility != l.only {
		return nil
	}
	b, there := l.of[facility]
	if !there {
		b = newBook(l.months)
		l.of[keep(facility)] = b
	}
	return b
}

// facility counts HF_CLAIM of a facility: its answers since the first month began,
// those that wait, and those that were given before to claims that say they are made
// later, with their claims.
func (s *scheme) facility(r fhir.Reader, unit fhir.Key, b book) error {
	into := &books{of: map[fhir.Key]book{unit: b}, only: unit}
	y, m, d := adjudication.Date(b.first().first()).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, s.Zone).UnixMicro()
	created := fhir.Param{Code: "created", Kind: fhir.ParamDate}
	since := fhir.Match{Param: created, Value: fhir.DateValue{Prefix: fhir.PrefixGreaterEqual, From: from, To: from + 1}}
	w := world{Reader: r}
	for _, where := range []fhir.Criterion{
		since,
		fhir.All{is("outcome", "queued"), fhir.Not{Criterion: since}},
	} {
		err := pagesOf(r, claimPage, "ClaimResponse", fhir.All{refers("requestor", unit), where}, func(answers []stored) error {
			return s.answers(w, answers, into)
		})
		if err != nil {
			return err
		}
	}
	ahead := fhir.All{refers("provider", unit), since, fhir.Not{Criterion: fhir.Has{Type: "ClaimResponse", Param: reference("request"), Where: since}}}
	err := pages(r, "Claim", ahead, func(claims []stored) error {
		ids := make([]string, len(claims))
		for i, c := range claims {
			ids[i] = c.ID
		}
		where := fhir.All{refersToAny("request", "Claim", ids), fhir.Not{Criterion: since}, fhir.Not{Criterion: is("outcome", "queued")}}
		return pages(r, "ClaimResponse", where, func(answers []stored) error { return s.answers(w, answers, into) })
	})
	if err != nil {
		return err
	}
	return s.paid(r, unit, into)
}

// answers counts a page of answers with their claims.
func (s *scheme) answers(w world, answers []stored, into *books) error {
	var keys, persons []fhir.Key
	for _, a := range answers {
		if k := r4.Target(a.node.Get("request")); a.node.Get("status").Text() == "active" && k.Type == "Claim" {
			keys = append(keys, k)
		}
	}
	found, err := w.many(keys)
	if err != nil {
		return err
	}
	claims := make(map[fhir.Key]fhir.Node, len(found))
	for _, c := range found {
		claims[c.Key] = c.node
		persons = append(persons, r4.Target(c.node.Get("patient")))
	}
	if err := s.recall(w, persons); err != nil {
		return err
	}
	for _, a := range answers {
		n, known := claims[r4.Target(a.node.Get("request"))]
		if known && a.node.Get("status").Text() == "active" && n.Get("status").Text() == "active" {
			if b := into.at(r4.Target(a.node.Get("requestor"))); b != nil {
				s.claim(n, a.node, b)
			}
		}
	}
	release(found)
	return nil
}

// claim counts one claim with its answer.
func (s *scheme) claim(n, answer fhir.Node, b book) {
	made, ok := s.dayOf(n.Get("created").Text())
	d, answered := s.decided(answer)
	if !ok || !answered {
		return
	}
	care := s.care(n)
	switch n.Get("use").Text() {
	case "preauthorization":
		if d.stage != "CHECKED" {
			b.on(d.day, one, indicator.ClmPreauthCnt, d.stage, care)
		}
	case "claim":
		p, known := s.persons[r4.Target(n.Get("patient"))]
		if !known {
			p = person{sex: "U", poverty: indicator.Unknown}
		}
		s.submitted(n, made, care, p, b)
		s.decision(n, made, d, care, p, b)
	}
}

// submitted counts a claim on the day it was submitted.
func (s *scheme) submitted(n fhir.Node, made adjudication.Day, care string, p person, b book) {
	of, wanted := b[monthOf(made)]
	if !wanted {
		return
	}
	of.add(one, indicator.ClmSubCnt, care, p.sex, s.band(p, made))
	if total, ok := s.amount(n.Get("total")); ok {
		of.add(value{1, total}, indicator.ClmSubAmt, care, p.poverty)
	}
	of.add(one, indicator.ClmDecCnt, "ENTERED", care)
	of.add(one, indicator.ClmDxCnt, mainDiagnosis(n), p.sex, p.under5(made))
}

// decision counts a claim on the day it was decided, and at the end of each month
// that it was open.
func (s *scheme) decision(n fhir.Node, made adjudication.Day, d decision, care string, p person, b book) {
	waits := d.stage == "CHECKED"
	for m, sheet := range b {
		if last := m.last(); made <= last && (waits || d.day > last) {
			sheet.add(one, indicator.ClmOpenCnt, "CHECKED", care)
		}
	}
	of, wanted := b[monthOf(d.day)]
	if !wanted {
		return
	}
	of.add(one, indicator.ClmDecCnt, d.stage, care)
	if waits {
		return
	}
	of.add(value{1, int64(max(0, d.day-made))}, indicator.ClmTATDays)
	of.add(one, indicator.ClmTATCnt)
	for reason, amount := range d.rejected {
		if amount != 0 {
			of.add(value{1, amount}, indicator.ClmRejAmt, reason)
		}
	}
	if d.stage == "REJECTED" {
		of.add(one, indicator.ClmRejCnt, s.mostly(d.rejected))
	} else {
		of.add(one, indicator.ClmApprCnt, care, p.poverty)
		if d.priced {
			of.add(value{1, d.benefit}, indicator.ClmApprAmt, care, p.poverty)
			of.add(value{1, d.benefit}, indicator.ClmDxAmt, mainDiagnosis(n))
		}
	}
	s.lines(n, d, of)
}

// lines counts the decided lines.
func (s *scheme) lines(n fhir.Node, d decision, of sheet) {
	item := n.Get("item").First()
	for _, l := range d.lines {
		if item.Get("sequence").Text() != l.sequence { // mostly they are in the same order
			item = find(n, l.sequence)
		}
		group := indicator.Other
		for c := range item.At("productOrService", "coding").Each() {
			if g, known := s.services[c.Get("code").Text()]; known {
				group = g
				break
			}
		}
		of.add(one, indicator.ClmLineCnt, group, l.result)
		of.add(value{1, l.asked}, indicator.ClmLineAskAmt, group, l.result)
		of.add(value{1, l.got}, indicator.ClmLineApprAmt, group, l.result)
		item = item.Next()
	}
}

// find gives the line of a claim with a sequence.
func find(claim fhir.Node, sequence string) fhir.Node {
	for item := range claim.Get("item").Each() {
		if item.Get("sequence").Text() == sequence {
			return item
		}
	}
	return fhir.Node{}
}

// paid counts what was paid to a facility.
func (s *scheme) paid(r fhir.Reader, unit fhir.Key, into *books) error {
	return each(r, "PaymentReconciliation", fhir.All{refers("payee", unit), is("direction", "out")}, func(p stored) error {
		s.payout(p.node, into)
		return nil
	})
}

// payout counts a payment to facilities.
func (s *scheme) payout(n fhir.Node, into *books) {
	if n.Get("status").Text() != "active" || n.Extension(profiles.ExtensionPaymentDirection).Get("valueCode").Text() != "out" {
		return
	}
	for detail := range n.Get("detail").Each() {
		b := into.at(r4.Target(detail.Get("payee")))
		if b == nil {
			continue
		}
		day, ok := s.dayOf(detail.Get("date").Text())
		if !ok {
			day, ok = s.dayOf(n.Get("paymentDate").Text())
		}
		if amount, ours := s.amount(detail.Get("amount")); ok && ours {
			b.on(day, value{1, amount}, indicator.ClmPaidAmt)
		}
	}
}

// facilities gives all facilities.
func facilities(r fhir.Reader) (list []fhir.Key, err error) {
	where := fhir.Match{Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.IdentifierFacility, AnyCode: true}}
	err = each(r, "Organization", where, func(o stored) error {
		list = append(list, keep(o.Key))
		return nil
	})
	return list, err
}
