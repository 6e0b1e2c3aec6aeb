package storagetest

import (
	"slices"
	"testing"

	"bima/fhir"
)

// referrers holds the readers of a store to fhir.Referrers.
func referrers(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	refers := func(rows ...fhir.ReferenceRow) *fhir.Index { return &fhir.Index{References: rows} }
	to := func(param, name string) fhir.ReferenceRow { return fhir.ReferenceRow{Param: param, Key: key(name)} }
	f.create("Patient/asha", nil)
	f.create("Patient/juma", refers(to("link", "Patient/asha")))
	f.create("Claim/c1", refers(to("patient", "Patient/asha"), to("subject", "Patient/asha")))
	f.create("Claim/c2", refers(to("patient", "Patient/juma")))
	f.create("Claim/foreign", refers(fhir.ReferenceRow{Param: "patient", URL: "asha"}))
	f.create("Group/asha", refers(to("member", "Group/asha")))
	f.create("Coverage/old", refers(to("beneficiary", "Patient/asha")))
	f.create("Coverage/gone", refers(to("beneficiary", "Patient/asha")))
	f.update(func(w fhir.Writer) error {
		return put(w, "Coverage/old", 1, refers(to("beneficiary", "Patient/juma")), refers(to("beneficiary", "Patient/asha")))
	})
	f.update(func(w fhir.Writer) error {
		return remove(w, "Coverage/gone", 1, refers(to("beneficiary", "Patient/asha")))
	})
	ask := func(f fixture, name string, limit int) (out []string) {
		f.Helper()
		f.view(func(r fhir.Reader) error {
			keys, err := r.(fhir.Referrers).Referrers(key(name), limit)
			for _, k := range keys {
				out = append(out, k.String())
			}
			slices.Sort(out)
			return err
		})
		return out
	}
	for _, c := range []struct {
		name, of string
		want     []string
	}{
		{"by any parameter, each once, current ones only", "Patient/asha", []string{"Claim/c1", "Patient/juma"}},
		{"of what was referred to later", "Patient/juma", []string{"Claim/c2", "Coverage/old"}},
		{"of a resource of the same id but another type", "Group/asha", []string{"Group/asha"}},
		{"of what nobody refers to", "Claim/c1", nil},
		{"of a type that never was", "Basic/asha", nil},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, "referrers", ask(fixture{t, f.store}, c.of, 100), c.want) })
	}
	t.Run("no more than asked for", func(t *testing.T) {
		if got := ask(fixture{t, f.store}, "Patient/asha", 1); len(got) != 1 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("of several resources at once, each referrer once", func(t *testing.T) {
		f := fixture{t, f.store}
		f.view(func(r fhir.Reader) error {
			all := []fhir.Key{key("Patient/asha"), key("Patient/juma"), key("Group/asha"), key("Claim/asha")}
			keys, err := r.(fhir.ManyReferrers).ReferrersOf(all, 100)
			var got []string
			for _, k := range keys {
				got = append(got, k.String())
			}
			slices.Sort(got)
			same(t, "referrers", got, []string{"Claim/c1", "Claim/c2", "Coverage/old", "Group/asha", "Patient/juma"})
			if keys, err := r.(fhir.ManyReferrers).ReferrersOf(all, 2); err != nil || len(keys) != 2 {
				t.Errorf("at most 2: got %v, %v", keys, err)
			}
			return err
		})
	})
	t.Run("a writer sees what it wrote", func(t *testing.T) {
		f := fixture{t, f.store}
		f.update(func(w fhir.Writer) error {
			if err := put(w, "Claim/c3", 0, refers(to("new-parameter", "Claim/c1")), nil); err != nil {
				return err
			}
			keys, err := w.(fhir.Referrers).Referrers(key("Claim/c1"), 10)
			if err == nil && (len(keys) != 1 || keys[0] != key("Claim/c3")) {
				t.Errorf("got %v", keys)
			}
			return err
		})
	})
}
