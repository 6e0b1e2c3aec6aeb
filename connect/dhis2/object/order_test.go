package object_test

import (
	"net/url"
	"strings"
	"testing"

	"bima/connect/dhis2/object"
)

// Numbers are in the order of numbers, and texts in that of texts, with their case or
// without.
func TestOrder(t *testing.T) {
	all := []object.Object{
		{"id": "a", "level": 10, "name": "beta", "code": "10"},
		{"id": "b", "level": 2, "name": "Gamma", "code": "2"},
		{"id": "c", "level": 2, "name": "alpha", "code": "9a"},
		{"id": "d", "name": "Beta"},
	}
	for by, want := range map[string]string{
		"":                     "a b c d",
		"level:asc":            "d b c a",
		"level:desc":           "a b c d",
		"level:asc,name:idesc": "d b c a",
		"code:asc":             "d a b c",
		"name:asc":             "d b c a",
		"name:iasc":            "c a d b",
		"name":                 "d b c a",
	} {
		got, err := object.List("things", append([]object.Object(nil), all...), url.Values{"order": {by}, "fields": {"id"}, "paging": {"false"}}, "", nil)
		var ids []string
		for _, o := range got["things"].([]any) {
			ids = append(ids, object.Text(o.(object.Object), "id"))
		}
		if err != nil || strings.Join(ids, " ") != want {
			t.Errorf("%q: %v %v, want %s", by, ids, err, want)
		}
	}
	if _, err := object.List("things", all, url.Values{"order": {"level:up"}}, "", nil); err == nil || !strings.Contains(err.Error(), "level:up") {
		t.Errorf("level:up: %v", err)
	}
}
