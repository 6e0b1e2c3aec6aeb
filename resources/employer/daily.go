package employer

import (
	"context"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/profiles"
)

// keys gives the resources that match.
func keys(ctx context.Context, server fhir.Server, typ string, where fhir.Criterion, wanted func(fhir.Node) bool) (list []fhir.Key, err error) {
	err = server.View(ctx, func(r fhir.Reader) error {
		list = nil
		return each(r, typ, where, func(k fhir.Key, n fhir.Node) error {
			if wanted(n) {
				list = append(list, k)
			}
			return nil
		})
	})
	return list, err
}

// statuses holds for resources of one of the statuses.
func statuses(codes ...string) fhir.Criterion {
	var list fhir.Any
	for _, c := range codes {
		list = append(list, fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: c, AnySystem: true}})
	}
	return list
}

// before holds for resources whose date ends before a day.
func before(code string, first time.Time) fhir.Criterion {
	return fhir.Match{
		Param: fhir.Param{Code: code, Kind: fhir.ParamDate},
		Value: fhir.DateValue{Prefix: fhir.PrefixEndsBefore, From: first.UnixMicro(), To: first.AddDate(0, 0, 1).UnixMicro()},
	}
}

// end ends the contracts whose last day is over.
func (s Settings) end(ctx context.Context, server fhir.Server, first time.Time) error {
	over, err := keys(ctx, server, "Contract", fhir.All{statuses("executed", "resolved", "disputed", "executable"), before("period", first)}, isContract)
	if err != nil {
		return err
	}
	on := adjudication.DayOf(first)
	for _, k := range over {
		err := server.Commit(mark(ctx), func(tx fhir.Tx) error {
			c, err := s.under(tx, k)
			if err != nil || c == nil || c.end >= on || !c.is(stateReady, stateActive, stateSuspended) {
				return err
			}
			return c.become(tx, stateExpired, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// begin lets the amendments begin whose first day has come.
func (s Settings) begin(ctx context.Context, server fhir.Server, first time.Time) error {
	ready, err := keys(ctx, server, "Contract", statuses("executable"), func(n fhir.Node) bool {
		return isContract(n) && n.Extension(profiles.ExtensionContractPredecessor).Exists()
	})
	if err != nil {
		return err
	}
	for _, k := range ready {
		err := server.Commit(mark(ctx), func(tx fhir.Tx) error {
			c, err := s.under(tx, k)
			if err != nil || c == nil {
				return err
			}
			err = s.replace(tx, c, adjudication.DayOf(first))
			if fhir.HasIssue(err, fhir.IssueBusinessRule) {
				return nil // the one it amends is suspended: it begins when that is paid
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// arrears suspends the contracts of employers who owe a month longer than its
// grace, or have not declared one so long.
func (s Settings) arrears(ctx context.Context, server fhir.Server, first time.Time) error {
	on := adjudication.DayOf(first)
	all, err := keys(ctx, server, "Contract", statuses("executed", "resolved", "amended", "renewed"), isContract)
	if err != nil {
		return err
	}
	for _, k := range all {
		err := server.Commit(mark(ctx), func(tx fhir.Tx) error {
			c, err := s.under(tx, k)
			if err != nil || c == nil || !c.is(stateActive, stateAmended, stateRenewed) {
				return err
			}
			bills, err := billedOf(tx, k)
			if err != nil || !bills.behind(c, on) {
				return err
			}
			if c, err = s.inUse(tx, c); err != nil || c == nil || !c.is(stateActive) {
				return err
			}
			return c.become(tx, stateSuspended, func(e *fhir.Edit) {
				e.SetExtension(c.node, profiles.ExtensionContractSuspension, "valueDate", datatype.JSON(adjudication.WriteDay(on)))
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inUse gives the contract that is in force in place of one: itself, or what
// follows it; nil where none is.
func (s Settings) inUse(tx fhir.Tx, c *contract) (*contract, error) {
	for range amendmentsMax {
		if c.is(stateActive, stateSuspended) {
			return c, nil
		}
		if !c.is(stateAmended, stateRenewed) {
			return nil, nil
		}
		next, err := c.successor(tx)
		if err != nil || next == nil {
			return nil, err
		}
		if c, err = s.under(tx, next.key); err != nil || c == nil {
			return nil, err
		}
	}
	return nil, nil
}
