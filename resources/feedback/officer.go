package feedback

import (
	"cmp"
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/workplace"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// placesMax bounds the way up from a place.
	placesMax = 10
	// officersMax bounds the officers of one place that are looked at.
	officersMax = 200
	// officer is the code of enrolment officers, healthWorker of community health
	// workers: the latter are asked first.
	officer      = "EO"
	healthWorker = "community-health-worker"
)

// whoServes gives the worker with a phone who serves the place where a patient
// lives, or the place around it; zero where there is none. Of several it is always
// the same for one patient.
func whoServes(r fhir.Reader, patient fhir.Key, today time.Time) (fhir.Key, error) {
	person, err := fhir.Tree(r, patient)
	if err != nil {
		return fhir.Key{}, err
	}
	place, err := homeOf(r, person)
	for range placesMax {
		if err != nil || place.IsZero() {
			return fhir.Key{}, err
		}
		found, err := workersAt(r, place, today)
		if err != nil {
			return fhir.Key{}, err
		}
		if len(found) > 0 {
			return found[spread(patient.ID)%len(found)], nil
		}
		n, err := fhir.Tree(r, place)
		if err != nil {
			return fhir.Key{}, err
		}
		place = r4.Target(n.Get("partOf"))
	}
	return fhir.Key{}, nil
}

// spread gives a number that a text always has.
func spread(text string) int {
	sum := 0
	for _, c := range []byte(text) {
		sum = (sum*31 + int(c)) & 0xffffff
	}
	return sum
}

// homeOf gives the place of the register where a patient lives: the one his address
// names, or the only village of its name.
func homeOf(r fhir.Reader, person fhir.Node) (fhir.Key, error) {
	for address := range person.Get("address").Each() {
		if k := r4.Target(address.Extension(profiles.ExtensionOpenIMISAddressLocation).Get("valueReference")); k.Type == "Location" {
			return k, nil
		}
	}
	for address := range person.Get("address").Each() {
		name := address.Get("city").Text()
		if name == "" {
			continue
		}
		page, err := r.Search(&fhir.Query{Types: []string{"Location"}, Limit: 2, Where: fhir.All{
			fhir.Match{Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: name, Mode: fhir.StringExact}},
			fhir.Match{Param: fhir.Param{Code: "type", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemOpenIMISLocation, Code: "V"}},
		}})
		if err != nil {
			return fhir.Key{}, err
		}
		if len(page.Resources) == 1 {
			return page.Resources[0].Key, nil
		}
	}
	return fhir.Key{}, nil
}

// workersAt gives the community health workers, or else the enrolment officers,
// with a phone who work in a place.
func workersAt(r fhir.Reader, place fhir.Key, today time.Time) ([]fhir.Key, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"PractitionerRole"}, Limit: officersMax, Where: fhir.Match{
		Param: fhir.Param{Code: "location", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: place},
	}})
	if err != nil {
		return nil, err
	}
	byCode := map[string][]fhir.Key{}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		code := roleOf(n)
		if code == "" || !workplace.InUse(n, adjudication.DayOf(today)) {
			continue
		}
		reachable, err := hasPhone(r, n)
		if err != nil {
			return nil, err
		}
		if reachable {
			byCode[code] = append(byCode[code], resource.Key)
		}
	}
	found := byCode[healthWorker]
	if len(found) == 0 {
		found = byCode[officer]
	}
	slices.SortFunc(found, func(a, b fhir.Key) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

// roleOf gives the code of a role that asks patients; "" for others.
func roleOf(role fhir.Node) string {
	for concept := range role.Get("code").Each() {
		if concept.Code(profiles.SystemSchemeRole) == healthWorker {
			return healthWorker
		}
		if concept.Code(profiles.SystemOpenIMISPractitioner) == officer {
			return officer
		}
	}
	return ""
}

// hasPhone reports whether a role, or the person who has it, has a phone.
func hasPhone(r fhir.Reader, role fhir.Node) (bool, error) {
	if phone(role) {
		return true, nil
	}
	person, err := fhir.Tree(r, r4.Target(role.Get("practitioner")))
	return phone(person) && person.Get("active").Text() != "false", err
}

func phone(n fhir.Node) bool {
	for t := range n.Get("telecom").Each() {
		if (t.Get("system").Text() == "phone" || t.Get("system").Text() == "sms") && t.Get("value").Text() != "" && t.Get("use").Text() != "old" {
			return true
		}
	}
	return false
}
