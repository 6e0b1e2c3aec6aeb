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
// tells them, or the sum that is said instead. A sum counts for the lines in their
// order. Source: R4 Claim.insurance.claimResponse.
func (f *Facts) otherPayers(r fhir.Reader, claim fhir.Node, c *adjudication.Case) error {
	for i, insurance := range terms.Indexed(claim.Get("insurance")) {
		if insurance.Get("focal").Text() == "true" {
			continue
		}
		paid := &otherPaid{c: c, at: fmt.Sprintf("Claim.insurance[%d]", i)}
		if e := terms.Extension(insurance, profiles.ExtensionOtherPayerPaid); e.Exists() {
			paid.spread(e.Get("valueMoney"))
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
		p.c.Problems = append(p.c.Problems, adjudication.Problem{
			Kind: fhir.IssueValue, Expression: p.at,
			Text: "what another insurer has paid is 0 or more, with at most four decimals, in the claim's currency.",
		})
		return 0
	}
	return value
}

// spread counts a sum for the lines in their order, each up to what it asks.
func (p *otherPaid) spread(money fhir.Node) {
	rest := p.read(money)
	for i := range p.c.Lines {
		l := &p.c.Lines[i]
		n := min(rest, max(0, l.Asked-l.OtherPaid))
		l.OtherPaid += n
		rest -= n
	}
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
			p.spread(total.Get("amount"))
			return
		}
	}
	if payment := response.At("payment", "amount"); payment.Exists() {
		p.spread(payment)
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
