package storage

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// idCounterBits is the room for ids made in one millisecond: four million.
const idCounterBits = 22

// idEpochMillis is 2020-01-01T00:00:00Z. Counting from there, ids last to 2089.
const idEpochMillis = 1577836800000

// idSource makes row ids that grow with time. Two processes may in theory make
// the same id; the primary key then refuses it and the transaction runs again.
type idSource struct{ counter atomic.Uint32 }

func newIDSource() *idSource {
	s := &idSource{}
	s.counter.Store(rand.Uint32())
	return s
}

// next gives an id of the time, greater than the ones before it of the same
// millisecond, but for the one in four million where the counter begins anew.
func (s *idSource) next(at time.Time) int64 {
	n := int64(s.counter.Add(1)) & (1<<idCounterBits - 1)
	return idAt(at) | n
}

// idAt gives the lowest id of a millisecond.
func idAt(at time.Time) int64 { return (at.UnixMilli() - idEpochMillis) << idCounterBits }

// idFrom gives the lowest id of a time in microseconds since 1970. Times ids have
// no room for give the least and greatest of them.
func idFrom(micros int64) int64 {
	millis := micros / 1000
	if micros > 0 && micros%1000 != 0 {
		millis++
	}
	return idOfMilli(millis)
}

// idAfter gives the lowest id of a time after the one in microseconds since 1970.
func idAfter(micros int64) int64 {
	millis := micros / 1000
	if micros >= 0 || micros%1000 == 0 {
		millis++
	}
	return idOfMilli(millis)
}

func idOfMilli(millis int64) int64 {
	const last = 1<<(63-idCounterBits) - 1
	return min(max(millis-idEpochMillis, -last), last) << idCounterBits
}

// idTime gives the millisecond an id was made for.
func idTime(id int64) time.Time {
	return time.UnixMilli(id>>idCounterBits + idEpochMillis).UTC()
}
