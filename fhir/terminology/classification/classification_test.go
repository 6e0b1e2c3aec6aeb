package classification_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/terminology/classification"
	"bima/fhir/terminology/codes"
	"bima/fhir/validate"
)

var heading = classification.Heading{ID: "sample", URL: "urn:test:sample"}

// outline gives a code system as a person reads it: a line a code, indented by
// how deep it stands.
func outline(t testing.TB, body []byte) string {
	t.Helper()
	doc, issues := validate.Resource(body, validate.Options{Type: "CodeSystem"})
	if fhir.Failed(issues) {
		t.Fatalf("%v\n%s", issues, body)
	}
	s, err := codes.Parse(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for c := range s.All() {
		fmt.Fprintf(&out, "%s%s %s", strings.Repeat(" ", len(c.Ancestors())), c.Code(), c.Display())
		for v := range c.Values() {
			if v.Property == "usage" {
				fmt.Fprintf(&out, " (%s)", v.Text)
			}
		}
		if c.Abstract() {
			out.WriteString(" [groups]")
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestReadCSV(t *testing.T) {
	for _, x := range []struct {
		name, text string
		layout     classification.CSV
		want       string
	}{
		{"a table with parents, parted by semicolons", string(read(t, "sample.csv")), classification.CSV{}, `I Diseases of the imagination
 A00-A09 Diseases of dreaming
  A00 Restless dreaming
   A00.0 Restless dreaming with walking
   A00.1 Restless dreaming, with "talking" & <shouting>
  A01 Dreamlessness
`},
		{"a table with levels", string(read(t, "levels.csv")), classification.CSV{}, `I Diseases of the imagination
 A00-A09 Diseases of dreaming
  A00 Restless dreaming
   A00.0 Restless dreaming with walking
  A01 Dreamlessness
II Diseases of memory
`},
		{"codes nested by how they begin, with a byte order mark", "\xef\xbb\xbfcode\tdisplay\nA00.1\tb\nA00\ta\nB00\tc\n", classification.CSV{Prefixes: true}, "A00 a\n A00.1 b\nB00 c\n"},
		{"columns under names of their own", "x,y,z\nignored,K1,One\n\nignored,K2,Two\n", classification.CSV{Code: "Y", Display: "z"}, "K1 One\nK2 Two\n"},
		{"codes alone", "code\nK1\nK2\n", classification.CSV{}, "K1 \nK2 \n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			body, err := classification.ReadCSV(strings.NewReader(x.text), heading, x.layout)
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(t, body); got != x.want {
				t.Errorf("got\n%s\nwant\n%s", got, x.want)
			}
		})
	}
}

func TestReadCSVTellsWhatIsWrong(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"nothing at all", "", "empty"},
		{"no column of codes", "a,b\n1,2\n", "no column of codes"},
		{"a code twice", "code\nA\nB\nA\n", `line 4: the code "A" is there already, at line 2`},
		{"a missing code", "code,display\nA,a\n,b\n", "line 3: there is no code"},
		{"a parent that does not occur", "code,parent\nA,Z\n", `line 2: the code "A" is to be below "Z"`},
		{"codes below each other", "code,parent\nA,B\nB,A\n", "below itself"},
		{"a level that is no number", "code,level\nA,one\n", `line 2: the level "one"`},
		{"a quote that never ends", "code,display\nA,\"a\n", "line 2"},
		{"bytes that are no UTF-8", "code,display\nA,r\xeaves\n", "line 2: the text is not UTF-8; save the file as UTF-8"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := classification.ReadCSV(strings.NewReader(x.text), heading, classification.CSV{})
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q in it", err, x.want)
			}
		})
	}
	if _, err := classification.ReadCSV(strings.NewReader("code\nA\n"), heading, classification.CSV{Parent: "above"}); err == nil {
		t.Error("a column that was asked for and is not there was not missed")
	}
}

const claml = `I Diseases of the imagination [groups]
 D00-D09 Diseases of dreaming [groups]
  D00 Restless dreaming & more (dagger)
   D00.0 Restless dreaming by day
   D00.9 Restless dreaming, unspecified
 D10-D19 Disorders of daydreaming [groups]
  D10 Long daydreams
   D10.0 Long daydreams: With walking
   D10.1 Long daydreams: With talking
   D10.9 Long daydreams: Without complication
  D11 Short daydreams
   D11.0 Short daydreams: With walking
    D11.01 Short daydreams: With walking: At night
  D12 No daydreams
`

func TestReadClaML(t *testing.T) {
	sample := read(t, "sample.xml")
	body, err := classification.ReadClaML(bytes.NewReader(sample), heading)
	if err != nil {
		t.Fatal(err)
	}
	if got := outline(t, body); got != claml {
		t.Errorf("got\n%s\nwant\n%s", got, claml)
	}
	for _, want := range []string{`"version":"2020"`, `"title":"Sample classification"`, `"language":"en"`, `"definition":"Dreams that do not rest."`, `"count":14`} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("%s is not in it", want)
		}
	}
	old := bytes.Replace(sample, []byte("UTF-8"), []byte("ISO-8859-1"), 1)
	old = bytes.Replace(old, []byte("No daydreams"), []byte("Sans r\xeaves"), 1)
	if body, err = classification.ReadClaML(bytes.NewReader(old), heading); err != nil || !strings.Contains(outline(t, body), "D12 Sans rêves") {
		t.Errorf("ISO-8859-1: %v", err)
	}
}

func TestReadClaMLTellsWhatIsWrong(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"nothing at all", "", "no ClaML"},
		{"another document", "<html/>", `not "html"`},
		{"a file cut off", "<ClaML>\n<Class code=\"A\"><Rubric", "line 2"},
		{"a class without code", "<ClaML><Class kind=\"chapter\"/></ClaML>", "has no code"},
		{"a class below one that is not there", `<ClaML><Class code="A"><SuperClass code="Z"/></Class></ClaML>`, `below "Z"`},
		{"classes below each other", `<ClaML><Class code="A"><SuperClass code="B"/></Class><Class code="B"><SuperClass code="A"/></Class></ClaML>`, "below itself"},
		{"an encoding we lack", `<?xml version="1.0" encoding="EBCDIC"?><ClaML/>`, "EBCDIC"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := classification.ReadClaML(strings.NewReader(x.text), heading)
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q in it", err, x.want)
			}
		})
	}
}

func TestAHeadingNeedsURLAndID(t *testing.T) {
	for _, h := range []classification.Heading{{ID: "x"}, {URL: "urn:x"}, {URL: "urn:x", ID: "no good"}} {
		if _, err := classification.ReadCSV(strings.NewReader("code\nA\n"), h, classification.CSV{}); !fhir.HasIssue(err, fhir.IssueRequired) {
			t.Errorf("%+v: got %v", h, err)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(read(f, "sample.csv"))
	f.Add(read(f, "levels.csv"))
	f.Add([]byte("code,display\nA00.1,x\nA00,y\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := classification.ReadCSV(bytes.NewReader(text), heading, classification.CSV{Prefixes: true})
		isCodeSystem(t, body, err)
	})
}

func FuzzReadClaML(f *testing.F) {
	f.Add(read(f, "sample.xml"))
	f.Add([]byte(`<ClaML><Class code="A"><ModifiedBy code="m"/></Class><ModifierClass modifier="m" code=".0"/></ClaML>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := classification.ReadClaML(bytes.NewReader(text), heading)
		isCodeSystem(t, body, err)
	})
}

// isCodeSystem holds what was read to what is promised: an Outcome, or JSON that
// compiles to as many codes as it counts.
func isCodeSystem(t *testing.T, body []byte, err error) {
	t.Helper()
	if err != nil {
		if o := fhir.OutcomeOf(err); o.Issues[0].Code == fhir.IssueException {
			t.Fatalf("%v: %v", err, o.Unwrap())
		}
		return
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	s, err := codes.Parse(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Len()); got != doc.Root().Get("count").Text() {
		t.Errorf("got %s concepts, want %s", got, doc.Root().Get("count").Text())
	}
}

func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("code,display\n")
	for i := range 70_000 {
		fmt.Fprintf(&text, "%c%02d.%d,\"Disease number %d, unspecified\"\n", 'A'+i/2700, i/27%100, i%27, i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := classification.ReadCSV(strings.NewReader(text.String()), heading, classification.CSV{Prefixes: true}); err != nil {
			b.Fatal(err)
		}
	}
}
