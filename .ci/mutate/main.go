// Command mutate breaks a package in every small way and tells which breaks no test
// notices: "go run ./.ci/mutate ./adjudication".
//
// Stages are taken out of the pipeline, comparisons flipped, their boundaries moved,
// && and ||, + and -, min and max exchanged, conditions negated, statements left
// out. All mutants are compiled into one test binary, which runs once for each, with
// the number of the mutant in the environment: first the corpus alone, then, where
// that does not notice, all tests of the package.
//
// The survivors that change nothing anybody could notice are listed, each with its
// reason, in mutants.txt of the package. It fails where another one survives, and
// where one that is listed does not.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	corpus := flag.String("corpus", "TestCorpus", "the tests that are to notice a mutant")
	only := flag.String("only", "", "run only the mutants whose description has these words")
	list := flag.Bool("list", false, "print the mutants and run none")
	flag.Parse()
	survivors, err := run(flag.Arg(0), *corpus, *only, *list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

func run(folder, corpus, only string, list bool) (survivors int, err error) {
	m, err := mutate(folder)
	if err != nil {
		return 0, err
	}
	if list {
		for _, x := range m.mutants {
			fmt.Println(x)
		}
		return 0, nil
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	binary, err := compile(m, folder, work)
	if err != nil {
		return 0, err
	}
	listed, err := equivalents(filepath.Join(folder, "mutants.txt"))
	if err != nil {
		return 0, err
	}
	if err := os.CopyFS(filepath.Join(work, "testdata"), os.DirFS(filepath.Join(folder, "testdata"))); err != nil {
		return 0, err
	}
	r := runner{binary: binary, folder: work, corpus: corpus}
	if !r.passes(0, "") {
		return 0, errors.New("the tests fail without any mutant")
	}
	return r.all(m.mutants, listed, only), nil
}

// compile builds the tests of the package with all mutants in it.
func compile(m *mutator, folder, work string) (binary string, err error) {
	overlay := map[string]string{}
	for name, source := range m.sources {
		path := filepath.Join(work, filepath.Base(name))
		if err := os.WriteFile(path, source, 0o600); err != nil {
			return "", err
		}
		if overlay[name], err = filepath.Abs(path); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(work, "overlay.json"), text, 0o600); err != nil {
		return "", err
	}
	binary = filepath.Join(work, "mutants.test")
	c := exec.Command(cmp.Or(os.Getenv("GO"), "go"), "test", "-c", "-overlay", filepath.Join(work, "overlay.json"), "-o", binary, folder)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return binary, c.Run()
}

// equivalents reads the list of mutants that change nothing: "description # reason".
func equivalents(path string) (map[string]string, error) {
	listed := map[string]string{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return listed, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		description, reason, ok := strings.Cut(s.Text(), " # ")
		if ok {
			listed[withoutFile(description)] = reason
		}
	}
	return listed, nil
}

// A runner runs the tests with one mutant at a time.
type runner struct{ binary, folder, corpus string }

// longest is how long the tests may take; a mutant that loops is noticed by it.
const longest = 60 * time.Second

// passes reports whether the tests of a pattern, "" being all, pass with a mutant.
func (r runner) passes(mutant int, pattern string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	test := exec.CommandContext(ctx, r.binary, "-test.run", pattern, "-test.failfast", "-rapid.nofailfile", "-rapid.seed", "1")
	test.Dir = r.folder
	test.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(mutant), "GOMAXPROCS=1", "GOMEMLIMIT=1GiB")
	return test.Run() == nil
}

// all runs every mutant and prints those that survive or are listed wrongly.
func (r runner) all(mutants []string, listed map[string]string, only string) (wrong int) {
	var ran, noticed, byOthers, equivalent int
	seen := map[string]bool{}
	for i, description := range mutants {
		seen[withoutFile(description)] = true
		if !strings.Contains(description, only) {
			continue
		}
		ran++
		reason, excused := listed[withoutFile(description)]
		lives := r.passes(i+1, r.corpus)
		switch {
		case !lives:
			noticed++
		case !r.passes(i+1, ""):
			byOthers++
			fmt.Println("only by other tests:", description)
			lives = false
		case excused:
			equivalent++
		default:
			wrong++
			fmt.Println("SURVIVES:", description)
		}
		if excused && !lives {
			wrong++
			fmt.Printf("LISTED BUT NOTICED: %s # %s\n", description, reason)
		}
	}
	for _, description := range slices.Sorted(keys(listed)) {
		if !seen[description] {
			wrong++
			fmt.Println("LISTED BUT NOT MADE:", description)
		}
	}
	fmt.Printf("%d mutants: %d noticed by %s, %d only by other tests, %d listed as changing nothing, %d to look at\n",
		ran, noticed, r.corpus, byOthers, equivalent, wrong)
	return wrong
}

// withoutFile gives a description without its file, which functions leave.
func withoutFile(description string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(description), " ")
	return rest
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
