package nation

import (
	"fmt"

	"bima/profiles"
)

// How many persons a place has, about.
const (
	personsDistrict = 40_000
	personsVillage  = 1_500
)

// A district has one hospital, three health centres and a dispensary for every
// second village.
type district struct {
	number     int
	name       string
	facilities []facility
}

// A facility's level is the place of its price list in levels.
type facility struct {
	number, level, village int
	name                   string
}

type village struct {
	number   int
	name     string
	district int // its index
	nearest  int // the index of its facility in the district
}

// A level is a kind of facility.
type level struct{ code, care, legal, list, name string }

const (
	dispensary = iota
	healthCentre
	hospital
)

var levels = []level{
	dispensary:   {"D", "O", "G", "DISPENSARY", "Dispensary"},
	healthCentre: {"C", "B", "C", "HEALTHCENTRE", "Health Centre"},
	hospital:     {"H", "B", "G", "HOSPITAL", "Hospital"},
}

var (
	beginnings = []string{"Mto", "Kili", "Phul", "Chau", "Nya", "Ban", "Saga", "Tamba", "Dhan", "Ruva", "Koshi", "Mwa", "Lali", "Goru", "Pasi", "Itu"}
	middles    = []string{"ma", "ri", "ku", "sha", "de", "wa", "go", "li"}
	endings    = []string{"ni", "bari", "tara", "zwe", "pur", "ko", "la", "ji", "tole", "nga"}
)

// placeName makes a name of a number, each another up to 1,280.
func placeName(number int) string {
	a, rest := number%len(beginnings), number/len(beginnings)
	b, c := rest%len(middles), rest/len(middles)%len(endings)
	name := beginnings[a] + middles[b] + endings[c]
	if round := number / (len(beginnings) * len(middles) * len(endings)); round > 0 {
		return fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

// settle draws where people live.
func (n *nation) settle(persons int) {
	for d := range max(1, persons/personsDistrict) {
		n.districts = append(n.districts, district{number: d + 1, name: placeName(d*37 + 5)})
	}
	for v := range max(len(n.districts)*4, persons/personsVillage) {
		n.villages = append(n.villages, village{number: v + 1, name: placeName(v), district: v % len(n.districts)})
	}
	number := 0
	for i := range n.villages {
		v := &n.villages[i]
		d := &n.districts[v.district]
		kind := -1
		switch have := len(d.facilities); {
		case have == 0:
			kind = hospital
		case have <= 3:
			kind = healthCentre
		case i/len(n.districts)%2 == 0:
			kind = dispensary
		}
		if kind >= 0 {
			number++
			d.facilities = append(d.facilities, facility{number: number, level: kind, village: i, name: v.name + " " + levels[kind].name})
		}
		v.nearest = len(d.facilities) - 1
	}
}

// places writes the locations, the facilities and who works there.
func (n *nation) places() {
	n.location("nation", "Umoja", "R", "")
	for _, d := range n.districts {
		n.location(d.id(), d.name, "D", "nation")
	}
	for _, v := range n.villages {
		d := n.districts[v.district]
		if v.number <= len(n.districts) {
			n.location("ward-"+d.id(), d.name+" Ward", "W", d.id())
		}
		n.location(v.id(), v.name, "V", "ward-"+d.id())
	}
	for _, d := range n.districts {
		n.worker("officer", d.number, "EO", "scheme")
		for _, f := range d.facilities {
			n.facility(d, f)
		}
	}
}

func (d district) id() string { return fmt.Sprintf("d%d", d.number) }
func (v village) id() string  { return fmt.Sprintf("v%d", v.number) }
func (f facility) id() string { return fmt.Sprintf("hf%d", f.number) }

func (n *nation) location(id, name, kind, partOf string) {
	if partOf != "" {
		partOf = `,"partOf":{"reference":"Location/` + partOf + `"}`
	}
	n.put("Location", `{"resourceType":"Location","id":"%s","identifier":[{"system":"%s","value":"%[1]s"}],"status":"active","name":"%[3]s",`+
		`"mode":"instance","type":[{"coding":[{"system":"%s","code":"%s"}]}],"physicalType":{"coding":[{`+
		`"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"area"}]}%s}`,
		id, profiles.IdentifierLocation, name, profiles.SystemOpenIMISLocation, kind, partOf)
}

// facility writes an Organization, its site, and its claims administrator.
func (n *nation) facility(d district, f facility) {
	l, v := levels[f.level], n.villages[f.village]
	code := fmt.Sprintf("HF-%s%05d", l.code, f.number)
	coded := func(url, system, code string) string {
		return fmt.Sprintf(`{"url":"%s","valueCodeableConcept":{"coding":[{"system":"%s","code":"%s"}]}}`, url, system, code)
	}
	n.put("Organization", `{"resourceType":"Organization","id":"%s","extension":[{"url":"%s","valueCoding":{"system":"%s","code":"%s"}},%s,%s,%s],`+
		`"identifier":[{"system":"%s","value":"%s"}],"active":true,"type":[{"coding":[{`+
		`"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"%s",`+
		`"address":[{"use":"work","type":"physical","city":"%s","district":"%s"}]}`,
		f.id(), profiles.ExtensionPriceList, profiles.SystemPriceList, l.list,
		coded(profiles.ExtensionOpenIMISFacilityLevel, profiles.SystemOpenIMISFacilityLevel, l.code),
		coded(profiles.ExtensionOpenIMISCareType, profiles.SystemOpenIMISCareType, l.care),
		coded(profiles.ExtensionOpenIMISLegalForm, profiles.SystemOpenIMISLegalForm, l.legal),
		profiles.IdentifierFacility, code, f.name, v.name, d.name)
	latitude, longitude := n.position(f)
	n.put("Location", `{"resourceType":"Location","id":"site-%s","identifier":[{"system":"%s","value":"%s"}],"status":"active","name":"%s","mode":"instance",`+
		`"physicalType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"bu"}]},`+
		`"position":{"longitude":%.5f,"latitude":%.5f},"managingOrganization":{"reference":"Organization/%[1]s"},"partOf":{"reference":"Location/%[7]s"}}`,
		f.id(), profiles.IdentifierFacility, code, f.name, longitude, latitude, v.id())
	n.worker("claims", f.number, "CA", f.id())
}

// position places a facility within some degrees south of the equator.
func (n *nation) position(f facility) (latitude, longitude float64) {
	d := n.villages[f.village].district
	return -2 - float64(d%20)*0.3 - n.random.Float64()*0.3, 30 + float64(d/20)*0.3 + n.random.Float64()*0.3
}

// worker writes a Practitioner and his role.
func (n *nation) worker(kind string, number int, qualification, organization string) {
	gender := sexes[n.random.IntN(2)]
	n.put("Practitioner", `{"resourceType":"Practitioner","id":"%s-%d","identifier":[{"system":"%s","value":"%s-%05[2]d"}],"active":true,`+
		`"name":[{"use":"official","family":"%[5]s","given":["%s"]}],"gender":"%s","qualification":[{"code":{"coding":[{"system":"%s","code":"%[4]s"}]}}]}`,
		kind, number, profiles.IdentifierPractitioner, qualification, n.surname(), n.given(gender), gender, profiles.SystemOpenIMISPractitioner)
	n.put("PractitionerRole", `{"resourceType":"PractitionerRole","id":"%s-%d","active":true,"practitioner":{"reference":"Practitioner/%[1]s-%[2]d"},`+
		`"organization":{"reference":"Organization/%[3]s"},"code":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/practitioner-role","code":"ict"}]}]}`,
		kind, number, organization)
}
