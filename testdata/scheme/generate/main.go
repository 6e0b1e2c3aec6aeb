// Command generate writes the demo scheme: the FHIR Bundles beside it that
// bima/testdata/scheme embeds. It is deterministic: the same program writes the
// same bytes.
//
// Usage: go run ./generate (in testdata/scheme)
package main

import (
	"log"
	"os"
)

// A file is one Bundle to write and what goes into it.
type file struct {
	name      string
	resources []object
}

func main() {
	for _, f := range files() {
		if err := os.WriteFile(f.name+".json", bundle(f.resources), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// files gives the whole scheme in the order to load it.
func files() []file {
	families := enrol()
	list := []file{
		{"10-scheme", scheme()},
		{"20-tariffs", tariffs()},
		{"30-product", []object{product()}},
	}
	list = append(list, split("40-members", members(families))...)
	list = append(list, split("50-contributions", contributions(families))...)
	return append(list, split("60-claims", submit(families))...)
}

// entriesMax is how many resources one Bundle holds.
const entriesMax = 100

// split makes files of at most entriesMax resources, numbered by letters. What
// belongs together, such as a family, is never parted.
func split(name string, groups [][]object) []file {
	files := []file{{name: name + "-a"}}
	for _, group := range groups {
		last := &files[len(files)-1]
		if len(last.resources)+len(group) > entriesMax {
			files = append(files, file{name: name + "-" + string(rune('a'+len(files)))})
			last = &files[len(files)-1]
		}
		last.resources = append(last.resources, group...)
	}
	return files
}
