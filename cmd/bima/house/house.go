// Package house wires the rooms together: it is what a server is made of, as
// functions to be read from top to bottom. The program serves a House; tests
// that need all of the server, or a part of it, build theirs here too, so that
// what is tested is what is served.
package house

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/fhir/rest/tracing"
	"bima/fhir/smart"
	"bima/fhir/subscription"
	"bima/profiles"
	"bima/resources/card"
	"bima/storage"
)

// A House is a server with everything in it, before it listens.
type House struct {
	Store   *storage.Store
	Engine  *interaction.Engine
	Handler http.Handler
	Secured bool // whether callers must authenticate

	core     *core
	schedule *schedule
	workers  []fhir.Worker
	loading  atomic.Bool
}

// A Plan is what a House is built from. The zero value of each setting is its
// default.
type Plan struct {
	Database string         // for storage.Open; Engine is given its store and does not ask
	Base     string         // the absolute URL of [base]
	Zone     *time.Location // of dates that name none; nil is UTC
	Log      *slog.Logger   // nil logs nothing
	Loopback bool           // whether only this machine can reach it
	Origins  []string       // of web pages whose scripts may call; none is as origins says
	Issuer   *smart.Issuer  // of bearer tokens; nil where there is none
	CheckOwn bool           // whether what modules write of their own is validated, as in tests
	Version  string         // of the program

	// Now is the scheme's clock: of versions, of days and of what is due. Nil is
	// the real one; passwords and tokens go by that in any case.
	Now    func() time.Time
	Scheme Scheme // what the scheme has chosen; its zone is Zone
	Cards  card.Settings

	Subscriptions subscription.Settings // whom the server tells of changes, and how

	Integrity  interaction.IntegrityMode // which references must lead to something
	Claimed    interaction.Claimed       // what is done about profiles that a resource claims
	Packages   []profiles.Definition     // profiles and terminology besides our own
	NoFullText bool                      // no _text and _content, for faster writes
	Slow       time.Duration             // from when on a search or an exchange is logged as slow; 0 is never and 1 s

	Limits    rest.Limits     // of requests
	AsyncKeep time.Duration   // how long requests done later are kept with their answers; 0 is 24 h
	Tracer    *tracing.Tracer // of requests; nil traces nothing
}

// errOpenHouse is why a server without accounts must not be reachable from
// other machines.
var errOpenHouse = errors.New("no account exists and no issuer of tokens is set, so everybody who can reach the server could read and write all of it: " +
	"make one first (bima user add NAME --role administrator), or listen on a loopback address such as 127.0.0.1:8080")

// errOpenPages is why a server without accounts is not for all web pages.
var errOpenPages = errors.New("no account exists, so any web page that is opened on this machine could read and write all of it with --origin=*: " +
	"name the page's origin, or make an account first (bima user add NAME --role administrator)")

// Build opens the database and wires the rooms together. It fails where a server
// that anybody may use could be reached from other machines.
func Build(ctx context.Context, p Plan) (*House, error) {
	store, err := storage.Open(ctx, p.Database, storage.Options{Log: p.Log, SlowSearch: p.Slow, Now: p.Now})
	if err != nil {
		return nil, err
	}
	h, err := furnish(ctx, store, p)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return h, nil
}

func furnish(ctx context.Context, store *storage.Store, p Plan) (*House, error) {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	secured := len(accounts) > 0 || p.Issuer != nil
	if !secured && !p.Loopback {
		return nil, errOpenHouse
	}
	if !secured && slices.Contains(p.Origins, "*") {
		return nil, errOpenPages
	}
	// On a server that only this machine can reach, this machine is whom one tries.
	p.Subscriptions.Private = p.Subscriptions.Private || p.Loopback && !secured
	cards := desk(store, p, secured)
	c, err := build(ctx, store, p, append(Modules(p.Base, p.scheme()), cards.Module(), hmis(p).Module()))
	if err != nil {
		return nil, err
	}
	if _, err := c.library.Install(ctx, c.engine, c.engine.Conformance().Definitions()); err != nil {
		return nil, err
	}
	authenticator, err := smart.NewAuthenticator(store, p.Issuer, !secured, time.Now)
	if err != nil {
		return nil, err
	}
	authenticator.Take(smart.NewTokens(store, root(p), time.Now))
	authenticator.Fetch(p.Subscriptions.Client())
	h := &House{Store: store, Engine: c.engine, Secured: secured, core: c}
	h.Handler = rest.Handler(rest.Options{
		Origins: origins(p.Origins, secured), Engine: c.engine, Base: p.Base, Authenticate: authenticator.Authenticate,
		Log: p.Log, Slow: p.Slow, Limits: p.Limits, Ready: h.ready, Stats: store.Stats, Tracer: p.Tracer,
		Async: store, AsyncKeep: p.AsyncKeep, Schemas: c.schemas, Open: cards.Open(c.engine), Fronts: fronts(p, authenticator, c.engine),
		Sockets: map[string]rest.Socket{subscription.SocketPath: c.hub.ServeSocket},
		Accents: accents(p), TokenPath: smart.TokenPath, TokenScopes: smart.Scopes(),
	})
	h.schedule = newSchedule(c, p)
	h.workers = append(c.workers, rest.Worker(h.Handler), h.schedule.worker())
	return h, nil
}

// Loading has the server say that it is not ready until loaded is called.
func (h *House) Loading() (loaded func()) {
	h.loading.Store(true)
	return func() { h.loading.Store(false) }
}

var errLoading = errors.New("what is loaded at the start is not there yet")

func (h *House) ready(ctx context.Context) error {
	if h.loading.Load() {
		return errLoading
	}
	return h.Store.Ready(ctx)
}

// Work does what goes on behind the answers until its time ends: the jobs of the
// modules, and following what other processes change. What that breaks off
// is no error.
func (h *House) Work(until context.Context) error {
	group, ctx := errgroup.WithContext(fhir.WithCaller(until, fhir.System()))
	group.Go(func() error { return h.Store.Work(ctx, h.Engine, h.workers) })
	group.Go(func() error { return h.core.indexer.Watch(ctx) })
	group.Go(func() error { return h.core.profiles.Watch(ctx) })
	group.Go(func() error { return h.core.codes.Watch(ctx) })
	group.Go(func() error { return h.core.hub.Work(ctx) })
	group.Go(func() error { return h.schedule.watch(ctx) })
	if err := group.Wait(); until.Err() == nil {
		return err
	}
	return nil
}

// Close closes the database.
func (h *House) Close() error { return h.Store.Close() }

// security gives the ways to authenticate, as the CapabilityStatement tells them.
func security() []string {
	return []string{"Basic", "OAuth"}
}

// origins gives the web pages whose scripts may call: those named; else of a server
// that asks for no password those of this machine only, since any page the developer
// visits could otherwise read it. None is all.
func origins(named []string, secured bool) []string {
	if len(named) > 0 || secured {
		return named
	}
	return []string{"http://localhost:*", "http://127.0.0.1:*"}
}
