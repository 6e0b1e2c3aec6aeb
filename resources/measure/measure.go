// Package measure counts what profiles/indicator defines: membership,
// contributions and claims, by place and month. Its numbers are MeasureReports,
// which DHIS2 and whoever subscribes is sent.
//
// Nothing is counted while claims are submitted. Each day, and whenever somebody
// asks, what has changed since the last time is looked up in the history. A
// facility's numbers of claims are added to and taken from: by what the changed
// claims come to now, less what they came to as the history has them. The places
// and months that membership and contributions changed of are counted anew. Then
// the reports whose numbers are others are stored. So a number is always what
// counting all of the resources gives.
package measure

import (
	"time"

	"bima/fhir"
	"bima/profiles"
	"bima/profiles/indicator"
)

// Settings are what a scheme may choose. The zero value is a good default.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Months is how many months before the current one are counted anew by
	// themselves when something changes; 0 is 3, below 0 none.
	Months int
	// SmallCells hides numbers that fewer than so many events or persons stand
	// behind; 0 hides none.
	SmallCells int
	// Ages are where bands of age begin; see indicator.Options.
	Ages []int
	// Level is the level of places that membership is counted by, in openIMIS's
	// location-type; "" is W, the ward.
	Level string
	// GraceDays is within how many days after its end cover must go on for a person
	// not to have left; 0 is 30.
	GraceDays int
	// Currency is that of the amounts; "" is that of the scheme's first product.
	// Amounts in others are left out.
	Currency string
	// Held is how many bytes of versions of before are held to count what changed; of
	// more all is counted anew. 0 is 64 MiB.
	Held int
	// Now is the scheme's clock; nil is the machine's.
	Now func() time.Time
}

// A counter is the module with a scheme's choices.
type counter struct {
	Settings
	page  int           // how many claims are read at a time
	walks chan struct{} // filled while somebody goes through all persons, whose memory is for one
}

const (
	monthsDefault = 3
	graceDefault  = 30
	heldDefault   = 64 << 20
	levelDefault  = "W"
	levelDistrict = "D"
)

// Module makes the module.
func (s Settings) Module() fhir.Module {
	return s.paged(claimPage)
}

// paged makes the module with another size of pages of claims.
func (s Settings) paged(page int) fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Months == 0 {
		s.Months = monthsDefault
	}
	s.Months = max(0, s.Months)
	if s.Level == "" {
		s.Level = levelDefault
	}
	if s.GraceDays == 0 {
		s.GraceDays = graceDefault
	}
	if s.Held == 0 {
		s.Held = heldDefault
	}
	c := &counter{s, page, make(chan struct{}, 1)}
	return fhir.Module{
		Name: "measure",
		Operations: []fhir.Operation{
			{
				Code: "evaluate-measure", Types: []string{"Measure"}, Type: true, Instance: true,
				Definition: "http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure", Sums: true,
				Handle: c.evaluate,
			},
			{
				Code: "recount", Types: []string{"Measure"}, Type: true, Instance: true, Affects: true,
				Definition: profiles.Canonical + "/OperationDefinition/Measure-recount",
				Handle:     c.recount,
			},
		},
		Daily: []fhir.Daily{{Name: "indicators", Work: c.daily}},
		Veils: []fhir.Veil{c.veil()},
	}
}

// Check reports what is wrong with the settings, nil where nothing is.
func (s Settings) Check() error {
	_, err := indicator.New(indicator.Options{Ages: s.Ages})
	return err
}
