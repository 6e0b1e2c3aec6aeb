package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"bima/adjudication/facts"
	"bima/adjudication/learned"
	"bima/cmd/bima/house"
	"bima/fhir"
)

// learnCommand learns from reviewed claims which ones reviewers cut. What it
// learned is asked only after an operator has switched it on.
type learnCommand struct {
	Train learnTrainCommand `cmd:"" default:"withargs" help:"Learn a model from the scheme's own reviewed claims, test it on the latest of them, and store it as a draft with the report."`
	List  learnListCommand  `cmd:"" help:"List the models that are stored."`
	On    learnOnCommand    `cmd:"" help:"Switch a model on, and any other off: from then on it gives an opinion on claims."`
	Off   learnOffCommand   `cmd:"" help:"Switch the model off that is on."`
}

// schemeFlags are the settings of a command that works on a scheme's database.
type schemeFlags struct {
	databaseFlag
	Zone    string `help:"The scheme's time zone." default:"UTC" env:"BIMA_ZONE"`
	BaseURL string `help:"The absolute URL by which clients reach /fhir, for references by it." default:"http://localhost/fhir" env:"BIMA_BASE_URL" placeholder:"URL"`
}

// zone gives the scheme's time zone.
func (f schemeFlags) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return nil, fmt.Errorf("the time zone %q is not known: %w", f.Zone, err)
	}
	return zone, nil
}

// with opens the scheme for the server itself and closes it after use.
func (f schemeFlags) with(ctx context.Context, s streams, use func(ctx context.Context, h *house.House) error) error {
	zone, err := f.zone()
	if err != nil {
		return err
	}
	h, err := house.Build(ctx, house.Plan{
		Database: f.Database, Base: f.BaseURL, Zone: zone, Loopback: true, Version: version,
		Log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	return errors.Join(use(fhir.Unhurried(fhir.WithCaller(ctx, fhir.System())), h), h.Close())
}

type learnTrainCommand struct {
	schemeFlags
	DryRun bool   `help:"Learn and print the report, but store nothing."`
	Report string `help:"Write the report to this file as well: JSON where its name ends with .json, else Markdown." placeholder:"FILE" type:"path"`
}

// Run learns. It stores nothing where there are too few reviewed claims, or where
// what it learned is hardly better than chance.
func (c learnTrainCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(ctx context.Context, h *house.House) error {
		zone, err := c.zone()
		if err != nil {
			return err
		}
		var examples []learned.Example
		err = h.Engine.View(ctx, func(r fhir.Reader) (err error) {
			examples, err = learned.Gather(r, facts.New(c.BaseURL, zone))
			return err
		})
		if err != nil {
			return err
		}
		lesson, err := learned.Train(examples)
		if err != nil {
			return fmt.Errorf("nothing is learned: %w", err)
		}
		report := lesson.Markdown()
		if _, err := fmt.Fprintln(s.out, report); err != nil {
			return err
		}
		if err := c.write(lesson); err != nil {
			return err
		}
		if !lesson.Test.Useful() {
			return fmt.Errorf("the model tells claims apart hardly better than chance (AUC %.2f); nothing is stored", lesson.Test.AUC)
		}
		if c.DryRun {
			return nil
		}
		return storeModel(ctx, s, h, lesson)
	})
}

// write writes the report to the file that is asked for.
func (c learnTrainCommand) write(lesson *learned.Lesson) error {
	if c.Report == "" {
		return nil
	}
	report := []byte(lesson.Markdown())
	if strings.HasSuffix(c.Report, ".json") {
		var err error
		if report, err = lesson.JSON(); err != nil {
			return err
		}
	}
	return os.WriteFile(c.Report, report, 0o644)
}

// storeModel stores what was learned as a draft. The same claims give the same
// model, which is stored once.
func storeModel(ctx context.Context, s streams, h *house.House, lesson *learned.Lesson) error {
	var k fhir.Key
	status := "draft"
	err := h.Engine.Commit(ctx, func(tx fhir.Tx) error {
		library, err := lesson.Library(tx.Now())
		if err != nil {
			return err
		}
		k = library.Key
		there, err := fhir.Tree(tx, k)
		if err != nil {
			return err
		}
		if there.Exists() {
			status = there.Get("status").Text()
			return nil
		}
		_, err = tx.Update(library, 0)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "stored as %s (%s); read the report, then switch it on by: bima learn on %s\n", k, status, k.ID)
	return err
}

type learnListCommand struct{ schemeFlags }

// Run prints the models, one a line.
func (c learnListCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(ctx context.Context, h *house.House) error {
		q := fhir.Query{Types: []string{"Library"}, Limit: 100, Where: fhir.Match{
			Param: fhir.Param{Code: "type", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "model-definition"},
		}}
		return h.Engine.View(ctx, func(r fhir.Reader) error {
			for {
				page, err := r.Search(&q)
				if err != nil {
					return err
				}
				for _, one := range page.Resources {
					doc, err := fhir.Parse(one.Body)
					if err != nil {
						return err
					}
					if n := doc.Root(); learned.IsModel(n) {
						fmt.Fprintf(s.out, "%s\t%s\t%s\n", one.ID, n.Get("status").Text(), n.Get("description").Text())
					}
				}
				if q.After = page.Next; q.After == "" {
					return nil
				}
			}
		})
	})
}

type learnOnCommand struct {
	schemeFlags
	ID string `arg:"" help:"The id of the Library with the model."`
}

// Run switches a model on.
func (c learnOnCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(ctx context.Context, h *house.House) error {
		return switchModel(ctx, s, h, fhir.Key{Type: "Library", ID: c.ID})
	})
}

type learnOffCommand struct{ schemeFlags }

// Run switches the model off that is on.
func (c learnOffCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, s, func(ctx context.Context, h *house.House) error {
		return switchModel(ctx, s, h, fhir.Key{})
	})
}

// switchModel retires the model that is on, and makes another active unless its
// key is zero.
func switchModel(ctx context.Context, s streams, h *house.House, on fhir.Key) error {
	var told []string
	err := h.Engine.Commit(ctx, func(tx fhir.Tx) error {
		told = nil
		was, _, err := learned.On(tx)
		if err != nil {
			return err
		}
		if !was.IsZero() && was != on {
			told = append(told, was.ID+" is off")
			if err := setStatus(tx, was, "retired"); err != nil {
				return err
			}
		}
		if on.IsZero() {
			return nil
		}
		told = append(told, on.ID+" is on")
		return setStatus(tx, on, "active")
	})
	if err != nil {
		return err
	}
	if len(told) == 0 {
		told = []string{"no model is on"}
	}
	for _, text := range told {
		fmt.Fprintln(s.out, text)
	}
	return nil
}

// setStatus stores a model under another status.
func setStatus(tx fhir.Tx, k fhir.Key, status string) error {
	n, err := fhir.Tree(tx, k)
	if err != nil {
		return err
	}
	if !learned.IsModel(n) {
		return fhir.Errorf(fhir.IssueNotFound, "", "%s is no learned model; bima learn list names those that are stored", k)
	}
	edit := fhir.NewEdit(n.Document())
	edit.Set(n, "status", []byte(`"`+status+`"`))
	_, err = tx.Update(&fhir.Resource{Key: k, Body: edit.Bytes()}, 0)
	return err
}
