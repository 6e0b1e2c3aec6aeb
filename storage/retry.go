package storage

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"bima/fhir"
)

// attemptsMax bounds how often a transaction runs, and pauseUnit is half the
// longest first pause between two attempts; each is twice the one before.
const (
	attemptsMax = 6
	pauseUnit   = 2 * time.Millisecond
)

// repeatedly runs attempts of a transaction until one does not ask for another.
// Pauses are random, so that those who collided don't collide again.
func repeatedly(ctx context.Context, attempt func(floor time.Time) error) error {
	var floor time.Time
	for n := 1; ; n++ {
		err := attempt(floor)
		if !retryable(err) || n >= attemptsMax {
			return exhausted(err)
		}
		if later := (again{}); errors.As(err, &later) {
			floor = later.floor
		}
		select {
		case <-time.After(rand.N(pauseUnit << n)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// exhausted says what an error that asks for another attempt means to a client
// when there is none.
func exhausted(err error) error {
	if errors.Is(err, errAgain) {
		return fhir.Errorf(fhir.IssueTransient, "", "Others kept changing the same resources; try again.").Because(err)
	}
	return err
}
