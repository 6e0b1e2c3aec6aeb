package subscription

import (
	"slices"
	"testing"
)

// What is told twice at a time is told once, and nothing before it is said that a
// Subscription is bound.
func TestASocketHearsEachEventOnce(t *testing.T) {
	k := newSockets()
	s := &socket{out: make(chan string, 10), done: make(chan struct{}), bound: map[string]bool{}}
	k.bind(s, "x", 3, "bound x")
	k.tell("x", 3, 5, []string{"4", "5"})
	k.tell("x", 3, 4, []string{"4"})
	k.tell("x", 5, 6, []string{"6"})
	close(s.out)
	if got, want := slices.Collect(func(yield func(string) bool) {
		for text := range s.out {
			if !yield(text) {
				return
			}
		}
	}), []string{"bound x", "4", "5", "6"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}
