package main

// An episode is what brings a person to a facility, and what is done.
type episode struct {
	icd    string
	visit  string // AMB, EMER or IMP
	level  int    // the lowest facility that can treat it
	sex    string // "" for both
	ages   [2]int // completed years at the end of 2025, both ends included
	nights int    // of a stay
	items  []order
}

// An order is so many units of a service.
type order struct {
	code  string
	units int
}

var anyAge = [2]int{0, 120}

var episodes = []episode{
	{icd: "B50.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"S-202", 1}, {"D-103", 24}, {"D-101", 18}}},
	{icd: "J06.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"D-102", 15}, {"D-101", 12}}},
	{icd: "J02.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"D-102", 21}, {"D-119", 1}}},
	{icd: "A09", visit: "AMB", level: dispensary, ages: [2]int{0, 14}, items: []order{{"S-101", 1}, {"D-105", 4}, {"D-106", 10}}},
	{icd: "B82.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"S-206", 1}, {"D-107", 21}}},
	{icd: "N39.0", visit: "AMB", level: dispensary, ages: [2]int{15, 120}, items: []order{{"S-101", 1}, {"S-204", 1}, {"D-108", 10}}},
	{icd: "L02.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"S-306", 1}, {"D-102", 21}, {"S-301", 2}}},
	{icd: "S61.9", visit: "EMER", level: dispensary, ages: anyAge, items: []order{{"S-103", 1}, {"S-302", 1}, {"D-117", 12}}},
	{icd: "L30.9", visit: "AMB", level: dispensary, ages: anyAge, items: []order{{"S-101", 1}, {"D-120", 1}}},
	{icd: "Z34.9", visit: "AMB", level: dispensary, sex: "female", ages: [2]int{18, 42}, items: []order{{"S-401", 1}, {"D-113", 30}}},
	{icd: "Z39.2", visit: "AMB", level: dispensary, sex: "female", ages: [2]int{18, 42}, items: []order{{"S-403", 1}, {"D-113", 30}}},
	{icd: "I10", visit: "AMB", level: healthCentre, ages: [2]int{35, 120}, items: []order{{"S-101", 1}, {"D-111", 30}}},
	{icd: "E11.9", visit: "AMB", level: healthCentre, ages: [2]int{35, 120}, items: []order{{"S-101", 1}, {"S-205", 1}, {"D-112", 60}}},
	{icd: "J45.9", visit: "EMER", level: healthCentre, ages: anyAge, items: []order{{"S-103", 1}, {"S-307", 2}, {"D-110", 1}}},
	{icd: "A01.0", visit: "AMB", level: healthCentre, ages: anyAge, items: []order{{"S-101", 1}, {"S-201", 1}, {"D-108", 14}}},
	{icd: "K29.7", visit: "AMB", level: healthCentre, ages: [2]int{15, 120}, items: []order{{"S-101", 1}, {"S-206", 1}, {"D-118", 14}}},
	{icd: "D50.9", visit: "AMB", level: healthCentre, ages: anyAge, items: []order{{"S-101", 1}, {"S-201", 1}, {"D-113", 60}}},
	{icd: "M54.5", visit: "AMB", level: healthCentre, ages: [2]int{18, 120}, items: []order{{"S-101", 1}, {"S-501", 2}, {"D-115", 1}}},
	{icd: "K02.9", visit: "AMB", level: healthCentre, ages: [2]int{7, 120}, items: []order{{"S-101", 1}, {"S-304", 1}, {"D-117", 9}}},
	{icd: "S52.5", visit: "EMER", level: healthCentre, ages: anyAge, items: []order{{"S-103", 1}, {"S-211", 1}, {"S-303", 1}, {"D-117", 15}}},
	{icd: "J18.9", visit: "IMP", level: healthCentre, ages: anyAge, nights: 3, items: []order{{"S-103", 1}, {"S-601", 3}, {"S-309", 2}, {"D-109", 6}, {"D-116", 3}}},
	{icd: "B50.9", visit: "IMP", level: healthCentre, ages: anyAge, nights: 2, items: []order{{"S-103", 1}, {"S-203", 2}, {"S-601", 2}, {"D-104", 6}, {"D-116", 2}}},
	{icd: "O80", visit: "IMP", level: healthCentre, sex: "female", ages: [2]int{18, 42}, nights: 1, items: []order{{"S-402", 1}, {"S-601", 1}, {"D-114", 1}}},
	{icd: "O82", visit: "IMP", level: hospital, sex: "female", ages: [2]int{18, 42}, nights: 4, items: []order{{"S-312", 1}, {"S-601", 4}, {"S-208", 1}, {"D-109", 8}, {"D-116", 4}}},
	{icd: "K35.8", visit: "IMP", level: hospital, ages: [2]int{8, 120}, nights: 4, items: []order{{"S-103", 1}, {"S-212", 1}, {"S-313", 1}, {"S-601", 4}, {"D-109", 8}}},
	{icd: "A15.0", visit: "AMB", level: hospital, ages: [2]int{15, 120}, items: []order{{"S-102", 1}, {"S-207", 2}, {"S-211", 1}}},
	{icd: "I10", visit: "AMB", level: hospital, ages: [2]int{45, 120}, items: []order{{"S-102", 1}, {"S-214", 1}, {"S-210", 1}, {"D-111", 60}}},
}

// suits reports whether the episode can befall the person.
func (e episode) suits(p person) bool {
	age := 2025 - atoi(p.born[:4])
	return (e.sex == "" || e.sex == p.gender) && age >= e.ages[0] && age <= e.ages[1]
}
