package main

import (
	"fmt"
	"time"
)

// A clockFlag is the moment at which the server's time begins; "" leaves it to
// the real clock.
type clockFlag string

// Validate refuses what is no moment. It is kong's.
func (f clockFlag) Validate() error {
	if f == "" {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, string(f)); err != nil {
		return fmt.Errorf("%q is not a moment with a zone, such as 2026-01-01T08:00:00+03:00", string(f))
	}
	return nil
}

// now gives a clock that began at the moment when this is called; nil where none
// was chosen.
func (f clockFlag) now() func() time.Time {
	begin, err := time.Parse(time.RFC3339, string(f))
	if err != nil {
		return nil
	}
	started := time.Now()
	return func() time.Time { return begin.Add(time.Since(started)) }
}
