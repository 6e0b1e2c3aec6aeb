package facts

import (
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
