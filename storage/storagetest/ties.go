package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// ties holds a store to pages by several sort keys whose values many resources
// share and some lack: forth and back, in either direction of each key.
func ties(t *testing.T, open func(t *testing.T) fhir.Store) {
	const count = 700
	f := fixture{t, open(t)}
	values := map[string][]string{} // of each resource, by key
	f.update(func(w fhir.Writer) (err error) {
		for i := 0; i < count && err == nil; i++ {
			name := fmt.Sprintf("Basic/b%03d", i)
			values[name] = []string{fmt.Sprint("urn:", i%2), fmt.Sprint("m", i*i%3), fmt.Sprint("c", i%9/4, i%7/5)}
			x := &fhir.Index{URIs: []fhir.URIRow{{Param: "url", URI: values[name][0]}}}
			for at, code := range []string{"name", "called"} {
				if (i+at)%5 == 0 {
					values[name][at+1] = ""
					continue
				}
				text := values[name][at+1]
				x.Strings = append(x.Strings, fhir.StringRow{Param: code, Normal: text, Exact: text})
			}
			err = put(w, name, 0, x, nil)
		}
		return err
	})
	keys := []fhir.SortKey{{Param: param("url", fhir.ParamURI)}, {Param: param("name", fhir.ParamString)}, {Param: param("called", fhir.ParamString)}}
	for _, by := range [][]int{{0, 1}, {1, 2}, {0, 1, 2}} {
		for down := range 1 << len(by) {
			q := fhir.Query{Types: []string{"Basic"}, Limit: 60}
			for i, at := range by {
				k := keys[at]
				k.Descending = down>>i&1 == 1
				q.Sort = append(q.Sort, k)
			}
			want := make([]string, 0, count)
			for i := range count {
				want = append(want, fmt.Sprintf("Basic/b%03d", count-1-i))
			}
			slices.SortStableFunc(want, func(a, b string) int {
				for i, at := range by {
					if c := tied(values[a][at], values[b][at], q.Sort[i].Descending); c != 0 {
						return c
					}
				}
				return 0
			})
			forth, back := f.walk(q, nil)
			same(t, fmt.Sprint("forth by ", by, down), forth, want)
			same(t, fmt.Sprint("back by ", by, down), back, want)
		}
	}
}

// tied compares two values in the order of a sort; none comes last.
func tied(a, b string, down bool) int {
	switch {
	case a == "" || b == "":
		return cmp.Compare(len(b), len(a))
	case down:
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}
