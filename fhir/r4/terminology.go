package r4

import (
	"compress/gzip"
	"io"
	"strings"
	"sync"

	facts "bima/profiles/r4"
)

// A Definition is one of R4's own code systems, value sets or concept maps.
type Definition struct {
	Type    string // CodeSystem, ValueSet or ConceptMap
	ID      string // its logical id in HL7's package, "administrative-gender"
	URL     string // canonical, without version
	Version string // business version; "" where it has none
	Body    string // its JSON, without what only people read
}

var definitions = sync.OnceValue(func() []Definition { return loadDefinitions(facts.Terminology) })

// Definitions gives R4's own code systems, value sets and concept maps, in no
// order that matters. The first call unpacks them, some four megabytes. Nobody
// writes to the slice.
func Definitions() []Definition { return definitions() }

// loadDefinitions reads "type id url version json" of each line. A table that
// can't be unpacked was embedded wrongly, which is a broken promise of our own:
// it panics.
func loadDefinitions(zipped string) []Definition {
	r, err := gzip.NewReader(strings.NewReader(zipped))
	if err != nil {
		panic("r4: the table of terminology is not gzipped: " + err.Error())
	}
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		panic("r4: the table of terminology can't be unpacked: " + err.Error())
	}
	table := text.String()
	out := make([]Definition, 0, strings.Count(table, "\n"))
	for line := range strings.Lines(table) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 5)
		out = append(out, Definition{Type: f[0], ID: f[1], URL: f[2], Version: f[3], Body: f[4]})
	}
	return out
}
