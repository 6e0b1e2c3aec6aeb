package storagetest

import (
	"slices"
	"testing"

	"bima/fhir"
)

// samples holds the readers of a store to fhir.Sampler.
func samples(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	tagged := func(system, code string) *fhir.Index {
		return &fhir.Index{Tokens: []fhir.TokenRow{{Param: "_tag", System: system, Code: code}, {Param: "status", Code: "active"}}}
	}
	profiled := func(uri string) *fhir.Index { return &fhir.Index{URIs: []fhir.URIRow{{Param: "_profile", URI: uri}}} }
	f.create("Patient/first", tagged("urn:a", "vip"))
	f.create("Patient/same", tagged("urn:a", "vip"))
	f.create("Patient/system", tagged("urn:b", "vip"))
	f.create("Group/vip", tagged("urn:a", "vip"))
	f.create("Group/none", &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}})
	f.create("Claim/one", profiled("http://x.example/p"))
	f.create("Claim/two", profiled("http://x.example/p"))
	f.create("Claim/gone", tagged("urn:a", "gone"))
	f.update(func(w fhir.Writer) error { return remove(w, "Claim/gone", 1, tagged("urn:a", "gone")) })
	tag, profile := fhir.Param{Code: "_tag", Kind: fhir.ParamToken}, fhir.Param{Code: "_profile", Kind: fhir.ParamURI}
	for _, c := range []struct {
		name  string
		types []string
		param fhir.Param
		limit int
		want  []string
	}{
		{"one for each token and type", nil, tag, 10, []string{"Group/vip", "Patient/first", "Patient/system"}},
		{"of a type", []string{"Patient"}, tag, 10, []string{"Patient/first", "Patient/system"}},
		{"of several types", []string{"Group", "Claim"}, tag, 10, []string{"Group/vip"}},
		{"one for each URI", nil, profile, 10, []string{"Claim/one"}},
		{"no more than are asked for", []string{"Patient"}, tag, 1, []string{"Patient/first"}},
		{"none of a parameter nobody has", nil, fhir.Param{Code: "_security", Kind: fhir.ParamToken}, 10, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			fixture{t, f.store}.view(func(r fhir.Reader) error {
				keys, err := r.(fhir.Sampler).Samples(c.types, c.param, c.limit)
				for _, k := range keys {
					got = append(got, k.String())
				}
				return err
			})
			slices.Sort(got)
			if c.limit == 1 && len(got) == 1 {
				return // which of them is all the same
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}
