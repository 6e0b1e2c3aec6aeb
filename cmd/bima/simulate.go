package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"bima/fhir"
	"bima/resources/simulation"
)

// simulateCommand decides claims once more under other rules and writes nothing to
// the database.
type simulateCommand struct {
	databaseFlag
	Plan    string   `help:"The changed product: a file with an InsurancePlan. Without it, and without tariffs, deciding once more is checked to change nothing." type:"existingfile" placeholder:"FILE"`
	Product string   `help:"The id of the InsurancePlan that is changed, where the file does not say it." placeholder:"ID"`
	Tariff  []string `help:"A changed price: a file with a ChargeItemDefinition, or a Bundle of them." type:"existingfile" placeholder:"FILE"`
	From    string   `help:"The first day on which the claims were made." placeholder:"DATE"`
	To      string   `help:"The last day on which they were made." placeholder:"DATE"`
	Limit   int      `help:"Decide so many claims at most, the first." placeholder:"N"`
	CSV     string   `help:"Write the claims that change to this file; it must not be there yet. - is the standard output." placeholder:"FILE" name:"csv"`
	Report  string   `help:"Write the MeasureReport to this file; it must not be there yet." placeholder:"FILE"`
	Quiet   bool     `help:"Show no progress."`
	Zone    string   `help:"The scheme's time zone." default:"UTC" env:"BIMA_ZONE"`
	Base    string   `help:"The absolute URL of the server, where resources refer to each other by it." default:"http://localhost/fhir" env:"BIMA_BASE"`
}

// Run simulates and prints the totals.
func (c simulateCommand) Run(ctx context.Context, s streams) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("the time zone %q is not known: %w", c.Zone, err)
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	table, end, err := c.table(s.out)
	if err != nil {
		return err
	}
	q := simulation.Question{From: c.From, To: c.To, Limit: c.Limit, Zone: zone, Base: c.Base}
	var result simulation.Result
	err = store.View(fhir.Unhurried(ctx), func(r fhir.Reader) error {
		if err := c.read(r, &q); err != nil {
			return err
		}
		result, err = q.Run(ctx, r, simulation.Sink{Change: table.Add, Progress: c.progress(s.err)})
		return err
	})
	if err = errors.Join(err, end()); err != nil {
		return err
	}
	if c.Report != "" {
		report, err := simulation.MeasureReport(q, result, time.Now())
		if err != nil {
			return err
		}
		if err := writeNew(c.Report, append(report, '\n')); err != nil {
			return err
		}
	}
	out := s.out
	if c.CSV == "-" {
		out = s.err
	}
	return tellSimulation(out, result)
}

// table opens the table of the claims that change.
func (c simulateCommand) table(standard io.Writer) (t *simulation.Table, end func() error, err error) {
	switch c.CSV {
	case "":
		t, err = simulation.NewTable(io.Discard)
		return t, func() error { return nil }, err
	case "-":
		t, err = simulation.NewTable(standard)
		return t, func() error { return t.End() }, err
	}
	file, err := os.OpenFile(c.CSV, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, nil, err
	}
	t, err = simulation.NewTable(file)
	return t, func() error { return errors.Join(t.End(), file.Close()) }, err
}

// read reads the files of what changes.
func (c simulateCommand) read(r fhir.Reader, q *simulation.Question) error {
	if c.Plan != "" {
		n, err := resourceIn(c.Plan)
		if err != nil {
			return err
		}
		var besides []fhir.Key
		if c.Product != "" {
			besides = append(besides, fhir.Key{Type: "InsurancePlan", ID: c.Product})
		}
		if err := q.Change(r, n, "InsurancePlan", besides...); err != nil {
			return fmt.Errorf("%s: %w", c.Plan, err)
		}
	}
	for _, name := range c.Tariff {
		n, err := resourceIn(name)
		if err != nil {
			return err
		}
		tariffs := []fhir.Node{n}
		if n.Get("resourceType").Text() == "Bundle" {
			tariffs = nil
			for entry := range n.Get("entry").Each() {
				tariffs = append(tariffs, entry.Get("resource"))
			}
		}
		for _, t := range tariffs {
			if err := q.Tariff(t, "ChargeItemDefinition"); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// resourceIn reads a resource from a file.
func resourceIn(name string) (fhir.Node, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return fhir.Node{}, fmt.Errorf("%s is no JSON: %w", name, err)
	}
	return doc.Root(), nil
}

// progressEvery is how often progress is shown.
const progressEvery = time.Second

func (c simulateCommand) progress(w io.Writer) func(done, all int) {
	if c.Quiet {
		return nil
	}
	begun, last := time.Now(), time.Now()
	return func(done, all int) {
		now := time.Now()
		if now.Sub(last) < progressEvery && done < all {
			return
		}
		last = now
		rate := float64(done) / max(now.Sub(begun).Seconds(), 0.001)
		fmt.Fprintf(w, "decided %d of %d claims, %.0f a second\n", done, all, rate)
	}
}

// tellSimulation prints the totals.
func tellSimulation(out io.Writer, r simulation.Result) error {
	fmt.Fprintf(out, "claims made in the period: %d\n", r.Selected)
	fmt.Fprintf(out, "decided once more: %d, of these decided otherwise: %d\n", r.Decided, r.Changed)
	fmt.Fprintf(out, "left out: %d not decided or withdrawn, %d of other products, %d that can't be decided under these rules\n", r.Waiting, r.Others, r.Failed)
	if r.Cut {
		fmt.Fprintln(out, "there are more claims than the limit")
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tlines\tbenefit before\tafter\tchange\tmembers before\tafter\tchange\t")
	for _, c := range r.Sums.Cells() {
		sum := r.Sums[c]
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", nameOf(c), sum.Lines,
			sum.Before.Benefit, sum.After.Benefit, sum.After.Benefit-sum.Before.Benefit,
			sum.Before.Member, sum.After.Member, sum.After.Member-sum.Before.Member)
	}
	return t.Flush()
}

// nameOf names a part of the claims.
func nameOf(c simulation.Cell) string {
	value := c.Value
	if value == "" {
		value = "none"
	}
	switch c.By {
	case simulation.ByCategory:
		return "category " + value
	case simulation.ByLevel:
		return "level " + value
	}
	if c.Currency == "" {
		return "all"
	}
	return c.Currency
}
