package main

import (
	"errors"
	"fmt"
	"strings"

	"bima/cmd/bima/house"
	"bima/resources/enrolment"
	"bima/resources/group"
	"bima/resources/patient"
	"bima/resources/patient/number"
	"bima/resources/place"
)

// enrolmentFlags are what a scheme may choose of persons and families.
type enrolmentFlags struct {
	NumberLength    int      `help:"How many characters an insurance number has, with prefix and check; 0 is 2 to 20." default:"0" env:"BIMA_NUMBER_LENGTH"`
	NumberAlphabet  string   `help:"The letters of insurance numbers, in the order of their values." default:"0123456789" env:"BIMA_NUMBER_ALPHABET"`
	NumberCheck     string   `help:"How the last of an insurance number checks the others: luhn, modulo-7, modulo-10, modulo-11, modulo-97 or none." enum:"luhn,modulo-7,modulo-10,modulo-11,modulo-97,none" default:"luhn" env:"BIMA_NUMBER_CHECK"`
	NumberGenerator string   `help:"How numbers are made for persons who have none: serial (without gaps), random (not to be guessed), or none are made (off)." enum:"off,serial,random" default:"off" env:"BIMA_NUMBER_GENERATOR"`
	NumberPrefix    []string `help:"What made numbers begin with, by the code of the district: D1=07. Without a code for all others: =99. May be repeated." env:"BIMA_NUMBER_PREFIX" placeholder:"CODE=PREFIX"`
	MembersMax      int      `help:"How many members a family may have; 0 is no limit." default:"0" env:"BIMA_MEMBERS_MAX"`
	PhotoBytes      int      `help:"The largest photo of a person, in bytes." default:"2097152" env:"BIMA_PHOTO_BYTES"`
	PlaceLevel      []string `help:"A level of the tree of places, the topmost first: its code in openIMIS's location-type and what the country calls it; R=Region, D=District, W=Ward and V=Village by default. Repeat it for each level." env:"BIMA_PLACE_LEVEL" placeholder:"CODE=NAME"`
	VillageRequired bool     `help:"Refuse families whose address names no village." env:"BIMA_VILLAGE_REQUIRED"`
	SubmitCreates   bool     `help:"Have $$submit answer 201, as the text of IHE FAIS says, and not 200, as its test features do." env:"BIMA_SUBMIT_CREATES"`
}

// scheme gives what the scheme has chosen.
func (f enrolmentFlags) scheme() (house.Scheme, error) {
	numbers := number.Scheme{Length: f.NumberLength, Alphabet: f.NumberAlphabet, Check: number.Check(f.NumberCheck), Prefixes: map[string]string{}}
	if f.NumberGenerator != "off" {
		numbers.Generator = number.Generator(f.NumberGenerator)
	}
	for _, pair := range f.NumberPrefix {
		code, prefix, ok := strings.Cut(pair, "=")
		if !ok {
			return house.Scheme{}, fmt.Errorf("--number-prefix %q is not CODE=PREFIX", pair)
		}
		numbers.Prefixes[code] = prefix
	}
	s := house.Scheme{
		Persons:   patient.Settings{Number: numbers, PhotoBytesMax: f.PhotoBytes},
		Families:  group.Settings{MembersMax: f.MembersMax},
		Enrolment: enrolment.Settings{VillageRequired: f.VillageRequired},

		SubmitCreates: f.SubmitCreates,
	}
	if fault := s.Persons.Fault(); fault != "" {
		return s, errors.New("insurance numbers: " + fault)
	}
	for _, pair := range f.PlaceLevel {
		code, name, _ := strings.Cut(pair, "=")
		if code == "" || name == "" {
			return s, fmt.Errorf("--place-level %q is not CODE=NAME", pair)
		}
		s.Places.Levels = append(s.Places.Levels, place.Level{Code: code, Name: name})
		s.Enrolment.Village = code // people live in places of the lowest level
	}
	return s, nil
}
