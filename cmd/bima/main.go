// Command bima runs a health-financing scheme on HL7 FHIR R4: `bima serve` is the
// server, the other commands load, check and administer it.
//
// It is the command line and holds no rule of its own; what the server is made of
// is in house.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"bima/fhir"
)

// version is written by the linker; see the Makefile.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// commands is the command line. Every setting is a flag, an environment variable
// or a member of the settings file, in this order of precedence.
type commands struct {
	Config kong.ConfigFlag `help:"Read settings from this JSON file, such as {\"addr\": \"127.0.0.1:8080\"}." placeholder:"FILE"`

	Serve    serveCommand    `cmd:"" help:"Run the server."`
	Load     loadCommand     `cmd:"" help:"Send bundles, resources and NDJSON files to a server."`
	Enrol    enrolCommand    `cmd:"" help:"Enrol persons and families from a table (CSV) or a register (NDJSON)."`
	Generate generateCommand `cmd:"" help:"Write a synthetic scheme of any size as NDJSON files."`
	Validate validateCommand `cmd:"" help:"Check FHIR resources in files; exit 1 when one is not valid."`
	Fhirpath fhirpathCommand `cmd:"" help:"Evaluate a FHIRPath expression on a resource."`
	Terms    termsCommand    `cmd:"" name:"terminology" help:"Load code systems from the files they are published in."`
	Product  productCommand  `cmd:"" help:"Import products from tables (CSV), and export them."`
	Simulate simulateCommand `cmd:"" help:"Decide a period's claims once more under a changed product or changed prices; nothing is written."`
	Card     cardCommand     `cmd:"" help:"Verify membership cards."`
	Key      keyCommand      `cmd:"" help:"Make, list and retire the keys that cards are signed with."`
	User     userCommand     `cmd:"" help:"Make, list and remove accounts for HTTP Basic."`
	Work     workCommand     `cmd:"" help:"Work the days of the scheme by hand: what expires, falls due or is to be renewed."`
	Learn    learnCommand    `cmd:"" help:"Learn from reviewed claims which ones reviewers cut, and switch what was learned on or off."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database to this version's schema and stop."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// exitUsage is the status of a command line that can't be read.
const exitUsage = 2

// run runs one command line and gives the process's exit status.
func run(ctx context.Context, args []string, s streams) int {
	var c commands
	status, exited := 0, false
	parser, err := kong.New(
		&c,
		kong.Name("bima"),
		kong.Description("A health-financing scheme on HL7 FHIR R4."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { status, exited = code, true }),
		kong.Configuration(settings),
		kong.Vars{"roles": roleNames()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprintln(s.err, "bima:", err)
		return exitUsage
	}
	command, err := parser.Parse(expressionLast(args))
	if exited {
		return status
	}
	if err != nil {
		fmt.Fprintln(s.err, "bima:", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		var told exitStatus
		if errors.As(err, &told) {
			return int(told)
		}
		report(s.err, err)
		return 1
	}
	return 0
}

// errReported ends a command with status 1 after it has said why.
var errReported = errors.New("reported")

// report tells the operator what went wrong, with the cause that a client of the
// server would not see.
func report(w io.Writer, err error) {
	if errors.Is(err, errReported) {
		return
	}
	fmt.Fprintln(w, "bima:", err)
	var o *fhir.Outcome
	if errors.As(err, &o) {
		if cause := errors.Unwrap(o); cause != nil {
			fmt.Fprintln(w, "bima: because:", cause)
		}
	}
}

// versionCommand prints the version.
type versionCommand struct{}

// Run prints the version of this binary and of FHIR.
func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "bima %s (HL7 FHIR R4, 4.0.1)\n", version)
	return err
}
