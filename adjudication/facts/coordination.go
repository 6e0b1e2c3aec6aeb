package facts

import (
	"fmt"
	"strings"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// otherPayers reads what insurers that are none of the scheme's have paid of a
// claim: of each insurance but the focal one its answer, line by line where it
// tells them, or the sum that is said instead, which counts for the claim. Source: R4
// Claim.insurance.claimResponse.
func (f *Facts) otherPayers(r fhir.Reader, claim fhir.Node, c *adjudication.Case) error {
	for i, insurance := range terms.Indexed(claim.Get("insurance")) {
		if insurance.Get("focal").Text() == "true" {
			continue
		}
		paid := &otherPaid{c: c, at: fmt.Sprintf("Claim.insurance[%d]", i)}
		if e := terms.Extension(insurance, profiles.ExtensionOtherPayerPaid); e.Exists() {
			c.OtherPaid += paid.read(e.Get("valueMoney"))
			continue
		}
		response, err := f.otherAnswer(r, claim, insurance.Get("claimResponse"))
		if err != nil {
			return err
		}
		paid.answer(response)
	}
	return nil
}

// otherAnswer gives the ClaimResponse of another insurer, contained or stored here.
func (f *Facts) otherAnswer(r fhir.Reader, claim, ref fhir.Node) (fhir.Node, error) {
	if !ref.Exists() {
		return fhir.Node{}, nil
	}
	if id, contained := strings.CutPrefix(ref.Get("reference").Text(), "#"); contained {
		for n := range claim.Get("contained").Each() {
			if n.Get("resourceType").Text() == "ClaimResponse" && n.Get("id").Text() == id {
				return n, nil
			}
		}
		return fhir.Node{}, nil
	}
	k, ok, err := f.resolve(r, claim, ref, "ClaimResponse")
	if err != nil || !ok {
		return fhir.Node{}, err
	}
	return fhir.Tree(r, k)
}

// otherPaid notes on the lines of a Case what another insurer has paid.
type otherPaid struct {
	c  *adjudication.Case
	at string
}

// read reads an amount of money; one in another currency than the claim's is a
// Problem, for no rate is guessed.
func (p *otherPaid) read(money fhir.Node) fhir.Amount {
	value, ok := terms.Amount(money.Get("value"))
	currency := money.Get("currency").Text()
	if !ok || value < 0 || currency != "" && p.c.Currency != "" && currency != p.c.Currency {
		p.c.Problems = append(p.c.Problems, adjudication.ProblemOf(fhir.IssueValue, p.at, sayOtherPaid))
		return 0
	}
	return value
}

// answer counts the benefits of a ClaimResponse: of its items, else their total,
// else the payment.
func (p *otherPaid) answer(response fhir.Node) {
	if response.Get("item").Exists() {
		for item := range response.Get("item").Each() {
			p.item(item)
		}
		return
	}
	for total := range response.Get("total").Each() {
		if terms.CodeOf(total.Get("category"), SystemAdjudicationHL7) == "benefit" {
			p.c.OtherPaid += p.read(total.Get("amount"))
			return
		}
	}
	if payment := response.At("payment", "amount"); payment.Exists() {
		p.c.OtherPaid += p.read(payment)
	}
}

func (p *otherPaid) item(item fhir.Node) {
	for i := range p.c.Lines {
		l := &p.c.Lines[i]
		if fmt.Sprint(l.Sequence) != item.Get("itemSequence").Text() {
			continue
		}
		for a := range item.Get("adjudication").Each() {
			if terms.CodeOf(a.Get("category"), SystemAdjudicationHL7) == "benefit" {
				l.OtherPaid += p.read(a.Get("amount"))
			}
		}
	}
}
