package contract

import (
	"bima/fhir"
	"bima/profiles"
)

// coveragesMax bounds how many Coverages of one person are looked at.
const coveragesMax = 200

// A coverage is a person's membership as it is stored.
type coverage struct {
	key      fhir.Key
	node     fhir.Node
	contract fhir.Key
	plan     fhir.Key
	state    string
	inForce  bool // its status is active
	from, to day  // both days in it; an open end is the last day there is
}

// lastDay stands for an open end.
const lastDay = day(1<<31 - 1)

// coverages gives all Coverages of a person.
func coverages(r fhir.Reader, person fhir.Key) ([]coverage, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person},
	}})
	if err != nil {
		return nil, err
	}
	var list []coverage
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		c := coverage{
			key: resource.Key, node: n, contract: target(n.Get("contract").First()), state: state(n, profiles.ExtensionCoverageState),
			plan:    target(n.Extension(profiles.ExtensionCoverageInsurancePlan).Get("valueReference")),
			inForce: n.Get("status").Text() == "active", to: lastDay,
		}
		c.from, _ = dayOf(n.At("period", "start").Text())
		if end, ok := lastDayOf(n.At("period", "end").Text()); ok {
			c.to = end
		}
		list = append(list, c)
	}
	return list, nil
}
