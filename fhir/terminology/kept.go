package terminology

// A made is a value with the resources it was made from.
type made struct {
	value any
	from  []source
}

// A source is what a question found: identity names the very version, "" where
// there was nothing.
type source struct {
	question
	identity string
}

// kept gives a value of some kind made of a resource, and of others that the scope
// reads for it: from the cache where all of them are still the same. What depends
// on the request is not kept.
func (q *scope) kept(kind string, of *held, build func() (value any, bytes int, err error)) (any, error) {
	keeps := of.identity != "" && q.inline == nil && q.pins == nil
	key := kind + " of " + of.identity
	if found, ok := q.service.cache.get(key); ok && keeps {
		m := found.(*made)
		same, err := q.same(m.from)
		if err != nil {
			return nil, err
		}
		if same {
			return m.value, nil
		}
	}
	value, size, err := build()
	if err != nil || !keeps {
		return value, err
	}
	m := &made{value: value}
	for _, asked := range q.reads {
		h := q.found[asked]
		if h != nil && h.identity == "" {
			return value, nil
		}
		m.from = append(m.from, source{asked, identityOf(h)})
	}
	const each = 100 // bytes of a source
	q.service.cache.put(key, m, size+len(m.from)*each)
	return value, nil
}

func identityOf(h *held) string {
	if h == nil {
		return ""
	}
	return h.identity
}

// same reports whether questions still find what they found.
func (q *scope) same(from []source) (bool, error) {
	for _, s := range from {
		h, err := q.resolve(s.typ, s.canonical)
		if err != nil || identityOf(h) != s.identity {
			return false, err
		}
	}
	return true, nil
}
