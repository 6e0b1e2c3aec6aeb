package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
)

// loadCommand sends files to a server by its public API.
type loadCommand struct {
	Paths  []string `arg:"" help:"Bundles and resources (.json, .xml), NDJSON files (.ndjson), or folders of them."`
	From   string   `help:"Go on from this file, and this line of an NDJSON file, where an earlier load stopped." placeholder:"FILE[:LINE]"`
	Server string   `help:"The server's base URL." default:"http://127.0.0.1:8080/fhir" env:"BIMA_BASE_URL"`
	User   string   `help:"The account to load as; its password is read from BIMA_PASSWORD." env:"BIMA_USER"`
}

// Run sends each file in turn and stops at the first that is refused. Loading
// again what has ids is harmless: it is updated in place.
func (c loadCommand) Run(ctx context.Context, s streams) error {
	files, err := loadable(c.Paths)
	if err != nil {
		return err
	}
	files, line, err := resume(files, c.From)
	if err != nil {
		return err
	}
	l := loader{base: strings.TrimSuffix(c.Server, "/"), user: c.User, password: os.Getenv("BIMA_PASSWORD")}
	for i, name := range files {
		n, err := l.file(ctx, name, line)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(s.out, "%d/%d %s: %d resources\n", i+1, len(files), name, n)
		line = 0
	}
	return nil
}

// resume leaves out the files before the one that from names, and gives the line
// of it to go on from, counted from 1; 0 is the beginning.
func resume(files []string, from string) ([]string, int, error) {
	if from == "" {
		return files, 0, nil
	}
	name, line := from, 0
	if before, after, ok := strings.Cut(from, ".ndjson:"); ok {
		n, err := strconv.Atoi(after)
		if err != nil || n < 1 {
			return nil, 0, fmt.Errorf("--from %s: %q is no number of a line", from, after)
		}
		name, line = before+".ndjson", n
	}
	i := slices.IndexFunc(files, func(f string) bool { return f == name || filepath.Base(f) == name })
	if i < 0 {
		return nil, 0, fmt.Errorf("--from %s: that file is not among those to load", from)
	}
	return files[i:], line, nil
}

// loadable lists the files named, and those in folders named, in order.
func loadable(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && slices.Contains([]string{".json", ".xml", ".ndjson"}, filepath.Ext(name)) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no .json, .xml or .ndjson file in %s", strings.Join(paths, ", "))
	}
	return files, nil
}

// A loader sends resources to a server.
type loader struct {
	base, user, password string
}

// file sends one file, from a line of it on where it is NDJSON, and gives the
// number of resources in it.
func (l loader) file(ctx context.Context, name string, from int) (int, error) {
	if filepath.Ext(name) == ".ndjson" {
		return l.lines(ctx, name, from)
	}
	text, err := readResource(name, nil)
	if err != nil {
		return 0, err
	}
	return l.resource(ctx, text)
}

// resource sends a Bundle to the base, and anything else to its own place: by
// PUT where it has an id.
func (l loader) resource(ctx context.Context, text []byte) (int, error) {
	doc, err := fhir.Parse(text)
	if err != nil {
		return 0, err
	}
	defer doc.Release()
	root := doc.Root()
	typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
	switch {
	case typ == "Bundle" && slices.Contains([]string{"transaction", "batch"}, root.Get("type").Text()):
		return l.bundle(ctx, text, root.Get("entry").Len())
	case typ == "":
		return 0, fmt.Errorf("this is no FHIR resource: resourceType is missing")
	case id == "":
		_, err = l.send(ctx, http.MethodPost, "/"+typ, text)
	default:
		_, err = l.send(ctx, http.MethodPut, "/"+typ+"/"+id, text)
	}
	return 1, err
}

// bundle sends a transaction or batch and fails when an entry of it did.
func (l loader) bundle(ctx context.Context, text []byte, entries int) (int, error) {
	answer, err := l.send(ctx, http.MethodPost, "", text)
	if err != nil {
		return 0, err
	}
	doc, err := fhir.Parse(answer)
	if err != nil {
		return 0, err
	}
	defer doc.Release()
	i := 0
	for entry := range doc.Root().Get("entry").All() {
		response := entry.Get("response")
		if status := response.Get("status").Text(); !strings.HasPrefix(status, "2") {
			return 0, fmt.Errorf("entry %d was answered %s: %s", i, status, response.Get("outcome").Raw())
		}
		i++
	}
	return entries, nil
}

// send makes one request and gives the answer's body.
func (l loader) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, l.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/fhir+json")
	request.Header.Set("Prefer", "return=minimal")
	if l.user != "" {
		request.SetBasicAuth(l.user, l.password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 400 {
		return nil, &answerError{method, path, response.Status, answer}
	}
	return answer, nil
}

// An answerError is an answer with a status of 400 or above.
type answerError struct {
	method, path, status string
	body                 []byte
}

// Error tells all of it.
func (r *answerError) Error() string {
	return fmt.Sprintf("%s %s was answered %s: %s", r.method, r.path, r.status, r.body)
}
