package path

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
