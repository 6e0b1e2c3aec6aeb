package answer

import "bima/adjudication"

// Languages are those in which decisions are told.
func Languages() []string { return []string{"en", "fr", "pt", "sw"} }

// Tongue gives the words of a language, false where there are none.
func Tongue(language string) (adjudication.Tongue, bool) {
	switch language {
	case "", "en":
		return adjudication.Tongue{}, true
	case "fr":
		return adjudication.Tongue{Phrases: frenchPhrases(), Reasons: frenchReasons, Thousands: "\u00a0", Decimal: ","}, true
	case "pt":
		return adjudication.Tongue{Phrases: portuguesePhrases(), Reasons: portugueseReasons, Thousands: ".", Decimal: ","}, true
	case "sw":
		return adjudication.Tongue{Phrases: swahiliPhrases(), Reasons: swahiliReasons}, true
	}
	return adjudication.Tongue{}, false
}

// The sentences of an answer, besides those of adjudication.
const (
	sayTotal       = "The claim's total is %s; its lines, which are decided, come to %s."
	sayRefused     = "%s does not pay: %s."
	sayRefusedOnly = "%s does not pay."
)

// A ceiling is how a language says that a ceiling is used up: with the words of
// whose it is and over what it counts, in these orders the verbs for the amount
// and for the service.
type ceiling struct {
	all, one      func(owner, span string) string
	owners, spans [][2]string // the English words, and the language's
}

// into adds the sentences of all ceilings.
func (c ceiling) into(phrases map[string]string) map[string]string {
	for _, owner := range c.owners {
		for _, span := range c.spans {
			english := "The " + owner[0] + span[0] + " ceiling of %s"
			phrases[english+" is now used up."] = c.all(owner[1], span[1])
			phrases[english+" for %s is now used up."] = c.one(owner[1], span[1])
		}
	}
	return phrases
}
