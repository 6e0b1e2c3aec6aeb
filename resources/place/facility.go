package place

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// placesMax bounds how many places a facility's catchment names.
const placesMax = 2_000

// traits are what a facility is, each a code of openIMIS's, and the codes there
// are.
var traits = []struct{ url, system, codes string }{
	{profiles.ExtensionOpenIMISFacilityLevel, profiles.SystemOpenIMISFacilityLevel, "D C H"},
	{profiles.ExtensionOpenIMISCareType, profiles.SystemOpenIMISCareType, "I O B"},
	{profiles.ExtensionOpenIMISLegalForm, profiles.SystemOpenIMISLegalForm, "C D G P"},
}

// isFacility reports whether an Organization is a facility of the scheme.
func isFacility(organization fhir.Node) bool {
	return organization.Identifier(profiles.IdentifierFacility) != ""
}

// checkFacility asks what a facility itself can answer.
func checkFacility(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !isFacility(c.Node) {
		return nil
	}
	provider := slices.ContainsFunc(elements(c.Node.Get("type")), func(t fhir.Node) bool {
		return t.Code("http://terminology.hl7.org/CodeSystem/organization-type") == "prov"
	})
	switch {
	case !provider:
		return refuse("Organization.type", "a facility of the scheme is an organization of type prov")
	case c.Node.Get("name").Text() == "":
		return refuse("Organization.name", "a facility of the scheme has a name")
	}
	for _, t := range traits {
		if err := checkTrait(c.Node, t.url, t.system, t.codes); err != nil {
			return err
		}
	}
	if err := checkContract(c.Node); err != nil {
		return err
	}
	if err := checkLists(c.Node); err != nil {
		return err
	}
	return checkCatchment(c.Node)
}

func checkTrait(facility fhir.Node, url, system, codes string) error {
	said := extensions(facility, url)
	if len(said) > 1 {
		return refuse(at(url), "a facility has one of these")
	}
	for _, e := range said {
		if code := e.Get("valueCodeableConcept").Code(system); !slices.Contains(strings.Fields(codes), code) {
			return refuse(at(url), "%.40q is no code of %s; there are %s", code, system, codes)
		}
	}
	return nil
}

// checkContract holds the days of a contract together.
func checkContract(facility fhir.Node) error {
	said := extensions(facility, profiles.ExtensionFacilityContract)
	if len(said) > 1 {
		return refuse(at(profiles.ExtensionFacilityContract), "a facility has one contract with the scheme; its predecessors are in the history")
	}
	for _, e := range said {
		period := e.Extension("period").Get("valuePeriod")
		contract, ok := daysOf(period)
		if !ok || !period.Get("start").Exists() {
			return refuse(at(profiles.ExtensionFacilityContract), "a contract has a first day, and no last day before it")
		}
		var earlier []fhir.Interval
		for _, s := range extensions(e, "suspension") {
			days, ok := daysOf(s.Get("valuePeriod"))
			outside := days.From.IsZero() || days.From.Before(contract.From) || !contract.To.IsZero() && (days.To.IsZero() || days.To.After(contract.To))
			if !ok || outside {
				return refuse(at(profiles.ExtensionFacilityContract), "a suspension has a first day and lies within the contract")
			}
			if slices.ContainsFunc(earlier, days.Overlaps) {
				return refuse(at(profiles.ExtensionFacilityContract), "two suspensions are on some of the same days; make them one")
			}
			earlier = append(earlier, days)
		}
	}
	return nil
}

// checkLists refuses a price list that a facility is on twice on a day.
func checkLists(facility fhir.Node) error {
	type membership struct {
		system, code string
		days         fhir.Interval
	}
	var earlier []membership
	for _, e := range extensions(facility, profiles.ExtensionPriceList) {
		coding := e.Get("valueCoding")
		days, ok := daysOf(coding.Extension(profiles.ExtensionPricePeriod).Get("valuePeriod"))
		m := membership{coding.Get("system").Text(), coding.Get("code").Text(), days}
		switch {
		case m.code == "":
			return refuse(at(profiles.ExtensionPriceList), "a price list is named by a Coding with a code")
		case !ok:
			return refuse(at(profiles.ExtensionPriceList), "the facility would leave the list %.40s before it joins", m.code)
		}
		for _, other := range earlier {
			if other.system == m.system && other.code == m.code && other.days.Overlaps(days) {
				return refuse(at(profiles.ExtensionPriceList), "the facility is on the list %.40s twice on some of the same days", m.code)
			}
		}
		earlier = append(earlier, m)
	}
	return nil
}

// checkCatchment refuses shares that can't be, and a place twice.
func checkCatchment(facility fhir.Node) error {
	seen := map[string]bool{}
	for _, e := range extensions(facility, profiles.ExtensionCatchment) {
		place := e.Extension("place").At("valueReference", "reference").Text()
		share := e.Extension("percentage").Get("valueDecimal")
		amount, err := fhir.ParseAmount(share.Text())
		switch {
		case place == "":
			return refuse(at(profiles.ExtensionCatchment), "a catchment names a place by reference")
		case seen[place]:
			return refuse(at(profiles.ExtensionCatchment), "%.80s is in the catchment twice", place)
		case len(seen) == placesMax:
			return refuse(at(profiles.ExtensionCatchment), "a catchment has up to %d places; name those above them", placesMax)
		case share.Exists() && (err != nil || amount <= 0 || amount > fhir.Units(100)):
			return refuse(at(profiles.ExtensionCatchment), "the share of %.80s is a percentage above 0, up to 100", place)
		}
		seen[place] = true
	}
	return nil
}

// reactFacility refuses a catchment of places that are not in the tree.
func (m module) reactFacility(tx fhir.Tx, c fhir.Change) error {
	if c.After == nil || !isFacility(c.Node) {
		return nil
	}
	wanted := map[fhir.Key]bool{}
	for _, e := range extensions(c.Node, profiles.ExtensionCatchment) {
		wanted[r4.Target(e.Extension("place").Get("valueReference"))] = true
	}
	if len(wanted) == 0 {
		return nil
	}
	keys := make([]fhir.Key, 0, len(wanted))
	for k := range wanted {
		keys = append(keys, k)
	}
	found, err := tx.ReadMany(keys)
	if err != nil {
		return err
	}
	for _, resource := range found {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		if level, known := m.level(doc.Root()); known && level >= 0 {
			delete(wanted, resource.Key)
		}
	}
	for k := range wanted {
		return refuse(at(profiles.ExtensionCatchment), "%s is no place of the tree on this server", k)
	}
	return nil
}

// at gives the path of an extension on a facility.
func at(url string) string { return fmt.Sprintf("Organization.extension('%s')", url) }

// extensions gives all extensions of a URL.
func extensions(n fhir.Node, url string) []fhir.Node {
	return slices.DeleteFunc(elements(n.Get("extension")), func(e fhir.Node) bool { return e.Get("url").Text() != url })
}

// elements gives the elements of an array.
func elements(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for e := range n.Each() {
		list = append(list, e)
	}
	return list
}

// daysOf gives the days of a Period, both ends in it; ok is false where it ends
// before it begins, or has ends that are no dates.
func daysOf(period fhir.Node) (i fhir.Interval, ok bool) {
	if start := period.Get("start").Text(); start != "" {
		d, err := fhir.ParseDateTime(start)
		if err != nil {
			return i, false
		}
		i.From = d.Interval(time.UTC).From
	}
	if end := period.Get("end").Text(); end != "" {
		d, err := fhir.ParseDateTime(end)
		if err != nil {
			return i, false
		}
		i.To = d.Interval(time.UTC).To
	}
	return i, i.From.IsZero() || i.To.IsZero() || i.From.Before(i.To)
}
