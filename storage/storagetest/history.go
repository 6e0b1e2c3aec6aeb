package storagetest

import (
	"fmt"
	"math"
	"testing"

	"bima/fhir"
)

// updated gives the time of the current version, in microseconds.
func (f fixture) updated(name string) (micros int64) {
	f.Helper()
	f.view(func(r fhir.Reader) error {
		v, err := r.Read(key(name))
		if err == nil {
			micros = v.Updated.UnixMicro()
		}
		return err
	})
	return micros
}

func histories(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	for i := range 3 {
		f.create(fmt.Sprintf("Patient/p%d", i), nil)
	}
	f.tick()
	f.create("Claim/c", nil)
	f.tick()
	f.update(func(w fhir.Writer) error { return put(w, "Patient/p1", 1, nil, nil) })
	f.tick()
	f.update(func(w fhir.Writer) error { return remove(w, "Patient/p0", 1, nil) })
	all := []string{"Patient/p0 2", "Patient/p1 2", "Claim/c 1", "Patient/p2 1", "Patient/p1 1", "Patient/p0 1"}
	middle, changed, removed := f.updated("Claim/c"), f.updated("Patient/p1"), f.updated("Patient/p0")
	at := func(from, to int64) fhir.HistoryQuery {
		return fhir.HistoryQuery{At: &fhir.DateValue{From: from, To: to}}
	}
	keys := func(all ...string) fhir.HistoryQuery {
		q := fhir.HistoryQuery{Keys: []fhir.Key{}}
		for _, k := range all {
			q.Keys = append(q.Keys, key(k))
		}
		return q
	}
	of := func(typ string, q fhir.HistoryQuery) fhir.HistoryQuery {
		q.Type = typ
		return q
	}
	many := keys("Patient/p1", "Claim/c")
	for i := range 1000 {
		many.Keys = append(many.Keys, key(fmt.Sprint("Patient/nobody", i)))
	}
	for _, c := range []struct {
		name  string
		query fhir.HistoryQuery
		want  []string
	}{
		{"of everything", fhir.HistoryQuery{}, all},
		{"of a type", fhir.HistoryQuery{Type: "Patient"}, []string{all[0], all[1], all[3], all[4], all[5]}},
		{"of a resource", fhir.HistoryQuery{Type: "Patient", ID: "p1"}, []string{all[1], all[4]}},
		{"of a type without any", fhir.HistoryQuery{Type: "Coverage"}, nil},
		{"of a resource that never was", fhir.HistoryQuery{Type: "Patient", ID: "p9"}, nil},
		{"since the middle", fhir.HistoryQuery{Since: middle}, all[:3]},
		{"since the microsecond after the middle", fhir.HistoryQuery{Since: middle + 1}, all[:2]},
		{"at the middle", at(middle, middle+1000), []string{all[2], all[3], all[4], all[5]}},
		{"at a microsecond within a version", at(middle+1, middle+2), []string{all[2], all[3], all[4], all[5]}},
		{"a version is no more when the next one is made", at(changed, changed+1000), []string{all[1], all[2], all[3], all[5]}},
		{"both are current within an interval that holds the change", at(changed-1, changed+1000), []string{all[1], all[2], all[3], all[4], all[5]}},
		{"at the end", at(removed, math.MaxInt64), []string{all[0], all[1], all[2], all[3]}},
		{"at any time", at(math.MinInt64, math.MaxInt64), all},
		{"before anything was", at(math.MinInt64, 0), nil},
		{"at the middle of a type", of("Patient", at(middle, middle+1000)), []string{all[3], all[4], all[5]}},
		{"since and at together", fhir.HistoryQuery{Since: middle, At: &fhir.DateValue{From: middle, To: middle + 1000}}, []string{all[2]}},
		{"of some resources", keys("Patient/p0", "Claim/c"), []string{all[0], all[2], all[5]}},
		{"of some resources, of a type", of("Patient", keys("Patient/p0", "Claim/c", "Patient/p2")), []string{all[0], all[3], all[5]}},
		{"of many resources", many, []string{all[1], all[2], all[4]}},
		{"of resources that never were", keys("Patient/nobody", "Basic/p0"), nil},
		{"of no resources", keys(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for limit := 1; limit <= 7; limit += 2 {
				q := c.query
				q.Limit, q.Total = limit, fhir.TotalAccurate
				var got []string
				for range all {
					var page *fhir.Page
					fixture{t, f.store}.view(func(r fhir.Reader) (err error) {
						page, err = r.History(&q)
						return err
					})
					for _, v := range page.Resources {
						got = append(got, fmt.Sprintf("%s %d", v.Key, v.Version))
					}
					if *page.Total != int64(len(c.want)) {
						t.Errorf("total %d, want %d", *page.Total, len(c.want))
					}
					if q.After = page.Next; q.After == "" {
						break
					}
				}
				same(t, fmt.Sprintf("by pages of %d", limit), got, c.want)
			}
		})
	}
}
