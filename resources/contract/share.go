package contract

import (
	"encoding/json"
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// A share is what another than the household pays.
type share struct {
	payer   fhir.Key
	percent fhir.Decimal
	fixed   fhir.Amount
	byTotal bool   // percent counts, not fixed
	until   string // the last day on which policies he shares in begin; "" for good
}

// of gives the share of a total, at most what is left of it.
func (s share) of(total, left fhir.Amount, currency string) fhir.Amount {
	part := s.fixed
	if s.byTotal {
		part, _ = total.Percent(s.percent)
		part = part.Round(fhir.MinorUnits(currency))
	}
	return max(0, min(part, left))
}

// sharesOf reads what others than the household pay.
func sharesOf(r fhir.Reader, f form) ([]share, error) {
	var list []share
	for i, p := range f.All("payer") {
		at := fmt.Sprintf("%s[%d]", parameters.Expression("payer"), i)
		k, err := keyOf(r, part(p, "party"), "payer", []string{"Organization", "Patient", "Group"})
		if err != nil {
			return nil, err
		}
		s := share{payer: k}
		if percent := part(p, "percentage"); percent.Exists() {
			s.byTotal = true
			s.percent, err = fhir.ParseDecimal(percent.Text())
			if amount, tooFine := s.percent.Amount(); err != nil || tooFine != nil || amount < 0 || amount > fhir.Units(100) {
				return nil, fhir.Errorf(fhir.IssueValue, at, "the percentage is a number from 0 to 100")
			}
		} else if s.fixed, err = fhir.ParseAmount(part(p, "amount").Get("value").Text()); err != nil || s.fixed < 0 {
			return nil, fhir.Errorf(fhir.IssueValue, at, "a payer bears a percentage, or an amount of money of 0 or more")
		}
		if until := part(p, "until"); until.Exists() {
			if _, ok := adjudication.ReadDay(until.Text()); !ok {
				return nil, fhir.Errorf(fhir.IssueValue, at, "until is a day, as 2026-01-31; %.40q is none", until.Text())
			}
			s.until = until.Text()
		}
		list = append(list, s)
	}
	return list, nil
}

// lasting refuses the share of one who bears none of policies that begin so late.
func (o *offer) lasting() error {
	for i, s := range o.shares {
		if s.over(o.terms.start) {
			return refuse(fmt.Sprintf("%s[%d]", parameters.Expression("payer"), i), "%s bears a part of policies that begin by %s, and this one begins on %s; leave the payer out, or agree with him anew", s.payer, s.until, adjudication.WriteDay(o.terms.start))
		}
	}
	return nil
}

// over reports whether the share is of no policy that begins on a day.
func (s share) over(start day) bool {
	last, limited := adjudication.ReadDay(s.until)
	return limited && last < start
}

// extension spells what a policy notes of the share, for its renewals.
func (s share) extension(currency string) extension {
	party := datatype.To(s.payer)
	parts := []extension{{URL: "party", ValueReference: &party}}
	if s.byTotal {
		parts = append(parts, extension{URL: "percentage", ValueDecimal: json.Number(s.percent.String())})
	} else {
		fixed := amount(s.fixed, currency)
		parts = append(parts, extension{URL: "amount", ValueMoney: &fixed})
	}
	if s.until != "" {
		parts = append(parts, extension{URL: "until", ValueDate: s.until})
	}
	return extension{URL: profiles.ExtensionContributionShare, Extension: parts}
}

// inherit takes over the shares of the policy that is renewed where the form
// names none: of those who still bear them when the new one begins.
func (o *offer) inherit(before fhir.Node) {
	if len(o.shares) > 0 {
		return
	}
	for e := range before.Get("extension").Each() {
		if e.Get("url").Text() != profiles.ExtensionContributionShare {
			continue
		}
		s := share{payer: target(e.Extension("party").Get("valueReference")), until: e.Extension("until").Get("valueDate").Text()}
		var err error
		if percent := e.Extension("percentage").Get("valueDecimal"); percent.Exists() {
			s.byTotal = true
			s.percent, err = fhir.ParseDecimal(percent.Text())
		} else {
			s.fixed, err = fhir.ParseAmount(e.Extension("amount").At("valueMoney", "value").Text())
		}
		if err == nil && !s.payer.IsZero() && !s.over(o.terms.start) {
			o.shares = append(o.shares, s)
		}
	}
}
