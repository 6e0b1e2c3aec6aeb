package card

import "bima/resources/print/drawing"

// Settings are what a scheme chooses about its cards. The zero value is a good
// choice.
type Settings struct {
	Issuer        string         // the URL in the tokens, below which keys and revocations are found; "" is that of the server
	Scheme        string         // the name on the card; "" is that of the payor
	FullName      bool           // whether the token bears the name in full, and not only its initials
	HideBirthDate bool           // whether the card leaves the birth date out
	HideSex       bool           // whether the card leaves the sex out
	Labels        Labels         // what the card calls things
	Color         *drawing.Color // of the band at the top; nil is dark green
}

// Labels are the words on the card, in the scheme's language; "" is English.
type Labels struct {
	Number, Born, Sex, Plan, Valid, Card string
	Male, Female, Other, Unknown         string
}

// withDefaults fills in English.
func (l Labels) withDefaults() Labels {
	for _, label := range []struct {
		at      *string
		english string
	}{
		{&l.Number, "Insurance number"},
		{&l.Born, "Born"},
		{&l.Sex, "Sex"},
		{&l.Plan, "Plan"},
		{&l.Valid, "Valid"},
		{&l.Card, "Card"},
		{&l.Male, "male"},
		{&l.Female, "female"},
		{&l.Other, "other"},
		{&l.Unknown, "unknown"},
	} {
		if *label.at == "" {
			*label.at = label.english
		}
	}
	return l
}

// sex gives the word for Patient.gender, "" where there is none.
func (l Labels) sex(gender string) string {
	return map[string]string{"male": l.Male, "female": l.Female, "other": l.Other, "unknown": l.Unknown}[gender]
}
