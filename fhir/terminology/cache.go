package terminology

import (
	"container/list"
	"sync"
)

// A cache keeps what was made of resources, the latest used, up to so many bytes.
// It is safe for concurrent use.
type cache struct {
	mu    sync.Mutex
	room  int
	items map[string]*list.Element
	order *list.List // the latest used first
}

type cached struct {
	key   string
	value any
	bytes int
}

func newCache(bytes int) *cache {
	return &cache{room: bytes, items: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(key string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).value, true
}

// put keeps a value. One larger than the whole room is not kept.
func (c *cache) put(key string, value any, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[key]; ok {
		c.drop(e)
	}
	if bytes > c.room {
		return
	}
	for c.room < bytes {
		c.drop(c.order.Back())
	}
	c.room -= bytes
	c.items[key] = c.order.PushFront(&cached{key, value, bytes})
}

func (c *cache) drop(e *list.Element) {
	old := c.order.Remove(e).(*cached)
	delete(c.items, old.key)
	c.room += old.bytes
}
