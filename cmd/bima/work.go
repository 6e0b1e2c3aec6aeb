package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
)

// workCommand works the days of the scheme by hand.
type workCommand struct {
	databaseFlag
	AsOf  string    `help:"The day to work up to, with all before it that were not worked yet; today by default." name:"as-of" placeholder:"DATE"`
	Zone  string    `help:"The scheme's time zone." default:"UTC" env:"BIMA_ZONE"`
	Clock clockFlag `help:"Let time begin at this moment, as with serve, to try a scheme's year. Not for a scheme in use." env:"BIMA_CLOCK" placeholder:"TIME"`
	policyFlags
}

// Run works each day and prints what changed.
func (c workCommand) Run(ctx context.Context, s streams) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("the time zone %q is not known: %w", c.Zone, err)
	}
	now := c.Clock.now()
	if now == nil {
		now = time.Now
	}
	to := now().In(zone)
	if c.AsOf != "" {
		if to, err = time.ParseInLocation(time.DateOnly, c.AsOf, zone); err != nil {
			return fmt.Errorf("%q is not a day, such as 2026-01-31", c.AsOf)
		}
	}
	var scheme house.Scheme
	c.choose(&scheme)
	h, err := house.Build(ctx, house.Plan{
		Database: c.Database, Base: "http://localhost/fhir", Zone: zone, Loopback: true, Version: version, Now: now, Scheme: scheme,
		Log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	defer h.Close()
	return workDays(ctx, s.out, h, to)
}

// workDays works up to a day and prints a line for each resource that changed.
func workDays(ctx context.Context, out io.Writer, h *house.House, to time.Time) error {
	changes := 0
	days, err := h.Days(ctx, to, func(day, work string, changed []fhir.Key) error {
		for _, k := range changed {
			changes++
			if _, err := fmt.Fprintf(out, "%s  %-20s %s\n", day, work, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if days == 0 {
		_, err = fmt.Fprintf(out, "%s was worked before; nothing to do\n", to.Format(time.DateOnly))
		return err
	}
	_, err = fmt.Fprintf(out, "days worked: %d, resources changed: %d\n", days, changes)
	return err
}
