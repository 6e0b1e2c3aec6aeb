package profile_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/profile"
)

// A file is a name and a text in a package.
type file struct{ name, text string }

// pack makes a package.
func pack(tb testing.TB, files ...file) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.text))}); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestAPackageGivesItsConformanceResources(t *testing.T) {
	p := definition("p", "Patient", `{"path":"Patient.birthDate","min":1}`)
	list, err := profile.ReadPackage(bytes.NewReader(pack(t,
		file{"package/package.json", `{"name":"a.b"}`}, file{"package/.index.json", `{}`},
		file{"package/StructureDefinition-p.json", string(p.Body)},
		file{"./package/ValueSet-v.json", `{"resourceType":"ValueSet","id":"v","url":"http://a.example/v"}`},
		file{"package/SearchParameter-s.json", `{"resourceType":"SearchParameter","id":"s"}`},
		file{"package/Patient-1.json", `{"resourceType":"Patient","id":"1"}`},
		file{"package/example/StructureDefinition-e.json", `{"resourceType":"StructureDefinition","id":"e"}`},
		file{"package/readme.md", `#`}, file{"../outside.json", `{"resourceType":"ValueSet","id":"x"}`})))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		got = append(got, d.Type+"/"+d.ID)
	}
	if diff := cmp.Diff([]string{"StructureDefinition/", "ValueSet/v", "SearchParameter/s"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"error required Patient.birthDate"}, check(t, newSet(t, list...), `{"resourceType":"Patient"}`, "p")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoPackageIsRefused(t *testing.T) {
	whole := pack(t, file{"package/ValueSet-v.json", `{"resourceType":"ValueSet","id":"v"}`})
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(bytes.Repeat([]byte("no tar"), 1000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"nothing": nil, "a text": []byte("hello"), "cut off": whole[:len(whole)-20], "no archive within": z.Bytes(),
		"a file that is no JSON": pack(t, file{"package/a.json", `{`}),
	} {
		if _, err := profile.ReadPackage(bytes.NewReader(body)); !fhir.HasIssue(err, fhir.IssueInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	large := pack(t, file{"package/a.json", `"` + string(bytes.Repeat([]byte("x"), 33<<20)) + `"`})
	if _, err := profile.ReadPackage(bytes.NewReader(large)); !fhir.HasIssue(err, fhir.IssueTooLong) {
		t.Errorf("a file of 33 MiB: %v", err)
	}
}
