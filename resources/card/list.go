package card

import (
	"context"
	"slices"
	"sync"
	"time"

	"bima/fhir"
	"bima/resources/card/token"
)

const (
	// listKept is how long the list of revocations is given again without looking:
	// what another process revokes is on it so much later.
	listKept = 10 * time.Second
	// listPage is how many records are read at a time.
	listPage = 1_000
	// listMax bounds the list: 200,000 cards are 3 MB.
	listMax = 200_000
)

// revoked keeps the list of revocations for a short while: it is asked for by
// anybody.
type revoked struct {
	mu    sync.Mutex
	list  token.Revocations
	until time.Time
}

// forget makes the list be read again: a record of this process has changed.
func (d *Desk) forget(context.Context, []fhir.Key) {
	d.revoked.mu.Lock()
	defer d.revoked.mu.Unlock()
	d.revoked.until = time.Time{}
}

// revocations gives the cards that are no longer good though their time is not
// over.
func (d *Desk) revocations(ctx context.Context, s fhir.Server) (token.Revocations, error) {
	d.revoked.mu.Lock()
	defer d.revoked.mu.Unlock()
	now := d.Now()
	if now.Before(d.revoked.until) {
		return d.revoked.list, nil
	}
	list, err := d.readList(ctx, s, now)
	if err == nil {
		d.revoked.list, d.revoked.until = list, now.Add(listKept)
	}
	return list, err
}

func (d *Desk) readList(ctx context.Context, s fhir.Server, now time.Time) (token.Revocations, error) {
	list := token.Revocations{Issuer: d.issuer, Cards: []string{}}
	latest := time.Time{}
	query := &fhir.Query{Types: []string{recordType}, Limit: listPage, Where: fhir.All{
		isCard(), hasStatus("superseded"),
		fhir.Match{
			Param: fhir.Param{Code: "period", Kind: fhir.ParamDate},
			Value: fhir.DateValue{Prefix: fhir.PrefixGreaterEqual, From: now.UnixMicro(), To: now.UnixMicro() + 1},
		},
	}}
	err := s.View(ctx, func(r fhir.Reader) error {
		for len(list.Cards) < listMax {
			page, err := r.Search(query)
			if err != nil {
				return err
			}
			for _, resource := range page.Resources {
				record, err := recordOf(resource)
				if err != nil {
					return err
				}
				if record.card.ID != "" && record.card.Until > now.Unix() {
					list.Cards = append(list.Cards, record.card.ID)
					if resource.Updated.After(latest) {
						latest = resource.Updated
					}
				}
			}
			if query.After = page.Next; page.Next == "" {
				return nil
			}
		}
		return nil
	})
	slices.Sort(list.Cards)
	if !latest.IsZero() {
		list.Updated = latest.UTC().Format(time.RFC3339)
	}
	return list, err
}
