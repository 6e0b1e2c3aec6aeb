package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestEverySettingIsWrittenDown holds the schema of the settings file, and the
// page for operators, to the flags there are.
func TestEverySettingIsWrittenDown(t *testing.T) {
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal([]byte(settingsSchema), &schema); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	var serve serveCommand
	parser, err := kong.New(&serve)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"server": true, "user": true} // of other commands
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		name := strings.ReplaceAll(flag.Name, "-", "_")
		known[name] = true
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("the schema of the settings file has no %s", name)
		}
		if len(flag.Envs) == 0 || !strings.Contains(string(page), "| `--"+flag.Name+"` | `"+flag.Envs[0]+"` |") {
			t.Errorf("docs/operating.md has no row of --%s", flag.Name)
		}
	}
	for name := range schema.Properties {
		if !known[name] {
			t.Errorf("the schema of the settings file has %s, which is no setting", name)
		}
	}
}
