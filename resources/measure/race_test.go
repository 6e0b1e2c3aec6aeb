//go:build race

package measure_test

// raced tells that the race detector watches.
const raced = true
