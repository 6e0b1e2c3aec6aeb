package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"bima/fhir"
	"bima/resources/insuranceplan"
	"bima/resources/insuranceplan/tables"
	"bima/resources/simulation"
)

// productCommand moves products between a server and spreadsheets.
type productCommand struct {
	Import productImportCommand `cmd:"" help:"Store the products that a folder of tables (CSV) describes, all or none; docs/products.md tells the columns."`
	Export productExportCommand `cmd:"" help:"Write products as tables, from which they can be imported again."`
}

// serverFlags say which server is spoken to, and as whom.
type serverFlags struct {
	Server string `help:"The server's base URL." default:"http://127.0.0.1:8080/fhir" env:"BIMA_BASE_URL"`
	User   string `help:"The account to act as; its password is read from BIMA_PASSWORD." env:"BIMA_USER"`
}

func (f serverFlags) loader() loader {
	return loader{base: strings.TrimSuffix(f.Server, "/"), user: f.User, password: os.Getenv("BIMA_PASSWORD")}
}

type productImportCommand struct {
	serverFlags
	Dir    string `arg:"" help:"The folder with products.csv and the tables beside it." type:"existingdir"`
	DryRun bool   `help:"Check the tables and store nothing; no server is asked."`
	Print  bool   `help:"Print the InsurancePlans, one a line, instead of storing them."`
}

// Run checks all tables and stores the products in one transaction. Where
// anything is wrong it says what, in which file, row and column, stores nothing
// and ends with status 1.
func (c productImportCommand) Run(ctx context.Context, s streams) error {
	products, faults := tables.Read(os.DirFS(c.Dir))
	for _, p := range products {
		more, warnings, err := checkProduct(p)
		if err != nil {
			return err
		}
		faults = append(faults, more...)
		for _, w := range warnings {
			fmt.Fprintf(s.err, "warning: %s\n", w)
		}
	}
	switch {
	case len(faults) > 0:
		return tellFaults(s.err, faults)
	case c.Print:
		for _, p := range products {
			fmt.Fprintf(s.out, "%s\n", p.Body)
		}
		return nil
	case c.DryRun:
		fmt.Fprintf(s.out, "%d products may be imported\n", len(products))
		return nil
	}
	if _, err := c.loader().send(ctx, http.MethodPost, "", bundleOf(products)); err != nil {
		var refused *answerError
		if !errors.As(err, &refused) {
			return err
		}
		faults := refused.faults(products)
		if len(faults) == 0 {
			return err
		}
		return tellFaults(s.err, faults)
	}
	for _, p := range products {
		fmt.Fprintf(s.out, "%s\t%s\n", p.Key, p.Version)
	}
	return nil
}

// checkProduct asks a product what it can answer without a server.
func checkProduct(p tables.Product) (faults, warnings []tables.Fault, err error) {
	doc, err := fhir.Parse(p.Body)
	if err != nil {
		return nil, nil, err
	}
	defer doc.Release()
	for _, issue := range insuranceplan.Check(doc.Root()) {
		if issue.Severity == fhir.SeverityWarning {
			warnings = append(warnings, p.Fault(issue))
		} else {
			faults = append(faults, p.Fault(issue))
		}
	}
	return faults, warnings, nil
}

// tellFaults prints what is wrong with tables, one a line.
func tellFaults(w io.Writer, faults []tables.Fault) error {
	for _, f := range faults {
		fmt.Fprintln(w, f)
	}
	fmt.Fprintf(w, "faults: %d; nothing was stored\n", len(faults))
	return errReported
}

// bundleOf puts the products into one transaction.
func bundleOf(products []tables.Product) []byte {
	b := []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i, p := range products {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"resource":%s,"request":{"method":"PUT","url":"%s"}}`, p.Body, p.Key)
	}
	return append(b, "]}"...)
}

// faults reads the OperationOutcome of a refused transaction: what is wrong with
// which table.
func (r *answerError) faults(products []tables.Product) []tables.Fault {
	doc, err := fhir.Parse(r.body)
	if err != nil {
		return nil
	}
	defer doc.Release()
	var faults []tables.Fault
	for issue := range doc.Root().Get("issue").Each() {
		_, after, _ := strings.Cut(issue.Get("expression").First().Text(), ".entry[")
		number, within, _ := strings.Cut(after, "]")
		at, err := strconv.Atoi(number)
		if err != nil || at >= len(products) {
			return nil
		}
		within = strings.TrimPrefix(within, ".resource")
		faults = append(faults, products[at].Fault(fhir.Issue{Expression: "InsurancePlan" + within, Diagnostics: issue.Get("diagnostics").Text()}))
	}
	return faults
}

type productExportCommand struct {
	serverFlags
	Dir string   `arg:"" help:"The folder to write to; it must not hold tables yet."`
	IDs []string `arg:"" name:"id" help:"The ids of the InsurancePlans."`
}

// Run writes the tables of some products. It overwrites nothing, and refuses what
// tables can't say.
func (c productExportCommand) Run(ctx context.Context, s streams) error {
	bodies := make([][]byte, len(c.IDs))
	for i, id := range c.IDs {
		body, err := c.loader().send(ctx, http.MethodGet, "/InsurancePlan/"+id, nil)
		if err != nil {
			return err
		}
		bodies[i] = body
	}
	files, err := tables.Write(bodies...)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	for _, t := range tables.Tables() {
		text, used := files[t.File]
		if !used {
			continue
		}
		name := filepath.Join(c.Dir, t.File)
		if err := writeNew(name, text); err != nil {
			return err
		}
		fmt.Fprintln(s.out, name)
	}
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// simulateCommand decides claims once more under other rules and writes nothing to
// the database.
type simulateCommand struct {
	databaseFlag
	Plan    string   `help:"The changed product: a file with an InsurancePlan. Without it, and without tariffs, deciding once more is checked to change nothing." type:"existingfile" placeholder:"FILE"`
	Product string   `help:"The id of the InsurancePlan that is changed, where the file does not say it." placeholder:"ID"`
	Tariff  []string `help:"A changed price: a file with a ChargeItemDefinition, or a Bundle of them." type:"existingfile" placeholder:"FILE"`
	From    string   `help:"The first day on which the claims were made." placeholder:"DATE"`
	To      string   `help:"The last day on which they were made." placeholder:"DATE"`
	Limit   int      `help:"Decide so many claims at most, the first of the product." placeholder:"N"`
	CSV     string   `help:"Write the claims that change to this file; it must not be there yet. - is the standard output." placeholder:"FILE" name:"csv"`
	Report  string   `help:"Write the MeasureReport to this file; it must not be there yet." placeholder:"FILE"`
	Quiet   bool     `help:"Show no progress."`
	Zone    string   `help:"The scheme's time zone." default:"UTC" env:"BIMA_ZONE"`
	BaseURL string   `help:"The absolute URL by which clients reach /fhir, for references by it." default:"http://localhost/fhir" env:"BIMA_BASE_URL" placeholder:"URL"`
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
	q := simulation.Question{From: c.From, To: c.To, Limit: c.Limit, Zone: zone, Base: c.BaseURL}
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
