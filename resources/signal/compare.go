package signal

import (
	"context"
	"slices"

	"bima/adjudication"
	"bima/adjudication/signal"
	"bima/adjudication/signal/figures"
	"bima/adjudication/signal/visit"
	"bima/fhir"
	"bima/profiles"
)

const (
	// facilityPage is how many facilities are read at a time: their counts of a
	// year, told apart by day, are some thousand each.
	facilityPage = 50
	// servicePage is how many services are.
	servicePage = 200
	// packagesMax bounds the packages that services are looked for in, and partsMax
	// the parts of each.
	packagesMax = 5_000
	partsMax    = 100
	// comparedDays is over how many days before the day figures are compared.
	comparedDays = 365
	// usualPage is how many usual figures are written in one transaction.
	usualPage = 200
)

// compare works out the usual figures from what was counted, and writes those
// that are others now.
func (k *keeper) compare(ctx context.Context, s fhir.Server, day adjudication.Day) error {
	var facilities []figures.Facility
	var services []figures.Usual
	err := s.View(ctx, func(r fhir.Reader) (err error) {
		if facilities, err = facilitiesOf(r, day); err != nil {
			return err
		}
		services, err = servicesOf(r, day)
		return err
	})
	if err != nil {
		return err
	}
	usual := figures.Compare(facilities)
	levels := figures.Levels(usual)
	for some := range slices.Chunk(append(usual, services...), usualPage) {
		err := s.Commit(ctx, func(tx fhir.Tx) error {
			if err := tx.Lock(accountProgress); err != nil {
				return err
			}
			return figures.Write(tx, some)
		})
		if err != nil {
			return err
		}
	}
	return s.Commit(ctx, func(tx fhir.Tx) error { return publish(tx, levels, day) })
}

// facilitiesOf reads what was counted of all facilities.
func facilitiesOf(r fhir.Reader, day adjudication.Day) (list []figures.Facility, err error) {
	err = each(r, "Organization", facilityPage, func(page []stored) error {
		of := map[string][]fhir.Balance{}
		var accounts []string
		for _, o := range page {
			accounts = append(accounts, figures.FacilityAccount(o.key))
		}
		balances, err := r.Tally(fhir.Tally{Accounts: accounts, From: day - comparedDays, To: day + 1, Apart: true})
		if err != nil {
			return err
		}
		for _, b := range balances {
			of[b.Account] = append(of[b.Account], b)
		}
		for i, o := range page {
			if f := figures.ReadFacility(o.key, signal.Level(o.node), of[accounts[i]]); !f.Empty() {
				list = append(list, f)
			}
		}
		return nil
	})
	return list, err
}

// servicesOf reads what was counted of all services of the register, and gives
// what is usual of each.
func servicesOf(r fhir.Reader, day adjudication.Day) (list []figures.Usual, err error) {
	var codes []string
	seen := map[string]bool{}
	memberships := map[string][]figures.Package{}
	packages := 0
	err = each(r, "ChargeItemDefinition", servicePage, func(page []stored) error {
		for _, c := range page {
			for _, code := range visit.Codes(c.node.Get("code")) {
				if !seen[code] {
					seen[code] = true
					codes = append(codes, code)
				}
			}
			if p, ok := packageOf(c.node); ok && packages < packagesMax {
				packages++
				for _, part := range p.Parts {
					memberships[part] = append(memberships[part], p)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(codes, servicePage) {
		usual, err := usualOf(r, some, memberships, day)
		if err != nil {
			return nil, err
		}
		list = append(list, usual...)
	}
	return list, nil
}

func usualOf(r fhir.Reader, codes []string, memberships map[string][]figures.Package, day adjudication.Day) ([]figures.Usual, error) {
	accounts := make([]string, len(codes))
	for i, code := range codes {
		accounts[i] = figures.ServiceAccount(code)
	}
	balances, err := r.Tally(fhir.Tally{Accounts: accounts, From: day - comparedDays, To: day + 1})
	if err != nil {
		return nil, err
	}
	of := map[string][]fhir.Balance{}
	for _, b := range balances {
		of[b.Account] = append(of[b.Account], b)
	}
	list := make([]figures.Usual, len(codes))
	for i, code := range codes {
		list[i] = figures.Service(code, of[accounts[i]], memberships[code])
	}
	return list, nil
}

// packageOf reads a tariff that is a package in use.
func packageOf(n fhir.Node) (p figures.Package, ok bool) {
	made := n.Extension(profiles.ExtensionServicePackage)
	codes := visit.Codes(n.Get("code"))
	if !made.Exists() || len(codes) == 0 || n.Get("status").Text() != "active" {
		return p, false
	}
	p.Code, p.Fixed = codes[0], made.Extension("pricing").Get("valueCode").Text() == "fixed"
	for part := range made.Get("extension").Each() {
		if part.Get("url").Text() != "part" || len(p.Parts) == partsMax {
			continue
		}
		coding := part.Extension("service").Get("valueCoding")
		code := adjudication.Code{System: coding.Get("system").Text(), Code: coding.Get("code").Text()}.String()
		if !slices.Contains(p.Parts, code) {
			p.Parts = append(p.Parts, code)
		}
	}
	return p, len(p.Parts) > 0
}

// A stored is a resource that was read.
type stored struct {
	key  fhir.Key
	node fhir.Node
}

// each reads all resources of a type, page by page.
func each(r fhir.Reader, typ string, size int, do func([]stored) error) error {
	q := fhir.Query{Types: []string{typ}, Limit: size}
	for {
		page, err := r.Search(&q)
		if err != nil {
			return err
		}
		var list []stored
		for _, one := range page.Resources {
			doc, err := fhir.Parse(one.Body)
			if err != nil {
				return err
			}
			list = append(list, stored{one.Key, doc.Root()})
		}
		if len(list) > 0 {
			if err := do(list); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}
