package contract

import (
	"context"
	"slices"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// dailyPage is how many resources the daily work reads at a time; each is then
// changed in a transaction of its own, under its lock.
const dailyPage = 200

// each hands over the resources that match, one at a time.
func each(ctx context.Context, s fhir.Server, typ string, where fhir.Criterion, do func(fhir.Key) error) error {
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{Types: []string{typ}, Where: where, Limit: dailyPage, After: after})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			if err := do(resource.Key); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// statuses holds for Contracts of one of the statuses.
func statuses(codes ...string) fhir.Criterion {
	var list fhir.Any
	for _, c := range codes {
		list = append(list, fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: c, AnySystem: true}})
	}
	return list
}

// compared holds for resources whose date compares with a day.
func compared(code string, prefix fhir.Prefix, first time.Time) fhir.Criterion {
	return fhir.Match{
		Param: fhir.Param{Code: code, Kind: fhir.ParamDate},
		Value: fhir.DateValue{Prefix: prefix, From: first.UnixMicro(), To: first.AddDate(0, 0, 1).UnixMicro()},
	}
}

// expire ends the policies whose last day is over, also those that never came in
// force, for which nothing is asked any more. Source: openIMIS's nightly job.
func (s Settings) expire(ctx context.Context, server fhir.Server, first time.Time) error {
	over := fhir.All{statuses("executed", "resolved", "disputed", "offered", "executable"), compared("period", fhir.PrefixEndsBefore, first)}
	on := adjudication.DayOf(first)
	return each(ctx, server, "Contract", over, func(k fhir.Key) error {
		return server.Commit(ctx, func(tx fhir.Tx) error {
			p, err := under(tx, k)
			if err != nil || !p.ours || p.end >= on || !slices.Contains([]string{stateOffered, stateReady, stateActive, stateSuspended}, p.state) {
				return err
			}
			if _, err = p.become(tx, stateExpired, "terminated", nil); err != nil || p.used {
				return err
			}
			return p.forgo(tx)
		})
	})
}

// forgo withdraws what was asked for a policy that is over and never was in force;
// what was paid of it is credit then (package payment).
func (p *policy) forgo(tx fhir.Tx) error {
	bills, err := invoices(tx, *p)
	if err != nil {
		return err
	}
	for _, b := range bills {
		if b.status != "issued" {
			continue
		}
		if _, err := b.withdraw(tx, "The policy is over and was not paid."); err != nil {
			return err
		}
	}
	return nil
}

// under reads a policy under its lock; a zero one where it is not there any more.
func under(tx fhir.Tx, k fhir.Key) (policy, error) {
	if err := tx.Lock(k.String()); err != nil {
		return policy{}, err
	}
	resource, err := current(tx, k)
	if err != nil || resource == nil {
		return policy{}, err
	}
	return policyOf(resource)
}

// arrears suspends policies in force for which something is owed longer than the
// scheme allows. What is owed for members who joined later is between them and
// their own cover.
func (s Settings) arrears(ctx context.Context, server fhir.Server, first time.Time) error {
	owed := fhir.All{statuses("issued"), compared("due", fhir.PrefixEndsBefore, first.AddDate(0, 0, -s.ArrearsDays))}
	return each(ctx, server, "Invoice", owed, func(k fhir.Key) error {
		return server.Commit(ctx, func(tx fhir.Tx) error {
			if err := tx.Lock(k.String()); err != nil {
				return err
			}
			n, err := read(tx, k)
			bill := invoiceOf(k, n)
			contract := target(n.Extension(profiles.ExtensionInvoiceContract).Get("valueReference"))
			if err != nil || bill.status != "issued" || bill.left <= 0 || contract.Type != "Contract" || bill.joins() {
				return err
			}
			p, err := under(tx, contract)
			if err != nil || !p.ours || p.state != stateActive {
				return err
			}
			_, err = p.become(tx, stateSuspended, "disputed", nil)
			return err
		})
	})
}
