package path

import (
	"strings"
	"time"
	"unicode"

	"bima/fhir"
	"bima/fhir/path/system"
)

// equalAll compares collections by =, in order. Source: N1 section 6.1.1.
func (sc *scope) equalAll(a, b []Item) (truth, error) {
	if len(a) == 0 || len(b) == 0 {
		return unknown, nil
	}
	if len(a) != len(b) {
		return no, nil
	}
	result := yes
	for i := range a {
		if err := sc.ev.spend(1); err != nil {
			return unknown, err
		}
		switch sc.equal(&a[i], &b[i]) {
		case no:
			return no, nil
		case unknown:
			result = unknown
		}
	}
	return result, nil
}

// equal compares two items by =.
func (sc *scope) equal(a, b *Item) truth {
	if s, ok := a.Str(); ok {
		if t, ok := b.Str(); ok {
			return truthOf(s == t)
		}
	}
	x, y := a.system(), b.system()
	if x.kind == kindNode && y.kind == kindNode {
		sc.ev.work -= min(len(x.node.Raw()), len(y.node.Raw())) / workBytes
		return truthOf(sameNode(x.node, y.node) && (x.node.Exists() || sameNode(x.side, y.side)))
	}
	if x.kind == kindReference || y.kind == kindReference {
		return truthOf(x.kind == y.kind && x.typ == y.typ && x.Text() == y.Text())
	}
	switch {
	case x.kind == kindQuantity || y.kind == kindQuantity:
		order, comparable := quantityOrder(x, y)
		if !comparable {
			if numeric(x) && numeric(y) {
				return unknown
			}
			return no
		}
		return truthOf(order == 0)
	case moment(x) && moment(y):
		return sc.equalMoments(x, y)
	}
	return truthOf(sameSystem(x, y))
}

// sameSystem compares booleans, numbers, strings and types.
func sameSystem(x, y Item) bool {
	if x.kind == kindInteger && y.kind == kindInteger {
		return x.num == y.num
	}
	if m, ok := x.Number(); ok {
		n, ok := y.Number()
		return ok && m.Cmp(n) == 0
	}
	return x.kind == y.kind && x.System() && x.num == y.num && x.value == y.value
}

func numeric(i Item) bool {
	return i.kind == kindQuantity || i.kind == kindInteger || i.kind == kindDecimal
}

func moment(i Item) bool {
	return i.kind == kindDate || i.kind == kindDateTime || i.kind == kindTime
}

// asQuantity reads a number as a quantity without unit.
func asQuantity(i Item) (system.Quantity, bool) {
	if q, ok := i.Quantity(); ok {
		return q, true
	}
	d, ok := i.Number()
	return system.Quantity{Value: d, Unit: "1"}, ok
}

func quantityOrder(x, y Item) (order int, known bool) {
	q, ok := asQuantity(x)
	if !ok {
		return 0, false
	}
	p, ok := asQuantity(y)
	if !ok {
		return 0, false
	}
	return q.Compare(p)
}

// zone is the zone of times that name none.
func (ev *evaluation) zone() *time.Location {
	if ev.context != nil && !ev.context.Now.IsZero() {
		return ev.context.Now.Location()
	}
	return time.UTC
}

func (sc *scope) equalMoments(x, y Item) truth {
	if (x.kind == kindTime) != (y.kind == kindTime) {
		return no
	}
	order, known := sc.order(x, y)
	if !known {
		return unknown
	}
	return truthOf(order == 0)
}

// order compares two dates or two times.
func (sc *scope) order(x, y Item) (int, bool) {
	m, _ := x.value.(system.Moment)
	n, _ := y.value.(system.Moment)
	return system.Compare(m, n, sc.ev.zone())
}

// sameNode compares elements with all that is in them.
func sameNode(a, b fhir.Node) bool {
	if a == b {
		return true
	}
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		for c := a.First(); c.Exists(); c = c.Next() {
			if d := b.Get(c.Name()); !d.Exists() || !sameNode(c, d) {
				return false
			}
		}
		return true
	case fhir.KindArray:
		d := b.First()
		for c := a.First(); c.Exists(); c, d = c.Next(), d.Next() {
			if !sameNode(c, d) {
				return false
			}
		}
		return true
	case fhir.KindNumber:
		return sameNumber(a.Text(), b.Text())
	}
	return a.Text() == b.Text()
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	d, err1 := fhir.ParseDecimal(a)
	e, err2 := fhir.ParseDecimal(b)
	return err1 == nil && err2 == nil && d.Cmp(e) == 0
}

// equivalentAll compares collections by ~, in any order. Source: N1 section 6.1.2.
func (sc *scope) equivalentAll(a, b []Item) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	matched := make([]bool, len(b))
	for i := range a {
		found := false
		for j := range b {
			if err := sc.ev.spend(1); err != nil {
				return false, err
			}
			if !matched[j] && sc.equivalent(&a[i], &b[j]) {
				matched[j], found = true, true
				break
			}
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

func (sc *scope) equivalent(a, b *Item) bool {
	x, y := a.system(), b.system()
	if x.kind == kindNode && y.kind == kindNode {
		// Repetitions are compared each with each.
		sc.ev.work -= len(x.node.Raw()) / workBytes * (len(y.node.Raw()) / workBytes)
		return sc.ev.work > 0 && likeNode(x.node, y.node) && (x.node.Exists() || sameNode(x.side, y.side))
	}
	if s, ok := x.Str(); ok {
		t, ok := y.Str()
		return ok && normal(s) == normal(t)
	}
	if moment(x) && moment(y) {
		return sc.equalMoments(x, y) == yes
	}
	if x.kind == kindQuantity || y.kind == kindQuantity {
		q, ok1 := asQuantity(x)
		p, ok2 := asQuantity(y)
		return ok1 && ok2 && q.Equivalent(p)
	}
	if m, ok := x.Number(); ok {
		n, ok := y.Number()
		return ok && system.EqualRounded(m, n)
	}
	return x.kind == y.kind && x.System() && x.num == y.num && x.value == y.value
}

// normal is a string without regard to case and kinds of white space. Source: N1
// section 6.1.2, string equivalence.
func normal(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToLower(s))
}

// likeNode compares elements by ~: repetitions in any order, texts without
// regard to case, and without the elements' ids.
func likeNode(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		return likeObject(a, b) && likeObject(b, a)
	case fhir.KindArray:
		return a.Len() == b.Len() && likeArray(a, b)
	case fhir.KindNumber:
		d, err1 := fhir.ParseDecimal(a.Text())
		e, err2 := fhir.ParseDecimal(b.Text())
		return err1 == nil && err2 == nil && system.EqualRounded(d, e)
	}
	return normal(a.Text()) == normal(b.Text())
}

func likeObject(a, b fhir.Node) bool {
	for c := a.First(); c.Exists(); c = c.Next() {
		if c.Name() != "id" && !likeNode(c, b.Get(c.Name())) {
			return false
		}
	}
	return true
}

func likeArray(a, b fhir.Node) bool {
	matched := make([]bool, b.Len())
	for c := a.First(); c.Exists(); c = c.Next() {
		found := false
		i := 0
		for d := b.First(); d.Exists() && !found; d = d.Next() {
			if !matched[i] && likeNode(c, d) {
				matched[i], found = true, true
			}
			i++
		}
		if !found {
			return false
		}
	}
	return true
}

// hashedMin is from how many items on strings are found by hash.
const hashedMin = 16

// A set collects items that are not equal to each other.
type set struct {
	sc    *scope
	items []Item // in order, from start on
	start int
	texts map[string]bool // the strings among items, when there are many
}

// newSet makes a set that appends to dst.
func newSet(sc *scope, dst []Item) set { return set{sc: sc, items: dst, start: len(dst)} }

// add appends the item if no equal one is there; it reports whether it was new.
func (s *set) add(item *Item) (bool, error) {
	text, isText := item.Str()
	if isText && s.texts == nil && len(s.items)-s.start >= hashedMin {
		s.hash()
	}
	if isText && s.texts != nil {
		if s.texts[text] {
			return false, s.sc.ev.spend(1)
		}
		s.texts[text] = true
		s.items = append(s.items, *item)
		return true, s.sc.ev.spend(1)
	}
	found, err := s.sc.find(s.items[s.start:], item)
	if err != nil || found >= 0 {
		return false, err
	}
	s.items = append(s.items, *item)
	return true, nil
}

func (s *set) hash() {
	s.texts = make(map[string]bool, 2*len(s.items))
	for i := range s.items[s.start:] {
		if text, ok := s.items[s.start+i].Str(); ok {
			s.texts[text] = true
		}
	}
}

func (s *set) addAll(items []Item) error {
	for i := range items {
		if _, err := s.add(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

// find gives the place of the first item that is equal; -1 if there is none.
func (sc *scope) find(items []Item, item *Item) (int, error) {
	if err := sc.ev.spend(len(items)); err != nil {
		return -1, err
	}
	for i := range items {
		if sc.equal(&items[i], item) == yes {
			return i, nil
		}
	}
	return -1, nil
}
