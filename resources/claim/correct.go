package claim

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// systemRelationship is HL7's system of relationships of claims.
const systemRelationship = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship"

// A correction is what a new claim says of the one it takes the place of.
type correction struct {
	at      string    // the element that names it
	earlier fhir.Key  // zero where it names none that is known
	name    string    // as it was named
	sure    bool      // whether it says corrects, not only HL7's prior
	node    fhir.Node // the earlier claim
}

// correctionOf finds what a new claim corrects; nil where it corrects none.
func (d *decider) correctionOf(r fhir.Reader, n fhir.Node) (*correction, error) {
	i := -1
	for related := range n.Get("related").Each() {
		i++
		relationship := related.Get("relationship")
		sure := relationship.Code(profiles.SystemClaimRelationship) == "corrects"
		if !sure && relationship.Code(systemRelationship) != "prior" {
			continue
		}
		ref := related.Get("claim")
		c := &correction{at: fmt.Sprintf("Claim.related[%d].claim", i), sure: sure, name: ref.Get("reference").Text()}
		if c.name == "" {
			c.name = ref.At("identifier", "value").Text()
		}
		k, known, err := d.facts.Resolve(r, n, ref, "Claim")
		if err != nil {
			return nil, err
		}
		hidden, err := fhir.IsHidden(r, k)
		if err != nil {
			return nil, err
		}
		if known && !hidden { // what is hidden from who claims is not there
			c.node, err = fhir.Tree(r, k)
		}
		if c.node.Exists() {
			c.earlier = k
		}
		return c, err
	}
	return nil, nil
}

// corrects gives the claim that is corrected, zero where none is.
func (p *pending) corrects() fhir.Key {
	if p.correction == nil {
		return fhir.Key{}
	}
	return p.correction.earlier
}

// replace puts a new claim in the place of the one it corrects: that is cancelled,
// bears its number no more, and says what replaced it.
func (d *decider) replace(tx fhir.Tx, p *pending) error {
	c := p.correction
	if c == nil || c.earlier == p.key || c.earlier.IsZero() && !c.sure {
		return nil
	}
	if err := d.mayCorrect(tx, p); err != nil {
		return err
	}
	e := fhir.NewEdit(c.node.Document())
	e.Set(c.node, "status", []byte(`"cancelled"`))
	e.SetExtension(c.node, profiles.ExtensionReplacedBy, "valueReference", fmt.Appendf(nil, `{"reference":%q}`, p.key.String()))
	if _, err := tx.Update(&fhir.Resource{Key: c.earlier, Body: e.Bytes()}, 0); err != nil {
		return err
	}
	return d.giveBack(tx, c.earlier, c.node)
}

// mayCorrect refuses to correct what is unknown, another facility's, granted
// something, or corrected already.
func (d *decider) mayCorrect(r fhir.Reader, p *pending) (err error) {
	c := p.correction
	refuse := func(format string, args ...any) error {
		return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, c.at, format, args...)
	}
	if c.earlier.IsZero() {
		return refuse("there is no claim %.100q to correct; submit this one without related", c.name)
	}
	// Under the lock, so that of two corrections the second sees the first.
	if c.node, err = fhir.Tree(r, c.earlier); err != nil {
		return err
	}
	if by := targetOf(c.node, profiles.ExtensionReplacedBy); !by.IsZero() {
		return refuse("%s was replaced by %s already; correct that one", c.earlier, by)
	}
	same, err := d.sameFacility(r, p, c.node)
	if err != nil {
		return err
	}
	if !same {
		return refuse("%s is another facility's", c.earlier)
	}
	response, err := fhir.Tree(r, responseKey(c.earlier))
	if err != nil {
		return err
	}
	if status := c.node.Get("status").Text(); status != "cancelled" && status != "entered-in-error" && progress(c.node, response) != stateRejected {
		return refuse("%s is neither rejected nor cancelled: withdraw it first, by Claim/%s/$cancel", c.earlier, c.earlier.ID)
	}
	return d.countCorrections(r, p, refuse)
}

// countCorrections refuses one correction too many, where the scheme counts them.
func (d *decider) countCorrections(r fhir.Reader, p *pending, refuse func(string, ...any) error) error {
	if d.corrections <= 0 {
		return nil
	}
	n := p.correction.node
	for count := 1; n.Exists(); count++ {
		if count > d.corrections {
			return refuse("a claim is corrected %d times at most", d.corrections)
		}
		earlier, err := d.correctionOf(r, n)
		if err != nil || earlier == nil {
			return err
		}
		n = earlier.node
	}
	return nil
}

// sameFacility reports whether an earlier claim is of the facility of a new one.
func (d *decider) sameFacility(r fhir.Reader, p *pending, earlier fhir.Node) (bool, error) {
	k, known, err := d.facts.Resolve(r, earlier, earlier.Get("provider"), "Organization", "Practitioner", "PractitionerRole")
	if err != nil {
		return false, err
	}
	if known || !p.gathered.Provider.IsZero() {
		return known && k == p.gathered.Provider, nil
	}
	return fhir.Same(earlier.Get("provider"), p.node.Get("provider")), nil
}
