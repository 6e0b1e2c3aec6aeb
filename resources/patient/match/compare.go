package match

import (
	"strings"
	"time"
)

// A Person is what two records are compared by. What is not known is empty.
type Person struct {
	Names       []string // each a whole name; a person may have several
	Birth       string   // as FHIR writes it: 1990, 1990-05 or 1990-05-17
	Sex         string   // AdministrativeGender
	Phones      []string
	Village     string
	Identifiers []Identifier
}

// An Identifier is a number that another register or the scheme gave.
type Identifier struct{ System, Value string }

// A Grade says how sure a match is. Source: HL7 CodeSystem match-grade.
type Grade string

// The grades.
const (
	Certain      Grade = "certain"
	Probable     Grade = "probable"
	Possible     Grade = "possible"
	CertainlyNot Grade = "certainly-not"
)

// How much each part weighs, where both persons have it.
const (
	weightNames   = 0.46
	weightBirth   = 0.30
	weightSex     = 0.06
	weightPhone   = 0.09
	weightVillage = 0.09
)

// From which score on a match has a grade.
const (
	fromCertain  = 0.95
	fromProbable = 0.80
	fromPossible = 0.60
)

// Compare gives how alike two persons are, from 0 to 1, and what that means. The
// same number of a register, with neither name nor birth date against it, is
// certain; so is nothing else unless name and birth date agree wholly and at
// least one more thing does.
func Compare(a, b Person) (score float64, grade Grade) {
	names, birth := nameScore(a.Names, b.Names), birthScore(a.Birth, b.Birth)
	shared, differ := identifiers(a.Identifiers, b.Identifiers)
	if shared {
		if known(names) && names < 0.5 && known(birth) && birth < 0.5 {
			return 0.7, Possible
		}
		return 1, Certain
	}
	sex, phone, village := sexScore(a.Sex, b.Sex), phoneScore(a.Phones, b.Phones), equalScore(a.Village, b.Village)
	sum, weight := 0.0, 0.0
	for _, part := range []struct{ score, weight float64 }{
		{names, weightNames},
		{birth, weightBirth},
		{sex, weightSex},
		{phone, weightPhone},
		{village, weightVillage},
	} {
		if known(part.score) {
			sum, weight = sum+part.score*part.weight, weight+part.weight
		}
	}
	if weight == 0 {
		return 0, CertainlyNot
	}
	score = sum / weight
	// Little that agrees is less than much that does: names alone are no proof.
	score *= 0.72 + 0.28*min(1, weight/(weightNames+weightBirth+weightSex))
	if known(sex) && sex == 0 {
		score -= 0.12
	}
	if differ {
		score -= 0.10
	}
	score = max(0, min(1, score))
	switch {
	case score >= fromCertain && names > 0.999 && birth == 1 && !differ && sex != 0 && (phone == 1 || village == 1):
		return score, Certain
	case score >= fromProbable && sex != 0:
		return min(score, 0.949), Probable
	case score >= fromPossible:
		return min(score, 0.799), Possible
	}
	return score, CertainlyNot
}

// unknown stands for a score of something one of the two does not have.
const unknown = -1.0

func known(score float64) bool { return score >= 0 }

// identifiers reports whether a number of some register is the same, and whether
// one that a register gives each person once differs.
func identifiers(a, b []Identifier) (shared, differ bool) {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.System == "" || x.System != y.System || x.Value == "" || y.Value == "":
			case x.Value == y.Value:
				return true, false
			default:
				differ = true
			}
		}
	}
	return false, differ
}

func equalScore(a, b string) float64 {
	switch {
	case a == "" || b == "":
		return unknown
	case a == b:
		return 1
	}
	return 0
}

func sexScore(a, b string) float64 {
	if a == "unknown" || b == "unknown" {
		return unknown
	}
	return equalScore(a, b)
}

// phoneDigits is how many digits at the end of a number tell phones apart: with
// or without the code of the country.
const phoneDigits = 8

func phoneScore(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return unknown
	}
	for _, x := range a {
		for _, y := range b {
			if tail := phoneTail(x); tail != "" && tail == phoneTail(y) {
				return 1
			}
		}
	}
	return 0
}

func phoneTail(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(digits) < phoneDigits {
		return ""
	}
	return digits[len(digits)-phoneDigits:]
}

// birthScore compares birth dates: 1 where they are the same, much where day and
// month are swapped or one digit is wrong, less where only years can be compared.
func birthScore(a, b string) float64 {
	if len(a) < 4 || len(b) < 4 {
		return unknown
	}
	if len(a) < len(time.DateOnly) || len(b) < len(time.DateOnly) {
		short := min(len(a), len(b))
		if a[:short] == b[:short] {
			return 0.75 + 0.1*float64(short/7)
		}
		return yearsApart(a, b)
	}
	a, b = a[:len(time.DateOnly)], b[:len(time.DateOnly)]
	differing := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differing++
		}
	}
	switch {
	case differing == 0:
		return 1
	case a[:4] == b[:4] && a[5:7] == b[8:] && a[8:] == b[5:7]:
		return 0.9
	case a[:4] == b[:4] && (firstOfYear(a) || firstOfYear(b)):
		return 0.75
	case differing == 1:
		return 0.8
	case a[4:] == b[4:] && a[0:2] == b[0:2] && a[2] == b[3] && a[3] == b[2]:
		return 0.8
	}
	return yearsApart(a, b)
}

// firstOfYear is what is written where only the year is known.
func firstOfYear(day string) bool { return day[4:] == "-01-01" }

// yearsApart compares years only: old people's are often guessed.
func yearsApart(a, b string) float64 {
	x, errX := time.Parse("2006", a[:4])
	y, errY := time.Parse("2006", b[:4])
	if errX != nil || errY != nil {
		return 0
	}
	switch apart := max(x.Year()-y.Year(), y.Year()-x.Year()); {
	case apart == 0:
		return 0.4
	case apart == 1:
		return 0.3
	case apart <= 3:
		return 0.2
	}
	return 0
}

// wordsMax is how many words of a name are compared.
const wordsMax = 8

// A word is one word of a name, as it is compared.
type word struct{ text, spelt, sound string }

func wordsOf(name string) []word {
	texts := Words(name)
	words := make([]word, 0, min(len(texts), wordsMax))
	for _, text := range texts[:min(len(texts), wordsMax)] {
		words = append(words, word{text, respelt(text), sound(text)})
	}
	return words
}

// nameScore gives how alike the most alike names are.
func nameScore(a, b []string) float64 {
	best := unknown
	for _, x := range a {
		words := wordsOf(x)
		for _, y := range b {
			best = max(best, oneName(words, wordsOf(y)))
		}
	}
	return best
}

// oneName compares two names word by word, in whatever order they stand: the two
// words that are most alike, then those of the rest. Families share a name, so
// the words that differ most count as much as all together; a word that one has
// more costs a little.
func oneName(a, b []word) float64 {
	if len(a) == 0 || len(b) == 0 {
		return unknown
	}
	scores := make([]float64, len(a)*len(b))
	for i := range scores {
		scores[i] = wordScore(a[i/len(b)], b[i%len(b)])
	}
	few, many := min(len(a), len(b)), max(len(a), len(b))
	sum, worst := 0.0, 1.0
	for range few {
		at := 0
		for i, s := range scores {
			if s > scores[at] {
				at = i
			}
		}
		sum, worst = sum+scores[at], scores[at]
		for i := range scores {
			if i/len(b) == at/len(b) || i%len(b) == at%len(b) {
				scores[i] = unknown
			}
		}
	}
	score := (sum/float64(few) + worst) / 2
	if few == 1 && many > 1 {
		return score * 0.8
	}
	return score * (1 - 0.05*float64(min(many-few, 3)))
}

// wordScore compares two words: 1 where they are the same, little less where they
// sound alike, and by their letters else. An initial stands for a word.
func wordScore(a, b word) float64 {
	if a.text == b.text {
		return 1
	}
	if len(a.text) == 1 || len(b.text) == 1 {
		if a.text[0] == b.text[0] {
			return 0.75
		}
		return 0
	}
	spelt := winkler(a.spelt, b.spelt)
	if a.sound == b.sound {
		return 0.9 + 0.08*spelt
	}
	if spelt < 0.8 {
		return spelt * 0.5
	}
	return spelt * 0.95
}

// winkler is the similarity of Jaro and Winkler, from 0 to 1: the share of letters
// that both have about the same place, with a bonus for a common beginning.
func winkler(a, b string) float64 {
	if a == b {
		return 1
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	taken := make([]bool, len(b))
	var inA, inB []byte
	for i := range len(a) {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !taken[j] && a[i] == b[j] {
				taken[j] = true
				inA = append(inA, a[i])
				break
			}
		}
	}
	for j, t := range taken {
		if t {
			inB = append(inB, b[j])
		}
	}
	if len(inA) == 0 {
		return 0
	}
	moved := 0
	for i := range inA {
		if inA[i] != inB[i] {
			moved++
		}
	}
	m := float64(len(inA))
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
	common := 0
	for common < min(len(a), len(b), 4) && a[common] == b[common] {
		common++
	}
	return jaro + float64(common)*0.1*(1-jaro)
}
