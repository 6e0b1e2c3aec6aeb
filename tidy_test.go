// Package bima_test holds the house to its own rules: what the style guide and
// the architecture say, a test checks.
package bima_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A source is one Go file of the project.
type source struct {
	path      string // "fhir/node.go"
	dir       string // "fhir"
	test      bool
	generated bool
	lines     int
	file      *ast.File
	fset      *token.FileSet
}

func (s source) imports() []string {
	var paths []string
	for _, i := range s.file.Imports {
		paths = append(paths, strings.Trim(i.Path.Value, `"`))
	}
	return paths
}

// sources reads every Go file of the project, but those of hidden folders.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{
			path: filepath.ToSlash(path), dir: filepath.ToSlash(filepath.Dir(path)),
			test: strings.HasSuffix(path, "_test.go"), generated: ast.IsGenerated(file),
			lines: strings.Count(string(text), "\n"), file: file, fset: fset,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// room gives the top-level folder of a path or of a bima import.
func room(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "bima/"), "/")
	return first
}

// module gives the module that a path or import below resources belongs to.
func module(path string) string {
	parts := strings.SplitN(strings.TrimPrefix(path, "bima/"), "/", 3)
	return parts[min(1, len(parts)-1)]
}

// doors says which rooms each room may import. Tests may import any: they stand
// outside the house.
var doors = map[string][]string{
	"profiles":     {},
	"fhir":         {"profiles"},
	"adjudication": {"fhir", "profiles"},
	"storage":      {"fhir"},
	"connect":      {"fhir", "profiles"},
	"console":      {},
	"resources":    {"fhir", "adjudication", "profiles"},
	"cmd":          {"fhir", "adjudication", "storage", "resources", "profiles", "connect", "console", "testdata"},
	"testdata":     {"profiles"},
}

func TestRoomsImportOnlyThroughTheirDoors(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.dir == "." || strings.HasSuffix(s.dir, "test") {
			continue
		}
		for _, path := range s.imports() {
			if !strings.HasPrefix(path, "bima/") {
				continue
			}
			from, to := room(s.path), room(path)
			if from != to && !slices.Contains(doors[from], to) {
				t.Errorf("%s imports %s: %s may import %v only", s.path, path, from, doors[from])
			}
			if s.dir == "fhir" {
				t.Errorf("%s imports %s: the nouns import no room", s.path, path)
			}
			// print is no module: it draws for all of them.
			if from == "resources" && to == "resources" && module(path) != module(s.path) && module(path) != "print" {
				t.Errorf("%s imports %s: modules meet through stored resources only", s.path, path)
			}
		}
	}
}

// homes gives the one place (or few) where each library may be used.
var homes = map[string][]string{
	"github.com/gin-gonic/gin":                   {"fhir/rest", "connect"},
	"github.com/coreos/go-oidc":                  {"fhir/smart"},
	"golang.org/x/crypto":                        {"fhir/smart"},
	"github.com/google/fhir":                     {"fhir/r4", "profiles/r4/generate", "resources"},
	"github.com/santhosh-tekuri/jsonschema":      {"profiles", "fhir/validate", "cmd/bima"},
	"gorm.io":                                    {"storage"},
	"modernc.org/sqlite":                         {"storage"},
	"github.com/jackc/pgx":                       {"storage"},
	"github.com/riverqueue/river":                {"storage"},
	"github.com/pressly/goose":                   {"storage"},
	"github.com/evanphx/json-patch":              {"fhir/interaction", "fhir/patch"},
	"golang.org/x/text":                          {"fhir/search", "fhir/rest", "storage/index", "resources/print"},
	"golang.org/x/net":                           {"fhir/validate", "fhir/rest"},
	"github.com/alecthomas/kong":                 {"cmd/bima"},
	"go.opentelemetry.io":                        {"fhir/rest"},
	"golang.org/x/image":                         {"resources/print"},
	"github.com/go-text/typesetting":             {"resources/print"},
	"github.com/go-pdf/fpdf":                     {"resources/print"},
	"github.com/skip2/go-qrcode":                 {"resources/print"},
	"github.com/gofhir/fhirpath":                 {},
	"github.com/rogpeppe/go-internal/testscript": {},
}

func TestEachLibraryHasOneHome(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, path := range s.imports() {
			for library, allowed := range homes {
				if path != library && !strings.HasPrefix(path, library+"/") {
					continue
				}
				if !slices.ContainsFunc(allowed, func(home string) bool { return s.dir == home || strings.HasPrefix(s.dir, home+"/") }) {
					t.Errorf("%s imports %s, whose home is %v", s.path, path, allowed)
				}
			}
		}
	}
}

// topLevel holds the folders of the house; others need a decision first.
var topLevel = []string{"cmd", "fhir", "resources", "adjudication", "storage", "profiles", "testdata", "connect", "console", "docs", "bin"}

func TestFoldersAreThoseOfTheDesign(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("the top-level folder %s is not in the design", e.Name())
		}
	}
	for _, s := range sources(t) {
		for _, name := range strings.Split(s.dir, "/") {
			if slices.Contains([]string{"util", "utils", "common", "helpers", "helper", "internal", "pkg", "misc"}, name) {
				t.Errorf("%s: the folder %s says nothing of what it holds", s.path, name)
			}
		}
	}
}

const (
	functionLinesMax = 70
	fileLinesMax     = 400
	packageFilesMax  = 25 // the design aims at 15; tests not counted
)

func TestFunctionsAndFilesFitOnAScreen(t *testing.T) {
	perPackage := map[string]int{}
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		if !s.test {
			if !strings.HasSuffix(s.dir, "test") { // stories are tests too, one file a feature
				perPackage[s.dir]++
			}
			if s.lines > fileLinesMax {
				t.Errorf("%s has %d lines, more than %d", s.path, s.lines, fileLinesMax)
			}
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.test || strings.HasSuffix(s.dir, "test") {
				continue
			}
			lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			if lines > functionLinesMax {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, lines, functionLinesMax)
			}
			if f.Name.Name == "init" {
				t.Errorf("%s: func init hides when things happen", s.path)
			}
		}
	}
	for dir, n := range perPackage {
		if n > packageFilesMax {
			t.Errorf("%s has %d files, more than %d", dir, n, packageFilesMax)
		}
	}
}

func TestEachPackageHasOneComment(t *testing.T) {
	comments, packages := map[string][]string{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test || s.generated {
			continue
		}
		packages[s.dir] = true
		if s.file.Doc != nil {
			comments[s.dir] = append(comments[s.dir], s.path)
		}
	}
	for dir := range packages {
		if len(comments[dir]) != 1 {
			t.Errorf("package %s has %d package comments %v, want one", dir, len(comments[dir]), comments[dir])
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.generated {
			continue
		}
		for _, d := range s.file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no comment", s.path, name)
			}
		}
	}
}

// undocumented gives the exported names of a declaration that have no comment.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d)) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.Name.IsExported() && t.Doc == nil && d.Doc == nil {
				names = append(names, t.Name.Name)
			}
			if v, ok := spec.(*ast.ValueSpec); ok && v.Doc == nil && v.Comment == nil && d.Doc == nil && v.Names[0].IsExported() {
				names = append(names, v.Names[0].Name)
			}
		}
		return names
	}
	return nil
}

// exportedReceiver reports whether a method can be seen from outside; markers of
// closed interfaces such as criterion() are unexported and not asked.
func exportedReceiver(f *ast.FuncDecl) bool {
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}

// unfinished finds what a reader should not have to wonder about.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func TestNothingIsLeftForLater(t *testing.T) {
	for _, s := range sources(t) {
		if s.path == "tidy_test.go" {
			continue
		}
		for _, group := range s.file.Comments {
			if unfinished.MatchString(group.Text()) {
				t.Errorf("%s: %s", s.fset.Position(group.Pos()), unfinished.FindString(group.Text()))
			}
		}
	}
}

// proof finds the tests that documents name, "Test…*" for several.
var proof = regexp.MustCompile(`\b(?:Test|Benchmark|Fuzz)[A-Z]\w*\*?`)

func TestTheTestsThatDocumentsNameAreThere(t *testing.T) {
	var names []string
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				names = append(names, f.Name.Name)
			}
		}
	}
	for _, path := range []string{"docs/field.md", "docs/progress.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		named := proof.FindAllString(string(text), -1)
		if len(named) < 15 {
			t.Errorf("%s names %d tests only", path, len(named))
		}
		for _, name := range named {
			beginning, several := strings.CutSuffix(name, "*")
			if !slices.ContainsFunc(names, func(n string) bool { return n == name || several && strings.HasPrefix(n, beginning) }) {
				t.Errorf("%s names %s, which is not there", path, name)
			}
		}
	}
}
