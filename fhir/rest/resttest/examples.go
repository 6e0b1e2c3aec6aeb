package resttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An example is one of HL7's example resources.
type example struct {
	name string // of its file, without .json
	body []byte
	typ  string
	id   string
}

// examples reads testdata/examples of the project, wherever the test runs.
func examples(t *testing.T) []example {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(projectRoot(t), "testdata", "examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var all []example
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, _ := parsed(body).(map[string]any)
		e := example{name: strings.TrimSuffix(filepath.Base(file), ".json"), body: body}
		e.typ, _ = tree["resourceType"].(string)
		e.id, _ = tree["id"].(string)
		all = append(all, e)
	}
	return all
}

// projectRoot gives the folder of go.mod.
func projectRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run inside the project")
		}
		dir = filepath.Dir(dir)
	}
}

// withID gives the example under an id of the run's.
func (e example) withID(t *testing.T, run string) (id string, body []byte) {
	t.Helper()
	const idLengthMax = 64
	id = run + "-" + e.id
	id = id[:min(len(id), idLengthMax)]
	tree, _ := parsed(e.body).(map[string]any)
	tree["id"] = id
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(tree); err != nil {
		t.Fatal(err)
	}
	return id, out.Bytes()
}

// refusedExamples are those of HL7's examples that are not valid R4, with the
// element at fault: each refers to a type of resource that its definition does
// not allow there.
var refusedExamples = map[string]string{
	"DeviceMetric-example":       "DeviceMetric.parent.reference",
	"DeviceUseStatement-example": "DeviceUseStatement.reasonReference[0].reference",
}

// testExamples stores every example by POST and by PUT and reads it back. POST
// comes first: a server of a scheme answers a claim that it has with that claim.
func testExamples(t *testing.T, base string) {
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			l := newTeller(base)
			if element, refused := refusedExamples[e.name]; refused {
				l.step(t, Scenario{Name: "refused", Method: http.MethodPost, Path: "/" + e.typ, Body: string(e.body), WantStatus: 400, WantBody: Values{"issue[0].expression[0]": element}})
				return
			}
			id, body := e.withID(t, l.words["run"])
			for _, step := range []Scenario{
				{Name: "stored by POST", Method: http.MethodPost, Path: "/" + e.typ, Body: string(e.body), WantStatus: 201},
				{Name: "stored by PUT", Method: http.MethodPut, Path: fmt.Sprintf("/%s/%s", e.typ, id), Body: string(body), WantStatus: 201},
			} {
				response, answer := l.send(t, step)
				if response.StatusCode != step.WantStatus {
					t.Fatalf("%s: got %d, want %d: %s", step.Name, response.StatusCode, step.WantStatus, shortened(answer))
				}
				where := response.Header.Get("Location")
				_, read := l.send(t, Scenario{Name: "read", Path: where, Header: Values{"Accept": "application/fhir+json"}})
				if diff := cmp.Diff(withoutServersOwn(e.body), withoutServersOwn(read)); diff != "" {
					t.Errorf("%s, read back differs (-sent +read):\n%s", step.Name, diff)
				}
			}
		})
	}
}

// withoutServersOwn gives the tree of a resource without what the server writes:
// id, version and time, and what it keeps back of a Subscription.
func withoutServersOwn(body []byte) any {
	tree, ok := parsed(body).(map[string]any)
	if !ok {
		return nil
	}
	if channel, ok := tree["channel"].(map[string]any); ok {
		delete(channel, "header")
	}
	delete(tree, "id")
	if meta, ok := tree["meta"].(map[string]any); ok {
		delete(meta, "versionId")
		delete(meta, "lastUpdated")
		if len(meta) == 0 {
			delete(tree, "meta")
		}
	}
	return tree
}
