package signal

import (
	"fmt"
	"strconv"
	"strings"

	"bima/adjudication"
)

// dates compares the days of treatment with the person's life.
func (l *look) dates() {
	person := l.facts.Person()
	if !l.visit.Dated {
		return
	}
	if died, ok := adjudication.ReadLastDay(person.Get("deceasedDateTime").Text()); ok {
		for _, one := range l.visit.Lines {
			if one.Days.From > died {
				l.add(afterDeath, one.At, fmt.Sprintf("The service is of %s; the person died on %s, %s before.",
					adjudication.WriteDay(one.Days.From), adjudication.WriteDay(died), count(int(one.Days.From-died), "day")))
				break
			}
		}
	}
	if p := l.facts.Case.Patient; p.HasBirth && l.visit.Days.To < p.Born {
		l.add(beforeBirth, "Claim.billablePeriod", fmt.Sprintf("The treatment ended on %s; the person was born on %s.",
			adjudication.WriteDay(l.visit.Days.To), adjudication.WriteDay(p.Born)))
	}
}

// diagnosesMax bounds the diagnoses that are looked at.
const diagnosesMax = 50

// systemICD10 is ICD-10; its national versions begin with it.
const systemICD10 = "http://hl7.org/fhir/sid/icd-10"

// diagnoses compares the diagnoses with the person's sex and age.
func (l *look) diagnoses() {
	p := l.facts.Case.Patient
	i := -1
	for d := range l.claim.Get("diagnosis").Each() {
		if i++; i == diagnosesMax {
			return
		}
		for c := range d.At("diagnosisCodeableConcept", "coding").Each() {
			code := strings.ToUpper(c.Get("code").Text())
			if !strings.HasPrefix(c.Get("system").Text(), systemICD10) || len(code) < 3 {
				continue
			}
			at := "Claim.diagnosis[" + strconv.Itoa(i) + "]"
			if l.improbable(p, code, at) {
				break
			}
		}
	}
}

// improbable notes a diagnosis that does not fit the person, once.
func (l *look) improbable(p adjudication.Patient, code, at string) bool {
	years, known := yearsOld(p, l.visit.Days.To)
	for i := range conditions {
		c := &conditions[i]
		if !c.of(code[:3]) {
			continue
		}
		switch {
		case c.sex != adjudication.SexUnknown && (p.Sex == adjudication.Female || p.Sex == adjudication.Male) && p.Sex != c.sex:
			l.add(diagnosisSex, at, fmt.Sprintf("Diagnosis %s is of %s, which the person's registered sex does not fit.", code, c.name))
			return true
		case known && l.visit.Dated && (years < c.from || c.to > 0 && years > c.to):
			l.add(diagnosisAge, at, fmt.Sprintf("Diagnosis %s is of %s; the person was %s old.", code, c.name, count(years, "year")))
			return true
		}
	}
	return false
}

// A condition is a range of ICD-10 that only persons of one sex or of some ages
// have.
type condition struct {
	name        string
	first, last string // categories, "O00" to "O99"
	sex         adjudication.Sex
	from, to    int // completed years; a to of 0 leaves it open
}

func (c *condition) of(category string) bool { return c.first <= category && category <= c.last }

// conditions are those of which ICD-10 itself says whom they concern. The ages
// leave room: a signal is for what is hardly possible, not for what is rare.
// Source: ICD-10 chapters XIV to XVI and XXI, and its notes on sex.
var conditions = []condition{
	{name: "pregnancy, childbirth and the weeks after", first: "O00", last: "O99", sex: adjudication.Female, from: 9, to: 59},
	{name: "the supervision of pregnancy", first: "Z32", last: "Z36", sex: adjudication.Female, from: 9, to: 59},
	{name: "childbirth", first: "Z37", last: "Z37", sex: adjudication.Female, from: 9, to: 59},
	{name: "the care of a mother after childbirth", first: "Z39", last: "Z39", sex: adjudication.Female, from: 9, to: 59},
	{name: "cancer of the female genital organs", first: "C51", last: "C58", sex: adjudication.Female},
	{name: "cancer of the male genital organs", first: "C60", last: "C63", sex: adjudication.Male},
	{name: "disorders of the male genital organs", first: "N40", last: "N51", sex: adjudication.Male},
	{name: "disorders of the female pelvic organs", first: "N70", last: "N98", sex: adjudication.Female},
	{name: "conditions that begin around birth", first: "P00", last: "P96", to: 17},
}

// yearsOld gives the person's age in completed years.
func yearsOld(p adjudication.Patient, on adjudication.Day) (years int, known bool) {
	born, day := adjudication.Date(p.Born), adjudication.Date(on)
	years = day.Year() - born.Year()
	if day.Month() < born.Month() || day.Month() == born.Month() && day.Day() < born.Day() {
		years--
	}
	return years, p.HasBirth
}

// count writes a number of things, "1 day" or "3 days".
func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return strconv.Itoa(n) + " " + of + "s"
}
