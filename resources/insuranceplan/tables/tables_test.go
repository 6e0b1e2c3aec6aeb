package tables_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/insuranceplan"
	"bima/resources/insuranceplan/tables"
	"bima/resources/resourcestest"
	"bima/storage/storagetest"
)

var update = flag.Bool("update", false, "write the golden files")

// five reads the folder with a product of each kind.
func five(t testing.TB) []tables.Product {
	t.Helper()
	products, faults := tables.Read(os.DirFS("testdata/five"))
	if len(faults) > 0 || len(products) != 5 {
		t.Fatalf("%d products, %v", len(products), faults)
	}
	return products
}

func parse(t testing.TB, body []byte) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// The InsurancePlans of the five products, which between them use each column of
// each table, are in testdata/golden.
func TestFiveProducts(t *testing.T) {
	for _, p := range five(t) {
		if issues := insuranceplan.Check(parse(t, p.Body)); len(issues) > 0 {
			t.Errorf("%s: %v", p.Key, issues)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, append(p.Body, '\n'), "", " "); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "golden", p.Key.ID+".json")
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", p.Key, diff)
		}
	}
}

func TestEachColumnIsUsed(t *testing.T) {
	for _, table := range tables.Tables() {
		text, err := os.ReadFile(filepath.Join("testdata/five", table.File))
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(string(text), "\n")
		for _, c := range table.Columns {
			if c.Name != "predecessor" && !strings.Contains(","+header+",", ","+c.Name+",") {
				t.Errorf("%s: no product uses %s", table.File, c.Name)
			}
		}
	}
}

// folder gives tables as they were written.
func folder(files map[string][]byte) fstest.MapFS {
	f := fstest.MapFS{}
	for name, text := range files {
		f[name] = &fstest.MapFile{Data: text}
	}
	return f
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	products := five(t)
	var all [][]byte
	for _, p := range products {
		all = append(all, p.Body)
	}
	files, err := tables.Write(all...)
	if err != nil {
		t.Fatal(err)
	}
	again, faults := tables.Read(folder(files))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for i, p := range again {
		if diff := cmp.Diff(string(products[i].Body), string(p.Body)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", p.Key, diff)
		}
	}
}

// What the server stored of a product is what is imported again.
func TestStoredProductsAreReadAgain(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			var clock resourcestest.Clock
			clock.Set(t, "2026-03-10")
			w := resourcestest.Timed(t, dsn(t), &clock, insuranceplan.Module())
			var bodies []string
			for _, p := range five(t) {
				bodies = append(bodies, string(p.Body))
			}
			w.Put(bodies...)
			for _, p := range five(t) {
				files, err := tables.Write(w.Get(p.Key.String()).Raw())
				if err != nil {
					t.Errorf("%s: %v", p.Key, err)
					continue
				}
				again, faults := tables.Read(folder(files))
				if len(faults) > 0 {
					t.Fatal(faults)
				}
				if diff := cmp.Diff(string(p.Body), string(again[0].Body)); diff != "" {
					t.Errorf("%s (-before +after):\n%s", p.Key, diff)
				}
			}
		})
	}
}

// Earlier releases wrote a concept of each type; their products are written still.
func TestTypesOfTheirOwnAreWritten(t *testing.T) {
	both := 0
	for _, p := range five(t) {
		earlier := strings.Replace(string(p.Body), `},{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type"`, `}]},{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type"`, 1)
		if earlier != string(p.Body) {
			both++
		}
		files, err := tables.Write([]byte(earlier))
		if err != nil {
			t.Errorf("%s: %v", p.Key, err)
			continue
		}
		again, faults := tables.Read(folder(files))
		if len(faults) > 0 || string(again[0].Body) != string(p.Body) {
			t.Errorf("%s: %v\n%s", p.Key, faults, cmp.Diff(string(p.Body), string(again[0].Body)))
		}
	}
	if both == 0 {
		t.Error("no product has a kind and a type")
	}
	body := string(five(t)[0].Body)
	if _, err := tables.Write([]byte(strings.Replace(body, `"type":[{`, `"type":[{"text":"x",`, 1))); err == nil || !strings.Contains(err.Error(), "InsurancePlan.type") {
		t.Errorf("a type in words: %v", err)
	}
}

func TestTheDemoProductFitsTables(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/scheme/30-product.json")
	if err != nil {
		t.Fatal(err)
	}
	plan := parse(t, text).At("entry").First().Get("resource")
	if n := plan.Get("type").Len(); n != 1 {
		t.Errorf("it has %d types; FAIS's profile allows one", n)
	}
	if _, err := tables.Write(plan.Raw()); err != nil {
		t.Error(err)
	}
}

func TestWhatTablesCannotSayIsNotWritten(t *testing.T) {
	body := string(five(t)[0].Body)
	cases := []struct{ name, old, new, want string }{
		{"a contact", `"status":"active"`, `"status":"active","contact":[{"name":{"text":"x"}}]`, "InsurancePlan.contact"},
		{"two plans of families", `"plan":[`, `"plan":[{"identifier":[{"value":"2"}]},`, "InsurancePlan.plan"},
		{"an extension of others", `"extension":[`, `"extension":[{"url":"urn:x","valueCode":"x"},`, "InsurancePlan.extension"},
		{"a qualifier of others", `{"system":"http://terminology.hl7.org/CodeSystem/benefit-unit","code":"individual"}`, `{"system":"urn:x","code":"x"}`, "InsurancePlan.coverage"},
		{"a cost in another currency", `"value":15000,"currency":"TZS"`, `"value":15000,"currency":"KES"`, "generalCost"},
	}
	for _, c := range cases {
		changed := strings.Replace(body, c.old, c.new, 1)
		if changed == body {
			t.Fatalf("the product has no %s", c.old)
		}
		if _, err := tables.Write([]byte(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	spelled := strings.NewReplacer(`"unit":"months",`, ``, `"meta":{"versionId":"3"},`, ``, `"resourceType":"InsurancePlan",`, `"resourceType":"InsurancePlan","meta":{"versionId":"3"},`).Replace(body)
	if _, err := tables.Write([]byte(spelled)); err != nil {
		t.Errorf("units without words, and the version: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, t := range tables.Tables() {
		text, err := os.ReadFile(filepath.Join("testdata/five", t.File))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(t.File, text)
	}
	f.Add("costs.csv", []byte("product,entry,cost,value\nCHF,x,\"benefit,-1\n"))
	whole := os.DirFS("testdata/five")
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		files := map[string][]byte{}
		for _, table := range tables.Tables() {
			kept, err := readFile(whole, table.File)
			if err != nil {
				t.Fatal(err)
			}
			files[table.File] = kept
		}
		files[name] = text
		products, faults := tables.Read(folder(files))
		if len(faults) > 0 && len(products) > 0 {
			t.Error("products of tables with faults")
		}
		for _, p := range products {
			insuranceplan.Check(parse(t, p.Body))
			if written, err := tables.Write(p.Body); err == nil {
				if again, faults := tables.Read(folder(written)); len(faults) > 0 || len(again) != 1 {
					t.Errorf("what was written of %s is not read again: %v", p.Body, faults)
				}
			}
		}
	})
}

// What users read of the tables is what the code takes.
func TestTheTablesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/products.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "\n## Tables\n")
	for _, table := range tables.Tables() {
		want := "| column | holds |\n|---|---|\n"
		for _, c := range table.Columns {
			name := "`" + c.Name + "`"
			if c.Required {
				name = "**" + name + "**"
			}
			want += "| " + name + " | " + c.Holds + " |\n"
		}
		_, section, _ := strings.Cut(rest, "\n### "+table.File+"\n")
		section, _, _ = strings.Cut(section, "\n##")
		if _, got, _ := strings.Cut(section, "| column"); "| column"+strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("docs/products.md should say of %s:\n%s", table.File, want)
		}
	}
}
