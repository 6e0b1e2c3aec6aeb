package interaction

import (
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

// An entry is one request of a batch or transaction.
type entry struct {
	index   int
	fullURL string
	method  string
	target  target
	body    []byte // entry.resource as it stood; nil if there is none
	write   Write  // the conditions; its Body is nil

	ifModifiedSince string
	err             error // why it can't even be tried
}

// path gives "Bundle.entry[3]".
func (en *entry) path() string { return fmt.Sprintf("Bundle.entry[%d]", en.index) }

// reads reports whether the entry only reads.
func (en *entry) reads() bool {
	return en.method == "GET" || en.method == "HEAD" || en.target.search
}

// at tells of an error in which entry it arose. What is no Outcome stays itself.
func (en *entry) at(err error) error {
	if err == nil {
		return nil
	}
	o, ok := outcome(err).(*fhir.Outcome)
	if !ok {
		return err
	}
	moved := &fhir.Outcome{Issues: within(o.Issues, en.path()+".resource", en.path())}
	return moved.Because(err)
}

// A request is a Bundle that asks for something, read.
type request struct {
	kind    fhir.BundleType
	entries []*entry
}

// bundle reads the frame of a batch or transaction: all of it but the resources.
// What is wrong with the frame of one entry is kept in that entry's err.
func (e *Engine) bundle(body []byte) (*request, error) {
	if len(body) > e.limits.BundleBytes {
		return nil, fhir.Errorf(fhir.IssueTooLong, "", "the Bundle is %d bytes long; at most %d are taken at once", len(body), e.limits.BundleBytes)
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	n := doc.Root()
	if got := n.Get("resourceType").Text(); got != "Bundle" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "[base] takes a Bundle, not %.60q; post a single resource to [base]/[its type]", got)
	}
	r := &request{kind: fhir.BundleType(n.Get("type").Text())}
	entries := n.Get("entry")
	if entries.Len() > e.limits.BundleEntries {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Bundle.entry", "the Bundle has %d entries; at most %d are taken at once, so send it in parts", entries.Len(), e.limits.BundleEntries)
	}
	_, issues := validate.Resource(frame(n), validate.Options{Type: "Bundle", SkipInvariants: true})
	if entries.Kind() == fhir.KindArray {
		for entry := range entries.All() {
			r.entries = append(r.entries, e.entry(len(r.entries), entry))
		}
	}
	if err := refused(r.blame(issues)); err != nil {
		return nil, err
	}
	if r.kind != fhir.BundleBatch && r.kind != fhir.BundleTransaction {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "Bundle.type", "[base] takes a Bundle of type batch or transaction, not %.40q", r.kind)
	}
	return r, nil
}

// frame writes a Bundle without its resources. An entry with two of them is kept
// whole, for the validator to find that.
func frame(bundle fhir.Node) []byte {
	b := append(make([]byte, 0, 4096), '{')
	for m := range bundle.All() {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = jsontext.AppendString(b, m.Name())
		b = append(b, ':')
		if m.Name() != "entry" || m.Kind() != fhir.KindArray {
			b = append(b, m.Raw()...)
			continue
		}
		b = append(b, '[')
		for entry := m.First(); entry.Exists(); entry = entry.Next() {
			b = appendFrame(b, entry)
			if entry.Next().Exists() {
				b = append(b, ',')
			}
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendFrame(b []byte, entry fhir.Node) []byte {
	resources := 0
	for m := range entry.All() {
		if m.Name() == "resource" {
			resources++
		}
	}
	if resources != 1 || entry.Len() < 2 {
		return append(b, entry.Raw()...)
	}
	b = append(b, '{')
	start := len(b)
	for m := range entry.All() {
		if m.Name() == "resource" {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = jsontext.AppendString(b, m.Name())
		b = append(b, ':')
		b = append(b, m.Raw()...)
	}
	return append(b, '}')
}

// blame gives each issue to the entry it is about, and gives back the others.
func (r *request) blame(issues []fhir.Issue) []fhir.Issue {
	var others []fhir.Issue
	for _, issue := range issues {
		var i int
		if _, err := fmt.Sscanf(issue.Expression, "Bundle.entry[%d]", &i); err != nil || i < 0 || i >= len(r.entries) {
			others = append(others, issue)
			continue
		}
		if fhir.Failed([]fhir.Issue{issue}) {
			r.entries[i].fail(&fhir.Outcome{Issues: []fhir.Issue{issue}})
		}
	}
	return others
}

// fail adds to what is wrong with the frame of the entry, one finding an element.
func (en *entry) fail(err *fhir.Outcome) {
	if en.err == nil {
		en.err = err
		return
	}
	issues := fhir.OutcomeOf(en.err).Issues
	for _, issue := range err.Issues {
		same := func(i fhir.Issue) bool { return i.Expression == issue.Expression }
		if !slices.ContainsFunc(issues, same) {
			issues = append(issues, issue)
		}
	}
	en.err = &fhir.Outcome{Issues: issues}
}

// entry reads one entry; the validator has seen, or will see, its form.
func (e *Engine) entry(index int, n fhir.Node) *entry {
	request := n.Get("request")
	en := &entry{
		index: index, fullURL: n.Get("fullUrl").Text(), method: request.Get("method").Text(),
		write: Write{
			IfMatch:     request.Get("ifMatch").Text(),
			IfNoneMatch: request.Get("ifNoneMatch").Text(),
			IfNoneExist: request.Get("ifNoneExist").Text(),
		},
		ifModifiedSince: request.Get("ifModifiedSince").Text(),
	}
	if resource := n.Get("resource"); resource.Exists() {
		en.body = resource.Raw()
	}
	at := en.path() + ".request"
	if !request.Exists() {
		en.fail(fhir.Errorf(fhir.IssueRequired, at, "each entry of a batch or transaction needs a request that says what to do"))
		return en
	}
	target, err := targetOf(e.base, request.Get("url").Text())
	if err != nil {
		en.fail(&fhir.Outcome{Issues: within(fhir.OutcomeOf(err).Issues, at+".url", at+".url")})
		return en
	}
	en.target = target
	if err := en.check(); err != nil {
		en.fail(err)
	}
	return en
}

// check refuses a method that the URL does not take, and a missing or needless
// resource.
func (en *entry) check() *fhir.Outcome {
	wrong := func(format string, args ...any) *fhir.Outcome {
		return fhir.Errorf(fhir.IssueInvalid, en.path()+".request.url", "%s %.200q: %s", en.method, en.target.url, fmt.Sprintf(format, args...))
	}
	t := &en.target
	switch en.method {
	case "GET", "HEAD":
		if t.search {
			return wrong("_search is for POST")
		}
		return nil
	case "POST":
		if t.operation == "" && !t.search && (!t.plain() || t.key.ID != "" || t.query != "") {
			return wrong("a create is posted to a resource type; its condition belongs in ifNoneExist")
		}
	case "PUT", "PATCH", "DELETE":
		if !t.plain() || t.key.ID == "" && t.query == "" {
			return wrong("it needs the URL of a resource, [type]/[id], or [type]?[criteria]")
		}
	default:
		return fhir.Errorf(fhir.IssueValue, en.path()+".request.method", "the method must be GET, HEAD, POST, PUT, PATCH or DELETE, not %.40q", en.method)
	}
	if needs := en.method != "DELETE" && t.operation == "" && !t.search; needs && en.body == nil {
		return fhir.Errorf(fhir.IssueRequired, en.path()+".resource", "%s needs a resource", en.method)
	}
	return nil
}

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
