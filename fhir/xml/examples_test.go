package xml_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"bima/fhir/xml"

	"github.com/google/go-cmp/cmp"
)

// exampleFiles are HL7's example resources.
func exampleFiles(tb testing.TB) []string {
	tb.Helper()
	dir := "../../testdata/examples"
	if other := os.Getenv("BIMA_XML_EXAMPLES"); other != "" {
		dir = other
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no examples: %v", err)
	}
	return files
}

// tree reads JSON so that two texts that mean the same are equal: numbers stay
// as they are written.
func tree(tb testing.TB, text []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("no JSON: %v\n%s", err, text)
	}
	return v
}

func TestEveryExampleComesBackAsItWas(t *testing.T) {
	for _, file := range exampleFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for name, write := range map[string]func(dst, src []byte) ([]byte, error){"on one line": xml.FromJSON, "indented": xml.FromJSONIndent} {
				text, err := write(nil, src)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				back, err := xml.ToJSON(text)
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, text)
				}
				if diff := cmp.Diff(tree(t, src), tree(t, back)); diff != "" {
					t.Errorf("%s: what came back differs (-was +is):\n%s", name, diff)
				}
				again, err := write(nil, back)
				if err != nil || !bytes.Equal(text, again) {
					t.Errorf("%s: the XML of what came back differs: %v", name, err)
				}
			}
		})
	}
}
