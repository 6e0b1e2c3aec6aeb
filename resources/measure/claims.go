package measure

import (
	"hash/maphash"
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
	listed bool     // whether only those are wanted that are in of
	only   fhir.Key // the one facility that is wanted; zero is all
	met    *met     // nil where nobody asks
}

func newBooks(months []month) *books { return &books{months: months, of: map[fhir.Key]book{}} }

// booksOf gives empty books of some facilities.
func booksOf(wanted map[fhir.Key][]month) *books {
	l := &books{of: make(map[fhir.Key]book, len(wanted)), listed: true}
	for facility, months := range wanted {
		l.of[facility] = newBook(months)
	}
	return l
}

// at gives the book of a facility, nil where it is not wanted.
func (l *books) at(facility fhir.Key) book {
	if facility.Type != "Organization" || !l.only.IsZero() && facility != l.only {
		return nil
	}
	b, there := l.of[facility]
	if !there && !l.listed {
		b = newBook(l.months)
		l.of[keep(facility)] = b
	}
	return b
}

// facility counts HF_CLAIM of a facility: its answers since the first month began,
// those that wait, and those that were given before to claims that say they are made
// later, with their claims.
func (s *scheme) facility(r fhir.Reader, unit fhir.Key, b book) error {
	into := &books{of: map[fhir.Key]book{unit: b}, only: unit, met: &met{since: b.first().first(), claims: map[uint64]struct{}{}, seed: maphash.MakeSeed()}}
	since := s.createdSince(into.met.since)
	w := world{Reader: r}
	for _, where := range []fhir.Criterion{
		since,
		fhir.All{is("outcome", "queued"), fhir.Not{Criterion: since}},
	} {
		err := resourcesOf(r, claimPage, "ClaimResponse", fhir.All{refers("requestor", unit), where}, func(answers []*fhir.Resource) error {
			return s.answers(w, answers, into)
		})
		if err != nil {
			return err
		}
	}
	if err := s.ahead(w, unit, since, into); err != nil {
		return err
	}
	return s.paid(r, unit, into)
}

// createdSince selects what was made on a day or after.
func (c *counter) createdSince(day adjudication.Day) fhir.Match {
	y, m, d := adjudication.Date(day).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, c.Zone).UnixMicro()
	created := fhir.Param{Code: "created", Kind: fhir.ParamDate}
	return fhir.Match{Param: created, Value: fhir.DateValue{Prefix: fhir.PrefixGreaterEqual, From: from, To: from + 1}}
}

// A met is the claims of a facility that were met with their answers, as far as they are
// made on a day or after: hashes of their ids. Of two with one hash one is missing,
// which costs time and no exactness.
type met struct {
	since  adjudication.Day
	claims map[uint64]struct{}
	seed   maphash.Seed
}

// ahead counts what was answered before a day though it says it is made after. Mostly
// there is none: as many claims are made since then as were met.
func (s *scheme) ahead(w world, unit fhir.Key, since fhir.Match, into *books) error {
	theirs := fhir.All{refers("provider", unit), since}
	claims, err := howMany(w, "Claim", theirs)
	if err != nil || claims == int64(len(into.met.claims)) {
		return err
	}
	into.met = nil
	where := append(theirs, fhir.Not{Criterion: fhir.Has{Type: "ClaimResponse", Param: reference("request"), Where: since}})
	return pages(w, "Claim", where, func(claims []stored) error {
		ids := make([]string, len(claims))
		for i, c := range claims {
			ids[i] = c.ID
		}
		where := fhir.All{refersToAny("request", "Claim", ids), fhir.Not{Criterion: since}, fhir.Not{Criterion: is("outcome", "queued")}}
		return resourcesOf(w, readPage, "ClaimResponse", where, func(answers []*fhir.Resource) error { return s.answers(w, answers, into) })
	})
}

// meets notes a claim.
func (l *books) meets(c submission) {
	if l.met != nil && c.dated && c.made >= l.met.since && c.provider == l.only {
		l.met.claims[maphash.String(l.met.seed, c.id)] = struct{}{}
	}
}

// decisions reads answers to claims, those that may be counted.
func (s *scheme) decisions(page []*fhir.Resource) (list []decision, err error) {
	list = make([]decision, 0, len(page))
	r := s.reading()
	err = eachOf(page, ofAnswer, func(a stored) error {
		if d := r.decided(a.node); d.active && d.dated && d.request.Type == "Claim" {
			list = append(list, d)
		}
		return nil
	})
	return list, err
}

// submissions reads claims.
func (s *scheme) submissions(page []*fhir.Resource) (list []submission, err error) {
	list = make([]submission, 0, len(page))
	r := s.reading()
	err = eachOf(page, ofClaim, func(c stored) error {
		one := r.submission(c.node)
		one.id = c.ID
		list = append(list, one)
		return nil
	})
	return list, err
}

// answers counts a page of answers with their claims.
func (s *scheme) answers(w world, page []*fhir.Resource, into *books) error {
	answers, err := s.decisions(page)
	if err != nil {
		return err
	}
	keys := make([]fhir.Key, len(answers))
	for i, a := range answers {
		keys[i] = a.request
	}
	found, err := w.many(keys)
	if err != nil {
		return err
	}
	made, err := s.submissions(found)
	if err != nil {
		return err
	}
	claims, persons := make(map[string]submission, len(made)), make([]fhir.Key, len(made))
	for i, c := range made {
		into.meets(c)
		claims[c.id], persons[i] = c, c.patient
	}
	if err := s.recall(w, persons); err != nil {
		return err
	}
	for _, a := range answers {
		if c, known := claims[a.request.ID]; known {
			s.pair(c, a, s.personOf(c.patient), into)
		}
	}
	return nil
}

// pair counts an answer with its claim, where it is wanted.
func (s *scheme) pair(c submission, d decision, p person, into *books) {
	if c.active && c.dated {
		if b := into.at(d.requestor); b != nil {
			s.claim(c, d, p, b)
		}
	}
}

// claim counts one claim of a person with its answer.
func (s *scheme) claim(c submission, d decision, p person, b book) {
	switch c.use {
	case "preauthorization":
		if d.stage != "CHECKED" {
			b.on(d.day, one, indicator.ClmPreauthCnt, d.stage, c.care)
		}
	case "claim":
		s.submitted(c, p, b)
		s.decision(c, d, p, b)
	}
}

// submitted counts a claim on the day it was submitted.
func (s *scheme) submitted(c submission, p person, b book) {
	of, wanted := b[monthOf(c.made)]
	if !wanted {
		return
	}
	of.add(one, indicator.ClmSubCnt, c.care, p.sex, s.band(p, c.made))
	if c.priced {
		of.add(value{1, c.total}, indicator.ClmSubAmt, c.care, p.poverty)
	}
	of.add(one, indicator.ClmDecCnt, "ENTERED", c.care)
	of.add(one, indicator.ClmDxCnt, c.diagnosis, p.sex, p.under5(c.made))
}

// decision counts a claim on the day it was decided, and at the end of each month
// that it was open.
func (s *scheme) decision(c submission, d decision, p person, b book) {
	waits := d.stage == "CHECKED"
	for m, sheet := range b {
		if last := m.last(); c.made <= last && (waits || d.day > last) {
			sheet.add(one, indicator.ClmOpenCnt, "CHECKED", c.care)
		}
	}
	of, wanted := b[monthOf(d.day)]
	if !wanted {
		return
	}
	of.add(one, indicator.ClmDecCnt, d.stage, c.care)
	if waits {
		return
	}
	of.add(value{1, int64(max(0, d.day-c.made))}, indicator.ClmTATDays)
	of.add(one, indicator.ClmTATCnt)
	for reason, amount := range d.rejected {
		if amount != 0 {
			of.add(value{1, amount}, indicator.ClmRejAmt, reason)
		}
	}
	if d.stage == "REJECTED" {
		of.add(one, indicator.ClmRejCnt, s.mostly(d.rejected))
	} else {
		of.add(one, indicator.ClmApprCnt, c.care, p.poverty)
		if d.priced {
			of.add(value{1, d.benefit}, indicator.ClmApprAmt, c.care, p.poverty)
			of.add(value{1, d.benefit}, indicator.ClmDxAmt, c.diagnosis)
		}
	}
	lines(c, d, of)
}

// lines counts the decided lines.
func lines(c submission, d decision, of sheet) {
	for i, l := range d.lines {
		group := c.service(i, l.sequence)
		of.add(one, indicator.ClmLineCnt, group, l.result)
		of.add(value{1, l.asked}, indicator.ClmLineAskAmt, group, l.result)
		of.add(value{1, l.got}, indicator.ClmLineApprAmt, group, l.result)
	}
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

// isFacility selects the facilities among organizations.
var isFacility = fhir.Match{Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.IdentifierFacility, AnyCode: true}}

// facilities gives all facilities.
func facilities(r fhir.Reader) (list []fhir.Key, err error) {
	err = each(r, "Organization", isFacility, func(o stored) error {
		list = append(list, keep(o.Key))
		return nil
	})
	return list, err
}
