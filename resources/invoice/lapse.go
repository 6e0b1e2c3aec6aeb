package invoice

import (
	"context"
	"fmt"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// pageMax is how many Invoices are looked at in one go.
const pageMax = 500

// lapse asks again for what was waived until a day that is over, of Invoices of
// which the rest was not paid by then. What was lapsed once is not lapsed again.
func (s Settings) lapse(ctx context.Context, server fhir.Server, day time.Time) error {
	today, after := day.Format(time.DateOnly), ""
	for {
		var keys []fhir.Key
		next := ""
		err := server.View(ctx, func(r fhir.Reader) error {
			page, err := r.Search(&fhir.Query{
				Types: []string{"Invoice"}, Limit: pageMax, After: after,
				Where: fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "issued"}},
			})
			if err != nil {
				return err
			}
			next = page.Next
			for _, resource := range page.Resources {
				doc, err := fhir.Parse(resource.Body)
				if err != nil {
					return err
				}
				if _, over := lapsed(doc.Root(), today); over {
					keys = append(keys, resource.Key)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := s.lapseOne(ctx, server, k, today); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// lapsed finds the first line of an Invoice whose waiver is over and stands.
func lapsed(n fhir.Node, today string) (line fhir.Node, over bool) {
	for l := range n.Get("lineItem").Each() {
		until := ""
		for e := range l.Extension(profiles.ExtensionWaiver).Get("extension").Each() {
			if e.Get("url").Text() == "until" {
				until = e.Get("valueDate").Text()
			}
		}
		if until != "" && until < today && !revoked(n, l.Get("sequence").Text()) {
			return l, true
		}
	}
	return fhir.Node{}, false
}

// revoked reports whether a line says that the waiver of another has lapsed.
func revoked(n fhir.Node, sequence string) bool {
	for l := range n.Get("lineItem").Each() {
		if l.Extension(profiles.ExtensionWaiverLapse).Get("valuePositiveInt").Text() == sequence {
			return true
		}
	}
	return false
}

func (s Settings) lapseOne(ctx context.Context, server fhir.Server, k fhir.Key, today string) error {
	return server.Commit(ctx, func(tx fhir.Tx) error {
		n, err := issued(tx, k)
		if fhir.HasIssue(err, fhir.IssueBusinessRule) {
			return nil
		}
		for err == nil {
			line, over := lapsed(n, today)
			if !over {
				return nil
			}
			waived, bad := money(line.Get("priceComponent").First().Get("amount"), component(0, 0))
			if bad != nil {
				return bad
			}
			extensions := fmt.Appendf(nil, `{"url":%q,"valueDate":%q},{"url":%q,"valuePositiveInt":%s}`,
				profiles.ExtensionLineDate, today, profiles.ExtensionWaiverLapse, line.Get("sequence").Text())
			body := withLine(n, extensions, []byte(`{"text":"The waiver lapsed: the rest was not paid in time"}`), "surcharge", fhir.Money{Value: -waived.Value, Currency: waived.Currency})
			if _, err = tx.Update(&fhir.Resource{Key: k, Body: body}, 0); err != nil {
				return err
			}
			n, err = read(tx, k)
		}
		return err
	})
}
