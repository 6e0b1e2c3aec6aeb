package interaction

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A target is the request URL of a Bundle entry, parted. Source: R4 http
// (the URLs of the interactions), relative to [base].
type target struct {
	url       string   // as it stood
	key       fhir.Key // Type, or Type and id; zero for the whole server
	within    string   // the type searched within the compartment of key
	version   string   // of _history/[vid]
	operation string   // without the dollar sign
	query     string
	history   bool
	search    bool // POST [base]/Type/_search
	metadata  bool
}

// targetOf parts a URL, which may be absolute on our own base.
func targetOf(base, text string) (target, error) {
	t := target{url: text}
	path, query, _ := strings.Cut(text, "?")
	t.query = query
	if rest, ours := strings.CutPrefix(path, base); ours {
		path = rest
	}
	path = strings.Trim(path, "/")
	if strings.Contains(path, "://") {
		return t, fhir.Errorf(fhir.IssueInvalid, "", "%.200q is a URL of another server; entries are performed on this one, %s", text, base)
	}
	if path != "" && !t.walk(strings.Split(path, "/")) {
		return t, fhir.Errorf(fhir.IssueInvalid, "", "%.200q is no URL of an interaction; write it relative to [base], such as Patient or Patient/1", text)
	}
	if t.key.Type != "" {
		return t, knownType(t.key.Type)
	}
	return t, nil
}

// walk reads the segments of a path and reports whether they make sense.
func (t *target) walk(segments []string) bool {
	first, rest := segments[0], segments[1:]
	if !strings.HasPrefix(first, "$") && !strings.HasPrefix(first, "_") && first != "metadata" {
		t.key.Type = first
		if len(rest) > 0 && fhir.ValidID(rest[0]) {
			t.key.ID, rest = rest[0], rest[1:]
		}
		if len(rest) == 0 {
			return true
		}
		first, rest = rest[0], rest[1:]
	}
	switch {
	case first == "metadata" && t.key.IsZero():
		t.metadata = true
	case first == "_search" && t.key.ID == "":
		t.search = true
	case first == "_history":
		t.history = true
		if len(rest) == 1 && t.key.ID != "" {
			t.version, rest = rest[0], nil
		}
	case len(first) > 1 && first[0] == '$':
		t.operation = first[1:]
	case t.key.ID != "" && r4.IsResource(first):
		t.within = first
	default:
		return false
	}
	return len(rest) == 0
}

// plain reports whether the URL names a type or a resource and nothing more.
func (t *target) plain() bool {
	return t.key.Type != "" && t.within == "" && t.operation == "" && !t.history && !t.search && !t.metadata
}
