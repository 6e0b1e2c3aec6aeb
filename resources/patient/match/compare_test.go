package match_test

import (
	"strings"
	"testing"

	"bima/resources/patient/match"
)

// person gives a Person of "name|birth|sex|phone|village|national id".
func person(text string) match.Person {
	parts := append(strings.Split(text, "|"), "", "", "", "", "")
	p := match.Person{Birth: parts[1], Sex: parts[2], Village: parts[4]}
	if parts[0] != "" {
		p.Names = strings.Split(parts[0], "/")
	}
	if parts[3] != "" {
		p.Phones = []string{parts[3]}
	}
	if parts[5] != "" {
		p.Identifiers = []match.Identifier{{System: "national", Value: parts[5]}}
	}
	return p
}

// TestPairs is a table of pairs as clerks write them.
func TestPairs(t *testing.T) {
	cases := []struct {
		name, a, b string
		want       match.Grade
	}{
		{"the same in all", "Asha Mushi|1990-05-17|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Certain},
		{"family name first", "Mushi Asha|1990-05-17|female|0712345678|", "Asha Mushi|1990-05-17|female|+255712345678|", match.Certain},
		{"the same in names and birth only", "Asha Mushi|1990-05-17|female", "Asha Mushi|1990-05-17|female", match.Probable},
		{"Laxmi is Lakshmi", "Laxmi Shrestha|1985-03-02|female||v1", "Lakshmi Shresta|1985-03-02|female||v1", match.Probable},
		{"Devanagari", "लक्ष्मी श्रेष्ठ|1985-03-02|female||v1", "Laxmi Shrestha|1985-03-02|female||v1", match.Probable},
		{"Devanagari of a man", "राम बहादुर थापा|1970-11-05|male", "Ram Bahadur Thapa|1970-11-05|male", match.Probable},
		{"Krishna in Devanagari", "कृष्ण प्रसाद अधिकारी|1970-11-05|male", "Krishna Prasad Adhikari|1970-11-05|male", match.Probable},
		{"Muhammad as he is spelt", "Mohammed Juma|1990-05-17|male", "Muhamad Juma|1990-05-17|male", match.Probable},
		{"Swahili spellings", "Zawadi Mwakyusa|1992-01-09|female", "Zawady Mwakiusa|1992-01-09|female", match.Probable},
		{"Fatuma and Fatma", "Fatuma Said|1992-01-09|female", "Fatma Saidi|1992-01-09|female", match.Probable},
		{"day and month swapped", "Asha Mushi|1990-05-07|female||mtoni", "Asha Mushi|1990-07-05|female||mtoni", match.Probable},
		{"one digit of the year wrong", "Asha Mushi|1990-05-17|female||mtoni", "Asha Mushi|1991-05-17|female||mtoni", match.Probable},
		{"only the year is known", "Asha Mushi|1990|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Probable},
		{"a guessed first of January", "Asha Mushi|1990-01-01|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Probable},
		{"a name more", "Asha Neema Mushi|1990-05-17|female", "Asha Mushi|1990-05-17|female", match.Probable},
		{"an initial", "A. Mushi|1990-05-17|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Probable},
		{"a title", "Bi. Asha Mushi|1990-05-17|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Certain},
		{"the maiden name besides", "Asha Komba/Asha Mushi|1990-05-17|female", "Asha Mushi|1990-05-17|female", match.Probable},
		{"the same national id", "Asha Mushi|1990-05-17|female|||77", "A. Mushy|1991-05-17|female|||77", match.Certain},
		{"the same national id of somebody else altogether", "Asha Mushi|1990-05-17|female|||77", "Juma Komba|1950-01-01|male|||77", match.Possible},
		{"another national id", "Asha Mushi|1990-05-17|female||mtoni|77", "Asha Mushi|1990-05-17|female||mtoni|78", match.Probable},
		{"names only", "Asha Mushi", "Asha Mushi", match.Probable},
		{"twins", "Hasan Mushi|1990-05-17|male||mtoni", "Husna Mushi|1990-05-17|female||mtoni", match.Possible},
		{"a sister born on a day that differs by a digit is looked at", "Neema Mushi|1993-05-17|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Possible},
		{"a sister", "Neema Mushi|1993-08-02|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.CertainlyNot},
		{"who has married", "Asha Komba|1990-05-17|female||mtoni", "Asha Mushi|1990-05-17|female||mtoni", match.Possible},
		{"a namesake far away", "Asha Mushi|1960-01-02|female||pwani", "Asha Mushi|1990-05-17|female||mtoni", match.CertainlyNot},
		{"father and son of one name", "Juma Ali|1960-01-02|male|0712345678|mtoni", "Juma Ali|1990-05-17|male|0712345678|mtoni", match.Possible},
		{"another name, born on the same day", "Rehema Kileo|1990-05-17|female", "Asha Mushi|1990-05-17|female", match.CertainlyNot},
		{"nobody", "", "", match.CertainlyNot},
		{"nothing in common", "Asha||||", "|1990|female||", match.CertainlyNot},
		{"Ram and Sita", "Ram Thapa|1970-11-05|male", "Sita Thapa|1970-11-05|female", match.CertainlyNot},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, b := person(c.a), person(c.b)
			score, grade := match.Compare(a, b)
			if grade != c.want {
				t.Errorf("it is %s with %.3f, want %s", grade, score, c.want)
			}
			back, gradeBack := match.Compare(b, a)
			if gradeBack != grade || back-score > 1e-9 || score-back > 1e-9 {
				t.Errorf("the other way round it is %s with %.3f", gradeBack, back)
			}
		})
	}
}

func TestNamesThatSoundAlike(t *testing.T) {
	alike := [][]string{
		{"Laxmi", "Lakshmi", "लक्ष्मी"},
		{"Mohammed", "Muhammad", "Mohamed", "Muhamadi"},
		{"Shrestha", "Shresta", "श्रेष्ठ"},
		{"Krishna", "Krisna", "कृष्ण"},
		{"Bishnu", "Bisnu"},
		{"Vishnu", "Wishnu", "विष्णु"},
		{"Joseph", "Josef"},
		{"Zainabu", "Zeinab", "Zaynab"},
		{"Khadija", "Kadija"},
		{"Jyoti", "Jioti"},
		{"Gyanendra", "Gyanendr"},
		{"Tharu", "थारु"},
	}
	for _, names := range alike {
		first := strings.Join(match.Sounds(names[0]), " ")
		for _, name := range names[1:] {
			if got := strings.Join(match.Sounds(name), " "); got != first {
				t.Errorf("%s sounds %q, %s %q", name, got, names[0], first)
			}
		}
	}
	for _, pair := range [][2]string{{"Ram", "Sita"}, {"Asha", "Juma"}, {"Hari", "Sari"}, {"Maria", "Daria"}, {"Gita", "Sita"}, {"Amina", "Yamina"}} {
		if a, b := match.Sounds(pair[0]), match.Sounds(pair[1]); a[0] == b[0] {
			t.Errorf("%s and %s sound alike: %q", pair[0], pair[1], a[0])
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("Asha Mushi|1990-05-17|female", "लक्ष्मी|1990|male|1|2|3")
	f.Add("'’|19|", "\xff|0000-00-00|x")
	f.Fuzz(func(t *testing.T, a, b string) {
		score, _ := match.Compare(person(a), person(b))
		if back, _ := match.Compare(person(b), person(a)); score < 0 || score > 1 || back-score > 1e-9 || score-back > 1e-9 {
			t.Errorf("%q and %q: %f and %f", a, b, score, back)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	x, y := person("Laxmi Shrestha|1985-03-02|female||v1"), person("लक्ष्मी श्रेष्ठ|1985-03-02|female||v1")
	b.ReportAllocs()
	for b.Loop() {
		match.Compare(x, y)
	}
}
