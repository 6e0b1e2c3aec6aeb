package resttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bima/fhir/xml"
)

// A Story is a sequence of requests that build on each other.
type Story struct {
	Name  string
	Steps []Scenario
}

// A Scenario is one request and the answer wanted.
//
// In all texts {base} stands for the absolute URL of [base], {run} for a word
// that no other run has used, {yesterday} and {tomorrow} for these days in UTC when
// the Story began, and {name} for what an earlier Scenario kept under that name. In wanted texts * stands for anything.
type Scenario struct {
	Name   string
	Method string // GET where it is ""
	Path   string // below [base]; an absolute URL is taken as it is
	Header Values
	Body   string

	WantStatus int
	// WantHeader holds headers of the answer; Absent for one that must not be there.
	WantHeader Values
	// WantBody holds elements of the answer by path: "issue[0].code". "entry#" is
	// how many entries there are, "entry[*].resource.id" are all values with
	// spaces between, sorted. Absent is for what must not be there.
	WantBody Values
	// WantText must be in the body as it stands.
	WantText string
	// WantEmpty asks for an answer without a body.
	WantEmpty bool
	// Keep keeps elements of the answer for later Scenarios: name → path. The path
	// "Location" is that header.
	Keep Values
}

// Values are texts by name.
type Values map[string]string

// Absent is what is wanted of a header or element that must not be there.
const Absent = "(absent)"

// A teller tells stories to one server.
type teller struct {
	client *http.Client
	words  Values // what stands in braces
}

// Tell runs the stories against the server at base, each with names of its own.
func Tell(t *testing.T, base string, stories []Story) {
	t.Helper()
	for _, story := range stories {
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			tell := newTeller(base)
			for _, step := range story.Steps {
				tell.step(t, step)
			}
		})
	}
}

func (l *teller) step(t *testing.T, s Scenario) {
	t.Helper()
	response, body := l.send(t, s)
	problems := l.compare(s, response, body)
	if len(problems) > 0 {
		t.Errorf("%s: %s %s\n\t%s\nanswer %d: %s", s.Name, s.method(), l.fill(s.Path),
			strings.Join(problems, "\n\t"), response.StatusCode, shortened(body))
	}
	tree := parsed(body)
	for name, path := range s.Keep {
		l.words[name] = strings.Join(find(tree, path), " ")
		if path == "Location" {
			l.words[name] = response.Header.Get("Location")
		}
	}
}

func (s Scenario) method() string {
	if s.Method == "" {
		return http.MethodGet
	}
	return s.Method
}

func (l *teller) send(t *testing.T, s Scenario) (*http.Response, []byte) {
	t.Helper()
	target := l.fill(s.Path)
	if !strings.HasPrefix(target, "http") {
		target = l.words["base"] + target
	}
	request, err := http.NewRequestWithContext(t.Context(), s.method(), target, strings.NewReader(l.fill(s.Body)))
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	if s.Body != "" {
		request.Header.Set("Content-Type", "application/fhir+json")
	}
	for name, value := range s.Header {
		request.Header.Set(name, l.fill(value))
	}
	if s.Header["Content-Type"] == Absent {
		request.Header.Del("Content-Type")
	}
	response, err := l.client.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return response, body
}

// compare gives what is not as wanted.
func (l *teller) compare(s Scenario, response *http.Response, body []byte) []string {
	var problems []string
	differ := func(what, got, want string) {
		if !matches(got, want) {
			problems = append(problems, fmt.Sprintf("%s: got %q, want %q", what, got, want))
		}
	}
	if response.StatusCode != s.WantStatus {
		problems = append(problems, fmt.Sprintf("status: got %d, want %d", response.StatusCode, s.WantStatus))
	}
	for _, name := range sortedKeys(s.WantHeader) {
		got := strings.Join(response.Header.Values(name), ", ")
		if len(response.Header.Values(name)) == 0 {
			got = Absent
		}
		differ(name, got, l.fill(s.WantHeader[name]))
	}
	tree := parsed(body)
	for _, path := range sortedKeys(s.WantBody) {
		values := find(tree, path)
		got := strings.Join(values, " ")
		if len(values) == 0 {
			got = Absent
		}
		differ(path, got, l.fill(s.WantBody[path]))
	}
	if want := l.fill(s.WantText); !bytes.Contains(body, []byte(want)) {
		problems = append(problems, fmt.Sprintf("body: want %q in it", want))
	}
	if s.WantEmpty && len(body) > 0 {
		problems = append(problems, "body: want none")
	}
	return problems
}

// fill puts words in the place of their names in braces.
func (l *teller) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	for name, word := range l.words {
		text = strings.ReplaceAll(text, "{"+name+"}", word)
	}
	return text
}

// matches compares with a text in which * stands for anything.
func matches(got, want string) bool {
	if !strings.Contains(want, "*") {
		return got == want
	}
	if got == Absent {
		return false
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), `\*`, `(?s:.*)`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(got)
}

// parsed reads an answer, in JSON or XML.
func parsed(body []byte) any {
	if bytes.HasPrefix(body, []byte("<?xml")) {
		body, _ = xml.ToJSON(body)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return nil
	}
	return tree
}

// find gives the values at a path, sorted where it has a [*].
func find(tree any, path string) []string {
	values := []any{tree}
	for part := range strings.SplitSeq(path, ".") {
		name, index, indexed := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		counted := strings.HasSuffix(name, "#")
		var next []any
		for _, value := range values {
			object, _ := value.(map[string]any)
			next = append(next, members(object[strings.TrimSuffix(name, "#")], index, indexed, counted)...)
		}
		values = next
	}
	var texts []string
	for _, value := range values {
		texts = append(texts, textOf(value))
	}
	if strings.Contains(path, "[*]") {
		slices.Sort(texts)
	}
	return texts
}

// members gives what one part of a path finds in a member's value.
func members(value any, index string, indexed, counted bool) []any {
	list, _ := value.([]any)
	switch {
	case counted:
		return []any{json.Number(strconv.Itoa(len(list)))}
	case value == nil:
		return nil
	case !indexed:
		return []any{value}
	case index == "*":
		return list
	}
	i, err := strconv.Atoi(index)
	if err != nil || i >= len(list) {
		return nil
	}
	return list[i : i+1]
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	// What came out of JSON goes into it.
	text, _ := json.Marshal(value)
	return string(text)
}

func sortedKeys(values Values) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// shortened gives so much of a body as a person reads.
func shortened(body []byte) string {
	const most = 1500
	if len(body) > most {
		return string(body[:most]) + "…"
	}
	return string(body)
}
