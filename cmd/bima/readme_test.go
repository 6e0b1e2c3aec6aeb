package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"bima/cmd/bima/house"
	"bima/storage/storagetest"
)

// demoServer serves the demo scheme on a database and gives its base URL.
func demoServer(t *testing.T, dsn string) string {
	t.Helper()
	base := houseAt(t, dsn, house.Plan{})
	if err := loadDemo(t.Context(), streams{out: t.Output()}, base); err != nil {
		t.Fatal(err)
	}
	return base
}

// TestTheCommandsWeShowWork runs the curl commands of the README and of the
// banner against a server with the demo scheme.
func TestTheCommandsWeShowWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("curl is not installed, so the commands we show would go unchecked")
		}
		t.Skip("curl is not installed")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	if err := banner(&shown, "http://127.0.0.1:8080/fhir"); err != nil {
		t.Fatal(err)
	}
	fromReadme := regexp.MustCompile("(?s)```sh\n(curl .*?)\n```").FindAllStringSubmatch(string(readme), -1)
	fromBanner := regexp.MustCompile(`(?s)\n(curl .*?)\n\n`).FindAllStringSubmatch(shown.String(), -1)
	for name, open := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			base := demoServer(t, open(t))
			for where, commands := range map[string][][]string{"README": fromReadme, "banner": fromBanner} {
				if len(commands) < 3 {
					t.Errorf("%s shows %d curl commands, want at least 3", where, len(commands))
				}
				for _, c := range commands {
					runShown(t, strings.ReplaceAll(c[1], "http://127.0.0.1:8080/fhir", base))
				}
			}
		})
	}
}

// runShown runs a command and wants an answer that is neither a failure nor an
// empty search.
func runShown(t *testing.T, command string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command).Output()
	if err != nil {
		t.Errorf("%s\n%v", command, err)
	}
	answer := string(out)
	if strings.Contains(answer, `"OperationOutcome"`) || !strings.Contains(answer, `"resourceType"`) {
		t.Errorf("%s\nanswered %.600s", command, answer)
	}
	if strings.Contains(answer, `"searchset"`) && !strings.Contains(answer, `"entry"`) {
		t.Errorf("%s\nfound nothing", command)
	}
	if strings.Contains(command, "$submit") && !strings.Contains(answer, "7,650 of 16,000 TZS will be paid; the member owes 850.") {
		t.Errorf("%s\nwas decided otherwise than we show: %.600s", command, answer)
	}
}
