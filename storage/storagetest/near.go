package storagetest

import (
	"testing"

	"bima/fhir"
)

// near holds a store to NearValue.
func near(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	at := func(places ...float64) *fhir.Index {
		x := &fhir.Index{}
		for i := 0; i < len(places); i += 2 {
			x.Positions = append(x.Positions, fhir.PositionRow{Param: "near", Latitude: places[i], Longitude: places[i+1]})
		}
		return x
	}
	f.create("Location/dar", at(-6.8, 39.28))
	f.create("Location/zanzibar", at(-6.165, 39.202)) // 71 km from dar
	f.create("Location/east", at(-16.8, 179.99))
	f.create("Location/west", at(-16.8, -179.99)) // 2.1 km from east
	f.create("Location/pole", at(89.99, 0))
	f.create("Location/beyond", at(89.99, 180)) // 2.2 km from pole
	f.create("Location/south", at(-90, 77))
	f.create("Location/two", at(10, 10, -6.801, 39.281)) // the second 0.16 km from dar
	f.create("Location/nowhere", nil)
	f.create("HealthcareService/clinic", &fhir.Index{References: []fhir.ReferenceRow{{Param: "location", Key: key("Location/dar")}}})
	f.create("HealthcareService/other", &fhir.Index{References: []fhir.ReferenceRow{{Param: "location", Key: key("Location/east")}}})
	within := func(lat, lon, km float64) fhir.Match {
		return fhir.Match{Param: param("near", fhir.ParamSpecial), Value: fhir.NearValue{Latitude: lat, Longitude: lon, Kilometres: km}}
	}
	location := param("location", fhir.ParamReference)
	const everywhere = "Location/beyond Location/dar Location/east Location/pole Location/south Location/two Location/west Location/zanzibar"
	f.cases([]searchCase{
		{"within a kilometre", "Location", within(-6.8, 39.28, 1), "Location/dar Location/two"},
		{"at the place itself", "Location", within(-6.8, 39.28, 0), "Location/dar"},
		{"not quite as far", "Location", within(-6.8, 39.28, 70), "Location/dar Location/two"},
		{"as far", "Location", within(-6.8, 39.28, 72), "Location/dar Location/two Location/zanzibar"},
		{"in the corner of the square but not in the circle", "Location", within(-6.3, 39.75, 65), "Location/zanzibar"},
		{"nothing near", "Location", within(0, 0, 100), ""},
		{"over the antimeridian eastwards", "Location", within(-16.8, 179.995, 3), "Location/east Location/west"},
		{"over the antimeridian westwards", "Location", within(-16.8, -179.995, 3), "Location/east Location/west"},
		{"not over the antimeridian", "Location", within(-16.8, 179.985, 1), "Location/east"},
		{"from longitude 180", "Location", within(-16.8, 180, 1.5), "Location/east Location/west"},
		{"over the pole", "Location", within(89.995, 0, 2), "Location/beyond Location/pole"},
		{"not over the pole", "Location", within(89.995, 0, 1), "Location/pole"},
		{"at the pole, whatever the longitude", "Location", within(-90, -120, 0.001), "Location/south"},
		{"half round the globe", "Location", within(0, 0, 30000), everywhere},
		{"not near", "Location", fhir.Not{Criterion: within(-6.8, 39.28, 30000)}, "Location/nowhere"},
		{"present", "Location", fhir.Present{Param: param("near", fhir.ParamSpecial)}, everywhere},
		{"near one or the other", "Location", fhir.Any{within(-6.8, 39.28, 0.05), within(-90, 0, 1)}, "Location/dar Location/south"},
		{"in a chain", "HealthcareService", fhir.Chain{Param: location, Type: "Location", Where: within(-6.8, 39.28, 10)}, "HealthcareService/clinic"},
		{"with another criterion", "Location", fhir.All{within(-6.8, 39.28, 10), fhir.Has{Type: "HealthcareService", Param: location}}, "Location/dar"},
	})
	t.Run("a place that moves is found where it is", func(t *testing.T) {
		f := fixture{t, f.store}
		f.update(func(w fhir.Writer) error { return put(w, "Location/dar", 1, at(1, 1), at(-6.8, 39.28)) })
		same(t, "there", f.found(fhir.Query{Types: []string{"Location"}, Where: within(1, 1, 1)}), []string{"Location/dar"})
		same(t, "here", f.found(fhir.Query{Types: []string{"Location"}, Where: within(-6.8, 39.28, 0)}), nil)
	})
}
