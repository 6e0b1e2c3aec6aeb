package facts

import (
	"slices"
	"sync"

	"bima/fhir"
)

// A versioned names what was compiled: a version never changes.
type versioned struct {
	key     fhir.Key
	version int64
}

// cacheMax bounds each cache: a national register of services fits, a stray
// import of history does not fill the memory.
const cacheMax = 20_000

// A cache keeps what was compiled. It is safe for concurrent use.
type cache[V any] struct {
	mu    sync.RWMutex
	items map[versioned]V
}

// has gives the value of a version if it is there.
func (c *cache[V]) has(at versioned) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.items[at]
	return v, ok
}

// keep adds a value. A full cache begins anew.
func (c *cache[V]) keep(at versioned, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil || len(c.items) >= cacheMax {
		c.items = make(map[versioned]V)
	}
	c.items[at] = v
}

// held keeps which Contracts a person's memberships were of when he was looked at
// last, so that they can be read along with him. It is a guess, and what it lacks is
// read: a Contract that is guessed is read each time, and one of another membership
// by itself. It is safe for concurrent use.
type held struct {
	mu        sync.RWMutex
	contracts map[fhir.Key][]fhir.Key
}

func (h *held) of(patient fhir.Key) []fhir.Key {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.contracts[patient]
}

// note keeps the Contracts of a person. A full memory begins anew.
func (h *held) note(patient fhir.Key, contracts []fhir.Key) {
	if slices.Equal(h.of(patient), contracts) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.contracts == nil || len(h.contracts) >= cacheMax {
		h.contracts = make(map[fhir.Key][]fhir.Key)
	}
	h.contracts[patient] = contracts
}
