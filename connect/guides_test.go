package connect_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
	"bima/storage/storagetest"
)

// A guide is a document whose commands are run as they stand, in their order, in
// one shell, against the demo scheme and the other system.
type guide struct {
	accounts []connecttest.Account
	claims   bool
	peer     string // the address of the other system, as the guide writes it
	handler  func() (h http.Handler, arrived func() bool)
	pass     string // what starts the other system, which we do
	want     []string
}

// guides are the documents of this room, by their names; connect/dhis2 and
// connect/openmrs have their own.
var guides = map[string]guide{
	"subscribe.md": {
		peer: "http://127.0.0.1:9099", pass: "(?s)cat > /tmp/bima-sink.py.*?bima-sink.py > /dev/null 2>&1 &|sleep 2; cat /tmp/bima-sink.log", handler: sink,
	},
	"connect-kenyaemr.md": {
		accounts: []connecttest.Account{
			{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}},
			{Name: "kenyaemr-13023", Password: "secret-of-the-account", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Organization/facility-3"},
		},
		want: []string{`"OperationOutcome"`, "claim-state-extension"},
	},
	"connect-openimis.md": {
		accounts: []connecttest.Account{
			{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}},
			{Name: "cht", Password: "the password", Roles: []fhir.Role{fhir.RoleIntegration}},
		},
		want: []string{`"ClaimResponse"`},
	},
	"connect-stu3.md": {want: []string{`"EligibilityResponse"`, `"ClaimResponse"`}},
	"indicators.md":   {claims: true, want: []string{`"MeasureReport"`}},
}

// TestGuidesWork runs every guide. Each curl must be answered with a success.
func TestGuidesWork(t *testing.T) {
	for name, g := range guides {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../docs/" + name)
			if err != nil {
				t.Fatal(err)
			}
			w := connecttest.Open(t, storagetest.SQLite(t), connecttest.Options{Accounts: g.accounts, Claims: g.claims})
			replace := []string{"http://127.0.0.1:8080", w.URL}
			arrived := func() bool { return true }
			if g.handler != nil {
				var h http.Handler
				h, arrived = g.handler()
				peer := httptest.NewServer(h)
				t.Cleanup(peer.Close)
				replace = append(replace, g.peer, peer.URL)
			}
			out := runGuide(t, strings.NewReplacer(replace...).Replace(g.script(t, string(text))))
			for _, want := range g.want {
				if !strings.Contains(out, want) {
					t.Errorf("no answer has %s:\n%s", want, out)
				}
			}
			w.Until("what the guide promises comes about", arrived)
		})
	}
}

// script gives the commands of a guide.
func (g guide) script(t *testing.T, text string) string {
	t.Helper()
	script := "set -eu\ncurl() { command curl -sS --fail-with-body --max-time 60 \"$@\"; echo; }\n"
	blocks := regexp.MustCompile("(?s)\n```sh\n(.*?)\n```").FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("the guide shows no command")
	}
	for _, b := range blocks {
		script += b[1] + "\n"
	}
	if g.pass == "" {
		return script
	}
	return regexp.MustCompile(g.pass).ReplaceAllString(script, "")
}

func runGuide(t *testing.T, script string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Dir = t.TempDir()
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v after\n%s", err, out)
	}
	return string(out)
}

// sink takes every notification.
func sink() (http.Handler, func() bool) {
	var calls atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}), func() bool { return calls.Load() > 1 }
}
