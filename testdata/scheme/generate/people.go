package main

import (
	"fmt"
	"math/rand/v2"

	"bima/profiles"
)

// All persons are invented: given and family names of East Africa and Nepal,
// joined at random.
var (
	women = []string{
		"Amina", "Asha", "Baraka", "Bishnu Maya", "Devaki", "Esther", "Fatuma", "Gita", "Halima", "Indira", "Jamila", "Kamala",
		"Laxmi", "Mariamu", "Mwajuma", "Nasra", "Neema", "Pabitra", "Rehema", "Sabina", "Sarita", "Sunita", "Tumaini", "Upendo", "Zawadi", "Zuhura",
	}
	men = []string{
		"Abdallah", "Bahati", "Bikram", "Chandra", "Daudi", "Dipak", "Elias", "Faraji", "Ganesh", "Hamisi", "Ishwor", "Juma", "Kiran",
		"Krishna", "Lazaro", "Madan", "Musa", "Narayan", "Omari", "Prakash", "Rajabu", "Ramesh", "Salim", "Suraj", "Tendai", "Yusufu",
	}
	surnames = []string{
		"Achieng", "Adhikara", "Baruti", "Chaulagai", "Dangol", "Gurungani", "Kamuzora", "Karkiwal", "Kipchumba", "Lamichho", "Lukindo", "Magarji",
		"Makame", "Mgaya", "Mushi", "Nakato", "Ngowi", "Okello", "Poudyali", "Raiya", "Sanga", "Shresthali", "Tamangi", "Wanjiru",
	}
)

// A person is a member of a family; number is his place in it, from 1.
type person struct {
	family, number int
	given, surname string
	gender, born   string
	relationship   string // openIMIS's patient-contact-relationship; "" of the head
}

func (p person) id() string { return fmt.Sprintf("patient-%02d-%d", p.family, p.number) }

// adult reports whether the person is 18 on a day.
func (p person) adult(day string) bool {
	return fmt.Sprintf("%04d", atoi(p.born[:4])+18)+p.born[4:] <= day
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// insuranceNumber is 11 digits (district, family, person) and the check digit.
func (p person) insuranceNumber() string {
	base := fmt.Sprintf("0701%05d%02d", p.family, p.number)
	return base + checkDigit(base)
}

// checkDigit gives the digit that makes base pass Luhn's check.
func checkDigit(base string) string {
	sum := 0
	for i := range base {
		digit := int(base[len(base)-1-i] - '0')
		if i%2 == 0 {
			digit *= 2
			if digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

func (p person) fullName() string { return p.given + " " + p.surname }

// resource gives the Patient.
func (p person) resource(f family) object {
	identifiers := []object{{
		"use", "official", "type", concept(hl7+"v2-0203", "MB", "Member Number"),
		"system", profiles.IdentifierInsuranceNumber, "value", p.insuranceNumber(),
	}}
	if p.adult("2026-01-01") {
		identifiers = append(identifiers, object{
			"use", "secondary", "type", concept(hl7+"v2-0203", "NI", "National unique individual identifier"),
			"system", profiles.IdentifierNational, "value", fmt.Sprintf("%s-%03d%02d-%02d", p.born[:4], f.number*7+100, p.number, 10+f.number),
		})
	}
	o := object{
		"resourceType", "Patient", "id", p.id(), "identifier", identifiers, "active", true,
		"name",
		[]object{{"use", "official", "text", p.fullName(), "family", p.surname, "given", []string{p.given}}},
	}
	if p.number == 1 {
		o = append(o, "telecom", []object{{"system", "phone", "value", fmt.Sprintf("+255 700 000 %03d", f.number), "use", "mobile"}})
	}
	return append(o,
		"gender", p.gender, "birthDate", p.born,
		"address", []object{f.address()},
		"generalPractitioner", refs("Organization/"+facilities[f.nearest()].id))
}

// given draws a given name for a sex, not the same twice in a family.
func given(r *rand.Rand, gender string, taken map[string]bool) string {
	names := women
	if gender == "male" {
		names = men
	}
	for {
		name := names[r.IntN(len(names))]
		if !taken[name] {
			taken[name] = true
			return name
		}
	}
}

// birth draws a birth date for an age in 2026.
func birth(r *rand.Rand, age int) string {
	return fmt.Sprintf("%04d-%02d-%02d", 2025-age, 1+r.IntN(12), 1+r.IntN(28))
}
