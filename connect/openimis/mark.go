package openimis

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

const (
	// marksMost bounds the places that are remembered, markLife how long.
	marksMost, markLife = 5000, 10 * time.Minute
	// skipMost is how many resources are passed over for one page.
	skipMost = 10_000
)

// A waymark is how one search goes on after some of its resources.
type waymark struct {
	cursor string
	total  string
	made   time.Time
}

// A place is so many resources from the beginning of a search, as one caller sees it:
// others may see more, count otherwise, and may not go on by his cursor.
type place struct {
	whose  [sha256.Size]byte
	search string // path and query
	at     int
}

// whose tells callers from one another, by what they show of themselves.
func whose(r *http.Request) [sha256.Size]byte {
	return sha256.Sum256([]byte(r.Header.Get("Authorization") + "\n" + r.Header.Get("Apikey")))
}

// The marks remember where pages begin, so that the pages of a search are read one
// after another at the cost of one each. Whoever lacks one, as another process
// does, passes over what is before the page. It is safe for concurrent use.
type marks struct {
	mu  sync.Mutex
	all map[place]waymark
}

// before gives the mark nearest to a place, at it or before it, in steps.
func (m *marks) before(p place, step int, now time.Time) (waymark, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := p.at; p.at > 0 && at-p.at <= skipMost; p.at -= step {
		if found, ok := m.all[p]; ok && now.Sub(found.made) < markLife {
			return found, p.at
		}
	}
	return waymark{}, 0
}

func (m *marks) set(p place, made waymark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) >= marksMost {
		clear(m.all)
	}
	if m.all == nil {
		m.all = map[place]waymark{}
	}
	m.all[p] = made
}
