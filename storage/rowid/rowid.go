// Package rowid makes the ids of resources' and versions' rows: milliseconds since
// 2020 shifted by 22 bits, plus a counter.
package rowid

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// counterBits is the room for ids made in one millisecond: four million.
const counterBits = 22

// epochMillis is 2020-01-01T00:00:00Z. Counting from there, ids last to 2089.
const epochMillis = 1577836800000

// Source makes row ids that grow with time. Two processes may in theory make
// the same id; the primary key then refuses it and the transaction runs again.
type Source struct{ counter atomic.Uint32 }

// NewSource gives a source that begins its counter anywhere.
func NewSource() *Source {
	s := &Source{}
	s.counter.Store(rand.Uint32())
	return s
}

// Next gives an id of the time, greater than the ones before it of the same
// millisecond, but for the one in four million where the counter begins anew.
func (s *Source) Next(at time.Time) int64 {
	n := int64(s.counter.Add(1)) & (1<<counterBits - 1)
	return At(at) | n
}

// At gives the lowest id of a millisecond.
func At(at time.Time) int64 { return (at.UnixMilli() - epochMillis) << counterBits }

// From gives the lowest id of a time in microseconds since 1970. Times ids have
// no room for give the least and greatest of them.
func From(micros int64) int64 {
	millis := micros / 1000
	if micros > 0 && micros%1000 != 0 {
		millis++
	}
	return ofMilli(millis)
}

// After gives the lowest id of a time after the one in microseconds since 1970.
func After(micros int64) int64 {
	millis := micros / 1000
	if micros >= 0 || micros%1000 == 0 {
		millis++
	}
	return ofMilli(millis)
}

func ofMilli(millis int64) int64 {
	const last = 1<<(63-counterBits) - 1
	return min(max(millis-epochMillis, -last), last) << counterBits
}

// Time gives the millisecond an id was made for.
func Time(id int64) time.Time {
	return time.UnixMilli(id>>counterBits + epochMillis).UTC()
}
