package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
	"bima/fhir/rest"
	"bima/fhir/search"
	"bima/fhir/smart"
	"bima/profiles"
	"bima/resources/chargeitem"
	"bima/resources/claim"
	"bima/resources/coverage"
	"bima/resources/eligibility"
	"bima/resources/group"
	"bima/resources/insuranceplan"
	"bima/resources/invoice"
	"bima/resources/patient"
	"bima/resources/payment"
	"bima/storage"
)

// modules gives the abilities of the scheme, in the order their rules are asked
// and their reactions run: what a payment activates, a claim of the same
// transaction finds active. base is our [base] URL: references below it are to
// our own resources.
func modules(base string) []fhir.Module {
	return []fhir.Module{
		patient.Module(),
		group.Module(),
		insuranceplan.Module(),
		chargeitem.Module(),
		coverage.Module(),
		invoice.Module(),
		payment.Module(),
		eligibility.Module(base),
		claim.Module(base),
	}
}

// A house is a server with everything in it, before it listens.
type house struct {
	store   *storage.Store
	engine  *interaction.Engine
	handler http.Handler
	workers []fhir.Worker
	secured bool // whether callers must authenticate
}

// plan is what a house is built from.
type plan struct {
	database string
	base     string // the absolute URL of [base]
	zone     *time.Location
	log      *slog.Logger
	loopback bool          // whether only this machine can reach it
	issuer   *smart.Issuer // of bearer tokens; nil where there is none
	checkOwn bool
}

// errOpenHouse is why a server without accounts must not be reachable from
// other machines.
var errOpenHouse = errors.New("no account exists and no issuer of tokens is set, so everybody who can reach the server could read and write all of it: " +
	"make one first (bima user add NAME --role administrator), or listen on a loopback address such as 127.0.0.1:8080")

// build opens the database and wires the rooms together.
func build(ctx context.Context, p plan) (*house, error) {
	store, err := storage.Open(ctx, p.database, storage.Options{Log: p.log})
	if err != nil {
		return nil, err
	}
	h, err := furnish(ctx, store, p)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return h, nil
}

func furnish(ctx context.Context, store *storage.Store, p plan) (*house, error) {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	secured := len(accounts) > 0 || p.issuer != nil
	if !secured && !p.loopback {
		return nil, errOpenHouse
	}
	registry, err := searchable(p)
	if err != nil {
		return nil, err
	}
	rooms := modules(p.base)
	engine, err := interaction.New(interaction.Config{
		Store: store, Modules: rooms, Search: registry, Base: p.base, Zone: p.zone,
		Log: p.log, CheckOwn: p.checkOwn, Security: securedBy(p), Version: version,
	})
	if err != nil {
		return nil, err
	}
	authenticator, err := smart.NewAuthenticator(store, p.issuer, !secured, time.Now)
	if err != nil {
		return nil, err
	}
	h := &house{store: store, engine: engine, secured: secured}
	for _, m := range rooms {
		h.workers = append(h.workers, m.Workers...)
	}
	var origins []string
	if !secured {
		// Any page the developer visits could otherwise read what needs no password.
		origins = []string{"http://localhost:*", "http://127.0.0.1:*"}
	}
	h.handler = rest.Handler(rest.Options{
		Origins: origins,
		Engine:  engine, Base: p.base, Authenticate: authenticator.Authenticate, Log: p.log, Ready: store.Ready,
	})
	return h, nil
}

// securedBy gives the ways to authenticate, as the CapabilityStatement tells them.
func securedBy(p plan) []string {
	if p.issuer != nil {
		return []string{"Basic", "OAuth"}
	}
	return []string{"Basic"}
}

// searchable gives the search parameters of R4 and those the scheme defines.
func searchable(p plan) (*search.Registry, error) {
	registry, err := search.New(p.base, p.zone)
	if err != nil {
		return nil, err
	}
	var own []*r4.SearchParam
	for _, d := range profiles.Definitions() {
		if d.Type != "SearchParameter" {
			continue
		}
		doc, err := fhir.Parse(d.Body)
		if err != nil {
			return nil, err
		}
		params, err := search.Define(doc.Root())
		if err != nil {
			return nil, err
		}
		own = append(own, params...)
	}
	return registry.With(own...)
}

// isLoopback reports whether an address to listen on is reachable from this
// machine only.
func isLoopback(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("the address %q is not of the form host:port: %w", addr, err)
	}
	if host == "localhost" {
		return true, nil
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback(), nil
}
