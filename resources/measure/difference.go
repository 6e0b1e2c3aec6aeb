package measure

import (
	"bytes"
	"maps"
	"slices"

	"bima/fhir"
)

// somePage is how many keys are looked up at a time.
const somePage = 500

// differences gives by how much the numbers of facilities are others since some
// resources are: what these and the claims they bear on come to now, less what they
// came to as they were. So it takes as long as there are changes, and not claims.
func (s *scheme) differences(r fhir.Reader, list []changed, months []month) (map[fhir.Key]book, error) {
	list = slices.DeleteFunc(slices.Clone(list), func(c changed) bool {
		return !slices.Contains([]string{"Claim", "ClaimResponse", "Patient", "Group", "PaymentReconciliation"}, c.key.Type)
	})
	if len(list) == 0 {
		return nil, nil
	}
	then, err := before(r, list, s.Held)
	if err != nil {
		return nil, err
	}
	now := world{Reader: r}
	answers, err := affected(now, then, list)
	if err != nil {
		return nil, err
	}
	is, err := s.apart().ofSome(now, answers, list, months)
	if err != nil {
		return nil, err
	}
	was, err := s.apart().ofSome(then, answers, list, months)
	if err != nil {
		return nil, err
	}
	for k, b := range was.of {
		is.at(k).less(b)
	}
	return is.of, nil
}

// apart gives the scheme for another world or snapshot: it remembers nobody.
func (s *scheme) apart() *scheme {
	other := *s
	other.persons, other.census, other.strangers = map[fhir.Key]person{}, nil, nil
	return &other
}

// ofSome counts some answers, and those payments that are among resources.
func (s *scheme) ofSome(w world, answers []fhir.Key, list []changed, months []month) (*books, error) {
	into := newBooks(months)
	for some := range slices.Chunk(answers, somePage) {
		found, err := w.many(some)
		if err != nil {
			return nil, err
		}
		if err := s.answers(w, found, into); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(keysOf(list, "PaymentReconciliation"), somePage) {
		found, err := w.many(some)
		if err != nil {
			return nil, err
		}
		err = eachOf(found, whole, func(p stored) error {
			s.payout(p.node, into)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return into, nil
}

func keysOf(list []changed, typ string) (keys []fhir.Key) {
	for _, c := range list {
		if c.key.Type == typ {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// affected gives the answers that some resources bear on, as they are or as they
// were: themselves, those to a claim, and those to the claims of a person.
func affected(now, then world, list []changed) ([]fhir.Key, error) {
	answers, claims, people := map[fhir.Key]bool{}, map[fhir.Key]bool{}, map[fhir.Key]bool{}
	for _, k := range keysOf(list, "ClaimResponse") {
		answers[k] = true
	}
	for _, k := range keysOf(list, "Claim") {
		claims[k] = true
	}
	if err := others(now, then, list, people); err != nil {
		return nil, err
	}
	err := referring(now, "Claim", "patient", "Patient", people, func(s stored) { claims[keep(s.Key)] = true })
	if err == nil {
		err = referring(now, "ClaimResponse", "request", "Claim", claims, func(s stored) { answers[keep(s.Key)] = true })
	}
	return slices.Collect(maps.Keys(answers)), err
}

// referring reads the resources of a type that refer to some others.
func referring(r fhir.Reader, typ, param, target string, to map[fhir.Key]bool, do func(stored)) error {
	for some := range slices.Chunk(slices.Collect(maps.Keys(to)), somePage) {
		ids := make([]string, len(some))
		for i, k := range some {
			ids[i] = k.ID
		}
		err := each(r, typ, refersToAny(param, target, ids), func(s stored) error {
			do(s)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// others notes the persons by whom claims are told apart otherwise than they were:
// by their sex, their age or their poverty.
func others(now, then world, list []changed, people map[fhir.Key]bool) error {
	for _, c := range list {
		if c.key.Type != "Patient" && c.key.Type != "Group" {
			continue
		}
		was, err := nodeOf(then.was[c.key])
		if err != nil {
			return err
		}
		is, err := fhir.Tree(now, c.key)
		if err != nil {
			return err
		}
		if c.key.Type == "Group" {
			maps.Copy(people, membersOtherwise(was, is))
			continue
		}
		for _, name := range []string{"gender", "birthDate"} {
			if !bytes.Equal(was.Get(name).Raw(), is.Get(name).Raw()) {
				people[c.key] = true
			}
		}
	}
	return nil
}

// less takes the numbers of another book away.
func (b book) less(other book) {
	for m, numbers := range other {
		of, wanted := b[m]
		if !wanted {
			continue
		}
		for k, v := range numbers {
			of.put(k, value{of[k].count - v.count, of[k].sum - v.sum})
		}
	}
}

// plus adds the numbers of another book of the same months.
func (b book) plus(other book) {
	for m, numbers := range other {
		b[m].plus(numbers)
	}
}

// plus adds the numbers of another sheet.
func (s sheet) plus(other sheet) {
	for k, v := range other {
		s.put(k, value{s[k].count + v.count, s[k].sum + v.sum})
	}
}

// put puts a value into a cell; what holds nothing is no cell.
func (s sheet) put(k cell, v value) {
	if v == (value{}) {
		delete(s, k)
		return
	}
	s[k] = v
}
