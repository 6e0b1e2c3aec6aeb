package selection

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// The kinds of rules: codes of the CodeSystem review-rule, each with the name its
// reason has where the product gives it none.
var kinds = map[string]struct {
	name string
	read func(c *compiler, e fhir.Node) func(*Claim, Figures) (string, bool, error)
}{
	"amount":             {"large-claim", (*compiler).byAmount},
	"share":              {"random", (*compiler).byLot},
	"diagnosis-variance": {"diagnosis-variance", (*compiler).byVariance},
	"new-facility":       {"new-facility", (*compiler).byFacility},
	"high-risk-service":  {"high-risk-service", (*compiler).byService},
	"feedback":           {"feedback", (*compiler).byFeedback},
	"signal-score":       {"signals", (*compiler).bySignals},
	"learned-score":      {"learned-score", (*compiler).byLearned},
}

// rule reads one extension review-rule.
func (c *compiler) rule(e fhir.Node) {
	kind, known := kinds[e.Extension("kind").Get("valueCode").Text()]
	if !known {
		c.wrong(profiles.ExtensionReviewRule, "there is no kind of review rule %.40q", e.Extension("kind").Get("valueCode").Text())
		return
	}
	one := condition{name: kind.name, holds: kind.read(c, e)}
	if name := e.Extension("name").Get("valueCode").Text(); name != "" {
		one.name = name
	}
	if specialty := codes(e, "specialty"); len(specialty) > 0 {
		one.specialty = specialty[0]
	}
	c.add(one)
}

func (c *compiler) lacks(kind, what string) {
	c.wrong(profiles.ExtensionReviewRule, "a review rule of the kind %s needs %s", kind, what)
}

// byAmount picks claims of more than an amount.
func (c *compiler) byAmount(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	money := e.Extension("amount").Get("valueMoney")
	most, ok := amount(money.Get("value"))
	currency := money.Get("currency").Text()
	if !ok || most < 0 || currency == "" {
		c.lacks("amount", "an amount of 0 or more, with its currency")
	}
	return func(claim *Claim, _ Figures) (string, bool, error) {
		return fmt.Sprintf("%s %s are claimed, more than %s.", claim.Claimed, claim.Currency, most),
			claim.Currency == currency && claim.Claimed > most, nil
	}
}

// byLot picks a random share.
func (c *compiler) byLot(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	percent, ok := amount(e.Extension("percentage").Get("valueDecimal"))
	if !ok || percent < 0 || percent > whole {
		c.lacks("share", "a percentage from 0 to 100")
	}
	seed := e.Extension("seed").Get("valueString").Text()
	return func(claim *Claim, _ Figures) (string, bool, error) {
		return fmt.Sprintf("Drawn by lot: %s %% of all claims are.", percent), Drawn(seed, claim.ID, percent), nil
	}
}

// byVariance picks claims far above what their main diagnosis costs on average. Of
// a diagnosis with fewer claims than the history asked for there is no average.
func (c *compiler) byVariance(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	percent, ok := amount(e.Extension("percentage").Get("valueDecimal"))
	history := 1
	if n := e.Extension("history").Get("valuePositiveInt"); n.Exists() {
		known := false
		history, known = count(n, 1, 1_000_000)
		ok = ok && known
	}
	c.rules.averages = true
	unknown := e.Extension("unknown").Get("valueBoolean").Text() == "true"
	if !ok || percent < 0 {
		c.lacks("diagnosis-variance", "a percentage of 0 or more and, if any, a history of 1 to 1,000,000 claims")
	}
	return func(claim *Claim, f Figures) (string, bool, error) {
		if claim.Diagnosis.Code == "" {
			return "The claim has no coded main diagnosis.", unknown, nil
		}
		sum, claims, err := f.Diagnosis(claim.Diagnosis)
		if err != nil || claims < int64(history) {
			return fmt.Sprintf("Of the diagnosis %s there were %d claims in the last year.", claim.Diagnosis.Code, claims), unknown, err
		}
		average := (sum / fhir.Amount(claims)).Round(fhir.MinorUnits(claim.Currency))
		return fmt.Sprintf("%s %s are claimed; %d claims with the main diagnosis %s were granted %s on average in the last year.",
			claim.Claimed, claim.Currency, claims, claim.Diagnosis.Code, average), above(claim.Claimed, sum, claims, percent), nil
	}
}

// byFacility picks claims of facilities that are new: their contract is younger
// than some months, or they have made fewer claims than a number.
func (c *compiler) byFacility(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	months, claims, ok := 0, 0, true
	if n := e.Extension("months").Get("valuePositiveInt"); n.Exists() {
		months, ok = count(n, 1, 1200)
	}
	if n := e.Extension("claims").Get("valuePositiveInt"); n.Exists() && ok {
		claims, ok = count(n, 1, 1000)
	}
	if !ok || months+claims == 0 {
		c.lacks("new-facility", "a number of months (up to 1200), of claims (up to 1000), or both")
	}
	return func(claim *Claim, f Figures) (string, bool, error) {
		if months > 0 {
			begun, known, err := f.Begun()
			if err != nil {
				return "", false, err
			}
			if known && claim.Day < after(begun, months) {
				return fmt.Sprintf("The facility's contract began on %s, less than %d months before.", date(begun).Format(time.DateOnly), months), true, nil
			}
		}
		if claims == 0 {
			return "", false, nil
		}
		made, err := f.Claims(claims)
		return fmt.Sprintf("The facility made fewer than %d claims before this one.", claims), err == nil && made < claims, err
	}
}

// byService picks claims with a service of a list, or that the register marks.
func (c *compiler) byService(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	listed := codes(e, "service")
	return func(claim *Claim, _ Figures) (string, bool, error) {
		for _, s := range claim.Services {
			for _, code := range s.Codes {
				if slices.Contains(listed, code) || slices.Contains(listed, Code{Code: code.Code}) {
					return fmt.Sprintf("%s is a service of high risk.", code.Code), true, nil
				}
			}
			if s.Risky && len(listed) == 0 && len(s.Codes) > 0 {
				return fmt.Sprintf("%s is a service of high risk by the register.", s.Codes[0].Code), true, nil
			}
		}
		return "", false, nil
	}
}

// byFeedback picks claims of facilities that patients spoke against.
func (c *compiler) byFeedback(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	least, months := 1, 12
	ok := true
	if n := e.Extension("claims").Get("valuePositiveInt"); n.Exists() {
		least, ok = count(n, 1, 1000)
	}
	if n := e.Extension("months").Get("valuePositiveInt"); n.Exists() && ok {
		months, ok = count(n, 1, 120)
	}
	if !ok {
		c.lacks("feedback", "a number of answers (claims, up to 1000) within months (up to 120)")
	}
	return func(_ *Claim, f Figures) (string, bool, error) {
		n, err := f.Complaints(months)
		return fmt.Sprintf("%d patients spoke against the facility in the last %d months.", n, months), err == nil && n >= least, err
	}
}

// score reads the score above which a claim is picked.
func (c *compiler) score(kind string, e fhir.Node) int {
	most, ok := count(e.Extension("score").Get("valueUnsignedInt"), 0, 100)
	if !ok {
		c.lacks(kind, "a score from 0 to 100, above which claims are picked")
	}
	return most
}

// bySignals picks claims with a score of signals above a limit.
func (c *compiler) bySignals(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	most := c.score("signal-score", e)
	return func(_ *Claim, f Figures) (string, bool, error) {
		score, why, err := f.Signals()
		return strings.TrimSpace(fmt.Sprintf("The signals of fraud and error come to %d of 100, above %d. %s", score, most, why)), err == nil && score > most, err
	}
}

// byLearned picks claims with a learned score above a limit.
func (c *compiler) byLearned(e fhir.Node) func(*Claim, Figures) (string, bool, error) {
	most := c.score("learned-score", e)
	return func(_ *Claim, f Figures) (string, bool, error) {
		score, why, known, err := f.Learned()
		return strings.TrimSpace(fmt.Sprintf("The learned score is %d of 100, above %d. %s", score, most, why)), err == nil && known && score > most, err
	}
}

const secondsPerDay = 24 * 60 * 60

func date(day int32) time.Time { return time.Unix(int64(day)*secondsPerDay, 0).UTC() }

// after gives the same day of the month some months later, or the last one of a
// month that has fewer days.
func after(day int32, months int) int32 {
	y, m, d := date(day).Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	then := time.Date(y, m+time.Month(months), min(d, last), 0, 0, 0, 0, time.UTC)
	return int32(then.Unix() / secondsPerDay)
}
