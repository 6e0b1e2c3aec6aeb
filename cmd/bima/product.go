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

	"bima/fhir"
	"bima/resources/insuranceplan"
	"bima/resources/insuranceplan/tables"
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
