package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/cmd/bima/house"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/fhir/rest/tracing"
	"bima/fhir/rest/unread"
	"bima/fhir/smart"
	"bima/storage"
)

// serveCommand runs the server.
type serveCommand struct {
	databaseFlag
	Addr    string        `help:"The address to listen on." default:"127.0.0.1:8080" env:"BIMA_ADDR"`
	BaseURL string        `help:"The absolute URL by which clients reach /fhir; by default http://ADDR/fhir." env:"BIMA_BASE_URL" placeholder:"URL"`
	Origins []string      `name:"origin" help:"Web pages whose scripts may call: https://console.example.org, http://localhost:*, * for all, none for none. May be repeated; by default all, and those of this machine where there is no account." env:"BIMA_ORIGIN" placeholder:"ORIGIN"`
	Issuer  string        `help:"The OpenID Connect issuer whose bearer tokens are taken, with the claim roles." env:"BIMA_OIDC_ISSUER" name:"oidc-issuer" placeholder:"URL"`
	Aud     string        `help:"The audience that bearer tokens must be for." default:"bima" env:"BIMA_OIDC_AUDIENCE" name:"oidc-audience"`
	Demo    bool          `help:"Load the demo scheme where the database holds no scheme yet." env:"BIMA_DEMO"`
	Zone    string        `help:"The scheme's time zone, of dates that name none." default:"UTC" env:"BIMA_ZONE"`
	Clock   clockFlag     `help:"Let the server's time begin at this moment and run on from there, to try a scheme's year: 2026-01-01T08:00:00+03:00. Not for a scheme in use." env:"BIMA_CLOCK" placeholder:"TIME"`
	Drain   time.Duration `help:"How long requests may take to finish when the server is asked to stop." default:"30s" env:"BIMA_DRAIN"`
	Slow    time.Duration `help:"From when on a search or a whole request is logged as slow, with what the database did." default:"1s" env:"BIMA_SLOW"`
	Log     string        `help:"The least severe messages to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"BIMA_LOG"`
	LogJSON bool          `help:"Log as JSON, one object a line." env:"BIMA_LOG_JSON"`

	Integrity string   `name:"referential-integrity" help:"Which references must lead to a resource that is there: none, or with local those in resources that the scheme makes itself (Coverage, Contract, Group, Invoice …)." enum:"none,local" default:"none" env:"BIMA_REFERENTIAL_INTEGRITY"`
	Profiles  string   `name:"claimed-profiles" help:"What is done about a resource that does not meet a known profile it claims: refuse it, warn, or nothing (off)." enum:"enforce,warn,off" default:"enforce" env:"BIMA_CLAIMED_PROFILES"`
	Packages  []string `name:"package" help:"A package of profiles and terminology (.tgz) to know besides our own. May be repeated." env:"BIMA_PACKAGE" placeholder:"FILE"`
	FullText  bool     `help:"Index texts, for _text and _content." default:"true" negatable:"" env:"BIMA_FULL_TEXT"`

	AsyncTime    time.Duration `help:"How long a request that is done later (Prefer: respond-async) may take." default:"10m" env:"BIMA_ASYNC_TIME"`
	AsyncKeep    time.Duration `help:"How long such a request and its answer are kept." default:"24h" env:"BIMA_ASYNC_KEEP"`
	AsyncBytes   int           `help:"The largest answer kept for such a request, in bytes." default:"67108864" env:"BIMA_ASYNC_BYTES"`
	AsyncPending int           `help:"How many such requests of one caller may wait or be under way." default:"10" env:"BIMA_ASYNC_PENDING"`
	OTLPEndpoint string        `name:"otlp-endpoint" help:"The OpenTelemetry collector that takes traces by OTLP over HTTP, such as http://localhost:4318." env:"BIMA_OTLP_ENDPOINT" placeholder:"URL"`
	enrolmentFlags
	cardFlags
	receiptFlags
	policyFlags
	subscriptionFlags
}

// Validate refuses settings that can't be kept. It is kong's.
func (c serveCommand) Validate() error {
	if c.AsyncTime >= storage.JobTimeout {
		return fmt.Errorf("--async-time must be less than %s, when a job is ended and tried again", storage.JobTimeout)
	}
	for _, o := range c.Origins {
		if !origin.MatchString(o) {
			return fmt.Errorf("--origin: %q is no origin: write it as https://console.example.org, without a path", o)
		}
	}
	return nil
}

// origin is what --origin takes.
var origin = regexp.MustCompile(`^(https?://[^/*\s]+(:\*)?|\*|none)$`)

// Run opens the database, listens, answers until the process is asked to stop,
// and then finishes what it has accepted.
func (c serveCommand) Run(ctx context.Context, s streams) error {
	log := c.logger(s)
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("the time zone %q is not known: %w", c.Zone, err)
	}
	loopback, err := isLoopback(c.Addr)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	base := strings.TrimSuffix(c.BaseURL, "/")
	if base == "" {
		base = "http://" + listener.Addr().String() + "/fhir"
	}
	var issuer *smart.Issuer
	if c.Issuer != "" {
		issuer = smart.NewIssuer(c.Issuer, c.Aud, time.Now)
	}
	packages, err := readPackages(c.Packages)
	if err != nil {
		return err
	}
	scheme, err := c.scheme()
	if err != nil {
		return err
	}
	scheme.Receipts = c.receipts()
	c.choose(&scheme)
	cards, err := c.cards()
	if err != nil {
		return err
	}
	tracer, err := tracing.New(ctx, tracing.Options{Endpoint: c.OTLPEndpoint, Version: version, Log: log})
	if err != nil {
		return err
	}
	defer c.endTraces(ctx, tracer, log)
	subscriptions, err := c.subscriptions()
	if err != nil {
		return err
	}
	h, err := house.Build(ctx, house.Plan{
		Origins: c.Origins, Issuer: issuer, Database: c.Database, Base: base, Zone: zone, Log: log, Loopback: loopback, Version: version, Now: c.Clock.now(),
		Integrity: interaction.IntegrityMode(c.Integrity), Claimed: claimed(c.Profiles), Packages: packages, NoFullText: !c.FullText, Slow: c.Slow,
		Limits: c.limits(), AsyncKeep: c.AsyncKeep, Tracer: tracer, Scheme: scheme, Cards: cards, Subscriptions: subscriptions,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := h.Close(); err != nil {
			log.Error("closing the database", "error", err)
		}
	}()
	return c.serve(ctx, s, listener, h, base, log)
}

// limits gives the bounds of requests.
func (c serveCommand) limits() rest.Limits {
	return rest.Limits{Async: c.AsyncTime, AsyncBytes: c.AsyncBytes, AsyncPending: c.AsyncPending}
}

// endTraces delivers what has been traced.
func (c serveCommand) endTraces(ctx context.Context, tracer *tracing.Tracer, log *slog.Logger) {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Drain)
	defer cancel()
	if err := tracer.Close(drain); err != nil {
		log.Warn("delivering the last traces", "error", err)
	}
}

// claimed gives the setting as the engine names it.
func claimed(setting string) interaction.Claimed {
	if setting == "enforce" {
		return interaction.ClaimedEnforce
	}
	return interaction.Claimed(setting)
}

// serve answers requests and works jobs until ctx ends.
func (c serveCommand) serve(ctx context.Context, s streams, listener net.Listener, h *house.House, base string, log *slog.Logger) error {
	server := rest.Server(h.Handler, c.limits())
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	loaded := h.Loading()
	var group errgroup.Group
	group.Go(func() error {
		if err := server.Serve(unread.Listener(listener)); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return h.Work(work) })
	group.Go(func() error {
		<-ctx.Done()
		log.Info("stopping: finishing what was accepted", "within", c.Drain)
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Drain)
		defer cancel()
		defer stopWork()
		return server.Shutdown(drain)
	})
	if err := c.welcome(ctx, s, h, listener.Addr().String(), base); err != nil {
		return errors.Join(err, server.Close())
	}
	loaded()
	log.Info("serving", "base", base, "authentication", h.Secured)
	return group.Wait()
}

// welcome loads the demo scheme where it is asked for and missing, and says how
// to begin.
func (c serveCommand) welcome(ctx context.Context, s streams, h *house.House, addr, base string) error {
	if !c.Demo {
		return nil
	}
	if h.Secured {
		return errors.New("--demo is for a server without accounts: load the scheme with `bima load` and an account instead")
	}
	if err := loadDemo(ctx, s, "http://"+addr+"/fhir"); err != nil {
		return fmt.Errorf("loading the demo scheme: %w", err)
	}
	return banner(s.out, base)
}

func (c serveCommand) logger(s streams) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(s.err, options))
	}
	return slog.New(slog.NewTextHandler(s.err, options))
}
