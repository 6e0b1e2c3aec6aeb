package insuranceplan

import (
	"context"
	"encoding/json"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// versionsMax bounds how many versions of one product are looked at.
	versionsMax = 200
	// conversionsMax bounds how many products follow one another by conversion.
	conversionsMax = 50
)

// react asks what a product can't answer alone: whether another version is sold
// on the same days, and where its conversion leads.
func (m module) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || !isProduct(c.Node) {
			continue
		}
		if err := tx.Lock("product", "product "+c.Node.Identifier(profiles.IdentifierProduct)); err != nil {
			return err
		}
		if err := converts(tx, c); err != nil {
			return err
		}
		if c.Node.Get("status").Text() != "active" {
			continue
		}
		if err := m.alone(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// alone refuses a product of which another version is sold on the same days. Its
// predecessor ends the day before it begins.
func (m module) alone(tx fhir.Tx, c fhir.Change) error {
	page, err := tx.Search(&fhir.Query{Types: []string{"InsurancePlan"}, Limit: versionsMax, Where: fhir.All{
		fhir.Match{
			Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken},
			Value: fhir.TokenValue{System: profiles.IdentifierProduct, Code: c.Node.Identifier(profiles.IdentifierProduct)},
		},
		fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "active", AnySystem: true}},
	}})
	if err != nil {
		return err
	}
	days := fhir.WholeDays(c.Node.Get("period"))
	predecessor := r4.Target(c.Node.Extension(profiles.ExtensionProductPredecessor).Get("valueReference"))
	for _, other := range page.Resources {
		if other.Key == c.Key {
			continue
		}
		doc, err := fhir.Parse(other.Body)
		if err != nil {
			return err
		}
		theirs := fhir.WholeDays(doc.Root().Get("period"))
		switch {
		case !days.Overlaps(theirs):
		case other.Key == predecessor && !days.From.IsZero() && theirs.From.Before(days.From):
			if err := end(tx, other, doc, days.From.AddDate(0, 0, -1)); err != nil {
				return err
			}
		default:
			return refuse("InsurancePlan.period", "%s is another version of the product %s and is sold on some of the same days; end it before, or make this one by its $revise",
				other.Key, c.Node.Identifier(profiles.IdentifierProduct))
		}
	}
	return nil
}

// end gives a product its last day.
func end(tx fhir.Tx, plan *fhir.Resource, doc *fhir.Document, last time.Time) error {
	day, err := json.Marshal(last.Format(time.DateOnly))
	if err != nil {
		return err
	}
	edit := fhir.NewEdit(doc)
	if period := doc.Root().Get("period"); period.Exists() {
		edit.Set(period, "end", day)
	} else {
		edit.Set(doc.Root(), "period", []byte(`{"end":`+string(day)+`}`))
	}
	_, err = tx.Update(&fhir.Resource{Key: plan.Key, Body: edit.Bytes()}, plan.Version)
	return err
}

// converts refuses a conversion to nothing, to what is no product, or to one that
// leads back: its policies would never come to rest.
func converts(r fhir.Reader, c fhir.Change) error {
	const at = "InsurancePlan.extension('" + profiles.ExtensionOpenIMISConversion + "')"
	seen := map[string]bool{}
	plan := c.Node
	for range conversionsMax {
		reference := plan.Extension(profiles.ExtensionOpenIMISConversion)
		if !reference.Exists() {
			return nil
		}
		seen[plan.Identifier(profiles.IdentifierProduct)] = true
		k := r4.Target(reference.Get("valueReference"))
		found, err := r.ReadMany([]fhir.Key{k})
		if err != nil {
			return err
		}
		if k.Type != "InsurancePlan" || len(found) == 0 {
			return refuse(at, "the product that policies are renewed to is not there; store it first, or in the same transaction")
		}
		doc, err := fhir.Parse(found[0].Body)
		if err != nil {
			return err
		}
		plan = doc.Root()
		number := plan.Identifier(profiles.IdentifierProduct)
		if number == "" {
			return refuse(at, "%s is no product of the scheme; it has no product number", k)
		}
		if seen[number] {
			return refuse(at, "%s leads back to the product %s, so policies would be converted for ever; end the conversion of one of them", k, number)
		}
	}
	return refuse(at, "more than %d products follow one another by conversion", conversionsMax)
}
