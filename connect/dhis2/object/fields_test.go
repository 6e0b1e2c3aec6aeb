package object_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bima/connect/dhis2/object"
)

// Objects that refer to one another can be asked for without end: it ends with a
// refusal, and what is within bounds is answered.
func TestFieldsThatAskForTooMuch(t *testing.T) {
	const many = 100
	byID := map[string]object.Object{}
	var all []object.Object
	var refs []any
	for i := range many {
		refs = append(refs, object.Object{"id": fmt.Sprint("set", i)})
	}
	for i := range many {
		o := object.Object{"id": fmt.Sprint("set", i), "sets": refs}
		all, byID[fmt.Sprint("set", i)] = append(all, o), o
	}
	resolve := func(id string) object.Object { return byID[id] }
	for fields, want := range map[string]string{
		"id,sets[id]":                      "",
		"sets[sets[sets[sets[sets[id]]]]]": "1000000 members",
		"sets.sets.sets.sets.sets.id":      "1000000 members",
		strings.Repeat("sets.", 100_000):   "names in commas",
	} {
		q := url.Values{"fields": {fields}, "paging": {"false"}}
		_, err := object.List("sets", all, q, "", resolve)
		_, errOne := object.One(all[0], q, resolve)
		for _, err := range []error{err, errOne} {
			if want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%.40s: %v", fields, err)
			}
		}
	}
}
