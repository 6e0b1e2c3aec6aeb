package measure

import (
	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
	"bima/profiles/indicator"
)

// A person is what is to be known of a Patient.
type person struct {
	sex     string // option of HF_SEX
	born    adjudication.Day
	known   bool   // whether born is
	poverty string // option of HF_POV
}

// personsMax bounds the persons that are remembered while places are counted.
const personsMax = 50_000

// recall gives persons by their keys: those of before, and the others read.
func (s *scheme) recall(w world, keys []fhir.Key) error {
	if len(s.persons) > personsMax {
		clear(s.persons)
	}
	var missing []fhir.Key
	asked := map[fhir.Key]bool{}
	for _, k := range keys {
		if _, known := s.persons[k]; k.Type == "Patient" && !known && !asked[k] {
			asked[k] = true
			missing = append(missing, k)
		}
	}
	found, err := w.many(missing)
	if err != nil {
		return err
	}
	poverty, err := w.poverty(missing)
	if err != nil {
		return err
	}
	return eachOf(found, func(p stored) error {
		s.persons[p.Key] = s.person(p.node, poverty[p.Key])
		return nil
	})
}

// person reads a Patient.
func (s *scheme) person(n fhir.Node, poverty string) (p person) {
	switch p.sex = "U"; n.Get("gender").Text() {
	case "male":
		p.sex = "M"
	case "female":
		p.sex = "F"
	}
	p.born, p.known = s.dayOf(n.Get("birthDate").Text())
	if p.poverty = poverty; poverty == "" {
		p.poverty = indicator.Unknown
	}
	return p
}

// isFamily reports whether a Group is a family that is active.
func isFamily(g fhir.Node) bool {
	return g.Identifier(profiles.IdentifierFamily) != "" && g.Get("active").Text() != "false"
}

func povertyOf(g fhir.Node) string {
	switch g.Extension(profiles.ExtensionOpenIMISGroupPoverty).Get("valueBoolean").Text() {
	case "true":
		return "POOR"
	case "false":
		return "NONPOOR"
	}
	return indicator.Unknown
}

// membersOf gives who is in a Group now.
func membersOf(g fhir.Node) []fhir.Key {
	var list []fhir.Key
	for m := range g.Get("member").Each() {
		if k := r4.Target(m.Get("entity")); k.Type == "Patient" && m.Get("inactive").Text() != "true" {
			list = append(list, k)
		}
	}
	return list
}

// band gives the option of HF_AGE on a day.
func (s *scheme) band(p person, on adjudication.Day) string {
	return s.pkg.Band(p.years(on))
}

// years gives a person's age on a day, -1 where it is not known.
func (p person) years(on adjudication.Day) int {
	if !p.known || on < p.born {
		return -1
	}
	by, bm, bd := adjudication.Date(p.born).Date()
	y, m, d := adjudication.Date(on).Date()
	years := y - by
	if m < bm || m == bm && d < bd {
		years--
	}
	return years
}

// under5 gives the option of HF_AGE2; who is of no known age is not under 5.
func (p person) under5(on adjudication.Day) string {
	if years := p.years(on); 0 <= years && years < 5 {
		return "U5"
	}
	return "5P"
}
