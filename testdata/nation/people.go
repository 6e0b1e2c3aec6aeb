package nation

import (
	"fmt"
	"strings"

	"bima/profiles"
)

var sexes = [2]string{"female", "male"}

// Names of East Africa and Nepal, joined at random, the commonest first.
var (
	givenNames = map[string][]string{
		"female": {
			"Mariamu", "Asha", "Sita", "Neema", "Fatuma", "Gita", "Halima", "Kamala", "Rehema", "Laxmi", "Zawadi", "Amina", "Sunita", "Esther",
			"Upendo", "Maya", "Jamila", "Bishnu", "Tumaini", "Indira", "Nasra", "Pabitra", "Zuhura", "Sarita", "Baraka", "Devaki", "Sabina", "Mwajuma",
		},
		"male": {
			"Juma", "Hamisi", "Ram", "Salim", "Krishna", "Musa", "Daudi", "Dipak", "Omari", "Prakash", "Elias", "Ganesh", "Rajabu", "Suraj",
			"Bahati", "Kiran", "Yusufu", "Narayan", "Faraji", "Bikram", "Lazaro", "Madan", "Abdallah", "Chandra", "Tendai", "Ramesh", "Ishwor",
		},
	}
	surnames = []string{
		"Mushi", "Shresthali", "Okello", "Juma", "Tamangi", "Ngowi", "Gurungani", "Wanjiru", "Sanga", "Adhikara", "Makame", "Achieng", "Karkiwal",
		"Mgaya", "Poudyali", "Kipchumba", "Baruti", "Magarji", "Nakato", "Chaulagai", "Lukindo", "Raiya", "Kamuzora", "Dangol", "Lamichho", "Mollel",
		"Thapaliya", "Otieno", "Bhandariko", "Mwakasege", "Rawali", "Nyerembe", "Basnyati", "Chacha", "Limbuwa", "Swai", "Kiplagat", "Subedya",
	}
)

func (n *nation) surname() string { return surnames[n.skewed(len(surnames))] }
func (n *nation) given(gender string) string {
	return givenNames[gender][n.skewed(len(givenNames[gender]))]
}

// A family is a Group of persons who are insured together; the first is its head.
type family struct {
	number   int
	village  village
	district district
	persons  []person
	standing standing
	paidOn   string
	poor     bool
}

// A standing is how a family stands with the scheme.
type standing int

const (
	inForce standing = iota
	offered          // no contribution yet
	expired          // had a policy the year before
	never            // never had one
)

type person struct {
	number                    int
	given, family             string
	gender, born, relation    string
	insuranceNumber, national string
	frail                     bool // ill much more often than others
}

func (f family) id() string           { return fmt.Sprintf("f%d", f.number) }
func (f family) code() string         { return fmt.Sprintf("FAM-%08d", f.number) }
func (f family) of(p person) string   { return fmt.Sprintf("%d-%d", f.number, p.number) }
func (p person) name() string         { return p.given + " " + p.family }
func (p person) age(year int) int     { return year - yearOf(p.born) }
func (f family) patient(i int) string { return "p" + f.of(f.persons[i]) }

func yearOf(date string) (year int) {
	for _, c := range date[:4] {
		year = year*10 + int(c-'0')
	}
	return year
}

// family draws a family of at most so many persons.
func (n *nation) family(number, persons int) family {
	v := n.villages[n.skewed(len(n.villages))]
	f := family{number: number, village: v, district: n.districts[v.district], poor: n.chance(20)}
	switch x := n.random.IntN(100); {
	case x < 82:
		f.standing = inForce
	case x < 88:
		f.standing = offered
	case x < 95:
		f.standing = expired
	default:
		f.standing = never
	}
	f.paidOn = fmt.Sprintf("%d-01-%02d", f.year(), 2+n.random.IntN(27))
	n.household(&f, min(1+n.random.IntN(4)+n.random.IntN(5), persons))
	return f
}

// household draws the persons: a head, mostly a spouse, children, and sometimes a
// parent of the head.
func (n *nation) household(f *family, size int) {
	surname, headAge := n.surname(), 24+n.random.IntN(30)
	head := n.random.IntN(2)
	add := func(gender, relation string, age int) {
		p := person{
			number: len(f.persons) + 1, given: n.given(gender), family: surname, gender: gender, relation: relation,
			born: fmt.Sprintf("%04d-%02d-%02d", 2025-age, 1+n.random.IntN(12), 1+n.random.IntN(28)), frail: n.chance(8),
		}
		p.insuranceNumber = luhn(fmt.Sprintf("%03d%08d%02d", f.district.number, f.number, p.number))
		if age >= 18 {
			p.national = fmt.Sprintf("%s-%08d-%02d", p.born[:4], f.number, p.number)
		}
		f.persons = append(f.persons, p)
	}
	add(sexes[head], "", headAge)
	if size > 1 && n.chance(85) {
		add(sexes[1-head], "8", headAge-4+n.random.IntN(8))
	}
	if size > 4 && n.chance(30) {
		add(sexes[n.random.IntN(2)], "2", headAge+20+n.random.IntN(12))
	}
	for len(f.persons) < size {
		add(sexes[n.random.IntN(2)], "4", n.random.IntN(min(headAge-17, 22)))
	}
}

// luhn adds the digit that makes digits pass Luhn's check (ISO/IEC 7812-1).
func luhn(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// members writes the persons of a family, its Group, its policy and what it paid.
func (n *nation) members(f family) {
	for _, p := range f.persons {
		n.patient(f, p)
	}
	n.group(f)
	if f.standing != never {
		n.policy(f)
		n.contribution(f)
	}
}

func (n *nation) patient(f family, p person) {
	identifiers := fmt.Sprintf(`{"use":"official","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MB"}]},"system":"%s","value":"%s"}`,
		profiles.IdentifierInsuranceNumber, p.insuranceNumber)
	if p.national != "" {
		identifiers += fmt.Sprintf(`,{"use":"secondary","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"NI"}]},"system":"%s","value":"%s"}`,
			profiles.IdentifierNational, p.national)
	}
	var telecom string
	if p.number == 1 && n.chance(70) {
		telecom = fmt.Sprintf(`"telecom":[{"system":"phone","value":"+255 7%08d","use":"mobile"}],`, f.number%100_000_000)
	}
	n.put("Patient", `{"resourceType":"Patient","id":"p%s","identifier":[%s],"active":true,"name":[{"use":"official","text":"%s","family":"%s","given":["%s"]}],`+
		`%s"gender":"%s","birthDate":"%s","address":[%s],"generalPractitioner":[{"reference":"Organization/%s"}]}`,
		f.of(p), identifiers, p.name(), p.family, p.given, telecom, p.gender, p.born, f.address(),
		f.district.facilities[f.village.nearest].id())
}

func (f family) address() string {
	return fmt.Sprintf(`{"use":"home","type":"physical","city":"%s","district":"%s"}`, f.village.name, f.district.name)
}

func (n *nation) group(f family) {
	var rows strings.Builder
	for i, p := range f.persons {
		if i > 0 {
			rows.WriteByte(',')
		}
		if p.relation == "" {
			fmt.Fprintf(&rows, `{"extension":[{"url":"%s","valueBoolean":true}],`, profiles.ExtensionGroupHead)
		} else {
			fmt.Fprintf(&rows, `{"extension":[{"url":"%s","valueCodeableConcept":{"coding":[{"system":"%s","code":"%s"}]}}],`,
				profiles.ExtensionGroupRelationship, profiles.SystemOpenIMISRelationship, p.relation)
		}
		fmt.Fprintf(&rows, `"entity":{"reference":"Patient/%s"}}`, f.patient(i))
	}
	n.put("Group", `{"resourceType":"Group","id":"%s","extension":[{"url":"%s","valueAddress":%s},{"url":"%s","valueBoolean":%t},`+
		`{"url":"%s","valueCodeableConcept":{"coding":[{"system":"%s","code":"H"}]}}],"identifier":[{"system":"%s","value":"%s"}],`+
		`"active":true,"type":"person","actual":true,"name":"Family of %s","quantity":%d,"member":[%s]}`,
		f.id(), profiles.ExtensionOpenIMISGroupAddress, f.address(), profiles.ExtensionOpenIMISGroupPoverty, f.poor,
		profiles.ExtensionOpenIMISGroupType, profiles.SystemOpenIMISGroupType, profiles.IdentifierFamily, f.code(),
		f.persons[0].name(), len(f.persons), rows.String())
}
