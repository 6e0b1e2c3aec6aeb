package facts

import (
	"fmt"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

// detailed sums what the details of an item ask, or the subDetails of a detail,
// and finds their currency. They are priced as items are. Source: R4 Claim.item.net
// ("if the item is a node in a group the total of the items in the group").
func detailed(item fhir.Node, l *adjudication.Line, at string) *adjudication.Problem {
	name, list := "detail", item.Get("detail")
	if !list.Exists() {
		name, list = "subDetail", item.Get("subDetail")
	}
	l.Asked = 0
	i := 0
	for d := range list.Each() {
		part := adjudication.Line{Sequence: l.Sequence, Currency: l.Currency}
		here := fmt.Sprintf("%s.%s[%d]", at, name, i)
		if problem := money(d, &part, here); problem != nil {
			return problem
		}
		l.Currency = part.Currency
		if l.Asked += part.Asked; l.Asked > terms.AmountMax {
			tooMuch := adjudication.ProblemOf(fhir.IssueValue, here+".net", sayDetails, l.Sequence)
			return &tooMuch
		}
		i++
	}
	return nil
}
